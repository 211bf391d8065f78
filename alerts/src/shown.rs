//! Which pictures a message shows: of each panel at most one taken while it fired and one taken when it resolved.
//!
//! A resolved alert shows its resolved picture or none: what it looked like when it fired was told when it fired, and would
//! be taken for how it is now.
//!
//! Deliberately unknown here: what a channel can take of them (see [`crate::fit`]), their bytes and links.

use std::collections::BTreeMap;

use crate::{
    alert::{PictureSlot, Status},
    labels::Fingerprint,
    message::MessageAlert,
    order::Severities,
    picture::{Picture, PictureId, PictureRecord, Subject},
    time::Time,
};

/// The one picture slot that matters to a message about this alert.
pub fn slot(alert: &MessageAlert) -> &PictureSlot {
    alert.alert.pictures.get(alert.status)
}

/// Whether some picture of the message has been asked for and is not settled.
pub fn awaits_pictures(alerts: &[MessageAlert]) -> bool {
    alerts.iter().any(|alert| slot(alert).is_awaited())
}

/// The pictures that a message about `alerts` may show: the newest of each subject and transition, with all alerts that show
/// that subject. Firing before resolved, severe before mild, those of the oldest alerts first. `record` looks a picture
/// up; one without a record (retention deleted it) is not shown. Bytes and links are still to be filled in.
pub fn pictures(
    alerts: &[MessageAlert],
    record: impl Fn(&PictureId) -> Option<PictureRecord>,
    severities: &Severities,
) -> Vec<Picture> {
    let mut shown = BTreeMap::<(Status, Subject), Candidate>::new();
    for alert in alerts {
        let Some(record) = slot(alert).taken().and_then(&record) else { continue };
        let rank = Rank { severity: severities.rank(&alert.alert), starts_at: alert.alert.starts_at };
        match shown.get_mut(&(alert.status, record.subject.clone())) {
            Some(candidate) => candidate.add(record, alert.alert.fingerprint, rank),
            None => {
                let key = (alert.status, record.subject.clone());
                shown.insert(key, Candidate { record, alerts: vec![(rank, alert.alert.fingerprint)] });
            }
        }
    }
    let mut shown: Vec<_> = shown.into_iter().map(|((status, _), candidate)| (status, candidate.sorted())).collect();
    shown.sort_by_key(|(status, candidate)| (*status, candidate.alerts[0].0));
    shown.into_iter().map(|(_, candidate)| candidate.picture()).collect()
}

/// The smaller, the earlier in the message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    severity: usize,
    starts_at: Time,
}

struct Candidate {
    record: PictureRecord,
    /// Never empty.
    alerts: Vec<(Rank, Fingerprint)>,
}

impl Candidate {
    fn add(&mut self, record: PictureRecord, alert: Fingerprint, rank: Rank) {
        self.alerts.push((rank, alert));
        if (record.taken_at, &record.id) > (self.record.taken_at, &self.record.id) {
            self.record = record;
        }
    }

    fn sorted(mut self) -> Self {
        self.alerts.sort_unstable();
        self
    }

    fn picture(self) -> Picture {
        let alerts = self.alerts.into_iter().map(|(_, fingerprint)| fingerprint).collect();
        Picture { record: self.record, url: None, bytes: None, alerts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        alert::{Alert, Episode, PictureSlots},
        labels::LabelSet,
    };

    fn slot_of(name: &str) -> PictureSlot {
        match name {
            "" => PictureSlot::None,
            "wanted" => PictureSlot::Wanted,
            "failed" => PictureSlot::Failed,
            name => PictureSlot::Taken(PictureId(name.into())),
        }
    }

    /// An alert whose name says all: number, status, severity, second of its start, its two pictures.
    fn alert(number: u64, status: Status, severity: &str, start: i64, firing: &str, resolved: &str) -> MessageAlert {
        let labels: LabelSet = [("alertname", "x"), ("severity", severity)].into_iter().collect();
        let alert = Alert {
            fingerprint: Fingerprint(number),
            labels,
            annotations: LabelSet::new(),
            starts_at: Time::from_secs(start),
            ends_at: Time::MAX,
            ends_by_timeout: false,
            updated_at: Time::default(),
            generator_url: String::new(),
            episode: Episode::default(),
            pictures: PictureSlots { firing: slot_of(firing), resolved: slot_of(resolved) },
        };
        MessageAlert { status, alert }
    }

    /// `cpu-3` is a picture of the panel `cpu` taken at second 3; pictures named `gone` have no record.
    fn record(id: &PictureId) -> Option<PictureRecord> {
        let (panel, second) = id.0.split_once('-')?;
        Some(PictureRecord {
            id: id.clone(),
            subject: Subject { source: "prometheus".into(), panel: panel.into(), variables: String::new() },
            transition: Status::Firing,
            title: panel.into(),
            alt: String::new(),
            width: 1000,
            height: 500,
            size: 20_000,
            sha256: String::new(),
            taken_at: Time::from_secs(second.parse().ok()?),
            used_at: Time::default(),
            uploaded: None,
        })
    }

    fn check(alerts: &[MessageAlert], expected: &[(&str, &[u64])]) {
        let found = pictures(alerts, record, &Severities::default());
        let found: Vec<(String, Vec<u64>)> =
            found.into_iter().map(|p| (p.record.id.to_string(), p.alerts.into_iter().map(|f| f.0).collect())).collect();
        let expected: Vec<_> = expected.iter().map(|(id, alerts)| (id.to_string(), alerts.to_vec())).collect();
        assert_eq!(found, expected);
    }

    use Status::{Firing, Resolved};

    #[test]
    fn alerts_of_one_panel_share_the_newest_picture() {
        check(
            &[
                alert(1, Firing, "warning", 1, "cpu-3", ""),
                alert(2, Firing, "critical", 2, "cpu-5", ""),
                alert(3, Firing, "warning", 0, "cpu-4", ""),
            ],
            &[("cpu-5", &[2, 3, 1])],
        );
    }

    #[test]
    fn a_resolved_alert_never_shows_the_picture_of_its_fire() {
        check(&[alert(1, Resolved, "", 1, "cpu-3", "cpu-9")], &[("cpu-9", &[1])]);
        check(&[alert(1, Resolved, "", 1, "cpu-3", "failed")], &[]);
        check(&[alert(1, Firing, "", 1, "cpu-3", "cpu-9")], &[("cpu-3", &[1])]);
    }

    #[test]
    fn one_firing_and_one_resolved_picture_of_a_panel() {
        check(
            &[alert(1, Resolved, "critical", 1, "cpu-1", "cpu-8"), alert(2, Firing, "info", 2, "cpu-2", "")],
            &[("cpu-2", &[2]), ("cpu-8", &[1])],
        );
    }

    #[test]
    fn firing_before_resolved_severe_before_mild_oldest_first() {
        check(
            &[
                alert(1, Resolved, "critical", 0, "", "a-1"),
                alert(2, Firing, "info", 1, "b-1", ""),
                alert(3, Firing, "warning", 9, "c-1", ""),
                alert(4, Firing, "warning", 8, "d-1", ""),
                alert(5, Firing, "critical", 10, "e-1", ""),
                alert(6, Firing, "critical", 11, "gone", ""),
                alert(7, Firing, "critical", 11, "wanted", ""),
            ],
            &[("e-1", &[5]), ("d-1", &[4]), ("c-1", &[3]), ("b-1", &[2]), ("a-1", &[1])],
        );
    }

    #[test]
    fn waits_only_for_the_slot_that_it_shows() {
        let check = |status, firing, resolved, expected| {
            assert_eq!(awaits_pictures(&[alert(1, status, "", 1, firing, resolved)]), expected);
        };
        check(Firing, "wanted", "", true);
        check(Firing, "cpu-1", "wanted", false);
        check(Resolved, "wanted", "cpu-1", false);
        check(Resolved, "cpu-1", "wanted", true);
        check(Firing, "failed", "", false);
    }
}

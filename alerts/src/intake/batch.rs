//! One request's alerts, sorted out: what is done already, what an actor must see, what is invalid.
//!
//! Deliberately unknown here: how they were written, what becomes of what changed.

use super::{Incoming, Normalised, NotParsed, Rules, fast, normalise, v2};
use crate::{
    alert::Status,
    labels::Fingerprint,
    table::{AlertTable, Refresh},
    time::Time,
};

/// The alerts of one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// Those for [`super::Accept::accept`].
    pub changed: Vec<Normalised>,
    /// Those for [`super::Accept::extend`].
    pub extend: Vec<Fingerprint>,
    /// One line for each invalid alert, in Alertmanager's words; in a batch of several it says which.
    pub invalid: Vec<String>,
    /// How many were received as firing, invalid ones included.
    pub firing: usize,
    /// How many were received as resolved, invalid ones included.
    pub resolved: usize,
}

impl Batch {
    /// Reads the body of `POST /api/v2/alerts` and sorts its alerts out: the fast way if it is an ordinary body, else the
    /// plain one. Either way the outcome is the same.
    ///
    /// # Errors
    /// When the body as a whole is refused.
    pub fn of_v2(body: &[u8], table: &AlertTable, received: Time, rules: &Rules) -> Result<Self, NotParsed> {
        match fast::read(body, received, rules) {
            Some(alerts) => Ok(Self::of_ordinary(&alerts, table)),
            None => Self::of_v2_plainly(body, table, received, rules),
        }
    }

    /// What [`Batch::of_v2`] does with bodies that are not ordinary; any body may go this way.
    ///
    /// # Errors
    /// When the body as a whole is refused.
    pub fn of_v2_plainly(body: &[u8], table: &AlertTable, received: Time, rules: &Rules) -> Result<Self, NotParsed> {
        let text = v2::text(body);
        Ok(Self::sort_out(v2::parse(&text)?, table, received, rules))
    }

    fn of_ordinary(alerts: &fast::Ordinary, table: &AlertTable) -> Self {
        let mut batch = Batch::default();
        let meanings = table.refresh_all(alerts.sightings());
        for (at, (sighting, meaning)) in alerts.sightings().iter().zip(meanings).enumerate() {
            batch.count((!sighting.ends_by_timeout).then_some(sighting.ends_at), sighting.received);
            match meaning {
                Refresh::Unchanged => {}
                Refresh::Extend => batch.extend.push(sighting.fingerprint),
                Refresh::Changed => batch.changed.push(alerts.normalised(at)),
            }
        }
        batch
    }

    /// Sorts out the alerts of a request that was received at `received`: refreshes in `table` what changes nothing.
    pub fn sort_out(alerts: Vec<Incoming<'_>>, table: &AlertTable, received: Time, rules: &Rules) -> Self {
        Self::sort_out_read(alerts.into_iter().map(Ok), table, received, rules)
    }

    /// The same for alerts that were read one by one: those that could not be have the reason in their place.
    pub fn sort_out_read<'a>(
        alerts: impl ExactSizeIterator<Item = Result<Incoming<'a>, String>>,
        table: &AlertTable,
        received: Time,
        rules: &Rules,
    ) -> Self {
        let mut batch = Batch::default();
        let count = alerts.len();
        for (at, alert) in alerts.enumerate() {
            batch.count(alert.as_ref().ok().and_then(|alert| alert.ends_at), received);
            let alert = alert.and_then(|alert| normalise(alert, received, rules).map_err(|error| error.to_string()));
            match alert {
                Ok(alert) => match table.refresh(&alert.sighting) {
                    Refresh::Unchanged => {}
                    Refresh::Extend => batch.extend.push(alert.sighting.fingerprint),
                    Refresh::Changed => batch.changed.push(alert.into_owned()),
                },
                Err(error) if count == 1 => batch.invalid.push(error),
                Err(error) => batch.invalid.push(format!("alert {} of {count}: {error}", at + 1)),
            }
        }
        batch
    }

    fn count(&mut self, ends_at: Option<Time>, received: Time) {
        let status = if ends_at.is_some_and(|end| end <= received) { Status::Resolved } else { Status::Firing };
        match status {
            Status::Firing => self.firing += 1,
            Status::Resolved => self.resolved += 1,
        }
    }
}

//! An alert as it lies in memory and in the alert log: a short header and one blob.
//!
//! Deliberately unknown here: the table that holds records, the log that keeps them.

mod blob;

pub use self::blob::{Blob, Parts};
use self::blob::{Reader, put_bytes};
use crate::{
    alert::{Alert, Episode, PictureSlot, PictureSlots, Status},
    labels::Fingerprint,
    picture::PictureId,
    time::Time,
};

/// An alert, packed: labels, annotations and generator URL are one blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertRecord {
    /// See [`Alert::fingerprint`].
    pub fingerprint: Fingerprint,
    /// See [`Alert::starts_at`].
    pub starts_at: Time,
    /// See [`Alert::ends_at`].
    pub ends_at: Time,
    /// See [`Alert::ends_by_timeout`].
    pub ends_by_timeout: bool,
    /// See [`Alert::updated_at`].
    pub updated_at: Time,
    /// See [`Alert::episode`].
    pub episode: Episode,
    /// See [`Alert::pictures`].
    pub pictures: PictureSlots,
    /// Labels, annotations, generator URL.
    pub blob: Blob,
}

/// Why bytes are not a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an alert record at byte {0}")]
pub struct Damaged(usize);

impl From<&Alert> for AlertRecord {
    fn from(alert: &Alert) -> Self {
        Self {
            fingerprint: alert.fingerprint,
            starts_at: alert.starts_at,
            ends_at: alert.ends_at,
            ends_by_timeout: alert.ends_by_timeout,
            updated_at: alert.updated_at,
            episode: alert.episode,
            pictures: alert.pictures.clone(),
            blob: Blob::new(&alert.labels, &alert.annotations, &alert.generator_url),
        }
    }
}

impl AlertRecord {
    /// Unpacks the alert.
    pub fn alert(&self) -> Alert {
        Alert {
            fingerprint: self.fingerprint,
            labels: self.blob.labels(),
            annotations: self.blob.annotations(),
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            ends_by_timeout: self.ends_by_timeout,
            updated_at: self.updated_at,
            generator_url: self.blob.generator_url().to_owned(),
            episode: self.episode,
            pictures: self.pictures.clone(),
        }
    }

    /// Firing or resolved as of `now`.
    pub fn status(&self, now: Time) -> Status {
        if self.ends_at <= now { Status::Resolved } else { Status::Firing }
    }

    /// Appends the record to a batch of the alert log.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.extend(self.fingerprint.0.to_le_bytes());
        for time in [self.starts_at, self.ends_at, self.updated_at, self.episode.0] {
            out.extend(time.as_nanos().to_le_bytes());
        }
        out.push(u8::from(self.ends_by_timeout));
        encode_slot(&self.pictures.firing, out);
        encode_slot(&self.pictures.resolved, out);
        put_bytes(self.blob.packed(), out);
    }

    /// Reads the record at `*at` of a batch and moves `*at` behind it.
    pub fn decode(bytes: &[u8], at: &mut usize) -> Result<Self, Damaged> {
        let mut reader = Reader { bytes, at: *at };
        let fingerprint = Fingerprint(reader.u64()?);
        let mut time = || reader.u64().map(|nanos| Time::from_nanos(nanos.cast_signed()));
        let (starts_at, ends_at, updated_at, episode) = (time()?, time()?, time()?, Episode(time()?));
        let ends_by_timeout = reader.take(1)? != [0];
        let pictures = PictureSlots { firing: reader.slot()?, resolved: reader.slot()? };
        let blob = Blob::checked(reader.bytes()?).ok_or(Damaged(reader.at))?;
        *at = reader.at;
        Ok(Self { fingerprint, starts_at, ends_at, ends_by_timeout, updated_at, episode, pictures, blob })
    }
}

impl Reader<'_> {
    fn slot(&mut self) -> Result<PictureSlot, Damaged> {
        match self.take(1)?[0] {
            0 => Ok(PictureSlot::None),
            1 => Ok(PictureSlot::Wanted),
            2 => {
                let name = std::str::from_utf8(self.bytes()?).map_err(|_| Damaged(self.at))?;
                Ok(PictureSlot::Taken(PictureId(name.into())))
            }
            3 => Ok(PictureSlot::Failed),
            4 => {
                let since = Time::from_nanos(self.u64()?.cast_signed());
                let name = std::str::from_utf8(self.bytes()?).map_err(|_| Damaged(self.at))?;
                let old = (!name.is_empty()).then(|| PictureId(name.into()));
                Ok(PictureSlot::Refreshing { old, since })
            }
            _ => Err(Damaged(self.at)),
        }
    }
}

fn encode_slot(slot: &PictureSlot, out: &mut Vec<u8>) {
    match slot {
        PictureSlot::None => out.push(0),
        PictureSlot::Wanted => out.push(1),
        PictureSlot::Taken(id) => {
            out.push(2);
            put_bytes(id.0.as_bytes(), out);
        }
        PictureSlot::Failed => out.push(3),
        PictureSlot::Refreshing { old, since } => {
            out.push(4);
            out.extend(since.as_nanos().to_le_bytes());
            put_bytes(old.as_ref().map_or("", |id| &id.0).as_bytes(), out);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::labels::LabelSet;

    fn alert(labels: Vec<(String, String)>, annotations: Vec<(String, String)>, url: String, picture: &str) -> Alert {
        let labels: LabelSet = labels.into_iter().collect();
        Alert {
            fingerprint: labels.fingerprint(),
            labels,
            annotations: annotations.into_iter().collect(),
            starts_at: Time::from_secs(5),
            ends_at: Time::MAX,
            ends_by_timeout: true,
            updated_at: Time::MIN,
            generator_url: url,
            episode: Episode(Time::from_secs(7)),
            pictures: PictureSlots {
                firing: PictureSlot::Taken(PictureId(picture.into())),
                resolved: match picture.len() % 3 {
                    0 => PictureSlot::Wanted,
                    1 => PictureSlot::Refreshing { old: None, since: Time::from_secs(8) },
                    _ => PictureSlot::Refreshing { old: Some(PictureId("old".into())), since: Time::MIN },
                },
            },
        }
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(
            labels: Vec<(String, String)>, annotations: Vec<(String, String)>, url: String, picture: String,
        ) {
            let alert = alert(labels, annotations, url, &picture);
            let record = AlertRecord::from(&alert);
            prop_assert_eq!(record.alert(), alert);
            let mut bytes = vec![1, 2, 3];
            record.encode(&mut bytes);
            record.encode(&mut bytes);
            let mut at = 3;
            prop_assert_eq!(AlertRecord::decode(&bytes, &mut at), Ok(record.clone()));
            prop_assert_eq!(AlertRecord::decode(&bytes, &mut at), Ok(record));
            prop_assert_eq!(at, bytes.len());
        }

        #[test]
        fn damaged_bytes_are_an_error_and_no_panic(bytes: Vec<u8>) {
            let mut at = 0;
            let _ = AlertRecord::decode(&bytes, &mut at);
        }
    }
}

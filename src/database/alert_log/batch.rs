//! One row of the alert log: a version byte, then lz4 of records. A record is its length (4 bytes), its fingerprint (8 bytes),
//! little end first, and [`AlertRecord::encode`]'s bytes; a length of zero is a tombstone.
//!
//! Deliberately unknown here: other rows, the table.

use alerts::record::AlertRecord;

use super::Kind;
use crate::database::{codec, error::Error};

const VERSION: u8 = 1;
const HEADER: usize = 12;
/// A row is closed once its records are this long, so that rewriting one stays a matter of a millisecond (bytes).
const FULL: usize = 512 * 1024;

/// One record as it lies in a row.
pub(super) struct Record<'a> {
    pub(super) fingerprint: u64,
    /// With its header.
    bytes: &'a [u8],
}

impl Record<'_> {
    pub(super) fn kind(&self) -> Kind {
        if self.bytes.len() == HEADER { Kind::Tombstone } else { Kind::Alert }
    }
}

/// Collects the records of a row.
#[derive(Default)]
pub(super) struct BatchWriter(Vec<u8>);

impl BatchWriter {
    pub(super) fn alert(&mut self, record: &AlertRecord) {
        let start = self.0.len();
        self.header(0, record.fingerprint.0);
        record.encode(&mut self.0);
        let length =
            u32::try_from(self.0.len() - start - HEADER).expect("an alert is never near 4 GB: intake bounds it");
        self.0[start..start + 4].copy_from_slice(&length.to_le_bytes());
    }

    pub(super) fn tombstone(&mut self, fingerprint: u64) {
        self.header(0, fingerprint);
    }

    pub(super) fn raw(&mut self, record: &Record<'_>) {
        self.0.extend_from_slice(record.bytes);
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= FULL
    }

    /// The row; the writer is empty again.
    pub(super) fn take(&mut self) -> Vec<u8> {
        let mut row = codec::compress(&self.0);
        row.insert(0, VERSION);
        self.0.clear();
        row
    }

    fn header(&mut self, length: u32, fingerprint: u64) {
        self.0.extend(length.to_le_bytes());
        self.0.extend(fingerprint.to_le_bytes());
    }
}

/// The records of a row.
pub(super) struct BatchReader {
    seq: i64,
    bytes: Vec<u8>,
}

impl BatchReader {
    /// `seq` is only for the words of errors.
    pub(super) fn open(seq: i64, row: &[u8]) -> Result<Self, Error> {
        let bytes = match row.split_first() {
            Some((&VERSION, packed)) => codec::decompress(packed).map_err(|why| damaged(seq, why))?,
            Some((version, _)) => return Err(damaged(seq, format!("format {version} is unknown"))),
            None => return Err(damaged(seq, "it is empty")),
        };
        Ok(Self { seq, bytes })
    }

    /// The records in the order in which they were written; ends after the first error.
    pub(super) fn records(&self) -> impl Iterator<Item = Result<Record<'_>, Error>> {
        let mut rest = &self.bytes[..];
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let (record, after) = match split_record(rest) {
                Some((record, after)) => (Ok(record), after),
                None => (Err(damaged(self.seq, "it ends in the middle of a record")), &rest[..0]),
            };
            rest = after;
            Some(record)
        })
    }

    /// Unpacks a record that is no tombstone.
    pub(super) fn decode(&self, record: &Record<'_>) -> Result<AlertRecord, Error> {
        AlertRecord::decode(record.bytes, &mut { HEADER }).map_err(|error| damaged(self.seq, error))
    }
}

fn split_record(bytes: &[u8]) -> Option<(Record<'_>, &[u8])> {
    let (length, behind) = bytes.split_first_chunk::<4>()?;
    let (fingerprint, _) = behind.split_first_chunk::<8>()?;
    let end = HEADER.checked_add(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    let (bytes, after) = bytes.split_at_checked(end)?;
    Some((Record { fingerprint: u64::from_le_bytes(*fingerprint), bytes }, after))
}

fn damaged(seq: i64, why: impl ToString) -> Error {
    Error::damaged(format!("row {seq} of the alert log"), why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_rows_are_errors_that_name_the_row() {
        let mut cut = BatchWriter::default();
        cut.tombstone(7);
        cut.0.truncate(11);
        for (row, expected) in [
            (Vec::new(), "row 9 of the alert log is damaged: it is empty"),
            (vec![200, 0], "row 9 of the alert log is damaged: format 200 is unknown"),
            (cut.take(), "row 9 of the alert log is damaged: it ends in the middle of a record"),
        ] {
            let read = BatchReader::open(9, &row).and_then(|batch| batch.records().try_for_each(|r| r.map(|_| ())));
            assert_eq!(read.map_err(|error| error.to_string()), Err(expected.to_owned()));
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_records_or_an_error(bytes: Vec<u8>) {
            let mut row = codec::compress(&bytes);
            row.insert(0, VERSION);
            let batch = BatchReader::open(1, &row).unwrap();
            for record in batch.records().flatten() {
                proptest::prop_assert!(record.bytes.len() >= HEADER);
            }
        }
    }
}

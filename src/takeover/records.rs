//! A file of Alertmanager's as records: each a protobuf message with its length before it.
//!
//! Deliberately unknown here: what the messages say. A length is believed only as far as the file reaches.

use prost::{Message, encoding::decode_varint};

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged {
    /// Where the record begins that cannot be read (bytes from the beginning of the file).
    pub offset: usize,
    /// Why not.
    pub why: String,
}

/// All records in order, each with the place where it begins.
pub(super) fn records<M: Message + Default>(file: &[u8]) -> Result<Vec<(usize, M)>, Damaged> {
    let mut rest = file;
    let mut records = Vec::new();
    while !rest.is_empty() {
        let offset = file.len() - rest.len();
        let message = next(&mut rest).map_err(|why| Damaged { offset, why })?;
        records.push((offset, message));
    }
    Ok(records)
}

fn next<M: Message + Default>(rest: &mut &[u8]) -> Result<M, String> {
    let claimed = decode_varint(rest).map_err(|_| "the length of a record is no number".to_owned())?;
    let length = usize::try_from(claimed).ok().filter(|length| *length <= rest.len());
    let length = length.ok_or_else(|| format!("a record claims {claimed} bytes, but only {} follow", rest.len()))?;
    let (message, behind) = rest.split_at(length);
    *rest = behind;
    if message.is_empty() {
        return Err("an empty record".to_owned());
    }
    M::decode(message).map_err(|error| error.to_string())
}

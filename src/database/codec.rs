//! How values lie in columns: fingerprint lists, lz4 of JSON, plain JSON.
//!
//! Deliberately unknown here: the tables and their columns.

use alerts::Fingerprint;
use serde::{Serialize, de::DeserializeOwned};

use super::error::Error;

/// Anything that claims to be larger than this when unpacked is damaged (bytes).
const MAX_UNPACKED: usize = 256 * 1024 * 1024;

/// Fingerprints, 8 bytes each, little end first.
pub(super) fn fingerprints(all: &[Fingerprint]) -> Vec<u8> {
    all.iter().flat_map(|fingerprint| fingerprint.0.to_le_bytes()).collect()
}

/// The reverse of [`fingerprints`].
pub(super) fn read_fingerprints(bytes: &[u8]) -> Vec<Fingerprint> {
    let (all, _) = bytes.as_chunks::<8>();
    all.iter().map(|chunk| Fingerprint(u64::from_le_bytes(*chunk))).collect()
}

/// A limit or a count as SQL takes it.
pub(super) fn count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// As JSON.
pub(super) fn json<T: Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::damaged("a value to be written", error))
}

/// The reverse of [`json`]; `what` names the place for the error.
pub(super) fn read_json<T: DeserializeOwned>(text: &str, what: impl Fn() -> String) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| Error::damaged(what(), error))
}

/// As lz4 of JSON.
pub(super) fn pack<T: Serialize>(value: &T) -> Result<Vec<u8>, Error> {
    let json = serde_json::to_vec(value).map_err(|error| Error::damaged("a value to be written", error))?;
    Ok(compress(&json))
}

/// The reverse of [`pack`]; `what` names the place for the error.
pub(super) fn unpack<T: DeserializeOwned>(bytes: &[u8], what: impl Fn() -> String) -> Result<T, Error> {
    let json = decompress(bytes).map_err(|why| Error::damaged(what(), why))?;
    serde_json::from_slice(&json).map_err(|error| Error::damaged(what(), error))
}

/// lz4 with the length before it.
pub(super) fn compress(bytes: &[u8]) -> Vec<u8> {
    lz4_flex::compress_prepend_size(bytes)
}

/// The reverse of [`compress`].
pub(super) fn decompress(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let (length, _) = lz4_flex::block::uncompressed_size(bytes).map_err(|error| error.to_string())?;
    if length > MAX_UNPACKED {
        return Err(format!("claims {length} bytes"));
    }
    let unpacked = lz4_flex::decompress_size_prepended(bytes).map_err(|error| error.to_string())?;
    // a block that is cut off at the right place unpacks without an error
    if unpacked.len() == length { Ok(unpacked) } else { Err(format!("{} of {length} bytes", unpacked.len())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_in_comes_out() {
        let all = vec![Fingerprint(0), Fingerprint(u64::MAX), Fingerprint(7)];
        assert_eq!(read_fingerprints(&fingerprints(&all)), all);
        let text = "{\"a\":\"b\"}".repeat(50);
        assert_eq!(unpack::<String>(&pack(&text).unwrap(), || "x".into()).unwrap(), text);
    }

    #[test]
    fn damage_is_an_error_that_names_the_place() {
        for bytes in [&b""[..], b"\xFF\xFF\xFF\xFFabc", b"\x05\0\0\0a", b"\x09\0\0\0\x07"] {
            let error = unpack::<String>(bytes, || "row 7".into()).unwrap_err().to_string();
            assert!(error.starts_with("row 7 is damaged: "), "{error}");
        }
    }
}

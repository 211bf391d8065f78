//! Pairs of strings as one run of bytes: name, 0xFF, value, 0xFF of each, sorted by name. What fingerprints and content hashes
//! are made over, and what the fast way of the intake writes.
//!
//! 0xFF never occurs in UTF-8, so that no two sets share a form. Deliberately unknown here: what the pairs are, and hashes.

/// What ends a name and a value.
pub(crate) const END: u8 = 0xFF;

/// Appends pairs that come sorted by name.
pub(crate) fn put<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>, out: &mut Vec<u8>) {
    for (name, value) in pairs {
        out.extend_from_slice(name.as_bytes());
        out.push(END);
        out.extend_from_slice(value.as_bytes());
        out.push(END);
    }
}

/// The pairs of a run; what follows the last 0xFF is not among them.
pub(crate) fn pairs(run: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = run;
    let mut next = move || {
        let at = rest.iter().position(|byte| *byte == END)?;
        let (piece, after) = rest.split_at(at);
        rest = &after[1..];
        Some(piece)
    };
    std::iter::from_fn(move || Some((next()?, next()?)))
}

/// How many pairs a run has.
pub(crate) fn count(run: &[u8]) -> usize {
    run.iter().filter(|byte| **byte == END).count() / 2
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_goes_in_comes_out(set: Vec<(String, String)>) {
            let mut run = Vec::new();
            put(set.iter().map(|(name, value)| (name.as_str(), value.as_str())), &mut run);
            prop_assert_eq!(count(&run), set.len());
            let read: Vec<_> = pairs(&run).map(|(name, value)| (name.to_vec(), value.to_vec())).collect();
            let expected: Vec<_> = set.into_iter().map(|(name, value)| (name.into_bytes(), value.into_bytes())).collect();
            prop_assert_eq!(read, expected);
        }
    }
}

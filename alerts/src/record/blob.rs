//! Labels, annotations and generator URL of an alert as bytes, read without unpacking.
//!
//! Deliberately unknown here: times, states, the record that a blob is part of.

use std::sync::Arc;

use super::Damaged;
use crate::{canonical, labels::LabelSet};

/// Labels, annotations and generator URL in one allocation: two counted lists of length-prefixed strings, then the URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blob(Arc<[u8]>);

impl Blob {
    /// Packs the three.
    pub fn new(labels: &LabelSet, annotations: &LabelSet, generator_url: &str) -> Self {
        Self::of(labels.iter(), annotations.iter(), generator_url)
    }

    /// Packs the three from pairs that come sorted by name, each name once.
    pub fn of<'a>(
        labels: impl ExactSizeIterator<Item = (&'a str, &'a str)>,
        annotations: impl ExactSizeIterator<Item = (&'a str, &'a str)>,
        generator_url: &str,
    ) -> Self {
        let bytes = |(name, value): (&'a str, &'a str)| (name.as_bytes(), value.as_bytes());
        Self::of_bytes(
            labels.len(),
            labels.map(bytes),
            annotations.len(),
            annotations.map(bytes),
            generator_url.as_bytes(),
        )
    }

    /// The same from pairs in canonical form (see [`crate::canonical`]); the generator URL stands behind the annotations.
    pub(crate) fn of_runs(labels: &[u8], content: &[u8]) -> Self {
        let url = content.rsplit(|byte| *byte == canonical::END).next().unwrap_or_default();
        let (label_count, annotation_count) = (canonical::count(labels), canonical::count(content));
        Self::of_bytes(label_count, canonical::pairs(labels), annotation_count, canonical::pairs(content), url)
    }

    fn of_bytes<'a>(
        label_count: usize,
        labels: impl Iterator<Item = (&'a [u8], &'a [u8])>,
        annotation_count: usize,
        annotations: impl Iterator<Item = (&'a [u8], &'a [u8])>,
        generator_url: &[u8],
    ) -> Self {
        let mut out = Vec::with_capacity(512);
        put_length(label_count, &mut out);
        put_pairs(labels, &mut out);
        put_length(annotation_count, &mut out);
        put_pairs(annotations, &mut out);
        put_bytes(generator_url, &mut out);
        Self(out.into())
    }

    /// The labels.
    pub fn labels(&self) -> LabelSet {
        self.pairs(0).collect()
    }

    /// The labels as pairs, without building a set.
    pub fn label_pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs(0)
    }

    /// The value of a label, if it is there: for searching many alerts.
    pub fn label(&self, name: &str) -> Option<&str> {
        let mut reader = Reader { bytes: &self.0, at: 0 };
        for _ in 0..reader.length().ok()? {
            let (found, value) = (reader.bytes().ok()?, reader.bytes().ok()?);
            if found == name.as_bytes() {
                return std::str::from_utf8(value).ok();
            }
        }
        None
    }

    /// The annotations as pairs, without building a set.
    pub fn annotation_pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs(self.annotations_at())
    }

    /// The annotations.
    pub fn annotations(&self) -> LabelSet {
        self.pairs(self.annotations_at()).collect()
    }

    /// The generator URL.
    pub fn generator_url(&self) -> &str {
        let mut reader = Reader { bytes: &self.0, at: self.annotations_at() };
        let count = reader.length().unwrap_or_default();
        for _ in 0..count * 2 {
            let _ = reader.bytes();
        }
        reader.text()
    }

    /// Everything as bytes of UTF-8, found in one go: for writing out many alerts.
    pub fn parts(&self) -> Parts<'_, impl Iterator<Item = (&[u8], &[u8])>> {
        let mut reader = Reader { bytes: &self.0, at: 0 };
        let mut pairs = || {
            let (count, pairs) = (reader.length().unwrap_or_default(), Reader { bytes: &self.0, at: reader.at });
            for _ in 0..count * 2 {
                let _ = reader.bytes();
            }
            byte_pairs(count, pairs)
        };
        let (labels, annotations) = (pairs(), pairs());
        Parts { labels, annotations, generator_url: reader.bytes().unwrap_or_default() }
    }

    /// As it lies in memory and in the log.
    pub(super) fn packed(&self) -> &[u8] {
        &self.0
    }

    /// How many bytes it takes.
    pub fn size(&self) -> usize {
        self.0.len()
    }

    /// Reads the first cache lines: where the labels lie.
    pub(crate) fn touch(&self) -> u8 {
        [0, 64, 128, 192].iter().fold(0, |sum, at| sum ^ self.0.get(*at).copied().unwrap_or_default())
    }

    fn annotations_at(&self) -> usize {
        let mut reader = Reader { bytes: &self.0, at: 0 };
        let count = reader.length().unwrap_or_default();
        for _ in 0..count * 2 {
            let _ = reader.bytes();
        }
        reader.at
    }

    fn pairs(&self, at: usize) -> impl Iterator<Item = (&str, &str)> {
        let mut reader = Reader { bytes: &self.0, at };
        let count = reader.length().unwrap_or_default();
        (0..count).map(move |_| (reader.text(), reader.text()))
    }

    pub(super) fn checked(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader { bytes, at: 0 };
        for _ in 0..2 {
            for _ in 0..reader.length().ok()? * 2 {
                std::str::from_utf8(reader.bytes().ok()?).ok()?;
            }
        }
        std::str::from_utf8(reader.bytes().ok()?).ok()?;
        (reader.at == bytes.len()).then(|| Self(bytes.into()))
    }
}

/// What a blob holds. All is UTF-8.
#[derive(Clone, Debug)]
pub struct Parts<'a, P> {
    /// The labels, sorted by name.
    pub labels: P,
    /// The annotations, sorted by name.
    pub annotations: P,
    /// The generator URL; may be empty.
    pub generator_url: &'a [u8],
}

fn byte_pairs(count: usize, mut reader: Reader<'_>) -> impl Iterator<Item = (&[u8], &[u8])> {
    (0..count).map(move |_| (reader.bytes().unwrap_or_default(), reader.bytes().unwrap_or_default()))
}

/// Reads packed bytes one after the other.
pub(super) struct Reader<'a> {
    pub bytes: &'a [u8],
    pub at: usize,
}

impl<'a> Reader<'a> {
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Damaged> {
        let end = self.at.checked_add(count).ok_or(Damaged(self.at))?;
        let taken = self.bytes.get(self.at..end).ok_or(Damaged(self.at))?;
        self.at = end;
        Ok(taken)
    }

    pub fn u64(&mut self) -> Result<u64, Damaged> {
        let taken = self.take(8)?;
        Ok(u64::from_le_bytes(taken.try_into().unwrap_or_default()))
    }

    /// A variable-length number: seven bits a byte, the lowest first.
    fn length(&mut self) -> Result<usize, Damaged> {
        if let Some(byte @ 0..0x80) = self.bytes.get(self.at) {
            self.at += 1;
            return Ok(usize::from(*byte)); // nearly always
        }
        let mut value = 0usize;
        for shift in (0..usize::BITS).step_by(7) {
            let byte = self.take(1)?[0];
            value |= usize::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Damaged(self.at))
    }

    pub fn bytes(&mut self) -> Result<&'a [u8], Damaged> {
        let length = self.length()?;
        self.take(length)
    }

    fn text(&mut self) -> &'a str {
        self.bytes().ok().and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }
}

fn put_pairs<'a>(pairs: impl Iterator<Item = (&'a [u8], &'a [u8])>, out: &mut Vec<u8>) {
    for (name, value) in pairs {
        put_bytes(name, out);
        put_bytes(value, out);
    }
}

pub(super) fn put_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    put_length(bytes.len(), out);
    out.extend_from_slice(bytes);
}

fn put_length(mut length: usize, out: &mut Vec<u8>) {
    while length >= 0x80 {
        out.push(u8::try_from(length & 0x7F).unwrap_or_default() | 0x80);
        length >>= 7;
    }
    out.push(u8::try_from(length).unwrap_or_default());
}

//! Strings of JSON, copied to a buffer, unescaped, while their end is searched for: eight bytes at a time.
//!
//! Deliberately unknown here: what the strings mean. The body is UTF-8 without control characters; both are checked before.

use std::ops::Range;

use crate::canonical::END;

/// A body, how far it is read, and what was copied out of it.
#[derive(Debug)]
pub(super) struct Text<'b> {
    body: &'b [u8],
    at: usize,
    /// Longer than what is in it, so that eight bytes can be written at once.
    out: Vec<u8>,
    end: usize,
}

impl<'b> Text<'b> {
    /// Nothing if the body is not ordinary text. What surrounds it may be white space, inside of it only blanks.
    pub(super) fn new(body: &'b [u8]) -> Option<Self> {
        let body = trimmed(body);
        let controls = body.iter().fold(false, |found, byte| found | (*byte < b' '));
        if controls || std::str::from_utf8(body).is_err() {
            return None;
        }
        // A copied string is shorter than what it was copied from, with its quotes.
        Some(Self { body, at: 0, out: vec![0; body.len() + WORD], end: 0 })
    }

    /// What comes next, blanks left out; it is consumed.
    pub(super) fn next(&mut self) -> Option<u8> {
        loop {
            let byte = *self.body.get(self.at)?;
            self.at += 1;
            if byte != b' ' {
                return Some(byte);
            }
        }
    }

    pub(super) fn expect(&mut self, byte: u8) -> Option<()> {
        (self.next()? == byte).then_some(())
    }

    /// Consumes `byte` if it comes next.
    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let before = self.at;
        let found = self.next() == Some(byte);
        if !found {
            self.at = before;
        }
        found
    }

    /// What is not read yet.
    pub(super) fn rest(&self) -> &'b [u8] {
        self.body.get(self.at..).unwrap_or_default()
    }

    /// Goes on behind so many bytes of the rest.
    pub(super) fn skip(&mut self, count: usize) {
        self.at += count;
    }

    /// Copies the string that is about to begin with its first character (the quote is consumed), and ends the copy with
    /// [`END`], which the answer does not include.
    pub(super) fn string(&mut self) -> Option<Range<usize>> {
        let start = self.end;
        loop {
            let word = self.word()?;
            self.out.get_mut(self.end..self.end + WORD)?.copy_from_slice(&word.to_le_bytes());
            let marks = marks(word);
            if marks == 0 {
                self.at += WORD;
                self.end += WORD;
                continue;
            }
            let before = marks.trailing_zeros() as usize / 8;
            self.at += before;
            self.end += before;
            if self.body[self.at] == b'"' {
                let string = start..self.end;
                self.at += 1;
                self.put(&[END])?;
                return Some(string);
            }
            self.escape()?;
        }
    }

    /// The next eight bytes; those behind the body's end are zero. Nothing if no string can end any more.
    fn word(&self) -> Option<u64> {
        match self.rest().first_chunk() {
            Some(bytes) => Some(u64::from_le_bytes(*bytes)),
            None => self.last_word(),
        }
    }

    #[cold]
    fn last_word(&self) -> Option<u64> {
        let rest = self.body.get(self.at..).filter(|rest| rest.contains(&b'"'))?;
        let mut bytes = [0; WORD];
        bytes[..rest.len()].copy_from_slice(rest);
        Some(u64::from_le_bytes(bytes))
    }

    /// Copies what an escape stands for. Apart, so that strings without any need not make room for it.
    #[inline(never)]
    fn escape(&mut self) -> Option<()> {
        let byte = match *self.body.get(self.at + 1)? {
            byte @ (b'"' | b'\\' | b'/') => byte,
            b'b' => 0x08,
            b'f' => 0x0C,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => return self.unicode(),
            _ => return None,
        };
        self.at += 2;
        self.put(&[byte])
    }

    /// `\u0026`; no surrogates.
    fn unicode(&mut self) -> Option<()> {
        let digits = self.body.get(self.at + 2..self.at + 6)?;
        let digit = |code: u32, byte: &u8| Some(code * 16 + char::from(*byte).to_digit(16)?);
        let code = digits.iter().try_fold(0, digit)?;
        self.at += 6;
        self.put(char::from_u32(code)?.encode_utf8(&mut [0; 4]).as_bytes())
    }

    /// Appends to the copies.
    pub(super) fn put(&mut self, bytes: &[u8]) -> Option<()> {
        self.out.get_mut(self.end..self.end + bytes.len())?.copy_from_slice(bytes);
        self.end += bytes.len();
        Some(())
    }

    /// What was copied.
    pub(super) fn copied(&self) -> &[u8] {
        &self.out[..self.end]
    }

    /// Forgets the copies from `end` on.
    pub(super) fn rewind(&mut self, end: usize) {
        self.end = self.end.min(end);
    }

    /// Appends a copy of copies; they need room that was not planned for.
    pub(super) fn repeat(&mut self, copies: Range<usize>) {
        self.out.resize(self.out.len() + copies.len(), 0);
        self.out.copy_within(copies.clone(), self.end);
        self.end += copies.len();
    }

    /// All copies, if the whole body is read.
    pub(super) fn finish(self) -> Option<Vec<u8>> {
        (self.at == self.body.len()).then_some(self.out)
    }
}

const WORD: usize = size_of::<u64>();
const LOW_BITS: u64 = 0x0101_0101_0101_0101;
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/// A word whose lowest bit that is set belongs to the first quote or backslash.
const fn marks(word: u64) -> u64 {
    zero_bytes(word ^ (LOW_BITS * b'"' as u64)) | zero_bytes(word ^ (LOW_BITS * b'\\' as u64))
}

/// The high bit of the first zero byte is set, and none below it ("Bit Twiddling Hacks", determine if a word has a zero byte).
const fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(LOW_BITS) & !word & HIGH_BITS
}

/// Without JSON's white space around it.
fn trimmed(mut body: &[u8]) -> &[u8] {
    while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] | [rest @ .., b' ' | b'\t' | b'\n' | b'\r'] = body {
        body = rest;
    }
    body
}

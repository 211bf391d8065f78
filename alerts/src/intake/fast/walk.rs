//! From alert to alert through an ordinary body.
//!
//! Each answers nothing as soon as something is not ordinary or not valid. Deliberately unknown here: errors, fingerprints.

use std::ops::Range;

use super::{
    super::{NameScheme, Rules, normalise::times, times::parse as parse_time, uri::is_request_uri},
    Place,
    text::Text,
    times,
};
use crate::{
    canonical,
    labels::Fingerprint,
    table::{ContentHash, Sighting},
    time::Time,
};

/// How far a body is read.
#[derive(Debug)]
pub(super) struct Walk<'b> {
    text: Text<'b>,
    received: Time,
    rules: &'b Rules,
}

/// What an alert has, as it becomes known. A time may be there and be unknown.
#[derive(Debug, Default)]
struct Fields {
    labels: Option<Range<usize>>,
    annotations: Option<Range<usize>>,
    starts_at: Option<Option<Time>>,
    ends_at: Option<Option<Time>>,
    generator_url: Option<Range<usize>>,
}

/// Names mostly differ in their first byte: that takes no call.
fn is_less(name: &[u8], other: &[u8]) -> bool {
    match (name.first(), other.first()) {
        (Some(one), Some(two)) if one != two => one < two,
        _ => name < other,
    }
}

impl<'b> Walk<'b> {
    pub(super) fn new(body: &'b [u8], received: Time, rules: &'b Rules) -> Option<Self> {
        Some(Self { text: Text::new(body)?, received, rules })
    }

    pub(super) fn next(&mut self) -> Option<u8> {
        self.text.next()
    }

    pub(super) fn expect(&mut self, byte: u8) -> Option<()> {
        self.text.expect(byte)
    }

    pub(super) fn eat(&mut self, byte: u8) -> bool {
        self.text.eat(byte)
    }

    /// The copied strings, if the whole body is read.
    pub(super) fn finish(self) -> Option<Vec<u8>> {
        self.text.finish()
    }

    /// The alert that comes next; its fingerprint is left to who has several of them.
    pub(super) fn alert(&mut self) -> Option<(Sighting, Place)> {
        self.expect(b'{')?;
        let mut fields = Fields::default();
        loop {
            self.expect(b'"')?;
            self.field(&mut fields)?;
            match self.next()? {
                b',' => {}
                b'}' => return self.valid(fields),
                _ => return None,
            }
        }
    }

    /// A field whose name comes next; its quote is consumed.
    fn field(&mut self, fields: &mut Fields) -> Option<()> {
        match *self.text.rest().first()? {
            b'a' => {
                self.named(b"annotations\"")?;
                let pairs = self.pairs(|_| true)?;
                fields.annotations.replace(pairs).is_none()
            }
            b'e' => {
                self.named(b"endsAt\"")?;
                fields.ends_at.replace(self.time()?).is_none()
            }
            b's' => {
                self.named(b"startsAt\"")?;
                fields.starts_at.replace(self.time()?).is_none()
            }
            b'g' => {
                self.named(b"generatorURL\"")?;
                fields.generator_url.replace(self.url()?).is_none()
            }
            b'l' => {
                self.named(b"labels\"")?;
                let pairs = self.pairs(|value| !value.is_empty())?;
                fields.labels.replace(pairs).is_none()
            }
            _ => return None,
        }
        .then_some(())
    }

    fn named(&mut self, name: &[u8]) -> Option<()> {
        self.text.rest().starts_with(name).then_some(())?;
        self.text.skip(name.len());
        self.expect(b':')
    }

    fn valid(&mut self, fields: Fields) -> Option<(Sighting, Place)> {
        let labels = fields.labels.filter(|labels| !labels.is_empty())?;
        let (starts, ends) = (fields.starts_at.flatten(), fields.ends_at.flatten());
        let (starts_at, ends_at, ends_by_timeout) = times(starts, ends, self.received, self.rules);
        if ends_at < starts_at {
            return None;
        }
        let content = self.content(fields.annotations, fields.generator_url);
        let hash = ContentHash::of_run(&self.text.copied()[content.clone()]);
        let (fingerprint, received) = (Fingerprint(0), self.received);
        let sighting = Sighting { fingerprint, content: hash, starts_at, ends_at, ends_by_timeout, received };
        Some((sighting, Place { labels, content }))
    }

    /// Annotations and the generator URL side by side; Prometheus sends them so.
    fn content(&mut self, annotations: Option<Range<usize>>, url: Option<Range<usize>>) -> Range<usize> {
        match (annotations.filter(|pairs| !pairs.is_empty()), url) {
            (None, None) => 0..0,
            (Some(one), None) | (None, Some(one)) => one,
            (Some(pairs), Some(url)) if pairs.end == url.start => pairs.start..url.end,
            (Some(pairs), Some(url)) => {
                let start = self.text.copied().len();
                self.text.repeat(pairs);
                self.text.repeat(url);
                start..self.text.copied().len()
            }
        }
    }

    fn url(&mut self) -> Option<Range<usize>> {
        self.expect(b'"')?;
        let url = self.text.string()?;
        let text = std::str::from_utf8(&self.text.copied()[url.clone()]).ok()?;
        (text.is_empty() || is_request_uri(text)).then_some(url)
    }

    fn time(&mut self) -> Option<Option<Time>> {
        self.expect(b'"')?;
        if let Some((time, length)) = times::leading(self.text.rest())
            && self.text.rest().get(length) == Some(&b'"')
        {
            self.text.skip(length + 1);
            return Some(Some(time));
        }
        let string = self.text.string()?;
        let time = parse_time(std::str::from_utf8(&self.text.copied()[string.clone()]).ok()?).ok();
        self.text.rewind(string.start);
        time
    }

    /// An object of strings in canonical form; of its pairs those whose values are to be kept.
    fn pairs(&mut self, keep: fn(&[u8]) -> bool) -> Option<Range<usize>> {
        self.expect(b'{')?;
        let start = self.text.copied().len();
        if self.eat(b'}') {
            return Some(start..start);
        }
        let mut previous = start..start;
        let mut canonical = true;
        loop {
            self.expect(b'"')?;
            let name = self.text.string()?;
            self.expect(b':')?;
            self.expect(b'"')?;
            let value = self.text.string()?;
            let copied = self.text.copied();
            canonical &= is_less(&copied[previous], &copied[name.clone()]) && keep(&copied[value]);
            previous = name;
            match self.next()? {
                b',' => {}
                b'}' => break,
                _ => return None,
            }
        }
        if !canonical {
            self.make_canonical(start, keep)?;
        }
        let pairs = start..self.text.copied().len();
        (self.rules.names == NameScheme::Utf8 || self.names_allowed(pairs.clone())).then_some(pairs)
    }

    /// Sorts the pairs that were copied from `start` on and drops those that are not to be kept.
    #[cold]
    fn make_canonical(&mut self, start: usize, keep: fn(&[u8]) -> bool) -> Option<()> {
        let copies = self.text.copied()[start..].to_vec();
        let mut pairs: Vec<_> = canonical::pairs(&copies).collect();
        pairs.sort_unstable();
        let twice = pairs.windows(2).any(|two| two[0].0 == two[1].0);
        if twice || pairs.iter().any(|(name, _)| name.is_empty()) {
            return None;
        }
        self.text.rewind(start);
        for (name, value) in pairs.into_iter().filter(|(_, value)| keep(value)) {
            for piece in [name, &[canonical::END], value, &[canonical::END]] {
                self.text.put(piece)?;
            }
        }
        Some(())
    }

    fn names_allowed(&self, pairs: Range<usize>) -> bool {
        let allowed = |name| std::str::from_utf8(name).is_ok_and(|name| self.rules.names.allows(name));
        canonical::pairs(&self.text.copied()[pairs]).all(|(name, _)| allowed(name))
    }
}

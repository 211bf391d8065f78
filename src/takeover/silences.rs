//! Alertmanager's file of silences as silences.
//!
//! Names, times and words are kept, expired silences too until their time is over. A silence never silences more than it did:
//! what cannot be understood is left out and said. Deliberately unknown here: files, logs.

use std::{collections::BTreeMap, collections::btree_map::Entry};

use alerts::{
    Time,
    matcher::{MatchOp, Matcher, MatcherSet},
    silence::{Silence, SilenceId},
};
use sha2::{Digest, Sha256};

use super::{
    records::{Damaged, records},
    wire::{self, MatcherType, MeshSilence, Timestamp},
};

/// What the file holds.
#[derive(Clone, Debug, Default)]
pub struct TakenSilences {
    /// The silences, by name.
    pub silences: Vec<Silence>,
    /// About those that became several.
    pub split: Vec<String>,
    /// About those, or parts of them, that could not be understood.
    pub refused: Vec<String>,
}

/// Reads Alertmanager's file of silences. Of two with one name the one updated later counts; what was to be forgotten before
/// `now` is.
///
/// # Errors
/// Where and why the file is damaged.
pub fn silences(file: &[u8], now: Time) -> Result<TakenSilences, Damaged> {
    let mut newest = BTreeMap::<String, wire::Silence>::new();
    for (offset, MeshSilence { silence, expires_at }) in records(file)? {
        let silence = silence.ok_or_else(|| Damaged { offset, why: "a record without a silence".to_owned() })?;
        if is_forgotten(&silence, expires_at, now) {
            continue;
        }
        match newest.entry(silence.id.clone()) {
            Entry::Vacant(place) => drop(place.insert(silence)),
            Entry::Occupied(mut known) if updated_at(known.get()) < updated_at(&silence) => drop(known.insert(silence)),
            Entry::Occupied(_) => {}
        }
    }
    let mut taken = TakenSilences::default();
    newest.into_values().for_each(|silence| taken.add(silence));
    Ok(taken)
}

/// Alertmanager writes when it means to forget a silence; one that still silences is kept whatever is written there.
fn is_forgotten(silence: &wire::Silence, expires_at: Option<Timestamp>, now: Time) -> bool {
    Timestamp::time(expires_at) <= now && Timestamp::time(silence.ends_at) < now
}

fn updated_at(silence: &wire::Silence) -> Time {
    Timestamp::time(silence.updated_at)
}

impl TakenSilences {
    fn add(&mut self, mut silence: wire::Silence) {
        let sets = std::mem::take(&mut silence.matcher_sets);
        let sets: Vec<_> = match sets.is_empty() {
            true => vec![std::mem::take(&mut silence.matchers)],
            false => sets.into_iter().map(|set| set.matchers).collect(),
        };
        if sets.len() > 1 {
            let (id, count) = (&silence.id, sets.len());
            self.split.push(format!("silence {id} has {count} sets of matchers: it is taken over as {count} silences"));
        }
        for (at, set) in sets.iter().enumerate() {
            match matchers(set) {
                Ok(matchers) => self.silences.push(one(&silence, name(&silence.id, at), matchers)),
                Err(why) => self.refused.push(format!("silence {} is not taken over: {why}", silence.id)),
            }
        }
    }
}

fn matchers(set: &[wire::Matcher]) -> Result<MatcherSet, String> {
    if set.is_empty() {
        return Err("without a matcher it would silence everything".to_owned());
    }
    set.iter().map(matcher).collect()
}

fn matcher(matcher: &wire::Matcher) -> Result<Matcher, String> {
    let op = match MatcherType::try_from(matcher.kind) {
        Ok(MatcherType::Equal) => MatchOp::Equal,
        Ok(MatcherType::Regexp) => MatchOp::Regex,
        Ok(MatcherType::NotEqual) => MatchOp::NotEqual,
        Ok(MatcherType::NotRegexp) => MatchOp::NotRegex,
        Err(_) => return Err(format!("its matcher of label {:?} is of an unknown type", matcher.name)),
    };
    Matcher::new(&matcher.name, op, &matcher.pattern)
        .map_err(|why| format!("its matcher of label {:?} is no regular expression: {why}", matcher.name))
}

fn one(silence: &wire::Silence, id: SilenceId, matchers: MatcherSet) -> Silence {
    let (created_by, comment) = match silence.comments.first() {
        Some(old) => (&old.author, &old.comment),
        None => (&silence.created_by, &silence.comment),
    };
    Silence {
        id,
        matchers,
        starts_at: Timestamp::time(silence.starts_at),
        ends_at: Timestamp::time(silence.ends_at),
        updated_at: updated_at(silence),
        created_by: created_by.clone(),
        comment: comment.clone(),
        annotations: silence.annotations.clone().into(),
    }
}

/// The first set keeps the name; the others get one that is the same each time the file is read.
fn name(id: &str, set: usize) -> SilenceId {
    if set == 0 {
        return SilenceId(id.into());
    }
    let digest = Sha256::digest(format!("{id}/{set}"));
    let mut bytes = digest.first_chunk::<16>().copied().unwrap_or_default();
    bytes[6] = bytes[6] & 0x0F | 0x80; // a UUID of version 8: made in a way of one's own
    bytes[8] = bytes[8] & 0x3F | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    SilenceId(parts.join("-").into())
}

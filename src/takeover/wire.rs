//! The messages in Alertmanager's files, as far as they are of use: `silence/silencepb/silence.proto` and
//! `nflog/nflogpb/nflog.proto`, of 0.25 (Debian's) as well as of 0.32 and later. Fields that are not named here are skipped.
//!
//! Deliberately unknown here: files, what follows from a message.

use std::collections::BTreeMap;

use alerts::Time;
use prost::{Enumeration, Message};

#[derive(Clone, PartialEq, Message)]
pub(super) struct MeshSilence {
    #[prost(message, optional, tag = "1")]
    pub(super) silence: Option<Silence>,
    #[prost(message, optional, tag = "2")]
    pub(super) expires_at: Option<Timestamp>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Silence {
    #[prost(string, tag = "1")]
    pub(super) id: String,
    /// With `matcher_sets` a copy of the first of them.
    #[prost(message, repeated, tag = "2")]
    pub(super) matchers: Vec<Matcher>,
    #[prost(message, optional, tag = "3")]
    pub(super) starts_at: Option<Timestamp>,
    #[prost(message, optional, tag = "4")]
    pub(super) ends_at: Option<Timestamp>,
    #[prost(message, optional, tag = "5")]
    pub(super) updated_at: Option<Timestamp>,
    /// What very old versions wrote instead of the next two.
    #[prost(message, repeated, tag = "7")]
    pub(super) comments: Vec<Comment>,
    #[prost(string, tag = "8")]
    pub(super) created_by: String,
    #[prost(string, tag = "9")]
    pub(super) comment: String,
    /// From 0.32 on.
    #[prost(btree_map = "string, string", tag = "10")]
    pub(super) annotations: BTreeMap<String, String>,
    /// From 0.32 on: any of them silences.
    #[prost(message, repeated, tag = "11")]
    pub(super) matcher_sets: Vec<MatcherSet>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Comment {
    #[prost(string, tag = "1")]
    pub(super) author: String,
    #[prost(string, tag = "2")]
    pub(super) comment: String,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct MatcherSet {
    #[prost(message, repeated, tag = "1")]
    pub(super) matchers: Vec<Matcher>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Matcher {
    #[prost(enumeration = "MatcherType", tag = "1")]
    pub(super) kind: i32,
    #[prost(string, tag = "2")]
    pub(super) name: String,
    #[prost(string, tag = "3")]
    pub(super) pattern: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Enumeration)]
#[repr(i32)]
pub(super) enum MatcherType {
    Equal = 0,
    Regexp = 1,
    NotEqual = 2,
    NotRegexp = 3,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct MeshEntry {
    #[prost(message, optional, tag = "1")]
    pub(super) entry: Option<Entry>,
    #[prost(message, optional, tag = "2")]
    pub(super) expires_at: Option<Timestamp>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Entry {
    #[prost(bytes = "vec", tag = "1")]
    pub(super) group_key: Vec<u8>,
    #[prost(message, optional, tag = "2")]
    pub(super) receiver: Option<Receiver>,
    #[prost(message, optional, tag = "5")]
    pub(super) timestamp: Option<Timestamp>,
    #[prost(uint64, repeated, tag = "6")]
    pub(super) firing_alerts: Vec<u64>,
    #[prost(uint64, repeated, tag = "7")]
    pub(super) resolved_alerts: Vec<u64>,
    /// After 0.34: those of the two lists above that were muted and not told of.
    #[prost(uint64, repeated, tag = "9")]
    pub(super) muted_alerts: Vec<u64>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Receiver {
    #[prost(string, tag = "1")]
    pub(super) group_name: String,
    #[prost(string, tag = "2")]
    pub(super) integration: String,
    #[prost(uint32, tag = "3")]
    pub(super) idx: u32,
}

/// `google.protobuf.Timestamp`
#[derive(Clone, Copy, PartialEq, Message)]
pub(super) struct Timestamp {
    #[prost(int64, tag = "1")]
    pub(super) seconds: i64,
    #[prost(int32, tag = "2")]
    pub(super) nanos: i32,
}

impl Timestamp {
    /// Clamped; what is missing is 1970, as in Go.
    pub(super) fn time(stamp: Option<Self>) -> Time {
        let Self { seconds, nanos } = stamp.unwrap_or_default();
        Time::from_nanos(Time::from_secs(seconds).as_nanos().saturating_add(i64::from(nanos)))
    }
}

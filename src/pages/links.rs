//! Paths of this server with queries, written so that any value survives.
//!
//! Deliberately unknown here: what is at the end of a link.

use alerts::{Fingerprint, labelled::Labelled, matcher::Matcher, silence::SilenceId};
use url::form_urlencoded::{self, Serializer};

use super::{Pages, layout};

/// A path under the prefix with a query; pairs with an empty value are left out.
pub(super) fn with_query<'a>(pages: &Pages, path: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut query = Serializer::new(String::new());
    query.extend_pairs(pairs.into_iter().filter(|(_, value)| !value.is_empty()));
    let (query, path) = (query.finish(), layout::link(pages, path));
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

/// The page of one alert.
pub(super) fn alert(pages: &Pages, fingerprint: Fingerprint) -> String {
    layout::link(pages, &format!("/alerts/{fingerprint}"))
}

/// The page of a silence; `more` is what follows, like `/edit`.
pub(super) fn silence(pages: &Pages, id: &SilenceId, more: &str) -> String {
    layout::link(pages, &format!("/silences/{}{more}", segment(&id.0)))
}

/// The form for a new silence of exactly these labels.
pub(super) fn new_silence(pages: &Pages, labels: &impl Labelled) -> String {
    let matchers = labels.pairs().map(|(name, value)| Matcher::equal(name, value).to_string()).collect::<Vec<_>>();
    with_query(pages, "/silences/new", [("filter", format!("{{{}}}", matchers.join(", ")).as_str())])
}

/// A text as one segment of a path.
fn segment(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

//! Pages of long lists: where a page ended, as a text that the next request hands back, and the headers that carry it.
//!
//! A cursor names the last item that was shown, not a number: what comes or goes meanwhile shifts nothing.
//! Deliberately unknown here: what is listed.

use actix_web::{
    HttpRequest, HttpResponseBuilder,
    http::header::{ACCESS_CONTROL_EXPOSE_HEADERS, HeaderName, LINK},
};
use alerts::{Fingerprint, LabelSet, order};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use url::form_urlencoded;

use super::ports::GroupPlace;

/// The header with the cursor of the next page; absent on the last.
const NEXT_CURSOR: HeaderName = HeaderName::from_static("x-next-cursor");

/// A page of alerts ended with this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cursor(pub(super) Fingerprint);

impl Cursor {
    pub(super) fn read(text: &str) -> Option<Self> {
        let digits = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        digits.then(|| text.parse().ok().map(Self)).flatten()
    }

    pub(super) fn write(self) -> String {
        self.0.to_string()
    }
}

/// A page of groups ended with this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct GroupCursor(pub(super) GroupPlace);

impl GroupCursor {
    pub(super) fn read(text: &str) -> Option<Self> {
        let json = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (labels, receiver, route): (LabelSet, String, u32) = serde_json::from_slice(&json).ok()?;
        Some(Self(GroupPlace { route, receiver: receiver.into(), labels }))
    }

    pub(super) fn write(&self) -> String {
        let GroupPlace { route, receiver, labels } = &self.0;
        let json = serde_json::to_vec(&(labels, &**receiver, route)).expect("strings and a number into memory");
        URL_SAFE_NO_PAD.encode(json)
    }
}

/// Alertmanager's order of groups: by labels, then by receiver; ours adds the route, so that no two are equal.
pub(super) fn in_order(a: &GroupPlace, b: &GroupPlace) -> std::cmp::Ordering {
    order::label_sets(&a.labels, &b.labels)
        .then_with(|| a.receiver.cmp(&b.receiver))
        .then_with(|| a.route.cmp(&b.route))
}

/// Says in an answer's headers where the next page begins.
pub(super) fn announce(request: &HttpRequest, next: &str, answer: &mut HttpResponseBuilder) {
    let others = form_urlencoded::parse(request.query_string().as_bytes()).filter(|(name, _)| name != "cursor");
    let query =
        form_urlencoded::Serializer::new(String::new()).extend_pairs(others).append_pair("cursor", next).finish();
    answer.insert_header((NEXT_CURSOR, next));
    answer.insert_header((LINK, format!("<{}?{query}>; rel=\"next\"", request.path())));
    answer.insert_header((ACCESS_CONTROL_EXPOSE_HEADERS, "X-Next-Cursor, Link"));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn cursors_come_back(labels: std::collections::BTreeMap<String, String>, receiver: String, route: u32, text: String) {
            let place = GroupPlace { route, receiver: receiver.into(), labels: labels.into() };
            let cursor = GroupCursor(place);
            prop_assert_eq!(GroupCursor::read(&cursor.write()), Some(cursor));
            let _ = (GroupCursor::read(&text), Cursor::read(&text));
        }
    }

    #[test]
    fn a_cursor_of_alerts_is_a_fingerprint() {
        let check =
            |text: &str, is_one: bool| assert_eq!(Cursor::read(text).map(Cursor::write).is_some(), is_one, "{text}");
        check("0223b772b51c29e1", true);
        check("223b772b51c29e1", false);
        check("+223b772b51c29e1", false);
        check("", false);
    }
}

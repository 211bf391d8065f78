//! Whether a request that changes something comes from these pages, and not from another site that a browser of ours
//! happens to look at.
//!
//! Browsers say where a request comes from: in `Sec-Fetch-Site` where the connection is trustworthy, else in `Origin`. The latter
//! must be the host that was asked, or, behind a proxy that changes `Host`, that of `server.external_url`. Who says neither
//! is no browser of today and is referred to the API. Deliberately unknown here: what is changed.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
};

use super::{Pages, response};

/// The request comes from elsewhere.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Foreign;

impl From<Foreign> for HttpResponse {
    fn from(_: Foreign) -> Self {
        response::sentence(
            StatusCode::FORBIDDEN,
            "This form was not sent from a page of this server, so nothing was changed. Scripts use the API.",
        )
    }
}

pub(super) fn check(request: &HttpRequest, pages: &Pages) -> Result<(), Foreign> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let host = header(header::HOST.as_str());
    is_own(header("sec-fetch-site"), header(header::ORIGIN.as_str()), host, &pages.external_origin)
        .then_some(())
        .ok_or(Foreign)
}

fn is_own(site: Option<&str>, origin: Option<&str>, host: Option<&str>, external: &str) -> bool {
    match (site, origin) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => {
            let authority = origin.split_once("://").map(|(_, authority)| authority);
            let is_host = authority.is_some() && authority == host;
            is_host || (!external.is_empty() && origin == external)
        }
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_pages_change_anything() {
        let check = |site: Option<&str>, origin: Option<&str>, expected: bool| {
            let found = is_own(site, origin, Some("10.0.0.1:9093"), "https://alerts.example");
            assert_eq!(found, expected, "{site:?} {origin:?}");
        };
        check(Some("same-origin"), None, true);
        check(Some("same-origin"), Some("https://alerts.example"), true);
        check(Some("same-site"), Some("http://10.0.0.1:9093"), false);
        check(Some("cross-site"), Some("http://10.0.0.1:9093"), false);
        check(Some("none"), None, false);
        check(None, Some("http://10.0.0.1:9093"), true);
        check(None, Some("https://alerts.example"), true);
        check(None, Some("http://10.0.0.1:9094"), false);
        check(None, Some("http://alerts.example"), false);
        check(None, Some("https://alerts.example.evil.example"), false);
        check(None, Some("https://evil.example"), false);
        check(None, Some("null"), false);
        check(None, None, false);
        assert!(!is_own(None, Some("://"), None, ""), "nothing equals nothing");
    }
}

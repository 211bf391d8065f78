//! Who made the last silence in this browser: remembered in a cookie, so that it works without a script.
//!
//! Deliberately unknown here: silences.

use actix_web::{
    HttpRequest,
    http::header::{self, HeaderName, HeaderValue},
};
use url::form_urlencoded;

use super::Pages;

const NAME: &str = "wirephoto_creator";
/// Longer names are not remembered (bytes).
const LONGEST: usize = 200;
const A_YEAR: u32 = 365 * 24 * 60 * 60;

/// The name that the browser remembers, or nothing.
pub(super) fn of(request: &HttpRequest) -> String {
    let cookies = request.headers().get_all(header::COOKIE).filter_map(|value| value.to_str().ok());
    let value = cookies
        .flat_map(|line| line.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(NAME)?.strip_prefix('='))
        .unwrap_or_default();
    form_urlencoded::parse(format!("n={value}").as_bytes())
        .next()
        .map(|(_, name)| name.into_owned())
        .unwrap_or_default()
}

/// The header that makes the browser remember a name.
pub(super) fn remember(pages: &Pages, name: &str) -> (HeaderName, HeaderValue) {
    let name = if name.len() > LONGEST { "" } else { name };
    let encoded: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
    let path = if pages.prefix.is_empty() { "/" } else { &pages.prefix };
    let cookie = format!("{NAME}={encoded}; Path={path}; Max-Age={A_YEAR}; HttpOnly; SameSite=Strict");
    let value = HeaderValue::from_str(&cookie).unwrap_or_else(|_| HeaderValue::from_static(""));
    (header::SET_COOKIE, value)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn names_survive_the_cookie() {
        let check = |line: &str, expected: &str| {
            let request = TestRequest::default().insert_header((header::COOKIE, line)).to_http_request();
            assert_eq!(of(&request), expected, "{line}");
        };
        check("a=b; wirephoto_creator=J%C3%B6rg+%3B+%22x%22; c=d", "Jörg ; \"x\"");
        check("wirephoto_creator_2=x", "");
        check("", "");
    }
}

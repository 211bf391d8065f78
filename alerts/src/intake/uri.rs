//! Whether a text is a URI as go-openapi checks it: Go's `url.ParseRequestURI`.
//!
//! Deliberately unknown here: whether anything is to be found there.

/// Whether `text` is an absolute URI (`http://…`, `mailto:…`) or an absolute path.
pub(super) fn is_request_uri(text: &str) -> bool {
    // Without an early end: so it takes 16 bytes at a time.
    let controls = text.bytes().fold(false, |found, byte| found | (byte < b' ') | (byte == 0x7F));
    !text.is_empty() && !controls && (is_plain(text.as_bytes()) || is_whole(text))
}

/// Of what [`is_whole`] accepts, what nearly all senders send: `http://host.example:9090/graph?…`.
fn is_plain(text: &[u8]) -> bool {
    let Some(rest) = text.strip_prefix(b"http://").or_else(|| text.strip_prefix(b"https://")) else { return false };
    let rest = without_leading(rest, |byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
    let rest = rest.strip_prefix(b":").map_or(rest, |port| without_leading(port, |byte| byte.is_ascii_digit()));
    match rest {
        [] | [b'?', ..] => true,
        [b'/', ..] => !matches!(without_leading(rest, |byte| !matches!(byte, b'?' | b'%')), [b'%', ..]),
        _ => false,
    }
}

fn without_leading(text: &[u8], skipped: impl Fn(u8) -> bool) -> &[u8] {
    let end = text.iter().position(|byte| !skipped(*byte)).unwrap_or(text.len());
    &text[end..]
}

fn is_whole(text: &str) -> bool {
    let Some((scheme, rest)) = split_scheme(text) else { return false };
    let rest = rest.split_once('?').map_or(rest, |(before, _)| before);
    match rest.strip_prefix("//") {
        Some(after) if scheme || !rest.starts_with("///") => {
            let (authority, path) = after.find('/').map_or((after, ""), |at| after.split_at(at));
            is_authority(authority) && escapes_are_whole(path)
        }
        _ if rest.starts_with('/') => escapes_are_whole(rest),
        _ => scheme, // opaque: mailto:ops@example.org
    }
}

/// Splits a scheme off. None if there is a colon in the first segment and what stands before it is no scheme.
fn split_scheme(text: &str) -> Option<(bool, &str)> {
    let in_scheme = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let end = text.bytes().position(|byte| !in_scheme(byte)).unwrap_or(text.len());
    let (scheme, rest) = text.split_at(end);
    match rest.strip_prefix(':') {
        Some(after) => scheme.starts_with(|c: char| c.is_ascii_alphabetic()).then_some((true, after)),
        None => Some((false, text)),
    }
}

fn is_authority(authority: &str) -> bool {
    let (user, host) = authority.rsplit_once('@').map_or(("", authority), |(user, host)| (user, host));
    let user_is_plain = user.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&byte))
        && escapes_are_whole(user);
    user_is_plain && is_host(host)
}

fn is_host(host: &str) -> bool {
    let (name, port) = if host.starts_with('[') {
        match host.rfind(']') {
            Some(end) => host.split_at(end + 1),
            None => return false,
        }
    } else {
        host.rfind(':').map_or((host, ""), |at| host.split_at(at))
    };
    let plain = |byte: u8| byte >= 0x80 || byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:[]<>\"%".contains(&byte);
    let port_is_number =
        port.is_empty() || (port.starts_with(':') && port[1..].bytes().all(|byte| byte.is_ascii_digit()));
    name.bytes().all(plain) && escapes_are_whole(name) && port_is_number
}

fn escapes_are_whole(text: &str) -> bool {
    text.split('%').skip(1).all(|after| {
        let digits = after.as_bytes();
        digits.len() >= 2 && digits[0].is_ascii_hexdigit() && digits[1].is_ascii_hexdigit()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_plain_is_whole(text in "https?://[a-z.:0-9%?/@\\[é-]{0,24}", usual in "https?://[a-z.]{0,9}(:[0-9]{0,4})?(/[a-z%]{0,3})?(\\?[a-z%]{0,3})?") {
            for text in [text, usual] {
                prop_assert!(!is_plain(text.as_bytes()) || is_whole(&text), "{}", text);
            }
        }
    }

    #[test]
    fn accepts_what_go_accepts() {
        let check = |text: &str, expected: bool| assert_eq!(is_request_uri(text), expected, "{text}");
        check("http://prometheus:9090/graph?g0.expr=up+%3D%3D+0&g0.tab=1", true);
        check("https://user:secret@[::1]:9090/graph", true);
        check("http://prom.example.org/alerting/grafana/abc def", true);
        check("/graph", true);
        check("//host/graph", true);
        check("mailto:ops@example.org", true);
        check("http://host/?a=%zz", true);
        check("http://host/%zz", false);
        check("http://a b/", false);
        check("http://host:port/", false);
        check("not a url", false);
        check("host/path", false);
        check("1http://host/", false);
        check(":no-scheme", false);
        check("http://host/\n", false);
        check("", false);
    }
}

//! Takes `multipart/form-data` apart (RFC 7578): our own requests when they are shown, and forms of events.
//!
//! Deliberately unknown here: what the parts are.

/// A part's headers.
pub(crate) type Headers = Vec<(String, String)>;

/// The parts: headers and bytes; none if it is no such body.
pub(crate) fn parts<'a>(content_type: &str, body: &'a [u8]) -> Option<Vec<(Headers, &'a [u8])>> {
    if !content_type.trim_start().to_ascii_lowercase().starts_with("multipart/") {
        return None;
    }
    let boundary = content_type.split(';').find_map(|part| part.trim().strip_prefix("boundary="))?.trim_matches('"');
    let delimiter = format!("--{boundary}");
    let first = find(body, delimiter.as_bytes())?;
    let mut rest = &body[first + delimiter.len()..];
    let between = format!("\r\n{delimiter}");
    let mut parts = Vec::new();
    while let Some(content) = rest.strip_prefix(b"\r\n") {
        let end = find(content, between.as_bytes())?;
        parts.push(part(&content[..end]));
        rest = &content[end + between.len()..];
    }
    Some(parts)
}

/// The name of a part, from its header `Content-Disposition`.
pub(crate) fn name(headers: &Headers) -> Option<&str> {
    let (_, value) = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-disposition"))?;
    let name = value.split(';').find_map(|parameter| parameter.trim().strip_prefix("name="))?;
    Some(name.trim_matches('"'))
}

fn part(part: &[u8]) -> (Headers, &[u8]) {
    let (head, body) = match (part.strip_prefix(b"\r\n"), find(part, b"\r\n\r\n")) {
        (Some(body), _) => (&[][..], body),
        (None, Some(at)) => (&part[..at], &part[at + 4..]),
        (None, None) => (&[][..], part),
    };
    let head = String::from_utf8_lossy(head);
    let headers = head.lines().filter_map(|line| line.split_once(':'));
    (headers.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect(), body)
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

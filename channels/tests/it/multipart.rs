//! Reads requests of the type `multipart/form-data`, and shows them without what changes from run to run.

use std::fmt::Write as _;

use super::http_server::Recorded;

pub struct Part {
    pub name: String,
    /// The file's name, if it is a file.
    pub file: Option<String>,
    pub mime: Option<String>,
    pub body: Vec<u8>,
}

/// The parts of a request in their order; none of a request of another type.
pub fn parts(request: &Recorded) -> Vec<Part> {
    let kind = request.header("content-type").unwrap_or_default();
    let Some(boundary) = kind.strip_prefix("multipart/form-data; boundary=") else { return Vec::new() };
    let (first, between) = (format!("--{boundary}\r\n"), format!("\r\n--{boundary}"));
    let mut rest = request.body.strip_prefix(first.as_bytes()).expect("it begins with the boundary");
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let end = find(rest, between.as_bytes()).expect("it ends with the boundary");
        parts.push(part(&rest[..end]));
        rest = &rest[end + between.len()..];
        match rest.strip_prefix(b"\r\n") {
            Some(next) => rest = next,
            None => {
                assert_eq!(rest, b"--\r\n");
                break;
            }
        }
    }
    parts
}

fn part(bytes: &[u8]) -> Part {
    let head = find(bytes, b"\r\n\r\n").expect("a part has headers");
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let quoted = |key: &str| {
        let rest = text.split(&format!(" {key}=\"")).nth(1)?;
        Some(rest.split('"').next()?.to_owned())
    };
    let mime = text.lines().find_map(|line| line.strip_prefix("Content-Type: ")).map(str::to_owned);
    Part {
        name: quoted("name").expect("a part has a name"),
        file: quoted("filename"),
        mime,
        body: bytes[head + 4..].to_vec(),
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// The requests with their parts as text: boundaries and files' bytes are left out.
pub fn readable(requests: &[Recorded]) -> Vec<Recorded> {
    requests.iter().map(readable_one).collect()
}

fn readable_one(request: &Recorded) -> Recorded {
    let parts = parts(request);
    let mut readable = request.clone();
    if parts.is_empty() {
        return readable;
    }
    let mut text = String::new();
    for part in parts {
        match (part.file, serde_json::from_slice::<serde_json::Value>(&part.body)) {
            (Some(file), _) => {
                let mime = part.mime.unwrap_or_default();
                let _ = writeln!(text, "{}: [{file}, {mime}, {} bytes]", part.name, part.body.len());
            }
            (None, Ok(json)) => {
                let _ = writeln!(text, "{}: {}", part.name, serde_json::to_string_pretty(&json).unwrap());
            }
            (None, Err(_)) => {
                let _ = writeln!(text, "{}: {}", part.name, String::from_utf8_lossy(&part.body));
            }
        }
    }
    readable.body = text.into_bytes();
    readable.headers.retain(|(name, _)| name != "content-length");
    for (name, value) in &mut readable.headers {
        if name == "content-type" {
            *value = "multipart/form-data".to_owned();
        }
    }
    readable
}

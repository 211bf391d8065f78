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
    request.parts().into_iter().map(|(head, body)| part(&head, body)).collect()
}

fn part(head: &str, body: Vec<u8>) -> Part {
    let quoted = |key: &str| {
        let rest = head.split(&format!(" {key}=\"")).nth(1)?;
        Some(rest.split('"').next()?.to_owned())
    };
    let mime = head.lines().find_map(|line| line.strip_prefix("Content-Type: ")).map(str::to_owned);
    Part { name: quoted("name").expect("a part has a name"), file: quoted("filename"), mime, body }
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

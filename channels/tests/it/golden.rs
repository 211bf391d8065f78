//! Golden files: the exact requests. `UPDATE_GOLDEN=1` rewrites them.

use std::{fmt::Write as _, path::PathBuf};

use super::http_server::Recorded;

/// Compares with `tests/golden/<name>`.
pub fn check(name: &str, found: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        return std::fs::write(path, found).unwrap();
    }
    let expected =
        std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("no golden file {name}: run with UPDATE_GOLDEN=1"));
    assert!(
        expected == found,
        "{name} differs (UPDATE_GOLDEN=1 accepts):\n--- expected\n{expected}\n--- found\n{found}"
    );
}

/// Requests as text, without what changes from run to run: port, version.
pub fn requests(requests: &[Recorded], base: &str) -> String {
    let mut text = String::new();
    for request in requests {
        let _ = writeln!(text, "{} {}", request.method, request.path);
        let mut headers = request.headers.clone();
        headers.sort();
        for (name, value) in headers.iter().filter(|(name, _)| !matches!(name.as_str(), "host" | "accept")) {
            let _ = writeln!(text, "{name}: {value}");
        }
        let boundary =
            request.header("content-type").and_then(|kind| kind.strip_prefix("multipart/form-data; boundary="));
        let body = boundary.map_or_else(|| body(&request.body), |boundary| form(&request.body, boundary));
        let _ = writeln!(text, "\n{body}\n");
        if let Some(boundary) = boundary {
            text = text.replace(boundary, "BOUNDARY");
        }
    }
    let version = format!("wirephoto/{}", env!("CARGO_PKG_VERSION"));
    text.replace(base, "http://server").replace(&version, "wirephoto/VERSION")
}

/// The parts of a form, files as their type and length.
fn form(body: &[u8], boundary: &str) -> String {
    let mark = format!("--{boundary}");
    let mut text = String::new();
    let mut rest = body;
    while let Some(at) = rest.windows(mark.len()).position(|window| window == mark.as_bytes()) {
        let part = &rest[..at];
        if let Some(end) = part.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&part[..end]).trim().replace("\r\n", "\n");
            let _ = write!(text, "-- {head}\n\n{}\n", self::body(&part[end + 4..part.len() - 2]));
        }
        rest = &rest[at + mark.len()..];
    }
    text
}

fn body(body: &[u8]) -> String {
    if body.starts_with(b"\x89PNG") {
        return format!("[PNG, {} bytes]", body.len());
    }
    match serde_json::from_slice::<serde_json::Value>(body) {
        Ok(json) => serde_json::to_string_pretty(&json).unwrap(),
        Err(_) => String::from_utf8_lossy(body).into_owned(),
    }
}

/// A mail as text, its boundaries numbered, its line ends plain.
pub fn mail(mail: &[u8]) -> String {
    let mut text = String::from_utf8(mail.to_vec()).unwrap().replace("\r\n", "\n");
    let names: Vec<String> =
        text.split("boundary=\"").skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect();
    for (at, name) in names.iter().enumerate() {
        text = text.replace(name, &format!("boundary-{}", at + 1));
    }
    text
}

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
        let boundary = request.boundary();
        let body = if boundary.is_some() { form(request) } else { body(&request.body) };
        let _ = writeln!(text, "\n{body}\n");
        if let Some(boundary) = boundary {
            text = text.replace(boundary, "BOUNDARY");
        }
    }
    let version = format!("wirephoto/{}", env!("CARGO_PKG_VERSION"));
    text.replace(base, "http://server").replace(&version, "wirephoto/VERSION")
}

/// The parts of a form, files as their type and length.
fn form(request: &Recorded) -> String {
    let parts = request.parts();
    parts.iter().map(|(head, part)| format!("-- {}\n\n{}\n", head.replace("\r\n", "\n"), body(part))).collect()
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

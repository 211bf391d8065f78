//! Bodies of requests as people can read them: JSON and forms taken apart, files as what they are and how large. No secret is left
//! in them: `hide` takes out of each text what must not be shown.
//!
//! Deliberately unknown here: which texts are secret.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::multipart;

/// Texts in JSON that are shorter are shown even if they are files in base64.
const FILE_FROM: usize = 400;

/// What a request or a part of it carries.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Body {
    /// Nothing.
    Empty,
    /// JSON.
    Json {
        /// The value; files in base64 are described.
        value: Value,
    },
    /// A form as in the query of a URL.
    Form {
        /// As it goes over the wire.
        text: String,
        /// Decoded.
        fields: Vec<Field>,
    },
    /// Parts with headers of their own.
    Multipart {
        /// The parts.
        parts: Vec<Part>,
    },
    /// Any other text.
    Text {
        /// The text.
        text: String,
    },
    /// Bytes that are no text.
    File {
        /// What they are: `[PNG, 12345 bytes]`.
        description: String,
    },
}

/// A name and a value: of a header, or of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// One part of a request or of a mail.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Part {
    /// Its headers.
    pub headers: Vec<Field>,
    /// What it carries.
    pub body: Body,
}

impl Body {
    /// What these bytes are, by the content type that was stated with them.
    pub(super) fn of(content_type: &str, bytes: &[u8], hide: &dyn Fn(&str) -> String) -> Self {
        if bytes.is_empty() {
            return Self::Empty;
        }
        if let Some(parts) = multipart::parts(content_type, bytes) {
            let parts = parts.into_iter().map(|(headers, bytes)| Part::of(headers, bytes, hide)).collect();
            return Self::Multipart { parts };
        }
        let Ok(text) = std::str::from_utf8(bytes) else { return Self::File { description: description(bytes) } };
        let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if kind == "application/x-www-form-urlencoded" {
            let fields = url::form_urlencoded::parse(bytes);
            let fields = fields.map(|(name, value)| Field { name: hide(&name), value: hide(&value) }).collect();
            return Self::Form { text: hide(text), fields };
        }
        match serde_json::from_str::<Value>(text) {
            Ok(value @ (Value::Object(_) | Value::Array(_))) => Self::Json { value: shown(value, hide) },
            _ if text.contains('\0') => Self::File { description: description(bytes) },
            _ => Self::Text { text: hide(text) },
        }
    }
}

impl Part {
    fn of(headers: Vec<(String, String)>, bytes: &[u8], hide: &dyn Fn(&str) -> String) -> Self {
        let kind = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        let body = Body::of(kind.map_or("", |(_, kind)| kind), bytes, hide);
        let headers = headers.into_iter().map(|(name, value)| Field { name, value: hide(&value) }).collect();
        Self { headers, body }
    }
}

/// `[PNG, 12345 bytes]`.
pub(super) fn description(bytes: &[u8]) -> String {
    match file_type(bytes) {
        Some(kind) => format!("[{kind}, {} bytes]", bytes.len()),
        None => format!("[{} bytes]", bytes.len()),
    }
}

fn file_type(bytes: &[u8]) -> Option<&'static str> {
    let types: [(&[u8], &'static str); 4] =
        [(b"\x89PNG\r\n", "PNG"), (b"\xFF\xD8\xFF", "JPEG"), (b"GIF8", "GIF"), (b"%PDF", "PDF")];
    types.iter().find(|(begin, _)| bytes.starts_with(begin)).map(|(_, kind)| *kind)
}

/// The value without secrets, and with files described.
pub(super) fn shown(value: Value, hide: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(file_in(&text).unwrap_or_else(|| hide(&text))),
        Value::Array(all) => all.into_iter().map(|one| shown(one, hide)).collect(),
        Value::Object(all) => {
            let all = all.into_iter().map(|(name, value)| (hide(&name), shown(value, hide)));
            Value::Object(all.collect::<Map<_, _>>())
        }
        // a secret may consist of digits
        Value::Number(number) => match hide(&number.to_string()) {
            hidden if hidden == number.to_string() => Value::Number(number),
            hidden => Value::String(hidden),
        },
        other => other,
    }
}

/// A file in base64, also as a `data:` URL.
fn file_in(text: &str) -> Option<String> {
    if text.len() < FILE_FROM {
        return None;
    }
    let (before, data) = match text.split_once(";base64,") {
        Some((before, data)) => (format!("{before};base64,"), data),
        None => (String::new(), text),
    };
    let bytes = STANDARD.decode(data.trim()).ok()?;
    file_type(&bytes).map(|kind| format!("{before}[{kind}, {} bytes, in base64]", bytes.len()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn hide(text: &str) -> String {
        text.replace("s3cret", "[redacted]").replace("4711", "[redacted]")
    }

    fn check(content_type: &str, bytes: impl AsRef<[u8]>, expected: &Value) {
        let body = Body::of(content_type, bytes.as_ref(), &hide);
        assert_eq!(&serde_json::to_value(body).expect("data"), expected, "{content_type}");
    }

    #[test]
    fn json_is_taken_apart() {
        let png = STANDARD.encode([b"\x89PNG\r\n".as_slice(), &[7; 600]].concat());
        let sent = json!({"a": "s3cret", "s3cret": [1, true, null, 4711], "url": format!("data:image/png;base64,{png}"), "png": png});
        let value = json!({
            "a": "[redacted]",
            "[redacted]": [1, true, null, "[redacted]"],
            "url": "data:image/png;base64,[PNG, 606 bytes, in base64]",
            "png": "[PNG, 606 bytes, in base64]",
        });
        check("application/json; charset=utf-8", sent.to_string(), &json!({"type": "json", "value": value}));
        check("", r#"{"a": 1}"#, &json!({"type": "json", "value": {"a": 1}}));
    }

    #[test]
    fn other_bodies() {
        check("text/plain", "", &json!({"type": "empty"}));
        check("text/plain", "a s3cret", &json!({"type": "text", "text": "a [redacted]"}));
        check("", "7", &json!({"type": "text", "text": "7"}));
        check("image/png", b"\x89PNG\r\n\x1a\n\xff", &json!({"type": "file", "description": "[PNG, 9 bytes]"}));
        check("image/jpeg", b"\xff\xd8\xff\xe0", &json!({"type": "file", "description": "[JPEG, 4 bytes]"}));
        check("application/octet-stream", b"\xff\x00", &json!({"type": "file", "description": "[2 bytes]"}));
        let fields = json!([{"name": "a", "value": "b & [redacted]"}]);
        let form = json!({"type": "form", "text": "a=b+%26+[redacted]", "fields": fields});
        check("application/x-www-form-urlencoded", "a=b+%26+s3cret", &form);
    }

    #[test]
    fn forms_with_files() {
        let sent = b"--B\r\nContent-Disposition: form-data; name=\"payload_json\"\r\nContent-Type: application/json\r\n\r\n{\"a\":\"s3cret\"}\r\n\
            --B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"p.png\"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n--C\xff\r\n--B--\r\n";
        let parts = json!([
            {
                "headers": [
                    {"name": "Content-Disposition", "value": "form-data; name=\"payload_json\""},
                    {"name": "Content-Type", "value": "application/json"},
                ],
                "body": {"type": "json", "value": {"a": "[redacted]"}},
            },
            {
                "headers": [
                    {"name": "Content-Disposition", "value": "form-data; name=\"f\"; filename=\"p.png\""},
                    {"name": "Content-Type", "value": "image/png"},
                ],
                "body": {"type": "file", "description": "[PNG, 10 bytes]"},
            },
        ]);
        check("multipart/form-data; boundary=B", sent, &json!({"type": "multipart", "parts": parts}));
        check("multipart/form-data; boundary=X", "text", &json!({"type": "text", "text": "text"}));
    }
}

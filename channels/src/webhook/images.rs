//! Pictures for machines: what is told of each, and its file inside of the JSON or as a part beside it.
//!
//! Deliberately unknown here: the payload around them.

use alerts::{
    Status,
    message::Message,
    picture::Picture,
    templates::{Data, TemplatePicture},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::sending::files;

/// How files are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// In `images[].data`.
    Base64,
    /// As parts of a form beside the part `payload`, named by `images[].part`.
    Multipart,
}

/// A picture in a payload.
#[derive(Serialize)]
pub struct Image<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    alt: &'a str,
    title: &'a str,
    status: Status,
    width: u32,
    height: u32,
    sha256: String,
    size: u64,
    mime: &'static str,
    alerts: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<String>,
}

/// A file beside the JSON.
pub struct File {
    part: String,
    name: String,
    bytes: Bytes,
}

/// All pictures that have a link or a file.
pub fn images(message: &Message, encoding: Option<Encoding>) -> Vec<Image<'_>> {
    let numbered = message.pictures.iter().enumerate();
    let known = numbered.filter(|(_, picture)| picture.url.is_some() || picture.bytes.is_some());
    known.map(|(at, picture)| image(at, picture, encoding)).collect()
}

fn image(at: usize, picture: &Picture, encoding: Option<Encoding>) -> Image<'_> {
    let record = &picture.record;
    let file = picture.bytes.as_ref().zip(encoding);
    let of = |wanted| file.filter(|(_, encoding)| *encoding == wanted).map(|(bytes, _)| bytes);
    Image {
        url: picture.url.as_deref(),
        alt: &record.alt,
        title: &record.title,
        status: record.transition,
        width: record.width,
        height: record.height,
        // a file that was made smaller is another one than that behind the link
        sha256: file.map_or_else(|| record.sha256.clone(), |(bytes, _)| sha256(bytes)),
        size: file.map_or(record.size, |(bytes, _)| bytes.len() as u64),
        mime: file.map_or("image/png", |(bytes, _)| files::mime(bytes)),
        alerts: picture.alerts.iter().map(ToString::to_string).collect(),
        part: of(Encoding::Multipart).map(|_| part(at)),
        data: of(Encoding::Base64).map(|bytes| STANDARD.encode(bytes)),
    }
}

/// The files that go beside the JSON.
pub fn files(message: &Message) -> Vec<File> {
    let numbered = message.pictures.iter().enumerate();
    let file = |(at, picture): (usize, &Picture)| {
        Some(File { part: part(at), name: files::name(picture), bytes: picture.bytes.clone()? })
    };
    numbered.filter_map(file).collect()
}

/// What templates see of pictures that are files: `.Src` is `cid:` and the part's name, as in a mail.
pub fn as_templates_see(message: &Message, data: Data) -> Data {
    let seen = |(at, picture): (usize, &Picture)| {
        let src = match &picture.bytes {
            Some(_) => format!("cid:{}", part(at)),
            None => picture.url.clone()?,
        };
        let record = &picture.record;
        Some(TemplatePicture {
            src,
            alt: record.alt.clone(),
            title: record.title.clone(),
            width: record.width,
            height: record.height,
            alerts: picture.alerts.clone(),
        })
    };
    data.with_pictures(message.pictures.iter().enumerate().filter_map(seen).collect())
}

/// The form: the JSON as the part `payload`, then the files; and its boundary. Made by hand, so that what is signed is what is sent,
/// and a repeated attempt sends the same.
pub fn multipart(json: &str, files: &[File], key: &str) -> (Vec<u8>, String) {
    let mut boundary = format!("wirephoto-{key}");
    let contains = |boundary: &str| {
        let mark = boundary.as_bytes();
        let within = |bytes: &[u8]| bytes.windows(mark.len()).any(|window| window == mark);
        within(json.as_bytes()) || files.iter().any(|file| within(&file.bytes))
    };
    while contains(&boundary) {
        boundary.push('x');
    }
    let mut body = Vec::new();
    let mut part = |head: &str, media_type: &str, bytes: &[u8]| {
        let disposition = format!("Content-Disposition: form-data; {head}");
        body.extend_from_slice(
            format!("--{boundary}\r\n{disposition}\r\nContent-Type: {media_type}\r\n\r\n").as_bytes(),
        );
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n");
    };
    part(r#"name="payload""#, "application/json", json.as_bytes());
    for file in files {
        let head = format!(r#"name="{}"; filename="{}""#, file.part, file.name);
        part(&head, files::mime(&file.bytes), &file.bytes);
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    (body, boundary)
}

/// The name of a picture's part.
fn part(at: usize) -> String {
    format!("image-{}", at + 1)
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_is_in_no_part() {
        let file = |text: &'static str| File {
            part: "image-1".into(),
            name: "a.png".into(),
            bytes: Bytes::from_static(text.as_bytes()),
        };
        let check = |json: &str, text: &'static str, expected: &str| {
            let (body, boundary) = multipart(json, &[file(text)], "key");
            assert_eq!(boundary, expected);
            let body = String::from_utf8(body).unwrap();
            assert_eq!(body.matches(&format!("--{boundary}")).count(), 3, "{body}");
        };
        check("{}", "", "wirephoto-key");
        check(r#""wirephoto-key""#, "--wirephoto-keyx", "wirephoto-keyxx");
    }
}

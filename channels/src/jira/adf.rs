//! Atlassian's document format, which the newer API wants for texts: JSON, in which a text is nothing but text.
//!
//! Deliberately unknown here: templates, limits.

use serde_json::{Value, json};

/// The document that a text is: its own, if it is one already (an object of the type `doc`), else its paragraphs.
pub fn document(text: &str) -> Value {
    let own = serde_json::from_str::<Value>(text.trim()).ok();
    own.filter(|own| own["type"] == "doc" && own["content"].is_array()).unwrap_or_else(|| {
        let paragraphs = text.trim().split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()).map(paragraph);
        json!({ "type": "doc", "version": 1, "content": paragraphs.collect::<Vec<_>>() })
    })
}

/// The document with more blocks at its end.
pub fn with(mut document: Value, blocks: impl IntoIterator<Item = Value>) -> Value {
    if let Some(content) = document["content"].as_array_mut() {
        content.extend(blocks);
    }
    document
}

/// Lines as a list: the texts, and where they lead.
pub fn list<'a>(lines: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> Value {
    let items = lines.into_iter().map(|(text, url)| {
        json!({ "type": "listItem", "content": [{ "type": "paragraph", "content": [linked(text, url)] }] })
    });
    json!({ "type": "bulletList", "content": items.collect::<Vec<_>>() })
}

/// Lines with breaks between them; addresses in them become links, as they do wherever else people read texts.
fn paragraph(text: &str) -> Value {
    let mut content = Vec::new();
    for (at, line) in text.trim_matches('\n').lines().enumerate() {
        if at > 0 {
            content.push(json!({ "type": "hardBreak" }));
        }
        content.extend(pieces(line).into_iter().map(|(text, is_link)| linked(text, is_link.then_some(text))));
    }
    json!({ "type": "paragraph", "content": content })
}

fn linked(text: &str, url: Option<&str>) -> Value {
    let url = url.filter(|url| url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https")));
    match url {
        Some(url) => json!({
            "type": "text", "text": text, "marks": [{ "type": "link", "attrs": { "href": url } }]
        }),
        None => json!({ "type": "text", "text": text }),
    }
}

/// A line in pieces that are not empty, and whether each is an address.
fn pieces(line: &str) -> Vec<(&str, bool)> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some(start) = ["http://", "https://"].iter().filter_map(|scheme| rest.find(scheme)).min() {
        let end = rest[start..].find(char::is_whitespace).map_or(rest.len(), |length| start + length);
        // what ends a sentence is not the address's
        let end = start + rest[start..end].trim_end_matches(['.', ',', ')', ';', ':', '!']).len();
        pieces.push((&rest[..start], false));
        pieces.push((&rest[start..end], true));
        rest = &rest[end..];
    }
    pieces.push((rest, false));
    pieces.retain(|(text, _)| !text.is_empty());
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_paragraphs() {
        let found = document("one\ntwo\n\n\nsee https://x/y, or not\n");
        let link = json!([{ "type": "link", "attrs": { "href": "https://x/y" } }]);
        let expected = json!({ "type": "doc", "version": 1, "content": [
            { "type": "paragraph", "content": [
                { "type": "text", "text": "one" }, { "type": "hardBreak" }, { "type": "text", "text": "two" }] },
            { "type": "paragraph", "content": [
                { "type": "text", "text": "see " },
                { "type": "text", "text": "https://x/y", "marks": link },
                { "type": "text", "text": ", or not" }] },
        ]});
        assert_eq!(found, expected);
        assert_eq!(document(" \n")["content"], json!([]));
    }

    #[test]
    fn documents_stay_what_they_are() {
        let own = json!({ "type": "doc", "version": 1, "content": [{ "type": "rule" }] });
        assert_eq!(document(&own.to_string()), own);
        assert_eq!(document("{\"a\": 1}")["content"][0]["content"][0]["text"], "{\"a\": 1}");
        let more = with(own, [list([("a", Some("https://x")), ("b", Some("javascript:x"))])]);
        let items = &more["content"][1]["content"];
        assert_eq!(items[0]["content"][0]["content"][0]["marks"][0]["attrs"]["href"], "https://x");
        assert_eq!(items[1]["content"][0]["content"][0], json!({ "type": "text", "text": "b" }));
    }
}

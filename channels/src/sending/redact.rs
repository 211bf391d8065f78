//! Keeps secrets out of errors: what a vendor says may repeat what it was sent.
//!
//! Deliberately unknown here: where secrets come from.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// The longest excerpt of a vendor's answer in an error, in characters.
const LONGEST: usize = 200;

/// Shorter strings are no secrets, and would tear holes into every sentence.
const SHORTEST: usize = 4;

/// The secrets of one send.
#[derive(Clone, Default)]
pub struct Redactor(Vec<SecretString>);

impl Redactor {
    /// With these secrets.
    pub fn new(secrets: impl IntoIterator<Item = SecretString>) -> Self {
        Self::default().with(secrets)
    }

    /// With more secrets.
    #[must_use]
    pub fn with(mut self, secrets: impl IntoIterator<Item = SecretString>) -> Self {
        self.0.extend(secrets.into_iter().filter(|secret| secret.expose_secret().len() >= SHORTEST));
        // the longest first: a secret may be a part of another
        self.0.sort_by_key(|secret| std::cmp::Reverse(secret.expose_secret().len()));
        self
    }

    /// With those of another.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.with(other.0)
    }

    /// With all parts of a URL that may be secret: user, password, path, query.
    #[must_use]
    pub fn with_url(self, url: &Url) -> Self {
        self.with([SecretString::from(url.as_str())]).with_url_parts(url)
    }

    fn with_url_parts(self, url: &Url) -> Self {
        let parts = [url.path(), url.query().unwrap_or(""), url.username(), url.password().unwrap_or("")];
        let segments = url.path().split('/').filter(|segment| segment.len() >= 8);
        let values = url.query_pairs().map(|(_, value)| value.into_owned()).collect::<Vec<_>>();
        let all: Vec<_> = parts.into_iter().chain(segments).map(SecretString::from).collect();
        self.with(all).with(values.into_iter().map(SecretString::from))
    }

    /// With a secret; if it is a URL, with its parts: they are the secret, its host is not.
    #[must_use]
    pub fn with_secret_or_url(self, secret: &SecretString) -> Self {
        match Url::parse(secret.expose_secret().trim()) {
            Ok(url) if url.has_host() => self.with_url_parts(&url),
            _ => self.with([secret.clone()]),
        }
    }

    /// With all secrets as forms, URLs, JSON and base64 write them too.
    #[must_use]
    pub fn disguised(self) -> Self {
        let disguises = self.0.iter().flat_map(|secret| disguises(secret.expose_secret())).collect::<Vec<_>>();
        self.with(disguises)
    }

    /// The text without secrets, whole.
    pub fn conceal(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret.expose_secret(), "[redacted]"))
    }

    /// A vendor's words as they may be shown: one line, short, without control characters and secrets.
    pub fn words(&self, text: &str) -> String {
        let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        line.retain(|c| !c.is_control());
        line = self.conceal(&line);
        match line.char_indices().nth(LONGEST) {
            Some((cut, _)) => format!("{}…", &line[..cut]),
            None => line,
        }
    }
}

fn disguises(secret: &str) -> Vec<SecretString> {
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let json = serde_json::Value::from(secret).to_string();
    let json = json.trim_start_matches('"').strip_suffix('"').unwrap_or_default();
    let base64 = [STANDARD.encode(secret), STANDARD_NO_PAD.encode(secret), URL_SAFE_NO_PAD.encode(secret)];
    let all = base64.into_iter().chain([form.replace('+', "%20"), json.to_owned(), form]);
    all.filter(|disguise| disguise != secret).map(SecretString::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_url_are_not_repeated() {
        let url: Url = "https://ann:pass-word@hooks.test/services/T0/verysecret?token=abcdef".parse().unwrap();
        let redactor = Redactor::default().with_url(&url);
        let check = |text: &str, expected: &str| assert_eq!(redactor.words(text), expected);
        check("no hook at /services/T0/verysecret\n  for ann", "no hook at [redacted] for ann");
        check("verysecret? abcdef! pass-word", "[redacted]? [redacted]! [redacted]");
        check("all\u{7}is\twell", "allis well");
    }

    #[test]
    fn long_answers_are_cut() {
        assert_eq!(Redactor::default().words(&"x".repeat(500)).chars().count(), LONGEST + 1);
    }
}

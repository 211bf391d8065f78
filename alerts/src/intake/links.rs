//! Links and addresses that a sender gives for an alert, made into the annotations that panels, links and templates are made of.
//!
//! Nothing here is ever fetched. Deliberately unknown here: sources, and whether there is such a panel.

use std::borrow::Cow;

use super::Pair;
use crate::own::OWN_PICTURE;

/// The longest link that is passed on, in bytes: signed links of object stores have some 2,000.
const LONGEST: usize = 4_096;

/// The annotations of an alert, to be added to.
pub(super) struct Annotations(pub Vec<Pair<'static>>);

impl Annotations {
    /// Those that the sender gave, without the name of a picture: it would be one of another server's.
    pub fn of(mut given: Vec<Pair<'static>>) -> Self {
        given.retain(|(name, _)| name != OWN_PICTURE);
        Self(given)
    }

    /// Adds one unless it is there or there is nothing to say.
    pub fn add(&mut self, name: &'static str, value: impl Into<Cow<'static, str>>) {
        let value = value.into();
        if !value.is_empty() && !self.0.iter().any(|(known, value)| known == name && !value.is_empty()) {
            self.0.push((name.into(), value));
        }
    }

    /// Links to a dashboard and to a panel of it, and which panel they lead to. What annotations say comes first.
    pub fn add_panel(&mut self, dashboard_url: &str, panel_url: &str) {
        for (name, url) in [("__dashboardURL__", dashboard_url), ("__panelURL__", panel_url)] {
            self.add(name, web_address(url).to_owned());
        }
        let places = [panel_url, dashboard_url].map(|url| place(web_address(url)));
        // half of it is the annotations' and the other half another panel's
        if self
            .0
            .iter()
            .any(|(name, value)| ["__dashboardUid__", "__panelId__"].contains(&&**name) && !value.is_empty())
        {
            return;
        }
        if let Some((uid, panel)) = places.iter().find_map(|(uid, panel)| Some((uid.as_ref()?, panel.as_ref()?))) {
            self.add("__dashboardUid__", uid.clone());
            self.add("__panelId__", panel.clone());
        }
    }

    /// A picture that lies somewhere: for who reads the message (`image_url`), and for templates (`.ImageURL`).
    pub fn add_image(&mut self, url: &str) {
        let url = web_address(url);
        self.add("__alert_image_url__", url.to_owned());
        self.add("image_url", url.to_owned());
    }

    /// A page where the alert can be silenced.
    pub fn add_silence(&mut self, url: &str) {
        self.add("__silenceURL__", web_address(url).to_owned());
    }
}

/// The text if it is the address of a page, else nothing: what stands in messages is clicked on.
fn web_address(text: &str) -> &str {
    let text = text.trim();
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    let is_one = lower.starts_with("http://") || lower.starts_with("https://");
    let clean = !text.contains(|c: char| c.is_control() || c.is_whitespace());
    if is_one && clean && text.len() <= LONGEST { text } else { "" }
}

/// The dashboard and the panel that a link of Grafana's leads to: `/d/<uid>/<slug>?viewPanel=2`, `/d-solo/<uid>?panelId=2`.
pub(super) fn place(url: &str) -> (Option<String>, Option<String>) {
    let url = url.split('#').next().unwrap_or_default();
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let mut segments = path.split('/').skip(3).skip_while(|segment| !["d", "d-solo"].contains(segment));
    let uid = segments.nth(1).filter(|uid| is_uid(uid)).map(str::to_owned);
    let value = |wanted: &str| query.split('&').find_map(|pair| pair.strip_prefix(wanted)?.strip_prefix('='));
    let panel = ["viewPanel", "panelId", "editPanel"].into_iter().find_map(value);
    (uid, panel.and_then(panel_number))
}

/// `2` or `panel-2`; of a repeated panel (`panel-2-clone-0`) that which it repeats.
pub(super) fn panel_number(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix("panel-").unwrap_or(text);
    let (number, rest) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let good = !number.is_empty() && number.len() <= 18 && (rest.is_empty() || rest.starts_with("-clone-"));
    good.then(|| number.to_owned())
}

/// Grafana's uids have at most 40 such characters.
pub(super) fn is_uid(text: &str) -> bool {
    (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_panels() {
        let check = |url: &str, uid: Option<&str>, panel: Option<&str>| {
            let (found_uid, found_panel) = place(url);
            assert_eq!((found_uid.as_deref(), found_panel.as_deref()), (uid, panel), "{url}");
        };
        check("https://g.test/d/abc-1/nodes?orgId=1&viewPanel=2", Some("abc-1"), Some("2"));
        check("https://g.test/grafana/d/abc?from=1&viewPanel=panel-12", Some("abc"), Some("12"));
        check("https://g.test/d-solo/abc/x?panelId=7#top", Some("abc"), Some("7"));
        check("https://g.test/d/abc?viewPanel=panel-3-clone-1", Some("abc"), Some("3"));
        check("https://g.test/d/abc", Some("abc"), None);
        check("https://g.test/d/a%2Fb?viewPanel=x", None, None);
        check("https://d/abc?viewPanel=1", None, Some("1"));
        check("https://g.test/alerting/list", None, None);
        check("", None, None);
    }

    #[test]
    fn only_pages_are_linked() {
        let check = |url: &str, expected: &str| assert_eq!(web_address(url), expected, "{url}");
        check(" https://g.test/x ", "https://g.test/x");
        check("HTTP://g.test", "HTTP://g.test");
        for wrong in ["javascript:alert(1)", "file:///etc/passwd", "https://a b", "https://a\nb", "/d/abc", "ß", ""] {
            check(wrong, "");
        }
        check(&format!("https://g.test/{}", "x".repeat(5_000)), "");
    }

    #[test]
    fn what_annotations_say_comes_first() {
        let check = |given: &[(&'static str, &'static str)], expected: &[&str]| {
            let given = given.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
            let mut annotations = Annotations::of(given);
            annotations.add_panel("https://g.test/d/abc", "https://g.test/d/abc?viewPanel=2");
            let named = annotations.0.iter().filter(|(name, _)| !name.ends_with("URL__"));
            assert_eq!(named.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>(), expected);
        };
        check(&[], &["__dashboardUid__=abc", "__panelId__=2"]);
        check(&[("__panelId__", "9")], &["__panelId__=9"]);
        check(&[(OWN_PICTURE, "x"), ("a", "b")], &["a=b", "__dashboardUid__=abc", "__panelId__=2"]);
    }
}

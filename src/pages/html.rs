//! HTML that is escaped by construction: [`html!`] takes a literal template and named values, and every value that is not
//! itself [`Html`] is escaped. A template cannot capture variables behind the macro's back (`concat!` forbids it).
//!
//! Deliberately unknown here: pages. Attribute values must stand in double quotes in templates, links go through [`Href`].

use std::fmt::{self, Display, Formatter, Write};

use alerts::Time;

/// A piece of a page, ready to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Html(String);

/// Fills a literal template: `html!(r#"<a href="{to}">{title}</a>"#, to = Href(&url), title = name)`.
macro_rules! html {
    ($template:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::pages::html::Html::of_template(format_args!(
            concat!($template) $(, $name = $crate::pages::html::Slot(&$value))*
        ))
    };
}
pub(super) use html;

impl Html {
    /// For [`html!`] alone, whose template is a literal and whose values are [`Slot`]s.
    pub(super) fn of_template(filled: fmt::Arguments<'_>) -> Self {
        Self(filled.to_string())
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }
}

impl FromIterator<Html> for Html {
    fn from_iter<I: IntoIterator<Item = Html>>(pieces: I) -> Self {
        Self(pieces.into_iter().map(|piece| piece.0).collect())
    }
}

/// A value in a template.
pub(super) struct Slot<'a, T: ?Sized>(pub(super) &'a T);

impl<T: Render + ?Sized> Display for Slot<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.render(f)
    }
}

/// What may stand in a template.
pub(super) trait Render {
    fn render(&self, f: &mut Formatter<'_>) -> fmt::Result;
}

impl Render for Html {
    fn render(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Render for str {
    fn render(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut rest = self;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
            f.write_str(&rest[..at])?;
            f.write_str(match rest.as_bytes()[at] {
                b'&' => "&amp;",
                b'<' => "&lt;",
                b'>' => "&gt;",
                b'"' => "&quot;",
                _ => "&#39;",
            })?;
            rest = &rest[at + 1..];
        }
        f.write_str(rest)
    }
}

impl Render for String {
    fn render(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.as_str().render(f)
    }
}

impl<T: Render + ?Sized> Render for &T {
    fn render(&self, f: &mut Formatter<'_>) -> fmt::Result {
        (**self).render(f)
    }
}

impl<T: Render> Render for Option<T> {
    fn render(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.as_ref().map_or(Ok(()), |value| value.render(f))
    }
}

macro_rules! render_numbers {
    ($($number:ty),*) => { $(impl Render for $number {
        fn render(&self, f: &mut Formatter<'_>) -> fmt::Result { Display::fmt(self, f) }
    })* };
}
render_numbers!(i64, u32, usize);

/// A count for people: `12 345`, with a thin space.
pub(super) struct Count(pub(super) usize);

impl Render for Count {
    fn render(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                f.write_char('\u{202F}')?;
            }
            f.write_char(digit)?;
        }
        Ok(())
    }
}

/// A link: `http:` and `https:` to anywhere, paths on this server; anything else, `javascript:` say, leads nowhere.
pub(super) struct Href<'a>(pub(super) &'a str);

impl Href<'_> {
    pub(super) fn leads_somewhere(&self) -> bool {
        let starts_with = |scheme: &str| self.0.get(..scheme.len()).is_some_and(|s| s.eq_ignore_ascii_case(scheme));
        let own_path = self.0.starts_with('/') && !self.0.starts_with("//") && !self.0.starts_with("/\\");
        starts_with("http://") || starts_with("https://") || own_path
    }
}

impl Render for Href<'_> {
    fn render(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.leads_somewhere() { self.0.render(f) } else { f.write_str("#") }
    }
}

/// In UTC; the script shows it in the viewer's zone.
impl Render for Time {
    fn render(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let text = self.timestamp().strftime("%Y-%m-%d %H:%M:%S UTC");
        write!(f, "<time datetime=\"{}\">{text}</time>", self.rfc3339())
    }
}

/// A time as seen at another: `2023-11-14 22:13:20 UTC (5 min. ago)`; the script shows the first in the viewer's zone.
pub(super) struct When(pub(super) Time, pub(super) Time);

impl Render for When {
    fn render(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self(at, now) = *self;
        let text = at.timestamp().strftime("%Y-%m-%d %H:%M:%S UTC");
        write!(f, "<time datetime=\"{}\">{text} ({})</time>", at.rfc3339(), distance(at, now))
    }
}

/// As the script's `Intl.RelativeTimeFormat` says it, so that nothing moves when the script takes over.
fn distance(at: Time, now: Time) -> String {
    let (past, future) = (now.since(at).as_secs(), at.since(now).as_secs());
    let seconds = past.max(future);
    let (count, unit) = match seconds {
        0..60 => (seconds, "sec."),
        60..3600 => (seconds.saturating_add(30) / 60, "min."),
        3600..172_800 => (seconds.saturating_add(1800) / 3600, "hr."),
        _ => (seconds.saturating_add(43_200) / 86_400, if seconds < 129_600 { "day" } else { "days" }),
    };
    if future > 0 { format!("in {count} {unit}") } else { format!("{count} {unit} ago") }
}

/// Text in which addresses are links.
pub(super) fn linked(text: &str) -> Html {
    text.split_inclusive(char::is_whitespace)
        .map(|word| {
            let address = word.trim_end_matches(|c: char| c.is_whitespace() || ",.;:!?)>]}'\"".contains(c));
            let is_address = address.starts_with("https://") || address.starts_with("http://");
            if !is_address {
                return html!("{word}", word = word);
            }
            let rest = &word[address.len()..];
            let shown = short_address(address);
            html!(
                r#"<a href="{to}" rel="noreferrer">{shown}</a>{rest}"#,
                to = Href(address),
                shown = shown,
                rest = rest
            )
        })
        .collect()
}

/// Characters of an address that are shown.
const ADDRESS_SHOWN: usize = 60;

/// An address as people want to see it: without its query, which for a Prometheus is a whole expression, and not too long.
fn short_address(address: &str) -> String {
    let end = address.find(['?', '#']).unwrap_or(address.len());
    let cut = address.char_indices().nth(ADDRESS_SHOWN).map_or(end, |(at, _)| at.min(end));
    if cut < address.len() { format!("{}…", &address[..cut]) } else { address.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(html: Html, expected: &str) {
        assert_eq!(html.into_string(), expected);
    }

    #[test]
    fn values_are_escaped_and_html_is_not_twice() {
        let hostile = r#"<script>alert("x")</script>'&"#;
        let escaped = "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&#39;&amp;";
        check(html!("<b>{value}</b>", value = hostile), &format!("<b>{escaped}</b>"));
        check(html!("{inner}", inner = html!("<i>{value}</i>", value = hostile)), &format!("<i>{escaped}</i>"));
        check(html!("{nothing}{number}", nothing = None::<Html>, number = 7usize), "7");
    }

    #[test]
    fn only_links_that_lead_to_pages_are_links() {
        for (link, expected) in [
            ("https://a.example/?a=1&b=\"", "https://a.example/?a=1&amp;b=&quot;"),
            ("HTTP://a.example", "HTTP://a.example"),
            ("/inbox/1", "/inbox/1"),
            ("javascript:alert(1)", "#"),
            (" javascript:alert(1)", "#"),
            ("//evil.example", "#"),
            ("/\\evil.example", "#"),
            ("data:text/html,x", "#"),
            ("", "#"),
        ] {
            check(html!("{link}", link = Href(link)), expected);
        }
    }

    #[test]
    fn addresses_in_text_are_links() {
        check(linked("see x"), "see x");
        check(
            linked("see (https://a.example/b?c=d&e).\nthen <b>"),
            "see (https://a.example/b?c=d&amp;e).\nthen &lt;b&gt;",
        );
        check(
            linked("see https://a.example/b.\nthen"),
            "see <a href=\"https://a.example/b\" rel=\"noreferrer\">https://a.example/b</a>.\nthen",
        );
        check(
            linked("https://a.example/graph?g0.expr=up"),
            "<a href=\"https://a.example/graph?g0.expr=up\" rel=\"noreferrer\">https://a.example/graph…</a>",
        );
        check(linked("javascript:alert(1) \"https://a\""), "javascript:alert(1) &quot;https://a&quot;");
    }

    #[test]
    fn times_say_how_far_they_are() {
        let now = Time::from_secs(1_000_000);
        for (at, expected) in [
            (0, "0 sec. ago"),
            (-59, "59 sec. ago"),
            (-300, "5 min. ago"),
            (300, "in 5 min."),
            (-7200, "2 hr. ago"),
            (-259_200, "3 days ago"),
            (259_200, "in 3 days"),
        ] {
            assert_eq!(distance(Time::from_secs(1_000_000 + at), now), expected, "{at}");
        }
        assert!(distance(Time::MAX, Time::MIN).starts_with("in "));
        check(
            html!("{at}", at = When(Time::from_secs(999_940), now)),
            "<time datetime=\"1970-01-12T13:45:40Z\">1970-01-12 13:45:40 UTC (1 min. ago)</time>",
        );
    }

    #[test]
    fn counts_and_times() {
        check(html!("{n} {m}", n = Count(1_234_567), m = Count(12)), "1\u{202F}234\u{202F}567 12");
        check(
            html!("{at}", at = Time::from_millis(1_700_000_000_500)),
            "<time datetime=\"2023-11-14T22:13:20.5Z\">2023-11-14 22:13:20 UTC</time>",
        );
    }
}

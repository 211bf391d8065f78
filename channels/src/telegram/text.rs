//! The text of a message: rendered, with lines about what is not in it, and within Telegram's limits. Markup is never cut: what is too
//! long is made again from less.
//!
//! Deliberately unknown here: requests, and whether the text stands alone or below a picture.

use alerts::{
    message::Message,
    picture::Picture,
    ports::{TextLimit, TextUnit},
    templates::{Data, HtmlTemplate, TemplateError, TextTemplate},
};

use super::markup::Mode;
use crate::sending::{
    fullest::{and_more, fullest},
    texts::{plain_body, plain_title},
    truncate::{length, truncate},
    values::{escaped, one_line},
};

/// The longest text of a message, once it is read (<https://core.telegram.org/bots/api#sendmessage>).
pub const TEXT: TextLimit = TextLimit { unit: TextUnit::Utf16, max: 4_096 };

/// The longest text below a picture, once it is read (<https://core.telegram.org/bots/api#sendphoto>).
pub const CAPTION: TextLimit = TextLimit { unit: TextUnit::Utf16, max: 1_024 };

/// The longest markup that Telegram reads at all, in bytes.
const MARKUP: usize = 1 << 15;

/// The longest name of a linked picture.
const LINK_WORDS: TextLimit = TextLimit::chars(100);

/// A text and how it is to be read.
#[derive(Clone, Debug)]
pub struct Text {
    pub markup: String,
    pub mode: Mode,
}

impl Text {
    /// The same without any format.
    pub fn plain(&self) -> Self {
        let shown = self.mode.visible(&self.markup);
        Self { markup: truncate(&shown, TEXT).into_owned(), mode: Mode::Plain }
    }

    /// Whether Telegram takes it.
    pub fn fits(&self, limit: TextLimit) -> bool {
        self.markup.len() <= MARKUP && length(&self.mode.visible(&self.markup), limit.unit) <= limit.max
    }

    fn is_empty(&self) -> bool {
        self.mode.visible(&self.markup).trim().is_empty()
    }
}

/// A text, and what went wrong while it was made.
pub struct Rendered {
    pub text: Text,
    pub problem: Option<String>,
}

/// The compiled option `message`.
pub enum Texts {
    /// Escapes what it prints for the place it stands at, as in Alertmanager.
    Html(HtmlTemplate),
    /// Prints values that are escaped already.
    Other(Mode, TextTemplate),
}

impl Texts {
    /// The whole text, however long.
    pub fn whole(&self, message: &Message, links: &[Picture]) -> Rendered {
        self.rendered(message, links, 0)
    }

    /// The fullest text that fits.
    pub fn within(&self, message: &Message, links: &[Picture], limit: TextLimit) -> Rendered {
        let render = |message: &Message, left_out: usize| self.rendered(message, links, left_out);
        fullest(message, render, |rendered| rendered.text.fits(limit)).unwrap_or_else(|| {
            // a text that is long whatever the alerts are
            let Rendered { text, problem } = self.whole(message, links);
            let plain = text.mode.visible(&text.markup);
            let markup = truncate(&plain, limit).into_owned();
            let long = Some("the text was too long: cut, and sent without formatting".to_owned());
            Rendered { text: Text { markup, mode: Mode::Plain }, problem: problem.or(long) }
        })
    }

    fn rendered(&self, message: &Message, links: &[Picture], left_out: usize) -> Rendered {
        let mode = self.mode();
        let rendered = self.template(message).map(|markup| Text { markup: markup.trim().to_owned(), mode });
        let (mut text, problem) = match rendered {
            Ok(text) if !text.is_empty() => (text, None),
            Ok(_) => (plain(message), None),
            Err(error) => (plain(message), Some(format!("template failed: {error}"))),
        };
        for line in lines(message, links, left_out, text.mode) {
            text.markup.push('\n');
            text.markup.push_str(&line);
        }
        Rendered { text, problem }
    }

    const fn mode(&self) -> Mode {
        match self {
            Texts::Html(_) => Mode::Html,
            Texts::Other(mode, _) => *mode,
        }
    }

    fn template(&self, message: &Message) -> Result<String, TemplateError> {
        match self {
            Texts::Html(template) => template.render(&Data::new(&escaped(message, str::to_owned))),
            Texts::Other(mode, template) => template.render(&Data::new(&escaped(message, |text| mode.escape(text)))),
        }
    }
}

/// What stands in for a template that fails or says nothing.
fn plain(message: &Message) -> Text {
    let clean = escaped(message, str::to_owned);
    Text { markup: format!("{}\n{}", plain_title(&clean), plain_body(&clean)).trim().to_owned(), mode: Mode::Plain }
}

/// Links to pictures and nothing else; none of them may have one.
pub fn links(pictures: &[Picture]) -> Option<Text> {
    let lines: Vec<String> = linked(pictures, Mode::Html).collect();
    (!lines.is_empty()).then(|| Text { markup: lines.join("\n"), mode: Mode::Html })
}

fn linked(pictures: &[Picture], mode: Mode) -> impl Iterator<Item = String> {
    pictures.iter().filter_map(move |picture| {
        let title = one_line(&picture.record.title);
        let words = if title.is_empty() { "picture".into() } else { truncate(&title, LINK_WORDS) };
        Some(mode.link(&words, picture.url.as_deref()?))
    })
}

/// What is not in the text: alerts for which there was no room, pictures as links, pictures that are not shown.
fn lines(message: &Message, links: &[Picture], left_out: usize, mode: Mode) -> Vec<String> {
    let alerts = and_more(left_out).map(|line| mode.escape(&line));
    let pictures = match message.pictures_left_out {
        0 => None,
        1 => Some("1 more picture".to_owned()),
        more => Some(format!("{more} more pictures")),
    };
    let pictures = pictures.map(|words| match url::Url::parse(&message.external_url) {
        Ok(url) => mode.link(&words, url.as_str()),
        Err(_) => mode.escape(&words),
    });
    alerts.into_iter().chain(linked(links, mode)).chain(pictures).collect()
}

#[cfg(test)]
mod tests {
    use alerts::templates::Templates;
    use proptest::prelude::*;

    use super::*;
    use crate::sending::samples;

    fn texts(mode: Mode, source: &str) -> Texts {
        let templates = Templates::default_set();
        match mode {
            Mode::Html => Texts::Html(templates.html("message", source).unwrap()),
            mode => Texts::Other(mode, templates.text("message", source).unwrap()),
        }
    }

    fn message(summary: &str, alerts: usize) -> Message {
        let mut message = samples::message();
        message.alerts[0].alert.annotations = [("summary", summary)].into_iter().collect();
        message.alerts = vec![message.alerts[0].clone(); alerts];
        message
    }

    const LIST: &str = "<b>all</b>{{ range .Alerts }}\n<i>{{ .Annotations.summary }}</i>{{ end }}";

    #[test]
    fn values_are_escaped_for_their_place() {
        let check = |mode, source: &str, expected: &str| {
            assert_eq!(texts(mode, source).whole(&message("a<b>_*", 1), &[]).text.markup, expected);
        };
        check(Mode::Html, LIST, "<b>all</b>\n<i>a&lt;b&gt;_*</i>");
        check(Mode::MarkdownV2, "*{{ (index .Alerts 0).Annotations.summary }}*", r"*a<b\>\_\**");
        check(Mode::Plain, "{{ (index .Alerts 0).Annotations.summary }}", "a<b>_*");
    }

    #[test]
    fn a_text_of_nothing_is_a_plain_one() {
        let rendered = texts(Mode::Html, " <b> </b> ").whole(&message("x", 1), &[]);
        assert!(rendered.text.markup.contains("DiskFull") && rendered.text.mode == Mode::Plain);
        assert!(rendered.problem.is_none());
    }

    #[test]
    fn a_text_that_is_too_long_by_itself_is_cut() {
        let rendered = texts(Mode::Html, &format!("<b>{}</b>", "x".repeat(5_000))).within(&message("x", 1), &[], TEXT);
        assert!(rendered.problem.unwrap().contains("too long"));
        assert!(rendered.text.markup.ends_with('…') && rendered.text.fits(TEXT));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn what_comes_out_fits_and_is_whole(summary in "[a<&📷]{0,9}", repeat in 1usize..500, alerts in 1usize..60) {
            let message = message(&summary.repeat(repeat), alerts);
            let text = texts(Mode::Html, LIST).within(&message, &[], CAPTION).text;
            prop_assert!(text.fits(CAPTION));
            prop_assert_eq!(text.markup.matches("<i>").count(), text.markup.matches("</i>").count());
            prop_assert!(text.markup.starts_with("<b>all</b>"));
        }
    }
}

//! A message as Slack shows it: the title above, the text in blocks beside a bar of colour, linked pictures below.
//!
//! Deliberately unknown here: templates, requests.

use alerts::{picture::Picture, ports::TextLimit};
use slack_morphism::prelude::{
    SlackBlock, SlackBlockMarkDownText, SlackBlockPlainText, SlackBlockPlainTextOnly, SlackBlockText, SlackImageBlock,
    SlackImageUrlOrFile, SlackMessageAttachment, SlackMessageContent, SlackSectionBlock,
};
use url::Url;

use super::mrkdwn;
use crate::{
    attachments::more_pictures,
    sending::{truncate::truncate, values::one_line},
};

/// The longest title, in characters, as Alertmanager cuts it.
pub const TITLE: usize = 1_024;

/// The longest text of a section (<https://docs.slack.dev/reference/block-kit/blocks/section-block>).
const SECTION: usize = 3_000;

/// Four full sections stay under the undocumented sum of about 13,200 characters over all blocks (channels-chat.md 3.2).
const SECTIONS: usize = 4;

/// The longest text over all sections.
pub const TEXT: usize = SECTION * SECTIONS;

/// The longest description and title of a picture (<https://docs.slack.dev/reference/block-kit/blocks/image-block>).
const ALT: TextLimit = TextLimit::chars(2_000);
const IMAGE_URL: usize = 3_000;

/// The rendered parts, as markup.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// Above the title: mentions.
    pub pretext: Option<String>,
    /// The title.
    pub title: String,
    /// Where the title leads.
    pub title_link: Option<String>,
    /// The text.
    pub text: String,
    /// What is shown where blocks are not.
    pub fallback: Option<String>,
    /// `good`, `warning`, `danger` or `#rrggbb`.
    pub color: Option<String>,
    /// How many pictures are not shown.
    pub pictures_left_out: usize,
    /// Where all of them can be seen.
    pub external_url: String,
}

/// The message, with `linked` pictures in it.
pub fn content(parts: &Parts, linked: &[Picture]) -> SlackMessageContent {
    let mut blocks: Vec<SlackBlock> = mrkdwn::pieces(&parts.text, SECTION, SECTIONS).into_iter().map(section).collect();
    blocks.extend(linked.iter().filter_map(image));
    blocks.extend(left_out(parts).map(section));
    let content = SlackMessageContent::new().with_text(head(parts));
    if blocks.is_empty() {
        return content;
    }
    let fallback = parts.fallback.as_deref().unwrap_or(&parts.title);
    let attachment = SlackMessageAttachment::new()
        .opt_color(parts.color.clone())
        .with_fallback(mrkdwn::truncate(fallback, TITLE))
        .with_blocks(blocks);
    content.with_attachments(vec![attachment])
}

/// The same without anything that Slack could find fault with: a text and nothing else.
pub fn plain(parts: &Parts) -> SlackMessageContent {
    SlackMessageContent::new().with_text(mrkdwn::truncate(&format!("{}\n{}", head(parts), parts.text), SECTION))
}

/// Late pictures, or linked ones, as a message in the thread.
pub fn reply(pictures: &[Picture]) -> SlackMessageContent {
    let titles: Vec<String> = pictures.iter().map(|picture| one_line(&picture.record.title)).collect();
    let text = mrkdwn::truncate(&mrkdwn::escape(&titles.join(", ")), TITLE);
    SlackMessageContent::new().with_text(text).with_blocks(pictures.iter().filter_map(image).collect())
}

/// The title leads where it should. It is the message's own text: what notifications and search show.
fn head(parts: &Parts) -> String {
    let title = mrkdwn::truncate(&parts.title, TITLE);
    let title = match parts.title_link.as_deref().and_then(|link| Url::parse(link).ok()) {
        // inside of a link these two would end it
        Some(link) => {
            format!("*<{}|{}>*", mrkdwn::escape(link.as_str()).replace('|', "%7C"), title.replace(['<', '>'], " "))
        }
        None => format!("*{title}*"),
    };
    match &parts.pretext {
        Some(pretext) => format!("{}\n{title}", mrkdwn::truncate(pretext, TITLE)),
        None => title,
    }
}

pub fn left_out(parts: &Parts) -> Option<String> {
    let words = more_pictures(parts.pictures_left_out)?;
    Some(match Url::parse(&parts.external_url) {
        Ok(url) => format!("<{}|{words}>", mrkdwn::escape(url.as_str())),
        Err(_) => words,
    })
}

fn section(markup: String) -> SlackBlock {
    SlackSectionBlock::new().with_text(SlackBlockText::MarkDown(SlackBlockMarkDownText::new(markup))).into()
}

fn image(picture: &Picture) -> Option<SlackBlock> {
    let image_url = Url::parse(picture.url.as_deref()?).ok().filter(|url| url.as_str().len() <= IMAGE_URL)?;
    // these two are plain text: what is shown is what is written
    let shown = |text: &str| truncate(&one_line(text), ALT).into_owned();
    let title =
        Some(shown(&picture.record.title)).filter(|title| !title.is_empty()).unwrap_or_else(|| "picture".to_owned());
    let alt = Some(shown(&picture.record.alt)).filter(|alt| !alt.is_empty()).unwrap_or_else(|| title.clone());
    let block = SlackImageBlock::new(SlackImageUrlOrFile::ImageUrl { image_url }, alt)
        .with_title(SlackBlockPlainTextOnly::from(SlackBlockPlainText::new(title)));
    Some(block.into())
}

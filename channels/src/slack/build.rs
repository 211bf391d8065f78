//! The channel that a configuration of Slack makes: a bot, or an incoming webhook.
//!
//! Deliberately unknown here: requests.

use std::{sync::Arc, time::Duration};

use alerts::ports::{Channel, Editing, Format, LatePictures, Limits, Pace, PictureLimits, TextLimit, Way};
use secrecy::ExposeSecret;
use slack_morphism::prelude::SlackClient;
use url::Url;

use super::{
    Slack,
    api::Api,
    client::{self, Connector},
    config::Config,
    content,
    conversation::Following,
    hook::Hook,
    place::Place,
    texts::SlackTexts,
};
use crate::{
    builder::{self, Builder},
    config::Strategy,
    registry::Integration,
    sending::{Fitted, Vendor},
};

/// How long a request may take if the configuration says nothing.
const TIMEOUT: Duration = Duration::from_secs(10);

impl Integration for Config {
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>> {
        let place = self.place(builder);
        let hook = matches!(place, Some(Place::Hook(_)));
        let following = self.following(builder, hook);
        let name = (!self.channel.trim().is_empty()).then_some(self.channel.trim());
        let name = if hook { name } else { builder.required("channel", name, "") };
        let channel = builder.optional_text("channel", name);
        let texts = SlackTexts::new(self, builder, hook);
        let http = builder.http(self.http_config.as_ref());
        let pictures = builder.pictures(self.images, self.max_images, if hook { able_to_link() } else { able() });
        let timeout = self.timeout.filter(|timeout| !timeout.is_zero()).unwrap_or(TIMEOUT);
        let limits = |destination: String, calls: u32| Limits {
            title: TextLimit::chars(content::TITLE),
            text: TextLimit::chars(content::TEXT),
            pictures,
            // one message per second and channel with short bursts (https://docs.slack.dev/apis/web-api/rate-limits)
            pace: Pace { burst: 3, period: Duration::from_secs(1) },
            concurrency: 1,
            timeout: timeout * calls,
            editing: Editing { edit: !hook, thread: !hook, begins: false },
            send_resolved: self.send_resolved,
            destination,
            kind: "slack",
        };
        match place? {
            Place::Api(base, token) => {
                // a plain text after a refusal, a thread's summary and reaction, or all uploads one after the other
                let limits = limits(builder::destination(&[base.as_str(), &self.channel]), 6);
                let api = Api { client: SlackClient::new(Connector::new(http?, base, timeout)), token };
                let slack = Slack::new(limits, api, channel?, texts?, following?);
                Some(Arc::new(Fitted::new(slack)))
            }
            Place::Hook(url) => {
                following?;
                let now = url.read_now().ok().and_then(|url| Url::parse(url.expose_secret().trim()).ok())?;
                let limits = limits(builder::destination(&[&builder::url_destination(&now), &self.channel]), 1);
                let hook = Hook { limits, http: http?, url, channel, texts: texts?, timeout };
                Some(Arc::new(Fitted::new(hook)))
            }
        }
    }

    fn vendor(&self) -> Vendor {
        client::vendor
    }
}

impl Config {
    /// How later notifications of a group follow the first. None: that is wrong, and said.
    fn following(&self, builder: &mut Builder<'_>, hook: bool) -> Option<Following> {
        let strategy = match (self.message_strategy, self.update_message) {
            (None, true) => Strategy::Update,
            (Some(strategy), true) if strategy != Strategy::Update => {
                builder.problem("update_message", "contradicts message_strategy: leave it out");
                return None;
            }
            (strategy, _) => strategy.unwrap_or_default(),
        };
        if self.threaded_options.is_some() && strategy != Strategy::Thread {
            builder.problem("threaded_options", "needs message_strategy = \"thread\"");
            return None;
        }
        if hook && strategy != Strategy::New {
            builder.problem("message_strategy", "needs a bot token: an incoming webhook names no message to follow up");
            return None;
        }
        let threads = self.threaded_options.clone().unwrap_or_default();
        let summary = threads.use_summary_header.unwrap_or(true);
        if threads.summary_header.is_some() && !summary {
            builder.problem("threaded_options.summary_header", "needs use_summary_header");
            return None;
        }
        let color = threads.summary_header.and_then(|header| header.resolve_color).filter(|color| !color.is_empty());
        let key = "threaded_options.summary_header.resolve_color";
        let resolve_color = match color {
            Some(color) => Some(builder.text(key, &color)?),
            None => None,
        };
        let emoji = threads.resolve_emoji.map(|emoji| emoji.trim().trim_matches(':').to_owned());
        Some(match strategy {
            Strategy::New => Following::Never,
            Strategy::Update => Following::Update,
            Strategy::Thread => {
                Following::Thread { summary, resolve_color, resolve_emoji: emoji.filter(|emoji| !emoji.is_empty()) }
            }
        })
    }
}

/// What an incoming webhook can show.
fn able_to_link() -> PictureLimits {
    PictureLimits { ways: vec![Way::Link], late: LatePictures::No, ..able() }
}

/// What a bot can give: files into the thread, or links inside of the message.
fn able() -> PictureLimits {
    PictureLimits {
        ways: vec![Way::Attach, Way::Link],
        // ten make a gallery that is still looked at; Slack names no limit for one complete call
        max_count: 10,
        // a workspace may set a lower limit, which it says when it refuses
        max_bytes: 20_000_000,
        max_total_bytes: 100_000_000,
        max_pixels: (10_000, 10_000),
        formats: &[Format::Png, Format::Jpeg],
        late: LatePictures::Add,
    }
}

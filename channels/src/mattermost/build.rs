//! The channel that a configuration of Mattermost makes: a bot, or an incoming webhook.
//!
//! Deliberately unknown here: requests.

use std::{sync::Arc, time::Duration};

use alerts::ports::{Channel, Editing, Format, LatePictures, Limits, Pace, PictureLimits, TextLimit, Way};
use secrecy::ExposeSecret;
use url::Url;

use super::{
    answers,
    bot::Bot,
    config::Config,
    hook::Hook,
    post::{TEXT, TITLE},
    texts::PostTexts,
};
use crate::{
    builder::{self, Builder},
    config::{Secret, Strategy},
    registry::Integration,
    sending::{Fitted, Vendor},
};

/// How long a request may take if the configuration says nothing.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Where posts go.
enum Place {
    /// A server with a bot, and its channel.
    Bot { server: Url, token: Secret, channel_id: String },
    /// An incoming webhook.
    Hook(Secret),
}

impl Integration for Config {
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>> {
        let bot = self.is_bot();
        let place = if bot { self.bot(builder) } else { self.hook(builder) };
        let texts = PostTexts::new(self, builder);
        let http = builder.http(self.http_config.as_ref());
        let pictures = builder.pictures(self.images, self.max_images, if bot { able() } else { able_to_link() });
        let timeout = self.timeout.filter(|timeout| !timeout.is_zero()).unwrap_or(TIMEOUT);
        let strategy = self.message_strategy.unwrap_or_default();
        if !bot && strategy != Strategy::New {
            builder.problem("message_strategy", "needs a bot: an incoming webhook names no post to follow up");
        }
        let limits = |destination: String, calls: u32| Limits {
            title: TextLimit::chars(TITLE),
            text: TextLimit::chars(TEXT),
            pictures,
            // ten requests a second, where the server's limit is switched on and not changed
            pace: Pace { burst: 10, period: Duration::from_millis(100) },
            concurrency: 1,
            timeout: timeout * calls,
            editing: Editing { edit: bot, thread: bot, begins: false },
            send_resolved: self.send_resolved,
            destination,
            kind: "mattermost",
        };
        match place? {
            Place::Bot { server, token, channel_id } => {
                // an edit that fails, the upload, a thread that is gone, the post
                let limits = limits(builder::destination(&[server.as_str(), &channel_id]), 4);
                let (http, texts) = (http?, texts?);
                let bot = Bot { limits, http, server, token, channel_id, texts, strategy, timeout };
                Some(Arc::new(Fitted::new(bot)))
            }
            Place::Hook(url) => {
                let now = url.read_now().ok().and_then(|url| Url::parse(url.expose_secret().trim()).ok())?;
                let channel = self.channel.as_deref().unwrap_or_default();
                let limits = limits(builder::destination(&[&builder::url_destination(&now), channel]), 1);
                Some(Arc::new(Fitted::new(Hook { limits, http: http?, url, texts: texts?, timeout })))
            }
        }
    }

    fn vendor(&self) -> Vendor {
        answers::vendor
    }
}

impl Config {
    fn is_bot(&self) -> bool {
        self.server_url.is_some()
            || self.bot_token.is_some()
            || self.bot_token_file.is_some()
            || self.channel_id.is_some()
    }

    fn bot(&self, builder: &mut Builder<'_>) -> Option<Place> {
        if self.webhook_url.is_some() || self.webhook_url_file.is_some() {
            builder.problem("webhook_url", "contradicts bot_token: only one of the two ways in may be given");
        }
        if self.channel.is_some() {
            builder.problem("channel", "only one of channel (of a webhook) and channel_id (of a bot) may be given");
        }
        let server = builder.required("server_url", self.server_url.as_deref(), "");
        let server = server.and_then(|server| builder.url("server_url", server));
        let given = self.bot_token.is_some() || self.bot_token_file.is_some();
        let token = match given {
            true => builder.secret("bot_token", self.bot_token.as_ref(), self.bot_token_file.as_ref()),
            false => builder.required("bot_token", None, ""),
        };
        let channel_id = self.channel_id.clone().filter(|id| !id.trim().is_empty());
        let channel_id = builder.required("channel_id", channel_id, "");
        Some(Place::Bot { server: server?, token: token?, channel_id: channel_id?.trim().to_owned() })
    }

    fn hook(&self, builder: &mut Builder<'_>) -> Option<Place> {
        let globals = builder.context.globals;
        let own = self.webhook_url.is_some() || self.webhook_url_file.is_some();
        let (inline, file) = match own {
            true => (self.webhook_url.as_ref(), self.webhook_url_file.as_ref()),
            false => (globals.mattermost_webhook_url.as_ref(), globals.mattermost_webhook_url_file.as_ref()),
        };
        if inline.is_none() && file.is_none() {
            return builder.required("webhook_url", None, "mattermost_webhook_url");
        }
        let url = builder.secret("webhook_url", inline, file)?;
        let now = url.read_now().ok()?;
        builder.url("webhook_url", now.expose_secret())?;
        Some(Place::Hook(url))
    }
}

/// What an incoming webhook can show.
fn able_to_link() -> PictureLimits {
    PictureLimits { ways: vec![Way::Link], max_count: 10, late: LatePictures::No, ..able() }
}

/// What a bot can give: files with the post, or links inside of it.
fn able() -> PictureLimits {
    PictureLimits {
        ways: vec![Way::Attach, Way::Link],
        // as documented: https://developers.mattermost.com/api-documentation/#/operations/CreatePost
        max_count: 5,
        // a server's MaxFileSize is 100 MB unless somebody changed it; what is larger is refused with 413
        max_bytes: 20_000_000,
        max_total_bytes: 100_000_000,
        max_pixels: (7_680, 4_320),
        formats: &[Format::Png, Format::Jpeg],
        late: LatePictures::Add,
    }
}

//! The channel that a configuration of Rocket.Chat makes.
//!
//! Deliberately unknown here: requests.

use std::{path::PathBuf, sync::Arc, time::Duration};

use alerts::ports::{Channel, Editing, Format, LatePictures, Limits, Pace, PictureLimits, Way};
use secrecy::SecretString;

use super::{
    RocketChat,
    api::{Api, vendor},
    config::Config,
    texts::{MessageTexts, TEXT, TITLE},
};
use crate::{
    builder::{self, Builder},
    config::{Secret, Strategy},
    registry::Integration,
    sending::{Fitted, Vendor},
};

/// Alertmanager's default.
const SERVER: &str = "https://open.rocket.chat/";

/// How long a request may take if the configuration says nothing.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The most pictures of a message: each is two calls, and a server takes ten a minute of each kind.
const MOST_PICTURES: usize = 5;

/// A secret's key, its value, its file.
type Given<'a> = (&'a str, Option<&'a SecretString>, Option<&'a PathBuf>);

impl Integration for Config {
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>> {
        let globals = builder.context.globals;
        let server = self.api_url.clone().or_else(|| globals.rocketchat_api_url.clone());
        let server = builder.url("api_url", server.as_deref().unwrap_or(SERVER));
        let token = login(
            builder,
            ("token", self.token.as_ref(), self.token_file.as_ref()),
            ("rocketchat_token", globals.rocketchat_token.as_ref(), globals.rocketchat_token_file.as_ref()),
        );
        let user = login(
            builder,
            ("token_id", self.token_id.as_ref(), self.token_id_file.as_ref()),
            ("rocketchat_token_id", globals.rocketchat_token_id.as_ref(), globals.rocketchat_token_id_file.as_ref()),
        );
        let strategy = self.message_strategy.unwrap_or_default();
        let editable = strategy == Strategy::Update;
        for (key, given) in [
            ("fields", !self.fields.is_empty()),
            ("actions", !self.actions.is_empty()),
            ("image_url", self.image_url.is_some()),
            ("thumb_url", self.thumb_url.is_some()),
        ] {
            if editable && given {
                builder.problem(key, "cannot be used with message_strategy = \"update\": only texts can be edited");
            }
        }
        let texts = MessageTexts::new(self, editable, builder);
        let http = builder.http(self.http_config.as_ref());
        let pictures = builder.pictures(self.images, self.max_images, able());
        let timeout = self.timeout.filter(|timeout| !timeout.is_zero()).unwrap_or(TIMEOUT);
        let server = server?;
        let limits = Limits {
            title: TITLE,
            text: TEXT,
            pictures,
            // ten calls a minute of each kind, where the server's limit has not been changed
            pace: Pace { burst: 10, period: Duration::from_secs(6) },
            concurrency: 1,
            // an upload and a confirmation for each picture
            timeout: timeout * 2 * u32::try_from(MOST_PICTURES).unwrap_or(1),
            editing: Editing { edit: true, thread: true, begins: false },
            send_resolved: self.send_resolved,
            destination: builder::destination(&[server.as_str(), &self.channel]),
            kind: "rocketchat",
        };
        let api = Api { http: http?, server, token: token?, user: user?, timeout };
        Some(Arc::new(Fitted::new(RocketChat { limits, api, texts: texts?, strategy })))
    }

    fn vendor(&self) -> Vendor {
        vendor
    }
}

/// A secret of this integration, else the global one.
fn login(builder: &mut Builder<'_>, own: Given<'_>, global: Given<'_>) -> Option<Secret> {
    let (key, inline, file) = own;
    let (inline, file) = if inline.is_some() || file.is_some() { (inline, file) } else { (global.1, global.2) };
    if inline.is_none() && file.is_none() {
        return builder.required(key, None, global.0);
    }
    builder.secret(key, inline, file)
}

fn able() -> PictureLimits {
    PictureLimits {
        ways: vec![Way::Attach, Way::Link],
        max_count: MOST_PICTURES,
        // a server's FileUpload_MaxFileSize is 100 MB unless somebody changed it; what is larger is refused
        max_bytes: 20_000_000,
        max_total_bytes: 100_000_000,
        max_pixels: (10_000, 10_000),
        formats: &[Format::Png, Format::Jpeg],
        late: LatePictures::Add,
    }
}

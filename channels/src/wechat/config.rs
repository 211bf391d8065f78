//! What can be configured of WeCom, under Alertmanager's keys for an application, and one of ours for a group's robot; and the channel
//! made of it.
//!
//! Deliberately unknown here: requests.

use std::{path::PathBuf, sync::Arc, time::Duration};

use alerts::ports::{Channel, Editing, Format, LatePictures, Limits, Pace, PictureLimits, TextLimit, TextUnit, Way};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::{
    WeCom,
    app::App,
    codes,
    place::Place,
    texts::{Kind, Recipients, Texts},
};
use crate::{
    builder::{self, Builder},
    config::{HttpConfig, Images, Secret, duration},
    registry::Integration,
    sending::{Fitted, Vendor},
};

/// WeCom's API.
const API: &str = "https://qyapi.weixin.qq.com/cgi-bin/";

/// How long a request may take if the configuration says nothing.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The pictures of a message, unless configured otherwise: each is a message of its own.
const PICTURES: usize = 3;

/// Messages that a robot may send in a minute (<https://developer.work.weixin.qq.com/document/path/91770>).
const ROBOT_RATE: u32 = 20;

/// Messages that a member gets from an application in a minute; more are dropped, and nobody is told
/// (<https://developer.work.weixin.qq.com/document/path/90236>).
const APP_RATE: u32 = 30;

/// What can be configured of WeCom.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether resolved alerts are told.
    pub send_resolved: bool,
    /// The address of a group's robot: all that it takes.
    pub webhook_url: Option<SecretString>,
    /// A file with it.
    pub webhook_url_file: Option<PathBuf>,
    /// The API, for an application.
    pub api_url: Option<String>,
    /// The application's secret.
    pub api_secret: Option<SecretString>,
    /// A file with it.
    pub api_secret_file: Option<PathBuf>,
    /// The company.
    pub corp_id: Option<String>,
    /// The application.
    pub agent_id: String,
    /// The members that are told, with `|` between them; `@all`.
    pub to_user: String,
    /// The departments.
    pub to_party: String,
    /// The tags.
    pub to_tag: String,
    /// The text.
    pub message: String,
    /// What the text is; an application's is plain, a robot's is markdown, unless this says otherwise.
    pub message_type: Option<Kind>,
    /// Options of the requests.
    pub http_config: Option<HttpConfig>,
    /// How long a request may take; 0: the default, ten seconds.
    #[serde(deserialize_with = "duration")]
    pub timeout: Option<Duration>,
    /// How pictures are given.
    pub images: Images,
    /// The most pictures of a message.
    pub max_images: Option<usize>,
}

impl Default for Config {
    fn default() -> Self {
        let template = |part: &str| format!(r#"{{{{ template "wechat.default.{part}" . }}}}"#);
        Self {
            send_resolved: false,
            webhook_url: None,
            webhook_url_file: None,
            api_url: None,
            api_secret: None,
            api_secret_file: None,
            corp_id: None,
            agent_id: template("agent_id"),
            to_user: template("to_user"),
            to_party: template("to_party"),
            to_tag: template("to_tag"),
            message: template("message"),
            message_type: None,
            http_config: None,
            timeout: None,
            images: Images::Auto,
            max_images: None,
        }
    }
}

impl Config {
    /// Everything to `base`.
    pub fn example(base: &str) -> Self {
        Self {
            send_resolved: true,
            api_url: Some(format!("{base}/cgi-bin/")),
            api_secret: Some("app-secret".into()),
            corp_id: Some("ww1234567890".to_owned()),
            agent_id: "1000002".to_owned(),
            to_user: "@all".to_owned(),
            ..Self::default()
        }
    }

    /// The robot's address, if there is a robot.
    fn robot(&self, builder: &mut Builder<'_>) -> Option<(Secret, Url)> {
        if self.api_secret.is_some() || self.api_secret_file.is_some() || self.corp_id.is_some() {
            builder.problem("webhook_url", "is that of a robot: only one of it and an application may be given");
        }
        let secret = builder.secret("webhook_url", self.webhook_url.as_ref(), self.webhook_url_file.as_ref())?;
        let now = secret.read_now().ok()?;
        let url = builder.url("webhook_url", now.expose_secret())?;
        Some((secret, url))
    }

    fn app(&self, builder: &mut Builder<'_>) -> Option<App> {
        let globals = builder.context.globals;
        let own = self.api_secret.is_some() || self.api_secret_file.is_some();
        let (inline, file) = match own {
            true => (self.api_secret.as_ref(), self.api_secret_file.as_ref()),
            false => (globals.wechat_api_secret.as_ref(), globals.wechat_api_secret_file.as_ref()),
        };
        let url = self.api_url.as_ref().or(globals.wechat_api_url.as_ref()).map_or(API, String::as_str);
        let base = builder.url("api_url", url);
        let secret = match inline.is_some() || file.is_some() {
            true => builder.secret("api_secret", inline, file),
            false => builder.required("api_secret", None, "wechat_api_secret"),
        };
        let corp = self.corp_id.clone().or_else(|| globals.wechat_api_corp_id.clone());
        let corp = corp.filter(|corp| !corp.trim().is_empty());
        let corp = builder.required("corp_id", corp, "wechat_api_corp_id");
        Some(App::new(base?, corp?, secret?))
    }

    fn place(&self, builder: &mut Builder<'_>) -> Option<(Place, String)> {
        if self.webhook_url.is_some() || self.webhook_url_file.is_some() {
            let (secret, url) = self.robot(builder)?;
            return Some((Place::Robot(secret), builder::url_destination(&url)));
        }
        let app = self.app(builder)?;
        let to = [&self.agent_id, &self.to_user, &self.to_party, &self.to_tag].map(String::as_str).join("\n");
        let destination = builder::destination(&[app.base.as_str(), &app.corp, &to]);
        Some((Place::App(Box::new(app)), destination))
    }

    fn recipients(&self, builder: &mut Builder<'_>) -> Option<Recipients> {
        let user = builder.text("to_user", &self.to_user);
        let party = builder.text("to_party", &self.to_party);
        let tag = builder.text("to_tag", &self.to_tag);
        let agent = builder.text("agent_id", &self.agent_id);
        Some(Recipients { user: user?, party: party?, tag: tag?, agent: agent? })
    }
}

impl Integration for Config {
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>> {
        let is_robot = self.webhook_url.is_some() || self.webhook_url_file.is_some();
        let place = self.place(builder);
        let kind = self.message_type.unwrap_or(if is_robot { Kind::Markdown } else { Kind::Text });
        let message = builder.text("message", &self.message);
        let recipients = self.recipients(builder);
        let http = builder.http(self.http_config.as_ref());
        let pictures = builder.pictures(self.images, Some(self.max_images.unwrap_or(PICTURES)), able(is_robot));
        let timeout = self.timeout.filter(|timeout| !timeout.is_zero()).unwrap_or(TIMEOUT);
        let (place, destination) = place?;
        let pace = pace(if is_robot { ROBOT_RATE } else { APP_RATE }, &pictures);
        let limits = Limits {
            title: TextLimit::UNLIMITED,
            text: TextLimit { unit: TextUnit::Bytes, max: kind.room() },
            pictures,
            pace,
            concurrency: 1,
            // a token that is over, a new one, once more; or a picture after the other
            timeout: timeout * 4,
            editing: Editing::default(),
            send_resolved: self.send_resolved,
            destination,
            kind: "wechat",
        };
        let texts = Texts { kind, message: message?, recipients: recipients? };
        Some(Arc::new(Fitted::new(WeCom { limits, http: http?, place, texts, timeout })))
    }

    fn vendor(&self) -> Vendor {
        codes::vendor
    }
}

/// A quarter of a minute's messages at once, the others over the minute; what comes behind the text counts too.
fn pace(rate: u32, pictures: &PictureLimits) -> Pace {
    let behind = match pictures.ways.first() {
        Some(Way::Link) => 1,
        Some(_) => u32::try_from(pictures.max_count).unwrap_or(u32::MAX),
        None => 0,
    };
    let each = if pictures.wants_pictures() { behind.saturating_add(1) } else { 1 };
    let in_a_minute = (rate / each).max(2);
    let burst = (in_a_minute / 4).max(1);
    Pace { burst, period: Duration::from_secs(60) / (in_a_minute - burst) }
}

fn able(robot: bool) -> PictureLimits {
    PictureLimits {
        ways: vec![Way::Attach, Way::Link],
        // as many as one message of links can show
        max_count: 8,
        max_bytes: if robot { 2_000_000 } else { 10_000_000 },
        max_total_bytes: 50_000_000,
        max_pixels: (10_000, 10_000),
        formats: &[Format::Png, Format::Jpeg],
        late: LatePictures::Add,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_holds_what_the_vendor_takes() {
        for rate in [ROBOT_RATE, APP_RATE] {
            for (ways, max_count, each) in
                [(vec![], 3, 1), (vec![Way::Link], 8, 2), (vec![Way::Attach], 1, 2), (vec![Way::Attach], 3, 4)]
            {
                let pace = pace(rate, &PictureLimits { ways, max_count, ..able(true) });
                let in_a_minute = pace.burst + u32::try_from(60_000 / pace.period.as_millis()).unwrap();
                assert!(in_a_minute * each <= rate, "{pace:?} {each}");
            }
        }
    }
}

//! Where Slack's messages go, and how we are known there: the Web API with a bot token, or an incoming webhook.
//!
//! Deliberately unknown here: what is sent.

use url::Url;

use super::config::Config;
use crate::{
    builder::{Builder, exposed},
    config::Secret,
};

/// Slack's Web API.
const API: &str = "https://slack.com/api";

/// Where messages go.
pub enum Place {
    /// The Web API, with a bot token.
    Api(Url, Secret),
    /// An incoming webhook.
    Hook(Secret),
}

const POST_MESSAGE: &str = "/chat.postMessage";

/// Whether an address is the Web API's: it, or its method. Anything else is an incoming webhook, Slack's or one that
/// takes the same.
fn is_web_api(text: &str) -> bool {
    let path = text.trim().split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    path.ends_with("/api") || path.ends_with(POST_MESSAGE)
}

impl Config {
    /// Where messages go, and how we are known there.
    pub fn place(&self, builder: &mut Builder<'_>) -> Option<Place> {
        let globals = builder.context.globals;
        let own_token = self.app_token.is_some() || self.app_token_file.is_some();
        let own_url = self.api_url.is_some() || self.api_url_file.is_some();
        let global_token = globals.slack_app_token.is_some() || globals.slack_app_token_file.is_some();
        let global_url = globals.slack_api_url.is_some() || globals.slack_api_url_file.is_some();
        let url = match (own_url, global_url) {
            (true, _) => {
                let url = builder.secret("api_url", self.api_url.as_ref(), self.api_url_file.as_ref());
                Some(url?)
            }
            (false, true) if !own_token || global_token => {
                let (inline, file) = (globals.slack_api_url.as_ref(), globals.slack_api_url_file.as_ref());
                Some(builder.secret("api_url", inline, file)?)
            }
            _ => None,
        };
        let text = exposed(url.as_ref().and_then(|url| url.read_now().ok()).as_ref());
        let is_hook = text.as_ref().is_some_and(|text| !is_web_api(text));
        match (url, is_hook) {
            (Some(url), true) if !own_token && (own_url || !global_token) => {
                builder.url("api_url", &text.unwrap_or_default())?;
                Some(Place::Hook(url))
            }
            (Some(_), true) if own_url => {
                builder.problem("api_url", "is that of an incoming webhook: only one of it and app_token may be given");
                None
            }
            (_, is_hook) => {
                let token = self.token(builder);
                let base = self.base(builder, text.filter(|_| !is_hook));
                Some(Place::Api(base?, token?))
            }
        }
    }

    /// The bot token: here, as credentials beside the address of `chat.postMessage` (Alertmanager's older way), globally.
    fn token(&self, builder: &mut Builder<'_>) -> Option<Secret> {
        let globals = builder.context.globals;
        if self.app_token.is_some() || self.app_token_file.is_some() {
            return builder.secret("app_token", self.app_token.as_ref(), self.app_token_file.as_ref());
        }
        let http = self.http_config.as_ref().or(globals.http_config.as_ref());
        if let Some(login) = http.and_then(|http| http.authorization.as_ref()) {
            let (inline, file) = (login.credentials.as_ref(), login.credentials_file.as_ref());
            if inline.is_some() || file.is_some() {
                return builder.secret("http_config.authorization.credentials", inline, file);
            }
        }
        if globals.slack_app_token.is_none() && globals.slack_app_token_file.is_none() {
            return builder.required("app_token", None, "slack_app_token");
        }
        builder.secret("app_token", globals.slack_app_token.as_ref(), globals.slack_app_token_file.as_ref())
    }

    /// Here before globally, the Web API's address before that of one of its methods.
    fn base(&self, builder: &mut Builder<'_>, api_url: Option<String>) -> Option<Url> {
        let own_url = self.api_url.is_some() || self.api_url_file.is_some();
        let app_url = self.app_url.clone().or_else(|| builder.context.globals.slack_app_url.clone());
        let (key, text) = match (api_url, app_url) {
            (Some(url), _) if own_url => ("api_url", url),
            (_, Some(url)) => ("app_url", url),
            (Some(url), None) => ("api_url", url),
            (None, None) => ("api_url", API.to_owned()),
        };
        builder.url(key, text.trim().trim_end_matches('/').trim_end_matches(POST_MESSAGE))
    }
}

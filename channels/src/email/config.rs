//! What can be configured of mail, under Alertmanager's keys, and the channel made of it.
//!
//! Deliberately unknown here: the dialogue with the server, the form of a mail.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use alerts::ports::{Channel, Editing, Format, LatePictures, Limits, Pace, PictureLimits, TextLimit, Way};
use lettre::{message::header::HeaderName, transport::smtp::extension::ClientId};
use secrecy::SecretString;
use serde::Deserialize;

use super::{
    Email, MOST_BYTES,
    compose::{Composer, Placement, SUBJECT, Thread, parse},
    place::{host_and_port, tls_parameters},
    smtp::{Login, Server, Tls},
};
use crate::{
    builder::{self, Builder},
    config::{Images, TlsConfig},
    registry::Integration,
    sending::Fitted,
};

/// For the greeting, and for the mail, each. RFC 5321 would grant minutes; a page cannot wait that long.
const TIMEOUT: Duration = Duration::from_secs(20);

/// TLS begins with the connection on this port (RFC 8314).
const SUBMISSIONS: u16 = 465;

/// Headers that make up the mail, and are ours alone.
const RESERVED: [&str; 3] = ["date", "message-id", "mime-version"];

/// Headers that we make a thing of our own of.
const TAKEN: [&str; 3] = ["subject", "cc", "bcc"];

/// What can be configured of mail.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Whether resolved alerts are told.
    pub send_resolved: bool,
    /// The recipients: one address or several with commas.
    pub to: String,
    /// The sender.
    pub from: Option<String>,
    /// The server as `host:port`.
    pub smarthost: Option<String>,
    /// The name that we greet it with; `localhost`, if nothing else is given here or globally.
    pub hello: Option<String>,
    /// The user there.
    pub auth_username: Option<String>,
    /// The password there.
    pub auth_password: Option<SecretString>,
    /// A file with the password.
    pub auth_password_file: Option<PathBuf>,
    /// The secret of the CRAM-MD5 mechanism, which is taken if it is given and the server offers it.
    pub auth_secret: Option<SecretString>,
    /// A file with it.
    pub auth_secret_file: Option<PathBuf>,
    /// The identity of the PLAIN mechanism.
    pub auth_identity: Option<String>,
    /// Whether mails go out over TLS only; default: yes.
    pub require_tls: Option<bool>,
    /// TLS options.
    pub tls_config: Option<TlsConfig>,
    /// Whether TLS begins with the connection; default: on port 465.
    pub force_implicit_tls: Option<bool>,
    /// More headers, or others for `Subject`, `To` and the like.
    pub headers: BTreeMap<String, String>,
    /// The HTML; empty: none.
    pub html: String,
    /// The text.
    pub text: String,
    /// Which mails stand in one thread.
    pub threading: Option<Threading>,
    /// How pictures are given.
    pub images: Images,
    /// Where pictures stand that are given as files.
    pub picture_placement: Placement,
    /// The most pictures of a mail.
    pub max_images: Option<usize>,
}

/// Which mails stand in one thread. Without this section, all about a group.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Threading {
    /// Whether there are threads.
    pub enabled: bool,
    /// Whether each day has a thread of its own.
    pub thread_by_date: ByDate,
}

/// Whether each day has a thread of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ByDate {
    /// It has.
    #[default]
    Daily,
    /// All that is said of a group is one thread.
    None,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            send_resolved: false,
            to: String::new(),
            from: None,
            smarthost: None,
            hello: None,
            auth_username: None,
            auth_password: None,
            auth_password_file: None,
            auth_secret: None,
            auth_secret_file: None,
            auth_identity: None,
            require_tls: None,
            tls_config: None,
            force_implicit_tls: None,
            headers: BTreeMap::new(),
            html: r#"{{ template "email.default.html" . }}"#.to_owned(),
            text: r#"{{ template "email.default.text" . }}"#.to_owned(),
            threading: None,
            images: Images::Auto,
            picture_placement: Placement::Inline,
            max_images: None,
        }
    }
}

const SUBJECT_TEMPLATE: &str = r#"{{ template "email.default.subject" . }}"#;

impl Config {
    /// To the host and port of `base`.
    pub fn example(base: &str) -> Self {
        Self {
            send_resolved: true,
            to: "Ann <ann@example.org>, bob@example.org".to_owned(),
            from: Some("wirephoto@example.org".to_owned()),
            smarthost: Some(base.trim_start_matches("http://").split('/').next().unwrap_or_default().to_owned()),
            auth_username: Some("wirephoto".to_owned()),
            auth_password: Some("password-secret".into()),
            require_tls: Some(false),
            ..Self::default()
        }
    }

    fn able(&self) -> PictureLimits {
        // in a mail four characters stand for three bytes, with a line end behind each 76
        let most = MOST_BYTES as u64 * 57 / 78;
        let inline = self.picture_placement == Placement::Inline && !self.html.is_empty();
        PictureLimits {
            ways: vec![if inline { Way::Embed } else { Way::Attach }, Way::Link],
            max_count: 20,
            max_bytes: most,
            max_total_bytes: most,
            max_pixels: (10_000, 10_000),
            formats: &[Format::Png, Format::Jpeg],
            late: LatePictures::No,
        }
    }

    fn server(&self, builder: &mut Builder<'_>) -> Option<Server> {
        let globals = builder.context.globals;
        let login = self.login(builder);
        let hello = self.hello.clone().or_else(|| globals.smtp_hello.clone()).unwrap_or_else(|| "localhost".to_owned());
        if hello.is_empty() || !hello.chars().all(|c| c.is_ascii_graphic()) {
            builder.problem("hello", "is not a host name");
        }
        let place = self.smarthost.clone().or_else(|| globals.smtp_smarthost.clone());
        let place = builder.required("smarthost", place, "smtp_smarthost")?;
        let Some((host, port)) = host_and_port(&place) else {
            builder.problem("smarthost", format!("{place:?} is not host:port"));
            return None;
        };
        let tls = self.tls(builder, &host, port)?;
        Some(Server { host, port, hello: ClientId::Domain(hello), tls, login: login?, timeout: TIMEOUT })
    }

    fn tls(&self, builder: &mut Builder<'_>, host: &str, port: u16) -> Option<Tls> {
        let globals = builder.context.globals;
        let implicit = self.force_implicit_tls.or(globals.smtp_force_implicit_tls).unwrap_or(port == SUBMISSIONS);
        let required = self.require_tls.or(globals.smtp_require_tls).unwrap_or(true);
        if !implicit && !required {
            return Some(Tls::None);
        }
        let config = self.tls_config.clone().or_else(|| globals.smtp_tls_config.clone()).unwrap_or_default();
        match tls_parameters(&config, host) {
            Ok(parameters) if implicit => Some(Tls::Implicit(parameters)),
            Ok(parameters) => Some(Tls::Upgrade(parameters)),
            Err((key, why)) => {
                builder.problem(key, why);
                None
            }
        }
    }

    /// `Some(None)`: there is no login.
    fn login(&self, builder: &mut Builder<'_>) -> Option<Option<Login>> {
        let globals = builder.context.globals;
        let Some(username) = self.auth_username.clone().or_else(|| globals.smtp_auth_username.clone()) else {
            return Some(None);
        };
        let own = self.auth_password.is_some() || self.auth_password_file.is_some();
        let (inline, file) = match own {
            true => (self.auth_password.as_ref(), self.auth_password_file.as_ref()),
            false => (globals.smtp_auth_password.as_ref(), globals.smtp_auth_password_file.as_ref()),
        };
        let own_secret = self.auth_secret.is_some() || self.auth_secret_file.is_some();
        let (secret, secret_file) = match own_secret {
            true => (self.auth_secret.as_ref(), self.auth_secret_file.as_ref()),
            false => (globals.smtp_auth_secret.as_ref(), globals.smtp_auth_secret_file.as_ref()),
        };
        let (has_password, has_secret) =
            (inline.is_some() || file.is_some(), secret.is_some() || secret_file.is_some());
        if !has_password && !has_secret {
            builder.required::<()>("auth_password", None, "smtp_auth_password");
        }
        let password = builder.secret("auth_password", inline, file);
        let secret = builder.secret("auth_secret", secret, secret_file);
        if has_password != password.is_some() || has_secret != secret.is_some() {
            return None;
        }
        let identity = self.auth_identity.clone().or_else(|| globals.smtp_auth_identity.clone()).unwrap_or_default();
        Some(Some(Login { username, password, secret, identity }))
    }

    fn composer(&self, builder: &mut Builder<'_>) -> Option<Composer> {
        let from = self.from.clone().or_else(|| builder.context.globals.smtp_from.clone());
        let from = builder.required("from", from, "smtp_from").and_then(|from| address(builder, "from", &from));
        let to = (!self.to.trim().is_empty()).then_some(self.to.as_str());
        let to = builder.required("to", to, "").and_then(|to| address(builder, "to", to));
        let subject = match self.header("subject") {
            Some((name, source)) => builder.text(&format!("headers.{name}"), source),
            None => builder.text("headers.Subject", SUBJECT_TEMPLATE),
        };
        let mut besides = |name: &str| {
            let (name, source) = self.header(name).filter(|(_, source)| !source.trim().is_empty())?;
            address(builder, &format!("headers.{name}"), source)
        };
        let (cc, bcc) = (besides("cc"), besides("bcc"));
        let headers = self.headers(builder);
        let thread = self.thread(builder);
        let text = if self.text.is_empty() { None } else { builder.text("text", &self.text) };
        let html = if self.html.is_empty() { None } else { builder.html("html", &self.html) };
        let placement = self.picture_placement;
        Some(Composer { from: from?, to: to?, cc, bcc, subject: subject?, headers, text, html, thread, placement })
    }

    fn header(&self, wanted: &str) -> Option<(&String, &String)> {
        self.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted))
    }

    fn thread(&self, builder: &mut Builder<'_>) -> Thread {
        let own = |name: &&String| ["references", "in-reply-to"].contains(&name.to_ascii_lowercase().as_str());
        if let Some(name) = self.headers.keys().find(own) {
            if self.threading.is_some_and(|threading| threading.enabled) {
                builder.problem(&format!("headers.{name}"), "cannot be set where threading.enabled sets it");
            }
            return Thread::None;
        }
        match self.threading {
            None => Thread::Group,
            Some(Threading { enabled: false, .. }) => Thread::None,
            Some(Threading { thread_by_date: ByDate::Daily, .. }) => Thread::GroupAndDay,
            Some(Threading { thread_by_date: ByDate::None, .. }) => Thread::Group,
        }
    }

    fn headers(&self, builder: &mut Builder<'_>) -> Vec<(HeaderName, alerts::templates::TextTemplate)> {
        let mut headers = Vec::new();
        let mut seen = std::collections::BTreeSet::new();
        for name in self.headers.keys().filter(|name| !seen.insert(name.to_ascii_lowercase())) {
            builder
                .problem(&format!("headers.{name}"), "is given twice: upper and lower case do not differ in headers");
        }
        for (name, source) in &self.headers {
            let key = format!("headers.{name}");
            let lower = name.to_ascii_lowercase();
            if TAKEN.contains(&lower.as_str()) {
                continue;
            }
            if RESERVED.contains(&lower.as_str()) || lower.starts_with("content-") {
                builder.problem(&key, "cannot be set");
                continue;
            }
            let valid = name.chars().all(|c| c.is_ascii_graphic());
            match HeaderName::new_from_ascii(name.clone()).ok().filter(|_| valid) {
                Some(header) => headers.extend(builder.text(&key, source).map(|template| (header, template))),
                None => builder.problem(&key, "is not a header's name"),
            }
        }
        headers
    }
}

impl Integration for Config {
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>> {
        let server = self.server(builder);
        let composer = self.composer(builder);
        let pictures = builder.pictures(self.images, self.max_images, self.able());
        let (server, composer) = (server?, composer?);
        let limits = Limits {
            title: SUBJECT,
            text: TextLimit::UNLIMITED,
            pictures,
            // relays count per minute; a burst of groups still goes out at once
            pace: Pace { burst: 10, period: Duration::from_millis(500) },
            concurrency: 2,
            // greeting, envelope, mail; what is left is for making the mail fit
            timeout: TIMEOUT * 4,
            editing: Editing::default(),
            send_resolved: self.send_resolved,
            destination: builder::destination(&[&server.host, &server.port.to_string(), &self.to]),
            kind: "email",
        };
        let rehearsal = builder.context.http.rehearsal().cloned();
        Some(Arc::new(Fitted::new(Email { limits, server, composer, rehearsal })))
    }
}

/// An address that is no template is checked at once.
fn address(builder: &mut Builder<'_>, key: &str, text: &str) -> Option<alerts::templates::TextTemplate> {
    if !text.contains("{{")
        && let Err(why) = parse(text)
    {
        builder.problem(key, why);
        return None;
    }
    builder.text(key, text)
}

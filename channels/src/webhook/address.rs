//! Where a webhook goes: a fixed address, one in a file, or one whose path and query are made of the message.
//!
//! Scheme, host and port are never a template: no alert can send a message to a host that is not configured.
//!
//! Deliberately unknown here: requests.

use std::path::PathBuf;

use alerts::{
    message::Message,
    ports::{SendError, SendErrorKind},
    templates::{Data, TextTemplate},
};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::{
    builder::{self, Builder, exposed},
    config::Secret,
};

const ACTION: &str = "{{";

/// Where a webhook goes.
pub enum Address {
    /// The same for all messages.
    Fixed { secret: Secret, destination: String },
    /// Made of the message.
    Made { template: TextTemplate, origin: url::Origin, destination: String },
}

impl Address {
    /// The address of a configuration.
    pub fn new(builder: &mut Builder<'_>, inline: Option<&SecretString>, file: Option<&PathBuf>) -> Option<Self> {
        if inline.is_none() && file.is_none() {
            return builder.required("url", None, "");
        }
        let secret = builder.secret("url", inline, file)?;
        let text = exposed(secret.read_now().ok().as_ref())?;
        if text.contains(ACTION) && inline.is_some() {
            return made(builder, text.trim());
        }
        let url = builder.url("url", &text)?;
        Some(Address::Fixed { secret, destination: builder::url_destination(&url) })
    }

    /// The hash of the destination.
    pub fn destination(&self) -> String {
        match self {
            Address::Fixed { destination, .. } | Address::Made { destination, .. } => destination.clone(),
        }
    }

    /// The address for a message.
    ///
    /// # Errors
    /// When it is in a file that cannot be read, or comes out as no address.
    pub async fn of(&self, message: &Message) -> Result<Url, SendError> {
        match self {
            Address::Fixed { secret, .. } => {
                let text = secret.read().await.map_err(unauthorised)?;
                Url::parse(text.expose_secret().trim()).map_err(|why| unauthorised(format!("url is not a URL: {why}")))
            }
            Address::Made { template, origin, .. } => {
                let rejected = |why: String| SendError::new(SendErrorKind::Rejected, why);
                // the template's own words may hold a token
                let text =
                    template.render(&Data::new(message)).map_err(|_| rejected("url: the template failed".into()))?;
                let url = Url::parse(text.trim()).map_err(|why| rejected(format!("url comes out as no URL: {why}")))?;
                if url.origin() == *origin { Ok(url) } else { Err(rejected("url comes out with another host".into())) }
            }
        }
    }
}

fn unauthorised(why: String) -> SendError {
    SendError::new(SendErrorKind::Unauthorised, why)
}

fn made(builder: &mut Builder<'_>, text: &str) -> Option<Address> {
    let fixed = text.split(ACTION).next().unwrap_or_default();
    let has_host = fixed.split_once("://").is_some_and(|(_, rest)| rest.contains('/'));
    if !has_host {
        builder.problem("url", "may be a template behind its host only: https://host/{{ … }}");
        return None;
    }
    let base = builder.url("url", fixed)?;
    let template = builder.text("url", text)?;
    let destination = builder::destination(&[&builder::url_destination(&base), text.trim_start_matches(fixed)]);
    Some(Address::Made { template, origin: base.origin(), destination })
}

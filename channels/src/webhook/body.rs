//! From a message to the bytes of a request: whose payload, how many alerts, JSON alone or parts beside it.
//!
//! Deliberately unknown here: the fields of payloads, where it goes.

use alerts::{
    message::Message,
    ports::SendError,
    templates::{Data, TextTemplate},
};

use super::{
    grafana,
    images::{self, Encoding},
};
use crate::{
    payload,
    sending::{Custom, texts::Texts},
};

/// What is configured of bodies.
pub struct Form {
    pub payload: Payload,
    /// 0: all.
    pub max_alerts: usize,
    pub encoding: Option<Encoding>,
}

/// Whose payload it is.
pub enum Payload {
    Alertmanager,
    Grafana { title: TextTemplate, message: TextTemplate },
    Custom(Custom),
}

/// A request's body.
pub struct Body {
    pub bytes: Vec<u8>,
    pub media_type: String,
    /// Whether there are files beside the JSON.
    pub has_files: bool,
    /// Templates that failed.
    pub failures: Vec<String>,
}

impl Form {
    /// The body for a message.
    ///
    /// # Errors
    /// When the configuration's own payload fails: a machine that is told something else than it was promised is worse than one
    /// that is not.
    pub fn body(&self, message: &Message) -> Result<Body, SendError> {
        let (json, failures) = self.json(message)?;
        let files = match self.encoding {
            Some(Encoding::Multipart) => images::files(message),
            _ => Vec::new(),
        };
        if files.is_empty() {
            let media_type = "application/json".to_owned();
            return Ok(Body { bytes: json.into_bytes(), media_type, has_files: false, failures });
        }
        let (bytes, boundary) = images::multipart(&json, &files, &message.idempotency_key);
        let media_type = format!("multipart/form-data; boundary={boundary}");
        Ok(Body { bytes, media_type, has_files: true, failures })
    }

    fn json(&self, message: &Message) -> Result<(String, Vec<String>), SendError> {
        let (shown, left_out) = payload::truncated(message, self.max_alerts);
        match &self.payload {
            Payload::Alertmanager => Ok((payload::body(&shown, left_out, "4", self.encoding)?, Vec::new())),
            Payload::Grafana { title, message } => {
                let mut texts = Texts::new(&shown, Data::new(&shown).with_truncated_alerts(left_out));
                let words = (texts.title(title), texts.body(message));
                let json = grafana::body(&shown, left_out, self.encoding, words)?;
                Ok((json, texts.into_failures()))
            }
            Payload::Custom(custom) => {
                let data = Data::new(&shown).with_truncated_alerts(left_out);
                let data =
                    if images::files(message).is_empty() { data } else { images::as_templates_see(&shown, data) };
                Ok((payload::written(&custom.value(&data)?)?, Vec::new()))
            }
        }
    }
}

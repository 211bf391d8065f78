//! The dialogue with a mail server, command by command over lettre's connection: so that the server's SIZE is known before
//! the mail is made, one refused recipient does not cost the others theirs, and after a failure it is known how far it got.
//!
//! Deliberately unknown here: what a mail looks like.

use std::time::Duration;

use alerts::ports::{SendError, SendErrorKind};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use hmac::{Hmac, Mac};
use lettre::{
    address::Envelope,
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, TlsParameters},
        commands::{Data, Ehlo, Mail, Rcpt},
        extension::{ClientId, Extension, MailParameter},
        response::Response,
    },
};
use md5::Md5;
use secrecy::{ExposeSecret, SecretString};

use crate::{
    config::Secret,
    sending::{Redactor, RehearsedMail},
};

/// Where mails are handed in.
pub struct Server {
    pub host: String,
    pub port: u16,
    pub hello: ClientId,
    pub tls: Tls,
    pub login: Option<Login>,
    /// For the greeting with all that belongs to it, and for the mail, each.
    pub timeout: Duration,
}

/// When TLS begins.
pub enum Tls {
    /// Never.
    None,
    /// With STARTTLS, or nothing is sent at all.
    Upgrade(TlsParameters),
    /// With the connection.
    Implicit(TlsParameters),
}

/// Who we are there.
pub struct Login {
    pub username: String,
    pub password: Option<Secret>,
    /// The secret of CRAM-MD5.
    pub secret: Option<Secret>,
    /// The identity to act as, of the PLAIN mechanism; usually empty.
    pub identity: String,
}

/// An open connection, ready for a mail.
pub struct Session {
    connection: AsyncSmtpConnection,
    /// The largest mail in bytes, as the server says; none if it does not.
    pub size: Option<usize>,
    announces_size: bool,
    redactor: Redactor,
    timeout: Duration,
}

impl Server {
    /// Connects, greets, goes to TLS, logs in.
    ///
    /// # Errors
    /// Never ambiguous: nothing was handed in.
    pub async fn open(&self) -> Result<Session, SendError> {
        match tokio::time::timeout(self.timeout, self.greet()).await {
            Ok(session) => session,
            Err(_) => Err(SendError::new(SendErrorKind::Retry, "the mail server does not answer in time")),
        }
    }

    /// A mail as it would be handed in here.
    pub fn rehearsed(&self, envelope: &Envelope, mail: &[u8]) -> RehearsedMail {
        RehearsedMail {
            server: format!("{}:{}", self.host, self.port),
            protection: match self.tls {
                Tls::None => "without TLS",
                Tls::Upgrade(_) => "with STARTTLS",
                Tls::Implicit(_) => "with TLS",
            },
            from: envelope.from().map(ToString::to_string).unwrap_or_default(),
            to: envelope.to().iter().map(ToString::to_string).collect(),
            bytes: Bytes::copy_from_slice(mail),
        }
    }

    async fn greet(&self) -> Result<Session, SendError> {
        let redactor = Redactor::default();
        let implicit = if let Tls::Implicit(parameters) = &self.tls { Some(parameters.clone()) } else { None };
        let place = (self.host.as_str(), self.port);
        let connection = AsyncSmtpConnection::connect_tokio1(place, Some(self.timeout), &self.hello, implicit, None);
        let mut connection = connection.await.map_err(|error| failure("connecting", &error, &redactor))?;
        if let Tls::Upgrade(parameters) = &self.tls {
            if !connection.can_starttls() {
                return Err(SendError::new(
                    SendErrorKind::Unauthorised,
                    "the server offers no STARTTLS, and require_tls is set",
                ));
            }
            let upgrade = connection.starttls(parameters.clone(), &self.hello).await;
            upgrade.map_err(|error| failure("STARTTLS", &error, &redactor))?;
        }
        // lettre keeps no SIZE of the greetings that it sends
        let greeting = connection.command(Ehlo::new(self.hello.clone())).await;
        let greeting = greeting.map_err(|error| failure("EHLO", &error, &redactor))?;
        let size = size(&greeting);
        let redactor = match &self.login {
            Some(login) => login.log_in(&mut connection, &self.host, offers_cram_md5(&greeting)).await?,
            None => redactor,
        };
        let announces_size = size.is_some();
        Ok(Session { connection, size: size.filter(|size| *size > 0), announces_size, redactor, timeout: self.timeout })
    }
}

impl Login {
    async fn log_in(
        &self,
        connection: &mut AsyncSmtpConnection,
        host: &str,
        cram_md5: bool,
    ) -> Result<Redactor, SendError> {
        let unauthorised = |why: &str| SendError::new(SendErrorKind::Unauthorised, why);
        if let Some(secret) = self.secret.as_ref().filter(|_| cram_md5) {
            return self.challenge(connection, secret).await;
        }
        let Some(password) = &self.password else {
            return Err(unauthorised(
                "the server does not offer CRAM-MD5, and there is no auth_password for the others",
            ));
        };
        if !connection.is_encrypted() && !is_loopback(host) {
            return Err(unauthorised("the password is not sent over a connection without TLS: set require_tls"));
        }
        let password = password.read().await.map_err(|why| unauthorised(&why))?;
        let plain = self.plain(&password);
        let redactor = Redactor::new([password.clone(), encoded(password.expose_secret()), plain.clone()]);
        let response = if self.identity.is_empty() {
            let credentials = Credentials::new(self.username.clone(), password.expose_secret().to_owned());
            connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await
        } else {
            connection.command(format!("AUTH PLAIN {}\r\n", plain.expose_secret())).await
        };
        response.map_err(|error| refused_login(&error, &redactor))?;
        Ok(redactor)
    }

    /// CRAM-MD5 (RFC 2195): the secret itself never goes over the wire.
    async fn challenge(&self, connection: &mut AsyncSmtpConnection, secret: &Secret) -> Result<Redactor, SendError> {
        let secret = secret.read().await.map_err(|why| SendError::new(SendErrorKind::Unauthorised, why))?;
        let redactor = Redactor::new([secret.clone()]);
        let challenge = connection.command("AUTH CRAM-MD5\r\n").await;
        let challenge = challenge.map_err(|error| refused_login(&error, &redactor))?;
        let challenge = challenge.first_word().and_then(|word| STANDARD.decode(word).ok());
        let Some(challenge) = challenge else {
            return Err(SendError::new(SendErrorKind::Retry, "AUTH: the server's challenge is not base64"));
        };
        let response = encoded(&format!("{} {}", self.username, cram_md5(secret.expose_secret(), &challenge)));
        let answer = connection.command(format!("{}\r\n", response.expose_secret())).await;
        answer.map_err(|error| refused_login(&error, &redactor))?;
        Ok(redactor)
    }

    fn plain(&self, password: &SecretString) -> SecretString {
        encoded(&format!("{}\0{}\0{}", self.identity, self.username, password.expose_secret()))
    }
}

impl Session {
    /// Hands a mail in, and answers which recipients were refused while others were not.
    ///
    /// # Errors
    /// Ambiguous if the mail went out and no answer came.
    pub async fn deliver(mut self, envelope: &Envelope, mail: &[u8]) -> Result<Vec<String>, SendError> {
        let timeout = self.timeout;
        let late = |ambiguous| {
            let error = SendError::new(SendErrorKind::Retry, "the mail server does not answer in time");
            move |_| SendError { ambiguous, ..error }
        };
        let refused =
            tokio::time::timeout(timeout, self.envelope(envelope, mail.len())).await.map_err(late(false))??;
        let answer = tokio::time::timeout(timeout, self.connection.message(mail)).await.map_err(late(true))?;
        match answer {
            Ok(_) => {
                // the mail is taken; whether the farewell is heard does not matter
                let _ = tokio::time::timeout(timeout, self.connection.quit()).await;
                Ok(refused)
            }
            Err(error) => {
                let ambiguous = error.status().is_none();
                let error = failure("the mail", &error, &self.redactor);
                self.abort().await;
                Err(SendError { ambiguous, ..error })
            }
        }
    }

    async fn envelope(&mut self, envelope: &Envelope, size: usize) -> Result<Vec<String>, SendError> {
        let result = self.sender_and_recipients(envelope, size).await;
        if result.is_err() {
            self.connection.abort().await;
        }
        result
    }

    async fn sender_and_recipients(&mut self, envelope: &Envelope, size: usize) -> Result<Vec<String>, SendError> {
        let mut parameters = Vec::new();
        if self.announces_size {
            parameters.push(MailParameter::Size(size));
        }
        if envelope.to().iter().chain(envelope.from()).any(|address| !AsRef::<str>::as_ref(address).is_ascii()) {
            if !self.connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                return Err(SendError::new(SendErrorKind::Rejected, "the server takes no addresses beyond ASCII"));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        let mail = Mail::new(envelope.from().cloned(), parameters);
        self.command("MAIL FROM", mail).await?;
        let refused = self.recipients(envelope).await?;
        self.command("DATA", Data).await?;
        Ok(refused)
    }

    /// Names the recipients; a refused one does not hold up the others.
    async fn recipients(&mut self, envelope: &Envelope) -> Result<Vec<String>, SendError> {
        let (mut refused, mut later) = (Vec::new(), false);
        for recipient in envelope.to() {
            let Err(error) = self.connection.command(Rcpt::new(recipient.clone(), Vec::new())).await else { continue };
            let failure = failure("RCPT TO", &error, &self.redactor);
            if error.status().is_none() {
                return Err(failure);
            }
            later |= error.is_transient();
            refused.push(failure.detail);
        }
        if refused.len() < envelope.to().len() {
            return Ok(refused);
        }
        // nobody can be told: perhaps later, or else the destination is wrong, not the mail
        let kind = if later { SendErrorKind::Retry } else { SendErrorKind::Unauthorised };
        Err(SendError::new(kind, refused.join("; ")))
    }

    async fn command(&mut self, step: &str, command: impl std::fmt::Display) -> Result<(), SendError> {
        let answer = self.connection.command(command).await;
        answer.map(drop).map_err(|error| failure(step, &error, &self.redactor))
    }

    async fn abort(&mut self) {
        let _ = tokio::time::timeout(self.timeout, self.connection.abort()).await;
    }
}

/// The answer to a challenge, in hexadecimal digits.
fn cram_md5(secret: &str, challenge: &[u8]) -> String {
    let mut mac = Hmac::<Md5>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(challenge);
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn offers_cram_md5(greeting: &Response) -> bool {
    greeting.message().any(|line| {
        let mut words = line.split([' ', '=']);
        words.next().is_some_and(|word| word.eq_ignore_ascii_case("AUTH"))
            && words.any(|word| word.eq_ignore_ascii_case("CRAM-MD5"))
    })
}

/// `SIZE 10240000` among the lines of the greeting's answer; 0 means that there is no fixed limit (RFC 1870).
fn size(greeting: &Response) -> Option<usize> {
    greeting.message().find_map(|line| {
        let mut words = line.split_whitespace();
        let keyword = words.next()?.eq_ignore_ascii_case("SIZE");
        keyword.then(|| words.next().and_then(|size| size.parse().ok()).unwrap_or(0))
    })
}

fn failure(step: &str, error: &Error, redactor: &Redactor) -> SendError {
    let detail = format!("{step}: {}", redactor.words(&words(error)));
    let code = error.status().map_or(0, u16::from);
    let kind = match code {
        // not allowed to send without a login, or at all from here
        530 | 534 | 535 | 538 => SendErrorKind::Unauthorised,
        552 => SendErrorKind::TooLarge,
        554 if says_too_large(&detail) => SendErrorKind::TooLarge,
        500.. => SendErrorKind::Rejected,
        _ => SendErrorKind::Retry,
    };
    SendError::new(kind, detail)
}

/// A login fails for good when the server says so, or offers no way that we know; a 4yz or a lost connection is not about us.
fn refused_login(error: &Error, redactor: &Redactor) -> SendError {
    let for_good = error.is_permanent() || error.is_client();
    let kind = if for_good { SendErrorKind::Unauthorised } else { SendErrorKind::Retry };
    SendError { kind, ..failure("AUTH", error, redactor) }
}

/// 5.2.3 and 5.3.4 are the enhanced codes for a mail that is too large (RFC 3463).
fn says_too_large(detail: &str) -> bool {
    let detail = detail.to_ascii_lowercase();
    ["5.3.4", "5.2.3", "size", "too large", "too big"].iter().any(|word| detail.contains(word))
}

/// An error with its causes, of which lettre's own line names only the kind.
fn words(error: &Error) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let text = error.to_string();
        if !words.contains(&text) {
            words = format!("{words}: {text}");
        }
        cause = error.source();
    }
    words
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

fn encoded(text: &str) -> SecretString {
    SecretString::from(STANDARD.encode(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn challenges_are_answered_as_rfc_2195_shows() {
        let answer = cram_md5("tanstaaftanstaaf", b"<1896.697170952@postoffice.reston.mci.net>");
        assert_eq!(answer, "b913a602c7eda7a495b4e6e7334d3890");
    }
}

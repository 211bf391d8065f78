//! Users with passwords: bcrypt, remembered, so that a scrape every few seconds does not cost a tenth of a second each.
//!
//! A user that does not exist costs as much as one that does. What is remembered is a salted digest, never a password. One password is
//! hashed at a time: a flood of wrong ones takes one core, not all.
//!
//! Deliberately unknown here: HTTP.

use std::collections::{BTreeMap, VecDeque};

use parking_lot::Mutex;
use rand::RngCore;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

/// How many outcomes are remembered (exporter-toolkit: 100).
const REMEMBERED: usize = 100;

/// The users that get in.
pub struct Users {
    hashes: BTreeMap<String, SecretString>,
    salt: [u8; 32],
    remembered: Mutex<VecDeque<([u8; 32], bool)>>,
    turn: Semaphore,
}

impl Users {
    /// These users, each with the bcrypt hash of the password.
    pub fn new(hashes: BTreeMap<String, SecretString>) -> Self {
        let mut salt = [0; 32];
        rand::rng().fill_bytes(&mut salt);
        Self { hashes, salt, remembered: Mutex::default(), turn: Semaphore::new(1) }
    }

    /// Whether there are none: then nobody is asked.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    /// Whether a user with this password gets in.
    pub async fn admits(&self, user: &str, password: &str) -> bool {
        let known = self.hashes.get(user).map(ExposeSecret::expose_secret);
        // a stranger is compared with somebody's password all the same
        let Some(hash) = known.or_else(|| self.hashes.values().next().map(ExposeSecret::expose_secret)) else {
            return false;
        };
        let digest = self.digest(&[user, hash, password]);
        if let Some(outcome) = self.recall(&digest) {
            return outcome;
        }
        let Ok(_turn) = self.turn.acquire().await else { return false };
        // while this one waited, another may have asked the same
        if let Some(outcome) = self.recall(&digest) {
            return outcome;
        }
        let (password, hash) = (SecretString::from(password), hash.to_owned());
        let fits = move || bcrypt::verify(password.expose_secret(), &hash).unwrap_or(false);
        let outcome = actix_web::web::block(fits).await.unwrap_or(false) && known.is_some();
        self.remember(digest, outcome);
        outcome
    }

    /// How many outcomes are remembered, and how many of them let somebody in.
    #[cfg(test)]
    pub(super) fn remembered(&self) -> (usize, usize) {
        let remembered = self.remembered.lock();
        (remembered.len(), remembered.iter().filter(|(_, admitted)| *admitted).count())
    }

    fn digest(&self, parts: &[&str]) -> [u8; 32] {
        let mut digest = Sha256::new();
        digest.update(self.salt);
        for part in parts {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part.as_bytes());
        }
        digest.finalize().into()
    }

    fn recall(&self, digest: &[u8; 32]) -> Option<bool> {
        self.remembered.lock().iter().find(|(known, _)| known == digest).map(|(_, outcome)| *outcome)
    }

    /// Refused passwords must not push out the users' own: those go to the front, where nothing is dropped.
    fn remember(&self, digest: [u8; 32], outcome: bool) {
        let mut remembered = self.remembered.lock();
        if outcome {
            remembered.push_front((digest, outcome));
        } else {
            remembered.push_back((digest, outcome));
        }
        if remembered.len() > REMEMBERED {
            let refused = remembered.iter().position(|(_, admitted)| !admitted).unwrap_or(REMEMBERED);
            remembered.remove(refused);
        }
    }
}

/// Whether a text is a bcrypt hash.
///
/// # Errors
/// What to do if it is not, without the text.
pub fn check_hash(hash: &str) -> Result<(), String> {
    match hash.parse::<bcrypt::HashParts>() {
        Ok(_) => Ok(()),
        Err(_) => Err("not a bcrypt hash ($2y$10$…): make one with `htpasswd -nBC 10 \"\"`".to_owned()),
    }
}

//! Threema's envelopes: NaCl's box for messages, its secretbox for files
//! (<https://gateway.threema.ch/en/developer/api>, section on end-to-end mode).
//!
//! Deliberately unknown here: requests.

use crypto_box::{PublicKey, SalsaBox, SecretKey, aead::Aead as _};
use crypto_secretbox::{KeyInit as _, XSalsa20Poly1305};

/// What a message is.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Text = 0x01,
    File = 0x17,
}

/// Which part of a file message is encrypted: both have one key, and each a nonce of its own. The key is random, so the nonces
/// need not be.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    File = 1,
    Thumbnail = 2,
}

/// The key of a file and its thumbnail.
pub type FileKey = [u8; 32];

/// A padded message is at least this long.
const SHORTEST: usize = 32;

/// An encrypted message.
pub struct Envelope {
    pub nonce: [u8; 24],
    pub contents: Vec<u8>,
}

/// Encrypts a message; padding hides how long it is.
pub fn sealed(kind: Kind, contents: &[u8], to: &PublicKey, from: &SecretKey) -> Result<Envelope, String> {
    let mut padded = vec![kind as u8];
    padded.extend_from_slice(contents);
    let random = usize::from(rand::random::<u8>().max(1));
    let padding = random.max(SHORTEST.saturating_sub(padded.len()));
    padded.extend(std::iter::repeat_n(u8::try_from(padding).unwrap_or(u8::MAX), padding));
    let nonce: [u8; 24] = rand::random();
    let contents = SalsaBox::new(to, from).encrypt(&nonce.into(), padded.as_slice());
    Ok(Envelope { nonce, contents: contents.map_err(|_| "the message cannot be encrypted".to_owned())? })
}

/// Encrypts a file or its thumbnail.
pub fn locked(part: Part, contents: &[u8], key: &FileKey) -> Result<Vec<u8>, String> {
    let mut nonce = [0; 24];
    nonce[23] = part as u8;
    let contents = XSalsa20Poly1305::new(key.into()).encrypt(&nonce.into(), contents);
    contents.map_err(|_| "the file cannot be encrypted".to_owned())
}

/// Hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A key as 64 hexadecimal digits, with or without the word that Threema's tool writes before it (`private:`).
pub fn key(text: &str, word: &str) -> Option<[u8; 32]> {
    let text = text.trim();
    let digits = text.strip_prefix(word).and_then(|rest| rest.strip_prefix(':')).unwrap_or(text);
    if digits.len() != 64 || !digits.is_ascii() {
        return None;
    }
    let mut key = [0; 32];
    for (at, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_are_hexadecimal() {
        let digits = "0a".repeat(32);
        assert_eq!(key(&digits, "private"), Some([10; 32]));
        assert_eq!(key(&format!("private:{digits}\n"), "private"), Some([10; 32]));
        assert_eq!(key(&format!("public:{digits}"), "private"), None);
        assert_eq!(key(&"zz".repeat(32), "private"), None);
        assert_eq!(key(&"ü".repeat(32), "private"), None);
        assert_eq!(hex(&[0, 255, 16]), "00ff10");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn only_the_other_side_reads_it(contents in proptest::collection::vec(any::<u8>(), 0..100)) {
            let (from, to) = (SecretKey::from([1; 32]), SecretKey::from([2; 32]));
            let envelope = sealed(Kind::Text, &contents, &to.public_key(), &from).unwrap();
            let opened = SalsaBox::new(&from.public_key(), &to).decrypt(&envelope.nonce.into(), envelope.contents.as_slice());
            let opened = opened.unwrap();
            let padding = usize::from(*opened.last().unwrap());
            prop_assert!(opened.len() >= SHORTEST && padding >= 1);
            prop_assert_eq!(&opened[1..opened.len() - padding], contents.as_slice());
            prop_assert!(opened[opened.len() - padding..].iter().all(|byte| usize::from(*byte) == padding));
            let other = SalsaBox::new(&from.public_key(), &from).decrypt(&envelope.nonce.into(), envelope.contents.as_slice());
            prop_assert!(other.is_err());
        }
    }
}

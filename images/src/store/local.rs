//! Pictures as files below `data_dir`, served by wirephoto itself under signed, expiring links.
//!
//! Deliberately unknown here: HTTP (the server asks [`LocalStore::verify`] and then [`Backend::get`]), and what time it is.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

use alerts::{Time, picture::PictureId, ports::ImageError};
use async_trait::async_trait;
use bytes::Bytes;

use super::{
    Backend,
    files::{make_private_directory, remove_unfinished, write_private},
    name::is_valid_name,
    signature::SigningKey,
};

/// The image store that every server has.
pub struct LocalStore {
    directory: PathBuf,
    /// Without a slash at the end; none where nothing is served.
    base_url: Option<String>,
    key: SigningKey,
}

/// Why a link is refused. To the reader both are one: 404.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// Not a signature of ours.
    #[error("the link's signature is wrong")]
    Signature,
    /// It was good once.
    #[error("the link has expired")]
    Expired,
}

impl LocalStore {
    /// Opens the store below `data_dir`: `images/` with the files, `images.key` with the signing key. Both are for the
    /// owner alone. `base_url` is where the server serves `/images/`: `server.external_url`, or that of `images_listen`.
    ///
    /// # Errors
    /// When the directory or the key cannot be read or made; the path is in the words.
    pub fn open(data_dir: &Path, base_url: Option<&str>) -> Result<Self, ImageError> {
        let directory = data_dir.join("images");
        make_private_directory(&directory).map_err(|error| failed("make", &directory, &error))?;
        remove_unfinished(&directory).map_err(|error| failed("tidy", &directory, &error))?;
        let key_file = data_dir.join("images.key");
        let key = SigningKey::load_or_create(&key_file).map_err(|error| failed("read", &key_file, &error))?;
        let base_url = base_url.map(|url| url.trim_end_matches('/').to_owned());
        Ok(Self { directory, base_url, key })
    }

    /// Opens the store of a server that has run there, without making or tidying anything: it may be running now.
    ///
    /// # Errors
    /// When no server has run there, or its files cannot be read.
    pub fn beside(data_dir: &Path, base_url: &str) -> Result<Self, ImageError> {
        let directory = data_dir.join("images");
        fs::read_dir(&directory).map_err(|error| failed("read", &directory, &error))?;
        let key_file = data_dir.join("images.key");
        let key = SigningKey::load(&key_file).map_err(|error| failed("read", &key_file, &error))?;
        Ok(Self { directory, base_url: Some(base_url.trim_end_matches('/').to_owned()), key })
    }

    /// Checks the two parameters of a link: `e`, its end in seconds since 1970, and `s`, its signature.
    ///
    /// # Errors
    /// When the signature is not ours, or the end has passed.
    pub fn verify(&self, id: &PictureId, end_secs: i64, signature: &str, now: Time) -> Result<(), LinkError> {
        if !is_valid_name(&id.0) || !self.key.is_signature(&id.0, end_secs, signature) {
            return Err(LinkError::Signature);
        }
        if Time::from_secs(end_secs) <= now { Err(LinkError::Expired) } else { Ok(()) }
    }

    /// The path and query of a link, without where it is served: `/images/<id>.png?e=1700000000&s=…`.
    pub fn signed_path(&self, id: &PictureId, now: Time, lifetime: Duration) -> Option<String> {
        let end = now.plus(lifetime).as_secs();
        is_valid_name(&id.0).then(|| format!("/images/{id}.png?e={end}&s={}", self.key.sign(&id.0, end)))
    }

    fn path(&self, id: &PictureId) -> Result<PathBuf, ImageError> {
        if is_valid_name(&id.0) {
            Ok(self.directory.join(format!("{id}.png")))
        } else {
            Err(ImageError::NotFound(id.clone()))
        }
    }
}

#[async_trait]
impl Backend for LocalStore {
    async fn put(&self, id: &PictureId, png: Bytes) -> Result<(), ImageError> {
        let path = self.path(id)?;
        blocking(move || write_private(&path, &png).map_err(|error| failed("write", &path, &error))).await
    }

    async fn get(&self, id: &PictureId) -> Result<Bytes, ImageError> {
        let (path, id) = (self.path(id)?, id.clone());
        let read = move || match fs::read(&path) {
            Ok(png) => Ok(Bytes::from(png)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(ImageError::NotFound(id)),
            Err(error) => Err(failed("read", &path, &error)),
        };
        blocking(read).await
    }

    async fn delete(&self, id: &PictureId) -> Result<(), ImageError> {
        let Ok(path) = self.path(id) else { return Ok(()) };
        let remove = move || match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("delete", &path, &error)),
            _ => Ok(()),
        };
        blocking(remove).await
    }

    async fn link(&self, id: &PictureId, now: Time, lifetime: Duration) -> Result<Option<String>, ImageError> {
        let path = self.signed_path(id, now, lifetime);
        Ok(self.base_url.as_deref().zip(path).map(|(base, path)| format!("{base}{path}")))
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ImageError> + Send + 'static,
) -> Result<T, ImageError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(ImageError::Failed(error.to_string())))
}

fn failed(doing: &str, path: &Path, error: &io::Error) -> ImageError {
    ImageError::Failed(format!("cannot {doing} {}: {error}", path.display()))
}

#[cfg(test)]
mod tests;

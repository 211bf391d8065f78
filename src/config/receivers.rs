//! The receivers, the section `global` and the templates: read, and built once on trial, because building an integration is
//! its check.
//!
//! Deliberately unknown here: any one integration.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, LazyLock},
};

use alerts::{
    ports::{Inbox, InboxEntry, InboxPicture, StoreError},
    templates::Templates,
};
use async_trait::async_trait;
use channels::{BuildContext, Globals, Receiver, sending::Http};

use super::{files, reader::Reader, tree::Path};

/// The client of trial builds. Making one reads the system's certificates, so it is made once.
static HTTP: LazyLock<Result<Http, String>> = LazyLock::new(Http::shared);

/// The built-in templates.
static BUILT_IN: LazyLock<Templates> = LazyLock::new(Templates::default_set);

/// The loaded templates, and the files that they came from.
pub(super) fn templates(reader: &mut Reader, folder: &std::path::Path) -> (Templates, Vec<PathBuf>) {
    let path = Path::from("templates");
    let globs: Vec<String> = reader.section("templates");
    let found = files::templates(&globs, folder).unwrap_or_else(|(index, why)| {
        reader.problem(&path.index(index), why);
        Vec::new()
    });
    if found.is_empty() && !globs.is_empty() {
        reader.warn(&path, "no file has such a name");
    }
    if found.is_empty() {
        return (BUILT_IN.clone(), Vec::new());
    }
    let texts: Vec<_> = found.iter().map(|(file, text)| (file.display().to_string(), text.clone())).collect();
    let loaded = Templates::load(&texts).unwrap_or_else(|errors| {
        // one problem per error, told apart by their texts
        errors.iter().for_each(|error| reader.another_problem(&path, error.to_string()));
        BUILT_IN.clone()
    });
    (loaded, found.into_iter().map(|(file, _)| file).collect())
}

/// The receivers. Names must be there and be unique.
pub(super) fn receivers(reader: &mut Reader) -> Vec<(Path, Receiver)> {
    let receivers: Vec<(Path, Receiver)> = reader.elements("receivers");
    let mut seen: HashMap<&str, &Path> = HashMap::new();
    for (path, receiver) in &receivers {
        if receiver.name.is_empty() {
            reader.problem(&path.key("name"), "a receiver needs a name that routes can call it by");
        } else if let Some(first) = seen.get(receiver.name.as_str()) {
            let message = format!("the name \"{}\" is taken by {first}: names of receivers must differ", receiver.name);
            reader.problem(&path.key("name"), message);
        } else {
            seen.insert(&receiver.name, path);
        }
    }
    receivers
}

/// Builds every integration once, and throws it away: this finds what is wrong with addresses, secrets and templates.
pub(super) fn try_out(reader: &mut Reader, receivers: &[(Path, Receiver)], globals: &Globals, templates: &Templates) {
    if receivers.is_empty() {
        return;
    }
    let http = match &*HTTP {
        Ok(http) => http,
        Err(why) => return reader.problem(&Path::from("receivers"), format!("TLS cannot be set up: {why}")),
    };
    let context = BuildContext { templates, globals, http, inbox: Arc::new(NoInbox), cloud_images: false };
    for (path, receiver) in receivers {
        for error in receiver.build(&path.to_string(), &context).err().unwrap_or_default() {
            reader.problem(&Path::parse(&error.key), in_the_text(&error.problem));
        }
    }
}

/// `:1:4: what` of a template that stands in the configuration, as `at 1:4: what`.
pub(super) fn in_the_text(problem: &str) -> String {
    problem.strip_prefix(':').map_or_else(|| problem.to_owned(), |placed| format!("at {placed}"))
}

/// The inbox of integrations that are built on trial: it is never sent to.
struct NoInbox;

#[async_trait]
impl Inbox for NoInbox {
    async fn keep(&self, _entry: InboxEntry) -> Result<i64, StoreError> {
        Ok(0)
    }

    async fn add_pictures(&self, _id: i64, _pictures: Vec<InboxPicture>) -> Result<(), StoreError> {
        Ok(())
    }
}

//! `wirephoto preview` and `wirephoto test-receiver`: what would be sent, and whether it arrives.
//!
//! Deliberately unknown here: how messages are made and shown.

use std::{
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
};

use actors::clock::SystemClock;
use alerts::ports::{Clock, Inbox, InboxEntry, InboxPicture, StoreError};
use async_trait::async_trait;
use channels::sending::Http;
use images::store::{LocalStore, Stores};
use serde::Serialize;

use super::{
    Console, Exit, Variables,
    arguments::{PreviewArguments, TestArguments, TrialArguments},
    ended, objected, told,
};
use crate::{
    config::{self, Manner, problem::Problems, settings::Settings},
    database::{Database, DatabaseSettings, Retention},
    trial::{self, PreviewAsked, Store, TestAsked, Trial},
};

/// The longest event that is read, in bytes.
const LONGEST_EVENT: u64 = 8 << 20;

pub(super) fn preview(arguments: &PreviewArguments, environment: Variables, console: &mut Console<'_>) -> Exit {
    let trial = match prepared(&arguments.trial, environment, console) {
        Ok((trial, _)) => trial,
        Err(exit) => return exit,
    };
    let made = previewed(arguments, &trial).and_then(|preview| {
        let text = if arguments.json { json(&preview) } else { trial::print_preview(&preview) };
        console.say(text.trim_end());
        // why stands in the text
        preview.ok.then_some(()).ok_or_else(|| "not every integration made its requests".to_owned())
    });
    ended(made, console)
}

fn previewed(arguments: &PreviewArguments, trial: &Trial) -> Result<trial::Preview, String> {
    let asked = PreviewAsked {
        event: arguments.event.as_deref().map(event).transpose()?,
        receiver: arguments.receiver.clone(),
        integration: arguments.integration.clone(),
        pictures: arguments.pictures,
        resolved: arguments.resolved,
    };
    let http = Http::shared()?;
    runtime()?.block_on(trial.preview(&asked, &http, SystemClock::new().now())).map_err(|error| error.to_string())
}

fn event(file: &Path) -> Result<String, String> {
    let mut text = String::new();
    let read = if file == Path::new("-") {
        std::io::stdin().lock().take(LONGEST_EVENT).read_to_string(&mut text)
    } else {
        std::fs::File::open(file).and_then(|file| file.take(LONGEST_EVENT).read_to_string(&mut text))
    };
    read.map(|_| text).map_err(|why| format!("cannot read the event from {}: {why}", file.display()))
}

pub(super) fn test(arguments: &TestArguments, environment: Variables, console: &mut Console<'_>) -> Exit {
    let (trial, data_dir) = match prepared(&arguments.trial, environment, console) {
        Ok(prepared) => prepared,
        Err(exit) => return exit,
    };
    let user = environment("USER").filter(|user| !user.is_empty());
    let by =
        user.map_or_else(|| "somebody on the command line".to_owned(), |user| format!("{user} on the command line"));
    let made = tested(arguments, &trial, data_dir, by).and_then(|report| {
        let text = if arguments.json { json(&report) } else { trial::print_report(&report) };
        console.say(text.trim_end());
        report.ok.then_some(()).ok_or_else(|| "not every integration took the message".to_owned())
    });
    ended(made, console)
}

fn tested(
    arguments: &TestArguments,
    trial: &Trial,
    data_dir: PathBuf,
    by: String,
) -> Result<trial::TestReport, String> {
    let asked = TestAsked {
        receiver: arguments.receiver.clone(),
        integration: arguments.integration.clone(),
        resolve: arguments.resolve,
        by,
    };
    let runtime = runtime()?;
    let store: Store = match LocalStore::beside(&data_dir, trial.images_url()) {
        Ok(local) => Ok(Arc::new(Stores::new(Arc::new(local), runtime.block_on(trial.outside())?))),
        Err(error) => Err(error.to_string()),
    };
    let http = Http::shared()?;
    let inbox = Arc::new(InboxOf { data_dir });
    let test = trial.test(&asked, &http, inbox, &store, SystemClock::new().now());
    runtime.block_on(test).map_err(|error| error.to_string())
}

/// The configuration, ready for trials, and where the server's data lies.
fn prepared(
    arguments: &TrialArguments,
    environment: Variables,
    console: &mut Console<'_>,
) -> Result<(Trial, PathBuf), Exit> {
    if let Some(exit) = objected(arguments.features.objections(), console) {
        return Err(exit);
    }
    let mut settings = told(load(arguments, environment), console)?;
    if let Some(folder) = &arguments.data_dir {
        settings.server.data_dir.clone_from(folder);
    }
    if let Some(url) = &arguments.external_url {
        settings.server.external_url = Some(url.clone());
    }
    let data_dir = settings.server.data_dir.clone();
    Ok((Trial::without_server(settings), data_dir))
}

fn load(arguments: &TrialArguments, environment: Variables) -> Result<Settings, Problems> {
    let manner = Manner { syntax: arguments.features.syntax(), ..Manner::default() };
    match &arguments.config {
        Some(file) => config::load(file, manner, &environment),
        None => config::load_default(manner, &environment),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, String> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|why| format!("cannot start: {why}"))
}

fn json(data: &impl Serialize) -> String {
    serde_json::to_string_pretty(data).expect("strings, numbers and lists into memory")
}

/// The inbox of a server that does not run: its database is opened for each message. Nothing is made where nothing is.
struct InboxOf {
    data_dir: PathBuf,
}

impl InboxOf {
    async fn open(&self) -> Result<Database, StoreError> {
        let data_dir = self.data_dir.clone();
        let opened = tokio::task::spawn_blocking(move || open(data_dir)).await;
        opened.unwrap_or_else(|error| Err(StoreError::Failed(error.to_string())))
    }
}

fn open(data_dir: PathBuf) -> Result<Database, StoreError> {
    if !data_dir.join("wirephoto.db").exists() {
        let folder = data_dir.display();
        return Err(StoreError::Failed(format!("there is no inbox: no server has run on {folder} yet")));
    }
    let retention = Retention::default();
    let opened = Database::open(&DatabaseSettings { data_dir, synchronous: Default::default(), retention });
    opened.map_err(|error| match error {
        StoreError::Failed(why) => {
            let hint = "while a server runs, only it can put a message into its inbox: ask it on its status page";
            StoreError::Failed(format!("{why}; {hint}"))
        }
        newer => newer,
    })
}

#[async_trait]
impl Inbox for InboxOf {
    async fn keep(&self, entry: InboxEntry) -> Result<i64, StoreError> {
        self.open().await?.keep(entry).await
    }

    async fn add_pictures(&self, id: i64, pictures: Vec<InboxPicture>) -> Result<(), StoreError> {
        self.open().await?.add_pictures(id, pictures).await
    }
}

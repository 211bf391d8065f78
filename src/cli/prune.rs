//! `wirephoto prune`: what the retention deletes, deleted now, or only listed.
//!
//! A server does this by itself; this is for one that is stopped, and for who wants to see first. Deliberately unknown here:
//! where pictures lie, the database's own cleaning.

use std::sync::Arc;

use actors::clock::SystemClock;
use alerts::{
    Time,
    picture::PictureRecord,
    ports::{Change, Clock, ImageStore, Store},
};
use images::{
    Unwatched,
    own::Spool,
    store::{LocalStore, Outside, Stores},
};

use super::{Console, Exit, Variables, arguments::PruneArguments, ended, told};
use crate::{
    config::{self, Manner, settings::Settings},
    database::{Database, DatabaseSettings, Retention, Synchronous},
};

/// Pictures looked at in one go.
const AT_ONCE: usize = 500;

pub(super) fn run(arguments: &PruneArguments, environment: Variables, console: &mut Console<'_>) -> Exit {
    let loaded = match &arguments.config {
        Some(file) => config::load(file, Manner::default(), &environment),
        None => config::load_default(Manner::default(), &environment),
    };
    let mut settings = match told(loaded, console) {
        Ok(settings) => settings,
        Err(exit) => return exit,
    };
    if let Some(folder) = &arguments.data_dir {
        settings.server.data_dir.clone_from(folder);
    }
    ended(prune(&settings, arguments.dry_run, console), console)
}

fn prune(settings: &Settings, dry_run: bool, console: &mut Console<'_>) -> Result<(), String> {
    let data_dir = &settings.server.data_dir;
    if !data_dir.join("wirephoto.db").exists() {
        return Err(format!("there is no wirephoto.db in {}", data_dir.display()));
    }
    // also what keeps a server away while we are here
    let database = Database::open(&DatabaseSettings {
        data_dir: data_dir.clone(),
        synchronous: Synchronous::Full,
        retention: Retention::default(),
    })
    .map_err(|error| error.to_string())?;
    let before = SystemClock::new().now().minus(settings.screenshots.retention);
    if dry_run { list(&database, before, console) } else { delete(&database, settings, before, console) }?;
    prune_own(data_dir, before, dry_run, console)
}

/// What came with events and was kept to be shown.
fn prune_own(data_dir: &std::path::Path, before: Time, dry_run: bool, console: &mut Console<'_>) -> Result<(), String> {
    let spool = Spool::open(data_dir)?;
    let found = if dry_run { spool.older_than(before) } else { spool.clean(before) }?;
    if found.files > 0 {
        let become_of = if dry_run { "would be deleted; nothing was" } else { "deleted" };
        console.say(format!("{} pictures of events, {} bytes {become_of}", found.files, found.bytes));
    }
    Ok(())
}

fn list(database: &Database, before: Time, console: &mut Console<'_>) -> Result<(), String> {
    let found = database.pictures_unused_since(before, usize::MAX).map_err(|error| error.to_string())?;
    for picture in &found {
        console.say(line(picture));
    }
    console.say(format!("{} would be deleted; nothing was", counted(&found)));
    Ok(())
}

fn line(picture: &PictureRecord) -> String {
    let place = picture.uploaded.as_deref().unwrap_or("-");
    format!("{}\t{}\t{}\t{place}", picture.id, picture.size, picture.used_at.rfc3339())
}

fn counted(pictures: &[PictureRecord]) -> String {
    let bytes: u64 = pictures.iter().map(|picture| picture.size).sum();
    match pictures.len() {
        1 => format!("1 picture of {bytes} bytes"),
        count => format!("{count} pictures of {bytes} bytes"),
    }
}

fn delete(database: &Database, settings: &Settings, before: Time, console: &mut Console<'_>) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|why| format!("cannot start: {why}"))?;
    runtime.block_on(async {
        let local = LocalStore::open(&settings.server.data_dir, None).map_err(|error| error.to_string())?;
        let uploads = settings.external_image_storage.uploads(Arc::new(Unwatched)).await?;
        let outside = uploads.map(|uploads| Outside { uploads, takes_new: false });
        delete_from(database, &Stores::new(Arc::new(local), outside), before, console).await
    })
}

async fn delete_from(
    database: &Database,
    stores: &Stores,
    before: Time,
    console: &mut Console<'_>,
) -> Result<(), String> {
    let mut deleted = Vec::new();
    loop {
        let found = database.pictures_unused_since(before, AT_ONCE).map_err(|error| error.to_string())?;
        if found.is_empty() {
            break;
        }
        let mut changes = Vec::with_capacity(found.len());
        let mut why = None;
        for picture in found {
            match stores.delete(&picture).await {
                Ok(()) => {
                    console.say(line(&picture));
                    changes.push(Change::PictureGone(picture.id.clone()));
                    deleted.push(picture);
                }
                Err(error) => {
                    console.complain(format!("{}: {error}", picture.id));
                    why = Some(error);
                }
            }
        }
        database.commit(&changes).map_err(|error| error.to_string())?;
        if let Some(why) = why {
            return Err(format!("{} deleted, some were not: {why}", counted(&deleted)));
        }
    }
    console.say(format!("{} deleted", counted(&deleted)));
    Ok(())
}

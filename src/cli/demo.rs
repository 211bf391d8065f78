//! `wirephoto demo`: the server on a configuration of its own, in a folder that is gone afterwards.
//!
//! Deliberately unknown here: how the server runs.

use super::{Console, Exit, Serve, arguments::DemoArguments, ended};
use crate::config::{self, settings::Settings};

const CONFIGURATION: &str = include_str!("demo.toml");

pub(super) fn run(arguments: DemoArguments, serve: &dyn Serve, console: &mut Console<'_>) -> Exit {
    let folder = match tempfile::Builder::new().prefix("wirephoto-demo-").tempdir() {
        Ok(folder) => folder,
        Err(why) => return ended(Err(format!("cannot make a temporary folder: {why}")), console),
    };
    let mut settings = settings();
    settings.server.listens = vec![arguments.listen];
    settings.server.data_dir = folder.path().to_owned();
    crate::telemetry::init(&settings.log, None);
    let outcome = serve.serve(settings, None, &mut |listening| {
        console.say(format!(
            "The demo runs. Open {}/ and watch: alerts fire within ten seconds, are grouped, and resolve from the third minute on.\n\
             Ctrl-C ends it and leaves nothing behind.",
            listening.external_url
        ));
    });
    ended(outcome, console)
}

fn settings() -> Settings {
    let loaded = config::from_text("demo.toml", CONFIGURATION, std::path::Path::new("."), &|_| None);
    loaded.unwrap_or_else(|problems| unreachable!("a test reads the demo's configuration: {problems}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demos_configuration_is_right() {
        let settings = settings();
        assert_eq!(settings.receivers.len(), 1);
        assert!(settings.route.iter().count() >= 3);
        assert_eq!(settings.route.root().group_wait, std::time::Duration::from_secs(2));
        assert_eq!(settings.warnings, Vec::<String>::new());
    }
}

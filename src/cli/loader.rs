//! The settings of a command line: the same file and the same flags each time, at the start and whenever it is loaded again.
//!
//! Deliberately unknown here: when that is, and what becomes of the settings.

use std::path::{Path, PathBuf};

use super::{alertmanager, arguments::ServeArguments};
use crate::config::{self, Manner, problem::Problems, settings::Settings};

/// How the environment's variables are looked up.
pub type Variables = fn(&str) -> Option<String>;

/// Loads the settings of one command line.
#[derive(Clone, Debug)]
pub struct Loader {
    file: Option<PathBuf>,
    manner: Manner,
    arguments: ServeArguments,
    environment: Variables,
}

impl Loader {
    pub(super) fn new(arguments: ServeArguments, environment: Variables) -> Self {
        let flags = &arguments.alertmanager;
        let given = flags.config_file.clone().or_else(|| arguments.config.clone());
        let manner = Manner {
            yaml_unless_toml: arguments.config.is_none() && flags.any(),
            default_listen: flags.any().then_some(alertmanager::DEFAULT_LISTEN),
            syntax: flags.syntax(),
        };
        let file = given.or_else(|| flags.any().then(|| PathBuf::from(alertmanager::DEFAULT_FILE)));
        Self { file, manner, arguments, environment }
    }

    /// The file; none: the built-in configuration.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Reads the file and everything that it names, and applies the flags.
    ///
    /// # Errors
    /// Everything that is wrong with the file, or with that of `--web.config.file`.
    pub fn load(&self) -> Result<Settings, Problems> {
        let environment = &self.environment;
        let mut settings = match &self.file {
            Some(file) => config::load(file, self.manner, environment),
            None => config::load_default(self.manner, environment),
        }?;
        let ServeArguments { listen, data_dir, alertmanager, .. } = &self.arguments;
        alertmanager.apply(&mut settings)?;
        if let Some(listen) = listen {
            settings.server.listens = vec![listen.clone()];
        }
        if let Some(folder) = data_dir {
            settings.server.data_dir.clone_from(folder);
        }
        Ok(settings)
    }
}

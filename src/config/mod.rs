//! Configuration: from a file to [`settings::Settings`], or to everything that is wrong with it.
//!
//! The way: text -> tree ([`tree`], by the format's reader) -> variables ([`expand`]; not in YAML, where Alertmanager has
//! none and a `$` is a `$`) and file names ([`files`]) -> typed sections ([`decode`]) -> checks across sections ([`load`]) ->
//! settings. After the tree nothing knows the format.
//!
//! Deliberately unknown here: what the settings are used for.

mod decode;
mod expand;
mod files;
mod later;
mod load;
mod muting;
pub mod problem;
mod reader;
mod receivers;
mod routing;
mod scalar;
pub mod settings;
mod toml_file;
pub mod tree;
mod yaml_file;

use std::path::Path;

pub use expand::Environment;
use problem::{Problem, Problems};
use settings::Settings;
use tree::{Node, Position};

/// The default configuration: every key with its default, the inbox as the receiver.
pub const EXAMPLE: &str = include_str!("../../config.example.toml");

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// wirephoto's own way.
    Toml,
    /// Alertmanager's way.
    Yaml,
}

/// Reads a configuration file: YAML if its name ends in `.yml` or `.yaml`, otherwise TOML.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load(file: &Path, environment: Environment<'_>) -> Result<Settings, Problems> {
    let format = if ends_in(file, &["yml", "yaml"]) { Format::Yaml } else { Format::Toml };
    load_as(file, format, None, environment)
}

/// Reads a configuration file as Alertmanager does: YAML unless its name ends in `.toml`, and the default is to listen on
/// port 9093 of every address.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load_as_alertmanager(file: &Path, environment: Environment<'_>) -> Result<Settings, Problems> {
    let format = if ends_in(file, &["toml"]) { Format::Toml } else { Format::Yaml };
    load_as(file, format, Some(":9093"), environment)
}

/// The settings of the compiled-in default configuration.
///
/// # Errors
/// None in practice; a test reads it.
pub fn load_default(environment: Environment<'_>) -> Result<Settings, Problems> {
    from_text("config.example.toml", EXAMPLE, Path::new(""), environment)
}

/// Reads the text of a configuration file called `name`, whose ending says the format; file names in it count from `folder`.
///
/// # Errors
/// Everything that is wrong with it.
pub fn from_text(name: &str, text: &str, folder: &Path, environment: Environment<'_>) -> Result<Settings, Problems> {
    let format = if ends_in(Path::new(name), &["yml", "yaml"]) { Format::Yaml } else { Format::Toml };
    read_text(name, text, folder, format, None, environment)
}

fn load_as(
    file: &Path,
    format: Format,
    default_listen: Option<&str>,
    environment: Environment<'_>,
) -> Result<Settings, Problems> {
    let name = file.display().to_string();
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(why) => return Err(Problems::one(&name, format!("cannot read the file: {why}"))),
    };
    read_text(&name, &text, file.parent().unwrap_or(Path::new("")), format, default_listen, environment)
}

fn read_text(
    name: &str,
    text: &str,
    folder: &Path,
    format: Format,
    default_listen: Option<&str>,
    environment: Environment<'_>,
) -> Result<Settings, Problems> {
    let (mut problems, mut warnings) = (Problems::of(name), Vec::new());
    let mut tree = match format {
        Format::Toml => toml_file::read(text, &mut problems),
        Format::Yaml => yaml_file::read(text, &mut problems, &mut warnings),
    };
    if format == Format::Toml {
        expand::expand(&mut tree, &tree::Path::ROOT, environment, &mut problems);
    }
    if let Some(listen) = default_listen {
        tree.insert_default("server", "listen", listen);
    }
    files::anchor(&mut tree, folder);
    files::check(&tree, &tree::Path::ROOT, &mut problems);
    load::settings(tree, folder, problems, warnings)
}

fn ends_in(file: &Path, endings: &[&str]) -> bool {
    let ending = file.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    ending.is_some_and(|ending| endings.contains(&ending.as_str()))
}

/// The tree of the compiled-in default configuration.
fn example() -> Node {
    toml_file::read(EXAMPLE, &mut Problems::default())
}

impl Problems {
    /// One problem with a whole file.
    fn one(file: &str, message: String) -> Self {
        let mut problems = Self::of(file);
        problems.push(Problem::new(Position::default(), tree::Path::ROOT, message));
        problems
    }
}

#[cfg(test)]
mod tests;

//! Configuration: from a file to [`settings::Settings`], or to everything that is wrong with it.
//!
//! The way: text -> tree ([`tree`], by the format's reader) -> variables ([`expand`]; not in YAML, where Alertmanager has
//! none and a `$` is a `$`) and file names ([`files`]) -> typed sections ([`decode`]) -> checks across sections ([`load`]) ->
//! settings. After the tree nothing knows the format. What the status shows of it is made of the tree too ([`shown`]).
//!
//! Deliberately unknown here: what the settings are used for.

mod decode;
mod expand;
mod files;
mod later;
mod load;
mod matching;
mod muting;
mod pictures;
pub mod problem;
mod reader;
mod receivers;
mod routing;
mod scalar;
pub mod settings;
mod shown;
mod toml_file;
pub mod tree;
mod web_file;
mod webhooks;
mod yaml_file;

use std::path::Path;

use alerts::matcher::Syntax;

pub use expand::Environment;
use problem::{Problem, Problems};
use settings::Settings;
use tree::{Node, Position};
pub use web_file::load as load_web_file;

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

/// How a configuration is read where neither its text nor its name says it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Manner {
    /// Whether the name's ending alone makes it TOML, as in Alertmanager's place, or YAML.
    pub yaml_unless_toml: bool,
    /// Where to listen if nothing is configured.
    pub default_listen: Option<&'static str>,
    /// How matchers are read.
    pub syntax: Syntax,
}

impl Manner {
    fn format(self, file: &Path) -> Format {
        let toml = if self.yaml_unless_toml { ends_in(file, &["toml"]) } else { !ends_in(file, &["yml", "yaml"]) };
        if toml { Format::Toml } else { Format::Yaml }
    }
}

/// Reads a configuration file.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load(file: &Path, manner: Manner, environment: Environment<'_>) -> Result<Settings, Problems> {
    let name = file.display().to_string();
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(why) => return Err(Problems::one(&name, format!("cannot read the file: {why}"))),
    };
    let folder = file.parent().unwrap_or(Path::new(""));
    read_text(&name, &text, folder, manner.format(file), manner, environment)
}

/// The settings of the compiled-in default configuration.
///
/// # Errors
/// None in practice; a test reads it.
pub fn load_default(manner: Manner, environment: Environment<'_>) -> Result<Settings, Problems> {
    read_text("config.example.toml", EXAMPLE, Path::new(""), Format::Toml, manner, environment)
}

/// Reads the text of a configuration file called `name`, whose ending says the format; file names in it count from `folder`.
///
/// # Errors
/// Everything that is wrong with it.
pub fn from_text(name: &str, text: &str, folder: &Path, environment: Environment<'_>) -> Result<Settings, Problems> {
    let manner = Manner::default();
    read_text(name, text, folder, manner.format(Path::new(name)), manner, environment)
}

fn read_text(
    name: &str,
    text: &str,
    folder: &Path,
    format: Format,
    manner: Manner,
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
    if let Some(listen) = manner.default_listen {
        tree.insert_default("server", "listen", listen);
    }
    files::anchor(&mut tree, folder);
    files::check(&tree, &tree::Path::ROOT, &mut problems);
    let reader = reader::Reader::new(tree, manner.syntax, problems, warnings);
    let settings = load::settings(reader, folder)?;
    Ok(Settings { config_hash: hash(text), ..settings })
}

/// The first 48 bits of the text's SHA-256.
fn hash(text: &str) -> u64 {
    use sha2::{Digest, Sha256};
    Sha256::digest(text.as_bytes()).iter().take(6).fold(0, |hash, byte| hash << 8 | u64::from(*byte))
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

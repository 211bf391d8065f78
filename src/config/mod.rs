//! Configuration: from a file to [`settings::Settings`], or to everything that is wrong with it.
//!
//! The way: text -> tree ([`tree`], by the format's reader) -> variables ([`expand`]) and file names ([`files`]) -> typed
//! sections ([`decode`]) -> checks across sections ([`load`]) -> settings. After the tree nothing knows the format.
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
pub mod settings;
mod toml_file;
pub mod tree;

use std::path::Path;

pub use expand::Environment;
use problem::{Problem, Problems};
use settings::Settings;
use tree::{Node, Position};

/// The default configuration: every key with its default, the inbox as the receiver.
pub const EXAMPLE: &str = include_str!("../../config.example.toml");

/// Reads a configuration file.
///
/// # Errors
/// Everything that is wrong with it.
pub fn load(file: &Path, environment: Environment<'_>) -> Result<Settings, Problems> {
    let name = file.display().to_string();
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(why) => return Err(Problems::one(&name, format!("cannot read the file: {why}"))),
    };
    from_text(&name, &text, file.parent().unwrap_or(Path::new("")), environment)
}

/// The settings of the compiled-in default configuration.
///
/// # Errors
/// None in practice; a test reads it.
pub fn load_default(environment: Environment<'_>) -> Result<Settings, Problems> {
    from_text("config.example.toml", EXAMPLE, Path::new(""), environment)
}

/// Reads the text of a configuration file called `name`; file names in it count from `folder`.
///
/// # Errors
/// Everything that is wrong with it.
pub fn from_text(name: &str, text: &str, folder: &Path, environment: Environment<'_>) -> Result<Settings, Problems> {
    let mut problems = Problems::of(name);
    if let Some(format) =
        Path::new(name).extension().and_then(|ending| ending.to_str()).filter(|ending| is_yaml(ending))
    {
        let message = format!("not available in this version: .{format} files come with a later one, write TOML");
        return Err(Problems::one(name, message));
    }
    let mut tree = toml_file::read(text, &mut problems);
    expand::expand(&mut tree, &tree::Path::ROOT, environment, &mut problems);
    files::anchor(&mut tree, folder);
    files::check(&tree, &tree::Path::ROOT, &mut problems);
    load::settings(tree, folder, problems)
}

fn is_yaml(ending: &str) -> bool {
    matches!(ending, "yml" | "yaml")
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

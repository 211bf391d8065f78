//! Files that a configuration names: relative names count from the configuration's own folder, as in Alertmanager, and
//! what is named must be there.
//!
//! Deliberately unknown here: what is in the files, which sections there are. A key that ends in `_file` names a file.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use super::{
    problem::{Problem, Problems},
    tree::{Node, Path as Way, Value},
};

/// Makes every `*_file` relative to `folder`.
pub(super) fn anchor(node: &mut Node, folder: &Path) {
    match &mut node.value {
        Value::Table(entries) => {
            for (key, child) in entries {
                match &mut child.value {
                    Value::String(name) | Value::Plain(name) if names_a_file(&key.name) && !name.is_empty() => {
                        child.value = Value::String(folder.join(&*name).display().to_string());
                    }
                    _ => anchor(child, folder),
                }
            }
        }
        Value::List(items) => items.iter_mut().for_each(|item| anchor(item, folder)),
        _ => {}
    }
}

/// Notes every `*_file` that cannot be read.
pub(super) fn check(node: &Node, way: &Way, problems: &mut Problems) {
    match &node.value {
        Value::Table(entries) => {
            for (key, child) in entries {
                let way = way.key(&key.name);
                match &child.value {
                    Value::String(name) if names_a_file(&key.name) => {
                        if let Err(why) = readable(Path::new(name)) {
                            problems.push(Problem::new(child.at, way, format!("cannot read {name}: {why}")));
                        }
                    }
                    _ => check(child, &way, problems),
                }
            }
        }
        Value::List(items) => items.iter().enumerate().for_each(|(at, item)| check(item, &way.index(at), problems)),
        _ => {}
    }
}

/// The texts of the files that the globs stand for, each with its name, in the order of the globs and of the names.
///
/// # Errors
/// For the first glob that is none, or the first file that cannot be read: its index and what is wrong.
pub(super) fn templates(globs: &[String], folder: &Path) -> Result<Vec<(PathBuf, String)>, (usize, String)> {
    let mut texts = Vec::new();
    for (index, pattern) in globs.iter().enumerate() {
        let pattern = folder.join(pattern).display().to_string();
        let found = glob::glob(&pattern).map_err(|why| (index, format!("not a pattern of file names: {why}")))?;
        for file in found {
            let file = file.map_err(|why| (index, why.to_string()))?;
            let text = std::fs::read_to_string(&file)
                .map_err(|why| (index, format!("cannot read {}: {why}", file.display())))?;
            texts.push((file, text));
        }
    }
    Ok(texts)
}

fn names_a_file(key: &str) -> bool {
    key.ends_with("_file")
}

fn readable(file: &Path) -> std::io::Result<()> {
    let metadata = File::open(file)?.metadata()?;
    if metadata.is_dir() { Err(std::io::Error::other("it is a folder")) } else { Ok(()) }
}

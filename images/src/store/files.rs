//! Files and folders that are the owner's alone, written whole or not at all.
//!
//! Deliberately unknown here: what is in them.

use std::{
    fs,
    io::{self, Write},
    path::Path,
};

use super::random_id;

/// What unfinished files begin with: no picture's name does.
pub(super) const UNFINISHED: &str = ".unfinished-";

/// Writes a file that only the owner can read, whole or not at all.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = path.with_file_name(format!("{UNFINISHED}{}", random_id()));
    let written = private_file(&unfinished)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| fs::rename(&unfinished, path));
    if written.is_err() {
        // what is left of it takes room on a disk that may be full; if this fails too, the next start tidies up
        let _ = fs::remove_file(&unfinished);
    }
    written
}

fn private_file(path: &Path) -> io::Result<fs::File> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes a folder that only the owner can look into.
pub(crate) fn make_private_directory(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Deletes files that a crash left unfinished.
pub(crate) fn remove_unfinished(directory: &Path) -> io::Result<()> {
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

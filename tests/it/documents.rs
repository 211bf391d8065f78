//! What documents say is there is there: paths, channels, commands' files.
//!
//! Deliberately unknown here: whether the sentences are true.

use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

/// All documents: what people read, not what is compiled.
fn documents() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let folders = ["", "alerts", "charts", "channels", "images", "actors", "src", "tests", "docs"];
    folders.iter().for_each(|folder| collect(&root().join(folder), !folder.is_empty(), &mut found));
    found.sort();
    found.dedup();
    found
}

fn collect(folder: &Path, deep: bool, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap_or_else(|why| panic!("{}: {why}", folder.display())) {
        let path = entry.expect("an entry").path();
        if path.is_dir() && deep {
            collect(&path, deep, found);
        } else if path.extension().is_some_and(|extension| extension == "md") && !path.components().any(is_golden) {
            found.push(path);
        }
    }
}

/// Rendered messages are no documents.
fn is_golden(component: std::path::Component<'_>) -> bool {
    ["golden", "looks"].iter().any(|name| component.as_os_str() == *name)
}

/// What a document names as paths: targets of links, and words in back-ticks with a slash or a known ending.
fn paths(document: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for (at, text) in document.split('`').enumerate() {
        if at % 2 == 1 && looks_like_path(text) {
            paths.push(text.trim_end_matches('/').to_owned());
        }
    }
    for link in document.split("](").skip(1) {
        let target = link.split([')', '#', ' ']).next().unwrap_or_default();
        if !target.is_empty() && !target.contains("://") {
            paths.push(target.to_owned());
        }
    }
    paths
}

/// Paths begin with something that lies in the root; everything else in back-ticks is code, an address or a value.
fn looks_like_path(text: &str) -> bool {
    const ENDINGS: [&str; 7] = [".rs", ".md", ".toml", ".png", ".py", ".sql", ".tmpl"];
    let plain = !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-*".contains(c));
    let first = text.split('/').next().unwrap_or_default();
    let inside = text.contains('/') && !first.is_empty() && root().join(first).exists();
    let file =
        !text.starts_with('/') && ENDINGS.iter().any(|ending| text.ends_with(ending) && text.len() > ending.len());
    plain && !text.contains('*') && (inside || file)
}

/// Whether a path exists, seen from the root or from the document.
fn exists(path: &str, document: &Path) -> bool {
    root().join(path).exists() || document.parent().is_some_and(|folder| folder.join(path).exists())
}

/// Files that documents speak of and that are the reader's own.
const THE_READERS: [&str; 4] = ["wirephoto.toml", "prometheus.yml", "panel.png", "cpu.png"];

#[test]
fn every_path_that_a_document_names_exists() {
    let documents = documents();
    assert!(documents.len() >= 10, "{documents:?}");
    let mut missing = Vec::new();
    for document in &documents {
        let named = paths(&read(document)).into_iter().filter(|path| !THE_READERS.contains(&path.as_str()));
        let gone = named.filter(|path| !exists(path, document));
        missing.extend(gone.map(|path| format!("{}: {path}", document.display())));
    }
    assert!(missing.is_empty(), "documents name what is not there:\n{}", missing.join("\n"));
}

#[test]
fn paths_are_found_in_documents() {
    let text = "See `src/main.rs`, `POST /api/v2/alerts`, `alerts/`, [this](docs/ARCHITECTURE.md#map), `a > 5`, `cargo test` and `no.rs`.";
    assert_eq!(paths(text), ["src/main.rs", "alerts", "no.rs", "docs/ARCHITECTURE.md"]);
}

#[test]
fn the_architecture_fits_into_150_lines() {
    let lines = read(&root().join("docs/ARCHITECTURE.md")).lines().count();
    assert!(lines <= 150, "{lines} lines");
}

#[test]
fn decisions_are_numbered_and_short() {
    let mut names = Vec::new();
    collect(&root().join("docs/decisions"), false, &mut names);
    names.sort();
    for (at, path) in names.iter().enumerate() {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        assert!(name.starts_with(&format!("{:04}-", at + 1)), "{name} is not number {}", at + 1);
        let lines = read(path).lines().count();
        assert!(lines <= 20, "{name}: {lines} lines");
    }
}

#[test]
fn decisions_that_the_code_names_exist() {
    let mut missing = Vec::new();
    for folder in ["alerts", "charts", "channels", "images", "actors", "src"] {
        visit_sources(&root().join(folder), &mut |path, text| {
            for named in text.split("docs/decisions/").skip(1) {
                let number: String = named.chars().take_while(char::is_ascii_digit).collect();
                if !decision_exists(&number) {
                    missing.push(format!("{}: {number}", path.display()));
                }
            }
        });
    }
    assert!(missing.is_empty(), "{missing:?}");
}

fn decision_exists(number: &str) -> bool {
    let decisions = std::fs::read_dir(root().join("docs/decisions")).expect("decisions");
    decisions.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with(&format!("{number}-")))
}

fn visit_sources(folder: &Path, visit: &mut impl FnMut(&Path, &str)) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            visit_sources(&path, visit);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            visit(&path, &read(&path));
        }
    }
}

/// One more channel costs one file, one line in the list, one section of the example, its golden files.
#[test]
fn every_channel_has_its_section_its_golden_files_and_its_line() {
    let (example, guide) = (read(&root().join("config.example.toml")), read(&root().join("docs/channels.md")));
    for (key, kind) in channels::KINDS {
        assert!(example.contains(&format!("[[receivers.{key}]]")), "config.example.toml has no section {key}");
        assert!(guide.contains(&format!("`{key}`")), "docs/channels.md says nothing about {key}");
        let golden = root().join("channels/tests/golden").join(kind);
        // what is shown on our own page goes over no wire
        let any = *kind == "inbox" || std::fs::read_dir(&golden).is_ok_and(|mut files| files.next().is_some());
        assert!(any, "there are no golden files in {}", golden.display());
    }
}

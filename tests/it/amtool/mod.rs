//! Debian's `amtool` against the server: everything that it can do, as people call it.
//!
//! The same commands run against Debian's Alertmanager, which says whether the expectations are right. Deliberately unknown here: the
//! requests that `amtool` makes of a command.

mod alerts;
mod configuration;
mod import;
mod silences;

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use tempfile::TempDir;

use crate::{
    acceptance::program::{Kind, Program},
    support::peers,
};

/// What is checked, and how.
type Check = (&'static str, fn(&Amtool));

const CHECKS: [Check; 9] = [
    ("adds and finds alerts", alerts::adds_and_finds),
    ("filters alerts", alerts::filters),
    ("adds and finds silences", silences::adds_and_finds),
    ("updates and expires silences", silences::updates_and_expires),
    ("exports and imports silences", import::exports_and_imports),
    ("imports what is broken", import::broken),
    ("shows the configuration", configuration::shows),
    ("shows and tests routes", configuration::routes),
    ("shows the cluster", configuration::cluster),
];

#[test]
fn amtool_works() {
    all(Kind::Wirephoto);
}

/// The oracle: where this fails, the expectations are wrong.
#[test]
fn amtool_works_so_with_debians_alertmanager() {
    if peers::alertmanager().is_some() {
        all(Kind::Debian);
    }
}

/// Every check with a program of its own.
fn all(kind: Kind) {
    let Some(amtool) = peers::amtool() else { return };
    for (what, check) in CHECKS {
        println!("{kind:?} {what}");
        check(&Amtool::new(amtool.clone(), kind));
    }
}

/// The tool, and the program that it talks to.
struct Amtool {
    tool: PathBuf,
    program: Program,
    home: TempDir,
}

/// What came of a command.
struct Ran {
    works: bool,
    output: String,
    errors: String,
}

impl Amtool {
    fn new(tool: PathBuf, kind: Kind) -> Self {
        let program = Program::start(kind, configuration::CONFIG, &[]);
        Self { tool, program, home: tempfile::tempdir().expect("a folder") }
    }

    /// Runs a command; arguments are separated by spaces.
    fn run(&self, arguments: &str) -> Ran {
        let mut command = Command::new(&self.tool);
        // the user's own file would set things
        command.env("HOME", self.home.path()).arg(format!("--alertmanager.url={}", self.program.base));
        let output = command.args(arguments.split(' ')).output().expect("amtool");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ran { works: output.status.success(), output: text(&output.stdout), errors: text(&output.stderr) }
    }

    /// Runs a command that must work; what it prints.
    fn works(&self, arguments: &str) -> String {
        let ran = self.run(arguments);
        assert!(ran.works, "amtool {arguments}: {} {}\n{}", ran.output, ran.errors, self.program.log());
        ran.output
    }

    /// Runs a query; its answer as JSON.
    fn json(&self, arguments: &str) -> Vec<Value> {
        let text = self.works(&format!("{arguments} -o json"));
        let json: Value = serde_json::from_str(&text).unwrap_or_else(|why| panic!("amtool {arguments}: {why}: {text}"));
        json.as_array().expect("a list").clone()
    }

    /// Runs a command that must fail, and say this.
    fn fails(&self, arguments: &str, words: &str) {
        let ran = self.run(arguments);
        assert!(!ran.works, "amtool {arguments} works: {}", ran.output);
        let all = format!("{}{}", ran.output, ran.errors);
        assert!(all.contains(words), "amtool {arguments} does not say {words:?}: {all}");
    }

    /// A file for the tool.
    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path
    }
}

/// A path as an argument.
fn shown(path: &Path) -> &str {
    path.to_str().expect("a path of letters")
}

/// What one field of all answers says, sorted.
fn field(answers: &[Value], pointer: &str) -> Vec<String> {
    let mut all: Vec<String> = answers
        .iter()
        .map(|one| {
            one.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer} in {one}")).to_owned()
        })
        .collect();
    all.sort();
    all
}

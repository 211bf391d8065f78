//! A real SMTP server, and the mails that it took.
//!
//! The server is Python's `aiosmtpd`, the mails are read with `mail-parser`: neither shares code with what is tested.

use std::{path::Path, process::Command};

use mail_parser::{Message, MessageParser, MimeHeaders, PartType};
use tempfile::TempDir;

use super::{process::Process, wait_for};

pub struct MailServer {
    _process: Process,
    address: String,
    folder: TempDir,
}

impl MailServer {
    /// Starts the server with the Python that has it.
    pub fn start(python: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/smtp_server.py");
        let mut process = Process::start(Command::new(python).arg(script).arg(folder.path()));
        let address = process.wait_for_output("its address", |output| {
            output.lines().find_map(|line| line.strip_prefix("listening on ").map(str::to_owned))
        });
        Self { _process: process, address, folder }
    }

    /// A `[[receivers.email_configs]]` table that leads here.
    pub fn config(&self) -> String {
        format!(
            "[[receivers.email_configs]]\nto = \"Ops <ops@example.org>\"\nfrom = \"wirephoto@example.org\"\n\
             smarthost = \"{}\"\nrequire_tls = false\nsend_resolved = true\n",
            self.address
        )
    }

    /// Waits until so many mails were taken; in order of arrival.
    pub fn wait_for(&self, count: usize) -> Vec<Mail> {
        wait_for(&format!("{count} mails"), || {
            let files = std::fs::read_dir(self.folder.path()).expect("the folder");
            let mut names: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
            names.retain(|name| name.extension().is_some_and(|extension| extension == "eml"));
            names.sort();
            (names.len() >= count)
                .then(|| names.iter().map(|name| Mail(std::fs::read(name).expect("a mail"))).collect())
        })
    }
}

/// A mail as it came over the wire.
pub struct Mail(Vec<u8>);

impl Mail {
    fn parsed(&self) -> Message<'_> {
        MessageParser::default().parse(&self.0).expect("a mail")
    }

    pub fn subject(&self) -> String {
        self.parsed().subject().expect("a subject").to_owned()
    }

    pub fn text(&self) -> String {
        self.parsed().body_text(0).expect("a text").into_owned()
    }

    pub fn html(&self) -> String {
        self.parsed().body_html(0).expect("HTML").into_owned()
    }

    /// The pictures that the HTML shows in its text (`cid:`), in the order of the parts.
    pub fn inline_pictures(&self) -> Vec<Vec<u8>> {
        let (mail, html) = (self.parsed(), self.html());
        let shown = |id: Option<&str>| id.is_some_and(|id| html.contains(&format!("\"cid:{id}\"")));
        let pictures = mail.parts.iter().filter(|part| shown(part.content_id()));
        let bytes = pictures.map(|part| match &part.body {
            PartType::Binary(bytes) | PartType::InlineBinary(bytes) => bytes.to_vec(),
            other => panic!("a picture should be bytes, not {other:?}"),
        });
        bytes.collect()
    }
}

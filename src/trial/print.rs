//! Previews and reports as text, for terminals.
//!
//! Values of alerts and words of vendors are printed without control characters: a terminal obeys some. Deliberately unknown here:
//! where it is printed.

use std::fmt::Write as _;

use super::{
    GroupPreview, Preview, TestReport,
    body::{Body, Field, Part},
    preview::{MessagePreview, Step},
    report::Told,
};

/// A preview.
pub fn preview(preview: &Preview) -> String {
    let mut page = Page::default();
    for group in &preview.groups {
        page.group(group);
    }
    if preview.groups.is_empty() {
        page.line(0, "no alert, so nothing would be sent");
    }
    page.0
}

/// What came of a test.
pub fn report(report: &TestReport) -> String {
    let mut page = Page::default();
    page.line(0, &format!("test of receiver {}", report.receiver));
    match (&report.picture.link, &report.picture.problem) {
        (Some(link), _) => page.line(0, &format!("picture: {link}")),
        (None, Some(problem)) => page.line(0, &format!("picture: without a link, because {problem}")),
        (None, None) => page.line(0, "picture: without a link"),
    }
    if report.integrations.is_empty() {
        page.line(0, "the receiver has no integration: nobody is told anything");
    }
    for one in &report.integrations {
        for told in &one.messages {
            let word = if told.ok { "ok" } else { "FAILED" };
            page.line(0, &format!("{}, {}: {word}", one.integration, told.status.as_str()));
            page.told(told);
        }
    }
    page.0
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn line(&mut self, indent: usize, text: &str) {
        let text: String = text.chars().filter(|c| !c.is_control() || *c == '\t').collect();
        let _ = writeln!(self.0, "{:indent$}{}", "", text.trim_end());
    }

    fn lines(&mut self, indent: usize, text: &str) {
        text.lines().for_each(|line| self.line(indent, line));
    }

    fn gap(&mut self) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
    }

    fn group(&mut self, group: &GroupPreview) {
        self.gap();
        let alerts = if group.alerts == 1 { "1 alert".to_owned() } else { format!("{} alerts", group.alerts) };
        self.line(0, &format!("== receiver {}, group {}: {alerts}", group.receiver, group.labels));
        if group.integrations.is_empty() {
            self.gap();
            self.line(0, "the receiver has no integration: nobody is told anything");
        }
        for one in &group.integrations {
            for message in &one.messages {
                self.gap();
                self.line(0, &format!("-- {}, {}", one.integration, message.told.status.as_str()));
                self.message(message);
            }
        }
    }

    fn message(&mut self, message: &MessagePreview) {
        for (at, step) in message.steps.iter().enumerate() {
            self.gap();
            self.step(at + 1, step);
        }
        let told = &message.told;
        if told.degraded.is_some() || told.error.is_some() || told.skipped.is_some() {
            self.gap();
        }
        // ids that were made up are nobody's business
        self.told(&Told { receipt: None, ..told.clone() });
    }

    fn step(&mut self, number: usize, step: &Step) {
        match step {
            Step::Request { method, url, headers, body } => {
                self.line(0, &format!("{number}. {method} {url}"));
                self.fields(3, headers);
                self.body(3, body);
            }
            Step::Mail { server, from, to, size, headers, parts } => {
                self.line(0, &format!("{number}. mail of {size} bytes to {server}"));
                self.line(3, &format!("from {from} to {}", to.join(", ")));
                self.gap();
                self.fields(3, headers);
                self.parts(3, parts);
            }
            Step::Inbox { title, text, pictures, left_out } => {
                self.line(0, &format!("{number}. message on the inbox page"));
                self.gap();
                self.lines(3, title);
                self.lines(3, text.trim_end());
                for picture in pictures {
                    self.line(3, &format!("[picture: {}] {}", picture.title, picture.alt));
                }
                if *left_out > 0 {
                    self.line(3, &format!("and {left_out} more pictures"));
                }
            }
        }
    }

    fn fields(&mut self, indent: usize, fields: &[Field]) {
        fields.iter().for_each(|field| self.line(indent, &format!("{}: {}", field.name, field.value)));
    }

    fn parts(&mut self, indent: usize, parts: &[Part]) {
        for (at, part) in parts.iter().enumerate() {
            self.gap();
            self.line(indent, &format!("part {}", at + 1));
            self.fields(indent + 2, &part.headers);
            self.body(indent + 2, &part.body);
        }
    }

    fn body(&mut self, indent: usize, body: &Body) {
        match body {
            Body::Empty => return,
            Body::Multipart { parts } => return self.parts(indent, parts),
            _ => self.gap(),
        }
        match body {
            Body::Json { value } => self.lines(indent, &serde_json::to_string_pretty(value).unwrap_or_default()),
            Body::Form { text, fields } => {
                self.lines(indent, text);
                self.line(indent, "which is");
                self.fields(indent + 2, fields);
            }
            Body::Text { text } => self.lines(indent, text),
            Body::File { description } => self.line(indent, description),
            Body::Empty | Body::Multipart { .. } => {}
        }
    }

    fn told(&mut self, told: &Told) {
        if let Some(receipt) = told.receipt.as_ref().filter(|receipt| !receipt.is_null()) {
            self.line(3, &format!("answered with {receipt}"));
        }
        if let Some(degraded) = &told.degraded {
            self.line(3, &format!("note: {degraded}"));
        }
        if let Some(skipped) = told.skipped {
            self.line(3, skipped);
        }
        if let Some(error) = &told.error {
            self.line(3, &format!("error ({}): {}", error.class, error.detail));
            self.line(3, &format!("what to do: {}", error.advice));
        }
    }
}

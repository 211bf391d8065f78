//! What the API answers to requests that are wrong: Alertmanager's statuses and bodies, as data, over HTTP.
//!
//! The same rows are asked of Debian's Alertmanager, where it answers the same: that says whether the table is right.
//! Deliberately unknown here: how the server finds out.

mod table;

use self::table::{Row, Words};
use crate::{
    acceptance::program::{Kind, Program},
    support::{alerts::in_seconds, client, peers},
};

const CONFIG: &str = "route:\n  receiver: default\n  group_wait: 10m\nreceivers:\n- name: default\n";

#[test]
fn wrong_requests_get_alertmanagers_answers() {
    check(Kind::Wirephoto, |_| true);
}

/// The oracle: where this fails, the table is wrong.
#[test]
fn the_answers_are_what_debians_alertmanager_says() {
    if peers::alertmanager().is_some() {
        check(Kind::Debian, |row| row.in_0_25);
    }
}

fn check(kind: Kind, wanted: impl Fn(&Row) -> bool) {
    let program = Program::start(kind, CONFIG, &[]);
    let rows = table::rows();
    let failures: Vec<String> = rows.iter().filter(|row| wanted(row)).filter_map(|row| ask(&program, row)).collect();
    assert!(failures.is_empty(), "{kind:?}\n{}", failures.join("\n"));
}

/// What is wrong with the answer.
fn ask(program: &Program, row: &Row) -> Option<String> {
    let times = [("LONGAGO", -7200), ("PAST", -3600), ("NOW", 0), ("SOON", 3600), ("LATER", 7200)];
    let fill = |text: &str| {
        times.iter().fold(text.to_owned(), |text, (name, seconds)| text.replace(name, &in_seconds(*seconds)))
    };
    let answer = client::request(row.method, &program.url(row.path), row.content_type, fill(row.body));
    let text = answer.text();
    let text = text.trim_end_matches('\n');
    let fits = answer.status == row.status
        && match row.words {
            Words::Any => true,
            Words::Exactly(words) => text == words,
            Words::Within(words) => text.contains(words),
            Words::All(words) => words.iter().all(|word| text.contains(word)),
        };
    let expected = (row.status, &row.words);
    (!fits).then(|| {
        format!("{} {} {}\n  {} {text}\n  expected {expected:?}", row.method, row.path, row.body, answer.status)
    })
}

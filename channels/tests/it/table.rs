//! The table of `docs/channels.md`: made from the declared limits, and tested to be what they say. `UPDATE_GOLDEN=1` rewrites it.

use std::{fmt::Write as _, path::PathBuf, time::Duration};

use alerts::ports::{LatePictures, Limits, Pace, TextLimit, TextUnit, Way};
use channels::Receiver;

use super::{
    setup::{self, Setup},
    threema,
};

const BEGIN: &str = "<!-- made from the declared limits by channels/tests/it/table.rs -->\n";
const END: &str = "<!-- end -->\n";

/// Ways in beside the example's: what they are called, and how they are configured.
const OTHER_WAYS_IN: &[(&str, &str)] = &[
    (
        "`mattermost_configs`, incoming webhook",
        "[[mattermost_configs]]\nwebhook_url = 'http://127.0.0.1:9/hooks/path-secret'",
    ),
    (
        "`kafka_configs`, with `image_topic`",
        "[[kafka_configs]]\nbrokers = ['127.0.0.1:9']\nkafka_topic = 'alerts'\nimage_topic = 'images'",
    ),
    (
        "`discord_configs`, forum",
        "[[discord_configs]]\nwebhook_url = 'http://127.0.0.1:9/api/webhooks/1/t'\nthread_name = 'x'",
    ),
    ("`slack_configs`, incoming webhook", "[[slack_configs]]\napi_url = 'http://127.0.0.1:9/services/T/B/path-secret'"),
    ("`threema_configs`, end to end", threema::EXAMPLE),
    (
        "`webhook_configs`, with `image_encoding`",
        "[[webhook_configs]]\nurl = 'http://127.0.0.1:9/path-secret'\nimage_encoding = 'multipart'",
    ),
    ("`wechat_configs`, robot", "[[wechat_configs]]\nwebhook_url = 'http://127.0.0.1:9/send?key=robot-secret'"),
    (
        "`opsgenie_configs`, Jira Service Management",
        "[[opsgenie_configs]]\napi_key = 'k-secret'\napi_url = 'http://127.0.0.1:9/jsm/ops/integration/'",
    ),
    ("`pagerduty_configs`, Events API v1", "[[pagerduty_configs]]\nservice_key = 'service-key-secret'"),
];

#[test]
fn the_table_is_current() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/channels.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let (head, rest) = document.split_once(BEGIN).expect("the document has the table's beginning");
    let (found, tail) = rest.split_once(END).expect("the document has the table's end");
    let expected = table();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        return std::fs::write(&path, format!("{head}{BEGIN}{expected}{END}{tail}")).unwrap();
    }
    assert!(found == expected, "docs/channels.md (UPDATE_GOLDEN=1 rewrites it):\n{expected}");
}

fn table() -> String {
    let mut rows: Vec<String> = Vec::new();
    let built = Setup::default().build(&Receiver::example("http://127.0.0.1:9")).unwrap();
    let key = |kind: &str| channels::KINDS.iter().find(|(_, of)| *of == kind).unwrap().0;
    for one in &built {
        rows.push(row(&format!("`{}`", key(one.kind)), one.channel.limits()));
    }
    for (name, toml) in OTHER_WAYS_IN {
        rows.push(row(
            name,
            Setup::default().build(&setup::receiver(&toml.replace("BASE", "http://127.0.0.1:9"))).unwrap()[0]
                .channel
                .limits(),
        ));
    }
    rows.sort();
    let mut table = String::from(
        "| section | text | pictures | at most | file | late pictures | follow-ups | pace |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for row in &rows {
        let _ = writeln!(table, "{row}");
    }
    table
}

fn row(name: &str, limits: &Limits) -> String {
    let p = &limits.pictures;
    let ways: Vec<&str> = p.ways.iter().map(|way| word(*way)).collect();
    let by_link_only = p.ways.iter().all(|way| *way == Way::Link);
    let file = if by_link_only { "–".to_owned() } else { bytes(p.max_bytes.min(p.max_total_bytes)) };
    let late = if p.late == LatePictures::Add { "added" } else { "none" };
    let follow = [(limits.editing.edit, "edit"), (limits.editing.thread, "thread")];
    let follow: Vec<&str> = follow.into_iter().filter_map(|(can, word)| can.then_some(word)).collect();
    let or_dash = |words: Vec<&str>| if words.is_empty() { "–".to_owned() } else { words.join(", ") };
    let count = if p.max_count >= 1_000 { "all".to_owned() } else { p.max_count.to_string() };
    format!(
        "| {name} | {} | {} | {count} | {file} | {late} | {} | {} |",
        text(limits.text),
        or_dash(ways),
        or_dash(follow),
        pace(limits.pace)
    )
}

const fn word(way: Way) -> &'static str {
    match way {
        Way::Embed => "embedded",
        Way::Attach => "attached",
        Way::Link => "linked",
    }
}

fn text(limit: TextLimit) -> String {
    let unit = match limit.unit {
        TextUnit::Chars => "characters",
        TextUnit::Bytes => "bytes",
        TextUnit::Utf16 => "UTF-16 units",
    };
    if limit == TextLimit::UNLIMITED { "any".to_owned() } else { format!("{} {unit}", limit.max) }
}

fn bytes(bytes: u64) -> String {
    match bytes {
        u64::MAX => "any".to_owned(),
        _ if bytes >= 1 << 20 => format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20)),
        _ => format!("{:.1} KiB", bytes as f64 / 1024.0),
    }
}

fn pace(pace: Pace) -> String {
    if pace.period == Duration::ZERO { "–".to_owned() } else { format!("one in {} s", pace.period.as_secs_f64()) }
}

//! From the tree to the settings: every section, then what holds between sections.
//!
//! Deliberately unknown here: the file's format.

use std::time::Duration;

use alerts::route::{Names, RouteSettings, RouteTree};
use serde::Deserialize;

use super::{
    example, later, muting,
    pictures::{self, Pictures},
    problem::{Problems, undefined},
    reader::Reader,
    receivers, routing,
    settings::{Features, Server, Settings},
    shown,
    tree::Path,
    webhooks,
};
use crate::web_config;

/// Alertmanager's default for how long an alert without an end is believed.
const RESOLVE_TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// A duration in a key of its own at the root.
#[derive(Deserialize)]
#[serde(transparent)]
struct Length(#[serde(with = "alerts::duration::text")] Duration);

/// The settings, unless something is wrong.
pub(super) fn settings(mut reader: Reader, folder: &std::path::Path) -> Result<Settings, Problems> {
    let reader = &mut reader;
    reader.lift("unified_alerting", "screenshots");
    later::refuse(reader);
    later::ignore(reader);
    later::warn(reader);
    with_defaults(reader);
    let original = shown::alertmanager_yaml(reader.tree(), reader.syntax()).into();

    let resolve_timeout = reader.inner("global", "resolve_timeout").map_or(RESOLVE_TIMEOUT, |Length(length)| length);
    let globals = reader.section("global");
    let (templates, template_files) = receivers::templates(reader, folder);
    let receivers = receivers::receivers(reader);
    let time_intervals = muting::time_intervals(reader);
    let names: Vec<&str> = receivers.iter().map(|(_, receiver)| receiver.name.as_str()).collect();
    let intervals: Vec<&str> = time_intervals.names().collect();
    let route = routing::route_tree(reader, &names, &intervals);
    let route = route.map(|tree| routing::with_labels(reader, tree, &templates));
    let fallback_receiver = fallback(reader, &names);
    receivers::try_out(reader, &receivers, &globals, &templates);
    let inhibit_rules = muting::inhibit_rules(reader);
    let Pictures { sources, panels, screenshots, rendering, chromium, external_image_storage } = pictures::read(reader);

    let webhooks = webhooks::read(reader, &templates);

    let settings = Settings {
        server: server(reader),
        sources,
        panels,
        screenshots,
        external_image_storage,
        rendering,
        chromium,
        webhooks,
        resolve_timeout,
        globals,
        templates,
        template_files,
        route: route.unwrap_or_else(nowhere),
        receivers: receivers.into_iter().map(|(_, receiver)| receiver).collect(),
        inhibit_rules,
        time_intervals,
        fallback_receiver,
        delivery_max_age: reader.optional("delivery_max_age").map(|Length(length)| length),
        history_retention: None,
        dispatch_start_delay: Duration::ZERO,
        silence_limits: Default::default(),
        metrics: reader.section("metrics"),
        log: reader.section("log"),
        matcher_syntax: reader.syntax(),
        log_silences: false,
        features: Features::default(),
        original,
        config_hash: 0,
        warnings: Vec::new(),
    };
    let warnings = reader.finish()?;
    Ok(Settings { warnings, ..settings })
}

/// Where and how it is served, checked by building on trial what TLS needs.
fn server(reader: &mut Reader) -> Server {
    let path = Path::from("server");
    let server: Server = reader.section("server");
    let wrong = server.tls.as_ref().filter(|tls| tls.is_enabled()).map(web_config::server_config);
    for wrong in wrong.and_then(Result::err).unwrap_or_default() {
        reader.problem(&path.key("tls").key(wrong.key), wrong.problem);
    }
    for wrong in server.auth.check() {
        // names of users may have dots
        reader.another_problem(&path.key("auth").key(wrong.key), wrong.problem);
    }
    for wrong in web_config::check_headers(&server.headers) {
        reader.problem(&path.key("headers").key(wrong.key), wrong.problem);
    }
    server
}

/// What stands for a tree of routes with problems until [`Reader::finish`] refuses the file.
fn nowhere() -> RouteTree {
    let settings = RouteSettings { receiver: Some("none".to_owned()), ..RouteSettings::default() };
    let names = Names { receivers: ["none"].into(), ..Names::default() };
    RouteTree::build(&settings, &names).expect("one route to a receiver that exists is a tree")
}

/// A file without any route and receiver gets the default's: everything to the inbox.
fn with_defaults(reader: &mut Reader) {
    if reader.has("route") || reader.has("receivers") {
        return;
    }
    let mut defaults = example();
    for name in ["route", "receivers"] {
        reader.add(defaults.take(name).expect("the example has a route and a receiver: a test reads it"));
    }
}

fn fallback(reader: &mut Reader, receivers: &[&str]) -> Option<String> {
    let name: String = reader.optional("fallback_receiver")?;
    if !receivers.contains(&name.as_str()) {
        reader.problem(&Path::from("fallback_receiver"), undefined("receiver", &name, receivers));
    }
    Some(name)
}

//! Silencing in a real browser: from Alertmanager's link in a message to a silence, and back.

use serde_json::json;

use crate::support::{
    alerts::{QUICK, alert, config, with_rule},
    browser::Browser,
    peers,
    server::Server,
    source::{Mood, Source},
    wait_for,
};

const ALERTS: &str = "document.querySelectorAll('article.alert').length";

fn start() -> (Server, Source) {
    let source = Source::start(Mood::Well { series: 3, after: std::time::Duration::ZERO });
    let sections = format!("{}[screenshots]\nimage_wait = \"20s\"\n", source.config("prometheus"));
    let server = Server::start(&config(&sections, QUICK, &["[[receivers.inbox_configs]]\n".to_owned()]));
    let rule = source.generator_url("disk_used_percent > 80");
    server.alerts(&json!([
        with_rule(alert("DiskFull", "db-1"), &rule),
        alert("DiskFull", "db-2"),
        alert("CpuHot", "web-1"),
    ]));
    (server, source)
}

#[test]
fn a_link_in_a_message_leads_to_a_silence_that_is_previewed_created_and_ended() {
    let Some(chromium) = peers::chromium() else { return };
    let (server, _source) = start();
    let mut browser = Browser::start(&chromium);

    // Alertmanager's link to the alerts; a label narrows the filter
    browser.open(&server.url("/#/alerts?receiver=team&filter=%7Balertname%3D%22DiskFull%22%7D"));
    browser.wait("the two alerts", &format!("location.pathname === '/alerts' && {ALERTS} === 2"));
    browser.wait("the receiver", "document.getElementById('receiver').value === 'team'");
    browser.click("[...document.querySelectorAll('.feed .labels a')].find(link => link.textContent.includes('db-1'))");
    browser.wait("the one alert", &format!("{ALERTS} === 1"));
    wait_for("the alert's picture", || {
        let seen = "[...document.querySelectorAll('article.alert img')].some(image => image.naturalWidth > 0)";
        let is_seen = browser.evaluate(seen) == json!(true);
        if !is_seen {
            browser.evaluate("location.reload()");
        }
        is_seen.then_some(())
    });

    // Alertmanager's link to a new silence
    browser.open(&server.url("/#/silences/new?filter=%7Balertname%3D%22DiskFull%22%7D"));
    let matchers = "document.getElementById('matchers')?.value";
    browser.wait("the matcher", &format!("{matchers} === 'alertname=\"DiskFull\"'"));
    browser.wait("the preview", "document.querySelector('[data-matched=\"2\"]')");
    browser.fill("matchers", "alertname=\"DiskFull\"\ninstance=\"db-1\"");
    browser.wait("the preview to follow", "document.querySelector('[data-matched=\"1\"]')");
    browser.click("document.querySelector('button[name=preset][value=\"4h\"]')");
    browser.wait("the duration", "document.getElementById('duration').value === '4h'");
    browser.fill("created_by", "Jörg");
    browser.fill("comment", "disk is being replaced");
    browser.click("document.querySelector('button[value=save]')");
    browser.wait("the silence", "document.body.textContent.includes('The silence was created')");
    let silence = browser.evaluate("location.pathname");
    let silence = silence.as_str().expect("a path");

    // it holds: on the page and in the API
    browser.open(&server.url("/alerts"));
    browser.wait("the others alone", &format!("{ALERTS} === 2"));
    browser.wait("the count", "document.getElementById('n-silenced').textContent === '1'");
    browser.click("document.querySelector('input[name=silenced]')");
    browser.wait("all", &format!("location.search.includes('silenced=true') && {ALERTS} === 3"));
    let badge = browser.evaluate("document.querySelector('article.held .badge').textContent");
    assert_eq!(badge, json!("Silenced"));
    let listed = server.listed();
    let suppressed = listed.iter().filter(|alert| alert["status"]["state"] == "suppressed");
    assert_eq!(suppressed.map(|alert| &alert["labels"]["instance"]).collect::<Vec<_>>(), ["db-1"]);

    // another site cannot end it
    browser.open("about:blank");
    let action = json!(server.url(&format!("{silence}/expire")));
    browser.evaluate(&format!(
        "{{ const form = document.createElement('form'); form.method = 'post'; form.action = {action}; \
         document.body.append(form); form.submit(); }}"
    ));
    browser.wait("the refusal", "document.body.textContent.includes('nothing was changed')");

    // who made it can, from the alert
    browser.open(&server.url("/alerts?silenced=true"));
    browser.click("document.querySelector('.reasons a')");
    browser.click("document.querySelector('.confirm summary')");
    browser.click("document.querySelector('.confirm[open] button')");
    browser.wait("the end", "document.body.textContent.includes('The silence was ended')");
    browser.open(&server.url("/alerts"));
    browser.wait("all three", &format!("{ALERTS} === 3"));

    // and is remembered
    browser.open(&server.url(&format!("/#{silence}")));
    browser.click("[...document.querySelectorAll('a.button')].find(link => link.textContent === 'Recreate')");
    browser.wait("the name", "document.getElementById('created_by')?.value === 'Jörg'");
}

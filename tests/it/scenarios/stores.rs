//! Pictures in an image store outside: a message's link opens there, also after a restart, and a store that is gone costs no message.

use std::{path::Path, process::Command, time::Duration};

use serde_json::json;

use crate::support::{
    alerts::{QUICK, alert, config, with_rule},
    client, peers,
    process::Process,
    server::Server,
    source::{Mood, Source},
    wait_for,
    webhook::Webhook,
};

/// moto with one bucket.
struct Moto {
    process: Process,
    url: String,
}

impl Moto {
    fn start(python: &Path) -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = free.expect("a port").port();
        let process = Process::start(Command::new(python).args([
            "-m",
            "moto.server",
            "-H",
            "127.0.0.1",
            "-p",
            &port.to_string(),
        ]));
        let url = format!("http://127.0.0.1:{port}");
        wait_for("moto", || client::try_get(&url).ok());
        let made = client::request("PUT", &format!("{url}/pictures"), None, "");
        assert_eq!(made.status, 200, "{}", made.text());
        Self { process, url }
    }

    fn sections(&self, source: &Source) -> String {
        format!(
            "{}[screenshots]\nimage_wait = \"20s\"\nupload_external_image_storage = true\n\
             [external_image_storage]\nprovider = \"s3\"\n\
             [external_image_storage.s3]\nendpoint = \"{}\"\npath_style_access = true\nbucket = \"pictures\"\n\
             access_key = \"id\"\nsecret_key = \"the-secret\"\n",
            source.config("prometheus"),
            self.url
        )
    }
}

#[test]
fn a_message_links_into_the_store_and_one_without_it_links_here() {
    let Some(python) = peers::moto() else { return };
    let mut moto = Moto::start(&python);
    let (webhook, source) = (Webhook::start(), Source::start(Mood::Well { series: 1, after: Duration::ZERO }));
    let mut server = Server::start(&config(&moto.sections(&source), QUICK, &[webhook.config()]));
    let fire = |server: &Server, name: &str, instance: &str, expression: &str| {
        server.alerts(&json!([with_rule(alert(name, instance), &source.generator_url(expression))]));
    };
    fire(&server, "DiskFull", "db-1", "disk_used_percent > 80");
    let first = webhook.wait_for(1)[0].images()[0]["url"].as_str().expect("a link").to_owned();
    assert!(first.starts_with(&format!("{}/pictures/", moto.url)) && first.contains("X-Amz-Signature="), "{first}");
    let answer = client::get(&first);
    assert_eq!((answer.status, answer.content_type.as_str()), (200, "image/png"), "{}", answer.text());
    assert_eq!(client::get(first.split('?').next().expect("an address")).status, 403, "it is private");
    server.wait_for_metric("wirephoto_image_store_duration_seconds_count", &["provider=\"s3\"", "put", "\"ok\""], 1.0);
    server.wait_for_metric("grafana_screenshot_upload_successes_total", &[], 1.0);

    // where a picture lies survives a restart
    server.kill();
    server.restart();
    fire(&server, "DiskFull", "db-2", "inodes_used_percent > 80");
    let told = webhook.wait_for(2);
    let links: Vec<&str> = told[1].images().iter().filter_map(|image| image["url"].as_str()).collect();
    assert_eq!(links.len(), 2, "that of before and the new one: {links:?}");
    for link in links {
        assert!(link.starts_with(&moto.url), "{link}");
        assert_eq!(client::get(link).status, 200, "{link}");
    }

    moto.process.kill();
    fire(&server, "CpuHigh", "db-3", "cpu_used_percent > 90");
    let own = wait_for("a link to the server itself", || {
        let told = webhook.taken();
        let urls = told.iter().flat_map(|told| told.images().iter().filter_map(|image| image["url"].as_str()));
        urls.map(str::to_owned).find(|url| !url.starts_with(&moto.url))
    });
    assert_eq!(client::get(&own).status, 200, "{own}");
    server.wait_for_metric("grafana_screenshot_upload_failures_total", &[], 1.0);
    assert!(server.log().contains("a picture could not be uploaded"), "{}", server.log());
    assert!(!server.log().contains("the-secret"));
}

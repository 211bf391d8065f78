//! A real Alertmanager (Debian's package `prometheus-alertmanager`) as a receiver: it takes the alerts with the links to their pictures, and
//! lets them end when they are resolved here.

use std::{net::TcpListener, path::Path, process::Command, time::Duration};

use serde_json::{Value, json};

use crate::support::{
    alerts::{QUICK, alert, config, in_seconds, with_rule},
    client, peers,
    process::Process,
    server::Server,
    source::{Mood, Source},
    wait_for,
};

struct Alertmanager {
    base: String,
    _process: Process,
    _folder: tempfile::TempDir,
}

impl Alertmanager {
    fn start(program: &Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("am.yml"), "route: {receiver: none}\nreceivers: [{name: none}]\n")
            .expect("a file");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("127.0.0.1:{}", listener.local_addr().expect("an address").port());
        drop(listener);
        let mut command = Command::new(program);
        command
            .arg(format!("--config.file={}", folder.path().join("am.yml").display()))
            .arg(format!("--storage.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .arg("--cluster.listen-address=");
        let process = Process::start(&mut command);
        let base = format!("http://{address}");
        wait_for("a ready Alertmanager", || {
            client::try_get(&format!("{base}/-/ready")).is_ok_and(|answer| answer.status == 200).then_some(())
        });
        Self { base, _process: process, _folder: folder }
    }

    /// The alerts that fire there.
    fn alerts(&self) -> Vec<Value> {
        let answer = client::get(&format!("{}/api/v2/alerts", self.base));
        serde_json::from_str(&answer.text()).expect("a list of alerts")
    }
}

#[test]
fn a_real_alertmanager_takes_the_alerts_with_their_pictures_and_their_end() {
    let Some(program) = peers::alertmanager() else { return };
    let (one, two) = (Alertmanager::start(&program), Alertmanager::start(&program));
    let source = Source::start(Mood::Well { series: 1, after: Duration::ZERO });
    let receiver = format!("[[receivers.alertmanager_configs]]\nurls = [\"{}\", \"{}\"]\n", one.base, two.base);
    let sections = format!("{}[screenshots]\nimage_wait = \"20s\"\n", source.config("prometheus"));
    let server = Server::start(&config(&sections, QUICK, &[receiver]));
    let mut fired = with_rule(alert("DiskFull", "db-1"), &source.generator_url("disk_used_percent > 80"));
    fired["startsAt"] = in_seconds(-3_600).into();
    fired["annotations"] = json!({"summary": "nearly full", "__dashboardUid__": "private"});
    server.alerts(&json!([fired.clone()]));
    for replica in [&one, &two] {
        let taken = wait_for("the alert", || replica.alerts().pop());
        assert_eq!(taken["labels"], fired["labels"]);
        assert_eq!(taken["generatorURL"], fired["generatorURL"]);
        assert_eq!(taken["annotations"]["summary"], "nearly full");
        assert!(taken["annotations"]["__dashboardUid__"].is_null(), "{taken}");
        let link = taken["annotations"]["image"].as_str().unwrap_or_else(|| panic!("no link to a picture: {taken}"));
        let picture = client::get(link);
        assert_eq!((picture.status, picture.content_type.as_str()), (200, "image/png"));
    }
    // an end that is old by now is still news there, since nobody else tells it
    fired["endsAt"] = in_seconds(-600).into();
    server.alerts(&json!([fired]));
    for replica in [&one, &two] {
        wait_for("its end", || replica.alerts().is_empty().then_some(()));
    }
}

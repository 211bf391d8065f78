//! SIGTERM: what is under way is finished, what is not delivered goes out after the next start.

use std::time::Duration;

use serde_json::json;

use crate::support::{
    alerts::{QUICK, alert, config},
    http_server::Reply,
    server::Server,
    wait_for,
    webhook::Webhook,
};

/// What DESIGN.md grants, and a little for a busy machine.
const SHUTDOWN: Duration = Duration::from_secs(25 + 5);

#[test]
fn an_orderly_end_in_the_middle_of_a_slow_delivery() {
    let mut slow = Webhook::scripted([Reply::text(200, "").after(Duration::from_secs(2))]);
    let down = Webhook::down();
    slow.up();
    let mut server = Server::start(&config("", QUICK, &[slow.config(), down.config()]));
    server.alerts(&json!([alert("DiskFull", "db-1")]));
    wait_for("a delivery under way", || (!slow.attempts().is_empty()).then_some(()));
    let status = server.terminate(SHUTDOWN);
    assert_eq!(status.code(), Some(0), "{}", server.log());

    let mut down = down;
    down.up();
    server.restart();
    assert_eq!(down.wait_for(1)[0].status(), "firing", "what was not delivered goes out after the start");
    server.terminate(SHUTDOWN);
    assert_eq!(slow.attempts().len(), 1, "what was under way was finished and is not repeated");
}

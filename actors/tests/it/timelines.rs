//! What is told to whom and when: Alertmanager's own acceptance scenarios, and ours.

use actors::testing::{Setup, alert};

#[actix::test]
async fn repeat() {
    tokio::time::pause();
    let world = Setup::new(1.0, 1.0, 0.001).group_by(&["alertname"]).start().await;
    world.post_at(1.0, &[alert("test").starts(1.0)]).await;
    world.post_at(3.5, &[alert("test").starts(1.0).ends(3.0)]).await;
    world.until(8.0).await;
    world.expect(0, &[(2.0, "test"), (3.0, "test"), (4.0, "test[resolved]")]);
}

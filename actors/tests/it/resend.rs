//! Dead letters that somebody sends again.

use std::time::Duration;

use actors::{
    ResendError,
    testing::{Answer, Setup, alert},
};
use alerts::ports::{SendError, SendErrorKind};

fn fails(kind: SendErrorKind) -> Answer {
    Answer::Fail(Duration::ZERO, SendError::new(kind, "the fake says no"))
}

#[actix::test]
async fn a_dead_letter_is_sent_again_as_it_was() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 300.0, 3600.0);
    setup.channels[0].then(fails(SendErrorKind::Rejected));
    let world = setup.start().await;
    world.post_at(1.0, &[alert("a").starts(1.0).ends(9_000.0)]).await;
    world.until(10.0).await;
    let letter = setup.store.history().pop().unwrap();
    let id = world.machine.resend(letter.clone()).await.unwrap();
    assert!(id > letter.delivery.id);
    world.until(20.0).await;
    world.expect(0, &[(10.0, "a")]);
    // It counts as told: the next flush has nothing to say.
    world.until(700.0).await;
    assert_eq!(world.told(0).len(), 1);
    let sent = setup.store.history().pop().unwrap();
    assert_eq!(world.machine.resend(sent).await, Err(ResendError::WasSent));
}

#[actix::test]
async fn not_while_a_newer_one_is_on_its_way_nor_to_a_receiver_that_is_gone() {
    tokio::time::pause();
    let setup = Setup::new(1.0, 5.0, 3600.0);
    setup.channels[0].then(fails(SendErrorKind::Rejected));
    setup.channels[0].always(fails(SendErrorKind::Retry));
    let world = setup.start().await;
    world.post_at(1.0, &[alert("a").starts(1.0).ends(9_000.0)]).await;
    world.until(4.0).await;
    let mut letter = setup.store.history().pop().unwrap();
    world.until(8.0).await;
    assert_eq!(world.machine.resend(letter.clone()).await, Err(ResendError::NewerPending));
    letter.delivery.integration = alerts::message::IntegrationKey("nobody/fake/x".into());
    let refused = world.machine.resend(letter).await;
    assert_eq!(refused, Err(ResendError::Unconfigured("nobody/fake/x".to_owned())));
}

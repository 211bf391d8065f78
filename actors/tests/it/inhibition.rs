//! Alerts that mute others: all sources count, whatever else they match (Alertmanager's #5162 and #5174), and they count at once.

use actors::testing::{AlertSpec, Setup, alert};
use alerts::{
    inhibit::InhibitRule,
    matcher::{Matcher, MatcherSet},
};

fn matches(name: &str, value: &str) -> MatcherSet {
    MatcherSet::new(vec![Matcher::equal(name, value)])
}

fn critical_mutes_warning() -> Setup {
    let mut setup = Setup::new(1.0, 1.0, 3600.0);
    setup.inhibit_rules = vec![InhibitRule {
        source: matches("severity", "critical"),
        target: matches("severity", "warning"),
        equal: vec!["cluster".into()],
        ..InhibitRule::default()
    }];
    setup
}

fn of(name: &str, severity: &str) -> AlertSpec {
    alert(name).label("cluster", "c").label("severity", severity).starts(1.0)
}

#[actix::test]
async fn two_sources_with_one_key_and_one_of_them_ends() {
    tokio::time::pause();
    let world = critical_mutes_warning().start().await;
    world.post_at(1.0, &[of("one", "critical"), of("two", "critical"), of("target", "warning")]).await;
    world.post_at(2.6, &[of("two", "critical").ends(2.6)]).await;
    world.until(6.0).await;
    let critical = r#"{cluster="c", severity="critical"}"#;
    world.expect(
        0,
        &[(2.0, &format!("one{critical} two{critical}")), (3.0, &format!("one{critical} two{critical}[resolved]"))],
    );
    // the last source ends: the target is told in the same message
    world.post_at(6.1, &[of("one", "critical").ends(6.1)]).await;
    world.until(8.0).await;
    let told = world.told(0);
    assert_eq!(told.len(), 3, "{told:#?}");
    assert_eq!(told[2].1, format!(r#"one{critical}[resolved] target{{cluster="c", severity="warning"}}"#));
}

/// The order in which they came used to matter there: the last one took the place of all.
#[actix::test]
async fn whichever_source_ends_first() {
    tokio::time::pause();
    for ends in ["one", "two", "three"] {
        let world = critical_mutes_warning().start().await;
        let sources = ["one", "two", "three"].map(|name| of(name, "critical"));
        world.post_at(1.0, &[&sources[..], &[of("target", "warning")]].concat()).await;
        world.post_at(2.6, &[of(ends, "critical").ends(2.6)]).await;
        world.until(5.0).await;
        assert!(world.told(0).iter().all(|(_, what)| !what.contains("target")), "{ends}: {:#?}", world.told(0));
    }
}

/// A target that matches both sides is muted by a source that matches one, and not by those like itself.
#[actix::test]
async fn a_source_on_both_sides_does_not_hide_one_on_one_side() {
    tokio::time::pause();
    let mut setup = Setup::new(1.0, 1.0, 3600.0);
    setup.inhibit_rules =
        vec![InhibitRule { source: matches("s", "1"), target: matches("t", "1"), ..InhibitRule::default() }];
    let world = setup.start().await;
    let both = |name: &str| alert(name).label("s", "1").label("t", "1").starts(1.0);
    world.post_at(1.0, &[both("a"), both("b")]).await;
    world.until(2.5).await;
    let sides = r#"{s="1", t="1"}"#;
    world.expect(0, &[(2.0, &format!("a{sides} b{sides}"))]);
    // from here on there is one that matches the source side alone
    let one_sided = alert("one").label("s", "1").starts(2.6);
    world.post_at(2.6, &[one_sided.clone(), both("late")]).await;
    world.until(4.5).await;
    let told = world.told(0);
    assert_eq!(told[1].1, r#"one{s="1"}"#, "{told:#?}");
    world.post_at(4.6, &[one_sided.ends(4.6)]).await;
    world.until(6.0).await;
    let told = world.told(0);
    assert!(told[2].1.contains("late"), "no longer muted: {told:#?}");
}

/// What a request changes is in the index before any group hears of it: a source that comes with its target mutes it, even with no
/// wait at all.
#[actix::test]
async fn a_source_in_the_same_request_mutes_without_a_group_wait() {
    tokio::time::pause();
    let mut setup = critical_mutes_warning().group_by(&["alertname"]);
    setup.route.group_wait = Some(std::time::Duration::ZERO);
    let world = setup.start().await;
    world.post_at(1.0, &[of("target", "warning"), of("source", "critical")]).await;
    world.until(10.0).await;
    world.expect(0, &[(1.0, r#"source{cluster="c", severity="critical"}"#)]);
}

//! What addresses mean.

use alerts::Time;

use super::*;
use crate::database::AlertChoice;

fn now() -> Time {
    Time::from_secs(1_700_000_000)
}

#[test]
fn every_word_of_an_address_counts() {
    let query = Query::parse(
        "from=2023-11-14T20:00:00Z&to=2023-11-14T22:00:00%2B01:00&receiver=team&integration=slack&group=%7B%7D:g\
         &state=pending,dead_letter&state=sent&cursor=17&limit=7&nonsense=1",
    );
    let choice = query.choice(now(), 50).unwrap();
    assert_eq!(choice.from, Some(Time::from_secs(1_699_992_000)));
    assert_eq!(choice.to, Some(Time::from_secs(1_699_995_600)));
    assert_eq!((choice.receiver.as_deref(), choice.integration.as_deref()), (Some("team"), Some("slack")));
    assert_eq!((choice.group.as_deref(), choice.before, choice.limit), (Some("{}:g"), Some(DeliveryId(17)), 7));
    use NotificationState::{DeadLetter, Pending, Sent};
    assert_eq!(choice.states, [Pending, DeadLetter, Sent]);
}

#[test]
fn nothing_said_restricts_nothing() {
    for query in ["", "from=&to=&receiver=&state=&alert=+&cursor="] {
        let choice = Query::parse(query).choice(now(), 50).unwrap();
        assert!(
            choice.from.is_none() && choice.receiver.is_none() && choice.alert.is_none() && choice.states.is_empty()
        );
        assert_eq!(choice.limit, 50);
    }
    let limit = |text: &str| Query::parse(&format!("limit={text}")).choice(now(), 50).unwrap().limit;
    assert_eq!((limit("0"), limit("1000000")), (1, MOST));
    let since = Query::parse("since=1h&from=2023-11-14T00:00:00Z").choice(now(), 50).unwrap();
    assert_eq!(since.from, Some(Time::from_secs(1_700_000_000 - 3600)), "the later of the two");
}

#[test]
fn an_alert_is_a_fingerprint_a_name_or_matchers() {
    let alert = |text: &str| {
        let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("alert", text).finish();
        match Query::parse(&query).choice(now(), 1).unwrap().alert.unwrap() {
            AlertChoice::Fingerprint(fingerprint) => fingerprint.to_string(),
            AlertChoice::Matchers(matchers) => matchers.to_string(),
        }
    };
    assert_eq!(alert("0223b772b51c29e1"), "0223b772b51c29e1");
    assert_eq!(alert("DiskFull"), r#"{alertname="DiskFull"}"#);
    assert_eq!(alert("disk full"), r#"{alertname="disk full"}"#);
    assert_eq!(alert(r#"a="1",b!~"2""#), r#"{a="1",b!~"2"}"#);
    assert_eq!(alert("{a=1}"), r#"{a="1"}"#);
}

#[test]
fn what_is_not_understood_is_said() {
    for (query, begin) in [
        ("from=yesterday", "from \"yesterday\" is no time as of RFC 3339: "),
        ("to=1", "to \"1\" is no time"),
        ("since=soon", "since \"soon\": "),
        ("state=lost", "there is no state \"lost\": there are pending, sent, degraded, dead_letter, dropped"),
        ("cursor=x", "cursor \"x\" is no number"),
        ("limit=-1", "limit \"-1\" is no number"),
        ("alert=a%3D~(", "alert: "),
    ] {
        let problem = Query::parse(query).choice(now(), 1).expect_err(query);
        assert!(problem.starts_with(begin), "{query}: {problem}");
    }
}

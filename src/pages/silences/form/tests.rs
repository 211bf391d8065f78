use super::*;

const NOW: Time = Time::from_secs(1_700_000_000); // 2023-11-14T22:13:20Z

fn new() -> Typed {
    Typed { action: "save".to_owned(), ..Typed::new("a=\"1\"".to_owned(), "me".to_owned(), "why".to_owned(), NOW) }
}

fn silence(starts: i64, ends: i64) -> Silence {
    Silence {
        id: SilenceId("id".into()),
        matchers: filter::matchers(&["a=1, b=~\"x|y\"".to_owned()]).unwrap(),
        starts_at: Time::from_millis(1_700_000_000_000 + starts * 1000 + 123),
        ends_at: Time::from_millis(1_700_000_000_000 + ends * 1000 + 456),
        updated_at: NOW,
        created_by: "maker".to_owned(),
        comment: "reason".to_owned(),
        annotations: [("ticket", "7")].into_iter().collect(),
    }
}

/// Start and end in seconds after `now`, an hour after the form was made.
fn check_times(typed: &Typed, expected: Result<(Option<i64>, i64), Field>) {
    let now = NOW.plus(Duration::from_secs(3600));
    let after = |time: Time| time.as_secs() - now.as_secs();
    let found = typed.read(None, now).map(|draft| (draft.starts_at.map(after), after(draft.ends_at)));
    assert_eq!(found.map_err(|problems| problems[0].field), expected, "{typed:?}");
}

#[test]
fn what_was_changed_counts() {
    // nothing: it lasts as long as it says, from when it is saved
    check_times(&new(), Ok((None, 7200)));
    check_times(&Typed { duration: "30m".into(), ..new() }, Ok((None, 1800)));
    check_times(&Typed { duration: "1h 30m".into(), ..new() }, Ok((None, 5400)));
    check_times(&Typed { ends_at: "2023-11-15T00:13:20Z".into(), ..new() }, Ok((None, 7200)));
    check_times(&Typed { ends_at: "2023-11-15 01:13:20".into(), ..new() }, Ok((None, 7200)));
    check_times(&Typed { ends_at: "2023-11-14T23:43:20Z".into(), ..new() }, Ok((None, 1800)));
    check_times(
        &Typed { ends_at: "2023-11-15T00:43:20+01:00".into(), duration: "9h".into(), ..new() },
        Ok((None, 1800)),
    );
    check_times(&Typed { ends_at: String::new(), ..new() }, Ok((None, 7200)));
    check_times(&Typed { duration: String::new(), ..new() }, Ok((None, 3600)));
    check_times(&Typed { starts_at: "2023-11-14 23:13:50 UTC".into(), ..new() }, Ok((Some(30), 7230)));
    check_times(&Typed { starts_at: "now".into(), ..new() }, Ok((None, 7200)));
    check_times(&Typed { starts_at: "tomorrow".into(), ..new() }, Err(Field::StartsAt));
    check_times(&Typed { duration: "long".into(), ..new() }, Err(Field::Duration));
    check_times(&Typed { ends_at: "late".into(), ..new() }, Err(Field::EndsAt));
    check_times(&Typed { ends_at: String::new(), duration: String::new(), ..new() }, Err(Field::EndsAt));
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let typed = Typed { matchers: "a".into(), starts_at: "x".into(), ..Typed::default() };
    let fields = typed.read(None, NOW).unwrap_err().into_iter().map(|problem| problem.field).collect::<Vec<_>>();
    assert_eq!(fields, [Field::Matchers, Field::StartsAt, Field::CreatedBy, Field::Comment]);
    let fields = Typed { matchers: " {} ".into(), ..new() }.read(None, NOW).unwrap_err();
    assert_eq!(fields, [problem(Field::Matchers, "at least one matcher is needed")]);
}

#[test]
fn a_change_that_changes_nothing_is_none() {
    let silence = silence(-60, 600);
    let draft = Typed::change(&silence, NOW).read(Some(&silence), NOW).unwrap();
    let same = Draft {
        id: Some(silence.id.clone()),
        matchers: silence.matchers.clone(),
        starts_at: Some(silence.starts_at),
        ends_at: silence.ends_at,
        created_by: "maker".to_owned(),
        comment: "reason".to_owned(),
        annotations: silence.annotations.clone(),
    };
    assert_eq!(draft, same);
    let typed = Typed { duration: "1h".into(), ..Typed::change(&silence, NOW) };
    let longer = typed.read(Some(&silence), NOW).unwrap();
    assert_eq!((longer.starts_at, longer.ends_at.as_secs()), (Some(silence.starts_at), NOW.as_secs() + 3540));
}

#[test]
fn an_expired_silence_is_made_again_from_now() {
    let typed = Typed::again(&silence(-7260, -60), "me".to_owned(), NOW);
    assert_eq!((typed.matchers.as_str(), typed.created_by.as_str()), ("a=\"1\"\nb=~\"x|y\"", "me"));
    assert_eq!((typed.starts_at.as_str(), typed.duration.as_str()), ("", "2h"));
    let draft = typed.read(None, NOW).unwrap();
    assert_eq!((draft.id, draft.ends_at), (None, NOW.plus(Duration::from_secs(7200))));
}

#[test]
fn times_agree_after_a_preview() {
    let check = |typed: Typed, duration: &str, ends_at: &str| {
        let agreed = typed.agreed(NOW);
        assert_eq!((agreed.duration.as_str(), agreed.ends_at.as_str()), (duration, ends_at));
        assert_eq!(agreed.clone().agreed(NOW), agreed, "what agrees stays");
    };
    check(new(), "2h", "2023-11-15T00:13:20Z");
    check(Typed { preset: "1d".into(), ..new() }, "1d", "2023-11-15T22:13:20Z");
    check(Typed { ends_at: "2023-11-14 22:43:20".into(), ..new() }, "30m", "2023-11-14T22:43:20Z");
    check(Typed { duration: "x".into(), ..new() }, "x", "2023-11-15T00:13:20Z");
    assert!(!Typed { preset: "1d".into(), ..new() }.is_to_be_saved());
}

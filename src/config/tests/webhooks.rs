//! The section `webhooks`: what is right, and what is said of what is not.

use super::{super::settings::webhooks::Form, read};

#[test]
fn right_sections() {
    let settings = read(
        "[server]\nwebhook_resolve_timeout = '6h'\n[[webhooks]]\nname = 'a'\nlabels = { alertname = '{{ .x }}' }\nsecret = 's'\n\
         [[webhooks]]\nname = 'graf'\nformat = 'grafana'\nbasic_auth = { username = 'u', password = 'p' }\nresolve_timeout = '2d'",
    );
    let settings = settings.unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(settings.server.webhook_resolve_timeout.as_secs(), 6 * 3_600);
    let logins: Vec<_> = settings.webhooks.iter().map(|webhook| format!("{:?}", webhook.login)).collect();
    assert_eq!(logins, ["Signed", "Basic"]);
    assert!(matches!(settings.webhooks[0].form, Form::Mapped(_)) && matches!(settings.webhooks[1].form, Form::Payload));
    assert_eq!(settings.webhooks[1].resolve_timeout.map(|time| time.as_secs()), Some(2 * 86_400));
}

#[test]
fn everything_that_is_wrong_is_told_with_its_place() {
    let check = |section: &str, expected: &str| {
        let problems = read(&format!("[[webhooks]]\n{section}")).expect_err(section).to_string();
        assert!(problems.contains(expected), "{section}: {problems}");
    };
    let labels = "labels = { a = 'b' }";
    check(labels, "webhooks[0].name: must be 1 to 64");
    check(&format!("name = 'a/b'\n{labels}"), "webhooks[0].name: must be 1 to 64");
    check(&format!("name = 'grafana'\n{labels}"), "/webhook/grafana is there already");
    check(
        &format!("name = 'a'\n{labels}\n[[webhooks]]\nname = 'a'\n{labels}"),
        "webhooks[1].name: \"a\" is the name of another",
    );
    check("name = 'a'", "webhooks[0].labels: an alert needs at least one label");
    check("name = 'a'\nlabels = { a = '{{ .x' }", "webhooks[0].labels.a: at 1:");
    check("name = 'a'\nlabels = { a = '{{ nofunc }}' }\nstatus = '{{ end }}'", "webhooks[0].status: at 1:");
    check(&format!("name = 'a'\n{labels}\nbearer_token = 'x'\nsecret = 'y'"), "exclude each other");
    check(&format!("name = 'a'\n{labels}\nbearer_token = ''"), "webhooks[0].bearer_token: is empty");
    check(&format!("name = 'a'\n{labels}\nsignature_header = 'x'"), "webhooks[0].signature_header: belongs to secret");
    check(&format!("name = 'a'\nformat = 'grafana'\n{labels}"), "webhooks[0].labels: belongs to format = \"json\"");
    check(&format!("name = 'a'\n{labels}\nlable = 1"), "lable");
}

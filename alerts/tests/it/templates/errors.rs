//! Errors: each names its place, its expression and what was expected.

use alerts::{
    Status,
    templates::{Data, Templates, sample_message},
};

use super::support::{MESSAGES, text};

/// The error of a template, at load or at its execution.
fn check(template: &str, expected: &str) {
    assert_eq!(text(template, &MESSAGES["firing"]), Err(expected.to_owned()), "{template}");
}

#[test]
fn unclosed_and_stray_blocks_are_found_where_they_stand() {
    let unclosed = |word: &str| format!("this {{{{{word}}}}} is not closed: an {{{{end}}}} is missing");
    check("a\n {{ if .Status }}b", &format!("test:2:2: {}, in `{{{{ if .Status }}}}`", unclosed("if")));
    check(
        "{{ range .Alerts }}{{ if 1 }}{{ end }}",
        &format!("test:1:1: {}, in `{{{{ range .Alerts }}}}`", unclosed("range")),
    );
    check("{{define \"x\"}}abc", &format!("test:1:1: {}, in `{{{{define \"x\"}}}}`", unclosed("define")));
    check("{{with .Status}}x{{else}}y", &format!("test:1:1: {}, in `{{{{with .Status}}}}`", unclosed("with")));
    check("{{block \"x\" .}}y", &format!("test:1:1: {}, in `{{{{block \"x\" .}}}}`", unclosed("block")));
    check("a{{ end }}b", "test:1:2: this {{end}} closes nothing, in `{{ end }}`");
    check("{{if 1}}{{end}}\nä{{end}}c", "test:2:2: this {{end}} closes nothing, in `{{end}}`");
    check("a{{ else }}b", "test:1:2: this {{else}} belongs to no if, range or with, in `{{ else }}`");
}

#[test]
fn mistakes_are_found_at_load_also_where_they_are_never_executed() {
    check(
        "{{ if false }}{{ toupper .Status }}{{ end }}",
        "test:1:18: there is no function toupper, is toUpper meant?, in `{{ toupper .Status }}`",
    );
    check("{{ if false }}{{ toUpper }}{{ end }}", "test:1:18: toUpper takes 1 arguments, not 0, in `{{ toUpper }}`");
    check("{{ $x }}", "test:1:4: the variable $x is not declared here, in `{{ $x }}`");
    check("{{ break }}", "test:1:4: this stands outside of a range, in `{{ break }}`");
    check("{{ nil }}", "test:1:4: nil is not a command, in `{{ nil }}`");
    check("{{ __member . }}", "test:1:4: there is no function __member, in `{{ __member . }}`");
    let missing = text("{{ template \"slack.default.titel\" . }}", &MESSAGES["firing"]).unwrap_err();
    assert!(
        missing.starts_with("test:1:4: there is no template \"slack.default.titel\"; there are slack.default."),
        "{missing}"
    );
}

#[test]
fn errors_of_execution_name_their_place() {
    check(
        "a\n{{ .Nope }}",
        "test:2:4: the message has no field Nope; it has Receiver, Status, Alerts, NotificationReason, GroupLabels, CommonLabels, CommonAnnotations, RouteLabels, ExternalURL, SilenceURL, GroupKey, TruncatedAlerts, AppVersion, OrgID, Vars, Pictures, PicturesLeftOut, in `{{ .Nope }}`",
    );
    check(
        "{{ index .Alerts 7 }}",
        "test:1:4: index 7 is out of range: the list has 3 items, in `{{ index .Alerts 7 }}`",
    );
    check(
        "{{ range .Alerts }}{{ .StartsAt.Fromat \"15\" }}{{ end }}",
        "test:1:23: .Fromat takes 0 arguments, not 1, in `{{ .StartsAt.Fromat \"15\" }}`",
    );
    check("{{ len (index .Alerts 0) }}", "test:1:4: an alert has no length, in `{{ len (index .Alerts 0) }}`");
    check("{{ range .Status }}{{ end }}", "test:1:10: cannot range over a string, in `{{ range .Status }}`");
    check(
        "{{ define \"r\" }}{{ template \"r\" . }}{{ end }}{{ template \"r\" . }}",
        "test: templates and blocks are nested deeper than 200",
    );
}

#[test]
fn an_error_in_a_file_names_the_file() {
    let file = ("my.tmpl".to_owned(), "{{ define \"mine\" }}\n{{ .Alerts.Nope }}{{ end }}".to_owned());
    let templates = Templates::load(&[file]).unwrap();
    let option = templates.text("receivers[0].title", "{{ template \"mine\" . }}").unwrap();
    let error = option.check().unwrap_err();
    assert_eq!((error.origin.as_str(), error.line, error.column), ("my.tmpl", 2, 4));
    assert_eq!(error.expression, "{{ .Alerts.Nope }}");
}

#[test]
fn all_files_are_reported_at_once() {
    let files = [("a", "{{ nope }}{{ nope2 }}"), ("b", "{{ if 1 }}"), ("c", "fine")];
    let files = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let errors = Templates::load(&files).unwrap_err();
    assert_eq!(errors.iter().map(|error| error.origin.as_str()).collect::<Vec<_>>(), ["a", "a", "b"]);
}

#[test]
fn users_override_the_defaults() {
    let file = ("my.tmpl".to_owned(), "{{ define \"__subject\" }}mine {{ .Status }}{{ end }}".to_owned());
    let templates = Templates::load(&[file]).unwrap();
    let title = templates.text("t", "{{ template \"slack.default.title\" . }}").unwrap();
    assert_eq!(title.render(&Data::new(&MESSAGES["firing"])).unwrap(), "mine firing");
    let empty = ("my.tmpl".to_owned(), "{{ define \"__subject\" }} {{ end }}".to_owned());
    let title = Templates::load(&[empty]).unwrap().text("t", "{{ template \"__subject\" . }}").unwrap();
    assert!(title.render(&Data::new(&MESSAGES["firing"])).unwrap().starts_with("[FIRING:2]"));
}

#[test]
fn grafanas_functions_work() {
    let message = sample_message(Status::Firing);
    let run = |template: &str| text(template, &message).unwrap();
    assert_eq!(run("{{ tmpl.Exec \"__subject\" . | toLower }}"), "[firing:2] highcpu eu-west (node)");
    assert_eq!(
        run(
            "{{ define \"r\" }}{{ tmpl.Exec \"s\" .x }}{{ end }}{{ define \"s\" }}<{{ . }}>{{ end }}{{ tmpl.Exec \"r\" (coll.Dict \"x\" 1) }}"
        ),
        "<1>"
    );
    assert_eq!(run("{{ title \"hello wORLD don't stop-it 3rd foo_bar\" }}"), "Hello World Don't Stop-It 3Rd Foo_bar");
    assert_eq!(run("{{ range $k, $v := (index .Alerts 0).Values }}{{ $k }}={{ $v }}{{ end }}"), "A=97.2");
    let endless = text("{{ define \"r\" }}{{ tmpl.Exec \"r\" . }}{{ end }}{{ tmpl.Exec \"r\" . }}", &message);
    assert!(endless.unwrap_err().contains("tmpl.Exec is nested deeper than"));
}

#[test]
fn data_from_json() {
    let body = serde_json::json!({"a": {"b": [1, 2.5, "x", null, true]}, "n": 1234567});
    let data = Data::from_json(&body, alerts::Time::from_secs(0));
    let template =
        Templates::default_set().text("t", "{{ range .a.b }}{{ . }},{{ end }}{{ .n }} {{ now.Year }}").unwrap();
    assert_eq!(template.render(&data).unwrap(), "1,2.5,x,<no value>,true,1234567 1970");
}

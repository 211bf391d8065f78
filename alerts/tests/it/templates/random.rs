//! Whatever a template says, the answer is a text or an error: no panic, no overflow of the stack, no endless growth.

use alerts::{
    Status,
    templates::{Data, Templates, sample_message},
};
use proptest::prelude::*;

use super::support::{MESSAGES, html, text};

/// Words that templates are made of, so that random ones get past the parser.
fn word() -> impl Strategy<Value = String> {
    let words = [
        "{{",
        "}}",
        "{{-",
        "-}}",
        "{{if ",
        "{{range ",
        "{{with ",
        "{{else}}",
        "{{end}}",
        "{{define \"x\"}}",
        "{{template \"x\" .}}",
        "{{block \"y\" .}}",
        "{{break}}",
        "/*",
        "*/",
        " | ",
        "(",
        ")",
        " . ",
        ".Alerts",
        ".Alerts.Firing",
        ".CommonLabels",
        ".SortedPairs",
        ".Names",
        ".Values",
        ".Remove ",
        ".StartsAt",
        ".Format ",
        "\"2006 .000 Z07:00\"",
        "$x",
        " := ",
        " = ",
        "$",
        "$i, $x := ",
        "printf ",
        "\"%v %5.1f %*d %[3]q\"",
        "index ",
        "slice ",
        "len ",
        "toJson ",
        "dict ",
        "list ",
        "append ",
        "\"a\"",
        "1",
        "-3",
        "1e300",
        "0.1",
        "nil",
        "true",
        "eq ",
        "lt ",
        "and ",
        "or ",
        "not ",
        "html ",
        "js ",
        "urlquery ",
        "match ",
        "\"[a\"",
        "reReplaceAll ",
        "join ",
        "title ",
        "toUpper ",
        "humanizeDuration ",
        "since ",
        "date ",
        "tz ",
        "\"Europe/Paris\"",
        "toDate ",
        "coll.Dict ",
        "tmpl.Exec ",
        "data.ToJSONPretty ",
        "now",
        "é",
        "\n",
        "<a href=\"",
        "\">",
        "<script>",
        "'",
        "`",
    ];
    prop_oneof![4 => prop::sample::select(words.to_vec()).prop_map(str::to_owned), 1 => "\\PC{0,6}"]
}

/// An action that is well formed more often than not.
fn action() -> impl Strategy<Value = String> {
    (prop::collection::vec(word(), 1..6)).prop_map(|words| format!("{{{{ {} }}}}", words.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_text_never_panics(parts in prop::collection::vec(prop_oneof![word(), action()], 0..12)) {
        let template = parts.concat();
        for message in MESSAGES.values() {
            let _ = text(&template, message);
            let _ = html(&template, message);
        }
    }
}

/// The worst that can be nested, on a stack as small as a worker's.
#[test]
fn deep_nesting_is_an_error_not_an_overflow() {
    let deep = |opening: &str, inner: &str, closing: &str, times: usize| {
        opening.repeat(times) + inner + &closing.repeat(times)
    };
    let parentheses = deep("(", "1", ")", 90);
    let templates = [
        format!("{{{{ {} }}}}", deep("(", "1", ")", 500)),
        deep("{{ if 1 }}", "x", "{{ end }}", 95),
        deep("{{ if 1 }}", "x", "{{ end }}", 5000),
        deep("{{ range list 1 }}", "x", "{{ end }}", 95),
        format!("{{{{ define \"r\" }}}}{{{{ template \"r\" {parentheses} }}}}{{{{ end }}}}{{{{ template \"r\" . }}}}"),
        format!(
            "{{{{ define \"r\" }}}}{{{{ tmpl.Exec \"s\" {parentheses} }}}}{{{{ end }}}}{{{{ define \"s\" }}}}{}{{{{ end }}}}{{{{ template \"r\" . }}}}",
            deep("{{ with 1 }}", "{{ template \"r\" . }}", "{{ end }}", 60)
        ),
        format!(
            "{{{{ define \"r\" }}}}{}{{{{ end }}}}{{{{ template \"r\" . }}}}",
            deep("{{ with 1 }}", "{{ template \"r\" . }}", "{{ end }}", 90)
        ),
        "{{ $x := dict }}{{ range 100000 }}{{ $x = dict \"a\" $x }}{{ end }}".to_owned(),
        "{{ $x := \"ab\" }}{{ range 100 }}{{ $x = print $x $x }}{{ end }}".to_owned(),
        "{{ range 1000000000 }}{{ range 1000000000 }}{{ end }}{{ end }}".to_owned(),
        "{{ define \"r\" }}{{ range 100 }}0123456789{{ template \"r\" . }}{{ end }}{{ end }}{{ template \"r\" . }}"
            .to_owned(),
        "{{ printf \"%999999999d\" 1 }}".to_owned(),
    ];
    let work = move || {
        for template in &templates {
            let _ = text(template, &MESSAGES["firing"]);
            let _ = html(template, &MESSAGES["firing"]);
        }
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap();
}

/// A label whose name looks like our own mark is not mistaken for one.
#[test]
fn hostile_label_names_are_only_labels() {
    let mut message = sample_message(Status::Firing);
    message.alerts[0].alert.labels.set("\0", "4");
    message.alerts[0].alert.labels.set("\0s", "5");
    message.common_labels.set("\0", "4");
    let template = "{{ .CommonLabels }} {{ (index .Alerts 0).Labels.SortedPairs }} {{ toJson . }}";
    let shown = Templates::default_set().text("t", template).unwrap().render(&Data::new(&message)).unwrap();
    assert!(!shown.contains('\0') && !shown.contains("\\u0000"), "{shown}");
}

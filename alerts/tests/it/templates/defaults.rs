//! The default texts: all of them execute on every message; the looks of the important ones.

use alerts::{
    Status,
    message::Message,
    templates::{Data, TemplatePicture, Templates, sample_message},
};

use super::support::{MESSAGES, folder, html, text};

/// The named template of the defaults, as text.
fn named(name: &str, message: &Message) -> String {
    text(&format!("{{{{ template {name:?} . }}}}"), message).unwrap()
}

/// Compares with a file in `tests/templates/looks`; `UPDATE_GOLDEN=1` writes it anew.
fn looks_like(file: &str, actual: &str) {
    let path = folder().join("looks").join(file);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, actual).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), actual, "{file}");
}

#[test]
fn every_default_executes_on_every_message() {
    let templates = Templates::default_set();
    let samples = [sample_message(Status::Firing), sample_message(Status::Resolved)];
    // those that take a part of the message only run inside of others
    let whole = |name: &&str| name.contains(".default.") || name.starts_with("default.");
    for name in templates.names().filter(whole) {
        for message in MESSAGES.values().chain(&samples) {
            let data = Data::new(message);
            let source = match name.ends_with("instances") {
                true => format!("{{{{ template {name:?} .Alerts }}}}"),
                false => format!("{{{{ template {name:?} . }}}}"),
            };
            templates.text(name, &source).unwrap().render(&data).unwrap();
            templates.html(name, &source).unwrap().render(&data).unwrap();
        }
    }
}

#[test]
fn the_subject_is_alertmanagers() {
    assert_eq!(named("__subject", &MESSAGES["firing"]), "[FIRING:2] HighCpu eu-west (node)");
    assert_eq!(named("__subject", &MESSAGES["resolved"]), "[RESOLVED]  (DiskFull /dev/sda1)");
    assert_eq!(
        named("slack.default.fallback", &MESSAGES["firing"]),
        "[FIRING:2] HighCpu eu-west (node) | https://alerts.example.org/#/alerts?receiver=team-web%5C%2Bdb"
    );
}

#[test]
fn texts_look_as_they_did() {
    let message = sample_message(Status::Firing);
    looks_like("slack.txt", &named("slack.default.text", &message));
    looks_like("email.txt", &named("email.default.text", &message));
    looks_like("message.txt", &named("default.message", &message));
    looks_like("resolved.txt", &named("email.default.text", &sample_message(Status::Resolved)));
    looks_like("alert_list.txt", &named("opsgenie.default.description", &message));
    looks_like("alert_list.md", &named("msteams.default.text", &message));
}

#[test]
fn the_mail_looks_as_it_did_and_shows_its_pictures() {
    let message = sample_message(Status::Firing);
    let fingerprints = message.alerts.iter().map(|alert| alert.alert.fingerprint).collect();
    let data = Data::new(&message).with_pictures(vec![TemplatePicture {
        src: "cid:picture-1@wirephoto".to_owned(),
        alt: "a chart with \"quotes\" & <brackets>".to_owned(),
        title: "Processors in use".to_owned(),
        width: 1000,
        height: 500,
        alerts: fingerprints,
    }]);
    let mail = Templates::default_set().html("mail", r#"{{ template "email.default.html" . }}"#).unwrap();
    let mail = mail.render(&data).unwrap();
    assert!(
        mail.contains(
            r#"<img src="cid:picture-1@wirephoto" alt="a chart with &#34;quotes&#34; &amp; &lt;brackets&gt;""#
        )
    );
    assert!(mail.contains("One more picture"));
    looks_like("email.html", &mail);
}

#[test]
fn hostile_labels_stay_text_in_the_mail() {
    let mail = html(r#"{{ template "email.default.html" . }}"#, &MESSAGES["hostile"]).unwrap();
    for forbidden in ["<script", "<img", "<b>", "href=\"javascript:", "onerror=alert('1')"] {
        assert!(!mail.contains(forbidden), "{forbidden} in {mail}");
    }
}

#[test]
fn slacks_text_leaves_escaping_to_the_channel() {
    let slack = named("slack.default.text", &MESSAGES["hostile"]);
    assert!(slack.contains("<b>bold"), "{slack}");
}

#[test]
fn pictures_reach_their_alerts() {
    let message = sample_message(Status::Firing);
    let templates = Templates::default_set();
    let data = Data::new(&message);
    let shown = templates.text("t", "{{ (index .Alerts 0).ImageURL }} {{ (index .Alerts 0).EmbeddedImage }}").unwrap();
    assert!(shown.render(&data).unwrap().starts_with("https://wirephoto.example.org/images/"));
    let picture = TemplatePicture {
        src: "cid:p1".to_owned(),
        alerts: vec![message.alerts[0].alert.fingerprint],
        ..TemplatePicture::default()
    };
    let shown = templates.text("t", "{{ range .Alerts }}[{{ .EmbeddedImage }}]{{ end }}").unwrap();
    assert_eq!(shown.render(&data.with_pictures(vec![picture])).unwrap(), "[p1][][]");
}

#[test]
fn links_to_silence_lead_to_alertmanagers_form_with_the_labels_as_they_are() {
    let mut message = MESSAGES["firing"].clone();
    let base = "https://alerts.example.org/#/silences/new?filter=";
    assert_eq!(
        named("__silenceURL", &message),
        format!("{base}%7Balertname%3D%22HighCpu%22%2C%20cluster%3D%22eu-west%22%7D")
    );
    let first = text("{{ (index .Alerts 0).SilenceURL }}", &message).unwrap();
    assert!(first.starts_with(base) && first.contains("instance%3D%22web-1%22"), "{first}");

    // escaping labels for a markup afterwards changes nothing
    message.group_labels = [("a", "x<y>&\"z\"")].into_iter().collect();
    let expected = named("__silenceURL", &message);
    alerts::templates::fix_links(&mut message);
    message.group_labels = [("a", "x&lt;y")].into_iter().collect();
    assert_eq!(named("__silenceURL", &message), expected);
    assert!(expected.ends_with("%7Ba%3D%22x%3Cy%3E%26%5C%22z%5C%22%22%7D"), "{expected}");

    // without labels that all share there is nothing to silence by
    message.common_annotations = Default::default();
    (message.group_labels, message.common_labels) = Default::default();
    assert_eq!(named("__silenceURL", &message), "");
}

//! Mails and dialogues, against a server of the test's own; the mails are read back with a parser other than lettre's.

use alerts::{message::Message, ports::SendErrorKind};
use mail_parser::{MessageParser, MimeHeaders};

use super::{
    golden,
    messages::{PNG, firing, grouped, hostile, replace_bytes, resolved, with_pictures},
    setup::{Setup, shown},
    smtp_server::{Script, SmtpServer},
};

fn toml(server: &SmtpServer, more: &str) -> String {
    let place = server.base.trim_start_matches("http://");
    format!(
        "[[email_configs]]\nsmarthost = '{place}'\nfrom = 'wirephoto@example.org'\n{}{}{more}",
        if more.contains("require_tls") { "" } else { "require_tls = false\n" },
        if more.starts_with("to = ") { "" } else { "to = 'Ann <ann@example.org>'\n" }
    )
}

#[tokio::test]
async fn mails_are_as_recorded() {
    let headers = "headers = { Subject = 'custom {{ .Status }} ü', X-Team = '{{ .GroupLabels.alertname }}', To = 'team@example.org' }";
    let cases: [(&str, &str, Message); 9] = [
        ("firing", "", firing()),
        ("resolved", headers, resolved()),
        ("one_picture", "", with_pictures(firing(), 1)),
        ("grouped_three_pictures_of_two", "max_images = 2", with_pictures(grouped(), 3)),
        ("linked", "images = 'link'", with_pictures(grouped(), 2)),
        ("text_only", "html = ''", with_pictures(firing(), 1)),
        ("html_only", "text = ''", with_pictures(firing(), 1)),
        ("attached", "picture_placement = 'attached'", with_pictures(grouped(), 2)),
        ("hostile", "", hostile("<script>\"a\" 'b' \u{202E}txt\r\nBcc: eve@example.org\r\n\r\nü")),
    ];
    for (name, more, message) in cases {
        let server = SmtpServer::start(Script::announcing("SIZE 10240000")).await;
        Setup::default().channel(&toml(&server, more)).send(&message, None).await.unwrap();
        golden::check(&format!("email/{name}.txt"), &golden::mail(&server.mails()[0]));
    }
}

#[tokio::test]
async fn a_reader_sees_text_html_and_the_picture_inside() {
    let server = SmtpServer::start(Script::default()).await;
    Setup::default().channel(&toml(&server, "")).send(&with_pictures(firing(), 2), None).await.unwrap();
    let raw = server.mails().remove(0);
    let mail = MessageParser::new().parse(&raw).unwrap();
    assert_eq!(mail.subject(), Some("[FIRING:1] DiskFull"));
    assert!(mail.body_text(0).unwrap().contains("firing DiskFull db-1: The disk is nearly full & rising <fast>"));
    let html = mail.body_html(0).unwrap();
    assert!(html.contains("rising &lt;fast&gt;"));
    let pictures: Vec<_> =
        mail.parts.iter().filter(|part| part.content_type().is_some_and(|t| t.ctype() == "image")).collect();
    assert_eq!(pictures.len(), 2);
    for picture in pictures {
        assert!(html.contains(&format!("src=\"cid:{}\"", picture.content_id().unwrap())), "{html}");
        assert_eq!(picture.contents(), PNG);
    }
    assert_eq!(mail.message_id(), Some("0123456789abcdef0123456789abcdef@example.org"));
    let thread = mail.references().as_text().unwrap().to_owned();
    assert!(thread.starts_with("group-") && mail.in_reply_to().as_text() == Some(&thread));
    assert_eq!(mail.header_raw("Auto-Submitted").unwrap().trim(), "auto-generated");
}

#[tokio::test]
async fn header_values_stay_in_their_header() {
    let server = SmtpServer::start(Script::default()).await;
    let more = "headers = { X-Name = '{{ .GroupLabels.alertname }}', X-Empty = '{{ .GroupLabels.nothing }}' }";
    let message = hostile("x\r\nBcc: eve@example.org\r\n\r\nbody\0\u{b}");
    Setup::default().channel(&toml(&server, more)).send(&message, None).await.unwrap();
    let raw = server.mails().remove(0);
    let mail = MessageParser::new().parse(&raw).unwrap();
    assert!(mail.bcc().is_none());
    assert_eq!(mail.header_raw("X-Name").unwrap().trim(), "x Bcc: eve@example.org body");
    assert_eq!(mail.subject(), Some("[FIRING:1] x Bcc: eve@example.org body"));
    assert!(server.commands().iter().all(|command| !command.contains("eve")));
}

#[tokio::test]
async fn several_recipients_and_addresses_from_templates() {
    let server = SmtpServer::start(Script::default()).await;
    let more = "to = 'Ann <ann@example.org>, {{ .GroupLabels.alertname | toLower }}@example.org'";
    Setup::default().channel(&toml(&server, more)).send(&firing(), None).await.unwrap();
    let commands = server.commands();
    assert!(commands.contains(&"RCPT TO:<ann@example.org>".to_owned()), "{commands:?}");
    assert!(commands.contains(&"RCPT TO:<diskfull@example.org>".to_owned()), "{commands:?}");
    let more = "to = '{{ .GroupLabels.nothing }}'";
    let error = Setup::default().channel(&toml(&server, more)).send(&firing(), None).await.unwrap_err();
    assert_eq!((error.kind, error.detail.as_str()), (SendErrorKind::Rejected, "to: there is no address"));
}

/// Alertmanager's headers `Cc` and `Bcc` are only written there; here they do what they say.
#[tokio::test]
async fn copies_go_to_whom_the_headers_name() {
    let server = SmtpServer::start(Script::default()).await;
    let more = "headers = { cc = 'Boss <boss@example.org>, ann@example.org', Bcc = '{{ .GroupLabels.alertname | toLower }}@example.org' }";
    let receipt = Setup::default().channel(&toml(&server, more)).send(&firing(), None).await.unwrap();
    assert_eq!(receipt.degraded, None);
    let commands = server.commands();
    let told: Vec<&str> = commands.iter().filter_map(|command| command.strip_prefix("RCPT TO:")).collect();
    assert_eq!(told, ["<ann@example.org>", "<boss@example.org>", "<diskfull@example.org>"]);
    let raw = server.mails().remove(0);
    let mail = MessageParser::new().parse(&raw).unwrap();
    assert_eq!(mail.cc().unwrap().first().unwrap().address(), Some("boss@example.org"));
    assert!(mail.bcc().is_none() && !String::from_utf8_lossy(&raw).contains("diskfull@"));

    let more = "headers = { Cc = '{{ .GroupLabels.nothing }}', Bcc = '{{ .GroupLabels.alertname }}' }";
    let receipt = Setup::default().channel(&toml(&server, more)).send(&firing(), None).await.unwrap();
    assert_eq!(receipt.degraded.as_deref(), Some("headers.Bcc: \"DiskFull\" is not a list of mail addresses"));
    let problems = Setup::default().problems(&toml(&server, "headers = { Bcc = 'nobody' }"));
    assert_eq!(problems, ["receivers[0].email_configs[0].headers.Bcc: \"nobody\" is not a list of mail addresses"]);
}

#[tokio::test]
async fn pictures_are_attached_where_there_is_no_place_for_them() {
    for more in ["html = ''", "picture_placement = 'attached'"] {
        let server = SmtpServer::start(Script::default()).await;
        Setup::default().channel(&toml(&server, more)).send(&with_pictures(grouped(), 2), None).await.unwrap();
        let raw = server.mails().remove(0);
        let mail = MessageParser::new().parse(&raw).unwrap();
        let names: Vec<_> = mail.attachments().map(|part| part.attachment_name().unwrap().to_owned()).collect();
        assert_eq!(names, ["picture00.png", "picture01.png"], "{more}");
        assert!(mail.attachments().all(|part| part.contents() == PNG), "{more}");
        assert!(!mail.body_html(0).unwrap_or_default().contains("cid:"), "{more}");
    }
}

/// What a mail with two large pictures comes to under an announced size: pictures kept, and their bytes.
async fn check_size(script: Script, pictures: u32, kept: usize, words: &str) {
    let server = SmtpServer::start(script.clone()).await;
    let mut message = with_pictures(firing(), pictures as usize);
    message.pictures.iter_mut().for_each(|picture| replace_bytes(picture, 300, 300));
    let receipt = Setup::default().channel(&toml(&server, "")).send(&message, None).await.unwrap();
    let raw = server.mails().pop().unwrap();
    let announced: usize =
        script.extensions.first().map_or(usize::MAX, |size| size.trim_start_matches("SIZE ").parse().unwrap());
    assert!(announced < 16 * 1024 || raw.len() <= announced, "{} bytes", raw.len());
    let mail = MessageParser::new().parse(&raw).unwrap();
    let images = mail.parts.iter().filter(|part| part.content_type().is_some_and(|t| t.ctype() == "image")).count();
    assert_eq!(images, kept);
    if kept < pictures as usize && mail.html_body_count() > 0 {
        assert!(mail.body_html(0).unwrap().contains("more pictures"));
    }
    let degraded = receipt.degraded.unwrap_or_default();
    assert!(degraded.contains(words), "{degraded}");
}

#[tokio::test]
async fn the_servers_size_is_kept() {
    // a picture of noise, 300 x 300, takes 270 kB, in a mail 370 kB
    check_size(Script::announcing("SIZE 10240000"), 2, 2, "").await;
    check_size(Script::announcing("SIZE 600000"), 2, 2, "").await;
    check_size(Script::announcing("SIZE 372000"), 2, 1, "picture01 left out").await;
    check_size(Script::announcing("SIZE 40000"), 1, 1, "").await;
    let taking = |most| Script { really_takes: Some(most), ..Script::default() };
    check_size(taking(400_000), 2, 1, "picture01 left out").await;
    check_size(taking(100_000), 2, 1, "the server refused a larger mail").await;
    check_size(taking(20_000), 2, 0, "sent without pictures: the mail: permanent error (552)").await;
}

#[tokio::test]
async fn a_long_text_gives_way_to_the_servers_size() {
    let server = SmtpServer::start(Script::announcing("SIZE 20000")).await;
    let mut message = hostile(&"ü long value ".repeat(3_000));
    message.pictures.clear();
    let receipt = Setup::default().channel(&toml(&server, "")).send(&message, None).await.unwrap();
    let raw = server.mails().pop().unwrap();
    assert!(raw.len() <= 20_000, "{}", raw.len());
    assert!(MessageParser::new().parse(&raw).unwrap().body_text(0).unwrap().trim_end().ends_with('…'));
    assert!(receipt.degraded.unwrap().contains("without HTML"));
}

#[tokio::test]
async fn the_size_is_announced_where_it_is_asked_for() {
    for (script, expected) in [(Script::announcing("SIZE"), true), (Script::default(), false)] {
        let server = SmtpServer::start(script).await;
        Setup::default().channel(&toml(&server, "")).send(&firing(), None).await.unwrap();
        // the line end before the final dot is not the mail's
        let size = server.mails()[0].len() - 2;
        let from = server.commands().into_iter().find(|command| command.starts_with("MAIL")).unwrap();
        let with_size = format!("MAIL FROM:<wirephoto@example.org> SIZE={size}");
        assert_eq!(from == with_size, expected, "{from}");
    }
}

async fn check_failure(script: Script, more: &str, kind: SendErrorKind, ambiguous: bool, words: &str) {
    let server = SmtpServer::start(script).await;
    let error = Setup::default().channel(&toml(&server, more)).send(&firing(), None).await.unwrap_err();
    assert_eq!((error.kind, error.ambiguous), (kind, ambiguous), "{error}");
    assert!(error.detail.contains(words), "{error}");
    assert!(!shown(&error).contains("very-secret") && !shown(&error).contains("dmVyeS1zZWNyZXQ"), "{error}");
}

#[tokio::test]
async fn failures_have_classes() {
    use SendErrorKind::*;
    let login = "auth_username = 'ann'\nauth_password = 'very-secret'";
    let replying = Script::replying;
    check_failure(replying("EHLO", "421 too busy"), "", Retry, false, "too busy").await;
    check_failure(replying("AUTH", "535 5.7.8 wrong: very-secret"), login, Unauthorised, false, "5.7.8").await;
    check_failure(replying("AUTH", "454 later"), login, Retry, false, "AUTH").await;
    check_failure(replying("MAIL", "530 log in first"), "", Unauthorised, false, "log in").await;
    check_failure(replying("MAIL", "451 later"), "", Retry, false, "MAIL FROM").await;
    check_failure(replying("MAIL", "553 no such sender"), "", Rejected, false, "no such sender").await;
    check_failure(replying("RCPT", "550 nobody here"), "", Unauthorised, false, "nobody here").await;
    check_failure(replying("RCPT", "450 greylisted"), "", Retry, false, "greylisted").await;
    check_failure(replying(".", "451 try again"), "", Retry, false, "try again").await;
    check_failure(replying(".", "554 5.7.1 spam"), "", Rejected, false, "spam").await;
    check_failure(replying(".", "554 message too large"), "", TooLarge, false, "too large").await;
    check_failure(Script { close_at: Some("RCPT"), ..Script::default() }, "", Retry, false, "RCPT TO").await;
    check_failure(Script { close_at: Some("."), ..Script::default() }, "", Retry, true, "the mail").await;
    check_failure(Script::default(), "require_tls = true", Unauthorised, false, "STARTTLS").await;
}

#[tokio::test]
async fn a_refused_recipient_does_not_cost_the_others_their_mail() {
    let server = SmtpServer::start(Script::replying("RCPT TO:<bob", "550 no bob")).await;
    let channel = Setup::default().channel(&toml(&server, "to = 'ann@example.org, bob@example.org'"));
    let receipt = channel.send(&firing(), None).await.unwrap();
    assert_eq!(server.mails().len(), 1);
    assert!(receipt.degraded.unwrap().contains("no bob"));
}

#[tokio::test]
async fn logs_in_with_and_without_an_identity() {
    let cases = [
        ("", "AUTH PLAIN AGFubgB2ZXJ5LXNlY3JldA=="),
        ("auth_identity = 'boss'", "AUTH PLAIN Ym9zcwBhbm4AdmVyeS1zZWNyZXQ="),
    ];
    for (identity, expected) in cases {
        let server = SmtpServer::start(Script::default()).await;
        let more = format!("auth_username = 'ann'\nauth_password = 'very-secret'\n{identity}");
        Setup::default().channel(&toml(&server, &more)).send(&firing(), None).await.unwrap();
        assert!(server.commands().contains(&expected.to_owned()), "{:?}", server.commands());
    }
}

const CA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tls/ca.pem");

#[tokio::test]
async fn mails_and_passwords_go_over_tls() {
    let login = "auth_username = 'ann'\nauth_password = 'very-secret'";
    let trusted = format!("tls_config = {{ ca_file = '{CA}', server_name = 'mail.example.org' }}");
    let starttls = Script { starttls: true, ..Script::announcing("SIZE 10240000") };
    let server = SmtpServer::start(starttls.clone()).await;
    let channel = Setup::default().channel(&toml(&server, &format!("require_tls = true\n{login}\n{trusted}")));
    channel.send(&firing(), None).await.unwrap();
    let commands = server.commands();
    let at = |what: &str| commands.iter().position(|command| command.starts_with(what));
    assert!(at("(encrypted)") < at("AUTH") && at("AUTH") < at("MAIL"), "{commands:?}");
    assert!(commands.iter().any(|command| command.contains(" SIZE=")), "{commands:?}");

    let server = SmtpServer::start(Script { implicit_tls: true, ..Script::default() }).await;
    let more = format!("force_implicit_tls = true\n{login}\n{trusted}");
    Setup::default().channel(&toml(&server, &more)).send(&firing(), None).await.unwrap();
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_gets_nothing() {
    let cases =
        ["", "tls_config = { server_name = 'mail.example.org' }", "tls_config = { insecure_skip_verify = true }"];
    for (at, tls) in cases.into_iter().enumerate() {
        let server = SmtpServer::start(Script { starttls: true, ..Script::default() }).await;
        let sent =
            Setup::default().channel(&toml(&server, &format!("require_tls = true\n{tls}"))).send(&firing(), None).await;
        match at {
            2 => drop(sent.unwrap()),
            _ => {
                let error = sent.unwrap_err();
                assert_eq!((error.kind, error.ambiguous), (SendErrorKind::Retry, false), "{error}");
                assert!(error.detail.contains("STARTTLS") && error.detail.contains("ertificate"), "{error}");
                assert!(!server.commands().iter().any(|command| command.starts_with("MAIL")));
            }
        }
    }
}

#[tokio::test]
async fn the_secret_of_cram_md5_stays_here() {
    let mut script = Script::announcing("AUTH CRAM-MD5");
    // "<1896.697170952@postoffice.reston.mci.net>", the example of RFC 2195
    script
        .replies
        .push(("AUTH CRAM-MD5".into(), "334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+".into()));
    let answer = "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw";
    script.replies.push((answer.to_owned(), "235 welcome".to_owned()));
    let server = SmtpServer::start(script).await;
    let login = "auth_username = 'tim'\nauth_secret = 'tanstaaftanstaaf'\nauth_password = 'not-needed'";
    Setup::default().channel(&toml(&server, login)).send(&firing(), None).await.unwrap();
    assert!(server.commands().contains(&answer.to_owned()), "{:?}", server.commands());

    // where it is not offered, the password does; without one, nothing goes out
    let server = SmtpServer::start(Script::default()).await;
    Setup::default().channel(&toml(&server, login)).send(&firing(), None).await.unwrap();
    assert!(server.commands().iter().any(|command| command.starts_with("AUTH PLAIN")));
    let only = "auth_username = 'tim'\nauth_secret = 'tanstaaftanstaaf'";
    let error = Setup::default().channel(&toml(&server, only)).send(&firing(), None).await.unwrap_err();
    assert!(error.kind == SendErrorKind::Unauthorised && error.detail.contains("CRAM-MD5"), "{error}");
}

#[tokio::test]
async fn threads_are_as_configured() {
    let group = &firing().group_hash()[..32];
    let day = firing().now.rfc3339()[..10].to_owned();
    let cases = [
        ("", Some(format!("group-{group}@example.org"))),
        ("threading = { enabled = false }", None),
        ("threading = { enabled = true }", Some(format!("group-{group}-{day}@example.org"))),
        ("threading = { enabled = true, thread_by_date = 'none' }", Some(format!("group-{group}@example.org"))),
        ("headers = { References = '<own@x>' }", Some("own@x".to_owned())),
    ];
    for (more, expected) in cases {
        let server = SmtpServer::start(Script::default()).await;
        Setup::default().channel(&toml(&server, more)).send(&firing(), None).await.unwrap();
        let raw = server.mails().remove(0);
        let mail = MessageParser::new().parse(&raw).unwrap();
        assert_eq!(mail.references().as_text(), expected.as_deref(), "{more}");
    }
}

#[test]
fn headers_that_contradict_are_refused() {
    let check = |more: &str, expected: &str| {
        let toml = format!("[[email_configs]]\nto = 'a@b.c'\nfrom = 'a@b.c'\nsmarthost = 'x:25'\n{more}");
        let problems = Setup::default().problems(&toml);
        assert_eq!(problems, [format!("receivers[0].email_configs[0].{expected}")], "{more}");
    };
    check(
        "headers = { References = 'x' }\nthreading = { enabled = true }",
        "headers.References: cannot be set where threading.enabled sets it",
    );
    check(
        "headers = { X-a = 'x', x-A = 'y' }",
        "headers.x-A: is given twice: upper and lower case do not differ in headers",
    );
    check("tls_config = { max_version = 'TLS12' }", "tls_config.max_version: cannot be TLS12 for mail: leave it out");
}

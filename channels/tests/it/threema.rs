//! Threema: basic mode as exact requests; end-to-end mode read with the recipient's own key, files included.

use std::time::Duration;

use alerts::{
    message::Message,
    ports::{Channel, LatePictures, SendErrorKind, Way},
};
use crypto_box::{SalsaBox, SecretKey, aead::Aead as _};
use crypto_secretbox::{KeyInit as _, XSalsa20Poly1305};
use serde_json::{Value, json};

use super::{
    golden,
    http_server::{HttpServer, Recorded, Reply},
    messages::{PNG, firing, grouped, hostile, picture, replace_bytes, resolved, with_pictures},
    setup::{Setup, shown},
};

/// The two sides of all conversations here.
const OWN: [u8; 32] = [0x11; 32];
const OTHER: [u8; 32] = [0x22; 32];

const TEXTS: &str = "title = '{{ template \"test.title\" . }}'\ndescription = '{{ template \"test.text\" . }}'";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect()
}

fn toml(base: &str, more: &str) -> String {
    format!(
        "[[threema_configs]]\napi_url = '{base}'\ngateway_id = '*WIREPHT'\nrecipient_id = 'ABCD1234'\napi_secret = 'api-secret'\n{TEXTS}\n{more}"
    )
}

fn end_to_end(base: &str, more: &str) -> String {
    toml(base, &format!("private_key = 'private:{}'\n{more}", hex(&OWN)))
}

/// The second way in of the conformance suite: with both keys of above.
pub const EXAMPLE: &str = "[[threema_configs]]\napi_url = 'BASE'\ngateway_id = '*WIREPHT'\nrecipient_id = 'ABCD1234'\n\
    api_secret = 'api-secret'\nprivate_key = '1111111111111111111111111111111111111111111111111111111111111111'\n\
    recipient_public_key = 'public:0faa684ed28867b97f4a6a2dee5df8ce974e76b7018e3f22a1c4cf2678570f20'";

/// Names of files count up.
fn answer(request: &Recorded) -> Reply {
    match request.path.split('?').next().unwrap() {
        "/pubkeys/ABCD1234" => Reply::status(200, hex(SecretKey::from(OTHER).public_key().as_bytes())),
        "/upload_blob" => Reply::status(200, format!("{:032x}", request.body.len())),
        _ => Reply::status(200, "0123456789abcdef"),
    }
}

/// What the recipient reads: the type of the message, and its contents.
fn opened(request: &Recorded) -> (u8, String) {
    let form = form(request);
    let envelope = SalsaBox::new(&SecretKey::from(OWN).public_key(), &SecretKey::from(OTHER));
    let nonce: [u8; 24] = unhex(&form["nonce"]).try_into().unwrap();
    let padded = envelope.decrypt(&nonce.into(), unhex(&form["box"]).as_slice()).unwrap();
    let padding = usize::from(*padded.last().unwrap());
    (padded[0], String::from_utf8(padded[1..padded.len() - padding].to_vec()).unwrap())
}

fn form(request: &Recorded) -> std::collections::BTreeMap<String, String> {
    url::form_urlencoded::parse(&request.body).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// The one part of a form.
fn uploaded(request: &Recorded) -> Vec<u8> {
    let from = request.body.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let boundary = request.header("content-type").unwrap().split_once("boundary=").unwrap().1;
    request.body[from..request.body.len() - format!("\r\n--{boundary}--\r\n").len()].to_vec()
}

fn unlocked(locked: &[u8], key: &str, nonce: u8) -> Vec<u8> {
    let key: [u8; 32] = unhex(key).try_into().unwrap();
    let mut whole = [0; 24];
    whole[23] = nonce;
    XSalsa20Poly1305::new(&key.into()).decrypt(&whole.into(), locked).unwrap()
}

#[tokio::test]
async fn requests_of_basic_mode_are_as_recorded() {
    let cases: [(&str, &str, Message); 5] = [
        ("firing", "", firing()),
        ("resolved", "", resolved()),
        ("three_pictures_of_two", "max_images = 2", with_pictures(grouped(), 3)),
        ("no_pictures_wanted", "images = 'none'", with_pictures(firing(), 1)),
        ("hostile", "", hostile("@[@@@@@@@@] *b* & a=b \u{202E}txt\r\nnew line")),
    ];
    for (name, more, message) in cases {
        let server = HttpServer::start(answer).await;
        let receipt = Setup::default().channel(&toml(&server.base, more)).send(&message, None).await.unwrap();
        assert_eq!((receipt.degraded, receipt.pictures_due), (None, false));
        check(&server.requests()[0]);
        let mut request = server.requests().remove(0);
        let form: Vec<String> =
            url::form_urlencoded::parse(&request.body).map(|(name, value)| format!("{name}: {value}")).collect();
        request.body = form.join("\n").into();
        request.headers.retain(|(name, _)| name != "content-length");
        golden::check(&format!("threema/{name}.txt"), &golden::requests(&[request], &server.base));
    }
}

#[tokio::test]
async fn the_recipient_reads_the_text_and_sees_the_picture() {
    let server = HttpServer::start(answer).await;
    let channel = Setup::default().channel(&end_to_end(&server.base, ""));
    let mut message = with_pictures(firing(), 1);
    replace_bytes(&mut message.pictures[0], 900, 450);
    let file = message.pictures[0].bytes.clone().unwrap();
    let receipt = channel.send(&message, None).await.unwrap();
    assert!(receipt.pictures_due && receipt.message == json!({ "id": "0123456789abcdef" }));
    assert_eq!(server.paths(), ["/pubkeys/ABCD1234", "/send_e2e"]);
    let text = "\u{26A0}\u{FE0F} [FIRING:1] DiskFull\n\nfiring DiskFull db-1: The disk is nearly full & rising <fast>\n\
        http://wirephoto.example.org";
    assert_eq!(opened(&server.requests()[1]), (0x01, text.to_owned()));

    let added = channel.add_pictures(&receipt, &message.pictures).await.unwrap();
    assert!(!added.pictures_due && added.degraded.is_none());
    assert_eq!(server.paths()[2..], ["/upload_blob", "/upload_blob", "/send_e2e"]);
    let [thumbnail, blob] = [2, 3].map(|at| uploaded(&server.requests()[at]));
    let (kind, told) = opened(&server.requests()[4]);
    let told: Value = serde_json::from_str(&told).unwrap();
    let key = told["k"].as_str().unwrap();
    assert_eq!(kind, 0x17);
    assert!(unlocked(&blob, key, 1) == file, "the file itself");
    let small = unlocked(&thumbnail, key, 2);
    assert!(small.starts_with(&[0xFF, 0xD8]) && small.len() <= 60_000);
    let name = |at: usize| format!("{:032x}", server.requests()[at].body.len());
    let expected = json!({
        "b": name(3), "t": name(2), "p": "image/jpeg", "k": key, "m": "image/png", "n": "picture00.png", "s": file.len(),
        "d": "Disk use of db-1 rose to 97 %, above the threshold of 90 %", "j": 1, "i": 1, "x": { "w": 900, "h": 450 },
    });
    assert_eq!(told, expected);
}

#[tokio::test]
async fn the_key_is_asked_for_once() {
    let server = HttpServer::start(answer).await;
    let channel = Setup::default().channel(&end_to_end(&server.base, ""));
    channel.send(&firing(), None).await.unwrap();
    channel.send(&resolved(), None).await.unwrap();
    assert_eq!(server.paths(), ["/pubkeys/ABCD1234", "/send_e2e", "/send_e2e"]);
    assert!(opened(&server.requests()[2]).1.starts_with("\u{2705} [RESOLVED]"));
    assert_ne!(form(&server.requests()[1])["nonce"], form(&server.requests()[2])["nonce"]);
    let known = Setup::default().channel(&EXAMPLE.replace("BASE", &server.base));
    known.send(&firing(), None).await.unwrap();
    assert_eq!(server.paths().len(), 4, "a configured key is not asked for");
}

#[tokio::test]
async fn several_pictures_are_one_sheet_or_files_of_their_own() {
    let server = HttpServer::start(answer).await;
    let message = with_pictures(grouped(), 3);
    let count = |server: &HttpServer| server.requests().iter().filter(|r| r.path == "/send_e2e").count();
    let send = async |more: &str| {
        let channel = Setup::default().channel(&end_to_end(&server.base, more));
        let receipt = channel.send(&message, None).await.unwrap();
        channel.add_pictures(&receipt, &message.pictures).await.unwrap();
    };
    send("").await;
    assert_eq!(count(&server), 2);
    let told: Value = serde_json::from_str(&opened(server.requests().last().unwrap()).1).unwrap();
    assert!(told["n"].as_str().unwrap().starts_with("sheet-"), "{told}");
    send("max_images = 3").await;
    assert_eq!(count(&server), 2 + 4);
    // the pictures of the messages above are one pixel: too small to be made smaller, and sent all the same
    assert_eq!(unlocked(&uploaded(&server.requests()[server.requests().len() - 4]), &key_of(&server, 1), 1), PNG);
}

/// The key of the file message so many from the end.
fn key_of(server: &HttpServer, from_the_end: usize) -> String {
    let requests = server.requests();
    let told: Value = serde_json::from_str(&opened(&requests[requests.len() - from_the_end]).1).unwrap();
    told["k"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_file_that_fails_shows_nothing_twice() {
    let failing =
        |r: &Recorded| if r.path.starts_with("/upload") { Reply::status(500, "api-secret") } else { answer(r) };
    let server = HttpServer::start(failing).await;
    let channel = Setup::default().channel(&end_to_end(&server.base, ""));
    let message = with_pictures(firing(), 1);
    let receipt = channel.send(&message, None).await.unwrap();
    let error = channel.add_pictures(&receipt, &message.pictures).await.unwrap_err();
    assert_eq!((error.kind, error.ambiguous), (SendErrorKind::Retry, false), "{error}");
    assert!(!shown(&error).contains("api-secret"));
    assert_eq!(server.paths().iter().filter(|path| *path == "/send_e2e").count(), 1, "the text, once");
}

#[tokio::test]
async fn links_are_told_where_files_are_not_wanted() {
    let server = HttpServer::start(answer).await;
    let channel = Setup::default().channel(&end_to_end(&server.base, "images = 'link'"));
    let message = with_pictures(firing(), 1);
    let receipt = channel.send(&message, None).await.unwrap();
    assert!(!receipt.pictures_due);
    assert!(opened(&server.requests()[1]).1.contains("Disk use: http://wirephoto.example.org/images/picture00.png"));
    channel.add_pictures(&receipt, &[picture("late", &message.alerts[0])]).await.unwrap();
    assert!(opened(&server.requests()[2]).1.starts_with("Disk use: http://wirephoto.example.org/images/late.png"));
}

#[tokio::test]
async fn failures_have_classes_and_no_secrets() {
    let cases = [
        (402, SendErrorKind::Unauthorised),
        (413, SendErrorKind::Rejected),
        (429, SendErrorKind::RetryAfter(Duration::from_secs(30))),
        (500, SendErrorKind::Retry),
    ];
    for (status, kind) in cases {
        let server = HttpServer::start(move |r| Reply::status(status, format!("{} {:?}", r.path, form(r)))).await;
        for toml in [toml(&server.base, ""), end_to_end(&server.base, ""), EXAMPLE.replace("BASE", &server.base)] {
            let error = Setup::default().channel(&toml).send(&with_pictures(firing(), 1), None).await.unwrap_err();
            assert_eq!(error.kind, kind, "{status}: {error}");
            assert!(!shown(&error).contains("api-secret") && !shown(&error).contains(&hex(&OWN)), "{error}");
        }
    }
    let server = HttpServer::start(|_| Reply::status(200, "no key")).await;
    let error = Setup::default().channel(&end_to_end(&server.base, "")).send(&firing(), None).await.unwrap_err();
    assert_eq!((error.kind, error.ambiguous), (SendErrorKind::Rejected, false), "{error}");
    // a lost question is asked again without harm
    let closing = HttpServer::start(|_| Reply::Close).await;
    let error = Setup::default().channel(&end_to_end(&closing.base, "")).send(&firing(), None).await.unwrap_err();
    assert_eq!((error.kind, error.ambiguous), (SendErrorKind::Retry, false), "{error}");
}

#[tokio::test]
async fn long_texts_keep_their_last_line() {
    let mut message = grouped();
    message.alerts = vec![message.alerts[0].clone(); 200];
    let server = HttpServer::start(answer).await;
    Setup::default().channel(&end_to_end(&server.base, "")).send(&message, None).await.unwrap();
    let (_, text) = opened(&server.requests()[1]);
    assert!(text.len() <= 3_500 && text.len() > 3_000, "{}", text.len());
    assert!(text.ends_with(" more alerts\nhttp://wirephoto.example.org"), "{text}");
}

#[test]
fn keys_that_are_wrong_are_refused() {
    let check = |toml: &str, expected: &[&str]| {
        let expected: Vec<String> =
            expected.iter().map(|text| format!("receivers[0].threema_configs[0].{text}")).collect();
        assert_eq!(Setup::default().problems(toml), expected);
    };
    let wrong = "gateway_id: is eight capital letters or digits, the first is *";
    check(
        "[[threema_configs]]",
        &[wrong, "recipient_id: is eight capital letters or digits", "api_secret: is missing"],
    );
    let short = toml("https://x", "private_key = 'abcd'\nrecipient_public_key = 'abcd'");
    let digits = "is no key: 64 hexadecimal digits";
    check(&short, &[&format!("private_key: {digits}"), &format!("recipient_public_key: {digits}")]);
    check(&toml("https://x", "images = 'upload'"), &["images: this integration cannot take picture files"]);
    let limits = |toml: &str| {
        let channel: std::sync::Arc<dyn Channel> = Setup::default().channel(toml);
        (channel.limits().pictures.ways.clone(), channel.limits().pictures.late)
    };
    assert_eq!(limits(&toml("https://x", "")), (vec![Way::Link], LatePictures::No));
    assert_eq!(limits(&end_to_end("https://x", "")), (vec![Way::Attach], LatePictures::Add));
}

/// What holds for every request to Threema.
pub fn check(request: &Recorded) {
    match request.path.rsplit('/').next().unwrap() {
        "send_simple" => check_text(&form(request)["text"]),
        "send_e2e" => {
            let sealed = unhex(&form(request)["box"]);
            assert!((32 + 16..=4_000).contains(&sealed.len()), "{}", sealed.len());
            let (kind, contents) = opened(request);
            match kind {
                0x01 => check_text(&contents),
                _ => assert_eq!(kind, 0x17),
            }
        }
        other => assert!(other.starts_with("upload_blob?"), "{other}"),
    }
}

fn check_text(text: &str) {
    assert!(text.len() <= 3_500 && !text.contains("@["), "{text}");
    assert!(text.ends_with("http://wirephoto.example.org"), "the way to our pages stays: {text}");
}

//! Messages to send: firing, resolved, grouped, with pictures, hostile.

use alerts::{
    Alert, Episode, LabelSet, Status, Time,
    alert::PictureSlots,
    message::{Message, MessageAlert, Reason},
    picture::{Picture, PictureId, PictureRecord, Subject},
};
use bytes::Bytes;

/// 2023-11-14T22:13:20Z.
pub const NOW: Time = Time::from_secs(1_700_000_000);

/// A PNG file of one red pixel, as fixed bytes.
pub const PNG: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8, 2,
    0, 0, 0, 0x90, 0x77, 0x53, 0xDE, 0, 0, 0, 12, b'I', b'D', b'A', b'T', 0x08, 0xD7, 0x63, 0xF8, 0xCF, 0xC0, 0, 0, 3,
    1, 1, 0, 0x18, 0xDD, 0x8D, 0xB0, 0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xAE, 0x42, 0x60, 0x82,
];

pub fn alert(status: Status, labels: &[(&str, &str)], annotations: &[(&str, &str)]) -> MessageAlert {
    let labels: LabelSet = labels.iter().copied().collect();
    let alert = Alert {
        fingerprint: labels.fingerprint(),
        labels,
        annotations: annotations.iter().copied().collect(),
        starts_at: Time::from_secs(1_699_999_000),
        ends_at: Time::from_secs(1_699_999_900),
        ends_by_timeout: false,
        updated_at: NOW,
        generator_url: "http://prometheus.example.org/graph?g0.expr=disk+%3E+90&g0.tab=1".into(),
        episode: Episode(Time::from_secs(1_699_999_000)),
        pictures: PictureSlots::default(),
    };
    MessageAlert { status, alert }
}

pub fn message(alerts: Vec<MessageAlert>) -> Message {
    let firing = alerts.iter().any(|alert| alert.status == Status::Firing);
    Message {
        idempotency_key: "0123456789abcdef0123456789abcdef".into(),
        receiver: "team-disk".into(),
        group_key: r#"{}/{team="disk"}:{alertname="DiskFull"}"#.into(),
        status: if firing { Status::Firing } else { Status::Resolved },
        reason: if firing { Reason::FirstNotification } else { Reason::AllResolved },
        group_labels: [("alertname", "DiskFull")].into_iter().collect(),
        route_labels: LabelSet::new(),
        common_labels: Message::common(alerts.iter().map(|one| &one.alert.labels)),
        common_annotations: Message::common(alerts.iter().map(|one| &one.alert.annotations)),
        alerts,
        external_url: "http://wirephoto.example.org".into(),
        now: NOW,
        pictures: Vec::new(),
        pictures_left_out: 0,
    }
}

fn disk(status: Status, instance: &str) -> MessageAlert {
    alert(
        status,
        &[("alertname", "DiskFull"), ("instance", instance), ("severity", "critical")],
        &[("summary", "The disk is nearly full & rising <fast>")],
    )
}

pub fn firing() -> Message {
    message(vec![disk(Status::Firing, "db-1")])
}

pub fn resolved() -> Message {
    message(vec![disk(Status::Resolved, "db-1")])
}

pub fn grouped() -> Message {
    let mut grouped =
        message(vec![disk(Status::Firing, "db-1"), disk(Status::Firing, "db-2"), disk(Status::Resolved, "db-3")]);
    grouped.reason = Reason::NewAlerts;
    grouped
}

pub fn picture(name: &str, of: &MessageAlert) -> Picture {
    Picture {
        record: PictureRecord {
            id: PictureId(name.into()),
            subject: Subject { source: "prometheus".into(), panel: name.into(), variables: String::new() },
            transition: of.status,
            title: "Disk use".into(),
            alt: "Disk use of db-1 rose to 97 %, above the threshold of 90 %".into(),
            width: 1,
            height: 1,
            size: PNG.len() as u64,
            sha256: "00ff".repeat(16),
            taken_at: NOW,
            used_at: NOW,
            uploaded: None,
        },
        url: Some(format!("http://wirephoto.example.org/images/{name}.png?expires=1700604800&signature=abc")),
        bytes: Some(Bytes::from_static(PNG)),
        alerts: vec![of.alert.fingerprint],
    }
}

/// The message with `count` pictures, spread over its alerts.
pub fn with_pictures(mut message: Message, count: usize) -> Message {
    let alerts = message.alerts.clone();
    message.pictures = (0..count).map(|at| picture(&format!("picture{at:02}"), &alerts[at % alerts.len()])).collect();
    message
}

/// All values are `value`.
pub fn hostile(value: &str) -> Message {
    let labels = [("alertname", value), ("severity", value), ("other", value)];
    let mut hostile = message(vec![alert(Status::Firing, &labels, &[("summary", value), ("description", value)])]);
    hostile.group_labels = [("alertname", value)].into_iter().collect();
    hostile.group_key = format!("{{}}:{{alertname={value:?}}}");
    hostile.alerts[0].alert.generator_url = value.to_owned();
    let mut hostile = with_pictures(hostile, 1);
    hostile.pictures[0].record.title = value.to_owned();
    hostile.pictures[0].record.alt = value.to_owned();
    hostile
}

/// A PNG file of noise, which takes about three bytes per pixel.
fn noise(width: u32, height: u32) -> Bytes {
    let mut seed = 7u32;
    let bytes = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as u8
    });
    let bytes: Vec<u8> = bytes.take(width as usize * height as usize * 3).collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&bytes).unwrap();
    writer.finish().unwrap();
    file.into()
}

/// Gives a picture other bytes.
pub fn replace_bytes(picture: &mut Picture, width: u32, height: u32) {
    let bytes = noise(width, height);
    picture.record.size = bytes.len() as u64;
    (picture.record.width, picture.record.height) = (width, height);
    picture.bytes = Some(bytes);
}

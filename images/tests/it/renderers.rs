//! The renderers beside the native one, against healthy, slow, lying and dead servers; and the order in which they are tried.

use std::{sync::Arc, time::Duration};

use alerts::{
    Alert, Episode, LabelSet, Time,
    alert::PictureSlots,
    ports::{Capture, RenderError, RenderErrorKind, Rendered, Renderer},
};
use images::{
    PanelConfig, Renderers, RenderingConfig, ScreenshotsConfig, Sections, SourceConfig, SourceKind, Unwatched,
    settings::RendererKind,
};

use crate::{
    fake::{Fake, Reply, Request},
    world::{AMPLE, NOW, capture, clock, labels, matrix, series},
};

/// A picture with something on it, or an empty one.
pub(crate) fn picture(width: u32, height: u32, empty: bool) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let pixel = |at: u32| if empty || !(at / width).is_multiple_of(9) { [20, 20, 30] } else { [90, 200, 90] };
    let bytes: Vec<u8> = (0..width * height).flat_map(pixel).collect();
    let mut writer = encoder.write_header().expect("a header");
    writer.write_image_data(&bytes).expect("the pixels");
    writer.finish().expect("the end");
    file
}

#[derive(Default)]
struct Setup {
    sources: Vec<SourceConfig>,
    panels: Vec<PanelConfig>,
    renderers: Vec<RendererKind>,
    rendering: RenderingConfig,
}

impl Setup {
    /// A Grafana at this address, and its own renderer.
    fn grafana(url: &str) -> Self {
        let source =
            SourceConfig { bearer_token: Some("glsa-secret".into()), ..source("graf", SourceKind::Grafana, url) };
        Self { sources: vec![source], renderers: vec![RendererKind::Grafana], ..Self::default() }
    }

    fn panel(mut self, toml: &str) -> Self {
        self.panels.push(toml::from_str(toml).expect("the keys are right"));
        self
    }

    fn build(&self) -> Renderers {
        // an error only means that another test was first
        let _ = rustls::crypto::ring::default_provider().install_default();
        let screenshots = ScreenshotsConfig {
            renderers: self.renderers.clone(),
            width: 400,
            height: 200,
            scale: 2,
            timezone: "Europe/Berlin".into(),
            ..ScreenshotsConfig::default()
        };
        let sections = Sections {
            sources: &self.sources,
            panels: &self.panels,
            screenshots: &screenshots,
            rendering: &self.rendering,
            chromium: &images::ChromiumConfig::default(),
        };
        images::build(&sections, &clock(), Arc::new(Unwatched)).expect("a valid configuration")
    }

    /// The picture of an alert with these labels and annotations.
    async fn picture(&self, labels: &[(&str, &str)], annotations: &[(&str, &str)]) -> Result<Rendered, RenderError> {
        self.within(labels, annotations, AMPLE).await
    }

    async fn within(
        &self,
        labels: &[(&str, &str)],
        annotations: &[(&str, &str)],
        budget: Duration,
    ) -> Result<Rendered, RenderError> {
        let renderers = self.build();
        let alert = alert(labels, annotations);
        let subject = renderers.subject(&alert).expect("a panel");
        let wanted = Capture { subject, labels: alert.labels, annotations: alert.annotations, ..capture("") };
        renderers.render(&wanted, budget).await
    }
}

fn source(name: &str, kind: SourceKind, url: &str) -> SourceConfig {
    SourceConfig::new(name, kind, url)
}

fn alert(pairs: &[(&str, &str)], annotations: &[(&str, &str)]) -> Alert {
    let labels = labels(pairs);
    Alert {
        fingerprint: labels.fingerprint(),
        labels,
        annotations: annotations.iter().copied().collect::<LabelSet>(),
        starts_at: Time::from_secs(NOW - 60),
        ends_at: Time::MAX,
        ends_by_timeout: false,
        updated_at: Time::from_secs(NOW),
        generator_url: String::new(),
        episode: Episode::default(),
        pictures: PictureSlots::default(),
    }
}

const X: (&str, &str) = ("alertname", "X");
const PANEL: [(&str, &str); 2] = [("__dashboardUid__", "ab/c"), ("__panelId__", "4")];

#[tokio::test]
async fn grafana_is_asked_for_the_panel_with_its_variables() {
    let fake = Fake::start(|_: &Request| Reply::png(picture(800, 400, false))).await;
    let mut setup = Setup::grafana(&format!("{}/graf", fake.url));
    setup.sources[0].org_id = Some(2);
    setup.sources[0].variables =
        toml::from_str("node = '{{ $labels.instance }}'\njob = '{{ $labels.job }}'").expect("texts");
    let rendered = setup.picture(&[X, ("instance", "db 1")], &PANEL).await.expect("a picture");
    assert_eq!((rendered.width, rendered.height, rendered.title.as_str()), (800, 400, "X"));
    assert!(rendered.alt.contains("panel 4 of dashboard ab/c"), "{}", rendered.alt);
    let request = fake.requests().remove(0);
    assert_eq!(request.path, "/graf/render/d-solo/ab%2Fc/_");
    assert_eq!(request.headers["authorization"], "Bearer glsa-secret");
    let expected = [
        ("orgId", "2"),
        ("panelId", "4"),
        ("width", "400"),
        ("height", "200"),
        ("scale", "2"),
        ("theme", "dark"),
        ("tz", "Europe/Berlin"),
        ("var-node", "db 1"),
        ("to", &(NOW * 1_000).to_string()),
        ("from", &((NOW - 3_600) * 1_000).to_string()),
    ];
    for (name, value) in expected {
        assert_eq!(request.parameter(name), value, "{name}");
    }
    assert!(!request.parameters.contains_key("var-job"), "its label is missing, it keeps its default");
}

async fn fails(reply: Reply, kind: RenderErrorKind, words: &str) {
    let fake = Fake::start(move |_: &Request| reply.clone()).await;
    let error =
        Setup::grafana(&fake.url).within(&[X], &PANEL, Duration::from_millis(700)).await.expect_err("no picture");
    assert_eq!(error.kind, kind, "{error}");
    assert!(error.detail.contains(words) && !error.detail.contains("secret"), "{error}");
}

#[tokio::test]
async fn what_arrives_as_200_is_looked_at() {
    use RenderErrorKind::{Content, Source, Timeout};
    fails(Reply::status(200, "text/html", "<title>Grafana</title>"), Content, "is this a login page").await;
    fails(Reply::png(picture(200, 100, false)), Content, "a placeholder").await;
    fails(Reply::png(picture(800, 400, true)), Content, "nothing is on it").await;
    fails(Reply::png(picture(800, 400, false)[..300].to_vec()), Content, "not a readable PNG").await;
    fails(Reply::png(b"GIF89a".to_vec()), Content, "neither PNG nor JPEG").await;
    fails(Reply::Endless, Content, "came instead of a picture").await;
    fails(Reply::status(401, "application/json", r#"{"message":"invalid API key"}"#), Source, "401 Unauthorized").await;
    fails(Reply::status(500, "text/plain", "rendering failed"), Source, "failed to take an image of panel 4").await;
    fails(Reply::Silence, Timeout, "within").await;
    fails(Reply::HangUp, Content, "came instead of a picture").await;
}

#[tokio::test]
async fn the_image_renderer_is_asked_for_the_page() {
    let fake = Fake::start(|_: &Request| Reply::png(picture(800, 400, false))).await;
    let mut setup = Setup::grafana("https://graf.test/sub");
    setup.renderers = vec![RendererKind::Remote];
    setup.rendering = RenderingConfig {
        server_url: format!("{}/render", fake.url),
        callback_url: "http://grafana:3000".into(),
        renderer_token: Some("renderer-secret".into()),
        ..RenderingConfig::default()
    };
    setup.picture(&[X], &PANEL).await.expect("a picture");
    let request = fake.requests().remove(0);
    assert_eq!((request.path.as_str(), request.headers["x-auth-token"].as_str()), ("/render", "renderer-secret"));
    assert!(!request.headers.contains_key("authorization"), "the source's token is not for the renderer");
    let page = request.parameter("url");
    assert!(
        page.starts_with("http://grafana:3000/d-solo/ab%2Fc/_?panelId=4&") && page.ends_with("&render=1"),
        "{page}"
    );
    for (name, value) in [("encoding", "png"), ("deviceScaleFactor", "2"), ("domain", "grafana"), ("width", "400")] {
        assert_eq!(request.parameter(name), value, "{name}");
    }
    let setup = setup.panel("page_url = 'https://wiki.test/{{ $labels.alertname }}'");
    setup.picture(&[X], &[]).await.expect("a picture");
    assert_eq!(fake.requests()[1].parameter("url"), "https://wiki.test/X");
}

#[tokio::test]
async fn an_address_that_answers_a_picture() {
    let fake = Fake::start(|_: &Request| Reply::png(picture(300, 100, false))).await;
    let setup = Setup { renderers: vec![RendererKind::Native, RendererKind::Http], ..Setup::default() };
    let setup = setup.panel(&format!(
        "image_url = '{}/render?host={{{{ $labels.instance }}}}'\ntitle = 'Load of {{{{ $labels.instance }}}}'",
        fake.url
    ));
    let rendered = setup.picture(&[X, ("instance", "a&b=c")], &[]).await.expect("a picture");
    assert_eq!((rendered.width, rendered.title.as_str()), (300, "Load of a&b=c"));
    assert_eq!(fake.requests()[0].parameter("host"), "a&b=c");
}

#[tokio::test]
async fn a_configured_query_is_drawn_for_its_alerts() {
    let answer = matrix(&[series(r#"{"instance":"db\"1"}"#, |n| n.to_string())]);
    let fake = Fake::start(move |_: &Request| Reply::json(answer.as_str())).await;
    let setup = Setup {
        sources: vec![source("prom", SourceKind::Prometheus, &fake.url)],
        renderers: vec![RendererKind::Native],
        ..Setup::default()
    };
    let setup = setup.panel(
        "matchers = ['alertname=\"X\"']\nquery = 'disk{instance=\"{{ $labels.instance }}\"} > 90'\nunit = 'percent'\nrange = '6h'\nwidth = 640",
    );
    let rendered = setup.picture(&[X, ("instance", "db\"1")], &[("summary", "full")]).await.expect("a picture");
    assert_eq!((rendered.width, rendered.title.as_str()), (1_280, "X: full"));
    assert_eq!(fake.queries(), ["disk{instance=\"db\\\"1\"}"], "no look at the rules, and the comparison is a line");
    let span: f64 = {
        let request = &fake.requests()[0];
        request.parameter("end").parse::<f64>().expect("a time")
            - request.parameter("start").parse::<f64>().expect("a time")
    };
    assert!((span - 6.0 * 3_600.0).abs() < 1.0, "{span}");
}

/// One renderer after the other, within one time.
#[tokio::test]
async fn the_next_renderer_is_tried_with_what_is_left() {
    let lying = Fake::start(|_: &Request| Reply::status(200, "text/html", "Login")).await;
    let healthy = Fake::start(|_: &Request| Reply::png(picture(800, 400, false))).await;
    let mut setup = Setup::grafana(&lying.url);
    setup.renderers.push(RendererKind::Remote);
    setup.rendering.server_url = format!("{}/render", healthy.url);
    setup.picture(&[X], &PANEL).await.expect("a picture");
    assert_eq!((lying.requests().len(), healthy.requests().len()), (1, 1));
    let both =
        Setup { rendering: RenderingConfig { server_url: lying.url.clone(), ..RenderingConfig::default() }, ..setup };
    let error = both.picture(&[X], &PANEL).await.expect_err("no picture");
    assert_eq!(error.kind, RenderErrorKind::Content);
    assert!(error.detail.contains("grafana: ") && error.detail.contains("; remote: "), "{error}");
}

/// Whatever labels, annotations and links say: nobody is asked who is not configured.
#[tokio::test]
async fn nothing_that_an_alert_says_is_fetched() {
    let trap = Fake::start(|_: &Request| Reply::png(picture(800, 400, false))).await;
    let fake = Fake::start(|_: &Request| Reply::png(picture(800, 400, false))).await;
    let setup = Setup::grafana(&fake.url);
    let evil = trap.url.as_str();
    let annotations = [
        ("__dashboardUid__", "../../../../etc"),
        ("__panelId__", "4"),
        ("__alert_image_url__", evil),
        ("image", evil),
        ("dashboardURL", evil),
    ];
    let renderers = setup.build();
    for link in [evil, "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd", "not a url"] {
        let alert = Alert { generator_url: link.into(), ..alert(&[X, ("instance", evil)], &annotations) };
        let subject = renderers.subject(&alert).expect("the only Grafana");
        let wanted = Capture {
            subject,
            labels: alert.labels,
            annotations: alert.annotations,
            generator_url: alert.generator_url,
            ..capture("")
        };
        renderers.render(&wanted, AMPLE).await.expect("a picture of the configured Grafana");
    }
    assert_eq!((trap.requests().len(), fake.requests().len()), (0, 4));
    assert!(fake.requests().iter().all(|request| request.path == "/render/d-solo/..%2F..%2F..%2F..%2Fetc/_"));
}

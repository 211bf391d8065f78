//! Pictures per second of the native renderer and of a warm Chromium, the same panel in one run: `cargo bench -p wirephoto-images`.
//!
//! Both ask a server on loopback for 10 series of 361 points and draw 1000 x 500 points, one picture at a time. The page draws with
//! canvas and says when it is done, so that Chromium waits for nothing: its best case, a Grafana takes longer. Native 50 times as fast
//! is the aim.
#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a benchmark measures time and prints")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::Arc,
    time::{Duration, Instant},
};

use alerts::{
    LabelSet, Status, Time,
    picture::Subject,
    ports::{Capture, Clock, Renderer},
};
use images::{
    ChromiumConfig, RenderingConfig, ScreenshotsConfig, Sections, SourceConfig, SourceKind, Unwatched,
    settings::RendererKind,
};

const NOW: i64 = 1_795_185_600;
const PAGE: &str = r##"<!doctype html><body style="margin:0;background:#181b1f;color:#ccc;font:13px sans-serif"><canvas id=c width=1000 height=500></canvas><script>
fetch('/api/v1/query_range?query=up').then(r=>r.json()).then(({data})=>{const c=document.getElementById('c').getContext('2d');
c.fillStyle='#ccc';c.fillText('up',20,20);
for(let i=0;i<6;i++){const y=460-i*84;c.strokeStyle='#333';c.beginPath();c.moveTo(50,y);c.lineTo(980,y);c.stroke();c.fillText(String(i*40),15,y)}
data.result.forEach((s,n)=>{const p=new Path2D();s.values.forEach(([t,v],i)=>p.lineTo(50+i*930/360,460-v*2.1));
c.strokeStyle=`hsl(${n*36} 70% 60%)`;c.lineWidth=1.5;c.stroke(p);c.fillStyle=c.strokeStyle;c.fillText(s.metric.instance,60+n*90,490)});
document.body.insertAdjacentHTML('beforeend','<i id=done></i>')})</script>"##;

struct BenchClock(Instant);

impl Clock for BenchClock {
    fn now(&self) -> Time {
        Time::from_secs(NOW)
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}

fn main() {
    // an error only means that it is installed already
    let _ = rustls::crypto::ring::default_provider().install_default();
    let url = serve();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let native = runtime.block_on(rate(RendererKind::Native, "query = 'up'\nsource = 'main'", &url, 300));
    println!("native    {native:8.1} pictures/s");
    let page = format!("page_url = '{url}/page'\nwait_for = '#done'");
    let chromium = runtime.block_on(rate(RendererKind::Chromium, &page, &url, 30));
    println!("chromium  {chromium:8.1} pictures/s");
    println!("native is {:.0} times as fast (aim: 50)", native / chromium);
}

async fn rate(kind: RendererKind, panel: &str, url: &str, pictures: u32) -> f64 {
    let screenshots = ScreenshotsConfig { renderers: vec![kind], ..ScreenshotsConfig::default() };
    let clock: Arc<dyn Clock> = Arc::new(BenchClock(Instant::now()));
    let sections = Sections {
        sources: &[SourceConfig::new("main", SourceKind::Prometheus, url)],
        panels: &[toml::from_str(panel).expect("the keys are right")],
        screenshots: &screenshots,
        rendering: &RenderingConfig::default(),
        // as root there is no other way
        chromium: &ChromiumConfig { sandbox: false, ..ChromiumConfig::default() },
    };
    let renderers =
        images::build(&sections, &clock, Arc::new(Unwatched)).expect("a valid configuration, and a browser");
    let wanted = capture();
    let mut last = None;
    for _ in 0..3 {
        last = Some(renderers.render(&wanted, Duration::from_secs(30)).await.expect("a picture"));
    }
    if let (Some(folder), Some(picture)) = (std::env::var_os("WIREPHOTO_BENCH_PICTURES"), last) {
        let name = format!("{kind:?}.png").to_lowercase();
        std::fs::write(std::path::Path::new(&folder).join(name), &picture.png).expect("written");
    }
    let began = Instant::now();
    for _ in 0..pictures {
        renderers.render(&wanted, Duration::from_secs(30)).await.expect("a picture");
    }
    f64::from(pictures) / began.elapsed().as_secs_f64()
}

fn capture() -> Capture {
    Capture {
        subject: Subject { source: "main".into(), panel: "panels/0".into(), variables: String::new() },
        transition: Status::Firing,
        at: Time::from_secs(NOW),
        starts_at: Time::from_secs(NOW - 60),
        fired_at: Time::from_secs(NOW - 57),
        resolved_at: None,
        labels: [("alertname", "X")].into_iter().collect(),
        annotations: LabelSet::new(),
        generator_url: String::new(),
        alerts: 1,
    }
}

/// Answers the page and the series, on threads of its own.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let series: Vec<String> = (0..10).map(one).collect();
    let answer: Arc<str> =
        format!(r#"{{"status":"success","data":{{"resultType":"matrix","result":[{}]}}}}"#, series.join(",")).into();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = answer.clone();
            std::thread::spawn(move || converse(&stream, &answer));
        }
    });
    url
}

fn one(n: u32) -> String {
    let value = |at: i64| 60.0 + f64::from(n) * 9.0 + 25.0 * (at as f64 / (9.0 + f64::from(n))).sin();
    let values: Vec<String> = (0..=360).map(|at| format!("[{},\"{:.2}\"]", NOW - 3_600 + at * 10, value(at))).collect();
    format!(r#"{{"metric":{{"__name__":"up","instance":"db-{n}"}},"values":[{}]}}"#, values.join(","))
}

fn converse(mut stream: &TcpStream, answer: &str) {
    let mut reader = BufReader::new(stream);
    loop {
        let (mut first, mut length) = (String::new(), 0);
        if reader.read_line(&mut first).unwrap_or(0) == 0 {
            return;
        }
        let mut line = String::new();
        while reader.read_line(&mut line).is_ok_and(|bytes| bytes > 2) {
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            line.clear();
        }
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        let page = first.contains(" /page");
        let (kind, body) = if page { ("text/html", PAGE) } else { ("application/json", answer) };
        let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n", body.len());
        if stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).is_err() {
            return;
        }
    }
}

//! Alerts per second that the whole server takes over HTTP, durable, the memory that an alert occupies, and how long reading takes.
//!
//! `cargo bench --bench ingest`. Starts the built server on loopback and posts, over several connections, new alerts and
//! then the same again as Prometheus repeats them: with a later end. Prints ratios to Alertmanager's figures of DESIGN.md
//! section 9 (another machine: only a side-by-side run decides). What it does not measure: notifications, pictures.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark measures time, prints, and stops at what it did not expect"
)]

use std::{
    fmt::Write as _,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};

const ALERTS: usize = 200_000;
const PER_REQUEST: usize = 64;
const CONNECTIONS: [usize; 2] = [4, 16];
/// Rounds of repetition, in each of which all alerts are sent again.
const ROUNDS: usize = 5;

/// Alertmanager 0.28 on two cores, DESIGN.md section 9: new and re-sent alerts per second, bytes per alert.
const REFERENCE: (f64, f64, f64) = (25_000.0, 30_000.0, 4_400.0);

/// What is read of all alerts, and how often; the milliseconds that Alertmanager takes for 100,000 where it has the like.
const READINGS: [(&str, &str, usize, Option<f64>); 4] = [
    ("one found by a label:", "/api/v2/alerts?filter=instance%3D%2210.0.77.77%3A9100%22", 50, Some(480.0)),
    ("a page of 100:", "/api/v2/alerts?limit=100", 50, None),
    ("all listed:", "/api/v2/alerts", 5, Some(4_500.0)),
    ("all in groups:", "/api/v2/alerts/groups", 5, None),
];

const CONFIG: &str = "[route]\nreceiver = \"nobody\"\ngroup_wait = \"10m\"\ngroup_by = [\"alertname\"]\n\
                      [[receivers]]\nname = \"nobody\"\n[log]\nlevel = \"warn\"\n";

fn main() {
    for connections in CONNECTIONS {
        measure(connections);
    }
}

fn measure(connections: usize) {
    let server = Server::start(connections);
    let (start, empty) = (Timestamp::now(), server.resident());
    let mut bodies: Vec<Vec<u8>> = (0..ALERTS).step_by(PER_REQUEST).map(|first| body(first, start)).collect();
    let bytes = bodies.iter().map(Vec::len).sum::<usize>() / ALERTS;
    println!("{ALERTS} alerts of {bytes} bytes, {PER_REQUEST} per request, {connections} connections");

    let new = ALERTS as f64 / server.post_all(&bodies).as_secs_f64();
    let memory = server.resident().saturating_sub(empty) as f64 / ALERTS as f64;
    let mut took = Duration::ZERO;
    for round in 1..=ROUNDS {
        extend(&mut bodies, start, round);
        took += server.post_all(&bodies);
    }
    let again = (ROUNDS * ALERTS) as f64 / took.as_secs_f64();
    println!("  new alerts, durable:       {new:>9.0} per second   {:>5.1} times the reference", new / REFERENCE.0);
    println!("  re-sent alerts:            {again:>9.0} per second   {:>5.1} times the reference", again / REFERENCE.1);
    println!("  resident per active alert: {memory:>9.0} bytes        {:>5.2} of the reference", memory / REFERENCE.2);
    for (what, path, times, reference) in READINGS {
        let start = Instant::now();
        let bytes = (0..times).map(|_| get(&server.address, path)).max().unwrap();
        let millis = start.elapsed().as_secs_f64() * 1e3 / times as f64;
        // the reference is for 100,000 alerts
        let ratio = reference.map(|per_100_000| per_100_000 * ALERTS as f64 / 1e5 / millis);
        let ratio = ratio.map_or(String::new(), |ratio| format!("{ratio:>5.0} times faster than the reference"));
        println!("  {what:<26} {millis:>9.1} ms, {bytes:>9} bytes   {ratio}");
    }
}

struct Server {
    child: Child,
    address: String,
    connections: usize,
    _folder: tempfile::TempDir,
}

impl Server {
    fn start(connections: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("wirephoto.toml"), CONFIG).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_wirephoto"));
        command.args(["--config", "wirephoto.toml", "--listen", "127.0.0.1:0", "--data-dir", "data"]);
        // the line with the address is said at info
        command.env("RUST_LOG", "wirephoto::serve=info").current_dir(folder.path());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let address = loop {
            let mut line = String::new();
            assert!(log.read_line(&mut line).unwrap() > 0, "the server ended before it listened");
            if let Some(address) = line.split_whitespace().find_map(|word| word.strip_prefix("address=")) {
                break address.to_owned();
            }
        };
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::stderr()));
        Self { child, address, connections, _folder: folder }
    }

    /// Posts all bodies and waits for all answers.
    fn post_all(&self, bodies: &[Vec<u8>]) -> Duration {
        let start = Instant::now();
        std::thread::scope(|scope| {
            for share in bodies.chunks(bodies.len().div_ceil(self.connections)) {
                scope.spawn(|| post(&self.address, share));
            }
        });
        start.elapsed()
    }

    fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// One request after the other over one connection.
fn post(address: &str, bodies: &[Vec<u8>]) {
    let mut stream = BufReader::with_capacity(4096, TcpStream::connect(address).unwrap());
    stream.get_ref().set_nodelay(true).unwrap();
    let mut request = Vec::new();
    for body in bodies {
        request.clear();
        let head = "POST /api/v2/alerts HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json";
        write!(request, "{head}\r\ncontent-length: {}\r\n\r\n", body.len()).unwrap();
        request.extend_from_slice(body);
        stream.get_mut().write_all(&request).unwrap();
        check_answer(&mut stream);
    }
}

/// The size of an answer, head included.
fn get(address: &str, path: &str) -> usize {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: bench\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer[..answer.len().min(500)]));
    answer.len()
}

fn check_answer(stream: &mut BufReader<TcpStream>) {
    let mut lines = Vec::new();
    while !matches!(lines.last(), Some(line) if line == "\r\n") {
        let mut line = String::new();
        assert!(stream.read_line(&mut line).unwrap() > 0, "the connection ended");
        lines.push(line);
    }
    let length =
        lines.iter().find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ")?.trim().parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).unwrap();
    assert!(lines[0].contains(" 200 "), "{} {}", lines[0], String::from_utf8_lossy(&body));
}

fn body(first: usize, start: Timestamp) -> Vec<u8> {
    let mut json = String::with_capacity(PER_REQUEST * 600);
    for number in first..(first + PER_REQUEST).min(ALERTS) {
        json.push(if number == first { '[' } else { ',' });
        write_alert(&mut json, number, start);
    }
    json.push(']');
    json.into_bytes()
}

fn write_alert(json: &mut String, number: usize, start: Timestamp) {
    let rule = number % 50;
    write!(
        json,
        r#"{{"annotations":{{"description":"The 99th percentile of requests to node-{number} has been above 250 ms for more than ten minutes now.","runbook_url":"https://runbooks.example/latency/{rule}","summary":"Latency on node-{number} is high"}},"endsAt":"{}","startsAt":"{}","generatorURL":"http://prometheus.example:9090/graph?g0.expr=latency_seconds_{rule}+%3E+0.25&g0.tab=1","labels":{{"alertname":"HighRequestLatency{rule}","cluster":"eu-{}","instance":"10.{}.{}.{}:9100","job":"node","severity":"warning","team":"platform"}}}}"#,
        end(start, 0),
        at(start),
        number % 7,
        number / 65_536,
        number / 256 % 256,
        number % 256,
    )
    .unwrap();
}

/// Gives all alerts the end of a later round.
fn extend(bodies: &mut [Vec<u8>], start: Timestamp, round: usize) {
    let (old, new) = (end(start, round - 1), end(start, round));
    for body in bodies {
        let text = String::from_utf8(std::mem::take(body)).unwrap();
        *body = text.replace(&old, &new).into_bytes();
    }
}

/// The end that is claimed in a round: four minutes ahead, with a quarter of a minute between rounds.
fn end(start: Timestamp, round: usize) -> String {
    at(start + SignedDuration::from_secs(240 + 15 * i64::try_from(round).unwrap()))
}

fn at(time: Timestamp) -> String {
    format!("{time:.3}")
}

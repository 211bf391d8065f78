//! A small HTTP server on loopback that records what it is sent and answers as the test says.
//!
//! Deliberately unknown here: who asks, and what the paths mean.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// A request that came.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    pub method: String,
    /// Without the query.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// When all of it was there.
    pub at: Option<Instant>,
}

impl Recorded {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|why| panic!("{} {}: {why}", self.method, self.path))
    }

    /// The fields of a form in the body.
    pub fn form(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(&self.body).find(|(other, _)| other == name).map(|(_, value)| value.into_owned())
    }
}

/// What is answered.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
    /// How long the sender waits for it.
    pub after: Duration,
}

impl Reply {
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("content-type", content_type.to_owned())];
        Self { status, headers, body: body.into(), after: Duration::ZERO }
    }

    pub fn text(status: u16, body: &str) -> Self {
        Self::new(status, "text/plain", body)
    }

    pub fn json(body: &serde_json::Value) -> Self {
        Self::new(200, "application/json", body.to_string())
    }

    pub fn with(mut self, header: &'static str, value: &str) -> Self {
        self.headers.push((header, value.to_owned()));
        self
    }

    pub fn after(self, time: Duration) -> Self {
        Self { after: time, ..self }
    }
}

type Answering = Arc<dyn Fn(&Recorded) -> Reply + Send + Sync>;

/// The server. While it is down its address refuses connections.
pub struct HttpServer {
    address: SocketAddr,
    answering: Answering,
    requests: Arc<Mutex<Vec<Recorded>>>,
    running: Option<Running>,
}

struct Running {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl HttpServer {
    pub fn start(answer: impl Fn(&Recorded) -> Reply + Send + Sync + 'static) -> Self {
        let mut server = Self::down(answer);
        server.up();
        server
    }

    /// A server that is down. Its port is on a loopback address of its own, where no client's port can take its place.
    pub fn down(answer: impl Fn(&Recorded) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.77:0").or_else(|_| TcpListener::bind("127.0.0.1:0"));
        let address = listener.and_then(|listener| listener.local_addr()).expect("a free port");
        Self { address, answering: Arc::new(answer), requests: Arc::default(), running: None }
    }

    /// `http://HOST:PORT`.
    pub fn base(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn up(&mut self) {
        let listener = TcpListener::bind(self.address).expect("the port of its own");
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, requests, answering) = (stop.clone(), self.requests.clone(), self.answering.clone());
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stopped.load(Ordering::Relaxed) {
                    break;
                }
                let (requests, answering) = (requests.clone(), answering.clone());
                std::thread::spawn(move || serve(stream, &requests, &answering));
            }
        });
        self.running = Some(Running { stop, thread });
    }

    /// Refuses connections from now on.
    pub fn take_down(&mut self) {
        let Some(running) = self.running.take() else { return };
        running.stop.store(true, Ordering::Relaxed);
        // wakes the thread; if nothing listens any more, it has ended
        let _ = TcpStream::connect(self.address);
        running.thread.join().expect("the accepting thread");
    }

    /// What came so far, in order of arrival.
    pub fn requests(&self) -> Vec<Recorded> {
        self.requests.lock().unwrap().clone()
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.take_down();
    }
}

/// One request per connection. Nothing is answered to what is no request.
fn serve(stream: TcpStream, requests: &Mutex<Vec<Recorded>>, answering: &Answering) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let request = read(&mut stream)?;
    requests.lock().unwrap().push(request.clone());
    let reply = answering(&request);
    std::thread::sleep(reply.after);
    let mut head =
        format!("HTTP/1.1 {} X\r\nconnection: close\r\ncontent-length: {}\r\n", reply.status, reply.body.len());
    reply.headers.iter().for_each(|(name, value)| head += &format!("{name}: {value}\r\n"));
    let stream = stream.get_mut();
    stream.write_all(format!("{head}\r\n").as_bytes()).ok()?;
    stream.write_all(&reply.body).ok()
}

fn read(stream: &mut BufReader<TcpStream>) -> Option<Recorded> {
    let mut line = String::new();
    stream.read_line(&mut line).ok()?;
    let mut words = line.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?);
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    let mut request = Recorded { method, path: path.to_owned(), ..Recorded::default() };
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        request.headers.push((name.to_owned(), value.trim().to_owned()));
    }
    let length = request.header("content-length").map_or(Some(0), |length| length.parse().ok())?;
    request.body = vec![0; length];
    stream.read_exact(&mut request.body).ok()?;
    request.at = Some(Instant::now());
    Some(request)
}

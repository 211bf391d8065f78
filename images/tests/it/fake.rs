//! A fake Prometheus on loopback: answers what the test says and remembers what it was asked.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

/// What a connection is read from and written to, TLS or not.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// A request that came.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub method: String,
    pub path: String,
    /// From the query of a GET, or the form of a POST.
    pub parameters: HashMap<String, String>,
    /// Names in lower case.
    pub headers: HashMap<String, String>,
    /// As it came.
    pub body: String,
}

impl Request {
    pub fn parameter(&self, name: &str) -> &str {
        self.parameters.get(name).map_or("", String::as_str)
    }

    pub fn is_query(&self) -> bool {
        self.path.ends_with("/query_range")
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub enum Reply {
    /// Status, content type, further header lines, body.
    Whole(u16, &'static str, String, Vec<u8>),
    /// A body without end, in JSON's clothes.
    Endless,
    /// Nothing, for ever.
    Silence,
    /// The connection is closed in the middle.
    HangUp,
}

impl Reply {
    pub fn json(body: impl Into<String>) -> Self {
        Self::Whole(200, "application/json", String::new(), body.into().into_bytes())
    }

    pub fn status(status: u16, kind: &'static str, body: impl Into<String>) -> Self {
        Self::Whole(status, kind, String::new(), body.into().into_bytes())
    }

    pub fn png(file: Vec<u8>) -> Self {
        Self::Whole(200, "image/png", String::new(), file)
    }
}

/// The fake, listening as long as it lives.
pub struct Fake {
    pub url: String,
    requests: Arc<Mutex<Vec<Request>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Fake {
    pub async fn start(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::listen("http", None, answer).await
    }

    /// The same behind TLS.
    pub async fn start_tls(
        config: rustls::ServerConfig,
        answer: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::listen("https", Some(TlsAcceptor::from(Arc::new(config))), answer).await
    }

    async fn listen(
        scheme: &str,
        tls: Option<TlsAcceptor>,
        answer: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("{scheme}://{}", listener.local_addr().expect("an address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (seen, answer) = (Arc::clone(&requests), Arc::new(answer));
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (seen, answer, tls) = (Arc::clone(&seen), Arc::clone(&answer), tls.clone());
                tokio::spawn(async move {
                    let mut stream: Box<dyn Stream> = match tls {
                        None => Box::new(stream),
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => Box::new(stream),
                            // a client that does not trust the test's authority
                            Err(_) => return,
                        },
                    };
                    serve(&mut stream, &seen, answer.as_ref()).await;
                });
            }
        });
        Self { url, requests, task }
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("no test panics with it").clone()
    }

    pub fn queries(&self) -> Vec<String> {
        self.requests().iter().filter(|r| r.is_query()).map(|r| r.parameter("query").to_owned()).collect()
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    stream: &mut Box<dyn Stream>,
    seen: &Mutex<Vec<Request>>,
    answer: &(dyn Fn(&Request) -> Reply + Send + Sync),
) {
    while let Some(request) = read(stream).await {
        let reply = answer(&request);
        seen.lock().expect("no test panics with it").push(request);
        if send(stream, reply).await.is_none() {
            return;
        }
    }
}

async fn read(stream: &mut Box<dyn Stream>) -> Option<Request> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    };
    let text = String::from_utf8(bytes[..head].to_vec()).ok()?;
    let mut lines = text.lines();
    let mut first = lines.next()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    let headers: HashMap<String, String> = lines.filter_map(header).collect();
    let length: usize = headers.get("content-length").and_then(|value| value.parse().ok()).unwrap_or(0);
    let mut body = bytes.split_off(head + 4);
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let form = String::from_utf8(body).ok()?;
    let pairs =
        [query, &form].map(|text| url::form_urlencoded::parse(text.as_bytes()).into_owned().collect::<Vec<_>>());
    let parameters = pairs.into_iter().flatten().collect();
    Some(Request { method, path: path.to_owned(), parameters, headers, body: form })
}

async fn send(stream: &mut Box<dyn Stream>, reply: Reply) -> Option<()> {
    match reply {
        Reply::Whole(status, kind, headers, body) => {
            let head = format!(
                "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n{headers}\r\n",
                body.len()
            );
            stream.write_all(&[head.as_bytes(), &body].concat()).await.ok()
        }
        Reply::Endless => {
            stream.write_all(b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\n\r\n").await.ok()?;
            loop {
                stream.write_all(&[b' '; 65_536]).await.ok()?;
            }
        }
        Reply::Silence => std::future::pending().await,
        Reply::HangUp => {
            stream
                .write_all(b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"sta")
                .await
                .ok()?;
            None
        }
    }
}

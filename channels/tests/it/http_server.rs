//! A small HTTP/1.1 server on loopback that records what it is sent and answers as the test says.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

#[derive(Clone, Debug, Default)]
pub struct Recorded {
    pub method: String,
    /// With the query.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Recorded {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The boundary of a form with files, if it is one.
    pub fn boundary(&self) -> Option<&str> {
        self.header("content-type")?.strip_prefix("multipart/form-data; boundary=")
    }

    /// The parts of such a form: headers and body.
    pub fn parts(&self) -> Vec<(String, Vec<u8>)> {
        let Some(boundary) = self.boundary() else { return vec![] };
        let find = |from: usize, what: &[u8]| {
            self.body[from..].windows(what.len()).position(|window| window == what).map(|at| from + at)
        };
        let (opens, closes) = (format!("--{boundary}\r\n"), format!("\r\n--{boundary}"));
        let mut parts = Vec::new();
        let mut from = 0;
        while let Some(at) = find(from, opens.as_bytes()) {
            let head = at + opens.len();
            let body = find(head, b"\r\n\r\n").unwrap() + 4;
            let end = find(body, closes.as_bytes()).unwrap();
            parts.push((String::from_utf8(self.body[head..body - 4].to_vec()).unwrap(), self.body[body..end].to_vec()));
            from = end + 2;
        }
        parts
    }

    /// The part of this name.
    pub fn part(&self, name: &str) -> Option<Vec<u8>> {
        let name = format!("; name=\"{name}\"");
        self.parts().into_iter().find(|(head, _)| head.contains(&name)).map(|(_, body)| body)
    }
}

#[derive(Clone, Debug)]
pub enum Reply {
    Answer {
        status: u16,
        headers: Vec<(&'static str, String)>,
        body: String,
    },
    /// Reads the request, then closes the connection.
    Close,
    /// Reads the request, then says nothing.
    Silence,
}

impl Reply {
    pub fn status(status: u16, body: impl Into<String>) -> Self {
        Reply::Answer { status, headers: vec![("content-type", "text/plain".into())], body: body.into() }
    }

    pub fn json(body: &serde_json::Value) -> Self {
        Reply::Answer {
            status: 200,
            headers: vec![("content-type", "application/json".into())],
            body: body.to_string(),
        }
    }

    /// What the integration itself expects its vendor to say.
    pub fn of(vendor: channels::sending::Vendor, base: &str, request: &Recorded) -> Self {
        let headers =
            request.headers.iter().filter_map(|(name, value)| Some((name.parse().ok()?, value.parse().ok()?)));
        let rehearsed = channels::sending::Rehearsed {
            method: request.method.parse().unwrap(),
            url: format!("{base}{}", request.path).parse().unwrap(),
            headers: headers.collect(),
            body: request.body.clone().into(),
        };
        let reply = vendor(&rehearsed);
        let json = if reply.body.starts_with(['{', '[']) { "application/json" } else { "text/plain" };
        Reply::Answer { status: reply.status, headers: vec![("content-type", json.into())], body: reply.body }
    }

    pub fn with(self, name: &'static str, value: &str) -> Self {
        match self {
            Reply::Answer { status, mut headers, body } => {
                headers.push((name, value.to_owned()));
                Reply::Answer { status, headers, body }
            }
            other => other,
        }
    }
}

pub struct HttpServer {
    /// `http://127.0.0.1:PORT`
    pub base: String,
    requests: Arc<Mutex<Vec<Recorded>>>,
}

impl HttpServer {
    pub async fn start(answer: impl Fn(&Recorded) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (kept, answer) = (requests.clone(), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, kept.clone(), answer.clone()));
            }
        });
        Self { base, requests }
    }

    /// The same over TLS; who shows no certificate that `config` wants comes to nothing.
    pub async fn start_tls(
        config: rustls::ServerConfig,
        answer: impl Fn(&Recorded) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("https://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (kept, answer) = (requests.clone(), Arc::new(answer));
        let acceptor = TlsAcceptor::from(Arc::new(config));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, kept, answer) = (acceptor.clone(), kept.clone(), answer.clone());
                tokio::spawn(async move { serve(acceptor.accept(stream).await.ok()?, kept, answer).await });
            }
        });
        Self { base, requests }
    }

    pub fn requests(&self) -> Vec<Recorded> {
        self.requests.lock().unwrap().clone()
    }

    pub fn paths(&self) -> Vec<String> {
        self.requests().iter().map(|r| r.path.split('?').next().unwrap().to_owned()).collect()
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    requests: Arc<Mutex<Vec<Recorded>>>,
    answer: Arc<impl Fn(&Recorded) -> Reply + Send + Sync>,
) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    stream.read_line(&mut line).await.ok()?;
    let mut words = line.split(' ');
    let mut request =
        Recorded { method: words.next()?.to_owned(), path: words.next()?.to_owned(), ..Recorded::default() };
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        request.headers.push((name.to_owned(), value.to_owned()));
    }
    let length = request.header("content-length").map_or(0, |length| length.parse().unwrap());
    request.body = vec![0; length];
    stream.read_exact(&mut request.body).await.ok()?;
    let reply = answer(&request);
    requests.lock().unwrap().push(request);
    match reply {
        Reply::Close => None,
        Reply::Silence => std::future::pending().await,
        Reply::Answer { status, headers, body } => {
            let mut head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
            headers.iter().for_each(|(name, value)| head += &format!("{name}: {value}\r\n"));
            stream.write_all(format!("{head}\r\n{body}").as_bytes()).await.ok()?;
            stream.flush().await.ok()
        }
    }
}

//! A small proxy on loopback: it records what it is asked, answers plain requests itself, and leads tunnels to one place.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

pub struct ProxyServer {
    /// `127.0.0.1:PORT`
    pub place: String,
    heads: Arc<Mutex<Vec<String>>>,
}

impl ProxyServer {
    /// Tunnels lead to `target` (`127.0.0.1:PORT`), whatever host is asked for.
    pub async fn start(target: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let place = listener.local_addr().unwrap().to_string();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let (kept, target) = (heads.clone(), target.to_owned());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, kept.clone(), target.clone()));
            }
        });
        Self { place, heads }
    }

    /// The requests so far: first line and headers.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

async fn serve(stream: TcpStream, heads: Arc<Mutex<Vec<String>>>, target: String) -> Option<()> {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    heads.lock().unwrap().push(head.clone());
    if head.starts_with("CONNECT ") {
        let mut far = TcpStream::connect(target).await.ok()?;
        stream.write_all(b"HTTP/1.1 200 go on\r\n\r\n").await.ok()?;
        return tokio::io::copy_bidirectional(&mut stream, &mut far).await.ok().map(drop);
    }
    stream.write_all(b"HTTP/1.1 200 X\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok").await.ok()
}

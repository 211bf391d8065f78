//! A small SMTP server on loopback that records dialogues and mails, and answers as the test says.

use std::sync::{Arc, Mutex};

use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

type Stream = BufReader<Box<dyn Wire>>;

#[derive(Clone, Default)]
pub struct Script {
    /// What EHLO announces, beside AUTH.
    pub extensions: Vec<String>,
    /// Replies other than success to commands that begin so; `.` is the end of the mail.
    pub replies: Vec<(String, String)>,
    /// Closes the connection after a command that begins so, without a reply.
    pub close_at: Option<&'static str>,
    /// Refuses mails that are larger, whatever it announced.
    pub really_takes: Option<usize>,
    /// Offers STARTTLS.
    pub starttls: bool,
    /// Begins with TLS.
    pub implicit_tls: bool,
}

impl Script {
    pub fn replying(command: &str, reply: &str) -> Self {
        Self { replies: vec![(command.to_owned(), reply.to_owned())], ..Self::default() }
    }

    pub fn announcing(extension: &str) -> Self {
        Self { extensions: vec![extension.to_owned()], ..Self::default() }
    }
}

#[derive(Default)]
pub struct Log {
    pub commands: Vec<String>,
    pub mails: Vec<Vec<u8>>,
}

pub struct SmtpServer {
    /// `http://127.0.0.1:PORT`, as examples of configurations want it.
    pub base: String,
    pub log: Arc<Mutex<Log>>,
}

impl SmtpServer {
    pub async fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let log = Arc::new(Mutex::new(Log::default()));
        let kept = log.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(Box::new(stream), kept.clone(), script.clone()));
            }
        });
        Self { base, log }
    }

    pub fn mails(&self) -> Vec<Vec<u8>> {
        self.log.lock().unwrap().mails.clone()
    }

    pub fn commands(&self) -> Vec<String> {
        self.log.lock().unwrap().commands.clone()
    }
}

async fn serve(mut wire: Box<dyn Wire>, log: Arc<Mutex<Log>>, script: Script) -> Option<()> {
    if script.implicit_tls {
        wire = encrypted(wire).await?;
    }
    let mut stream = BufReader::new(wire);
    say(&mut stream, "220 test").await?;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let command = line.trim_end().to_owned();
        log.lock().unwrap().commands.push(command.clone());
        if script.close_at.is_some_and(|at| command.starts_with(at)) {
            return None;
        }
        if let Some((_, reply)) = script.replies.iter().find(|(at, _)| command.starts_with(at.as_str())) {
            say(&mut stream, reply).await?;
            continue;
        }
        match command.split([' ', ':']).next()? {
            "EHLO" => {
                let more = if script.starttls { "STARTTLS" } else { "HELP" };
                let lines = script.extensions.iter().map(String::as_str).chain(["AUTH PLAIN LOGIN", more]);
                let greeting: String = lines.map(|line| format!("250-{line}\r\n")).collect();
                say(&mut stream, &format!("250-test\r\n{greeting}250 8BITMIME")).await?;
            }
            "STARTTLS" => {
                say(&mut stream, "220 go on").await?;
                stream = BufReader::new(encrypted(stream.into_inner()).await?);
                log.lock().unwrap().commands.push("(encrypted)".to_owned());
            }
            "DATA" => mail(&mut stream, &log, &script).await?,
            "AUTH" => say(&mut stream, "235 welcome").await?,
            "QUIT" => return say(&mut stream, "221 bye").await,
            _ => say(&mut stream, "250 fine").await?,
        }
    }
}

async fn mail(stream: &mut Stream, log: &Mutex<Log>, script: &Script) -> Option<()> {
    say(stream, "354 go on").await?;
    let mut mail = Vec::new();
    loop {
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).await.ok()? == 0 {
            return None;
        }
        if line == b".\r\n" {
            break;
        }
        let dots = usize::from(line.starts_with(b".."));
        mail.extend_from_slice(&line[dots..]);
    }
    if script.close_at == Some(".") {
        log.lock().unwrap().mails.push(mail);
        return None;
    }
    if script.really_takes.is_some_and(|most| mail.len() > most) {
        return say(stream, "552 5.3.4 message size exceeds fixed limit").await;
    }
    if let Some((_, reply)) = script.replies.iter().find(|(at, _)| at == ".") {
        return say(stream, reply).await;
    }
    log.lock().unwrap().mails.push(mail);
    say(stream, "250 taken").await
}

async fn say(stream: &mut Stream, line: &str) -> Option<()> {
    stream.write_all(format!("{line}\r\n").as_bytes()).await.ok()?;
    stream.flush().await.ok()
}

async fn encrypted(wire: Box<dyn Wire>) -> Option<Box<dyn Wire>> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls");
    let certificate = CertificateDer::from_pem_file(folder.join("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(folder.join("server.key")).unwrap();
    let config = ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key).unwrap();
    Some(Box::new(TlsAcceptor::from(Arc::new(config)).accept(wire).await.ok()?))
}

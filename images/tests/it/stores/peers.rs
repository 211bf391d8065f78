//! Real servers of every provider, started on free ports of the loopback and ended by their own number.
//!
//! Without `WIREPHOTO_TEST_PEERS=required` a server that is not installed is left out, and said to be.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use images::store::{Backend, ExternalImageStorage, LocalStore};

/// Azurite's one account, as its documentation has it.
const AZURITE_ACCOUNT: &str = "devstoreaccount1";
const AZURITE_KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// A server and the store on it.
pub struct Peer {
    pub name: &'static str,
    pub store: Arc<dyn Backend>,
    /// The section that the store was built of.
    pub section: String,
    pub enforces: Enforces,
    _process: Option<Process>,
    _folder: tempfile::TempDir,
}

/// What a server looks at.
#[derive(Clone, Copy, Default)]
pub struct Enforces {
    /// Whether it opens its own links: our own server is not there in these tests.
    pub links: bool,
    /// Whether objects are not readable without a signature.
    pub signatures: bool,
    /// Whether links end.
    pub ends: bool,
    /// Whether it refuses wrong credentials.
    pub credentials: bool,
}

impl Peer {
    /// The store of the same server with other words in its section.
    pub async fn with(&self, from: &str, to: &str) -> Arc<dyn Backend> {
        assert!(self.section.contains(from), "{} has no {from}", self.section);
        built(&self.section.replace(from, to)).await
    }
}

/// A store of a section.
pub async fn built(section: &str) -> Arc<dyn Backend> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let section: ExternalImageStorage = toml::from_str(section).unwrap_or_else(|error| panic!("{section}: {error}"));
    section.backend().await.unwrap_or_else(|error| panic!("{section:?}: {error}")).expect("a provider")
}

/// Every store there is.
pub async fn every_store() -> Vec<Peer> {
    let mut peers = vec![local()];
    for peer in [s3().await, gcs().await, azure().await, webdav().await] {
        peers.extend(peer);
    }
    peers
}

fn local() -> Peer {
    let folder = tempfile::tempdir().expect("a folder");
    let store = LocalStore::open(folder.path(), Some("http://alerts.test")).expect("opens");
    Peer {
        name: "local",
        store: Arc::new(store),
        section: String::new(),
        enforces: Enforces::default(),
        _process: None,
        _folder: folder,
    }
}

/// moto, which looks at credentials only when it is told to, and then at all of them.
pub async fn s3() -> Option<Peer> {
    let program = installed(".tools/venv/bin/moto_server")?;
    let (folder, port) = (tempfile::tempdir().expect("a folder"), free_port());
    let process = Process::start(Command::new(program).args(["-H", "127.0.0.1", "-p", &port.to_string()]));
    let url = format!("http://127.0.0.1:{port}");
    answers(&url).await;
    let made = client().put(format!("{url}/pictures")).send().await.expect("moto answers");
    assert!(made.status().is_success(), "{made:?}");
    let section = format!(
        "provider = 's3'\n[s3]\nendpoint = '{url}'\npath_style_access = true\nbucket = 'pictures'\npath = 'a/b'\n\
         access_key = 'the-id'\nsecret_key = 'the-secret'\n"
    );
    let enforces = Enforces { links: true, signatures: true, ..Enforces::default() };
    Some(Peer { name: "s3", store: built(&section).await, section, enforces, _process: Some(process), _folder: folder })
}

/// From now on moto looks at credentials; it knows none.
pub async fn s3_looks_at_credentials(peer: &Peer) {
    let url = peer.section.split("endpoint = '").nth(1).and_then(|rest| rest.split('\'').next()).expect("its address");
    let told = client().post(format!("{url}/moto-api/reset-auth")).body("0").send().await.expect("moto answers");
    assert!(told.status().is_success(), "{told:?}");
}

async fn gcs() -> Option<Peer> {
    let python = installed(".tools/venv/bin/python")?;
    installed(".tools/venv/bin/gcp-storage-emulator")?;
    let (folder, port) = (tempfile::tempdir().expect("a folder"), free_port());
    let key = folder.path().join("key.json");
    let script = root().join("tests/peers/gcs_server.py");
    let process = Process::start(Command::new(python).arg(script).args([&port.to_string(), "pictures"]).arg(&key));
    let url = format!("http://127.0.0.1:{port}");
    answers(&url).await;
    let section = format!(
        "provider = 'gcs'\n[gcs]\nendpoint = '{url}'\nbucket = 'pictures'\npath = 'a/b'\nkey_file = '{}'\n",
        key.display()
    );
    let enforces = Enforces { links: true, ..Enforces::default() };
    Some(Peer {
        name: "gcs",
        store: built(&section).await,
        section,
        enforces,
        _process: Some(process),
        _folder: folder,
    })
}

async fn azure() -> Option<Peer> {
    let program = installed(".tools/node/node_modules/.bin/azurite-blob")?;
    let (folder, port) = (tempfile::tempdir().expect("a folder"), free_port());
    let mut command = Command::new(program);
    command.args(["--blobHost", "127.0.0.1", "--blobPort", &port.to_string(), "--inMemoryPersistence", "--silent"]);
    let process = Process::start(command.arg("--skipApiVersionCheck").current_dir(folder.path()));
    let url = format!("http://127.0.0.1:{port}");
    answers(&url).await;
    make_container(&url, "pictures").await;
    let section = format!(
        "provider = 'azure_blob'\n[azure_blob]\nendpoint = '{url}/{AZURITE_ACCOUNT}'\naccount_name = '{AZURITE_ACCOUNT}'\n\
         account_key = '{AZURITE_KEY}'\ncontainer_name = 'pictures'\n"
    );
    let enforces = Enforces { links: true, signatures: true, ends: true, credentials: true };
    let store = built(&section).await;
    Some(Peer { name: "azure_blob", store, section, enforces, _process: Some(process), _folder: folder })
}

/// https://learn.microsoft.com/en-us/rest/api/storageservices/authorize-with-shared-key
async fn make_container(url: &str, name: &str) {
    let date = super::now().timestamp().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let version = "2021-08-06";
    let words = format!(
        "PUT\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:{date}\nx-ms-version:{version}\n/{AZURITE_ACCOUNT}/{AZURITE_ACCOUNT}/{name}\n\
         restype:container"
    );
    let key = STANDARD.decode(AZURITE_KEY).expect("base64");
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&key).expect("any length");
    mac.update(words.as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    let made = client()
        .put(format!("{url}/{AZURITE_ACCOUNT}/{name}?restype=container"))
        .header("x-ms-date", date)
        .header("x-ms-version", version)
        .header("authorization", format!("SharedKey {AZURITE_ACCOUNT}:{signature}"))
        .header("content-length", "0")
        .send()
        .await
        .expect("azurite answers");
    assert!(made.status().is_success(), "{made:?}");
}

/// wsgidav, with a folder for those who log in, and the same folder open to everybody.
async fn webdav() -> Option<Peer> {
    let program = installed(".tools/venv/bin/wsgidav")?;
    let (folder, port) = (tempfile::tempdir().expect("a folder"), free_port());
    let shared = folder.path().join("shared");
    std::fs::create_dir(&shared).expect("a folder");
    let config = serde_json::json!({
        "host": "127.0.0.1",
        "port": port,
        "server": "cheroot",
        "provider_mapping": { "/login": shared, "/open": { "root": shared, "readonly": true } },
        "simple_dc": { "user_mapping": { "/login": { "me": { "password": "the-secret" } }, "/open": true } },
        "http_authenticator": { "accept_basic": true, "accept_digest": false, "default_to_digest": false },
    });
    let file = folder.path().join("wsgidav.json");
    std::fs::write(&file, config.to_string()).expect("written");
    let process = Process::start(Command::new(program).arg("--config").arg(&file));
    let url = format!("http://127.0.0.1:{port}");
    answers(&url).await;
    let section = format!(
        "provider = 'webdav'\n[webdav]\nurl = '{url}/login'\nusername = 'me'\npassword = 'the-secret'\n\
         public_url = '{url}/open/${{file}}'\n"
    );
    let enforces = Enforces { links: true, credentials: true, ..Enforces::default() };
    let store = built(&section).await;
    Some(Peer { name: "webdav", store, section, enforces, _process: Some(process), _folder: folder })
}

/// A client without any credentials.
pub fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().expect("a client")
}

async fn answers(url: &str) {
    for _ in 0..600 {
        if client().get(url).send().await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("nobody answers at {url}");
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn installed(program: &str) -> Option<PathBuf> {
    let path = root().join(program);
    if path.exists() {
        return Some(path);
    }
    let required = std::env::var("WIREPHOTO_TEST_PEERS").is_ok_and(|value| value == "required");
    assert!(!required, "the real peer {program} is missing, and WIREPHOTO_TEST_PEERS says that it is required");
    // past the test runner, which keeps what passing tests print to itself
    let _ = writeln!(std::io::stderr(), "\n!! real peer missing: {program} (tests/run installs what is missing)\n");
    None
}

/// A child that does not outlive its test.
struct Process(Child);

impl Process {
    fn start(command: &mut Command) -> Self {
        let command = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().expect("it is installed"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // it may have ended by itself
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

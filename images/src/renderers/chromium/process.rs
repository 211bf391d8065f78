//! The browser's process: found, started, and never left behind.
//!
//! Dropping [`Process`] ends its whole process group and removes its folder. However this program dies, its end of a pipe dies with
//! it, at which the browser ends, and where `setpriv` is installed the kernel ends it at once. What a killed program left of
//! folders is swept at the next start. Deliberately unknown here: the DevTools protocol.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Once,
    time::Duration,
};

use alerts::ports::RenderError;
use rustix::process::{Pid, Signal, kill_process_group};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, BufReader, Lines},
    process::{Child, ChildStderr, Command},
    sync::OnceCell,
    task::JoinHandle,
};

use super::source;
use crate::error::quoted;

const NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];
/// Its folders below the temporary folder: this, the process id of who made it, `-`, something random.
const PREFIX: &str = "wirephoto-chromium-";
/// In its folder, locked as long as whoever made it lives.
const OWNED: &str = "wirephoto.lock";
/// Gives the browser our end of its standard input as the pipe that it takes commands from: it ends when the pipe does, also when
/// we are killed. Its commands come through the port.
const LIFELINE: &str = r#"exec "$0" "$@" 3<&0 4>/dev/null </dev/null"#;
/// Its temporary folder is its own too, since it leaves some there when it is killed. It binds a socket some 50 characters deeper, whose
/// path has at most 107.
const LONGEST_TEMPORARY: usize = 56;
/// What the browser gets of the environment: the rest may hold secrets.
const ENVIRONMENT: [&str; 14] = [
    "PATH",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "FONTCONFIG_FILE",
    "FONTCONFIG_PATH",
    "TMPDIR",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "SSL_CERT_DIR",
];
const ARGUMENTS: [&str; 25] = [
    "--headless",
    "--remote-debugging-port=0",
    "--remote-debugging-address=127.0.0.1",
    "--disable-gpu",
    "--hide-scrollbars",
    "--mute-audio",
    "--force-color-profile=srgb",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-pings",
    "--disable-background-networking",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-breakpad",
    "--disable-client-side-phishing-detection",
    "--disable-component-update",
    "--disable-default-apps",
    // a small /dev/shm, as containers have, would crash pages
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-sync",
    "--metrics-recording-only",
    "--password-store=basic",
    "--block-new-web-contents",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
];

/// How it is started.
#[derive(Debug)]
pub(super) struct Launch {
    pub(super) program: PathBuf,
    pub(super) sandbox: bool,
    pub(super) args: Vec<String>,
    /// The only names that it resolves.
    pub(super) hosts: Vec<String>,
}

/// A running browser; its end is the end of all its processes and of its folder.
pub(super) struct Process {
    /// Its standard input is the pipe whose end is the browser's.
    child: Child,
    group: Option<Pid>,
    profile: Option<TempDir>,
    /// Says to others that the folder is in use.
    _owned: fs::File,
}

/// The configured program, or the first one on `PATH`.
pub(super) fn program(configured: &str) -> Result<PathBuf, String> {
    if configured.is_empty() {
        let found = NAMES.iter().find_map(|name| on_path(name));
        return found.ok_or_else(|| {
            format!("chromium.path is empty, and none of {} is on PATH: install Chromium", NAMES.join(", "))
        });
    }
    let found = if configured.contains('/') { Some(configured.into()) } else { on_path(configured) };
    let found = found.filter(|path: &PathBuf| path.is_file());
    found.ok_or_else(|| format!("chromium.path there is no program {configured:?}"))
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|path| path.is_file())
}

impl Launch {
    fn arguments(&self, profile: &Path) -> Vec<String> {
        let mut rules = "MAP * ~NOTFOUND".to_owned();
        for host in &self.hosts {
            rules.push_str(&format!(" , EXCLUDE {}", host.trim_matches(['[', ']'])));
        }
        let mut all: Vec<String> = ARGUMENTS.iter().map(ToString::to_string).collect();
        all.push(format!("--user-data-dir={}", profile.display()));
        all.push(format!("--host-resolver-rules={rules}"));
        if !self.sandbox {
            all.push("--no-sandbox".to_owned());
        }
        all.extend(self.args.iter().cloned());
        all.push("about:blank".to_owned());
        all
    }

    /// Starts it: the process, the address of its DevTools, and what ends when the process does.
    pub(super) async fn start(&self) -> Result<(Process, String, JoinHandle<()>), RenderError> {
        let cannot = |error: std::io::Error| source(format!("the browser cannot be started: {error}"));
        let profile = tempfile::Builder::new().prefix(&format!("{PREFIX}{}-", std::process::id())).tempdir();
        let profile = profile.map_err(cannot)?;
        let owned = owned(profile.path()).map_err(cannot)?;
        let mut command = self.command(end_with_parent().await);
        command.args(self.arguments(profile.path())).env_clear().env("HOME", profile.path());
        command.envs(ENVIRONMENT.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
        if profile.path().as_os_str().len() <= LONGEST_TEMPORARY {
            command.env("TMPDIR", profile.path());
        }
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.process_group(0).kill_on_drop(true).spawn().map_err(cannot)?;
        let group = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
        let words = child.stderr.take();
        let process = Process { child, group, profile: Some(profile), _owned: owned };
        let words = words.ok_or_else(|| source("the browser has no standard error"))?;
        let (address, ended) = self.address(words).await?;
        Ok((process, address, ended))
    }

    /// The program, so that it ends with us: by the kernel where `setpriv` is, and by its pipe where a shell is.
    fn command(&self, setpriv: Option<&Path>) -> Command {
        let mut words: Vec<std::ffi::OsString> = Vec::new();
        if let Some(setpriv) = setpriv {
            words.extend([setpriv.into(), "--pdeathsig".into(), "KILL".into(), "--".into()]);
        }
        let shell = on_path("sh");
        if let Some(shell) = &shell {
            words.extend([shell.into(), "-c".into(), LIFELINE.into()]);
        }
        words.push(self.program.clone().into());
        if shell.is_some() {
            words.push("--remote-debugging-pipe".into());
        }
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        command
    }

    /// What it says of its address; what it says later is read and forgotten, or it would block, until it says nothing any more.
    async fn address(&self, words: ChildStderr) -> Result<(String, JoinHandle<()>), RenderError> {
        let mut lines: Lines<_> = BufReader::new(words).lines();
        let mut said = Vec::new();
        while let Ok(Some(line)) = lines.next_line().await {
            if let Some(address) = line.strip_prefix("DevTools listening on ") {
                let address = address.trim().to_owned();
                let mut rest = lines.into_inner();
                let ended = tokio::spawn(async move {
                    let _ = tokio::io::copy_buf(&mut rest, &mut tokio::io::sink()).await;
                });
                return Ok((address, ended));
            }
            if said.len() < 4_000 {
                said.extend_from_slice(line.as_bytes());
                said.push(b' ');
            }
        }
        let text = String::from_utf8_lossy(&said);
        if self.sandbox && (text.contains("no-sandbox") || text.contains("sandbox")) {
            return Err(source(
                "the browser cannot use its sandbox, which needs user namespaces and a user other than root: give it those, or set \
                 chromium.sandbox = false and let it open only pages that you trust",
            ));
        }
        Err(source(format!("the browser ended at its start: {:?}", quoted(&said))))
    }
}

impl Process {
    /// Its process id.
    pub(super) fn id(&self) -> Option<u32> {
        self.child.id()
    }
}

impl Drop for Process {
    /// Takes some milliseconds: the folder is removed when nobody writes into it any more.
    fn drop(&mut self) {
        if let Some(group) = self.group {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.child.start_kill();
        let Some(path) = self.profile.take().map(TempDir::keep) else { return };
        for _ in 0..300 {
            let ended = !matches!(self.child.try_wait(), Ok(None));
            let _ = fs::remove_dir_all(&path);
            if ended && !path.exists() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        tracing::warn!(path = %path.display(), "the browser's folder could not be removed");
    }
}

/// `setpriv`, if it can have the kernel end a process with its parent (util-linux can, BusyBox cannot).
async fn end_with_parent() -> Option<&'static Path> {
    static SETPRIV: OnceCell<Option<PathBuf>> = OnceCell::const_new();
    let find = || async {
        let setpriv = on_path("setpriv")?;
        let mut trial = Command::new(&setpriv);
        trial.args(["--pdeathsig", "KILL", "--", "true"]).stdin(Stdio::null());
        let tried = trial.stdout(Stdio::null()).stderr(Stdio::null()).status().await;
        tried.is_ok_and(|status| status.success()).then_some(setpriv)
    };
    SETPRIV.get_or_init(find).await.as_deref()
}

/// Marks a folder as in use, until the file is closed.
fn owned(folder: &Path) -> std::io::Result<fs::File> {
    let file = fs::File::create(folder.join(OWNED))?;
    file.lock()?;
    Ok(file)
}

/// Removes what programs that were killed left, once: before the first browser of this one.
pub(super) fn sweep_once() {
    static SWEPT: Once = Once::new();
    SWEPT.call_once(|| sweep(&std::env::temp_dir()));
}

/// Removes the folders of programs that are gone. The lock says so, also between containers that share the temporary folder;
/// without one the id does, and one of this program's id is of an earlier one.
fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())) {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix(PREFIX)?.split_once('-')?.0.parse::<u32>().ok());
        let gone = |id: u32| id == std::process::id() || !Path::new(&format!("/proc/{id}")).exists();
        let Some(owner) = owner else { continue };
        let is_left = match fs::File::open(entry.path().join(OWNED)) {
            Ok(lock) => lock.try_lock().is_ok(),
            Err(_) => gone(owner) && Path::new("/proc/self").exists(),
        };
        if is_left {
            tracing::info!(path = %entry.path().display(), "a browser's folder that a killed program left is removed");
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_left_is_swept() {
        let folder = tempfile::tempdir().expect("a folder");
        let left = |name: String| {
            fs::create_dir(folder.path().join(&name)).expect("a folder");
            folder.path().join(name)
        };
        let dead = left(format!("{PREFIX}4194305-abc"));
        let earlier = left(format!("{PREFIX}{}-abc", std::process::id()));
        let living = left(format!("{PREFIX}1-abc"));
        let other = left("other".to_owned());
        // ids mean nothing between containers: there is a process 1 here too, and none of that high number
        let unlocked = left(format!("{PREFIX}1-unlocked"));
        drop(owned(&unlocked).expect("a lock"));
        let locked = left(format!("{PREFIX}4194305-locked"));
        let lock = owned(&locked).expect("a lock");
        sweep(folder.path());
        let left = [dead, earlier, living, other, unlocked, locked].map(|path| path.exists());
        assert_eq!(left, [false, false, true, true, false, true]);
        drop(lock);
    }

    #[test]
    fn only_configured_names_are_resolved() {
        let hosts = vec!["[::1]".to_owned(), "wiki.test".to_owned()];
        let launch = Launch { program: "x".into(), sandbox: false, args: vec!["--lang=de".into()], hosts };
        let arguments = launch.arguments(Path::new("/p"));
        for expected in [
            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE ::1 , EXCLUDE wiki.test",
            "--user-data-dir=/p",
            "--no-sandbox",
            "--lang=de",
        ] {
            assert!(arguments.iter().any(|argument| argument == expected), "{expected}: {arguments:?}");
        }
    }

    #[test]
    fn a_missing_program_is_named() {
        assert!(program("/nowhere/chromium").expect_err("missing").contains("/nowhere/chromium"));
        assert!(program("no-such-browser").is_err());
    }
}

//! A child process whose output is kept, and which never outlives its test.
//!
//! Deliberately unknown here: which program it is.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use super::wait_within;

pub struct Process {
    name: String,
    child: Child,
    output: Arc<Mutex<String>>,
}

impl Process {
    /// Starts a program; both of its outputs are kept.
    pub fn start(command: &mut Command) -> Self {
        let name = command.get_program().to_string_lossy().into_owned();
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|why| panic!("cannot start {name}: {why}"));
        let output = Arc::default();
        keep(child.stdout.take(), &output);
        keep(child.stderr.take(), &output);
        Self { name, child, output }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Everything that it has written so far.
    pub fn output(&self) -> String {
        self.output.lock().unwrap().clone()
    }

    /// Waits for something in its output; stops early when the process has ended without it.
    pub fn wait_for_output<T>(&mut self, what: &str, look: impl Fn(&str) -> Option<T>) -> T {
        super::wait_for(&format!("{what} from {}", self.name), || {
            let found = look(&self.output());
            if found.is_none()
                && let Ok(Some(status)) = self.child.try_wait()
            {
                super::pause(Duration::from_millis(200));
                panic!("{} ended ({status}) before {what}:\n{}", self.name, self.output());
            }
            found
        })
    }

    /// Ends it at once, as `kill -9` does.
    pub fn kill(&mut self) {
        // it may have ended by itself
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to end.
    pub fn terminate(&self) {
        self.signal("-TERM");
    }

    /// Sends it a signal (`-HUP`).
    pub fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.id().to_string()]).status().expect("kill is there");
        assert!(status.success(), "{} could not be sent {signal}", self.name);
    }

    /// Waits until it has ended.
    pub fn wait(&mut self, patience: Duration) -> ExitStatus {
        let what = format!("the end of {}", self.name);
        wait_within(patience, &what, || self.child.try_wait().expect("our own child"))
    }

    /// A line of `/proc/PID/status` in bytes (`VmHWM` is the most memory that it ever had).
    pub fn memory(&self, field: &str) -> u64 {
        let status =
            std::fs::read_to_string(format!("/proc/{}/status", self.id())).expect("a running process on Linux");
        let line =
            status.lines().find(|line| line.starts_with(field)).unwrap_or_else(|| panic!("no {field} in:\n{status}"));
        let kilobytes: u64 = line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number");
        kilobytes * 1024
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            let output = self.output();
            let tail: Vec<&str> = output.lines().rev().take(60).collect();
            println!("the last lines of {}:", self.name);
            tail.iter().rev().for_each(|line| println!("  {line}"));
        }
    }
}

fn keep(from: Option<impl Read + Send + 'static>, output: &Arc<Mutex<String>>) {
    let (from, output) = (BufReader::new(from.expect("it is piped")), output.clone());
    std::thread::spawn(move || {
        for line in from.split(b'\n').map_while(Result::ok) {
            let mut output = output.lock().unwrap();
            output.push_str(&String::from_utf8_lossy(&line));
            output.push('\n');
        }
    });
}

//! A real browser that a test drives: it opens pages, looks at them, clicks and types.
//!
//! The browser is told what to do over two pipes (`--remote-debugging-pipe`): messages of the DevTools protocol as JSON, each
//! ended by a zero byte. Deliberately unknown here: what is on the pages.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::{PATIENCE, wait_for};

pub struct Browser {
    process: Child,
    input: ChildStdin,
    answers: Receiver<Value>,
    last: u64,
    session: Option<String>,
    _profile: TempDir,
}

impl Browser {
    /// Starts the browser with one empty page.
    pub fn start(chromium: &Path) -> Self {
        let profile = tempfile::tempdir().expect("a folder");
        // the browser reads from its file 3 and writes to its file 4
        let mut command = Command::new("sh");
        command.args(["-c", r#"exec "$0" "$@" 3<&0 4>&1 0</dev/null 1>/dev/null"#]).arg(chromium);
        command.args(["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]);
        command.args(["--no-proxy-server", "--remote-debugging-pipe", "--window-size=1300,1000"]);
        command.arg(format!("--user-data-dir={}", profile.path().display())).arg("about:blank");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("the browser starts");
        let input = process.stdin.take().expect("it is piped");
        let output = BufReader::new(process.stdout.take().expect("it is piped"));
        let (told, answers) = mpsc::channel();
        thread::spawn(move || {
            for message in output.split(0).map_while(Result::ok) {
                let message: Value = serde_json::from_slice(&message).expect("the browser speaks JSON");
                if message.get("id").is_some() && told.send(message).is_err() {
                    return;
                }
            }
        });
        let mut browser = Self { process, input, answers, last: 0, session: None, _profile: profile };
        let target = browser.call("Target.createTarget", &json!({"url": "about:blank"}))["targetId"].clone();
        let attached = browser.call("Target.attachToTarget", &json!({"targetId": target, "flatten": true}));
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        browser
    }

    /// Goes to a page; what is on it has to be waited for.
    pub fn open(&mut self, url: &str) {
        // a new page, even if only what is behind # differs
        self.call("Page.navigate", &json!({"url": "about:blank"}));
        self.wait("the empty page", "location.href === 'about:blank'");
        self.call("Page.navigate", &json!({"url": url}));
    }

    /// The value of an expression in the page.
    pub fn evaluate(&mut self, expression: &str) -> Value {
        let answer = self.call("Runtime.evaluate", &json!({"expression": expression, "returnByValue": true}));
        answer["result"]["value"].clone()
    }

    /// Waits until a condition holds in the page; while pages change it may fail, which is no failure.
    pub fn wait(&mut self, what: &str, condition: &str) {
        let expression = format!("Boolean({condition})");
        wait_for(what, || (self.evaluate(&expression) == json!(true)).then_some(()));
    }

    /// Clicks on the first element that the expression finds, once it is there.
    pub fn click(&mut self, element: &str) {
        self.wait(&format!("{element} to click on"), element);
        self.evaluate(&format!("({element}).click()"));
    }

    /// Puts a text into a field, as if it were typed.
    pub fn fill(&mut self, id: &str, text: &str) {
        let (id, text) = (json!(id), json!(text));
        self.wait(&format!("the field {id}"), &format!("document.getElementById({id})"));
        self.evaluate(&format!(
            "{{ const field = document.getElementById({id}); field.value = {text}; \
             field.dispatchEvent(new Event('input', {{bubbles: true}})); }}"
        ));
    }

    fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.last += 1;
        let mut message = json!({"id": self.last, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.input.write_all(format!("{message}\0").as_bytes()).expect("the browser listens");
        loop {
            let answer = self.answers.recv_timeout(PATIENCE).unwrap_or_else(|why| panic!("{method}: {why}"));
            if answer["id"] == json!(self.last) {
                return answer["result"].clone();
            }
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // it may have ended already
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

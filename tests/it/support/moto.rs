//! Amazon's services as moto, which plays them for tests, has them: topics and the queues that hear them.
//!
//! Deliberately unknown here: who publishes.

use std::{path::Path, process::Command};

use serde_json::Value;

use super::{client, process::Process, wait_for};

/// Who asks: moto takes any key, and reads the service out of this header.
const REGION: &str = "eu-central-1";

pub struct Moto {
    _process: Process,
    pub base: String,
}

/// A queue that hears a topic.
pub struct Queue {
    pub topic: String,
    url: String,
}

/// A message that came out of a queue: what the service wrapped around it, and the text.
#[derive(Clone, Debug)]
pub struct Heard {
    pub subject: String,
    pub text: String,
    pub attributes: Value,
}

impl Moto {
    /// Starts it with the Python that has it.
    pub fn start(python: &Path) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/moto_sns.py");
        let mut process = Process::start(Command::new(python).arg(script));
        let address = process.wait_for_output("its address", |output| {
            output.lines().find_map(|line| line.strip_prefix("listening on ").map(str::to_owned))
        });
        Self { _process: process, base: format!("http://{address}") }
    }

    /// A topic, and a queue that hears it; both first in, first out if the name says so (`.fifo`).
    pub fn queue(&self, name: &str) -> Queue {
        let fifo = if name.ends_with(".fifo") {
            "&Attributes.entry.1.key=FifoTopic&Attributes.entry.1.value=true"
        } else {
            ""
        };
        let topic = element(&self.ask("sns", &format!("Action=CreateTopic&Name={name}{fifo}")), "TopicArn");
        let fifo = if name.ends_with(".fifo") { "&Attribute.1.Name=FifoQueue&Attribute.1.Value=true" } else { "" };
        let url = element(&self.ask("sqs", &format!("Action=CreateQueue&QueueName={name}{fifo}")), "QueueUrl");
        let queue = format!("arn:aws:sqs:{REGION}:123456789012:{name}");
        self.ask("sns", &format!("Action=Subscribe&Protocol=sqs&TopicArn={topic}&Endpoint={queue}"));
        Queue { topic, url }
    }

    /// Waits until the queue has so many messages, and takes them out; in order of arrival.
    pub fn wait_for(&self, queue: &Queue, count: usize) -> Vec<Heard> {
        let mut heard = Vec::new();
        wait_for(&format!("{count} messages in the queue"), || {
            let answer =
                self.ask("sqs", &format!("Action=ReceiveMessage&QueueUrl={}&MaxNumberOfMessages=10", queue.url));
            let bodies = answer.split("<Body>").skip(1).filter_map(|rest| rest.split("</Body>").next());
            for body in bodies {
                heard.push(read(&unescaped(body)));
            }
            for handle in
                answer.split("<ReceiptHandle>").skip(1).filter_map(|rest| rest.split("</ReceiptHandle>").next())
            {
                self.ask("sqs", &format!("Action=DeleteMessage&QueueUrl={}&ReceiptHandle={handle}", queue.url));
            }
            (heard.len() >= count).then(|| heard.clone())
        })
    }

    fn ask(&self, service: &str, form: &str) -> String {
        let login = format!(
            "AWS4-HMAC-SHA256 Credential=AKID/20230101/{REGION}/{service}/aws4_request, SignedHeaders=host, Signature=0"
        );
        let answer = client::form(&format!("{}/", self.base), &login, form);
        assert_eq!(answer.status, 200, "{form}: {}", answer.text());
        answer.text()
    }
}

fn read(body: &str) -> Heard {
    let json: Value = serde_json::from_str(body).unwrap_or_else(|why| panic!("{why}: {body}"));
    let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
    Heard { subject: text("Subject"), text: text("Message"), attributes: json["MessageAttributes"].clone() }
}

fn element(xml: &str, name: &str) -> String {
    let rest = xml.split(&format!("<{name}>")).nth(1).unwrap_or_else(|| panic!("{name} in {xml}"));
    rest.split('<').next().unwrap_or_default().to_owned()
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

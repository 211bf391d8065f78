//! Kafka's own broker, which `tests/run` installs, and its own tools: what we produce, they read. Without the broker the test is
//! skipped, unless `WIREPHOTO_TEST_PEERS` says that peers are required.

use std::{
    io::Write as _,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use alerts::{message::Message, ports::SendErrorKind};
use rskafka::{BackoffConfig, client::ClientBuilder};

use super::{
    messages::{PNG, firing, replace_bytes, resolved, with_pictures},
    setup::{Setup, shown},
};

const TLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/tls");

struct Broker {
    child: Child,
    folder: tempfile::TempDir,
    plain: String,
    sasl: String,
    tls: String,
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn jars() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools/kafka");
    let found = folder.is_dir() && Command::new("java").arg("-version").output().is_ok();
    let required = std::env::var("WIREPHOTO_TEST_PEERS").is_ok_and(|value| value == "required");
    assert!(found || !required, "Kafka is missing, and WIREPHOTO_TEST_PEERS says that it is required");
    found.then_some(folder)
}

fn java(class: &str) -> Command {
    let mut command = Command::new("java");
    command.args(["-Xmx256m", "-cp"]).arg(jars().unwrap().join("*")).arg(class).stderr(Stdio::null());
    command
}

/// The output of one of Kafka's tools.
fn tool(class: &str, arguments: &[&str]) -> String {
    let output = java(class).args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

impl Broker {
    async fn start() -> Option<Self> {
        jars()?;
        let folder = tempfile::tempdir().unwrap();
        // held all at once, so that they differ
        let listeners = [0; 4].map(|_| TcpListener::bind("127.0.0.1:0").unwrap());
        let [plain, controller, sasl, tls] = listeners.map(|one| one.local_addr().unwrap().to_string());
        let store = folder.path().join("server.pem");
        let pem = ["server.key", "server.pem"].map(|name| std::fs::read_to_string(Path::new(TLS).join(name)).unwrap());
        std::fs::write(&store, pem.concat()).unwrap();
        let advertised = format!("PLAINTEXT://{plain},SASL_PLAINTEXT://{sasl},SSL://{tls}");
        let scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;";
        let properties = format!(
            r#"process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{controller}
controller.listener.names=CONTROLLER
listeners={advertised},CONTROLLER://{controller}
advertised.listeners={advertised}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT,SSL:SSL
inter.broker.listener.name=PLAINTEXT
log.dirs={folder}/log
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.sasl_plaintext.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_ann="very-secret";
listener.name.sasl_plaintext.scram-sha-256.sasl.jaas.config={scram}
listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config={scram}
ssl.keystore.type=PEM
ssl.keystore.location={store}
"#,
            folder = folder.path().display(),
            store = store.display(),
        );
        let file = folder.path().join("server.properties");
        std::fs::write(&file, properties).unwrap();
        let file = file.to_str().unwrap();
        let user =
            ["SCRAM-SHA-256", "SCRAM-SHA-512"].map(|mechanism| format!("{mechanism}=[name=ann,password=very-secret]"));
        let format =
            ["format", "-t", "AAAAAAAAAAAAAAAAAAAAAQ", "-c", file, "--add-scram", &user[0], "--add-scram", &user[1]];
        tool("kafka.tools.StorageTool", &format);
        let child = java("kafka.Kafka").arg(file).stdout(Stdio::null()).spawn().unwrap();
        let broker = Self { child, folder, plain, sasl, tls };
        broker.make_topics().await;
        Some(broker)
    }

    /// As soon as it answers.
    async fn make_topics(&self) {
        let backoff = BackoffConfig {
            deadline: Some(Duration::from_secs(60)),
            max_backoff: Duration::from_secs(1),
            ..BackoffConfig::default()
        };
        let client = ClientBuilder::new(vec![self.plain.clone()]).backoff_config(backoff).build().await.unwrap();
        let controller = client.controller_client().unwrap();
        for (topic, partitions) in [("alerts", 5), ("alert-images", 1)] {
            controller.create_topic(topic, partitions, 1, 10_000).await.unwrap();
        }
        while client.list_topics().await.unwrap().len() < 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn toml(&self, brokers: &str, more: &str) -> String {
        let texts = r#"description = '{{ template "test.title" . }}'
details = '{{ template "test.text" . }}'"#;
        format!("[[kafka_configs]]\nbrokers = ['{brokers}']\nkafka_topic = 'alerts'\n{texts}\n{more}")
    }

    async fn send(&self, brokers: &str, more: &str, message: &Message) -> Option<String> {
        let channel = Setup::default().channel(&self.toml(brokers, more));
        channel.send(message, None).await.unwrap_or_else(|error| panic!("{more}: {error}")).degraded
    }

    /// So many records of a topic as Kafka's consumer prints them: partition, headers, key, value.
    fn consumed(&self, topic: &str, count: usize) -> Vec<String> {
        let count = count.to_string();
        let mut arguments =
            vec!["--bootstrap-server", &self.plain, "--topic", topic, "--from-beginning", "--timeout-ms", "20000"];
        arguments.extend(["--max-messages", &count]);
        for property in ["print.partition=true", "print.headers=true", "print.key=true"] {
            arguments.extend(["--property", property]);
        }
        let bytes = "value.deserializer=org.apache.kafka.common.serialization.BytesDeserializer";
        if topic == "alert-images" {
            arguments.extend(["--property", bytes]);
        }
        let output = tool("org.apache.kafka.tools.consumer.ConsoleConsumer", &arguments);
        output.lines().map(str::to_owned).collect()
    }

    /// Where Kafka's own producer puts a record with this key.
    fn produced(&self, key: &str) {
        let mut child = java("org.apache.kafka.tools.ConsoleProducer")
            .args(["--bootstrap-server", &self.plain, "--topic", "alerts", "--property", "parse.key=true"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(format!("{key}\ttheirs\n").as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
    }
}

/// As Kafka prints bytes.
fn printed(bytes: &[u8]) -> String {
    let one = |byte: &u8| match byte {
        b' '..=b'[' | b']'..=b'~' => char::from(*byte).to_string(),
        other => format!("\\x{other:02X}"),
    };
    bytes.iter().map(one).collect()
}

/// One test, since a broker takes seconds to start.
#[tokio::test(flavor = "multi_thread")]
async fn brokers_keep_what_is_sent() {
    let Some(broker) = Broker::start().await else { return };
    let (plain, sasl, tls) = (broker.plain.as_str(), broker.sasl.as_str(), broker.tls.as_str());
    let login = |mechanism: &str| {
        format!(
            "sasl = {{ mechanism = '{mechanism}', username = 'ann', password = 'very-secret' }}\ncompression = 'gzip'"
        )
    };
    let images = "image_topic = 'alert-images'";
    assert_eq!(broker.send(plain, images, &with_pictures(firing(), 1)).await, None);
    assert_eq!(broker.send(sasl, &login("PLAIN"), &resolved()).await, None);
    assert_eq!(broker.send(sasl, &login("SCRAM-SHA-256"), &firing()).await, None);
    assert_eq!(broker.send(sasl, &login("SCRAM-SHA-512"), &firing()).await, None);
    let trusted = format!("tls = {{ ca_file = '{TLS}/ca.pem', server_name = 'mail.example.org' }}");
    assert_eq!(broker.send(tls, &trusted, &firing()).await, None);
    let mut large = with_pictures(firing(), 1);
    replace_bytes(&mut large.pictures[0], 900, 900);
    assert_eq!(broker.send(plain, images, &large).await, None);

    let key = firing().group_hash();
    broker.produced(&key);
    let records = broker.consumed("alerts", 7);
    let [ours @ .., theirs] = &records[..] else { panic!("{records:?}") };
    assert_eq!(ours.len(), 6, "{records:?}");
    let partition = theirs.split('\t').next().unwrap();
    assert!(theirs.ends_with("\ttheirs") && partition.starts_with("Partition:"), "{theirs}");
    for (at, record) in ours.iter().enumerate() {
        let parts: Vec<&str> = record.splitn(4, '\t').collect();
        let headers = format!("content-type:application/json,notification-id:{}", firing().idempotency_key);
        assert_eq!(parts[..3], [partition, &headers, &key], "{record}");
        let value: serde_json::Value = serde_json::from_str(parts[3]).unwrap();
        assert_eq!(value["alert_state"], if at == 1 { "ok" } else { "alerting" }, "{record}");
        assert_eq!(value["contexts"][0]["key"].is_string(), at == 0 || at == 5, "{record}");
    }
    let pictures = broker.consumed("alert-images", 2);
    assert!(pictures[0].starts_with("Partition:0\tcontent-type:image/png,notification-id:"), "{}", pictures[0]);
    assert!(pictures[0].ends_with(&format!("\tpicture00\t{}", printed(PNG))), "{}", pictures[0]);
    assert_eq!(pictures.len(), 2);

    failures(&broker).await;
}

async fn failures(broker: &Broker) {
    use SendErrorKind::*;
    let wrong = |mechanism: &str| {
        format!("sasl = {{ mechanism = '{mechanism}', username = 'ann', password = 'wrong-secret' }}")
    };
    let cases = [
        (&broker.sasl, wrong("PLAIN"), Unauthorised, "Authentication"),
        (&broker.sasl, wrong("SCRAM-SHA-256"), Unauthorised, "Sasl"),
        (
            &broker.plain,
            "timeout = '5s'\nimage_topic = 'nowhere'\nkafka_topic".to_owned(),
            Unauthorised,
            "no topic missing",
        ),
        (&broker.tls, "tls = { server_name = 'mail.example.org' }".to_owned(), Retry, "ertificate"),
    ];
    for (place, more, kind, words) in cases {
        let toml = match more.strip_suffix("kafka_topic") {
            Some(more) => broker.toml(place, more).replace("kafka_topic = 'alerts'", "kafka_topic = 'missing'"),
            None => broker.toml(place, &more),
        };
        let error = Setup::default().channel(&toml).send(&firing(), None).await.unwrap_err();
        assert_eq!((error.kind, error.ambiguous), (kind, false), "{more}: {error}");
        assert!(error.detail.contains(words) && !shown(&error).contains("wrong-secret"), "{more}: {error}");
    }
    // a picture's topic that is not there costs the picture, not the record
    let degraded = broker.send(&broker.plain, "image_topic = 'nowhere'", &with_pictures(firing(), 1)).await.unwrap();
    assert!(degraded.contains("there is no topic nowhere"), "{degraded}");

    // a topic that takes less than we think
    let config = [
        "--bootstrap-server",
        &broker.plain,
        "--alter",
        "--entity-type",
        "topics",
        "--entity-name",
        "alerts",
        "--add-config",
    ];
    let altered = tool("kafka.admin.ConfigCommand", &[&config[..], &["max.message.bytes=1000"]].concat());
    assert!(altered.contains("Completed"), "{altered} {}", broker.folder.path().display());
    let degraded = broker.send(&broker.plain, "", &with_pictures(firing(), 5)).await.unwrap();
    assert!(degraded.contains("sent without pictures: ") && degraded.contains("MessageTooLarge"), "{degraded}");
}

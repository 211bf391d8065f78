//! What can be said on the command line.
//!
//! Deliberately unknown here: what is done with it.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use jiff::tz::TimeZone;

use super::alertmanager::{AlertmanagerFlags, FeatureFlags};
use super::values::{Moment, ThresholdArgument, time_zone};
use crate::{
    config::settings::{ExternalUrl, ListenAddress},
    trial::Which,
};

const EXAMPLES: &str = "Examples:
  wirephoto                                       with the built-in configuration: messages appear in the inbox page
  wirephoto --config wirephoto.toml               with your own
  wirephoto --config.file alertmanager.yml        in Alertmanager's place, with its configuration and flags
  wirephoto check-config wirephoto.toml           everything that is wrong with it, at once
  wirephoto check-config --probe wirephoto.toml   whether its sources and its image store answer, too
  wirephoto prune --config wirephoto.toml --dry-run  which pictures are older than the retention
  wirephoto demo                                  alerts that fire, group and resolve while you watch
  wirephoto render --demo --out panel.png         what a picture looks like
  wirephoto preview --config wirephoto.toml       what would be sent, request by request; nothing is sent
  wirephoto test-receiver team --config wirephoto.toml   a real test message, and what the vendors answer
  wirephoto webhook-test github body.json --config wirephoto.toml   the alerts that a webhook's body becomes";

const PREVIEW_EXAMPLES: &str = "Examples:
  wirephoto preview --config wirephoto.toml                            a sample alert, where the routes lead
  wirephoto preview --config wirephoto.toml --receiver team --pictures 3 --resolved
  amtool alert query -o json | wirephoto preview --config wirephoto.toml --event -

Nothing is sent and nobody is asked. Secrets are shown as [redacted]. Silences and time intervals are not looked at.
The exit code is 0 if every integration made its requests.";

const TEST_EXAMPLES: &str = "Examples:
  wirephoto test-receiver team --config wirephoto.toml
  wirephoto test-receiver team --config wirephoto.toml --integration slack --resolve

The message says that it is a test and who asked for it. While a server runs on the same data_dir, the picture's link works; only
that server can put a message into the inbox: ask it on its status page, or at POST /api/v1/receivers/NAME/test.
The exit code is 0 if every integration took its message.";

const RENDER_EXAMPLES: &str = "Examples:
  wirephoto render --demo --out panel.png
  wirephoto render --source http://127.0.0.1:9090 --query 'rate(node_cpu_seconds_total[5m])' --out cpu.png
  wirephoto render --source http://127.0.0.1:9090 --query node_load1 --threshold '>4' --from 6h --out load.png";

/// An alert notification server whose notifications carry the picture of what went wrong.
#[derive(Debug, Parser)]
#[command(name = "wirephoto", version, about, after_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
    #[command(flatten)]
    pub(super) serve: ServeArguments,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run the server (also without any command)
    Serve(Box<ServeArguments>),
    /// Say everything that is wrong with a configuration, or what is in it
    CheckConfig(CheckConfigArguments),
    /// Delete the pictures that are older than the retention, as a running server does by itself
    Prune(PruneArguments),
    /// Draw one query of a Prometheus, or the built-in demo panel, to a PNG file
    Render(Box<RenderArguments>),
    /// Run the whole pipeline on built-in alerts, in a temporary folder, to watch it in the browser
    Demo(DemoArguments),
    /// Show what would be sent about an event, as the exact requests; sends nothing
    Preview(PreviewArguments),
    /// Send one real test message with a test picture to a receiver, and say what the vendors answer
    TestReceiver(TestArguments),
    /// Show the alerts that a body becomes which comes by a webhook; takes and sends nothing
    WebhookTest(WebhookArguments),
}

/// The configuration of a command that tries it out.
#[derive(Clone, Debug, Args)]
pub(super) struct TrialArguments {
    /// The configuration; without it, the built-in one
    #[arg(long, alias = "config.file", value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Where the server's data lies, instead of where the configuration says
    #[arg(long, alias = "storage.path", value_name = "DIR")]
    pub(super) data_dir: Option<PathBuf>,
    /// Where people and vendors reach the server, if its command line says it
    #[arg(long = "web.external-url", value_name = "URL")]
    pub(super) external_url: Option<ExternalUrl>,
    #[command(flatten)]
    pub(super) features: FeatureFlags,
}

#[derive(Debug, Args)]
#[command(after_help = PREVIEW_EXAMPLES)]
pub(super) struct PreviewArguments {
    #[command(flatten)]
    pub(super) trial: TrialArguments,
    /// All alerts go to this receiver; without it, where the routes lead
    #[arg(long, value_name = "NAME")]
    pub(super) receiver: Option<String>,
    /// Only this integration of the receiver: "slack", or "slack/1" for its second
    #[arg(long, value_name = "KIND[/INDEX]", requires = "receiver")]
    pub(super) integration: Option<Which>,
    /// A file with a list of alerts as POST /api/v2/alerts takes it, or with one of them; "-": standard input
    #[arg(long, value_name = "FILE")]
    pub(super) event: Option<PathBuf>,
    /// Test pictures in the message
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    pub(super) pictures: usize,
    /// Show also what follows when all alerts are resolved
    #[arg(long)]
    pub(super) resolved: bool,
    /// As JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = TEST_EXAMPLES)]
pub(super) struct TestArguments {
    /// The receiver's name
    #[arg(value_name = "NAME")]
    pub(super) receiver: String,
    #[command(flatten)]
    pub(super) trial: TrialArguments,
    /// Only this integration: "slack", or "slack/1" for the second
    #[arg(long, value_name = "KIND[/INDEX]")]
    pub(super) integration: Option<Which>,
    /// Then tell it that the test is over
    #[arg(long)]
    pub(super) resolve: bool,
    /// As JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct WebhookArguments {
    /// The webhook's name: alertmanager, grafana, or one of the configuration
    #[arg(value_name = "NAME")]
    pub(super) name: String,
    /// A file with the body; "-": standard input
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// The configuration; without it, the built-in one
    #[arg(long, alias = "config.file", value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    #[command(flatten)]
    pub(super) features: FeatureFlags,
}

#[derive(Clone, Debug, Args)]
pub(super) struct ServeArguments {
    /// The configuration; without it, the built-in one (config.example.toml)
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Where to listen, instead of what the configuration says
    #[arg(long, value_name = "HOST:PORT")]
    pub(super) listen: Option<ListenAddress>,
    /// Where the data lies, instead of where the configuration says
    #[arg(long, value_name = "DIR")]
    pub(super) data_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(super) alertmanager: AlertmanagerFlags,
}

#[derive(Debug, Args)]
pub(super) struct CheckConfigArguments {
    /// The configuration; without it, the built-in one
    #[arg(value_name = "FILE")]
    pub(super) file: Option<PathBuf>,
    /// Also write, read and delete an object in the image store, and draw a picture from each source
    #[arg(long)]
    pub(super) probe: bool,
    /// The file that --web.config.file will name
    #[arg(long = "web.config.file", value_name = "FILE")]
    pub(super) web_config_file: Option<PathBuf>,
    #[command(flatten)]
    pub(super) features: FeatureFlags,
}

#[derive(Debug, Args)]
pub(super) struct PruneArguments {
    /// The configuration; without it, the built-in one
    #[arg(long, alias = "config.file", value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Where the data lies, instead of where the configuration says
    #[arg(long, value_name = "DIR")]
    pub(super) data_dir: Option<PathBuf>,
    /// Only list them
    #[arg(long)]
    pub(super) dry_run: bool,
}

#[derive(Debug, Args)]
pub(super) struct DemoArguments {
    /// Where to listen; port 0 is any free one
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:9093")]
    pub(super) listen: ListenAddress,
}

#[derive(Debug, Args)]
#[command(after_help = RENDER_EXAMPLES)]
pub(super) struct RenderArguments {
    /// Draw the built-in demo panel
    #[arg(long, required_unless_present = "query", conflicts_with_all = ["query", "source", "from", "to"])]
    pub(super) demo: bool,
    /// The query, in PromQL; a comparison with a number draws the number as threshold
    #[arg(long, value_name = "EXPR", requires = "source")]
    pub(super) query: Option<String>,
    /// The address of the Prometheus
    #[arg(long, value_name = "URL")]
    pub(super) source: Option<url::Url>,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    pub(super) out: PathBuf,
    /// Where the window begins: so long before its end ("6h"), or RFC 3339
    #[arg(long, value_name = "TIME", default_value = "1h")]
    pub(super) from: Moment,
    /// Where the window ends: "now", so long ago ("10m"), or RFC 3339
    #[arg(long, value_name = "TIME", default_value = "now")]
    pub(super) to: Moment,
    /// A threshold to draw: ">90" and "<5" shade a side, "90" is the line alone
    #[arg(long, value_name = "VALUE", allow_hyphen_values = true)]
    pub(super) threshold: Option<ThresholdArgument>,
    /// How values are written, in Grafana's names: short, percent, percentunit, bytes, s, ms, reqps, none
    #[arg(long, value_name = "UNIT")]
    pub(super) unit: Option<String>,
    /// The headline; without it, the query
    #[arg(long, value_name = "TEXT")]
    pub(super) title: Option<String>,
    /// Width in points
    #[arg(long, value_name = "POINTS", default_value_t = 1000)]
    pub(super) width: u32,
    /// Height in points
    #[arg(long, value_name = "POINTS", default_value_t = 500)]
    pub(super) height: u32,
    /// Pixels per point: 1 or 2
    #[arg(long, value_name = "FACTOR", default_value_t = 1)]
    pub(super) scale: u8,
    /// The colours
    #[arg(long, value_enum, default_value_t = Theme::Dark)]
    pub(super) theme: Theme,
    /// The time zone of the time axis, for example Europe/Berlin; without it, UTC
    #[arg(long, value_name = "ZONE", value_parser = time_zone)]
    pub(super) timezone: Option<TimeZone>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Theme {
    Dark,
    Light,
}

//! A scenario as data: the configuration, what is done when, and which batches of alerts have to come.
//!
//! Times are seconds since the program was ready. Deliberately unknown here: how it is run, and what is compared.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

/// A scenario.
pub struct Scenario {
    pub name: &'static str,
    /// YAML; `HOOK0` and `HOOK1` stand for the addresses of the webhooks.
    pub config: String,
    pub flags: Vec<&'static str>,
    /// How the webhooks behave; there are as many as the configuration names.
    pub hooks: Vec<Hook>,
    pub steps: Vec<(f64, Step)>,
    pub wanted: Vec<Wanted>,
}

/// How a webhook behaves. Every answer is 200.
#[derive(Clone, Copy, Debug)]
pub enum Hook {
    /// Records everything.
    Works,
    /// Answers, but records nothing before this second.
    DropsUntil(f64),
    /// Before this second it takes a second over its answer, and records nothing.
    SleepsUntil(f64),
}

/// What is done.
#[derive(Clone)]
pub enum Step {
    Push(Vec<Spec>),
    /// The matcher's name and value, whether it is a regular expression, from when, until when.
    Silence(&'static str, &'static str, bool, f64, f64),
    /// Expires the silence that was made last.
    Expire,
    /// Reloads by `POST /-/reload`.
    Reload,
    /// Reloads by SIGHUP.
    Hangup,
}

/// A batch that must come to a webhook between two seconds, with exactly these alerts.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub hook: usize,
    pub from: f64,
    pub to: f64,
    pub alerts: Vec<Spec>,
}

/// An alert as it is pushed, or as it is wanted.
#[derive(Clone, Debug, Default)]
pub struct Spec {
    pub labels: Vec<(&'static str, &'static str)>,
    pub annotations: Vec<(&'static str, &'static str)>,
    /// Pushed: the field is left out. Wanted: any will do.
    pub starts: Option<f64>,
    /// Pushed: the field is left out. Wanted: it fires.
    pub ends: Option<f64>,
}

/// An alert with this name and nothing else.
pub fn alert(name: &'static str) -> Spec {
    Spec { labels: vec![("alertname", name)], ..Spec::default() }
}

impl Spec {
    pub fn label(mut self, name: &'static str, value: &'static str) -> Self {
        self.labels.push((name, value));
        self
    }

    pub fn annotation(mut self, name: &'static str, value: &'static str) -> Self {
        self.annotations.push((name, value));
        self
    }

    pub fn starts(self, second: f64) -> Self {
        Self { starts: Some(second), ..self }
    }

    pub fn ends(self, second: f64) -> Self {
        Self { ends: Some(second), ..self }
    }

    /// As it is pushed when second 0 was then.
    pub fn json(&self, zero: Timestamp) -> Value {
        let mut json = json!({"labels": object(&self.labels), "annotations": object(&self.annotations)});
        for (field, second) in [("startsAt", self.starts), ("endsAt", self.ends)] {
            if let Some(second) = second {
                json[field] = at(zero, second).to_string().into();
            }
        }
        json
    }
}

/// Pairs as a JSON object.
pub fn object(pairs: &[(&str, &str)]) -> Value {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect::<Map<_, _>>().into()
}

/// A second of the scenario as a time.
pub fn at(zero: Timestamp, second: f64) -> Timestamp {
    zero + SignedDuration::from_secs_f64(second)
}

impl Scenario {
    /// A scenario whose receiver has one webhook that works. `timing` is what its route says beside the receiver.
    pub fn new(name: &'static str, timing: &str) -> Self {
        let route = timing.trim().lines().map(|line| format!("  {}\n", line.trim())).collect::<String>();
        let config = format!("route:\n  receiver: default\n{route}receivers:\n- name: default\n  webhook_configs:\n");
        let config = config + "  - url: HOOK0\n    send_resolved: true\n";
        let (flags, steps, wanted) = (Vec::new(), Vec::new(), Vec::new());
        Self { name, config, flags, hooks: vec![Hook::Works], steps, wanted }
    }

    /// Further lines of the first webhook.
    pub fn hook_line(mut self, line: &str) -> Self {
        self.config += &format!("    {line}\n");
        self
    }

    /// A second webhook.
    pub fn second_hook(mut self, send_resolved: bool, hook: Hook) -> Self {
        self.config += &format!("  - url: HOOK1\n    send_resolved: {send_resolved}\n");
        self.hooks.push(hook);
        self
    }

    /// The first webhook behaves otherwise.
    pub fn first_hook(mut self, hook: Hook) -> Self {
        self.hooks[0] = hook;
        self
    }

    /// Further sections of the configuration.
    pub fn section(mut self, yaml: &str) -> Self {
        self.config = format!("{yaml}\n{}", self.config);
        self
    }

    pub fn flag(mut self, flag: &'static str) -> Self {
        self.flags.push(flag);
        self
    }

    pub fn push(self, second: f64, alerts: impl IntoIterator<Item = Spec>) -> Self {
        self.step(second, Step::Push(alerts.into_iter().collect()))
    }

    pub fn step(mut self, second: f64, step: Step) -> Self {
        self.steps.push((second, step));
        self
    }

    /// Wanted at the first webhook.
    pub fn want(self, from: f64, to: f64, alerts: impl IntoIterator<Item = Spec>) -> Self {
        self.want_at(0, from, to, alerts)
    }

    pub fn want_at(mut self, hook: usize, from: f64, to: f64, alerts: impl IntoIterator<Item = Spec>) -> Self {
        self.wanted.push(Wanted { hook, from, to, alerts: alerts.into_iter().collect() });
        self
    }

    /// Wants nothing after the last batch until this second.
    pub fn until(self, second: f64) -> Self {
        self.want_at(0, second, second, [])
    }
}

//! The configuration as Alertmanager's YAML: with its defaults, without secrets, without what only wirephoto has.
//!
//! It is what `GET /api/v2/status` shows, and `amtool` reads that strictly: Debian's, 0.25, knows fewer keys than today's
//! Alertmanager. So newer keys appear only where they are set, and what an older reader would refuse for its form is shown in one that
//! it takes ([`integrations`]).
//!
//! Deliberately unknown here: what the settings are. This is made of the tree, as it was written.

mod fields;
mod integrations;
mod others;
mod yaml;

use alerts::matcher::{MatcherSet, Syntax};

use super::tree::{Key, Node, Position, Value};
use fields::{Fields, Show};

const SECRET: &str = "<secret>";
/// A secret where older versions want a URL: Go takes it for one.
const SECRET_URL: &str = "http://<secret>";

/// The YAML. `root` is a right configuration's tree.
pub(super) fn alertmanager_yaml(root: &Node, syntax: Syntax) -> String {
    let mut shown = Shower(syntax).table(root, fields::ROOT);
    let mut global = shown.take("global").map_or_else(Node::empty, |(_, global)| global);
    integrations::complete_global(&mut global);
    if let Some(receivers) = shown.get_mut("receivers") {
        integrations::complete(receivers, &global);
    }
    shown.put_first("global", global);
    shown.put_default("templates", Node::new(Value::List(Vec::new())));
    if let Some(route) = shown.get_mut("route") {
        complete_route(route);
    }
    yaml::print(&shown.in_order_of(fields::ROOT))
}

/// `continue: false` at every route, as Alertmanager writes it.
fn complete_route(route: &mut Node) {
    route.put_default("continue", Node::new(Value::Bool(false)));
    *route = route.in_order_of(fields::ROUTE);
    if let Some(Value::List(routes)) = route.get_mut("routes").map(|routes| &mut routes.value) {
        routes.iter_mut().for_each(complete_route);
    }
}

/// Copies what is to be shown.
struct Shower(Syntax);

impl Shower {
    /// The entries that the fields know, in their order; keys without values are as if they were not there.
    fn table(&self, node: &Node, fields: Fields) -> Node {
        let shown = fields.iter().filter_map(|(name, show)| {
            let value = node.get(name).filter(|value| value.value != Value::Null)?;
            Some((key(name), self.value(value, show)?))
        });
        Node::new(Value::Table(shown.collect()))
    }

    fn value(&self, node: &Node, show: &Show) -> Option<Node> {
        match show {
            Show::Plain => Some(plain(node)),
            Show::Flag => Some(Node::new(node.resolved().into_owned())),
            Show::IfSet => is_set(node).then(|| match &*node.resolved() {
                Value::Bool(flag) => Node::new(Value::Bool(*flag)),
                _ => plain(node),
            }),
            Show::Emptied(word) => Some(emptied(node, word)),
            Show::List => matches!(node.value, Value::List(_)).then(|| plain(node)),
            Show::Flat => Some(flat(node)),
            Show::Secret => secret(node, SECRET),
            Show::SecretUrl => secret(node, SECRET_URL),
            Show::Proxy => secret(node, &proxy(node)),
            Show::Matchers => Some(self.matchers(node)),
            Show::Table(fields) => Some(self.table(node, fields)),
            Show::Routes => Some(mapped(node, |route| self.table(route, fields::ROUTE))),
            Show::Each(fields) => Some(mapped(node, |item| self.table(item, fields))),
        }
    }

    /// One text for each matcher, in Alertmanager's own form, which every parser understands if any does.
    fn matchers(&self, node: &Node) -> Node {
        let Value::List(lines) = &node.value else { return plain(node) };
        let parsed = |line: &Node| match &line.value {
            Value::String(text) | Value::Plain(text) => MatcherSet::parse(text, self.0).unwrap_or_default(),
            _ => MatcherSet::default(),
        };
        let sets: Vec<MatcherSet> = lines.iter().map(parsed).collect();
        let texts = sets.iter().flat_map(MatcherSet::iter).map(|matcher| Node::text(&matcher.to_string()));
        Node::new(Value::List(texts.collect()))
    }
}

/// The values of a list or a table, each changed.
fn mapped(node: &Node, change: impl Fn(&Node) -> Node) -> Node {
    Node::new(match &node.value {
        Value::List(items) => Value::List(items.iter().map(change).collect()),
        Value::Table(entries) => {
            Value::Table(entries.iter().map(|(entry, value)| (key(&entry.name), change(value))).collect())
        }
        other => other.clone(),
    })
}

/// As it is written; nothing is the empty text.
fn plain(node: &Node) -> Node {
    match node.value {
        Value::Null => Node::text(""),
        _ => mapped(node, plain),
    }
}

/// As it is written, unless it is this word.
fn emptied(node: &Node, word: &str) -> Node {
    match &node.value {
        Value::String(text) | Value::Plain(text) if text == word => Node::text(""),
        _ => plain(node),
    }
}

/// The entries of a table that are no structures.
fn flat(node: &Node) -> Node {
    let Value::Table(entries) = &node.value else { return plain(node) };
    let texts = entries.iter().filter(|(_, value)| !matches!(value.value, Value::Table(_) | Value::List(_)));
    Node::new(Value::Table(texts.map(|(entry, value)| (key(&entry.name), plain(value))).collect()))
}

/// Every text in it as `word`; none for an empty text.
fn secret(node: &Node, word: &str) -> Option<Node> {
    match &node.value {
        Value::List(_) | Value::Table(_) => Some(mapped(node, |item| secret(item, word).unwrap_or(Node::text("")))),
        Value::Null => None,
        Value::String(text) if text.is_empty() => None,
        _ => Some(Node::text(word)),
    }
}

/// The address of a proxy: its host and port alone, and nothing of what is not clearly an address.
fn proxy(node: &Node) -> String {
    let Value::String(text) = &node.value else { return SECRET_URL.to_owned() };
    match url::Url::parse(text) {
        Ok(url) if url.has_host() && matches!(url.scheme(), "http" | "https" | "socks5" | "socks5h") => {
            format!("{}://{}", url.scheme(), &url[url::Position::BeforeHost..url::Position::AfterPort])
        }
        _ => SECRET_URL.to_owned(),
    }
}

fn is_set(node: &Node) -> bool {
    match &*node.resolved() {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::List(items) => !items.is_empty(),
        Value::Table(entries) => !entries.is_empty(),
        _ => true,
    }
}

fn key(name: &str) -> Key {
    Key { at: Position::default(), name: name.to_owned() }
}

/// What is made here stands in no file.
impl Node {
    fn new(value: Value) -> Self {
        Self { at: Position::default(), value }
    }

    fn text(text: &str) -> Self {
        Self::new(Value::String(text.to_owned()))
    }

    fn get_mut(&mut self, name: &str) -> Option<&mut Node> {
        self.find_mut(&super::tree::Path::from(name))
    }

    fn put_first(&mut self, name: &str, node: Node) {
        if let Value::Table(entries) = &mut self.value {
            entries.insert(0, (key(name), node));
        }
    }

    /// Adds an entry to a table that does not have it.
    fn put_default(&mut self, name: &str, node: Node) {
        if self.get(name).is_none()
            && let Value::Table(entries) = &mut self.value
        {
            entries.push((key(name), node));
        }
    }

    /// A table's entries in the order of the fields.
    fn in_order_of(&self, fields: Fields) -> Node {
        let entry = |(name, _): &(&str, Show)| self.get(name).map(|node| (key(name), node.clone()));
        Node::new(Value::Table(fields.iter().filter_map(entry).collect()))
    }
}

//! From a receiver's configuration to its channels. The list of integrations itself stands in `lib.rs`.
//!
//! Deliberately unknown here: any vendor, where the configuration was read from.

use std::{collections::HashMap, fmt, sync::Arc};

use alerts::ports::Channel;

use crate::{
    builder::{BuildContext, BuildError, Builder},
    sending::{Vendor, rehearsal},
};

/// The configuration of one integration: it builds the channel, and that is its check.
pub trait Integration: fmt::Debug + Send + Sync {
    /// Makes the channel. Problems are noted in `builder`, all of them; `None` goes with at least one problem.
    fn build(&self, builder: &mut Builder<'_>) -> Option<Arc<dyn Channel>>;

    /// How the vendor answers when all is well: in rehearsals, and in the tests' own server.
    fn vendor(&self) -> Vendor {
        rehearsal::content
    }
}

/// A channel that was built, and where it stood in the configuration.
#[derive(Clone)]
pub struct Built {
    /// The channel.
    pub channel: Arc<dyn Channel>,
    /// The integration's type: `slack`.
    pub kind: &'static str,
    /// Its position among the receiver's integrations of the same type, from 0.
    pub index: usize,
    /// The hash of its destination, unique among the receiver's integrations of this type.
    pub destination: String,
}

impl fmt::Debug for Built {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}] ({})", self.kind, self.index, self.destination)
    }
}

/// Builds the integrations of one receiver; `at` names the receiver in errors: `receivers[0]`.
pub(crate) fn build_all<'a>(
    at: &str,
    context: &BuildContext<'_>,
    integrations: impl Iterator<Item = (&'static str, &'static str, usize, &'a dyn Integration)>,
) -> Result<Vec<Built>, Vec<BuildError>> {
    let (mut built, mut errors) = (Vec::new(), Vec::new());
    for (key, kind, index, integration) in integrations {
        let mut builder = Builder::new(format!("{at}.{key}[{index}]"), context, integration.vendor());
        let channel = integration.build(&mut builder);
        let found = builder.into_errors();
        match channel {
            Some(channel) if found.is_empty() => {
                let destination = channel.limits().destination.clone();
                built.push(Built { channel, kind, index, destination });
            }
            _ => errors.extend(found),
        }
    }
    number_equal_destinations(&mut built);
    if errors.is_empty() { Ok(built) } else { Err(errors) }
}

/// Two integrations of one receiver may lead to one place (two texts into one channel): the notification log must
/// still tell them apart.
fn number_equal_destinations(built: &mut [Built]) {
    let mut seen: HashMap<(&'static str, String), usize> = HashMap::new();
    for one in built {
        let count = seen.entry((one.kind, one.destination.clone())).or_default();
        *count += 1;
        if *count > 1 {
            one.destination = format!("{}-{count}", one.destination);
        }
    }
}

/// Writes [`Receiver`] and what goes through all integrations, from the list of `key: module`.
macro_rules! integrations {
    ($($key:ident: $module:ident),* $(,)?) => {
        /// A receiver as the configuration has it: its name, and a list per type of integration.
        #[derive(Clone, Debug, Default, serde::Deserialize)]
        #[serde(deny_unknown_fields, default)]
        pub struct Receiver {
            /// What routes call it.
            pub name: String,
            /// Labels to find the receiver by.
            pub labels: std::collections::BTreeMap<String, String>,
            /// Whether who was told that an alert fires is told that it resolved although it is silenced or inhibited
            /// since. Default: yes; no is Alertmanager's way.
            pub resolve_muted: Option<bool>,
            $(
                #[doc = concat!("Its integrations of the type `", stringify!($module), "`.")]
                pub $key: Vec<$module::Config>,
            )*
        }

        impl Receiver {
            /// Makes the receiver's channels; `at` names the receiver in errors: `receivers[0]`.
            ///
            /// # Errors
            /// Everything that is wrong, each with its key.
            pub fn build(&self, at: &str, context: &BuildContext<'_>) -> Result<Vec<Built>, Vec<BuildError>> {
                registry::build_all(at, context, self.integrations().into_iter())
            }

            /// Takes the integrations of another receiver, behind its own.
            pub fn extend(&mut self, other: Self) {
                $(self.$key.extend(other.$key);)*
            }

            /// All integrations in the order of the list: the key, the type, the position, the configuration.
            pub fn integrations(&self) -> Vec<(&'static str, &'static str, usize, &dyn Integration)> {
                let mut all: Vec<(&'static str, &'static str, usize, &dyn Integration)> = Vec::new();
                $(
                    for (index, config) in self.$key.iter().enumerate() {
                        all.push((stringify!($key), stringify!($module), index, config));
                    }
                )*
                all
            }

            /// A receiver with one integration of each type, every request of which goes below `base` and the type's name
            /// (`http://host:port/slack`) or, where the protocol has no URLs, to the same host and port: how the conformance suite
            /// comes to all of them. All secrets contain `-secret`.
            pub fn example(base: &str) -> Self {
                Self { name: "example".to_owned(), labels: Default::default(), resolve_muted: None, $($key: vec![$module::Config::example(&format!("{base}/{}", stringify!($module)))]),* }
            }
        }

        /// The types of integration: the key in the configuration, and the type's name.
        pub const KINDS: &[(&str, &str)] = &[$((stringify!($key), stringify!($module))),*];
    };
}
pub(crate) use integrations;

//! The API as a list: paths, methods, parameters. Routes are made of it, 405 is answered by it, the OpenAPI description is held
//! against it, and a handler finds only the parameters that stand here.
//!
//! Deliberately unknown here: what is answered.

use super::parameters::{Kind, Parameter};

/// A path below `/api/v2`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Endpoint {
    pub(super) path: &'static str,
    /// In Alertmanager's order, which its 405 shows.
    pub(super) operations: &'static [Operation],
}

/// A method and its parameters in the query string, in the order in which they are read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operation {
    pub(super) method: &'static str,
    pub(super) parameters: &'static [Parameter],
}

const ALERTS: &[Parameter] = &[
    of("active", Kind::Truth),
    of("silenced", Kind::Truth),
    of("inhibited", Kind::Truth),
    of("unprocessed", Kind::Truth),
    of("limit", Kind::Count),
    of("cursor", Kind::AlertCursor),
    of("filter", Kind::Filter),
    of("receiver", Kind::Pattern),
    of("receiver_matchers", Kind::ReceiverMatchers),
];

const GROUPS: &[Parameter] = &[
    of("active", Kind::Truth),
    of("silenced", Kind::Truth),
    of("inhibited", Kind::Truth),
    of("muted", Kind::Truth),
    of("limit", Kind::Count),
    of("cursor", Kind::GroupCursor),
    of("filter", Kind::Filter),
    of("receiver", Kind::Pattern),
    of("receiver_matchers", Kind::ReceiverMatchers),
];

const SILENCES: &[Parameter] =
    &[of("active", Kind::Truth), of("pending", Kind::Truth), of("expired", Kind::Truth), of("filter", Kind::Filter)];

const RECEIVERS: &[Parameter] = &[of("receiver_matchers", Kind::ReceiverMatchers)];

/// All of them.
pub(super) const ENDPOINTS: &[Endpoint] = &[
    Endpoint { path: "/status", operations: &[get(&[])] },
    Endpoint { path: "/receivers", operations: &[get(RECEIVERS)] },
    Endpoint { path: "/alerts", operations: &[method("POST"), get(ALERTS)] },
    Endpoint { path: "/alerts/groups", operations: &[get(GROUPS)] },
    Endpoint { path: "/silences", operations: &[method("POST"), get(SILENCES)] },
    Endpoint { path: "/silence/{silenceID}", operations: &[method("DELETE"), get(&[])] },
    Endpoint { path: "/openapi.json", operations: &[get(&[])] },
];

const fn of(name: &'static str, kind: Kind) -> Parameter {
    Parameter { name, kind }
}

const fn get(parameters: &'static [Parameter]) -> Operation {
    Operation { method: "GET", parameters }
}

const fn method(method: &'static str) -> Operation {
    Operation { method, parameters: &[] }
}

/// The methods of a path.
pub(super) fn methods(path: &str) -> Vec<&'static str> {
    let found = ENDPOINTS.iter().filter(|endpoint| endpoint.path == path);
    found.flat_map(|endpoint| endpoint.operations).map(|operation| operation.method).collect()
}

/// The parameters of `GET` of a path.
pub(super) fn parameters(path: &str) -> &'static [Parameter] {
    let mut operations =
        ENDPOINTS.iter().filter(|endpoint| endpoint.path == path).flat_map(|endpoint| endpoint.operations);
    let get = operations.find(|operation| operation.method == "GET");
    get.map_or(&[], |operation| operation.parameters)
}

//! The fields of the structs that templates see, in Go's order, with their names in JSON.
//!
//! Deliberately unknown here: where the values come from.

use super::value::Kind;

/// A field of a struct.
pub(super) struct Field {
    pub(super) name: &'static str,
    /// Its name in `toJson`; none: it is not written there.
    pub(super) json: Option<&'static str>,
    /// Left out of JSON when it is empty.
    pub(super) omit_empty: bool,
}

/// Always in JSON.
const fn plain(name: &'static str, json: &'static str) -> Field {
    Field { name, json: Some(json), omit_empty: false }
}

/// Grafana's: in JSON only when there is something to say, so that Alertmanager's JSON stays exact.
const fn grafana(name: &'static str, json: &'static str) -> Field {
    Field { name, json: Some(json), omit_empty: true }
}

/// Never in JSON.
const fn hidden(name: &'static str) -> Field {
    Field { name, json: None, omit_empty: true }
}

const DATA: &[Field] = &[
    plain("Receiver", "receiver"),
    plain("Status", "status"),
    plain("Alerts", "alerts"),
    plain("NotificationReason", "notification_reason"),
    plain("GroupLabels", "groupLabels"),
    plain("CommonLabels", "commonLabels"),
    plain("CommonAnnotations", "commonAnnotations"),
    plain("RouteLabels", "routeLabels"),
    plain("ExternalURL", "externalURL"),
    hidden("SilenceURL"),
    hidden("GroupKey"),
    hidden("TruncatedAlerts"),
    hidden("AppVersion"),
    hidden("OrgID"),
    hidden("Vars"),
    hidden("Pictures"),
    hidden("PicturesLeftOut"),
];

const ALERT: &[Field] = &[
    plain("Status", "status"),
    plain("Labels", "labels"),
    plain("Annotations", "annotations"),
    plain("StartsAt", "startsAt"),
    plain("EndsAt", "endsAt"),
    plain("GeneratorURL", "generatorURL"),
    plain("Fingerprint", "fingerprint"),
    hidden("SilenceURL"),
    grafana("DashboardURL", "dashboardURL"),
    grafana("PanelURL", "panelURL"),
    grafana("RuleUID", "ruleUID"),
    grafana("Values", "values"),
    grafana("ValueString", "valueString"),
    grafana("ImageURL", "imageURL"),
    grafana("EmbeddedImage", "embeddedImage"),
    hidden("OrgID"),
];

const PAIR: &[Field] = &[plain("Name", "Name"), plain("Value", "Value")];

const PICTURE: &[Field] = &[
    plain("Src", "src"),
    plain("Alt", "alt"),
    plain("Title", "title"),
    plain("Width", "width"),
    plain("Height", "height"),
];

/// The fields of a kind; none for kinds that are not structs.
pub(super) const fn of(kind: Kind) -> &'static [Field] {
    match kind {
        Kind::Data => DATA,
        Kind::Alert => ALERT,
        Kind::Pair => PAIR,
        Kind::Picture => PICTURE,
        Kind::Time | Kind::Duration | Kind::Dict | Kind::Numbers | Kind::Namespace => &[],
    }
}

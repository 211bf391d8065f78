//! The search for notifications: one scan of narrow rows, and their contents where the rows do not say enough.
//!
//! Deliberately unknown here: who asks.

use alerts::{
    Fingerprint,
    matcher::MatchOp,
    message::{Delivery, DeliveryId},
};
use rusqlite::{Connection, params_from_iter, types::Value};

use super::{
    super::{codec, error::Error, history, outbox},
    AlertChoice, Notification, NotificationChoice, NotificationPage, NotificationState,
};

/// Contents that are read in vain in one search: some 50 ms. Only matchers that no term stands for need that.
const PATIENCE: usize = 2_000;

/// What one of the two places holds.
#[derive(Default)]
struct Found {
    notifications: Vec<Notification>,
    /// Not looked at: anything older than this.
    gave_up_at: Option<DeliveryId>,
}

pub(super) fn page(connection: &Connection, choice: &NotificationChoice) -> Result<NotificationPage, Error> {
    let (pending, done) = (pending(connection, choice)?, done(connection, choice)?);
    let gave_up_at = pending.gave_up_at.max(done.gave_up_at);
    let mut all = pending.notifications;
    all.extend(done.notifications);
    all.sort_by_key(|notification| std::cmp::Reverse(notification.delivery.id));
    all.retain(|notification| Some(notification.delivery.id) >= gave_up_at);
    let next = match all.get(choice.limit) {
        Some(_) => all[..choice.limit].last().map(|last| last.delivery.id),
        None => gave_up_at,
    };
    all.truncate(choice.limit);
    Ok(NotificationPage { notifications: all, next })
}

pub(super) fn count(connection: &Connection, state: NotificationState) -> Result<usize, Error> {
    let mut conditions = Conditions::default();
    let table = if state == NotificationState::Pending { "outbox" } else { "history_heads" };
    if state != NotificationState::Pending {
        conditions.outcomes(&[state]);
    }
    let sql = format!("SELECT COUNT(*) FROM {table}{}", conditions.clause());
    let count: i64 =
        connection.prepare_cached(&sql)?.query_row(params_from_iter(conditions.values), |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or_default())
}

fn pending(connection: &Connection, choice: &NotificationChoice) -> Result<Found, Error> {
    if !choice.states.is_empty() && !choice.states.contains(&NotificationState::Pending) {
        return Ok(Found::default());
    }
    let mut conditions = Conditions::default();
    conditions.common(choice, "id");
    if let Some(receiver) = &choice.receiver {
        // the key of an integration begins with the receiver's name, and its contents decide
        conditions.add("SUBSTR(integration, 1, LENGTH(?)) = ?", [format!("{receiver}/"), format!("{receiver}/")]);
    }
    if let Some(AlertChoice::Fingerprint(fingerprint)) = &choice.alert {
        let wanted = codec::fingerprints(&[*fingerprint]);
        conditions.add("(INSTR(firing, ?) > 0 OR INSTR(resolved, ?) > 0)", [wanted.clone(), wanted]);
    }
    let sql = format!(
        "SELECT id, body, attempts, not_before, last_error, receipt FROM outbox{} ORDER BY id DESC",
        conditions.clause()
    );
    let mut select = connection.prepare_cached(&sql)?;
    let mut rows = select.query(params_from_iter(conditions.values))?;
    gather(choice, || {
        let Some(row) = rows.next()? else { return Ok(None) };
        let delivery = outbox::delivery(row)?;
        let id = delivery.id;
        Ok(Some((id, Some(Notification { delivery, done: None }))))
    })
}

fn done(connection: &Connection, choice: &NotificationChoice) -> Result<Found, Error> {
    let mut conditions = Conditions::default();
    if !choice.states.is_empty() && !conditions.outcomes(&choice.states) {
        return Ok(Found::default());
    }
    conditions.common(choice, "delivery");
    if let Some(receiver) = &choice.receiver {
        conditions.add("receiver = ?", [receiver.clone()]);
    }
    for term in terms(choice.alert.as_ref()) {
        conditions.add("INSTR(terms, ?) > 0", [codec::fingerprints(&[term])]);
    }
    let sql = format!("SELECT delivery FROM history_heads{} ORDER BY delivery DESC", conditions.clause());
    let mut select = connection.prepare_cached(&sql)?;
    let mut rows = select.query(params_from_iter(conditions.values))?;
    gather(choice, || {
        let Some(row) = rows.next()? else { return Ok(None) };
        let id = DeliveryId(row.get::<_, i64>(0)?.cast_unsigned());
        Ok(Some((id, history::find(connection, id)?.map(Notification::from))))
    })
}

/// Takes what fits the choice, one more than it wants, unless too much does not.
fn gather(
    choice: &NotificationChoice,
    mut next: impl FnMut() -> Result<Option<(DeliveryId, Option<Notification>)>, Error>,
) -> Result<Found, Error> {
    let mut found = Found::default();
    let mut in_vain = 0;
    while found.notifications.len() <= choice.limit
        && let Some((id, notification)) = next()?
    {
        match notification.filter(|notification| fits(choice, &notification.delivery)) {
            Some(notification) => found.notifications.push(notification),
            None => in_vain += 1,
        }
        if in_vain >= PATIENCE {
            found.gave_up_at = Some(id);
            break;
        }
    }
    Ok(found)
}

/// What the rows only say roughly.
fn fits(choice: &NotificationChoice, delivery: &Delivery) -> bool {
    choice.receiver.as_ref().is_none_or(|receiver| *receiver == delivery.receiver)
        && choice.alert.as_ref().is_none_or(|alert| alert.is_told_by(delivery))
}

/// What every notification of such an alert has among its terms.
fn terms(alert: Option<&AlertChoice>) -> Vec<Fingerprint> {
    match alert {
        None => Vec::new(),
        Some(AlertChoice::Fingerprint(fingerprint)) => vec![*fingerprint],
        Some(AlertChoice::Matchers(matchers)) => {
            let equal = matchers.iter().filter(|one| one.op() == MatchOp::Equal && !one.value().is_empty());
            equal.map(|one| history::term(one.name(), one.value())).collect()
        }
    }
}

/// The conditions of a statement with their values.
#[derive(Default)]
struct Conditions {
    sql: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    fn add<V: Into<Value>>(&mut self, sql: impl Into<String>, values: impl IntoIterator<Item = V>) {
        self.sql.push(sql.into());
        self.values.extend(values.into_iter().map(Into::into));
    }

    /// What both places know.
    fn common(&mut self, choice: &NotificationChoice, number: &str) {
        if let Some(before) = choice.before {
            self.add(format!("{number} < ?"), [before.0.cast_signed()]);
        }
        if let Some(from) = choice.from {
            self.add("flushed_at >= ?", [from.as_nanos()]);
        }
        if let Some(to) = choice.to {
            self.add("flushed_at <= ?", [to.as_nanos()]);
        }
        match choice.integration.as_deref() {
            Some(key) if key.contains('/') => self.add("integration = ?", [key.to_owned()]),
            Some(kind) => self.add("INSTR(integration, ?) > 0", [format!("/{kind}/")]),
            None => {}
        }
        if let Some(group) = &choice.group {
            self.add("group_key = ?", [group.clone()]);
        }
    }

    /// Answers whether any of the states has outcomes at all.
    fn outcomes(&mut self, states: &[NotificationState]) -> bool {
        let words: Vec<_> = states.iter().flat_map(|state| state.words()).map(str::to_owned).collect();
        let places = vec!["?"; words.len()].join(", ");
        let any = !words.is_empty();
        self.add(format!("outcome IN ({places})"), words);
        any
    }

    fn clause(&self) -> String {
        if self.sql.is_empty() { String::new() } else { format!(" WHERE {}", self.sql.join(" AND ")) }
    }
}

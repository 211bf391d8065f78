//! Guesses the unit of a query from the names of its metrics and from what is done with them.
//!
//! Follows Prometheus's naming practice (base units as suffixes, `_total` for counters). A guess that is not certain is
//! `short`, which is right for any number. Deliberately unknown here: values.

use charts::Unit;
use promql_parser::parser::{
    AggregateExpr, BinaryExpr, Call, Expr, VectorSelector,
    token::{
        T_ADD, T_AVG, T_BOTTOMK, T_DIV, T_LIMITK, T_MAX, T_MIN, T_MUL, T_QUANTILE, T_STDDEV, T_SUB, T_SUM, T_TOPK,
    },
};

use crate::expression::Expression;

/// The unit of what a query answers.
pub fn guess(query: &str) -> Unit {
    Expression::new(query).tree().map_or(Unit::Short, unit)
}

fn unit(expr: &Expr) -> Unit {
    match expr {
        Expr::Paren(inner) => unit(&inner.expr),
        Expr::Unary(inner) => unit(&inner.expr),
        Expr::Subquery(inner) => unit(&inner.expr),
        Expr::VectorSelector(selector) => selected(selector),
        Expr::MatrixSelector(selector) => selected(&selector.vs),
        Expr::Aggregate(aggregate) => aggregated(aggregate),
        Expr::Call(call) => called(call),
        Expr::Binary(binary) => combined(binary),
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => Unit::Short,
    }
}

fn selected(selector: &VectorSelector) -> Unit {
    let by_matcher = || selector.matchers.matchers.iter().find(|m| m.name == "__name__").map(|m| m.value.as_str());
    selector.name.as_deref().or_else(by_matcher).map_or(Unit::Short, of_name)
}

/// Suffixes of metric names and their units; the first that fits wins.
const SUFFIXES: [(&str, Unit); 15] = [
    ("_milliseconds", Unit::Milliseconds),
    ("_millis", Unit::Milliseconds),
    ("_ms", Unit::Milliseconds),
    ("_seconds", Unit::Seconds),
    ("_bytes", Unit::Bytes),
    ("_ratio", Unit::PercentUnit),
    ("_utilisation", Unit::PercentUnit),
    ("_utilization", Unit::PercentUnit),
    ("_percentage", Unit::Percent),
    ("_percent", Unit::Percent),
    ("_pct", Unit::Percent),
    ("_up", Unit::None),
    ("_info", Unit::None),
    ("_status", Unit::None),
    ("_replicas", Unit::None),
];

/// The unit of a metric by its name. Of a recording rule's `level:metric:operations`, the middle counts.
fn of_name(name: &str) -> Unit {
    let mut parts = name.rsplit(':');
    let (last, before) = (parts.next().unwrap_or(name), parts.next());
    if last.starts_with("ratio") || last.starts_with("percent") {
        return if last.starts_with("ratio") { Unit::PercentUnit } else { Unit::Percent };
    }
    let metric = before.filter(|before| !before.is_empty()).unwrap_or(last);
    if metric == "up" {
        return Unit::None;
    }
    let counted = before.is_some() && (last.starts_with("rate") || last.starts_with("irate"));
    let metric =
        ["_total", "_sum", "_bucket", "_max", "_min"].iter().fold(metric, |m, s| m.strip_suffix(s).unwrap_or(m));
    let found = SUFFIXES.iter().find(|(suffix, _)| metric.ends_with(suffix)).map(|(_, unit)| unit.clone());
    let is_count = name.ends_with("_count") || name.ends_with("_timestamp_seconds");
    let base = found.filter(|_| !is_count).unwrap_or(Unit::Short);
    let is_gauge = matches!(base, Unit::PercentUnit | Unit::Percent);
    if counted && !is_gauge { per_second(base, metric) } else { base }
}

fn per_second(base: Unit, metric: &str) -> Unit {
    match base {
        Unit::Bytes => Unit::BytesPerSecond,
        // seconds per second: the share of time that is spent
        Unit::Seconds => Unit::PercentUnit,
        _ if metric.contains("request") => Unit::RequestsPerSecond,
        _ if metric.contains("operation") || metric.contains("_ops") => Unit::OperationsPerSecond,
        _ => Unit::Suffix("/s".to_owned()),
    }
}

fn aggregated(aggregate: &AggregateExpr) -> Unit {
    match aggregate.op.id() {
        T_SUM | T_AVG | T_MIN | T_MAX | T_TOPK | T_BOTTOMK | T_LIMITK | T_QUANTILE | T_STDDEV => unit(&aggregate.expr),
        _ => Unit::None,
    }
}

fn called(call: &Call) -> Unit {
    let arguments = &call.args.args;
    let of = |at: usize| arguments.get(at).map_or(Unit::Short, |argument| unit(argument));
    match call.func.name {
        "rate" | "irate" | "deriv" => per_second(of(0), &arguments.first().map_or(String::new(), |a| metric_of(a))),
        "histogram_quantile" => arguments.get(1).map_or(Unit::Short, |argument| distribution(argument)),
        "quantile_over_time" => of(1),
        "count_over_time" | "changes" | "resets" | "present_over_time" | "absent" => Unit::None,
        "histogram_fraction" => Unit::PercentUnit,
        "time" | "timestamp" | "day_of_week" | "hour" | "sqrt" | "exp" | "ln" | "log2" | "log10"
        | "stdvar_over_time" => Unit::Short,
        _ => of(0),
    }
}

/// A quantile has the unit of what was observed, however the buckets were counted.
fn distribution(expr: &Expr) -> Unit {
    match expr {
        Expr::Paren(inner) => distribution(&inner.expr),
        Expr::Aggregate(aggregate) => distribution(&aggregate.expr),
        Expr::Call(call) => call.args.args.first().map_or(Unit::Short, |argument| distribution(argument)),
        other => unit(other),
    }
}

/// The name of the metric that a range function is applied to.
fn metric_of(expr: &Expr) -> String {
    match expr {
        Expr::MatrixSelector(selector) => selector.vs.name.clone().unwrap_or_default(),
        Expr::VectorSelector(selector) => selector.name.clone().unwrap_or_default(),
        Expr::Paren(inner) => metric_of(&inner.expr),
        Expr::Subquery(inner) => metric_of(&inner.expr),
        Expr::Call(call) => call.args.args.first().map_or(String::new(), |argument| metric_of(argument)),
        Expr::Aggregate(aggregate) => metric_of(&aggregate.expr),
        _ => String::new(),
    }
}

fn combined(binary: &BinaryExpr) -> Unit {
    let (left, right) = (number(&binary.lhs), number(&binary.rhs));
    match (binary.op.id(), left, right) {
        (T_MUL, Some(factor), None) => scaled(unit(&binary.rhs), factor),
        (T_MUL, None, Some(factor)) => scaled(unit(&binary.lhs), factor),
        (T_DIV, None, Some(divisor)) => scaled(unit(&binary.lhs), 1.0 / divisor),
        (T_DIV, None, None) => ratio(binary),
        (T_ADD | T_SUB, Some(_), None) => unit(&binary.rhs),
        (T_ADD | T_SUB, None, Some(_)) => unit(&binary.lhs),
        (T_SUB, None, None) if is_age(binary) => Unit::Seconds,
        (T_ADD | T_SUB, None, None) => alike(unit(&binary.lhs), unit(&binary.rhs)),
        (T_MUL, ..) | (T_DIV, ..) => Unit::Short,
        // a comparison or a set inside of the query: the values are those of the left side
        _ => unit(&binary.lhs),
    }
}

fn number(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::NumberLiteral(number) => Some(number.val),
        Expr::Paren(inner) => number(&inner.expr),
        Expr::Binary(binary) if binary.op.id() == T_MUL => Some(number(&binary.lhs)? * number(&binary.rhs)?),
        _ => None,
    }
}

fn scaled(unit: Unit, factor: f64) -> Unit {
    match (unit, factor) {
        (unit, 1.0) => unit,
        (Unit::PercentUnit, 100.0) => Unit::Percent,
        (Unit::Percent, 0.01) => Unit::PercentUnit,
        (Unit::Seconds, 1000.0) => Unit::Milliseconds,
        (Unit::Milliseconds, 0.001) => Unit::Seconds,
        (Unit::BytesPerSecond | Unit::DecBytesPerSecond, 8.0) => Unit::BitsPerSecond,
        _ => Unit::Short,
    }
}

/// Like over like is a share; so is a part of a counter over the whole of it.
fn ratio(binary: &BinaryExpr) -> Unit {
    let (over, under) = (unit(&binary.lhs), unit(&binary.rhs));
    let (part, whole) = (metric_of(&binary.lhs), metric_of(&binary.rhs));
    match (&over, &under) {
        _ if over == under && (over != Unit::Short || (part == whole && !part.is_empty())) => Unit::PercentUnit,
        // the mean of a summary or a histogram: rate of the sum over rate of the count
        _ if part.ends_with("_sum") && whole.ends_with("_count") => of_name(&part),
        (Unit::Bytes, Unit::Seconds) => Unit::BytesPerSecond,
        _ => Unit::Short,
    }
}

fn alike(left: Unit, right: Unit) -> Unit {
    if left == right { left } else { Unit::Short }
}

/// `time() - some_timestamp_seconds`.
fn is_age(binary: &BinaryExpr) -> bool {
    let is_time = |expr: &Expr| matches!(expr, Expr::Call(call) if call.func.name == "time");
    is_time(&binary.lhs) || is_time(&binary.rhs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, expected: Unit) {
        assert_eq!(guess(query), expected, "{query}");
    }

    #[test]
    fn by_suffix() {
        check("node_memory_MemAvailable_bytes", Unit::Bytes);
        check("scrape_duration_seconds", Unit::Seconds);
        check("lag_ms", Unit::Milliseconds);
        check("cache_hit_ratio", Unit::PercentUnit);
        check("battery_percent", Unit::Percent);
        check("up{job=\"a\"}", Unit::None);
        check("{__name__=\"process_open_bytes\"}", Unit::Bytes);
        check("queue_length", Unit::Short);
        check("process_start_timestamp_seconds", Unit::Short);
    }

    #[test]
    fn by_recording_rule() {
        check("instance:node_cpu_utilisation:rate5m", Unit::PercentUnit);
        check("job:http_requests:rate5m", Unit::RequestsPerSecond);
        check("job:slo_errors_per_request:ratio_rate5m", Unit::PercentUnit);
        check("job:request_latency_seconds:mean5m", Unit::Seconds);
        check("instance:node_network_receive_bytes:rate1m", Unit::BytesPerSecond);
    }

    #[test]
    fn by_function() {
        check("rate(http_requests_total[5m])", Unit::RequestsPerSecond);
        check("sum by (job) (irate(db_operations_total[5m]))", Unit::OperationsPerSecond);
        check("rate(node_network_receive_bytes_total[5m])", Unit::BytesPerSecond);
        check("rate(node_network_receive_bytes_total[5m]) * 8", Unit::BitsPerSecond);
        check("rate(errors_total[5m])", Unit::Suffix("/s".into()));
        check("increase(errors_total[1h])", Unit::Short);
        check("avg by (instance) (rate(node_cpu_seconds_total[5m]))", Unit::PercentUnit);
        check("1 - avg(rate(node_cpu_seconds_total{mode=\"idle\"}[5m]))", Unit::PercentUnit);
        check("100 * (1 - avg(rate(node_cpu_seconds_total{mode=\"idle\"}[5m])))", Unit::Percent);
        check("histogram_quantile(0.9, sum by (le) (rate(x_duration_seconds_bucket[5m])))", Unit::Seconds);
        check("histogram_quantile(0.9, rate(x_size_bytes_bucket[5m])) ", Unit::Bytes);
        check("predict_linear(node_filesystem_avail_bytes[6h], 4 * 3600)", Unit::Bytes);
        check("count(up == 0)", Unit::None);
        check("changes(a[5m])", Unit::None);
        check("time() - process_start_timestamp_seconds", Unit::Seconds);
    }

    #[test]
    fn by_arithmetic() {
        check("node_filesystem_avail_bytes / node_filesystem_size_bytes", Unit::PercentUnit);
        check("node_filesystem_avail_bytes / node_filesystem_size_bytes * 100", Unit::Percent);
        check("100 * (a_bytes / b_bytes)", Unit::Percent);
        check(
            "sum(rate(http_requests_total{code=~\"5..\"}[5m])) / sum(rate(http_requests_total[5m]))",
            Unit::PercentUnit,
        );
        check("rate(x_seconds_sum[5m]) / rate(x_seconds_count[5m])", Unit::Seconds);
        check("a_seconds * 1000", Unit::Milliseconds);
        check("a_bytes - b_bytes", Unit::Bytes);
        check("a_bytes / 1024", Unit::Short);
        check("a_bytes + b_seconds", Unit::Short);
        check("not promql at all", Unit::Short);
    }
}

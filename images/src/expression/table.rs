//! The table of DESIGN.md section 5, row by row.
//!
//! Deliberately unknown here: how a tree is read or printed, which labels it keeps.

use promql_parser::parser::{
    BinaryExpr, Call, Expr,
    token::{T_EQLC, T_GTE, T_GTR, T_LAND, T_LOR, T_LSS, T_LTE, T_LUNLESS, T_NEQ},
    value::ValueType,
};

use super::{Comparison, Curve, Drawn, Level, Line, constant::constant, parse::print};

/// An `or` of more sides than this is drawn as it stands: one query instead of many.
const MAX_CURVES: usize = 4;

/// What is drawn of a tree; none where it is the whole expression without any line.
pub(super) fn drawn(tree: &Expr) -> Option<Drawn> {
    let mut curves: Vec<Curve> = Vec::new();
    for curve in rows(tree)? {
        match curves.iter_mut().find(|other| other.query == curve.query && other.absence == curve.absence) {
            Some(same) => same.lines.extend(curve.lines),
            None => curves.push(curve),
        }
    }
    (curves.len() <= MAX_CURVES).then_some(Drawn { curves })
}

/// The curves of a tree; none where something in it cannot be printed faithfully.
fn rows(tree: &Expr) -> Option<Vec<Curve>> {
    match tree {
        Expr::Paren(inner) => rows(&inner.expr),
        Expr::Call(call) if is_absent(call) => absent(call),
        Expr::Binary(binary) => match binary.op.id() {
            T_LAND | T_LUNLESS => rows(&binary.lhs),
            T_LOR => Some([rows(&binary.lhs)?, rows(&binary.rhs)?].concat()),
            operator => match comparison(operator) {
                Some(comparison) => compared(comparison, binary),
                None => whole(tree),
            },
        },
        _ => whole(tree),
    }
}

fn whole(tree: &Expr) -> Option<Vec<Curve>> {
    Some(vec![Curve::plain(&print(tree)?)])
}

fn compared(comparison: Comparison, binary: &BinaryExpr) -> Option<Vec<Curve>> {
    let (left, right) = (unwrapped(&binary.lhs), unwrapped(&binary.rhs));
    match (constant(left), constant(right)) {
        (None, Some(number)) => against_number(left, comparison, number),
        (Some(number), None) => against_number(right, comparison.flipped(), number),
        (None, None) if left.value_type() == ValueType::Scalar && right.value_type() == ValueType::Vector => {
            against_query(right, comparison.flipped(), left)
        }
        (None, None) => against_query(left, comparison, right),
        (Some(_), Some(number)) => against_number(left, comparison, number),
    }
}

fn against_number(curve: &Expr, comparison: Comparison, number: f64) -> Option<Vec<Curve>> {
    if let Expr::Call(call) = curve
        && is_absent(call)
    {
        return absent(call);
    }
    let line = number.is_finite().then_some(Line { comparison, level: Level::Number(number) });
    Some(vec![Curve { lines: line.into_iter().collect(), ..Curve::plain(&print(curve)?) }])
}

fn against_query(curve: &Expr, comparison: Comparison, threshold: &Expr) -> Option<Vec<Curve>> {
    let line = Line { comparison, level: Level::Moving(print(threshold)?) };
    Some(vec![Curve { lines: vec![line], ..Curve::plain(&print(curve)?) }])
}

/// `absent(a)`: the curves of `a`, whose absence is what matters, so that no line is.
fn absent(call: &Call) -> Option<Vec<Curve>> {
    let argument = match call.args.args.first()?.as_ref() {
        Expr::MatrixSelector(range) => Expr::VectorSelector(range.vs.clone()),
        Expr::Subquery(subquery) if subquery.offset.is_none() && subquery.at.is_none() => (*subquery.expr).clone(),
        Expr::Subquery(_) => return None,
        other => other.clone(),
    };
    let curves = rows(unwrapped(&argument))?;
    Some(curves.into_iter().map(|curve| Curve { lines: Vec::new(), absence: true, ..curve }).collect())
}

fn is_absent(call: &Call) -> bool {
    matches!(call.func.name, "absent" | "absent_over_time")
}

/// Without the brackets around the whole.
fn unwrapped(expr: &Expr) -> &Expr {
    match expr {
        Expr::Paren(inner) => unwrapped(&inner.expr),
        other => other,
    }
}

fn comparison(operator: u16) -> Option<Comparison> {
    Some(match operator {
        T_GTR => Comparison::Greater,
        T_GTE => Comparison::GreaterEqual,
        T_LSS => Comparison::Less,
        T_LTE => Comparison::LessEqual,
        T_EQLC => Comparison::Equal,
        T_NEQ => Comparison::NotEqual,
        _ => return None,
    })
}

//! Numbers in disguise: `5 * 60`, `-(1e3)`, `vector(0.5)`.
//!
//! Deliberately unknown here: anything that depends on time or on series.

use promql_parser::parser::{
    BinaryExpr, Call, Expr,
    token::{T_ADD, T_ATAN2, T_DIV, T_MOD, T_MUL, T_POW, T_SUB},
};

/// The value of an expression that is the same always and everywhere.
pub(super) fn constant(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::NumberLiteral(number) => Some(number.val),
        Expr::Paren(inner) => constant(&inner.expr),
        Expr::Unary(negated) => constant(&negated.expr).map(|value| -value),
        Expr::Binary(binary) => folded(binary),
        Expr::Call(call) => called(call),
        _ => None,
    }
}

fn folded(binary: &BinaryExpr) -> Option<f64> {
    let (left, right) = (constant(&binary.lhs)?, constant(&binary.rhs)?);
    match binary.op.id() {
        T_ADD => Some(left + right),
        T_SUB => Some(left - right),
        T_MUL => Some(left * right),
        T_DIV => Some(left / right),
        T_MOD => Some(left % right),
        T_POW => Some(left.powf(right)),
        T_ATAN2 => Some(left.atan2(right)),
        _ => None,
    }
}

fn called(call: &Call) -> Option<f64> {
    match (call.func.name, call.args.args.as_slice()) {
        ("pi", []) => Some(std::f64::consts::PI),
        ("vector" | "scalar", [only]) => constant(only),
        _ => None,
    }
}

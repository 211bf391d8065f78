//! Text to syntax tree and back, safe for text that comes with an event.
//!
//! The parser's own functions recurse over the tree, so that a text which nests deeply would overflow the stack: such texts
//! are refused by their shape before they are parsed. Deliberately unknown here: what an expression means.

use promql_parser::{
    label::Matchers,
    parser::{self, Expr},
};

/// The longest expression, in bytes. The longest rules of the Kubernetes mixin have about 2,000.
const MAX_BYTES: usize = 16 * 1024;
/// The deepest nesting of brackets.
const MAX_DEPTH: usize = 64;
/// The most operators outside of braces: a chain of them is as deep a tree.
const MAX_OPERATORS: usize = 400;

/// Parses an expression of a reasonable shape.
pub(super) fn parse(text: &str) -> Result<Expr, String> {
    if text.len() > MAX_BYTES {
        return Err(format!("the expression has more than {MAX_BYTES} bytes"));
    }
    check_shape(text)?;
    let mut tree = parser::parse(text)?;
    sort_matchers(&mut tree);
    Ok(tree)
}

/// Puts matchers into the order in which the parser prints them, so that trees compare equal whatever order their
/// texts had.
pub(super) fn sort(matchers: &mut Matchers) {
    matchers.matchers.sort_by_cached_key(ToString::to_string);
}

/// Prints a tree, provided that the parser reads the print as the same tree: what it cannot print faithfully is not
/// to be asked.
pub(super) fn print(tree: &Expr) -> Option<String> {
    let text = tree.to_string();
    (parse(&text).as_ref() == Ok(tree)).then_some(text)
}

fn sort_matchers(expr: &mut Expr) {
    match expr {
        Expr::VectorSelector(selector) => sort(&mut selector.matchers),
        Expr::MatrixSelector(selector) => sort(&mut selector.vs.matchers),
        Expr::Paren(inner) => sort_matchers(&mut inner.expr),
        Expr::Unary(inner) => sort_matchers(&mut inner.expr),
        Expr::Subquery(inner) => sort_matchers(&mut inner.expr),
        Expr::Aggregate(aggregate) => {
            sort_matchers(&mut aggregate.expr);
            aggregate.param.iter_mut().for_each(|parameter| sort_matchers(parameter));
        }
        Expr::Call(call) => call.args.args.iter_mut().for_each(|argument| sort_matchers(argument)),
        Expr::Binary(binary) => {
            sort_matchers(&mut binary.lhs);
            sort_matchers(&mut binary.rhs);
        }
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
    }
}

fn check_shape(text: &str) -> Result<(), String> {
    let (mut brackets, mut operators, mut word) = (Vec::new(), 0, 0);
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        let in_braces = brackets.last() == Some(&'{');
        if character.is_ascii_alphanumeric() || matches!(character, '_' | ':') {
            word += 1;
            continue;
        }
        operators += usize::from(!in_braces && is_operator(&text[at - word..at]));
        word = 0;
        match character {
            '"' | '\'' | '`' => skip_string(&mut characters, character),
            '#' => skip_comment(&mut characters),
            '(' | '[' | '{' => brackets.push(character),
            ')' | ']' | '}' => drop(brackets.pop()),
            '+' | '-' | '*' | '/' | '%' | '^' | '<' | '>' | '=' | '!' if !in_braces => operators += 1,
            _ => {}
        }
        if brackets.len() > MAX_DEPTH {
            return Err(format!("the expression nests deeper than {MAX_DEPTH} brackets"));
        }
        if operators > MAX_OPERATORS {
            return Err(format!("the expression has more than {MAX_OPERATORS} operators"));
        }
    }
    Ok(())
}

fn is_operator(word: &str) -> bool {
    ["and", "or", "unless", "atan2"].iter().any(|operator| word.eq_ignore_ascii_case(operator))
}

fn skip_string(characters: &mut std::str::CharIndices<'_>, quote: char) {
    while let Some((_, character)) = characters.next() {
        match character {
            '\\' if quote != '`' => drop(characters.next()),
            _ if character == quote => return,
            _ => {}
        }
    }
}

fn skip_comment(characters: &mut std::str::CharIndices<'_>) {
    characters.by_ref().find(|(_, character)| *character == '\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: bool) {
        assert_eq!(parse(text).is_ok(), expected, "{}", &text[..text.len().min(80)]);
    }

    #[test]
    fn refuses_what_would_overflow_the_stack() {
        check(&format!("{}a{}", "(".repeat(60), ")".repeat(60)), true);
        check(&format!("{}a{}", "(".repeat(5_000), ")".repeat(5_000)), false);
        check(&vec!["a"; 300].join(" + "), true);
        check(&vec!["a"; 5_000].join("+"), false);
        check(&vec!["a"; 3_000].join(" or "), false);
        check(&format!("{}a", "-".repeat(10_000)), false);
        check(&format!("a{{b=\"{}\"}}", "(+".repeat(4_000)), true);
        check(&format!("a{{b=\"{}\"}}", "x".repeat(20_000)), false);
    }

    #[test]
    fn prints_only_what_reads_back_the_same() {
        let printed = |text: &str| parse(text).ok().as_ref().and_then(print);
        assert_eq!(printed("a  +  b").as_deref(), Some("a + b"));
        assert_eq!(printed("a{z='1',b='2'}").as_deref(), Some("a{b=\"2\",z=\"1\"}"));
        assert_eq!(printed(r#"a{b=~"\\d+"}"#).as_deref(), Some(r#"a{b=~"\\d+"}"#));
        // the parser's printer makes `@ 0.000` of a time before 1970
        assert_eq!(printed("a @ -5"), None);
    }
}

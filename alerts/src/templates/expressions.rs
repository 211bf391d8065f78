//! The part of the rewriter that sees to commands and their operands.
//!
//! Deliberately unknown here: blocks, scopes.

use gotmpl::parse::{CommandNode, Expr, Number, PipeNode, Pos, SmolStr};

use super::{
    functions,
    rewrite::{Rewriter, call},
};

impl Rewriter<'_> {
    /// One command of a pipeline; `piped`: it gets the value of the one before.
    pub(super) fn command(&mut self, command: &CommandNode, piped: bool, out: &mut Vec<CommandNode>) {
        let (Some(first), arguments) = (command.args.first(), command.args.get(1..).unwrap_or_default()) else {
            return;
        };
        let takes_arguments = piped || !arguments.is_empty();
        let operand = match first {
            Expr::Identifier(pos, name) => return self.function(*pos, name, arguments, piped, out),
            Expr::Field(pos, fields) => (*pos, Expr::Dot(*pos), fields),
            Expr::Variable(pos, name, fields) if !fields.is_empty() => {
                self.check_variable(*pos, name);
                (*pos, Expr::Variable(*pos, name.clone(), Vec::new()), fields)
            }
            Expr::Chain(pos, inner, fields) => (*pos, self.operand(inner), fields),
            plain => {
                if takes_arguments {
                    self.error(plain.pos(), "this is no function: it takes neither arguments nor a piped value");
                } else if matches!(plain, Expr::Nil(_)) {
                    self.error(plain.pos(), "nil is not a command");
                }
                let plain = self.operand(plain);
                return out.push(CommandNode { pos: command.pos, args: vec![plain] });
            }
        };
        let (pos, receiver, fields) = operand;
        let arguments: Vec<_> = arguments.iter().map(|argument| self.operand(argument)).collect();
        out.push(self.member(pos, receiver, fields, arguments));
    }

    fn function(&mut self, pos: Pos, name: &SmolStr, arguments: &[Expr], piped: bool, out: &mut Vec<CommandNode>) {
        self.check_call(pos, name, arguments.len() + usize::from(piped));
        self.calls_any |= name == "tmpl";
        let arguments: Vec<_> = arguments.iter().map(|argument| self.operand(argument)).collect();
        match name.as_str() {
            "and" | "or" => out.push(call(pos, name, arguments)),
            "urlquery" => {
                let place = self.place(pos);
                out.push(call(pos, functions::URL_QUERY, std::iter::once(place).chain(arguments)));
            }
            "html" | "js" => {
                let place = self.place(pos);
                out.push(call(pos, functions::ARGUMENT, std::iter::once(place).chain(arguments)));
                out.push(call(pos, name, []));
            }
            _ => {
                let place = self.place(pos);
                out.push(call(pos, name, std::iter::once(place).chain(arguments)));
            }
        }
    }

    fn check_call(&mut self, pos: Pos, name: &str, given: usize) {
        let Some((least, most)) = functions::arity(name) else {
            return self.error(pos, format!("there is no function {name}{}", similar(name)));
        };
        if (least..=most).contains(&given) {
            return;
        }
        let wanted = match (least, most) {
            (least, usize::MAX) => format!("at least {least}"),
            (least, most) if least == most => format!("{least}"),
            (least, most) => format!("{least} to {most}"),
        };
        self.error(pos, format!("{name} takes {wanted} arguments, not {given}"));
    }

    fn member(&mut self, pos: Pos, receiver: Expr, fields: &[SmolStr], arguments: Vec<Expr>) -> CommandNode {
        let chain = fields.join(".");
        let head = [self.place(pos), receiver, Expr::String(pos, chain.into())];
        call(pos, functions::MEMBER, head.into_iter().chain(arguments))
    }

    /// An operand: what needs a call becomes a pipeline in parentheses.
    fn operand(&mut self, operand: &Expr) -> Expr {
        match operand {
            Expr::Field(pos, fields) => {
                let command = self.member(*pos, Expr::Dot(*pos), fields, Vec::new());
                in_parentheses(*pos, vec![command])
            }
            Expr::Variable(pos, name, fields) => {
                self.check_variable(*pos, name);
                let variable = Expr::Variable(*pos, name.clone(), Vec::new());
                if fields.is_empty() {
                    return variable;
                }
                in_parentheses(*pos, vec![self.member(*pos, variable, fields, Vec::new())])
            }
            Expr::Chain(pos, inner, fields) => {
                let receiver = self.operand(inner);
                in_parentheses(*pos, vec![self.member(*pos, receiver, fields, Vec::new())])
            }
            Expr::Identifier(pos, name) => {
                let mut commands = Vec::new();
                self.function(*pos, name, &[], false, &mut commands);
                in_parentheses(*pos, commands)
            }
            Expr::Pipe(pos, pipe) => Expr::Pipe(*pos, self.pipe(pipe)),
            Expr::Number(pos, Number::Uint(number)) => {
                self.error(*pos, format!("the number {number} is too large"));
                operand.clone()
            }
            Expr::Dot(_) | Expr::String(..) | Expr::Number(..) | Expr::Bool(..) | Expr::Nil(_) => operand.clone(),
        }
    }
}

fn in_parentheses(pos: Pos, commands: Vec<CommandNode>) -> Expr {
    Expr::Pipe(pos, PipeNode { pos, decl: Vec::new(), commands, is_assign: false })
}

/// A function that differs in case or by a letter or two.
fn similar(name: &str) -> String {
    let wanted = name.to_lowercase();
    let near = |known: &&str| {
        let known = known.to_lowercase();
        known == wanted || (wanted.len() > 3 && (known.starts_with(&wanted) || wanted.starts_with(&known)))
    };
    functions::names().find(near).map(|known| format!(", is {known} meant?")).unwrap_or_default()
}

//! Rewrites trees so that gotmpl, which knows neither methods nor places, runs them as Go does; checks them on the way.
//!
//! Every look-up behind a dot and every call becomes a call of ours with the number of its place; an action ends in a
//! call that makes text; `template` without an argument passes nil. Unknown functions, wrong numbers of arguments,
//! undeclared variables, `break` outside of loops are found here. Expressions are in [`super::expressions`].
//!
//! Deliberately unknown here: values.

use std::sync::Arc;

use gotmpl::parse::{ActionNode, BranchNode, CommandNode, Expr, ListNode, Node, PipeNode, Pos, SmolStr, TemplateNode};

use super::{
    error::{Place, Source, TemplateError},
    functions,
};

/// One tree ready to run.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) tree: ListNode,
    /// The templates that it calls, and where.
    pub(super) calls: Vec<(SmolStr, Place)>,
    /// Whether it calls templates by names that are known only when it runs (`tmpl.Exec`).
    pub(super) calls_any: bool,
    /// How deeply its loops are nested, and where the innermost begins.
    pub(super) loops: Option<(usize, Place)>,
}

/// Rewrites the trees of one source.
pub(super) struct Rewriter<'a> {
    source: &'a Arc<Source>,
    /// The number of a place is its position here, counted from `first_place`.
    places: &'a mut Vec<Place>,
    first_place: usize,
    pub(super) errors: Vec<TemplateError>,
    variables: Vec<SmolStr>,
    loops: usize,
    deepest: Option<(usize, Place)>,
    calls: Vec<(SmolStr, Place)>,
    pub(super) calls_any: bool,
}

impl<'a> Rewriter<'a> {
    /// Places get numbers from `first_place` on.
    pub(super) fn new(source: &'a Arc<Source>, places: &'a mut Vec<Place>, first_place: usize) -> Self {
        Self {
            source,
            places,
            first_place,
            errors: Vec::new(),
            variables: Vec::new(),
            loops: 0,
            deepest: None,
            calls: Vec::new(),
            calls_any: false,
        }
    }

    /// Rewrites the body of one template.
    pub(super) fn definition(&mut self, body: &ListNode) -> Definition {
        self.variables = vec!["$".into()];
        self.loops = 0;
        let tree = self.list(body);
        Definition {
            tree,
            calls: std::mem::take(&mut self.calls),
            calls_any: std::mem::take(&mut self.calls_any),
            loops: self.deepest.take(),
        }
    }

    fn list(&mut self, list: &ListNode) -> ListNode {
        ListNode { pos: list.pos, nodes: list.nodes.iter().map(|node| self.node(node)).collect() }
    }

    fn node(&mut self, node: &Node) -> Node {
        match node {
            Node::Text(text) => Node::Text(text.clone()),
            Node::Define(define) => Node::Define(define.clone()),
            Node::List(list) => Node::List(self.list(list)),
            Node::Action(action) => Node::Action(self.action(action)),
            Node::If(branch) => Node::If(self.scoped(|this| this.branch(branch))),
            Node::With(branch) => Node::With(self.scoped(|this| this.branch(branch))),
            Node::Range(branch) => Node::Range(self.scoped(|this| this.range(branch))),
            Node::Template(call) => Node::Template(self.template(call)),
            Node::Break(pos) | Node::Continue(pos) => {
                if self.loops == 0 {
                    self.error(*pos, "this stands outside of a range");
                }
                node.clone()
            }
        }
    }

    /// What is declared within is gone after it.
    fn scoped<T>(&mut self, within: impl FnOnce(&mut Self) -> T) -> T {
        let outside = self.variables.len();
        let result = within(self);
        self.variables.truncate(outside);
        result
    }

    fn action(&mut self, action: &ActionNode) -> ActionNode {
        let mut pipe = self.pipe(&action.pipe);
        if pipe.decl.is_empty() && !ends_in_escaper(&pipe) {
            pipe.commands.push(call(pipe.pos, functions::PRINT, []));
        }
        ActionNode { pos: action.pos, pipe }
    }

    fn branch(&mut self, branch: &BranchNode) -> BranchNode {
        let pipe = self.pipe(&branch.pipe);
        self.bodies(branch, pipe)
    }

    fn range(&mut self, branch: &BranchNode) -> BranchNode {
        let mut pipe = self.pipe(&branch.pipe);
        let count = Expr::Number(pipe.pos, gotmpl::parse::Number::Int(pipe.decl.len() as i64));
        let place = self.place(pipe.pos);
        pipe.commands.push(call(pipe.pos, functions::RANGE, [place, count]));
        self.loops += 1;
        if self.deepest.as_ref().is_none_or(|(deepest, _)| self.loops > *deepest) {
            self.deepest = Some((self.loops, Place { source: self.source.clone(), offset: branch.pos.offset }));
        }
        let branch = self.bodies(branch, pipe);
        self.loops -= 1;
        branch
    }

    fn bodies(&mut self, branch: &BranchNode, pipe: PipeNode) -> BranchNode {
        let body = self.scoped(|this| this.list(&branch.body));
        let else_body = branch.else_body.as_ref().map(|body| self.scoped(|this| this.list(body)));
        BranchNode { pos: branch.pos, pipe, body, else_body }
    }

    fn template(&mut self, call_node: &TemplateNode) -> TemplateNode {
        let pos = call_node.pos;
        let place = Place { source: self.source.clone(), offset: pos.offset };
        self.calls.push((call_node.name.clone(), place));
        let pipe = match &call_node.pipe {
            Some(pipe) => self.pipe(pipe),
            None => PipeNode { pos, decl: Vec::new(), commands: vec![call(pos, functions::NIL, [])], is_assign: false },
        };
        TemplateNode { pos, name: call_node.name.clone(), pipe: Some(pipe) }
    }

    /// A pipeline; its variables are declared after it.
    pub(super) fn pipe(&mut self, pipe: &PipeNode) -> PipeNode {
        let mut commands = Vec::with_capacity(pipe.commands.len() + 1);
        for (at, command) in pipe.commands.iter().enumerate() {
            self.command(command, at > 0, &mut commands);
        }
        for name in &pipe.decl {
            if pipe.is_assign {
                self.check_variable(pipe.pos, name);
            } else {
                self.variables.push(name.clone());
            }
        }
        PipeNode { pos: pipe.pos, decl: pipe.decl.clone(), commands, is_assign: pipe.is_assign }
    }

    pub(super) fn check_variable(&mut self, pos: Pos, name: &SmolStr) {
        if !self.variables.contains(name) {
            self.error(pos, format!("the variable {name} is not declared here"));
        }
    }

    pub(super) fn error(&mut self, pos: Pos, message: impl Into<String>) {
        let place = Place { source: self.source.clone(), offset: pos.offset };
        self.errors.push(place.error(message));
    }

    /// The number of a new place, as an argument.
    pub(super) fn place(&mut self, pos: Pos) -> Expr {
        let number = self.first_place + self.places.len();
        self.places.push(Place { source: self.source.clone(), offset: pos.offset });
        Expr::Number(pos, gotmpl::parse::Number::Int(number as i64))
    }
}

/// A call of a function with arguments.
pub(super) fn call(pos: Pos, function: &str, arguments: impl IntoIterator<Item = Expr>) -> CommandNode {
    let name = Expr::Identifier(pos, function.into());
    CommandNode { pos, args: std::iter::once(name).chain(arguments).collect() }
}

/// The HTML escaper insists that these stand last.
fn ends_in_escaper(pipe: &PipeNode) -> bool {
    let last = pipe.commands.last().and_then(|command| command.args.first());
    matches!(last, Some(Expr::Identifier(_, name)) if matches!(name.as_str(), "html" | "js"))
}

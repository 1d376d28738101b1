//! Calls that bind names: the comprehensions over two variables, and those over optional values.
//!
//! The parser expands the macros of the standard library; these it leaves as they are written.

use cel::IdedExpr;
use cel::common::ast::{CallExpr, Expr};

/// What such a call does with what it walks over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Whether all are.
    All,
    /// Whether any is.
    Exists,
    /// Whether exactly one is.
    ExistsOne,
    /// A list of what becomes of each.
    TransformList,
    /// A map of the same keys.
    TransformMap,
    /// A map of other entries.
    TransformMapEntry,
    /// What becomes of the value that may be there.
    OptMap,
    /// The same, where that may be absent itself.
    OptFlatMap,
}

/// Name, number of names bound, and what it does.
const FORMS: [(&str, usize, Kind); 9] = [
    ("all", 2, Kind::All),
    ("exists", 2, Kind::Exists),
    ("existsOne", 2, Kind::ExistsOne),
    ("exists_one", 2, Kind::ExistsOne),
    ("transformList", 2, Kind::TransformList),
    ("transformMap", 2, Kind::TransformMap),
    ("transformMapEntry", 2, Kind::TransformMapEntry),
    ("optMap", 1, Kind::OptMap),
    ("optFlatMap", 1, Kind::OptFlatMap),
];

/// A call that binds names.
pub(super) struct Form<'a> {
    /// What it does.
    pub kind: Kind,
    /// What it walks over.
    pub over: &'a IdedExpr,
    /// The names.
    pub names: Vec<&'a str>,
    /// Which to take, where not all.
    pub filter: Option<&'a IdedExpr>,
    /// What becomes of each.
    pub body: &'a IdedExpr,
}

/// The form that a call is, if it is one.
pub(super) fn form(call: &CallExpr) -> Option<Form<'_>> {
    let over = call.target.as_deref()?;
    let (_, bound, kind) = FORMS.iter().find(|(name, ..)| *name == call.func_name)?;
    let name = |expr: &IdedExpr| matches!(expr.expr, Expr::Ident(_));
    let (names, rest) = call.args.split_at_checked(*bound)?;
    if !names.iter().all(name) {
        return None;
    }
    let (filter, body) = match rest {
        [body] => (None, body),
        [filter, body]
            if matches!(kind, Kind::TransformList | Kind::TransformMap | Kind::TransformMapEntry) =>
        {
            (Some(filter), body)
        }
        _ => return None,
    };
    let names = names.iter().filter_map(|expr| match &expr.expr {
        Expr::Ident(name) => Some(name.as_str()),
        _ => None,
    });
    Some(Form { kind: *kind, over, names: names.collect(), filter, body })
}

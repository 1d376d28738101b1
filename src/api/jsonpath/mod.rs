//! JSONPath as kubectl's templates and the columns of custom resources have it (`client-go/util/jsonpath`): read by `parse`,
//! filled by `eval`, filters compared by `compare`.
//!
//! Differs from Kubernetes: the values of a map come in the order of its keys, there in none.

mod compare;
mod eval;
mod parse;

use crate::json::Value;
use eval::Run;
use std::borrow::Cow;

pub(crate) use eval::show;

/// What is wrong with a template, or with it for an object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// It cannot be read.
    Parse(String),
    /// It cannot be filled.
    Execute(String),
}

/// One part of a template, or of what stands between its braces.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Node {
    /// What stands between braces.
    Action(Vec<Node>),
    Text(String),
    /// A number or a truth value.
    Literal(Value),
    /// A word: `range`, `end`, or one that is known only to be unknown when the template is filled.
    Identifier(String),
    Field(String),
    /// `.*`
    Wildcard,
    /// `..`
    Recursive,
    Slice(Slice),
    Union(Vec<Vec<Node>>),
    Filter {
        left: Vec<Node>,
        operator: String,
        right: Vec<Node>,
    },
}

/// `[from:to:step]`; an index is a slice of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slice {
    from: Option<i64>,
    to: Option<i64>,
    step: Option<i64>,
    /// Whether it was an index: its end is derived from it.
    index: bool,
}

/// Whether a key that is missing is nothing or an error (`--allow-missing-template-keys`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    /// It is nothing.
    Allowed,
    /// It is an error.
    Refused,
}

/// A template that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template(Vec<Node>);

impl Template {
    /// Reads a template, or says why it can't be read.
    pub(crate) fn read(text: &str) -> Result<Template, String> {
        parse::template(text).map(Template)
    }

    /// Reads a bare path (`.spec.x`).
    pub(crate) fn of_path(path: &str) -> Option<Template> {
        Template::read(&format!("{{{path}}}")).ok()
    }

    /// What each of its parts finds.
    pub(crate) fn each(&self, root: &Value, missing: Missing) -> Result<Vec<Vec<Value>>, String> {
        let all = Run::new(&self.0, missing).results(root)?;
        Ok(all.into_iter().map(|found| found.into_iter().map(Cow::into_owned).collect()).collect())
    }

    /// What its first part finds; nothing where it can't be walked.
    pub(crate) fn find(&self, root: &Value) -> Vec<Value> {
        let all = self.each(root, Missing::Allowed).unwrap_or_default();
        all.into_iter().next().unwrap_or_default()
    }
}

/// Fills a template. An index beyond a list's end is an error.
pub(crate) fn fill(template: &str, root: &Value, missing: Missing) -> Result<String, Problem> {
    let all = each(template, root, missing)?;
    let texts = all.iter().map(|found| found.iter().map(show).collect::<Vec<_>>().join(" "));
    Ok(texts.collect())
}

/// The values that each part of a template finds.
pub(crate) fn each(template: &str, root: &Value, missing: Missing) -> Result<Vec<Vec<Value>>, Problem> {
    Template::read(template).map_err(Problem::Parse)?.each(root, missing).map_err(Problem::Execute)
}

/// `.a.b`, `a.b`, `{a.b}` and `{.a.b}` are the same to kubectl, which makes the last of them
/// (`RelaxedJSONPathExpression`).
pub(crate) fn relaxed(path: &str) -> Result<String, String> {
    if path.is_empty() {
        return Ok(String::new());
    }
    let inner = path.strip_prefix('{').and_then(|p| p.strip_suffix('}')).unwrap_or(path);
    let bare = inner.strip_prefix('.').filter(|bare| !bare.is_empty()).unwrap_or(inner);
    if bare.is_empty() || bare.contains(['{', '}']) {
        return Err(
            "unexpected path string, expected a 'name1.name2' or '.name1.name2' or '{name1.name2}' or \
                    '{.name1.name2}'"
                .to_owned(),
        );
    }
    Ok(format!("{{.{bare}}}"))
}

#[cfg(test)]
mod tests;

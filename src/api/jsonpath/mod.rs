//! JSONPath as kubectl's templates and the columns of custom resources have it (`client-go/util/jsonpath`): read by `parse`,
//! filled by `eval`.

mod eval;
mod parse;

use serde_json::Value;

pub(crate) use eval::show;

/// What is wrong with a template, or with it for an object.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// It cannot be read.
    Parse(String),
    /// It cannot be filled.
    Execute(String),
}

enum Node {
    Text(String),
    Path(Vec<Step>),
    /// A word that is known only to be unknown when the template is filled.
    Unknown(String),
    Range(Vec<Step>, Vec<Node>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Field(String),
    Every,
    Index(Vec<i64>),
    Slice(Option<i64>, Option<i64>),
    Filter(Vec<Step>, String, Option<Operand>),
    Descend,
    Root,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Operand {
    Literal(Value),
    Path(Vec<Step>),
}

/// Fills a template. A missing key is nothing; an index beyond a list's end is an error.
pub(crate) fn fill(template: &str, root: &Value) -> Result<String, Problem> {
    let nodes = parse::template(template).map_err(Problem::Parse)?;
    let mut out = String::new();
    eval::render(&nodes, root, root, &mut out).map_err(Problem::Execute)?;
    Ok(out)
}

/// The values that each path of a template finds.
pub(crate) fn each(template: &str, root: &Value) -> Result<Vec<Vec<Value>>, Problem> {
    let nodes = parse::template(template).map_err(Problem::Parse)?;
    nodes.iter().map(|node| eval::values(node, root)).collect::<Result<_, _>>().map_err(Problem::Execute)
}

/// The values that a bare path (`.spec.x`) finds, for custom columns and conditions.
pub(crate) fn find(path: &str, root: &Value) -> Result<Vec<Value>, String> {
    eval::walk(&parse::path(path)?, root, root)
}

/// A bare path that was read; one that can't be read finds nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Path(Vec<Step>);

impl Path {
    /// Reads a path (`.spec.x`).
    pub(crate) fn of(text: &str) -> Option<Path> {
        parse::path(text).ok().map(Path)
    }

    /// The values that it finds; none where it can't be walked.
    pub(crate) fn find(&self, root: &Value) -> Vec<Value> {
        eval::walk(&self.0, root, root).unwrap_or_default()
    }
}

/// `.a.b`, `a.b` and `{.a.b}` are the same to kubectl (`RelaxedJSONPathExpression`).
pub(crate) fn relaxed(path: &str) -> String {
    let inner = path.strip_prefix('{').and_then(|p| p.strip_suffix('}')).unwrap_or(path);
    format!(".{}", inner.trim_start_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::Problem;
    use serde_json::json;

    #[test]
    fn templates() {
        let pods = json!({"items": [{"metadata": {"name": "a"}, "n": 1}, {"metadata": {"name": "b", "l": {"x.y": "z"}}, "n": 2}]});
        for (template, want) in [
            ("{.items[0].metadata.name}", "a"),
            ("{.items[*].metadata.name}", "a b"),
            ("{range .items[*]}{.metadata.name}{\"\\n\"}{end}-", "a\nb\n-"),
            ("{.items[?(@.metadata.name==\"b\")].n}", "2"),
            ("{.items[?(@.n>1)].metadata.name}", "b"),
            ("{.items[-1:].metadata.l.x\\.y}", "z"),
            ("{.items[1].metadata.l}", "{\"x.y\":\"z\"}"),
            ("{.nosuch}x", "x"),
            ("{..name}", "a b"),
        ] {
            assert_eq!(super::fill(template, &pods), Ok(want.to_owned()), "{template}");
        }
        assert_eq!(
            super::fill("{.items[5].n}", &pods),
            Err(Problem::Execute("array index out of bounds: index 5, length 2".to_owned()))
        );
        assert_eq!(super::fill("{.items", &pods), Err(Problem::Parse("unclosed action".to_owned())));
        assert_eq!(super::fill("{x}", &pods), Err(Problem::Execute("unrecognized identifier x".to_owned())));
        let each = super::each("{.items[*].n}{.nosuch}", &pods);
        assert_eq!(each, Ok(vec![vec![json!(1), json!(2)], vec![]]));
    }
}

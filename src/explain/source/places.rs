//! Which object is written where: many ask, of many, so it is looked up in an order that is made once.

use super::Written;
use crate::api::Dig;
use crate::api::fact::Grounds;
use crate::api::rbac::PolicyRule;
use crate::authorize::aggregation;
use crate::json::Value;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Line {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// The places of objects among those that are written, by kind, name and namespace; of one that is written twice, the last is last.
#[derive(Debug)]
pub struct Order {
    order: Vec<usize>,
    gathered: Gathered,
}

/// Which rules of cluster roles are gathered, and of which: by name and number, from 1.
type Gathered = BTreeMap<(String, usize), (String, usize)>;

impl Order {
    /// That of what is written.
    pub fn of(written: &[Written]) -> Order {
        let mut order: Vec<usize> = (0..written.len()).collect();
        order.sort_by_key(|at| sorted_by(&written[*at]));
        Order { order, gathered: Gathered::new() }
    }

    /// The same, where those cluster roles are stored: of a rule that one gathers, it is told where the other has it.
    pub(crate) fn gathering<'a>(self, cluster_roles: impl Iterator<Item = &'a Value>) -> Order {
        let all: Vec<&Value> = cluster_roles.collect();
        let mut gathered = Gathered::new();
        for role in all.iter().filter(|role| role.has("aggregationRule")) {
            let parts = aggregation::parts(role, all.iter().copied()).unwrap_or_default();
            for (number, rule) in (1..).zip(PolicyRule::list(role)) {
                if let Some(part) = parts.iter().find(|part| part.rule == rule) {
                    gathered.insert((role.name().to_owned(), number), (part.role.to_owned(), part.number));
                }
            }
        }
        Order { gathered, ..self }
    }

    /// The rules from which one is gathered, the next one first; roles may gather each other.
    fn sources(&self, role: &str, rule: usize) -> Vec<&(String, usize)> {
        let mut found: Vec<&(String, usize)> = Vec::new();
        let mut next = self.gathered.get(&(role.to_owned(), rule));
        while let Some(source) = next.filter(|source| !found.contains(source)) {
            found.push(source);
            next = self.gathered.get(source);
        }
        found
    }

    /// The place of an object; a namespace that is not written is the one of whoever applies it.
    fn find(&self, written: &[Written], kind: &str, namespace: &str, name: &str) -> Option<usize> {
        let last = |namespace: &str| {
            let key = (kind, namespace, name);
            let after = self.order.partition_point(|at| sorted_by(&written[*at]) <= key);
            let at = *self.order.get(after.checked_sub(1)?)?;
            (sorted_by(&written[at]) == key).then_some(at)
        };
        last(namespace).max(last(""))
    }
}

fn sorted_by(written: &Written) -> (&str, &str, &str) {
    // As kubectl prints them: what is in order already is sorted at once.
    let [kind, namespace, name] = &written.called;
    (kind, namespace, name)
}

/// Where objects and their rules are written. Many hold something by one rule, and its line is looked up once.
pub struct Places<'w> {
    written: &'w [Written],
    order: &'w Order,
    known: BTreeMap<(usize, usize), Line>,
}

impl<'w> Places<'w> {
    /// Among what is written, which has that order.
    pub fn of(written: &'w [Written], order: &'w Order) -> Places<'w> {
        Places { written, order, known: BTreeMap::new() }
    }

    /// Where the rule is written that gives something.
    pub(crate) fn of_rule(&mut self, by: &Grounds) -> Option<Line> {
        let number = by.rule.as_ref().map_or(0, |rule| rule.number);
        let namespace = if by.role.kind == "ClusterRole" { "" } else { by.namespace.as_str() };
        self.line(&by.role.kind, namespace, &by.role.name, number)
    }

    /// Where the binding is.
    pub(crate) fn of_binding(&mut self, by: &Grounds) -> Option<Line> {
        self.line(by.kind, &by.namespace, &by.binding, 0)
    }

    /// An object as it is written; the last one counts.
    pub(crate) fn written(&self, kind: &str, namespace: &str, name: &str) -> Option<&'w Written> {
        self.written.get(self.order.find(self.written, kind, namespace, name)?)
    }

    /// Where the rule of that number (from 1) of a role is written, or (with 0) any object; of a rule that a cluster role gathers,
    /// where the role has it from which it comes.
    pub fn line(&mut self, kind: &str, namespace: &str, name: &str, rule: usize) -> Option<Line> {
        let order = self.order;
        let sources = if kind == "ClusterRole" { order.sources(name, rule) } else { Vec::new() };
        let gathered = sources.iter().rev().find_map(|(role, number)| self.own_line(kind, "", role, *number));
        gathered.or_else(|| self.own_line(kind, namespace, name, rule))
    }

    fn own_line(&mut self, kind: &str, namespace: &str, name: &str, rule: usize) -> Option<Line> {
        let at = self.order.find(self.written, kind, namespace, name)?;
        let written = self.written.get(at)?;
        let line = || Line { file: written.path.to_string(), line: written.line_of_rule(rule) };
        Some(self.known.entry((at, rule)).or_insert_with(line).clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::source::read;

    #[test]
    fn of_objects_of_one_name_the_last_of_the_namespace_counts() {
        let role = |namespace: &str| {
            format!("kind: Role\nmetadata: {{name: a{namespace}}}\nrules:\n- verbs: [get]\n---\n")
        };
        let text = [", namespace: x", ", namespace: y", "", ", namespace: x"].map(role).concat();
        let written = read("d.yaml", text).expect("manifests");
        let order = Order::of(&written);
        let mut places = Places::of(&written, &order);
        for (kind, namespace, name, rule, line) in [
            ("Role", "x", "a", 0, Some(16)),
            ("Role", "x", "a", 1, Some(19)),
            // What says no namespace is in any, and comes after that of y.
            ("Role", "y", "a", 1, Some(14)),
            ("Role", "z", "a", 1, Some(14)),
            ("Role", "x", "b", 1, None),
            ("ClusterRole", "x", "a", 1, None),
        ] {
            let found = places.line(kind, namespace, name, rule);
            assert_eq!(found.map(|found| found.line), line, "{kind} {namespace}/{name} {rule}");
        }
    }
}

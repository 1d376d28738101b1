//! What an actor may do at the end: verb by resource, each cell with the rules that allow it.

use super::{Access, Column, Standing};
use crate::authorize::rbac::Index;
use crate::authorize::rbac::grid::{Thing, in_order};
use petgraph::Direction;
use petgraph::graph::NodeIndex;

/// How many columns there are at most.
const COLUMNS: usize = 12;

/// The matrix of one actor.
#[derive(Clone, Debug)]
pub(crate) struct Matrix {
    /// Whose: the actor's place.
    pub actor: usize,
    /// The resources: `pods`, `deployments.apps`, `pods/log`, `/healthz`, `*`.
    pub resources: Vec<String>,
    /// The verbs, each with its cells.
    pub rows: Vec<(String, Vec<Cell>)>,
    /// How many resources found no room.
    pub left_out: usize,
}

/// A verb on a resource.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    /// The rules that allow it, each with where: a namespace, or nothing for everywhere; and for which names only.
    pub rules: Vec<(NodeIndex, String, Vec<String>)>,
    /// The asks about it, by place.
    pub asks: Vec<usize>,
}

/// The matrix of an actor; none if no verb is in question.
pub(crate) fn matrix(access: &Access, end: &Index, actor: usize) -> Option<Matrix> {
    let grants = granted(access, end, actor);
    let asks: Vec<usize> =
        (0..access.asks.len()).filter(|place| access.asks[*place].actor == actor).collect();
    let (resources, left_out) = resources(access, &grants, &asks);
    let verbs = verbs(access, &grants, &asks);
    if resources.is_empty() || verbs.is_empty() {
        return None;
    }
    let row = |verb: &String| {
        let cells = resources.iter().map(|resource| cell(access, &grants, &asks, verb, resource));
        (verb.clone(), cells.collect())
    };
    let rows = verbs.iter().map(row).collect();
    Some(Matrix { actor, resources: resources.iter().map(label).collect(), rows, left_out })
}

/// The rules that reach an actor at the end, each with its namespace.
fn granted(access: &Access, end: &Index, actor: usize) -> Vec<(NodeIndex, String)> {
    let user = &access.actors[actor].user;
    let mut found = Vec::new();
    for node in access.column(Column::Binding) {
        let shown = &access.graph[node];
        let binding = end.bindings().find(|binding| {
            binding.kind() == shown.kind
                && binding.name == shown.name
                && (binding.namespace.is_empty() || shown.detail == format!("in {}", binding.namespace))
        });
        let Some(binding) = binding.filter(|binding| binding.subject(user).is_some()) else { continue };
        for role in access.graph.neighbors_directed(node, Direction::Outgoing) {
            let rules = access.graph.neighbors_directed(role, Direction::Outgoing);
            let here = rules.filter(|rule| access.graph[*rule].standing == Standing::Here);
            found.extend(here.map(|rule| (rule, binding.namespace.clone())));
        }
    }
    found.sort();
    found
}

fn resources(access: &Access, grants: &[(NodeIndex, String)], asks: &[usize]) -> (Vec<Thing>, usize) {
    let mut asked: Vec<Thing> = asks.iter().map(|place| Thing::of(&access.asks[*place].info)).collect();
    asked.sort();
    asked.dedup();
    let rules = grants.iter().filter_map(|(node, _)| access.graph[*node].rule.as_ref());
    let mut granted: Vec<Thing> = rules.flat_map(Thing::named).collect();
    granted.sort();
    granted.dedup();
    granted.retain(|resource| !asked.contains(resource));
    let room = COLUMNS.saturating_sub(asked.len());
    let left_out = granted.len().saturating_sub(room);
    // What stands for all others says more than one of them.
    granted.sort_by_key(|resource| (!resource.all, resource.clone()));
    asked.extend(granted.into_iter().take(room));
    asked.sort();
    (asked, left_out)
}

fn verbs(access: &Access, grants: &[(NodeIndex, String)], asks: &[usize]) -> Vec<String> {
    let rules = grants.iter().filter_map(|(node, _)| access.graph[*node].rule.as_ref());
    let mut verbs: Vec<String> = rules.flat_map(|rule| rule.verbs.clone()).collect();
    verbs.extend(asks.iter().map(|place| access.asks[*place].info.verb.clone()));
    in_order(verbs)
}

fn cell(
    access: &Access,
    grants: &[(NodeIndex, String)],
    asks: &[usize],
    verb: &str,
    resource: &Thing,
) -> Cell {
    let mut rules = Vec::new();
    for (node, namespace) in grants {
        let Some(rule) = &access.graph[*node].rule else { continue };
        let mut info = resource.info(verb);
        if let Some(name) = rule.resource_names.first() {
            info.name.clone_from(name);
        }
        // A binding in a namespace gives nothing on paths.
        if rule.allows(&info) && (namespace.is_empty() || !resource.path) {
            rules.push((*node, namespace.clone(), rule.resource_names.clone()));
        }
    }
    let about = |place: &&usize| {
        let info = &access.asks[**place].info;
        info.verb == verb && Thing::of(info) == *resource
    };
    Cell { rules, asks: asks.iter().filter(about).copied().collect() }
}

/// What a reader calls a column.
fn label(thing: &Thing) -> String {
    match (thing.path, thing.all, thing.group.as_str()) {
        (true, true, _) => "any path".to_owned(),
        (false, true, "" | "*") => "anything else".to_owned(),
        (false, true, group) => format!("anything of {group}"),
        (_, _, "") => thing.name.clone(),
        (_, _, group) => format!("{}.{group}", thing.name),
    }
}

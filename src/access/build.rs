//! Building the access graph from the cluster as it ended and from what the steps asked.

use super::{Access, Actor, Ask, Column, Node, Standing, called};
use crate::api::fact::{Grounds, Rule};
use crate::api::rbac::listed;
use crate::api::{Outcome, Stage, User, service_account};
use crate::authorize::rbac::{Binding, Index, PolicyRule, RoleRef, Subject, Who};
use crate::cluster::RequestReport;
use crate::explain::Explanation;
use crate::scenario::guess::Answer;
use crate::scenario::report::StepReport;
use petgraph::graph::NodeIndex;
use std::collections::BTreeMap;

/// How many rules of a role are drawn.
const RULES: usize = 8;

/// Builds the graph: `fresh` is the cluster before the first step, `end` after the last one.
pub(crate) fn build(fresh: &Index, end: &Index, steps: &[(&StepReport, Vec<Explanation>)]) -> Access {
    let mut builder =
        Builder { fresh, end, access: Access::default(), nodes: BTreeMap::new(), asked: Vec::new() };
    for (step, explained) in steps {
        for (request, explanation) in step.requests.iter().zip(explained) {
            builder.ask(step, request, explanation);
        }
    }
    let made: Vec<&Binding> = end.bindings().filter(|binding| !known(fresh, binding)).collect();
    for binding in made {
        builder.binding(binding, Standing::Here);
    }
    for grounds in std::mem::take(&mut builder.asked) {
        builder.named(&grounds);
    }
    builder.lonely();
    builder.access
}

struct Builder<'a> {
    fresh: &'a Index,
    end: &'a Index,
    access: Access,
    nodes: BTreeMap<(Column, String), NodeIndex>,
    /// What explanations name.
    asked: Vec<Grounds>,
}

impl Builder<'_> {
    /// Takes note of who asked what, and what decided.
    fn ask(&mut self, step: &StepReport, request: &RequestReport, explanation: &Explanation) {
        let Some(user) = request.trace.user.as_ref().filter(|user| !user.in_group("system:masters")) else {
            return;
        };
        let actor = self.actor(user, called(&user.name));
        let authorizer = explanation.told.iter().rfind(|told| told.stage == Stage::Authorize);
        let Some(authorizer) = authorizer else { return };
        let ask = Ask {
            step: step.number.clone(),
            actor,
            info: request.trace.info.clone(),
            code: request.code,
            allowed: authorizer.outcome == Outcome::Passed || Answer::Code(request.code).lets_through(),
        };
        self.access.asks.push(ask);
        self.asked.extend(authorizer.grounds().cloned());
        let near = authorizer.nearest().iter().map(|miss| &miss.grounds);
        let (fresh, end) = (self.fresh, self.end);
        let made = near.filter(|grounds| {
            !fresh.bindings().any(|binding| is(binding, grounds))
                && !end.bindings().any(|binding| is(binding, grounds))
        });
        self.asked.extend(made.cloned());
    }

    fn actor(&mut self, user: &User, label: String) -> usize {
        if let Some(place) = self.access.actors.iter().position(|actor| actor.user.name == user.name) {
            return place;
        }
        self.access.actors.push(Actor { user: user.clone(), label });
        self.access.actors.len() - 1
    }

    fn node(&mut self, key: String, node: Node) -> NodeIndex {
        let graph = &mut self.access.graph;
        *self.nodes.entry((node.column, key)).or_insert_with(|| graph.add_node(node))
    }

    fn edge(&mut self, from: NodeIndex, to: NodeIndex) {
        self.access.graph.update_edge(from, to, ());
    }

    /// A binding with all that it joins.
    fn binding(&mut self, binding: &Binding, standing: Standing) {
        let of = self.binding_node(binding.kind(), &binding.namespace, &binding.name, standing);
        for subject in &binding.subjects {
            let subject = self.subject(subject, &binding.namespace);
            self.edge(subject, of);
        }
        let role = self.role(&binding.role_ref, &binding.namespace, None);
        self.edge(of, role);
    }

    fn binding_node(&mut self, kind: &str, namespace: &str, name: &str, standing: Standing) -> NodeIndex {
        let node = Node { standing, ..Node::new(Column::Binding, kind, name, place(namespace)) };
        self.node(format!("{kind} {namespace}/{name}"), node)
    }

    /// A subject; whoever is one becomes an actor, too.
    fn subject(&mut self, subject: &Subject, binding: &str) -> NodeIndex {
        match subject.who(binding) {
            Some(Who::User(name)) => {
                self.actor(&User::named(&name).authenticated(), called(&name));
            }
            Some(Who::Group(name)) if !self.access.actors.iter().any(|actor| actor.user.in_group(&name)) => {
                let anybody = User { groups: vec![name.clone()], ..User::default() };
                self.access
                    .actors
                    .push(Actor { user: anybody, label: format!("anybody in the group {name}") });
            }
            Some(Who::Group(_)) | None => {}
        }
        let own = match (subject.kind.as_str(), subject.namespace.as_str()) {
            ("ServiceAccount", "") => format!("{binding}/{}", subject.name),
            ("ServiceAccount", namespace) => format!("{namespace}/{}", subject.name),
            _ => subject.name.clone(),
        };
        let members = match subject.kind.as_str() {
            "Group" => self.members(&subject.name),
            _ => String::new(),
        };
        self.node(format!("{} {own}", subject.kind), Node::new(Column::Subject, &subject.kind, &own, members))
    }

    fn members(&self, group: &str) -> String {
        let members = self
            .access
            .actors
            .iter()
            .filter(|actor| actor.user.in_group(group) && !actor.user.name.is_empty());
        let names: Vec<&str> = members.map(|actor| actor.label.as_str()).collect();
        if names.is_empty() { String::new() } else { format!("holds {}", names.join(", ")) }
    }

    /// A role with its rules; of one that every cluster has, only what matters.
    fn role(&mut self, reference: &RoleRef, namespace: &str, named: Option<&Rule>) -> NodeIndex {
        let rules = self.end.role(reference, namespace);
        let own = if reference.kind == "Role" { namespace } else { "" };
        let standing = match (rules, named) {
            (Some(_), _) => Standing::Here,
            (None, Some(_)) => Standing::Gone,
            (None, None) => Standing::Missing,
        };
        let detail = if own.is_empty() { String::new() } else { place(own) };
        let node = Node { standing, ..Node::new(Column::Role, &reference.kind, &reference.name, detail) };
        let role = self.node(format!("{} {own}/{}", reference.kind, reference.name), node);
        let default = rules.is_some() && self.fresh.role(reference, namespace) == rules;
        let rules: Vec<PolicyRule> = rules.map(<[PolicyRule]>::to_vec).unwrap_or_default();
        let matters = |rule: &PolicyRule| self.access.asks.iter().any(|ask| rule.allows(&ask.info));
        let few = rules.len() <= 3;
        let shown: Vec<usize> =
            (0..rules.len()).filter(|index| !default || few || matters(&rules[*index])).take(RULES).collect();
        for index in &shown {
            let rule = self.rule(role, index + 1, &rules[*index], Standing::Here);
            self.edge(role, rule);
        }
        if let Some(Rule { number, rule }) = named
            && !rules.contains(rule)
        {
            let rule = self.rule(role, *number, rule, Standing::Gone);
            self.edge(role, rule);
        }
        if shown.len() < rules.len() {
            self.more(role, rules.len() - shown.len());
        }
        role
    }

    fn rule(&mut self, role: NodeIndex, number: usize, rule: &PolicyRule, standing: Standing) -> NodeIndex {
        let node = Node::new(Column::Rule, &format!("rule {number}"), &rule.verbs.join(", "), objects(rule));
        let node = Node { standing, rule: Some(rule.clone()), ..node };
        self.node(format!("{} {number} {standing:?}", role.index()), node)
    }

    fn more(&mut self, role: NodeIndex, count: usize) {
        let (kind, name) = (format!("{count} more rules"), "about what nobody asks here");
        let node = Node::new(Column::Rule, &kind, name, String::new());
        let more = self.node(format!("{} more", role.index()), node);
        self.edge(role, more);
    }

    /// What an explanation named: there still, or gone by the end.
    fn named(&mut self, grounds: &Grounds) {
        let found = self.end.bindings().find(|binding| is(binding, grounds));
        let standing = if found.is_some() { Standing::Here } else { Standing::Gone };
        let of = self.binding_node(grounds.kind, &grounds.namespace, &grounds.binding, standing);
        if let Some(subject) = &grounds.subject {
            let subject = self.subject(subject, &grounds.namespace);
            self.edge(subject, of);
        }
        let role = self.role(&grounds.role, &grounds.namespace, grounds.rule.as_ref());
        self.edge(of, role);
    }

    /// Whoever asked and is in no binding stands alone.
    fn lonely(&mut self) {
        for actor in self.access.actors.clone() {
            let subjects = self.access.column(Column::Subject);
            let bound = subjects.iter().any(|node| is_subject(&self.access.graph[*node], &actor.user));
            if bound || actor.user.name.is_empty() {
                continue;
            }
            let account = account(&actor.user);
            let kind = if account.is_some() { "ServiceAccount" } else { "User" };
            let name = account.as_ref().unwrap_or(&actor.user.name);
            let detail = "no binding made here reaches it".to_owned();
            let node = Node::new(Column::Subject, kind, name, detail);
            self.node(format!("lonely {}", actor.user.name), node);
        }
    }
}

fn known(fresh: &Index, binding: &Binding) -> bool {
    fresh.bindings().any(|old| old == binding)
}

fn is(binding: &Binding, grounds: &Grounds) -> bool {
    binding.namespace == grounds.namespace && binding.name == grounds.binding
}

fn is_subject(node: &Node, user: &User) -> bool {
    match node.kind.as_str() {
        "User" => node.name == user.name,
        "Group" => user.in_group(&node.name),
        "ServiceAccount" => account(user).is_some_and(|account| account == node.name),
        _ => false,
    }
}

/// `dev/default`, of an account.
fn account(user: &User) -> Option<String> {
    service_account(&user.name).map(|(namespace, name)| format!("{namespace}/{name}"))
}

fn place(namespace: &str) -> String {
    if namespace.is_empty() { "the whole cluster".to_owned() } else { format!("in {namespace}") }
}

/// What a rule is for, in a line: `pods, pods/log`, `deployments (apps)`, `/healthz`.
fn objects(rule: &PolicyRule) -> String {
    if !rule.non_resource_urls.is_empty() {
        return rule.non_resource_urls.join(", ");
    }
    let groups: Vec<&str> =
        rule.api_groups.iter().map(String::as_str).filter(|group| !group.is_empty()).collect();
    let mut text = rule.resources.join(", ");
    if !groups.is_empty() {
        text = format!("{text} ({})", groups.join(", "));
    }
    if !rule.resource_names.is_empty() {
        text = format!("{text} named {}", listed(&rule.resource_names));
    }
    text
}

//! Paths that were carried out: a search on the graph, a run on a fork, and again without what was stopped.

use super::carry::{Hop, Me, Run, Step, Stopped};
use super::gain::Gain;
use super::graph::{Access, Edge};
use super::need::Names;
use super::node::{Acting, EVERYTHING, Kind, Node};
use super::search::{self, Distances, Route};
use super::ways::WAYS;
use super::world::World;
use super::{Declared, Ground, Leap, Path, Target, called};
use crate::api::RequestInfo;
use crate::api::rbac::Who;
use crate::cluster::Cluster;
use petgraph::graph::NodeIndex;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Somebody's path.
#[derive(Clone, Debug)]
pub struct Climb {
    /// Whose.
    pub who: Who,
    /// The path.
    pub path: Path,
}

/// A leap that a gate stopped.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Blocked {
    /// The way.
    pub way: String,
    /// What would have been gained.
    pub gained: String,
    /// What stopped it.
    #[serde(flatten)]
    pub stopped: Stopped,
}

/// All leaps between two changes of who one is, and what came of carrying them out: the requests of each, or which of them was
/// stopped.
type Segment = (NodeIndex, Vec<search::Leap>, bool);
type Outcome = Result<Vec<Vec<Step>>, (usize, Box<Stopped>)>;

/// Paths to one target.
pub struct Climbs {
    cluster: Cluster,
    target: Target,
    access: Access,
    distances: Distances,
    /// Whether admission may look at who asks and for what, so that one account is not as good as another.
    is_particular: bool,
    done: BTreeMap<Segment, Outcome>,
    blocked: BTreeSet<Blocked>,
}

impl Climbs {
    /// Paths to a target in a [prepared](super::prepared) cluster.
    pub fn new(mut cluster: Cluster, target: Target, declared: &[Declared]) -> Climbs {
        // Flags restart the server, which then has heard of nothing.
        cluster.catch_up();
        let access = Access::of(World::of(&cluster, declared), &target);
        let distances = Distances::of(&access);
        let objects = cluster.store().objects();
        let looks = [
            "validatingadmissionpolicies.admissionregistration.k8s.io",
            "mutatingadmissionpolicies.admissionregistration.k8s.io",
            "validatingwebhookconfigurations.admissionregistration.k8s.io",
            "mutatingwebhookconfigurations.admissionregistration.k8s.io",
        ];
        let config = cluster.config();
        let by_others = |mode: &str| !matches!(mode, "Node" | "RBAC");
        let is_particular = looks.iter().any(|resource| objects.all(resource).next().is_some())
            || config.admission_config.is_some()
            || config.authorizers().iter().any(|authorizer| by_others(&authorizer.mode));
        let (done, blocked) = (BTreeMap::new(), BTreeSet::new());
        Climbs { cluster, target, access, distances, is_particular, done, blocked }
    }

    /// Users, groups and accounts that do not come with a server.
    pub fn everybody(&mut self) -> Vec<Who> {
        self.access.everybody();
        let nodes = self.access.graph.node_weights();
        let who = nodes.filter_map(|node| match node {
            Node::Subject { who, acting: Acting::Not } if !super::is_of_the_system(who) => Some(who.clone()),
            _ => None,
        });
        who.collect::<BTreeSet<Who>>().into_iter().collect()
    }

    /// What was stopped on the way, by which gate.
    pub fn blocked(&self) -> &BTreeSet<Blocked> {
        &self.blocked
    }

    /// The shortest path of each of them who has one; what many have in common is carried out once.
    pub fn all(&mut self, everybody: &[Who]) -> Vec<Climb> {
        let mut open: Vec<(Who, NodeIndex)> =
            everybody.iter().map(|who| (who.clone(), self.access.subject(who))).collect();
        self.distances = Distances::of(&self.access);
        let mut found = Vec::new();
        while !open.is_empty() {
            let mut stopped: BTreeSet<search::Leap> = BTreeSet::new();
            let mut later = Vec::new();
            for (who, from) in open {
                let Some(route) = self.distances.route(&self.access, from) else { continue };
                match self.in_parts(&route) {
                    Ok(steps) => found.push(Climb { path: self.told(&who, &route, steps), who }),
                    Err(leap) => {
                        stopped.insert(leap);
                        later.push((who, from));
                    }
                }
            }
            self.without(&stopped);
            open = later;
        }
        found.sort_by(|a, b| a.who.cmp(&b.who));
        found
    }

    /// Somebody's shortest path, carried out from its beginning to its end on one fork.
    pub fn one(&mut self, who: &Who) -> Option<Path> {
        let from = self.access.subject(who);
        self.distances = Distances::of(&self.access);
        loop {
            let route = self.distances.route(&self.access, from)?;
            match self.whole(who, &route) {
                Ok(steps) => return Some(self.told(who, &route, steps)),
                Err(leap) => self.without(&BTreeSet::from([leap])),
            }
        }
    }

    /// Takes out what was stopped.
    fn without(&mut self, stopped: &BTreeSet<search::Leap>) {
        for leap in stopped {
            let leap = self.as_stopped(leap);
            self.access.block(&leap);
        }
        self.distances = Distances::of(&self.access);
    }

    /// How much of a leap is stopped by what stopped it: where nobody looks at which account a pod runs as, all of them.
    fn as_stopped(&self, leap: &search::Leap) -> search::Leap {
        let through = &leap.through;
        let alike = match WAYS[leap.by.way].gain {
            _ if self.is_particular => through.len(),
            Gain::AnyAccount => through
                .iter()
                .rposition(|node| matches!(self.access.graph[*node], Node::Any(Kind::Accounts, _)))
                .map_or(through.len(), |last| last + 1),
            Gain::AnyMachine => 1,
            _ => through.len(),
        };
        search::Leap { through: through[..alike].to_vec(), ..leap.clone() }
    }

    /// Carries a route out on one fork.
    fn whole(&mut self, who: &Who, route: &Route) -> Result<Vec<Vec<Step>>, search::Leap> {
        let leaps = route.leaps(&self.access);
        let outcome = self.carry(self.run(who), &leaps, true);
        self.judged(&leaps, outcome)
    }

    /// The leap that was stopped, if one was; that the end is not reached is the last one's fault.
    fn judged(&mut self, leaps: &[search::Leap], outcome: Outcome) -> Result<Vec<Vec<Step>>, search::Leap> {
        let (at, stopped) = match outcome {
            Ok(steps) => return Ok(steps),
            Err(stopped) => stopped,
        };
        let leap = leaps[at.min(leaps.len() - 1)].clone();
        let gained = self.name(leap.end());
        let way = WAYS[leap.by.way].name.to_owned();
        self.blocked.insert(Blocked { way, gained, stopped: *stopped });
        Err(leap)
    }

    /// Carries a route out in parts: from each change of who one is to the next, each on a fork of its own.
    fn in_parts(&mut self, route: &Route) -> Result<Vec<Vec<Step>>, search::Leap> {
        let leaps = route.leaps(&self.access);
        if leaps.is_empty() {
            return Ok(Vec::new());
        }
        let (mut begins, mut start, mut steps) = (route.nodes[0], 0, Vec::new());
        for (at, leap) in leaps.iter().enumerate() {
            let is_last = at + 1 == leaps.len();
            // Who acts for some verbs only is nobody without whoever acts.
            let changes = matches!(
                self.access.graph[leap.end()],
                Node::Subject { acting: Acting::Not | Acting::Fully, .. }
            );
            if !changes && !is_last {
                continue;
            }
            let part = &leaps[start..=at];
            // Whoever has the role can do it.
            let by = if self.is_particular { begins } else { part[0].origin };
            let key = (by, part.to_vec(), is_last);
            let outcome = match self.done.get(&key) {
                Some(known) => known.clone(),
                None => {
                    let Node::Subject { who, acting } = self.access.graph[begins].clone() else { break };
                    let run = Run::new(self.cluster.fork(), Me::of(&who, acting == Acting::Fully));
                    let outcome = self.carry(run, part, is_last);
                    self.done.insert(key, outcome.clone());
                    outcome
                }
            };
            steps.extend(self.judged(part, outcome)?);
            (begins, start) = (leap.end(), at + 1);
        }
        Ok(steps)
    }

    /// Carries leaps out, and asks in the end whether the target is reached.
    fn carry(&self, mut run: Run, leaps: &[search::Leap], is_last: bool) -> Outcome {
        let mut steps = Vec::new();
        let nothing = RequestInfo::default();
        let questions = self.target.questions();
        let info = questions.first().unwrap_or(&nothing);
        for (at, leap) in leaps.iter().enumerate() {
            let way = &WAYS[leap.by.way];
            let through: Vec<Node> =
                leap.through.iter().map(|node| self.access.graph[*node].clone()).collect();
            let need = way.needs.first();
            let roles = self.raised(leap);
            let role = match through.last() {
                Some(Node::Held { role, .. }) => {
                    let role = &self.access.world.roles[*role];
                    (role.namespace.as_str(), role.name.as_str())
                }
                _ => ("", ""),
            };
            let names = self.access.names(
                leap.by.way,
                self.access.space(leap.by.place),
                &self.access.held_by(&self.access.graph[leap.origin]),
            );
            let names: Vec<String> = match names.get(1) {
                Some(Names::Only(names)) => names.iter().cloned().collect(),
                Some(Names::Any) | None => Vec::new(),
            };
            let hop = Hop {
                through: &through,
                place: self.access.space(leap.by.place),
                resource: need.map_or("", |need| need.resource),
                group: need.map_or("", |need| need.group),
                role,
                roles: &roles,
                names: &names,
                declared: self.access.world.declared.get(leap.by.declared),
                mode: way.gain.acts_for_some().map(|(mode, _)| mode),
                info,
            };
            (way.carry)(&mut run, &hop).map_err(|stopped| (at, stopped))?;
            if matches!(through.last(), Some(Node::Held { acting: Acting::Not, .. })) {
                run.acts_no_more();
            }
            let ends_by_itself = matches!(through.last(), Some(Node::Target));
            if is_last && at + 1 == leaps.len() && !ends_by_itself && !questions.is_empty() {
                run.reaches(questions).map_err(|stopped| (at, stopped))?;
            }
            steps.push(std::mem::take(&mut run.steps));
        }
        Ok(steps)
    }

    /// The roles that a leap fills with all rights: namespace and name; after one that gathers, the part.
    fn raised(&self, leap: &search::Leap) -> Vec<(String, String)> {
        let gain = WAYS[leap.by.way].gain;
        if !matches!(gain, Gain::HeldRoles | Gain::GatheredRoles) {
            return Vec::new();
        }
        let origin = &self.access.graph[leap.origin];
        let (Node::Subject { acting, .. } | Node::Held { acting, .. }) = origin else { return Vec::new() };
        let held = self.access.held_by(origin);
        let place = self.access.space(leap.by.place);
        let names = self.access.names(leap.by.way, place, &held);
        let Node::Held { place: end, .. } = &self.access.graph[leap.end()] else { return Vec::new() };
        let own = self.access.own(*acting, &held);
        let mut raised = self.access.raised(gain, place, &names, &own);
        let Some((role, _)) = raised.find(|(_, of)| of == end) else { return Vec::new() };
        let role = &self.access.world.roles[*role];
        let part = role.gathers.iter().flat_map(|gathers| self.access.parts(gathers));
        let part = part.filter(|part| names.iter().all(|names| names.has(part))).take(1);
        let part = part.map(|part| (String::new(), part.to_owned()));
        std::iter::once((role.namespace.clone(), role.name.clone())).chain(part).collect()
    }

    fn told(&self, who: &Who, route: &Route, mut steps: Vec<Vec<Step>>) -> Path {
        let leaps = route.leaps(&self.access);
        steps.resize(leaps.len(), Vec::new());
        let (mut by, mut own) = (called(who), None);
        let mut told = Vec::new();
        for (leap, steps) in leaps.iter().zip(steps) {
            let way = &WAYS[leap.by.way];
            let gained = self.name(leap.end());
            let through = leap.through[..leap.through.len() - 1].iter().filter_map(|node| {
                let is_one =
                    matches!(self.access.graph[*node], Node::Pod(..) | Node::Secret(..) | Node::Machine(_));
                is_one.then(|| self.name(*node))
            });
            told.push(Leap {
                way: way.name.to_owned(),
                what: way.what.to_owned(),
                severity: way.severity,
                by: by.clone(),
                through: through.collect(),
                gained: gained.clone(),
                grounds: self.access.grounds(leap, bond_before(&self.access, route, leap.origin).as_ref()),
                steps,
            });
            match &self.access.graph[leap.end()] {
                Node::Subject { acting: Acting::For(_), .. } => {
                    own = Some(std::mem::replace(&mut by, gained))
                }
                Node::Subject { .. } => (by, own) = (gained, None),
                // What whoever acts for some verbs only makes is given to themselves.
                Node::Held { acting: Acting::Not, .. } => by = own.take().unwrap_or(by),
                _ => {}
            }
        }
        Path {
            from: called(who),
            to: self.goal(),
            length: told.len(),
            leaps: told,
            held: self.held_in_the_end(route),
        }
    }

    /// By what the target is allowed in the end.
    fn held_in_the_end(&self, route: &Route) -> Vec<Ground> {
        let last = route.nodes.len().checked_sub(2).map(|at| route.nodes[at]);
        let is_allowed = route.edges.last() == Some(&Edge::Allows);
        let Some(node) = last.filter(|_| is_allowed) else { return Vec::new() };
        self.access.allowing(&self.access.graph[node], bond_before(&self.access, route, node).as_ref())
    }

    /// The target, in words.
    pub fn goal(&self) -> String {
        self.target.words()
    }

    /// Whether it matters to admission who asks.
    pub(super) fn is_particular(&self) -> bool {
        self.is_particular
    }

    /// Somebody at the beginning of a path.
    pub(super) fn run(&self, who: &Who) -> Run {
        Run::new(self.cluster.fork(), Me::of(who, false))
    }

    pub(super) fn access(&self) -> &Access {
        &self.access
    }

    pub(super) fn access_mut(&mut self) -> &mut Access {
        &mut self.access
    }

    /// A node, in words.
    fn name(&self, node: NodeIndex) -> String {
        self.access.words(&self.access.graph[node])
    }
}

impl Access {
    /// A node, in words.
    pub(super) fn words(&self, node: &Node) -> String {
        let everywhere = |what: &str, place: &str| match place {
            "" => format!("any {what}"),
            place => format!("any {what} in {place}"),
        };
        match node {
            Node::Subject { who, .. } => called(who),
            Node::Held { role, place, .. } => {
                let place = match &**place {
                    "" => "the whole cluster",
                    place => place,
                };
                match &self.world.roles[*role] {
                    _ if *role == EVERYTHING => format!("all rights in {place}"),
                    role if role.namespace.is_empty() => format!("cluster role {} in {place}", role.name),
                    role => format!("role {} in {place}", role.name),
                }
            }
            Node::Any(kind, place) => match kind {
                Kind::Accounts | Kind::ActingAccounts(_) => everywhere("account", place),
                Kind::Pods => everywhere("pod", place),
                Kind::Secrets => everywhere("token in a secret", place),
                Kind::Machines => "any node".to_owned(),
                Kind::ActingUsers(_) => "any user".to_owned(),
                Kind::ActingGroups(_) => "any group".to_owned(),
                Kind::Certified => "any name in a certificate".to_owned(),
            },
            Node::Pod(namespace, name) => format!("pod {namespace}/{name}"),
            Node::Secret(namespace, name) => format!("secret {namespace}/{name}"),
            Node::Machine(name) => format!("node {name}"),
            Node::Target => self.target().words(),
        }
    }
}

/// The binding by which a role is held on a route, and whom it binds.
fn bond_before(access: &Access, route: &Route, node: NodeIndex) -> Option<(usize, Who)> {
    let at = route.nodes.iter().position(|other| *other == node)?.checked_sub(1)?;
    match (route.edges.get(at)?, &access.graph[route.nodes[at]]) {
        (Edge::Bound(bond), Node::Subject { who, .. }) => Some((*bond, who.clone())),
        _ => None,
    }
}

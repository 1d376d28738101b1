//! The access graph: who holds what, and where each right leads.
//!
//! Nodes stand for what has the same rights: a role in a place is one node, however many hold it; "any account of a
//! namespace" is one, however many there are. So there are as many edges as there are bindings and accounts, not pairs of
//! them. An edge costs 1 where something must be done, and nothing where somebody just is or has something.

use super::gain::Gain;
use super::lent::Lent;
use super::need::Names;
use super::node::{Acting, EVERYTHING, Kind, Node, account_user, machine_of};
use super::ways::WAYS;
use super::world::{self, World};
use super::{Target, allows, groups_of};
use crate::api::RequestInfo;
use crate::api::rbac::Who;
use petgraph::graph::{DiGraph, NodeIndex};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// An edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Edge {
    /// One is the other: a member of a group, one of any.
    Is,
    /// By a binding, by its number.
    Bound(usize),
    /// By a way, with rights in a place.
    By(By),
    /// The role allows what is asked.
    Allows,
}

/// A way by its number, that of the place whose rights are used, and of a controller that was declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct By {
    pub(super) way: usize,
    pub(super) place: usize,
    pub(super) declared: usize,
}

impl Edge {
    pub(super) fn cost(self) -> u32 {
        u32::from(matches!(self, Edge::By(_)))
    }
}

/// The graph, and what it was made of.
#[derive(Clone, Debug)]
pub(super) struct Access {
    pub(super) graph: DiGraph<Node, Edge>,
    pub(super) world: World,
    pub(super) lent: Lent,
    places: BTreeMap<Node, NodeIndex>,
    open: Vec<NodeIndex>,
    /// The places whose rights are used, by number.
    spaces: Vec<Arc<str>>,
    numbers: BTreeMap<Arc<str>, usize>,
    target: Target,
    /// Who holds the target by bindings.
    pub(super) holders: BTreeSet<Who>,
}

impl Access {
    /// The graph of the target; whoever is asked about is added.
    pub(super) fn of(world: World, target: &Target) -> Access {
        let mut access = Access {
            graph: DiGraph::new(),
            world,
            lent: Lent::default(),
            places: BTreeMap::new(),
            open: Vec::new(),
            spaces: Vec::new(),
            numbers: BTreeMap::new(),
            target: target.clone(),
            holders: BTreeSet::new(),
        };
        access.node(Node::Target);
        access.holders = access.find_holders();
        access
    }

    /// The place of a node, if it is in the graph.
    pub(super) fn find(&self, node: &Node) -> Option<NodeIndex> {
        self.places.get(node).copied()
    }

    /// Adds all of whom bindings speak, and all accounts.
    pub(super) fn everybody(&mut self) {
        let users = self.world.users().into_iter().map(Who::User);
        let groups = self.world.bound.keys().filter(|who| matches!(who, Who::Group(_))).cloned();
        for who in users.chain(groups.collect::<Vec<_>>()) {
            self.node(Node::Subject { who, acting: Acting::Not });
        }
        self.expand();
    }

    /// Adds somebody.
    pub(super) fn subject(&mut self, who: &Who) -> NodeIndex {
        let index = self.node(Node::Subject { who: who.clone(), acting: Acting::Not });
        self.expand();
        index
    }

    fn node(&mut self, node: Node) -> NodeIndex {
        if let Some(known) = self.places.get(&node) {
            return *known;
        }
        let index = self.graph.add_node(node.clone());
        self.places.insert(node, index);
        self.open.push(index);
        index
    }

    fn edge(&mut self, from: NodeIndex, edge: Edge, to: Node) {
        let to = self.node(to);
        if from != to {
            self.graph.add_edge(from, to, edge);
        }
    }

    fn number(&mut self, place: &Arc<str>) -> usize {
        let (spaces, next) = (&mut self.spaces, self.numbers.len());
        *self.numbers.entry(place.clone()).or_insert_with(|| {
            spaces.push(place.clone());
            next
        })
    }

    /// The place of a number.
    pub(super) fn space(&self, number: usize) -> &Arc<str> {
        &self.spaces[number]
    }

    /// Adds what follows from each node that is new.
    fn expand(&mut self) {
        while let Some(at) = self.open.pop() {
            match self.graph[at].clone() {
                Node::Subject { who, acting } => self.subject_has(at, &who, acting),
                Node::Held { role, place, acting } => self.role_gives(at, role, &place, acting),
                Node::Any(kind, place) => self.any_is(at, kind, &place),
                Node::Pod(namespace, name) => {
                    let pods = self.world.pods.get(&namespace).into_iter().flatten();
                    let account = pods.filter(|pod| pod.name == name).map(|pod| pod.account.clone()).next();
                    account.into_iter().for_each(|account| self.is_account(at, &namespace, &account));
                }
                Node::Secret(namespace, name) => {
                    let secrets = self.world.tokens.get(&namespace).into_iter().flatten();
                    let of = secrets.filter(|(secret, _)| *secret == name).map(|(_, of)| of.clone()).next();
                    of.into_iter().for_each(|account| self.is_account(at, &namespace, &account));
                }
                Node::Machine(machine) => {
                    let on = self.world.all_pods().filter(|pod| pod.node == machine);
                    let pods: Vec<Node> =
                        on.map(|pod| Node::Pod(pod.namespace.clone(), pod.name.clone())).collect();
                    pods.into_iter().for_each(|pod| self.edge(at, Edge::Is, pod));
                }
                Node::Target => {}
            }
        }
    }

    fn is_account(&mut self, from: NodeIndex, namespace: &str, name: &str) {
        let who = Who::User(account_user(namespace, name));
        self.edge(from, Edge::Is, Node::Subject { who, acting: Acting::Not });
    }

    /// What somebody is in, holds, and can do by several roles together.
    fn subject_has(&mut self, at: NodeIndex, who: &Who, acting: Acting) {
        let lender = match acting {
            Acting::For(lender) => Some(lender),
            Acting::Not | Acting::Fully => None,
        };
        if self.target == Target::Subject(who.clone()) && lender.is_none() {
            self.edge(at, Edge::Allows, Node::Target);
        }
        if let (Who::User(name), Acting::Not) = (who, acting)
            && let Some(machine) = machine_of(name)
            && let Some(way) = WAYS.iter().position(|way| way.gain == Gain::OwnNode)
        {
            let by = By { way, place: self.number(&"".into()), declared: 0 };
            self.edge(at, Edge::By(by), Node::Machine(machine.to_owned()));
        }
        let groups = groups_of(who).filter(|group| self.world.bound.contains_key(group));
        let groups: Vec<Who> = groups.collect();
        if *who == Who::Group("system:masters".to_owned()) && lender.is_none() {
            let all = Node::Held { role: EVERYTHING, place: "".into(), acting };
            self.edge(at, Edge::Is, all);
        }
        for group in groups {
            self.edge(at, Edge::Is, Node::Subject { who: group, acting });
        }
        for bond in self.world.bound.get(who).cloned().unwrap_or_default() {
            let (role, place) = (self.world.bonds[bond].role, self.world.bonds[bond].place.clone());
            let all = match lender {
                Some(lender) => self.lend(lender, role, &place),
                None => vec![(role, place)],
            };
            for (role, place) in all {
                self.edge(at, Edge::Bound(bond), Node::Held { role, place, acting });
            }
        }
        if let Some(lender) = lender {
            // What is held by groups counts together with it.
            let bonds: Vec<_> = self.bonds_of(who).map(|(bond, _)| (bond.role, bond.place.clone())).collect();
            bonds.iter().for_each(|(role, place)| drop(self.lend(lender, *role, place)));
        }
        let held = self.held_by(&Node::Subject { who: who.clone(), acting });
        if held.len() > 1 && (lender.is_some() || !self.holders.contains(who)) {
            self.ways(at, &held, acting);
        }
    }

    fn role_gives(&mut self, at: NodeIndex, role: usize, place: &Arc<str>, acting: Acting) {
        let all = &self.world.roles[role];
        if self.target.is_allowed(&all.rules, place) {
            // Whoever is there has no further to go.
            self.edge(at, Edge::Allows, Node::Target);
            return;
        }
        self.ways(at, &[(role, place.clone())], acting);
    }

    /// The ways that roles open: of one role by itself, or of several together.
    fn ways(&mut self, at: NodeIndex, held: &[(usize, Arc<str>)], acting: Acting) {
        let bits_at = |place: &str| {
            let there = held.iter().filter(|(_, held)| &**held == place);
            there.fold(0, |bits, (role, _)| bits | self.world.roles[*role].bits)
        };
        let everywhere = bits_at("");
        let (mut found, mut acts) = (Vec::new(), Vec::new());
        let mut places: BTreeSet<Arc<str>> = held.iter().map(|(_, place)| place.clone()).collect();
        // By several roles, some may count in the whole cluster.
        let together = held.len() > 1;
        if together {
            places.insert("".into());
        }
        for place in places {
            let own = if place.is_empty() { everywhere } else { bits_at(&place) };
            for (number, way) in WAYS.iter().enumerate() {
                let wanted = world::bits(number);
                let has_all = |bits: u128| wanted != 0 && bits & wanted == wanted;
                // What the whole cluster gives is not told again for each namespace.
                let here = has_all(own | everywhere) && (place.is_empty() || !has_all(everywhere));
                let alone =
                    held.iter().any(|(role, of)| *of == place && has_all(self.world.roles[*role].bits));
                // What they lead to hangs on all that is held.
                let named = matches!(way.gain, Gain::HeldRoles | Gain::GatheredRoles)
                    || way.gain.acts_for_some().is_some();
                if !here || together && alone && !named {
                    continue;
                }
                let needs = || world::numbers(number).zip(way.needs);
                if !place.is_empty() && needs().any(|(need, row)| row.whole && everywhere & (1 << need) == 0)
                {
                    continue;
                }
                let names = self.names(number, &place, held);
                if let Some((mode, for_all)) = way.gain.acts_for_some() {
                    // Who may act for all verbs needs no other right.
                    let all = WAYS.iter().position(|way| way.gain == for_all);
                    let is_more = all.is_none_or(|all| self.names(all, &place, held)[0] != Names::Any);
                    if is_more && self.world.acts_for_some && acting == Acting::Not {
                        acts.push((number, place.clone(), mode, names[0].clone()));
                    }
                    continue;
                }
                let gained = self.gains(way.gain, &place, &names, held, acting);
                found.extend(gained.into_iter().map(|to| (number, place.clone(), to)));
            }
        }
        for (way, place, mode, names) in acts {
            let Some(lender) = self.lender(mode, held) else { continue };
            let acted = self.acted(WAYS[way].gain, &place, &names, Acting::For(lender));
            found.extend(acted.into_iter().map(|to| (way, place.clone(), to)));
        }
        for (way, place, to) in found {
            let by = By { way, place: self.number(&place), declared: 0 };
            self.edge(at, Edge::By(by), to);
        }
        if !together {
            self.open_ended(at, held[0].0, &held[0].1.clone());
        }
    }

    /// Of which names roles meet each need of a way in a place.
    pub(super) fn names(&self, way: usize, place: &str, held: &[(usize, Arc<str>)]) -> Vec<Names> {
        let of = |need: u8| {
            let count = held.iter().filter(|(_, of)| of.is_empty() || **of == *place);
            let met = count.filter_map(|(role, _)| self.world.roles[*role].meets.get(&need));
            met.fold(Names::none(), |all, names| all.and(names))
        };
        world::numbers(way).map(of).collect()
    }

    /// The roles that somebody has, and where.
    pub(super) fn held_by(&self, node: &Node) -> Vec<(usize, Arc<str>)> {
        match node {
            Node::Held { role, place, .. } => vec![(*role, place.clone())],
            Node::Subject { who, acting } => {
                let bonds = self.bonds_of(who).map(|(bond, _)| (bond.role, &bond.place));
                match acting {
                    Acting::For(lender) => {
                        bonds.flat_map(|(role, place)| self.lent(*lender, role, place)).collect()
                    }
                    Acting::Not | Acting::Fully => bonds.map(|(role, place)| (role, place.clone())).collect(),
                }
            }
            _ => Vec::new(),
        }
    }

    /// What binds somebody, by themselves and as a member of groups.
    pub(super) fn bonds_of(&self, who: &Who) -> impl Iterator<Item = (&world::Bond, Who)> {
        let own = std::iter::once(who.clone()).chain(groups_of(who));
        own.flat_map(move |who| {
            let bonds = self.world.bound.get(&who).into_iter().flatten();
            bonds.map(move |bond| (&self.world.bonds[*bond], who.clone()))
        })
    }

    /// What is asked about.
    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    /// Who holds the target by a binding of their own.
    fn find_holders(&self) -> BTreeSet<Who> {
        let holds = |bonds: &Vec<usize>| {
            bonds.iter().any(|bond| {
                let bond = &self.world.bonds[*bond];
                self.target.is_allowed(&self.world.roles[bond.role].rules, &bond.place)
            })
        };
        self.world.bound.iter().filter(|(_, bonds)| holds(bonds)).map(|(who, _)| who.clone()).collect()
    }

    /// The ways whose needs are not known beforehand: to have something deleted, and controllers that were declared.
    fn open_ended(&mut self, at: NodeIndex, role: usize, place: &Arc<str>) {
        let space = self.number(place);
        let rules = &self.world.roles[role].rules;
        let number = |gain: Gain| WAYS.iter().position(|way| way.gain == gain);
        let mut found = Vec::new();
        let deleted = self.target.questions().iter().find(|info| info.verb == "delete");
        if let (Some(info), Some(way)) = (deleted, number(Gain::Deletion)) {
            let by = |verb: &str| RequestInfo { verb: verb.to_owned(), ..info.clone() };
            if ["update", "patch"].iter().any(|verb| allows(rules, place, &by(verb))) {
                found.push((Edge::By(By { way, place: space, declared: 0 }), Node::Target));
            }
        }
        if let Some(way) = number(Gain::Mounted)
            && self.mounting(|info| allows(rules, place, info)).next().is_some()
        {
            found.push((Edge::By(By { way, place: space, declared: 0 }), Node::Target));
        }
        if let Some(way) = number(Gain::Controller) {
            for (at, declared) in self.world.declared.iter().enumerate() {
                let may = allows(rules, place, &declared.asked(place));
                let who = Who::User(declared.user());
                if may {
                    found.push((
                        Edge::By(By { way, place: space, declared: at }),
                        Node::Subject { who, acting: Acting::Not },
                    ));
                }
            }
        }
        found.into_iter().for_each(|(edge, to)| self.edge(at, edge, to));
    }

    /// What any of a kind is.
    fn any_is(&mut self, at: NodeIndex, kind: Kind, place: &Arc<str>) {
        let user = |who: Who, acting: Acting| Node::Subject { who, acting };
        let spread = |spaces: Vec<Arc<str>>| -> Vec<Node> {
            spaces.into_iter().map(|namespace| Node::Any(kind, namespace)).collect()
        };
        let to: Vec<Node> = match (kind, &**place) {
            (Kind::Accounts | Kind::ActingAccounts(_), "") => {
                spread(self.world.accounts.keys().cloned().collect())
            }
            (Kind::Pods, "") => spread(self.world.pods.keys().cloned().collect()),
            (Kind::Secrets, "") => spread(self.world.tokens.keys().cloned().collect()),
            (Kind::Accounts | Kind::ActingAccounts(_), namespace) => {
                let names = self.world.accounts.get(namespace).into_iter().flatten();
                let acting = if let Kind::ActingAccounts(acting) = kind { acting } else { Acting::Not };
                names.map(|name| user(Who::User(account_user(namespace, name)), acting)).collect()
            }
            (Kind::Pods, namespace) => {
                let pods = self.world.pods.get(namespace).into_iter().flatten();
                pods.map(|pod| Node::Pod(place.clone(), pod.name.clone())).collect()
            }
            (Kind::Secrets, namespace) => {
                let tokens = self.world.tokens.get(namespace).into_iter().flatten();
                tokens.map(|(name, _)| Node::Secret(place.clone(), name.clone())).collect()
            }
            (Kind::Machines, _) => {
                let nodes: BTreeSet<&str> = self.world.all_pods().map(|pod| pod.node.as_str()).collect();
                let there = nodes.into_iter().filter(|node| !node.is_empty());
                there.map(|node| Node::Machine(node.to_owned())).collect()
            }
            (Kind::ActingUsers(acting), _) => {
                let users = self.world.users().into_iter().filter(|name| acting.is_as_user(name));
                users.map(|name| user(Who::User(name), acting)).collect()
            }
            (Kind::ActingGroups(acting), _) => self.groups().map(|group| user(group, acting)).collect(),
            (Kind::Certified, _) => {
                let users = self.world.users().into_iter().map(Who::User);
                users.chain(self.groups()).map(|who| user(who, Acting::Not)).collect()
            }
        };
        to.into_iter().for_each(|node| self.edge(at, Edge::Is, node));
    }

    /// The groups of whom bindings speak, and the one that needs none.
    pub(super) fn groups(&self) -> impl Iterator<Item = Who> {
        let bound = self.world.bound.keys().filter(|who| matches!(who, Who::Group(_))).cloned();
        let masters = Who::Group("system:masters".to_owned());
        bound.chain([masters]).collect::<BTreeSet<_>>().into_iter()
    }
}

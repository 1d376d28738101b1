//! What each way leads to, by the names of which it may be done.

use super::gain::Gain;
use super::graph::Access;
use super::need::{Names, PODS, making};
use super::node::{Acting, EVERYTHING, Kind, NODES, Node, account_user};
use super::world;
use crate::api::labels::selects;
use crate::api::rbac::Who;
use crate::api::{Dig, RequestInfo};
use std::collections::BTreeSet;
use std::sync::Arc;

impl Access {
    /// What a way leads to.
    pub(super) fn gains(
        &self,
        gain: Gain,
        place: &Arc<str>,
        names: &[Names],
        held: &[(usize, Arc<str>)],
        acting: Acting,
    ) -> Vec<Node> {
        let first = &names[0];
        // Who acts for some verbs only has what they make given to themselves.
        let given = if matches!(acting, Acting::For(_)) { Acting::Not } else { acting };
        match gain {
            Gain::Accounts => match first {
                Names::Any => vec![Node::Any(Kind::Accounts, place.clone())],
                Names::Only(names) => self.named(place, names, Acting::Not),
            },
            Gain::AnyAccount => vec![Node::Any(Kind::Accounts, place.clone())],
            Gain::Pods => match first {
                Names::Any => vec![Node::Any(Kind::Pods, place.clone())],
                Names::Only(names) => {
                    let there = self.world.all_pods().filter(|pod| self.within(&pod.namespace, place));
                    let named = there.filter(|pod| names.contains(&pod.name));
                    named.map(|pod| Node::Pod(pod.namespace.clone(), pod.name.clone())).collect()
                }
            },
            Gain::Secrets => match first {
                Names::Any => vec![Node::Any(Kind::Secrets, place.clone())],
                Names::Only(names) => {
                    let there = self.world.tokens.iter().filter(|(of, _)| self.within(of, place));
                    let all = there.flat_map(|(of, tokens)| tokens.iter().map(move |(name, _)| (of, name)));
                    let named = all.filter(|(_, name)| names.contains(*name));
                    named.map(|(of, name)| Node::Secret(of.clone(), name.clone())).collect()
                }
            },
            Gain::AnyMachine => vec![Node::Any(Kind::Machines, "".into())],
            Gain::Machine => self.machines(first, ""),
            Gain::AsUsers | Gain::AsGroups | Gain::AsAccounts if acting != Acting::Not => Vec::new(),
            Gain::AsUsers | Gain::AsGroups | Gain::AsAccounts => {
                self.acted(gain, place, first, Acting::Fully)
            }
            // Whoever acts is known by all that they hold.
            Gain::AsUsersFor | Gain::AsGroupsFor | Gain::AsAccountsFor => Vec::new(),
            Gain::AsNodes | Gain::AsNodesFor if acting != Acting::Not => Vec::new(),
            // Who may act as a member of any group needs no node.
            Gain::AsNodes if names[1] == Names::Any || !names[1].has(NODES) => Vec::new(),
            Gain::AsNodes => self.machines(first, "system:node:"),
            Gain::AsNodesFor if !self.world.acts_for_some => Vec::new(),
            Gain::AsNodesFor => self.machines(first, ""),
            Gain::Certificates => {
                let may = signs(first, "kube-apiserver-client");
                may.then(|| Node::Any(Kind::Certified, "".into())).into_iter().collect()
            }
            Gain::NodeCertificates => {
                let may =
                    signs(first, "kube-apiserver-client-kubelet") && !signs(first, "kube-apiserver-client");
                may.then(|| Node::Any(Kind::Machines, "".into())).into_iter().collect()
            }
            Gain::ClusterRoles | Gain::Roles => self.bound_to(gain, place, first, given),
            Gain::HeldRoles | Gain::GatheredRoles => {
                let own = self.own(acting, held);
                let raised = self.raised(gain, place, names, &own);
                let all = |of: &Arc<str>| Node::Held { role: EVERYTHING, place: of.clone(), acting: given };
                raised.map(|(_, of)| all(of)).collect()
            }
            Gain::Everything => vec![Node::Held { role: EVERYTHING, place: "".into(), acting: given }],
            Gain::EverythingHere => {
                vec![Node::Held { role: EVERYTHING, place: place.clone(), acting: given }]
            }
            Gain::FilledRoles if names[0].meet(&names[1]).is_none() => Vec::new(),
            Gain::FilledRoles => vec![Node::Held { role: EVERYTHING, place: place.clone(), acting: given }],
            Gain::WrittenSecrets => {
                let target = self.reads(&["secrets"], &["get"]).map(|_| Node::Target);
                std::iter::once(Node::Any(Kind::Secrets, "".into())).chain(target).collect()
            }
            Gain::Mounted | Gain::Deletion | Gain::Controller | Gain::OwnNode => Vec::new(),
        }
    }

    /// The nodes of those names, which begin so.
    fn machines(&self, names: &Names, prefix: &str) -> Vec<Node> {
        match names {
            Names::Any => vec![Node::Any(Kind::Machines, "".into())],
            Names::Only(names) => {
                let named = names.iter().filter_map(|name| name.strip_prefix(prefix));
                named.map(|name| Node::Machine(name.to_owned())).collect()
            }
        }
    }

    /// The roles that are somebody's own: of who acts for some verbs only, those of whoever acts.
    pub(super) fn own(&self, acting: Acting, held: &[(usize, Arc<str>)]) -> Vec<(usize, Arc<str>)> {
        match acting {
            Acting::For(lender) => self.lent.lenders[lender].held.clone(),
            Acting::Not | Acting::Fully => held.to_vec(),
        }
    }

    /// As whom somebody acts who may act as those of these names.
    pub(super) fn acted(&self, gain: Gain, place: &Arc<str>, names: &Names, acting: Acting) -> Vec<Node> {
        let subject = |who: Who| Node::Subject { who, acting };
        match (gain, names) {
            (Gain::AsUsers | Gain::AsUsersFor, Names::Any) => {
                vec![Node::Any(Kind::ActingUsers(acting), place.clone())]
            }
            (Gain::AsUsers | Gain::AsUsersFor, Names::Only(names)) => {
                let named = names.iter().filter(|name| acting.is_as_user(name));
                named.map(|name| subject(Who::User(name.clone()))).collect()
            }
            (Gain::AsGroups | Gain::AsGroupsFor, Names::Any) => {
                vec![Node::Any(Kind::ActingGroups(acting), place.clone())]
            }
            (Gain::AsGroups | Gain::AsGroupsFor, Names::Only(names)) => {
                // Of that group nobody is for some verbs only.
                let may = |name: &&String| acting == Acting::Fully || *name != "system:masters";
                names.iter().filter(may).map(|name| subject(Who::Group(name.clone()))).collect()
            }
            (_, Names::Any) => vec![Node::Any(Kind::ActingAccounts(acting), place.clone())],
            (_, Names::Only(names)) => self.named(place, names, acting),
        }
    }

    /// What is asked about, where that is to read one of these resources of the core group by one of these verbs.
    fn reads(&self, resources: &[&str], verbs: &[&str]) -> Option<&RequestInfo> {
        self.target().questions().iter().find(|info| {
            let is_one =
                info.is_resource && info.group.is_empty() && resources.contains(&info.resource.as_str());
            is_one && verbs.contains(&info.verb.as_str()) && info.subresource.is_empty()
        })
    }

    /// What somebody who wants to have one mounted may ask in its namespace, a request each: by a new pod, or one of a workload,
    /// whichever may be made or changed. Whoever would list or watch wants those of one namespace: a pod mounts no others.
    pub(super) fn mounting<'a>(
        &'a self,
        may: impl Fn(&RequestInfo) -> bool + 'a,
    ) -> impl Iterator<Item = RequestInfo> + 'a {
        let read = self.reads(&["secrets", "configmaps"], &["get", "list", "watch"]);
        let place = read.filter(|info| info.verb == "get" || !info.namespace.is_empty());
        let asked = place.into_iter().flat_map(move |wanted| {
            PODS.into_iter().flat_map(move |(group, resource)| {
                making(resource).iter().flat_map(move |verb| {
                    let there = self.world.workloads.get(&(resource, wanted.namespace.as_str().into()));
                    let there = there.into_iter().flatten().map(String::as_str).filter(|_| *verb != "create");
                    std::iter::once("").chain(there).map(move |name| RequestInfo {
                        is_resource: true,
                        verb: (*verb).to_owned(),
                        group: group.to_owned(),
                        resource: resource.to_owned(),
                        namespace: wanted.namespace.clone(),
                        name: name.to_owned(),
                        ..RequestInfo::default()
                    })
                })
            })
        });
        asked.filter(move |info| may(info))
    }

    /// The roles that are held and can be filled with all rights: by themselves, or by a part that they gather.
    pub(super) fn raised<'a>(
        &'a self,
        gain: Gain,
        place: &'a Arc<str>,
        names: &'a [Names],
        held: &'a [(usize, Arc<str>)],
    ) -> impl Iterator<Item = &'a (usize, Arc<str>)> {
        let may = |role: &str| names.iter().all(|names| names.has(role));
        held.iter().filter(move |(role, of)| {
            let role = &self.world.roles[*role];
            let is_kind = role.namespace.is_empty() == place.is_empty() && !role.name.is_empty();
            match (gain, &role.gathers) {
                // What a controller fills does not keep what others put in.
                (Gain::HeldRoles, None) => is_kind && may(&role.name) && (place.is_empty() || of == place),
                (Gain::GatheredRoles, Some(gathers)) => self.parts(gathers).any(may),
                _ => false,
            }
        })
    }

    fn within(&self, namespace: &str, place: &str) -> bool {
        place.is_empty() || namespace == place
    }

    /// The accounts of those names.
    fn named(&self, place: &str, names: &BTreeSet<String>, acting: Acting) -> Vec<Node> {
        let there = self.world.accounts.iter().filter(|(namespace, _)| self.within(namespace, place));
        let all =
            there.flat_map(|(namespace, own)| own.intersection(names).map(move |name| (namespace, name)));
        let user = |(namespace, name): (&Arc<str>, &String)| Who::User(account_user(namespace, name));
        all.map(|account| Node::Subject { who: user(account), acting }).collect()
    }

    /// The roles that may be bound: any one is as good as all rights.
    fn bound_to(&self, gain: Gain, place: &Arc<str>, names: &Names, acting: Acting) -> Vec<Node> {
        let held = |role: usize| Node::Held { role, place: place.clone(), acting };
        let is_meant = |namespace: &str| match gain {
            Gain::ClusterRoles => namespace.is_empty(),
            _ => !namespace.is_empty() && self.within(namespace, place),
        };
        match (names, gain) {
            (Names::Any, Gain::ClusterRoles) => vec![held(EVERYTHING)],
            _ => {
                let roles = (0..).zip(&self.world.roles).skip(1);
                let stored = roles.filter(|(_, role)| role.both.is_none());
                let bindable = stored.filter(|(_, role)| is_meant(&role.namespace) && names.has(&role.name));
                let at = |role: &world::Role| match role.namespace.as_str() {
                    "" => place.clone(),
                    namespace => namespace.into(),
                };
                bindable.map(|(role, of)| Node::Held { role, place: at(of), acting }).collect()
            }
        }
    }

    /// The parts of a cluster role that gathers.
    pub(super) fn parts<'a>(&'a self, gathers: &'a crate::json::Value) -> impl Iterator<Item = &'a str> {
        let selectors = gathers.list("aggregationRule.clusterRoleSelectors");
        let selected = move |role: &&Arc<crate::json::Value>| {
            role.name() != gathers.name() && selectors.iter().any(|selector| selects(selector, role))
        };
        self.world.labelled.iter().filter(selected).map(|role| role.name())
    }
}

/// Whether somebody may approve for a signer of Kubernetes' own.
fn signs(names: &Names, signer: &str) -> bool {
    names.has(&format!("kubernetes.io/{signer}")) || names.has("kubernetes.io/*")
}

//! What a kubelet needs for its own node and pods (`plugin/pkg/auth/authorizer/node`).
//!
//! A kubelet is `system:node:NAME` in the group system:nodes. It reads the secrets, config maps, claims and volumes that
//! its own pods need, and what static rules give every node alike (`bootstrappolicy.NodeRules`, the rules of the cluster
//! role system:node). What it may write is for NodeRestriction to narrow.

mod graph;
#[cfg(test)]
mod tests;

pub(crate) use graph::Graph;

use super::rbac::PolicyRule;
use crate::api::differences::{
    NODES_ASK_FOR_ACCOUNTS, NODES_HAVE_SLICES, NODES_READ_ACCOUNTS, NODES_READ_CLAIMS, NODES_READ_THEIR_OWN,
};
use crate::api::fact::{NodeEdge, Wanted};
use crate::api::selector::FieldSelector;
use crate::api::{Attributes, Decision, RequestInfo, User, Version};
use crate::store::Key;

/// The Node authorizer of one cluster.
#[derive(Clone, Debug)]
pub(crate) struct Authorizer {
    version: Version,
    /// What every node may do.
    rules: Vec<PolicyRule>,
    /// Whether nodes ask for the certificates of their pods (`PodCertificateRequest`), which their rules say then.
    certificates: bool,
}

/// Whether something is allowed, or why there is no opinion.
type Verdict = Result<(), String>;

/// The node that a user is the kubelet of (`pkg/auth/nodeidentifier`); it may be empty.
pub(crate) fn node_of(user: &User) -> Option<&str> {
    let name = user.name.strip_prefix("system:node:")?;
    user.in_group("system:nodes").then_some(name)
}

impl Authorizer {
    /// The authorizer of a release, with its static rules.
    pub(crate) fn new(version: Version, rules: Vec<PolicyRule>) -> Authorizer {
        let asks = |rule: &PolicyRule| rule.resources.iter().any(|one| one == "podcertificaterequests");
        Authorizer { version, certificates: rules.iter().any(asks), rules }
    }

    /// Decides a request: allowed, or no opinion with the reason in the server's words. Of who is no node nothing is
    /// known.
    pub(crate) fn decide(&self, graph: &Graph, attributes: &Attributes) -> (Decision, Option<NodeEdge>) {
        let Some(node) = node_of(&attributes.user) else { return (Decision::NoOpinion, None) };
        let asked = Asked {
            version: self.version,
            certificates: self.certificates,
            graph,
            node,
            info: &attributes.info,
        };
        let verdict = match node {
            "" => {
                let user = crate::api::field::quote(&attributes.user.name);
                Err(format!("unknown node for user {user}"))
            }
            _ => asked.by_resource().unwrap_or_else(|| {
                let allowed = self.rules.iter().any(|rule| rule.allows(&attributes.info));
                if allowed { Ok(()) } else { Err(String::new()) }
            }),
        };
        let edge =
            |why: String| Some(NodeEdge { node: node.to_owned(), wanted: Wanted::of(&attributes.info), why });
        match verdict {
            Ok(()) => (Decision::Allow, edge(String::new())),
            Err(why) => (Decision::NoOpinion, edge(why)),
        }
    }
}

/// One request of one node.
struct Asked<'a> {
    version: Version,
    certificates: bool,
    graph: &'a Graph,
    node: &'a str,
    info: &'a RequestInfo,
}

fn no<T>(why: &str) -> Result<T, String> {
    Err(why.to_owned())
}

impl Asked<'_> {
    /// The resources that are divided up between nodes.
    fn by_resource(&self) -> Option<Verdict> {
        if !self.info.is_resource {
            return None;
        }
        let own_only = self.version.has(NODES_READ_THEIR_OWN);
        Some(match (self.info.group.as_str(), self.info.resource.as_str()) {
            ("", "secrets" | "configmaps") => self.read(),
            ("", "persistentvolumeclaims") if self.info.subresource == "status" => self.claim_status(),
            ("", "persistentvolumeclaims" | "persistentvolumes") => self.get(),
            ("resource.k8s.io", "resourceclaims") if self.version.has(NODES_READ_CLAIMS) => self.get(),
            ("storage.k8s.io", "volumeattachments") => self.get(),
            ("", "serviceaccounts") => self.account(),
            ("coordination.k8s.io", "leases") => self.lease(),
            ("storage.k8s.io", "csinodes") => self.csi_node(),
            ("resource.k8s.io", "resourceslices") if self.version.has(NODES_HAVE_SLICES) => {
                self.slice(own_only)
            }
            ("certificates.k8s.io", "podcertificaterequests") if self.certificates => self.pod_certificate(),
            ("", "nodes") if own_only => self.own_node(),
            ("", "pods") if own_only => self.pod(),
            _ => return None,
        })
    }

    /// Whether the object that is asked for leads to the node.
    fn related(&self) -> Verdict {
        if self.info.name.is_empty() {
            return no("No Object name found");
        }
        let resource = self.info.group_resource().to_string();
        match self.graph.leads(&Key::new(&resource, &self.info.namespace, &self.info.name), self.node) {
            true => Ok(()),
            false => Err(format!("no relationship found between node '{}' and this object", self.node)),
        }
    }

    fn read(&self) -> Verdict {
        if !matches!(self.info.verb.as_str(), "get" | "list" | "watch") {
            return no("can only read resources of this type");
        }
        if !self.info.subresource.is_empty() {
            return no("cannot read subresource");
        }
        if self.info.namespace.is_empty() {
            return no("can only read namespaced object of this type");
        }
        self.related()
    }

    fn get(&self) -> Verdict {
        if self.info.verb != "get" {
            return no("can only get individual resources of this type");
        }
        if !self.info.subresource.is_empty() {
            return no("cannot get subresource");
        }
        self.related()
    }

    fn claim_status(&self) -> Verdict {
        match self.info.verb.as_str() {
            "update" | "patch" => self.related(),
            _ => no("can only get/update/patch this type"),
        }
    }

    fn account(&self) -> Verdict {
        let of_account = self.info.verb == "get" && self.info.subresource.is_empty();
        if of_account && self.version.has(NODES_READ_ACCOUNTS) {
            return self.read();
        }
        if of_account && self.version.has(NODES_ASK_FOR_ACCOUNTS) {
            return no("not allowed to get service accounts");
        }
        if self.info.verb != "create" || self.info.name.is_empty() {
            return no("can only create tokens for individual service accounts");
        }
        if self.info.subresource != "token" {
            return no("can only create token subresource of serviceaccount");
        }
        self.related()
    }

    /// Whether the verb is one for an object that has the node's name.
    fn writes(&self) -> bool {
        matches!(self.info.verb.as_str(), "get" | "create" | "update" | "patch" | "delete")
    }

    /// Whether the name is the node's; a create does not tell it.
    fn named_alike(&self) -> bool {
        self.info.verb == "create" || self.info.name == self.node
    }

    fn lease(&self) -> Verdict {
        if !self.writes() {
            return no("can only get, create, update, patch, or delete a node lease");
        }
        if self.info.namespace != "kube-node-lease" {
            return no("can only access leases in the \"kube-node-lease\" system namespace");
        }
        match self.named_alike() {
            true => Ok(()),
            false => no("can only access node lease with the same name as the requesting node"),
        }
    }

    fn csi_node(&self) -> Verdict {
        if !self.writes() {
            return no("can only get, create, update, patch, or delete a CSINode");
        }
        if !self.info.subresource.is_empty() {
            return no("cannot authorize CSINode subresources");
        }
        match self.named_alike() {
            true => Ok(()),
            false => no("can only access CSINode with the same name as the requesting node"),
        }
    }

    /// Whether a field selector keeps to what belongs to the node.
    fn selects(&self, field: &str) -> bool {
        FieldSelector::parse(&self.info.field_selector)
            .is_ok_and(|selector| selector.requires(field, self.node))
    }

    fn slice(&self, own_only: bool) -> Verdict {
        if !self.info.subresource.is_empty() {
            return no("cannot authorize ResourceSlice subresources");
        }
        match self.info.verb.as_str() {
            "create" => Ok(()),
            "get" | "update" | "patch" | "delete" => self.related(),
            "watch" | "list" | "deletecollection" => match !own_only || self.selects("spec.nodeName") {
                true => Ok(()),
                false => {
                    no("can only list/watch/deletecollection resourceslices with nodeName field selector")
                }
            },
            _ => no(
                "only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, \
                 delete, deletecollection",
            ),
        }
    }

    /// Requests for the certificates of the node's pods (KEP-4317).
    fn pod_certificate(&self) -> Verdict {
        if !self.info.subresource.is_empty() {
            return no("nodes may not access the status subresource of PodCertificateRequests");
        }
        match self.info.verb.as_str() {
            "create" => Ok(()),
            "get" => self.related(),
            "list" | "watch" if self.selects("spec.nodeName") => Ok(()),
            "list" | "watch" => no("can only list/watch podcertificaterequests with nodeName field selector"),
            verb => Err(format!("nodes may not {verb} podcertificaterequests")),
        }
    }

    fn own_node(&self) -> Verdict {
        match (self.info.subresource.as_str(), self.info.verb.as_str()) {
            ("", "create" | "update" | "patch") | ("status", "update" | "patch") => Ok(()),
            ("", "get" | "list" | "watch") => match self.info.name.as_str() {
                name if name == self.node => Ok(()),
                "" => Err(format!("node '{}' cannot read all nodes, only its own Node object", self.node)),
                name => Err(format!("node '{}' cannot read '{name}', only its own Node object", self.node)),
            },
            _ => no(""),
        }
    }

    fn pod(&self) -> Verdict {
        match (self.info.subresource.as_str(), self.info.verb.as_str()) {
            ("", "get") => self.get(),
            ("", "list" | "watch") if self.selects("spec.nodeName") => Ok(()),
            ("", "list" | "watch") if !self.info.name.is_empty() => self.related(),
            ("", "list" | "watch") => no("can only list/watch pods with spec.nodeName field selector"),
            ("", "create" | "delete") | ("status", "update" | "patch") | ("eviction", "create") => Ok(()),
            _ => no(""),
        }
    }
}

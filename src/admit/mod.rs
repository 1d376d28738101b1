//! Admission control: plugins that change a write, and plugins that refuse it.
//!
//! [`CHAIN`] is every plugin in the order of `kubeapiserver/options/plugins.go`; what runs is a selection of it (see
//! [`Chain`]). Mutating runs first through the whole chain, then, after the object was validated, validating does.
//! A plugin is one file, two functions at most, and knows nothing of the others.

mod chain;
pub(crate) mod configuration;

mod always;
mod always_pull_images;
mod anti_affinity;
mod certificates;
mod default_toleration_seconds;
mod deny_service_external_ips;
mod event_rate_limit;
mod extended_resource_toleration;
mod limit_ranger;
pub(crate) mod matching;
mod namespace_autoprovision;
mod namespace_exists;
mod namespace_lifecycle;
mod node_restriction;
mod owner_references;
mod pod_groups;
mod pod_node_selector;
pub(crate) mod pod_resize;
mod pod_security;
mod pod_toleration_restriction;
mod pod_topology_labels;
pub(crate) mod policy;
mod priority;
mod reinvocation;
pub(crate) mod resource_list;
pub(crate) mod resource_quota;
mod runtime_class;
mod security_context_deny;
mod service_account;
mod storage;
mod taint_nodes_by_condition;
mod webhook;

mod tolerations;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

pub(crate) use chain::of_release;
pub use chain::{CHAIN, Chain, Plugin, Run};
pub use reinvocation::{Invocations, Reinvocation};

pub(crate) use webhook::webhook_address;

pub use crate::api::{Answer, Answers, Effect, Heard, Post, Stop};

use crate::api::{
    Attributes, Decision, Dig, Fact, GroupResource, Refusal, RequestInfo, Status, User, Version,
    resources::{Resource, Resources},
};
use crate::config::Config;
use crate::error::nearest;
use crate::json::Value;
use crate::random::Random;
use crate::rules;
use crate::store::{Key, Objects};
use jiff::Timestamp;
use std::sync::Arc;

/// What is done to the object (`admission.Operation`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Operation {
    /// A new object.
    Create,
    /// A changed object.
    Update,
    /// The object goes.
    Delete,
    /// A stream to the object (exec, attach, proxy).
    Connect,
}

crate::json::serialized!(Operation);

impl Operation {
    /// The operation's word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Operation::Create => "CREATE",
            Operation::Update => "UPDATE",
            Operation::Delete => "DELETE",
            Operation::Connect => "CONNECT",
        }
    }
}

/// The write under review (`admission.Attributes`).
#[derive(Clone, Debug)]
pub struct Review {
    /// Who writes.
    pub user: User,
    /// The request in the server's words.
    pub info: RequestInfo,
    /// The row of the resource table, subresource included.
    pub resource: Arc<Resource>,
    /// What is done.
    pub operation: Operation,
    /// The object's name; empty while `generateName` has not been used yet.
    pub name: String,
    /// The object as it would be stored; null for a deletion.
    pub object: Value,
    /// The stored object.
    pub old: Option<Arc<Value>>,
    /// `CreateOptions`, `UpdateOptions`, `DeleteOptions`; null for a stream.
    pub options: Value,
    /// Whether nothing will be stored.
    pub dry_run: bool,
    /// `Warning` headers for the client.
    pub warnings: Vec<String>,
    /// Annotations of the audit event.
    pub audit: Vec<(String, String)>,
    /// Other objects that are written along with this one (a quota's usage).
    pub along: Vec<(Key, Value)>,
    /// Whether the mutating plugins see the write a second time, and which of them want to.
    pub reinvocation: Reinvocation,
}

impl Review {
    /// Whether this is about a resource itself, by its group and plural name.
    pub fn is(&self, group: &str, resource: &str) -> bool {
        self.is_subresource(group, resource, "")
    }

    /// Whether this is about that subresource.
    pub fn is_subresource(&self, group: &str, resource: &str, subresource: &str) -> bool {
        let row = &self.resource;
        row.group == group && row.name == resource && row.subresource == subresource
    }

    /// The namespace; empty for cluster-scoped objects.
    pub fn namespace(&self) -> &str {
        &self.info.namespace
    }

    /// Whether the object that travels is of that kind, subresources such as `status` included.
    pub fn is_kind(&self, group: &str, kind: &str) -> bool {
        self.resource.kind_group == group && self.resource.kind == kind
    }

    /// Whether an object is made or changed.
    pub fn writes(&self) -> bool {
        matches!(self.operation, Operation::Create | Operation::Update)
    }

    /// Whether the stored object is on its way out.
    pub fn is_terminating(&self) -> bool {
        self.old.as_ref().is_some_and(|old| old.has("metadata.deletionTimestamp"))
    }

    /// The resource that a refusal names.
    pub fn group_resource(&self) -> GroupResource {
        GroupResource::new(&self.resource.group, &self.resource.name)
    }

    /// The name that a refusal names (`admission.extractResourceName`): that of the request, else of the object, else
    /// what a name would be generated from.
    fn shown_name(&self) -> &str {
        let names = [self.name.as_str(), self.object.name(), self.object.text("metadata.generateName")];
        names.into_iter().find(|name| !name.is_empty()).unwrap_or("Unknown")
    }

    /// A 403 about this object (`admission.NewForbidden`).
    pub fn forbidden(&self, why: impl std::fmt::Display) -> Stop {
        self.refusal(Fact::Object, why).into()
    }

    /// The same, with what is behind it.
    pub fn refusal(&self, fact: Fact, why: impl std::fmt::Display) -> Refusal {
        Refusal::new(Status::forbidden(&self.group_resource(), self.shown_name(), why), fact)
    }
}

/// What is remembered from one write to the next, by each in a field of its own.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// The rules of custom resources, compiled.
    pub(crate) rules: rules::Cache,
    event_rate_limit: event_rate_limit::Rates,
}

/// What a plugin may look at, and draw from.
pub struct Cx<'a> {
    /// Which Kubernetes.
    pub version: Version,
    /// The cluster's flags.
    pub config: &'a Config,
    /// What is served.
    pub resources: &'a Resources,
    /// The plugins, for what they were configured with.
    pub plugins: &'a Chain,
    /// The time.
    pub now: Timestamp,
    /// What the plugin's caches hold.
    pub cache: &'a Objects,
    /// What is stored (a plugin that asks the API server when its cache does not know).
    pub live: &'a Objects,
    /// Asks the authorizer.
    pub authorize: &'a dyn Fn(&Attributes) -> (Decision, String),
    /// For generated names.
    pub random: &'a mut Random,
    /// For how long somebody waits: the same however often a request draws it.
    pub delays: &'a mut Random,
    /// For the uids of what is sent outside.
    pub ids: &'a mut Random,
    /// What plugins remember.
    pub memory: &'a mut Memory,
    /// What was answered in this request so far.
    pub answers: &'a mut Answers,
}

impl Cx<'_> {
    /// The object that a cache knows of, or that the API server is asked for when the cache doesn't.
    pub fn find(&self, resource: &str, namespace: &str, name: &str) -> Option<Arc<Value>> {
        let cached = self.cache.get(resource, namespace, name);
        cached.or_else(|| self.live.get(resource, namespace, name)).cloned()
    }

    /// The objects of a namespace that a cache knows of, by name, or those of the API server when it knows of none.
    pub fn list(&self, resource: &str, namespace: &str) -> Vec<Arc<Value>> {
        let cached: Vec<Arc<Value>> = self.cache.list(resource, namespace).cloned().collect();
        if cached.is_empty() { self.live.list(resource, namespace).cloned().collect() } else { cached }
    }

    /// The namespace of a write, or the 404 that there is none.
    ///
    /// # Errors
    /// 404: there is none.
    pub fn namespace(&self, name: &str) -> Result<Arc<Value>, Stop> {
        self.find("namespaces", "", name).ok_or_else(|| {
            let names = self.live.list("namespaces", "").map(|namespace| namespace.name());
            let fact = Fact::Namespace {
                namespace: name.to_owned(),
                phase: None,
                nearest: nearest(name, names).map(str::to_owned),
            };
            let status = Status::not_found(&GroupResource::new("", "namespaces"), name);
            Stop::Refused(Refusal::new(status, fact))
        })
    }
}

/// Sees pods that are made or changed.
fn written_pods(_: &Cx<'_>, review: &Review) -> bool {
    review.writes() && review.is("", "pods")
}

/// Sees pods that are made.
fn created_pods(_: &Cx<'_>, review: &Review) -> bool {
    review.operation == Operation::Create && review.is("", "pods")
}

/// That an object is not there, and what there is of its kind.
fn absent<'a>(kind: &str, namespace: &str, name: &str, there: impl Iterator<Item = &'a Arc<Value>>) -> Fact {
    Fact::Absent {
        kind: kind.to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        there: there.map(|object| object.name().to_owned()).collect(),
    }
}

/// What a plugin found.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Nothing to say: not for this plugin.
    Skipped,
    /// Looked at, and let through; why, in a few words.
    Passed(String),
    /// Changed; what, in a few words.
    Changed(String),
}

/// What a plugin says of a write.
pub type Outcome = Result<Verdict, Stop>;

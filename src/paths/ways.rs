//! The known ways up: what each needs, what is gained, and how it is carried out.
//!
//! Sources: "Role Based Access Control Good Practices" of Kubernetes' documentation, section "Privilege escalation risks",
//! whose headings are named in the rows, and the pages named there.

use super::carry::{Done, Hop, Run, account, admission, pods, rbac};
use super::gain::Gain;
use super::need::{Need, anew, need, stream, whole};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How bad it is that somebody holds this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It needs company to be of use.
    Low,
    /// The rights of others who happen to be there.
    Medium,
    /// The rights of any account of a namespace, or a node.
    High,
    /// The whole cluster, by itself.
    Critical,
}

impl Severity {
    /// `high`.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

/// A way up.
#[derive(Debug)]
pub struct Way {
    /// Its name: `create-pods`.
    pub name: &'static str,
    /// What is done, in words.
    pub what: &'static str,
    /// What is needed; the names of the first say of whom.
    pub needs: &'static [Need],
    /// How bad it is.
    pub severity: Severity,
    /// Where Kubernetes' documentation tells of it.
    pub source: &'static str,
    pub(super) gain: Gain,
    pub(super) carry: fn(&mut Run, &Hop<'_>) -> Done,
}

impl Way {
    /// What is needed, in words.
    pub fn needs(&self) -> String {
        self.needs.iter().map(Need::words).collect::<Vec<_>>().join(", ")
    }
}

const RBAC: &str = "rbac.authorization.k8s.io";
const ADMISSION: &str = "admissionregistration.k8s.io";
const CERTIFICATES: &str = "certificates.k8s.io";
const AUTHENTICATION: &str = "authentication.k8s.io";
const CHANGE: &[&str] = &["update", "patch"];
const WRITE: &[&str] = &["create", "update", "patch"];
pub(super) const READ: &[&str] = &["get", "list", "watch"];

macro_rules! workload {
    ($name:literal, $group:literal, $resource:literal) => {
        Way {
            name: $name,
            what: "have a controller run a pod as any account of the namespace",
            needs: &[need(WRITE, $group, $resource)],
            severity: Severity::High,
            source: "Workload creation",
            gain: Gain::AnyAccount,
            carry: pods::by_controller,
        }
    };
}

/// All of them. Of two that reach the same as fast, the first is told.
pub static WAYS: &[Way] = &[
    Way {
        name: "bind-cluster-role",
        what: "bind a cluster role in the whole cluster",
        needs: &[whole(&["bind"], RBAC, "clusterroles"), whole(WRITE, RBAC, "clusterrolebindings")],
        severity: Severity::Critical,
        source: "Bind verb",
        gain: Gain::ClusterRoles,
        carry: rbac::bind,
    },
    Way {
        name: "bind-in-namespace",
        what: "bind a cluster role in the namespace",
        needs: &[need(&["bind"], RBAC, "clusterroles"), need(WRITE, RBAC, "rolebindings")],
        severity: Severity::High,
        source: "Bind verb",
        gain: Gain::ClusterRoles,
        carry: rbac::bind,
    },
    Way {
        name: "bind-role",
        what: "bind a role of the namespace",
        needs: &[need(&["bind"], RBAC, "roles"), need(WRITE, RBAC, "rolebindings")],
        severity: Severity::High,
        source: "Bind verb",
        gain: Gain::Roles,
        carry: rbac::bind,
    },
    Way {
        name: "make-cluster-role",
        what: "make a cluster role of all rights, and bind it in the whole cluster",
        needs: &[
            anew(whole(&["escalate"], RBAC, "clusterroles")),
            whole(&["bind"], RBAC, "clusterroles"),
            whole(&["create"], RBAC, "clusterroles"),
            whole(&["create"], RBAC, "clusterrolebindings"),
        ],
        severity: Severity::Critical,
        source: "Escalate verb",
        gain: Gain::Everything,
        carry: rbac::make,
    },
    Way {
        name: "make-role",
        what: "make a role of all rights in the namespace, and bind it",
        needs: &[
            anew(need(&["escalate"], RBAC, "roles")),
            need(&["bind"], RBAC, "roles"),
            need(&["create"], RBAC, "roles"),
            need(&["create"], RBAC, "rolebindings"),
        ],
        severity: Severity::High,
        source: "Escalate verb",
        gain: Gain::EverythingHere,
        carry: rbac::make,
    },
    Way {
        name: "escalate-cluster-role",
        what: "put all rights into a cluster role that is held",
        needs: &[whole(&["escalate"], RBAC, "clusterroles"), whole(CHANGE, RBAC, "clusterroles")],
        severity: Severity::Critical,
        source: "Escalate verb",
        gain: Gain::HeldRoles,
        carry: rbac::escalate,
    },
    Way {
        name: "escalate-role",
        what: "put all rights into a role that is held",
        needs: &[need(&["escalate"], RBAC, "roles"), need(CHANGE, RBAC, "roles")],
        severity: Severity::High,
        source: "Escalate verb",
        gain: Gain::HeldRoles,
        carry: rbac::escalate,
    },
    Way {
        name: "aggregated-role",
        what: "put all rights into a cluster role that one which is held gathers",
        needs: &[whole(&["escalate"], RBAC, "clusterroles"), whole(CHANGE, RBAC, "clusterroles")],
        severity: Severity::Critical,
        source: "Using RBAC Authorization: Aggregated ClusterRoles",
        gain: Gain::GatheredRoles,
        carry: rbac::escalate_part,
    },
    Way {
        name: "fill-cluster-role",
        what: "bind a cluster role that gives nothing new in the whole cluster, and put all rights into it",
        needs: &[
            whole(&["escalate"], RBAC, "clusterroles"),
            whole(CHANGE, RBAC, "clusterroles"),
            whole(WRITE, RBAC, "clusterrolebindings"),
        ],
        severity: Severity::Critical,
        source: "Escalate verb",
        gain: Gain::FilledRoles,
        carry: rbac::fill,
    },
    Way {
        name: "fill-role",
        what: "bind a role of the namespace that gives nothing new, and put all rights into it",
        needs: &[
            need(&["escalate"], RBAC, "roles"),
            need(CHANGE, RBAC, "roles"),
            need(WRITE, RBAC, "rolebindings"),
        ],
        severity: Severity::High,
        source: "Escalate verb",
        gain: Gain::FilledRoles,
        carry: rbac::fill,
    },
    Way {
        name: "impersonate-groups",
        what: "act as a member of a group",
        needs: &[whole(&["impersonate"], "", "groups"), whole(&["impersonate"], "", "users")],
        severity: Severity::Critical,
        source: "Impersonate verb",
        gain: Gain::AsGroups,
        carry: account::act_as,
    },
    Way {
        name: "impersonate-groups-as-account",
        what: "act as an account that is a member of a group",
        needs: &[whole(&["impersonate"], "", "groups"), need(&["impersonate"], "", "serviceaccounts")],
        severity: Severity::Critical,
        source: "Impersonate verb",
        gain: Gain::AsGroups,
        carry: account::act_as,
    },
    Way {
        name: "impersonate-users",
        what: "act as a user",
        needs: &[whole(&["impersonate"], "", "users")],
        severity: Severity::Critical,
        source: "Impersonate verb",
        gain: Gain::AsUsers,
        carry: account::act_as,
    },
    Way {
        name: "impersonate-nodes",
        what: "act as a node, and request a token of an account that runs there",
        needs: &[whole(&["impersonate"], "", "users"), whole(&["impersonate"], "", "groups")],
        severity: Severity::High,
        source: "Impersonate verb",
        gain: Gain::AsNodes,
        carry: account::as_node,
    },
    Way {
        name: "impersonate-accounts",
        what: "act as an account of the namespace",
        needs: &[need(&["impersonate"], "", "serviceaccounts")],
        severity: Severity::High,
        source: "Impersonate verb",
        gain: Gain::AsAccounts,
        carry: account::act_as,
    },
    Way {
        name: "impersonate-users-for",
        what: "act as a user, for what one may act for",
        needs: &[whole(&["impersonate:user-info"], AUTHENTICATION, "users")],
        severity: Severity::High,
        source: "User Impersonation: Constrained Impersonation",
        gain: Gain::AsUsersFor,
        carry: account::act_as,
    },
    Way {
        name: "impersonate-groups-for",
        what: "act as a member of a group, for what one may act for",
        needs: &[
            whole(&["impersonate:user-info"], AUTHENTICATION, "groups"),
            whole(&["impersonate:user-info"], AUTHENTICATION, "users"),
        ],
        severity: Severity::High,
        source: "User Impersonation: Constrained Impersonation",
        gain: Gain::AsGroupsFor,
        carry: account::act_as,
    },
    Way {
        name: "impersonate-accounts-for",
        what: "act as an account, for what one may act for",
        needs: &[need(&["impersonate:serviceaccount"], AUTHENTICATION, "serviceaccounts")],
        severity: Severity::High,
        source: "User Impersonation: Constrained Impersonation",
        gain: Gain::AsAccountsFor,
        carry: account::act_as,
    },
    Way {
        name: "impersonate-nodes-for",
        what: "act as a node, and request a token of an account that runs there, for that only",
        needs: &[
            whole(&["impersonate:arbitrary-node"], AUTHENTICATION, "nodes"),
            need(&["impersonate-on:arbitrary-node:create"], "", "serviceaccounts/token"),
        ],
        severity: Severity::High,
        source: "User Impersonation: Constrained Impersonation",
        gain: Gain::AsNodesFor,
        carry: account::as_node,
    },
    Way {
        name: "account-tokens",
        what: "request a token of an account",
        needs: &[need(&["create"], "", "serviceaccounts/token")],
        severity: Severity::High,
        source: "Token request",
        gain: Gain::Accounts,
        carry: account::token,
    },
    Way {
        name: "read-secrets",
        what: "read the token of an account in its secret",
        needs: &[need(READ, "", "secrets")],
        severity: Severity::Medium,
        source: "Listing secrets",
        gain: Gain::Secrets,
        carry: account::read_secret,
    },
    Way {
        name: "token-secrets",
        what: "make a secret that is filled with a token of an account, and read it",
        needs: &[need(&["create"], "", "secrets"), need(READ, "", "secrets")],
        severity: Severity::High,
        source: "Managing Service Accounts: Manual Secret management",
        gain: Gain::AnyAccount,
        carry: account::token_secret,
    },
    Way {
        name: "create-pods",
        what: "run a pod as any account of the namespace",
        needs: &[need(&["create"], "", "pods")],
        severity: Severity::High,
        source: "Workload creation",
        gain: Gain::AnyAccount,
        carry: pods::create,
    },
    workload!("deployments", "apps", "deployments"),
    workload!("daemonsets", "apps", "daemonsets"),
    workload!("statefulsets", "apps", "statefulsets"),
    workload!("replicasets", "apps", "replicasets"),
    workload!("jobs", "batch", "jobs"),
    workload!("cronjobs", "batch", "cronjobs"),
    workload!("replicationcontrollers", "", "replicationcontrollers"),
    Way {
        name: "pods-exec",
        what: "run a command in a pod, and read the token of its account",
        needs: &[stream("pods/exec")],
        severity: Severity::Medium,
        source: "Workload creation",
        gain: Gain::Pods,
        carry: pods::stream,
    },
    Way {
        name: "pods-attach",
        what: "attach to what runs in a pod, and read the token of its account",
        needs: &[stream("pods/attach")],
        severity: Severity::Medium,
        source: "Workload creation",
        gain: Gain::Pods,
        carry: pods::stream,
    },
    Way {
        name: "ephemeral-containers",
        what: "put a container into a pod, and read the token of its account",
        needs: &[need(CHANGE, "", "pods/ephemeralcontainers")],
        severity: Severity::Medium,
        source: "Ephemeral Containers",
        gain: Gain::Pods,
        carry: pods::ephemeral,
    },
    Way {
        name: "pods-image",
        what: "put another image into a pod, and read the token of its account",
        needs: &[need(CHANGE, "", "pods")],
        severity: Severity::Medium,
        source: "Workload creation",
        gain: Gain::Pods,
        carry: pods::image,
    },
    Way {
        name: "privileged-pods",
        what: "run a privileged pod on a node, and read the tokens of what runs there",
        needs: &[need(&["create"], "", "pods")],
        severity: Severity::High,
        source: "Workload creation",
        gain: Gain::AnyMachine,
        carry: pods::privileged,
    },
    Way {
        name: "nodes-proxy",
        what: "run commands by the kubelet, and read the tokens of what runs on its node",
        needs: &[whole(&["create", "get", "update", "patch", "delete"], "", "nodes/proxy")],
        severity: Severity::High,
        source: "Access to proxy subresource of Nodes",
        gain: Gain::Machine,
        carry: pods::kubelet,
    },
    Way {
        name: "namespace-labels",
        what: "take Pod Security off the namespace, and run a privileged pod on a node",
        needs: &[need(CHANGE, "", "namespaces"), need(&["create"], "", "pods")],
        severity: Severity::High,
        source: "Namespace modification",
        gain: Gain::AnyMachine,
        carry: admission::labels,
    },
    Way {
        name: "policy-bindings",
        what: "take away the bindings of admission policies, and run a pod as any account of the namespace",
        needs: &[
            whole(&["delete"], ADMISSION, "validatingadmissionpolicybindings"),
            need(&["create"], "", "pods"),
        ],
        severity: Severity::High,
        source: "Control admission webhooks",
        gain: Gain::AnyAccount,
        carry: admission::bindings,
    },
    Way {
        name: "mutating-webhooks",
        what: "change what an administrator writes by a webhook",
        needs: &[whole(WRITE, ADMISSION, "mutatingwebhookconfigurations")],
        severity: Severity::Critical,
        source: "Control admission webhooks",
        gain: Gain::Everything,
        carry: admission::webhook,
    },
    Way {
        name: "validating-webhooks",
        what: "read by a webhook what others write into secrets",
        needs: &[whole(WRITE, ADMISSION, "validatingwebhookconfigurations")],
        severity: Severity::High,
        source: "Control admission webhooks",
        gain: Gain::WrittenSecrets,
        carry: admission::watching_webhook,
    },
    Way {
        name: "mutating-policies",
        what: "change what an administrator writes by an admission policy",
        needs: &[
            whole(WRITE_NEW, ADMISSION, "mutatingadmissionpolicies"),
            whole(WRITE_NEW, ADMISSION, "mutatingadmissionpolicybindings"),
        ],
        severity: Severity::Critical,
        source: "Control admission webhooks",
        gain: Gain::Everything,
        carry: admission::policy,
    },
    Way {
        name: "certificates",
        what: "have a client certificate of any name approved",
        needs: &[
            whole(&["approve"], CERTIFICATES, "signers"),
            whole(CHANGE, CERTIFICATES, "certificatesigningrequests/approval"),
            whole(&["create"], CERTIFICATES, "certificatesigningrequests"),
        ],
        severity: Severity::Critical,
        source: "CSRs and certificate issuing",
        gain: Gain::Certificates,
        carry: account::certificate,
    },
    Way {
        name: "node-certificates",
        what: "have the certificate of a node approved, and request a token of an account that runs there",
        needs: &[
            whole(&["approve"], CERTIFICATES, "signers"),
            whole(CHANGE, CERTIFICATES, "certificatesigningrequests/approval"),
            whole(&["create"], CERTIFICATES, "certificatesigningrequests"),
        ],
        severity: Severity::High,
        source: "CSRs and certificate issuing",
        gain: Gain::NodeCertificates,
        carry: account::node_certificate,
    },
    Way {
        name: "node-client-certificates",
        what: "request the certificate of a node, which is approved by itself, and a token of an account that runs there",
        needs: &[
            whole(&["create"], CERTIFICATES, "certificatesigningrequests/nodeclient"),
            whole(&["create"], CERTIFICATES, "certificatesigningrequests"),
            whole(&["get"], CERTIFICATES, "certificatesigningrequests"),
        ],
        severity: Severity::High,
        source: "TLS bootstrapping: Approval",
        gain: Gain::AnyMachine,
        carry: account::node_client_certificate,
    },
    Way {
        name: "node-tokens",
        what: "request, as a node, a token of an account that runs there",
        needs: &[],
        severity: Severity::High,
        source: "Using Node Authorization",
        gain: Gain::OwnNode,
        carry: account::own_node,
    },
    Way {
        name: "mounts",
        what: "run a pod that mounts a secret or a config map of the namespace",
        needs: &[],
        severity: Severity::Medium,
        source: "Workload creation",
        gain: Gain::Mounted,
        carry: pods::mounting,
    },
    Way {
        name: "owner-references",
        what: "have the garbage collector delete an object",
        needs: &[],
        severity: Severity::Low,
        source: "Garbage Collection: Owner references",
        gain: Gain::Deletion,
        carry: admission::owner,
    },
    Way {
        name: "controllers",
        what: "have a controller act that holds more",
        needs: &[],
        severity: Severity::High,
        source: "declared with --controllers",
        gain: Gain::Controller,
        carry: admission::controller,
    },
];

/// A policy that is there already is bound as somebody wants it.
const WRITE_NEW: &[&str] = &["create"];

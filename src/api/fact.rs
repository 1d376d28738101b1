//! Facts: what whoever decided knew when they did.
//!
//! A finding's text is for reading, and no front end looks into it; what there is to know stands in its facts. Those of
//! a refused authorization are found out where somebody wants to read of it (`authorize::explain`), all others are handed
//! over with the decision.

use super::by::By;
use super::field::quote;
use super::info::RequestInfo;
use super::jwt::JwtRefusal;
use super::rbac::{Field, PolicyRule, RoleRef, Subject};
use super::status::{GroupResource, Status};
use super::value::Dig;
use schemars::JsonSchema;
use serde::Serialize;

/// One fact.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(tag = "fact", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Fact {
    /// There is no credential, and nobody may be anonymous.
    NoCredential,
    /// There is a credential, and no authenticator accepts it; what each said is a finding of its own.
    BadCredential,
    /// The token was recognised a moment ago, and nobody looked at it again.
    Recognised {
        /// When it was looked at, and how long that counts.
        #[serde(flatten)]
        remembered: Remembered,
        /// Why it would be refused if it were looked at now; none if it is still good.
        #[serde(skip_serializing_if = "Option::is_none")]
        now_refused: Option<String>,
    },
    /// The token is a JWT of an issuer outside that an authenticator is configured for, and is not accepted.
    JwtRefused {
        /// The issuer.
        issuer: String,
        /// Why.
        refusal: JwtRefusal,
    },
    /// Somebody outside was asked: a webhook that authorizes or knows tokens.
    SaidOutside(SaidOutside),
    /// The group system:masters may do anything, before any authorizer is asked.
    Superuser,
    /// A rule allows it.
    Granted(Grounds),
    /// It is allowed only because the authorizer has not seen yet that what granted it is gone.
    NotForgottenYet(Lag),
    /// What allows it is stored already, and the authorizer has not seen it yet.
    NotKnownYet(NotYet),
    /// No stored binding gives it.
    NothingGrants(Nothing),
    /// What a kubelet may do with an object, which is decided by its node's pods.
    NodeEdge(NodeEdge),
    /// A line of the policy file allows it.
    PolicyLine {
        /// The line's number, from 1.
        line: usize,
        /// The line.
        policy: String,
    },
    /// No line of the policy file allows it.
    NoPolicyLine {
        /// How many policies there are.
        policies: usize,
    },
    /// This mode allows everything.
    AllowsAll,
    /// This mode allows nothing.
    AllowsNothing,
    /// The authorizers do not allow something that the request needs besides itself.
    MayNot(Wanted),
    /// Rules that would be handed out, and are not held.
    NotHeld {
        /// One verb on one thing each.
        rules: Vec<PolicyRule>,
    },
    /// A role that would be handed out, and is not there.
    RoleMissing(RoleRef),
    /// A namespace that is not there, or in a phase that forbids the write.
    Namespace {
        /// Its name.
        namespace: String,
        /// `Active` or `Terminating`; none if there is no such namespace.
        #[serde(skip_serializing_if = "Option::is_none")]
        phase: Option<String>,
        /// A namespace that is called nearly the same.
        #[serde(skip_serializing_if = "Option::is_none")]
        nearest: Option<String>,
    },
    /// An object that the written one refers to, and that is not there.
    Absent {
        /// `ServiceAccount`, `PriorityClass`, ….
        kind: String,
        /// Its namespace; empty for none.
        #[serde(skip_serializing_if = "String::is_empty")]
        namespace: String,
        /// Its name.
        name: String,
        /// What there is of that kind.
        there: Vec<String>,
    },
    /// A quota that has no room.
    Quota(Quota),
    /// Resources that a quota wants every container to name.
    MustSpecify {
        /// The quota.
        quota: String,
        /// The resources, and the containers that do not name them.
        missing: Vec<Unspecified>,
    },
    /// Limits of a range that are broken.
    Limit {
        /// The limit range.
        range: String,
        /// What it says, an entry a limit.
        limits: Vec<String>,
        /// What is broken.
        broken: Vec<String>,
    },
    /// A Pod Security Standard that is violated.
    PodSecurity {
        /// The namespace that asks for it.
        namespace: String,
        /// `baseline` or `restricted`.
        level: String,
        /// The version of the standard: `latest`, `v1.30`.
        version: String,
        /// The violated checks: reason and detail.
        violations: Vec<Violation>,
    },
    /// An admission policy that denies.
    Policy {
        /// `ValidatingAdmissionPolicy` or `MutatingAdmissionPolicy`.
        kind: String,
        /// Its name.
        policy: String,
        /// The binding; none where the policy itself is broken.
        #[serde(skip_serializing_if = "Option::is_none")]
        binding: Option<String>,
        /// The expression that is not true; none where something could not be evaluated.
        #[serde(skip_serializing_if = "Option::is_none")]
        expression: Option<String>,
    },
    /// An admission webhook that denies, or cannot be asked.
    Webhook {
        /// Its name.
        webhook: String,
        /// Whether it answered.
        answered: bool,
    },
    /// Requests of this kind are limited, and there were too many.
    RateLimit,
    /// What is written does not do, whoever writes it; the message says how.
    Object,
    /// There is no such thing: a path, a resource, an object.
    NotFound {
        /// The resource; empty for a path.
        resource: String,
        /// The object's name.
        name: String,
    },
    /// The name is taken.
    AlreadyExists {
        /// The resource.
        resource: String,
        /// The object's name.
        name: String,
    },
    /// The stored object is another one than the writer thinks.
    Conflict,
    /// Fields that are not valid.
    Invalid {
        /// Each field with what is wrong.
        fields: Vec<InvalidField>,
    },
    /// The request cannot be understood.
    Unreadable,
    /// The server could not do what it should.
    Broken,
}

/// A binding with the subject that matched, and a rule of its role.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Grounds {
    /// `ClusterRoleBinding` or `RoleBinding`.
    pub kind: &'static str,
    /// The binding's namespace; empty for a cluster role binding.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// The binding's name.
    pub binding: String,
    /// The subject through which it reaches the user; none if it doesn't.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// The role.
    pub role: RoleRef,
    /// The rule; none if the role isn't there or has no rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<Rule>,
    /// Where the rule is written (`manifests/coredns.yaml:34`), as far as whoever explains knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// A rule and its place in its role.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// The place, from 1.
    pub number: usize,
    /// The rule.
    #[serde(flatten)]
    pub rule: PolicyRule,
}

/// What somebody outside said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SaidOutside {
    /// Why there is no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Where it was said before, and is remembered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remembered: Option<Remembered>,
}

/// That something was found out before, and is remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Remembered {
    /// Since when, as in RFC 3339.
    pub since: String,
    /// It is forgotten then.
    pub until: String,
}

/// A write that the authorizer has not seen yet.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Lag {
    /// In how many milliseconds it will: 0 is as soon as its watch brings it.
    pub learned_in: u64,
}

/// What is stored already and allows a request, as soon as the authorizer has seen it.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NotYet {
    /// The authorizer.
    pub by: By,
    /// The binding and its rule, where it is RBAC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grounds: Option<Grounds>,
    /// When it will have seen it.
    #[serde(flatten)]
    pub lag: Lag,
}

/// That no stored binding gives something: what comes nearest, and what looks like a mistake in the question.
#[derive(Clone, Debug, Default, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Nothing {
    /// The bindings that come nearest, the nearest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub nearest: Vec<NearMiss>,
    /// What looks like a mistake.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hints: Vec<Hint>,
}

/// A binding that nearly allows a request.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NearMiss {
    /// The binding and the nearest rule of its role.
    #[serde(flatten)]
    pub grounds: Grounds,
    /// Why it doesn't allow: one reason or several, in the order in which they are looked at.
    pub why: Vec<Why>,
}

/// Why a binding doesn't allow a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "fails", rename_all = "camelCase")]
pub enum Why {
    /// The user is none of its subjects.
    Subject {
        /// Where one of the subjects looks as if the user were meant.
        #[serde(skip_serializing_if = "Option::is_none")]
        mistake: Option<Mistake>,
    },
    /// It grants in another namespace.
    Namespace,
    /// There is no such role.
    RoleMissing,
    /// The role has no rules.
    RoleEmpty,
    /// The rule says otherwise in this field.
    Rule {
        /// The field.
        field: Field,
    },
}

/// A subject that looks as if somebody else had been meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Mistake {
    /// The subject as it stands there; an account without a namespace has the binding's.
    pub subject: Subject,
    /// What is wrong with it.
    pub how: How,
}

/// How a subject differs from whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum How {
    /// The same name in another namespace.
    OtherNamespace,
    /// The same name as another kind (`User` for a service account).
    OtherKind,
    /// A name that is nearly the same.
    Misspelt,
}

/// What looks like a mistake in who asks, or in what is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "hint", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Hint {
    /// Something that is not there.
    Unknown {
        /// What: `verb`, `resource`, `namespace`, `account`.
        what: Thing,
        /// Its name.
        name: String,
        /// What is there and is called nearly the same.
        #[serde(skip_serializing_if = "Option::is_none")]
        nearest: Option<String>,
    },
    /// A namespace that nothing is known to be in.
    NothingIn {
        /// Its name.
        namespace: String,
        /// A namespace that something is in and that is called nearly the same.
        #[serde(skip_serializing_if = "Option::is_none")]
        nearest: Option<String>,
    },
    /// No binding reaches whoever asks, but for those that reach everybody.
    InNoBinding {
        /// Who.
        name: String,
        /// Somebody who is in a binding and is called nearly the same.
        #[serde(skip_serializing_if = "Option::is_none")]
        nearest: Option<String>,
    },
    /// A user whose name looks like that of a service account.
    LooksLikeAccount {
        /// The user name that the account would have.
        meant: String,
    },
    /// A user whose name looks like that of a group, or of several.
    LooksLikeGroup {
        /// Their names.
        groups: Vec<String>,
    },
    /// A user or a group of the name `*`, which stands for nobody else.
    NotEverybody {
        /// The name.
        name: String,
    },
    /// A right to one signer, in the place of which the plugins take that to all of its domain (`CertificateApproval` and the like).
    OrItsDomain {
        /// How all of them are named: `example.com/*`.
        name: String,
    },
}

/// What a name may be of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Thing {
    /// A verb.
    Verb,
    /// A resource.
    Resource,
    /// A namespace.
    Namespace,
    /// A service account.
    Account,
}

/// What the authorizers were asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Wanted {
    /// `list`.
    pub verb: String,
    /// The API group; empty for core.
    pub group: String,
    /// The resource; empty for a path that is none.
    pub resource: String,
    /// The subresource.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub subresource: String,
    /// The name; none for a collection.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The namespace; empty for the whole cluster.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// The path, where it is no resource.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
}

/// What the Node authorizer looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct NodeEdge {
    /// The node whose kubelet asks.
    pub node: String,
    /// What it wants.
    #[serde(flatten)]
    pub wanted: Wanted,
    /// Why not, in the authorizer's words; empty where it is allowed, or where no rule of all nodes has it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub why: String,
}

/// A quota that has no room for a write; amounts by resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Quota {
    /// The quota.
    pub quota: String,
    /// What is exceeded.
    pub exceeded: Vec<Amount>,
    /// All that the quota limits, with what is used of it.
    pub all: Vec<Amount>,
}

/// How much of a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Amount {
    /// The resource, as a quota names it.
    pub resource: String,
    /// What the write wants.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub requested: String,
    /// What is used already.
    pub used: String,
    /// What there may be.
    pub hard: String,
}

/// A resource that is not named, and by which containers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Unspecified {
    /// The resource, as a quota names it: `limits.cpu`.
    pub resource: String,
    /// The containers.
    pub containers: Vec<String>,
}

/// A check that a pod violates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Violation {
    /// What is forbidden.
    pub reason: String,
    /// Where it is.
    pub detail: String,
}

/// A field that is not valid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InvalidField {
    /// The field's path.
    pub field: String,
    /// `FieldValueRequired`, `FieldValueInvalid`, ….
    pub reason: String,
    /// What is wrong.
    pub message: String,
}

/// A refusal: what travels, and the fact behind it.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// What travels.
    pub status: Status,
    /// The fact.
    pub fact: Box<Fact>,
}

impl Refusal {
    /// A refusal of a known reason.
    pub fn new(status: Status, fact: Fact) -> Refusal {
        Refusal { status, fact: Box::new(fact) }
    }
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Refusal {
        let fact = Fact::of(&status);
        Refusal::new(status, fact)
    }
}

impl Fact {
    /// The fact that a status itself tells, where nobody knows more.
    pub fn of(status: &Status) -> Fact {
        let details = &status.details;
        let resource = GroupResource::new(details.text("group"), details.text("kind")).to_string();
        let name = details.text("name").to_owned();
        match status.code {
            404 => Fact::NotFound { resource, name },
            409 if status.reason == "AlreadyExists" => Fact::AlreadyExists { resource, name },
            409 => Fact::Conflict,
            422 => Fact::Invalid { fields: details.list("causes").iter().map(InvalidField::read).collect() },
            429 => Fact::RateLimit,
            400 | 405 | 406 | 413 | 415 => Fact::Unreadable,
            500.. => Fact::Broken,
            _ => Fact::Object,
        }
    }
}

impl InvalidField {
    fn read(cause: &crate::json::Value) -> InvalidField {
        let text = |field: &str| cause.text(field).to_owned();
        InvalidField { field: text("field"), reason: text("reason"), message: text("message") }
    }
}

impl Wanted {
    /// What a request wants.
    pub fn of(info: &RequestInfo) -> Wanted {
        Wanted {
            verb: info.verb.clone(),
            group: info.group.clone(),
            resource: info.resource.clone(),
            subresource: info.subresource.clone(),
            name: info.name.clone(),
            namespace: info.namespace.clone(),
            path: if info.is_resource { String::new() } else { info.path.clone() },
        }
    }

    /// The same as the authorizers are asked.
    pub fn info(&self) -> RequestInfo {
        RequestInfo {
            is_resource: self.path.is_empty(),
            verb: self.verb.clone(),
            group: self.group.clone(),
            resource: self.resource.clone(),
            subresource: self.subresource.clone(),
            name: self.name.clone(),
            namespace: self.namespace.clone(),
            path: self.path.clone(),
            ..RequestInfo::default()
        }
    }
}

impl Grounds {
    /// The binding in the server's words: `RoleBinding "pods/a"`, `ClusterRoleBinding "admins"`.
    pub fn place(&self) -> String {
        match self.namespace.as_str() {
            "" => format!("{} {}", self.kind, quote(&self.binding)),
            namespace => format!("{} {}", self.kind, quote(&format!("{}/{namespace}", self.binding))),
        }
    }

    /// `RoleBinding a/pods: Role pods to alice`.
    pub fn describe(&self) -> String {
        let to = |subject: &Subject| format!(" to {}", subject.called(&self.namespace));
        let subject = self.subject.as_ref().map(to).unwrap_or_default();
        let place = if self.namespace.is_empty() { String::new() } else { format!("{}/", self.namespace) };
        format!("{} {place}{}: {} {}{subject}", self.kind, self.binding, self.role.kind, self.role.name)
    }
}

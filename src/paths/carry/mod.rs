//! Carrying out what a path says, request by request, on a fork of the cluster.
//!
//! Whoever climbs sends requests with the credential that was gained so far: none is needed of whom the path begins with, then
//! tokens, certificates, or the headers of impersonation. What the cluster's own components would do about a request (the
//! scheduler binds a pod, its kubelet gets the token, a controller makes the pods of a workload, the signer signs) is a
//! request, too, as the component, which the gates may stop as any other.
//!
//! Differs from Kubernetes: no container runs. What is done inside of one is taken for granted where the kubelet would be
//! reached; its token is the one that its kubelet gets.

pub(super) mod account;
pub(super) mod admission;
pub(super) mod pods;
pub(super) mod rbac;
mod stand_ins;

use super::Declared;
use super::lent::ASKED;
use super::node::{EVERYTHING, NODES, Node, machine_of};
use crate::api::rbac::Who;
use crate::api::{
    Attributes, By, Credential, Dig, GroupResource, Outcome, Request, RequestInfo, Response, Stage, Trace,
    User, root_path,
};
use crate::authorize::rbac::gains::anybody;
use crate::cluster::Cluster;
use crate::json::{Value, json};
use schemars::JsonSchema;
use serde::Serialize;
use std::sync::Arc;

/// A request of a path.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// Who sends it.
    pub by: String,
    /// The method and the path.
    pub request: String,
    /// The body, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// The code of the answer.
    pub code: u16,
}

/// Why a path is none: what stopped it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Stopped {
    /// The gate: an admission plugin, an authorizer, an authenticator.
    pub gate: String,
    /// The request that it stopped.
    pub request: String,
    /// Who sent it.
    pub by: String,
    /// What it said.
    pub message: String,
}

/// Done, or stopped.
pub(super) type Done = Result<(), Box<Stopped>>;

/// With what somebody shows who they are.
#[derive(Clone, Debug)]
enum Shown {
    /// Nothing: it is known.
    Known,
    /// That somebody else acts as them: for all verbs, or for some by a right of that name.
    Acting(Box<Me>, Option<&'static str>),
    Token(String),
    Certificate(Arc<[u8]>),
}

/// Whoever climbs.
#[derive(Clone, Debug)]
pub(super) struct Me {
    pub(super) user: User,
    shown: Shown,
}

/// What a leap is about.
pub(super) struct Hop<'a> {
    /// What it leads through, with its end.
    pub(super) through: &'a [Node],
    /// The place whose rights are used; empty for the whole cluster.
    pub(super) place: &'a str,
    /// What is needed first, as rules write it: the resource.
    pub(super) resource: &'a str,
    /// Its group.
    pub(super) group: &'a str,
    /// The role of its end, with its namespace, where it ends at one.
    pub(super) role: (&'a str, &'a str),
    /// The roles by which those who climb hold rights there, and those whose parts can be changed: names.
    pub(super) roles: &'a [(String, String)],
    /// The names that what is needed second is allowed of.
    pub(super) names: &'a [String],
    /// How somebody acts as somebody else, where it is for some verbs only.
    pub(super) mode: Option<&'static str>,
    /// The controller that was declared.
    pub(super) declared: Option<&'a Declared>,
    /// What is asked about in the end.
    pub(super) info: &'a RequestInfo,
}

/// A path that is being carried out.
#[derive(Clone)]
pub(super) struct Run {
    pub(super) cluster: Cluster,
    pub(super) me: Me,
    pub(super) steps: Vec<Step>,
    made: usize,
}

/// The name of whoever is a member of a group, and no more.
pub(super) const MEMBER: &str = "kubeverdict:member";

impl Me {
    /// Somebody as the path begins with them.
    pub(super) fn of(who: &Who, acting: bool) -> Me {
        let user = match who {
            Who::User(name) if machine_of(name).is_some() && !acting => {
                User::new(name, &[NODES]).authenticated()
            }
            Who::User(name) => User::named(name).authenticated(),
            Who::Group(_) => User { name: MEMBER.to_owned(), ..anybody(who) },
        };
        let admin = Me { user: User::new("admin", &["system:masters"]), shown: Shown::Known };
        let shown = if acting { Shown::Acting(Box::new(admin), None) } else { Shown::Known };
        Me { user, shown }
    }

    /// A request with the credential.
    fn signs(&self, request: Request) -> Request {
        match &self.shown {
            Shown::Known => request.by(self.user.clone()),
            Shown::Token(token) => request.header("Authorization", format!("Bearer {token}")),
            Shown::Certificate(der) => {
                Request { credential: Credential::Certificate(der.clone()), ..request }
            }
            Shown::Acting(by, _) => {
                let groups = self.user.groups.iter().filter(|group| *group != "system:authenticated");
                // Of an account, the server knows the groups, unless others are given.
                let account = crate::api::service_account(&self.user.name);
                let of_accounts = |group: &str| match group.strip_prefix("system:serviceaccounts") {
                    Some(rest) => {
                        account.is_some_and(|(of, _)| rest.is_empty() || rest.strip_prefix(':') == Some(of))
                    }
                    None => false,
                };
                let groups = groups.filter(|group| !of_accounts(group));
                let named = by.signs(request).header("Impersonate-User", self.user.name.clone());
                groups.fold(named, |request, group| request.header("Impersonate-Group", group.clone()))
            }
        }
    }
}

impl Run {
    pub(super) fn new(cluster: Cluster, me: Me) -> Run {
        Run { cluster, me, steps: Vec::new(), made: 0 }
    }

    /// A name for what is made on the way.
    fn name(&mut self) -> String {
        self.made += 1;
        format!("kubeverdict-{}", self.made)
    }

    /// Sends a request as whoever climbs.
    fn ask(&mut self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Box<Stopped>> {
        self.ask_by(&self.me.clone(), method, path, body)
    }

    /// Sends a request as a component of the cluster, or as an administrator who has no part in this.
    fn ask_as(
        &mut self,
        user: User,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Box<Stopped>> {
        self.ask_by(&Me { user, shown: Shown::Known }, method, path, body)
    }

    fn ask_by(
        &mut self,
        me: &Me,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Box<Stopped>> {
        let request = me.signs(written(method, path, body));
        self.send(&me.user.name, request, body, |_, _| false)
    }

    /// Opens a stream to a kubelet: what it says there is not the server's answer.
    fn stream(&mut self, method: &str, path: &str) -> Done {
        let request =
            Request::new(method, path).header("Connection", "Upgrade").header("Upgrade", "SPDY/3.1");
        let request = self.me.signs(request);
        let by = self.me.user.name.clone();
        let reached = |trace: &Trace, _: &Response| {
            let refused = trace.refusal();
            refused.is_none_or(|finding| finding.stage == Stage::Store && matches!(finding.by, By::Stream(_)))
        };
        self.send(&by, request, None, reached).map(drop)
    }

    fn send(
        &mut self,
        by: &str,
        request: Request,
        body: Option<&Value>,
        is_well: fn(&Trace, &Response) -> bool,
    ) -> Result<Value, Box<Stopped>> {
        let told = format!("{} {}", request.method, request.target);
        let reply = self.cluster.handle_now(request);
        self.cluster.catch_up();
        let code = reply.response.code;
        self.steps.push(Step { by: by.to_owned(), request: told.clone(), body: body.cloned(), code });
        if reply.response.ok() || is_well(&reply.trace, &reply.response) {
            return Ok(reply.response.body.json().cloned().unwrap_or(Value::Null));
        }
        let gate = reply.trace.refusal().or_else(|| {
            reply.trace.findings.iter().rev().find(|finding| finding.outcome == Outcome::Refused)
        });
        let gate = gate.map_or_else(|| "the server".to_owned(), |finding| finding.by.to_string());
        let message = reply.response.object().text("message").to_owned();
        Err(Box::new(Stopped { gate, request: told, by: by.to_owned(), message }))
    }

    /// Whether whoever climbs may do something, by the authorizers.
    fn may(&self, info: &RequestInfo) -> bool {
        let may = |user: &User, info: RequestInfo| {
            let attributes = Attributes { user: user.clone(), info };
            self.cluster.decide(&attributes).decision == crate::api::Decision::Allow
        };
        // What the server asks by itself is asked of whoever one acts as.
        let acts = match &self.me.shown {
            Shown::Acting(by, Some(mode)) if !ASKED.contains(&info.verb.as_str()) => may(
                &by.user,
                RequestInfo { verb: format!("impersonate-on:{mode}:{}", info.verb), ..info.clone() },
            ),
            _ => true,
        };
        acts && may(&self.me.user, info.clone())
    }

    /// Who acts for some verbs only goes on as who they are.
    pub(super) fn acts_no_more(&mut self) {
        if let Shown::Acting(by, Some(_)) = &self.me.shown {
            self.me = (**by).clone();
        }
    }

    /// The user to whom things are given: who acts for some verbs only wants them for themselves.
    fn receiver(&self) -> &str {
        match &self.me.shown {
            Shown::Acting(by, Some(_)) => &by.user.name,
            _ => &self.me.user.name,
        }
    }

    /// A verb on a resource as rules write it.
    fn may_do(&self, verb: &str, group: &str, resource: &str, namespace: &str, name: &str) -> bool {
        let (resource, sub) = resource.split_once('/').unwrap_or((resource, ""));
        self.may(&RequestInfo {
            is_resource: true,
            verb: verb.to_owned(),
            group: group.to_owned(),
            resource: resource.to_owned(),
            subresource: sub.to_owned(),
            namespace: namespace.to_owned(),
            name: name.to_owned(),
            ..RequestInfo::default()
        })
    }

    /// The path of a collection in the version that is preferred.
    fn collection(&self, group: &str, resource: &str, namespace: &str) -> String {
        let version = self.cluster.resources().preferred(group, resource).map(|row| row.version.to_string());
        let root = root_path(group, &version.unwrap_or_else(|| "v1".to_owned()));
        match namespace {
            "" => format!("{root}/{resource}"),
            namespace => format!("{root}/namespaces/{namespace}/{resource}"),
        }
    }

    /// Changes one of the objects that are there and wanted, by a patch or by an update, whichever is allowed.
    fn changes_one(
        &mut self,
        (group, resource, namespace): (&str, &str, &str),
        wanted: impl Fn(&Value) -> bool,
        change: impl FnOnce(&mut Value),
    ) -> Done {
        let may = |verb: &str, name: &str| self.may_do(verb, group, resource, namespace, name);
        let stored = GroupResource::new(group, resource).to_string();
        let there = self.cluster.store().objects().list(&stored, namespace);
        let found = there.filter(|object| wanted(object)).find_map(|object| {
            let name = object.name();
            let method =
                [("patch", "PATCH"), ("update", "PUT")].into_iter().find(|(verb, _)| may(verb, name));
            Some((method?.1, name.to_owned(), (**object).clone()))
        });
        let Some((method, name, mut object)) = found else {
            return Err(self.stopped("there is none", &format!("no {resource} that may be changed")));
        };
        change(&mut object);
        let path = self.collection(group, resource, namespace);
        // Dumps hold objects in any version; the one that is preferred is asked for.
        let version = path.strip_prefix("/apis/").or_else(|| path.strip_prefix("/api/")).unwrap_or_default();
        let version =
            version.split('/').take(if group.is_empty() { 1 } else { 2 }).collect::<Vec<_>>().join("/");
        object.set("apiVersion", version);
        self.ask(method, &format!("{path}/{name}"), Some(&object)).map(drop)
    }

    /// What is stored under a name.
    fn stored(&self, resource: &str, namespace: &str, name: &str) -> Option<Value> {
        self.cluster.store().objects().get(resource, namespace, name).map(|object| (**object).clone())
    }

    /// Whoever climbs goes on with a token, if the server knows it.
    fn goes_on_with(&mut self, user: &str, token: &str) -> Done {
        self.me = Me { user: User::named(user).authenticated(), shown: Shown::Token(token.to_owned()) };
        self.is_recognised()
    }

    /// Asks who one is: any request tells, whatever else is said to it.
    fn is_recognised(&mut self) -> Done {
        let wanted = self.me.user.name.clone();
        let request = self.me.signs(Request::new("GET", "/api"));
        let reply = self.cluster.handle_now(request);
        let (code, by) = (reply.response.code, wanted.clone());
        self.steps.push(Step { by, request: "GET /api".to_owned(), body: None, code });
        let refused = reply.trace.refusal();
        let refused =
            refused.filter(|finding| matches!(finding.stage, Stage::Authenticate | Stage::Impersonate));
        match (refused, reply.trace.user.clone()) {
            (None, Some(user)) if user.name == wanted => {
                self.me.user = user;
                Ok(())
            }
            (Some(finding), _) => {
                let message = reply.response.object().text("message");
                Err(self.stopped(&finding.by.to_string(), message))
            }
            (None, _) => Err(self.stopped("authentication", &format!("nobody is recognised as {wanted}"))),
        }
    }

    /// Whether one of what is asked about is reached.
    pub(super) fn reaches(&mut self, questions: &[RequestInfo]) -> Done {
        let mut reached = Ok(());
        for info in questions {
            let mut attempt = self.clone();
            reached = attempt.reaches_one(info);
            if reached.is_ok() {
                *self = attempt;
                break;
            }
        }
        reached
    }

    /// Whether what is asked about is reached: the server is asked.
    fn reaches_one(&mut self, info: &RequestInfo) -> Done {
        // Who acts for some verbs only is not asked about others: what is asked about is tried itself.
        let for_some = matches!(self.me.shown, Shown::Acting(_, Some(_))) && info.verb != "*";
        if for_some {
            return self.tries(info);
        }
        if self.may(info) {
            let spec = json!({"resourceAttributes": {
                "verb": info.verb, "group": info.group, "resource": info.resource, "subresource": info.subresource,
                "namespace": info.namespace, "name": info.name,
            }});
            let review = json!({
                "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": spec,
            });
            let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
            let answer = self.ask("POST", path, Some(&review))?;
            if answer.flag("status.allowed") {
                return Ok(());
            }
        }
        Err(self.stopped("the authorizers", "they do not allow it in the end"))
    }

    fn stopped(&self, gate: &str, message: &str) -> Box<Stopped> {
        let request = self.steps.last().map(|step| step.request.clone()).unwrap_or_default();
        let by = self.me.user.name.clone();
        Box::new(Stopped { gate: gate.to_owned(), request, by, message: message.to_owned() })
    }
}

impl Hop<'_> {
    /// The end.
    fn end(&self) -> &Node {
        self.through.last().unwrap_or(&Node::Target)
    }

    /// Whose rights it ends with.
    fn whose(&self) -> Option<&Who> {
        match self.end() {
            Node::Subject { who, .. } => Some(who),
            _ => None,
        }
    }

    /// The account that it ends with.
    fn account(&self) -> Option<(&str, &str)> {
        match self.whose()? {
            Who::User(name) => crate::api::service_account(name),
            Who::Group(_) => None,
        }
    }

    /// The pod that it leads through.
    fn pod(&self) -> Option<(&str, &str)> {
        self.through.iter().find_map(|node| match node {
            Node::Pod(namespace, name) => Some((&**namespace, name.as_str())),
            _ => None,
        })
    }

    /// The node of the cluster that it leads through.
    fn machine(&self) -> Option<&str> {
        self.through.iter().find_map(|node| match node {
            Node::Machine(name) => Some(name.as_str()),
            _ => None,
        })
    }

    /// The role that it ends with; all rights are cluster-admin's.
    fn gained_role(&self) -> (&str, &str) {
        match self.end() {
            Node::Held { role, .. } if *role != EVERYTHING => self.role,
            _ => ("", "cluster-admin"),
        }
    }
}

fn written(method: &str, path: &str, body: Option<&Value>) -> Request {
    let request = Request::new(method, path);
    match (method, body) {
        (_, None) => request,
        ("PATCH", Some(body)) => request.body("application/merge-patch+json", body.clone()),
        (_, Some(body)) => request.json(body),
    }
}

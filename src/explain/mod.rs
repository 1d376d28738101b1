//! Why: a request's trace as data that text, walkthrough and pages are rendered from.
//!
//! Nothing is computed a second time for show: who, which rule, what came nearest and which plugin refused all stand in
//! the [`Trace`](crate::api::Trace). Only cures are new: each is carried out on a fork and the request asked again.

pub mod cure;
pub mod dump;
mod evidence;
mod gates;
mod grounds;
pub mod guess;
pub mod source;
pub mod text;

pub use cure::{Cure, Cures, Opened};
pub use gates::{Gate, State};
pub use grounds::{Grounds, Miss, describe_rule};

use crate::api::{Dig, Finding, GroupResource, Outcome, RequestInfo, Stage, User, Version};
use crate::authorize::rbac::RoleRef;
use crate::bootstrap;
use crate::scenario::report::{Report, RequestReport, StepReport};
use serde::Serialize;
use serde_json::Value;
use source::Written;

/// Why a request was answered as it was.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// `GET /api/v1/pods`.
    pub request: String,
    /// The HTTP code.
    pub code: u16,
    /// The status's reason.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// The status's message.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// The way through the server, as one strip.
    pub gates: Vec<Gate>,
    /// Who the server thinks it is; nobody where it does not know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub who: Option<Who>,
    /// Who really asked, where they act as somebody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acting: Option<Who>,
    /// The request in the server's words.
    pub wants: Wants,
    /// What each check said, in order.
    pub told: Vec<Told>,
    /// What would turn a refusal, each proven; none for what was not refused, or where nothing was kept to prove it on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cures: Option<Cures>,
}

/// Who somebody is to the server.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Who {
    /// The user, with groups, uid and extras.
    #[serde(flatten)]
    pub user: User,
    /// By which credential they are known: the authenticator's name.
    pub credential: String,
}

/// A request in the server's words, with the question that kubectl would ask about it.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Wants {
    /// `list`.
    pub verb: String,
    /// The API group; empty for core.
    pub group: String,
    /// The resource; empty for a path that is none.
    pub resource: String,
    /// The subresource.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub subresource: String,
    /// The name in the path; none for a collection.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The namespace; empty for the whole cluster.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub namespace: String,
    /// The path, where it is no resource.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// `kubectl auth can-i list pods -n a --as=alice`.
    pub can_i: String,
}

/// What one check said, with its facts.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// In which stage.
    pub stage: Stage,
    /// Who: an authenticator, an authorizer, a plugin, a rule.
    pub by: String,
    /// How it came out.
    pub outcome: Outcome,
    /// What it said.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// The binding and the rule that allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grounds: Option<Grounds>,
    /// What came nearest, and on which fields it failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub misses: Vec<Miss>,
    /// What a plugin looked at when it refused: the quota and what is used of it, the policy's expression.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// Other facts, in the shape of whoever checked.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub facts: Value,
}

/// Explains a step's requests, and says where the rules are written: in a manifest, by which step, or with the server.
pub fn step(report: &Report, step: &StepReport, written: &[Written]) -> Vec<Explanation> {
    let version = report.version.parse().unwrap_or(Version::NEWEST);
    let place = |role: &RoleRef, namespace: &str, rule: usize| {
        source::find(written, &role.kind, namespace, &role.name, rule)
            .or_else(|| made_by(report, role).map(|number| format!("step {number}")))
            .or_else(|| default(version, role).then(|| format!("with Kubernetes {version}")))
    };
    // What a person asked, then what the controllers were refused because of it.
    let refused = step.afterwards.iter().filter_map(|after| after.refused.as_deref());
    let mut told: Vec<&RequestReport> = Vec::new();
    for request in refused.filter(|request| matches!(request.code, 401 | 403)) {
        if !told.iter().any(|known| known.message == request.message) {
            told.push(request);
        }
    }
    let explained = step.requests.iter().chain(told).map(|request| {
        let mut explanation = explain(request);
        explanation.locate(&place);
        explanation
    });
    explained.collect()
}

/// The step whose line made a role.
fn made_by<'a>(report: &'a Report, role: &RoleRef) -> Option<&'a str> {
    let made = format!("kubectl create {} {} ", role.kind.to_lowercase(), role.name);
    report.all().into_iter().find(|step| step.line.starts_with(&made)).map(|step| step.number.as_str())
}

fn default(version: Version, role: &RoleRef) -> bool {
    role.kind == "ClusterRole" && bootstrap::cluster_role(version, &role.name).is_some()
}

/// Explains a request.
pub fn explain(report: &RequestReport) -> Explanation {
    let cures = report.moment.as_ref().map(|moment| cure::cures(moment, &report.trace));
    Explanation { cures, ..uncured(report) }
}

/// Explains a request without a word of what would turn it, which takes forks to find out.
pub fn uncured(report: &RequestReport) -> Explanation {
    let trace = &report.trace;
    let known = |stage: Stage| {
        let passed = |finding: &&Finding| finding.stage == stage && finding.outcome == Outcome::Passed;
        trace.findings.iter().find(passed).map(|finding| finding.by.clone()).unwrap_or_default()
    };
    let who = |user: &User, credential: String| Who { user: user.clone(), credential };
    let real = trace.impersonator.as_ref().map(|user| who(user, known(Stage::Authenticate)));
    let credential = if real.is_some() { Stage::Impersonate } else { Stage::Authenticate };
    Explanation {
        request: report.request.clone(),
        code: report.code,
        reason: report.reason.clone(),
        message: report.message.clone(),
        gates: gates::strip(report),
        who: trace.user.as_ref().map(|user| who(user, known(credential))),
        acting: real,
        wants: Wants::of(&trace.info, trace.user.as_ref()),
        told: trace.findings.iter().map(|finding| told(finding, report)).collect(),
        cures: None,
    }
}

fn told(finding: &Finding, report: &RequestReport) -> Told {
    let info = &report.trace.info;
    let refused = report.moment.as_ref().filter(|_| finding.outcome == Outcome::Refused);
    let found = &finding.evidence;
    let misses = found.list("nearest").iter().map(|miss| Miss::read(miss, info)).collect();
    let rbac = ["allowed", "nearest", "refused"].iter().any(|key| found.has(key));
    Told {
        stage: finding.stage,
        by: finding.by.clone(),
        outcome: finding.outcome,
        text: finding.text.clone(),
        grounds: found.has("allowed").then(|| Grounds::read(found.at("allowed"))),
        misses,
        evidence: refused.map(|moment| evidence::lines(&moment.cluster, finding, info)).unwrap_or_default(),
        facts: if rbac { Value::Null } else { found.clone() },
    }
}

impl Explanation {
    /// Says where the rules are written, as far as somebody knows it by role, namespace and number.
    pub fn locate(&mut self, place: &dyn Fn(&RoleRef, &str, usize) -> Option<String>) {
        let told = self.told.iter_mut();
        let grounds = told.flat_map(|told| {
            told.grounds.iter_mut().chain(told.misses.iter_mut().map(|miss| &mut miss.grounds))
        });
        for grounds in grounds {
            let number = grounds.rule.as_ref().map_or(0, |(number, _)| *number);
            grounds.source = place(&grounds.role, &grounds.namespace, number);
        }
    }
}

/// A namespace in words; the empty one is the whole cluster.
fn place(namespace: &str) -> String {
    if namespace.is_empty() { "the whole cluster".to_owned() } else { format!("namespace {namespace}") }
}

impl Wants {
    fn of(info: &RequestInfo, user: Option<&User>) -> Wants {
        let path = if info.is_resource { String::new() } else { info.path.clone() };
        let mut wants = Wants {
            verb: info.verb.clone(),
            group: info.group.clone(),
            resource: info.resource.clone(),
            subresource: info.subresource.clone(),
            name: info.name.clone(),
            namespace: info.namespace.clone(),
            path,
            can_i: String::new(),
        };
        wants.can_i = wants.question(user);
        wants
    }

    fn question(&self, user: Option<&User>) -> String {
        let mut words = vec!["kubectl auth can-i".to_owned(), self.verb.clone()];
        let typed = GroupResource::new(&self.group, &self.resource).to_string();
        match (self.path.as_str(), self.name.as_str()) {
            ("", "") => words.push(typed),
            ("", name) => words.push(format!("{typed}/{name}")),
            (path, _) => words.push(path.to_owned()),
        }
        if !self.subresource.is_empty() {
            words.push(format!("--subresource={}", self.subresource));
        }
        match self.namespace.as_str() {
            _ if !self.path.is_empty() => {}
            "" => words.push("-A".to_owned()),
            namespace => words.push(format!("-n {namespace}")),
        }
        if let Some(user) = user {
            words.push(format!("--as={}", user.name));
        }
        words.join(" ")
    }
}

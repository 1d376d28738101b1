//! Why: a request's trace as data that text, walkthrough and pages are rendered from.
//!
//! Nothing is computed a second time for show, and no text is looked into: who, which rule, what came nearest and which
//! plugin refused all stand in the facts of the [`Trace`](crate::api::Trace). Only cures are new: each is carried out on a
//! fork and the request asked again.

pub(crate) mod cure;
pub mod dump;
pub mod gained;
mod gates;
pub mod source;
pub(crate) mod text;
mod unfit;
pub(crate) mod words;

pub(crate) use cure::allow;
pub use cure::{Cure, Cures, Granted, Opened};
pub use gates::{Gate, State};

use crate::api::fact::{Grounds, Hint, NearMiss, Wanted};
use crate::api::rbac::RoleRef;
use crate::api::{By, Fact, Finding, Outcome, RequestInfo, Stage, User};
use crate::cluster::RequestReport;
use crate::question::written;
use schemars::JsonSchema;
use serde::Serialize;

/// Why a request was answered as it was.
#[derive(Clone, Debug, Serialize, JsonSchema)]
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
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Who {
    /// The user, with groups, uid and extras.
    #[serde(flatten)]
    pub user: User,
    /// By which credential they are known: the authenticator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential: Option<By>,
}

/// A request in the server's words, with the question that kubectl would ask about it.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Wants {
    /// The request.
    #[serde(flatten)]
    pub wanted: Wanted,
    /// `kubectl auth can-i list pods -n a --as=alice`.
    pub can_i: String,
}

/// What one check said, with its facts.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    /// In which stage.
    pub stage: Stage,
    /// Who: an authenticator, an authorizer, a plugin, a rule.
    pub by: By,
    /// How it came out.
    pub outcome: Outcome,
    /// What it said, for reading.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// What is behind it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<Fact>,
}

impl Told {
    /// The binding and the rule that allowed.
    pub fn grounds(&self) -> Option<&Grounds> {
        self.facts.iter().find_map(|fact| match fact {
            Fact::Granted(grounds) => Some(grounds),
            _ => None,
        })
    }

    /// What came nearest to allowing.
    pub fn nearest(&self) -> &[NearMiss] {
        let nearest = self.facts.iter().find_map(|fact| match fact {
            Fact::NothingGrants(nothing) => Some(nothing.nearest.as_slice()),
            _ => None,
        });
        nearest.unwrap_or_default()
    }
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
        trace.findings.iter().find(passed).map(|finding| finding.by)
    };
    let who = |user: &User, credential: Option<By>| Who { user: user.clone(), credential };
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
        told: trace.findings.iter().map(told).collect(),
        cures: None,
    }
}

fn told(finding: &Finding) -> Told {
    let Finding { stage, by, outcome, text, facts } = finding.clone();
    Told { stage, by, outcome, text, facts }
}

impl Explanation {
    /// Says where the rules are written, as far as somebody knows it by role, namespace and number.
    pub fn locate(&mut self, place: &mut dyn FnMut(&RoleRef, &str, usize) -> Option<String>) {
        for grounds in self.told.iter_mut().flat_map(|told| &mut told.facts).flat_map(grounds_in) {
            let number = grounds.rule.as_ref().map_or(0, |rule| rule.number);
            grounds.source = place(&grounds.role, &grounds.namespace, number);
        }
    }

    /// What looks like a mistake.
    fn hints(&mut self) -> impl Iterator<Item = &mut Vec<Hint>> {
        self.told.iter_mut().flat_map(|told| &mut told.facts).filter_map(|fact| match fact {
            Fact::NothingGrants(nothing) => Some(&mut nothing.hints),
            _ => None,
        })
    }
}

/// The bindings that a fact names.
fn grounds_in(fact: &mut Fact) -> Vec<&mut Grounds> {
    match fact {
        Fact::Granted(grounds) => vec![grounds],
        Fact::NotKnownYet(not_yet) => not_yet.grounds.iter_mut().collect(),
        Fact::NothingGrants(nothing) => nothing.nearest.iter_mut().map(|miss| &mut miss.grounds).collect(),
        _ => Vec::new(),
    }
}

/// A namespace in words; the empty one is the whole cluster.
pub(crate) fn place(namespace: &str) -> String {
    if namespace.is_empty() { "the whole cluster".to_owned() } else { format!("namespace {namespace}") }
}

impl Wants {
    fn of(info: &RequestInfo, user: Option<&User>) -> Wants {
        Wants { wanted: Wanted::of(info), can_i: written(info, user) }
    }
}

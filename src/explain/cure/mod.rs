//! Cures: the smallest changes that would turn a refusal.
//!
//! Each one is carried out by an administrator on a fork of the cluster that the request came to, and the request is
//! asked again there; only what turned the verdict is told, with what else it opens. Never cluster-admin when less
//! will do.

mod admission;
mod authorization;
mod change;
mod escalation;
mod grant;
mod impersonation;
mod opens;
mod pod;

use crate::api::rbac::{PolicyRule, Subject};
use crate::api::{Fact, Finding, Stage, Trace};
use crate::authorize::rbac::Index;
use crate::cluster::{Cluster, Moment, Question};
use crate::json::Value;
pub(crate) use authorization::allow;
use change::Change;
use schemars::JsonSchema;
use serde::Serialize;

/// What would turn a refusal.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cures {
    /// The cures, the one that opens least first; each is proven.
    pub found: Vec<Cure>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub none: Option<String>,
}

/// A change that turns a refusal.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cure {
    /// In a few words: `a role and a binding for just this`.
    pub title: String,
    /// What an administrator would type.
    pub lines: Vec<String>,
    /// The same as objects: what is made, or as it is after the change.
    pub objects: Vec<Value>,
    /// The answer of the request after it, on a fork.
    pub code: u16,
    /// What it opens; the request itself included.
    pub opens: Vec<Opened>,
    /// What to mind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caution: Option<String>,
}

/// What a change lets somebody do that they could not do before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Opened {
    /// Who: `user alice`, `group devs`, `service account a/b`.
    pub who: String,
    /// Where: `namespace a`, `the whole cluster`.
    pub place: String,
    /// What, one rule each: `get pods/log`.
    pub rules: Vec<String>,
    /// The same as data, where it is RBAC that grants: to whom and where, a verb on a thing each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub granted: Option<Granted>,
}

/// What RBAC grants after a change, and did not before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Granted {
    /// To whom; an account is the user of its name.
    pub subject: Subject,
    /// The namespace; empty for the whole cluster.
    pub namespace: String,
    /// What, a verb on a thing each.
    pub rules: Vec<PolicyRule>,
}

/// A change that might turn a refusal, before it is proven.
#[derive(Clone, Debug, Default)]
struct Proposal {
    title: String,
    changes: Vec<Change>,
    /// What is asked in the place of the request, where the cure is to ask otherwise, and how that is typed.
    instead: Option<(Question, String)>,
    /// Whether it is told after all others: it turns the question, not the answer.
    last: bool,
    /// What it opens besides what RBAC grants.
    opens: Vec<Opened>,
    caution: Option<String>,
}

/// More cures than this are no help.
const TOLD: usize = 3;
/// A request that passed one gate may be refused at the next; so many gates there are that can.
const ROUNDS: usize = 4;

/// The cures of a refused request.
pub(crate) fn cures(moment: &Moment, trace: &Trace) -> Cures {
    let Some(refused) = trace.refusal() else { return Cures::default() };
    let mut settled = moment.cluster.fork();
    settled.catch_up();
    let mut proposals: Vec<Proposal> = Vec::new();
    for proposal in propose(&settled, trace, &moment.question) {
        // Several bindings of one role are put right by one change.
        let known = |other: &Proposal| other.changes == proposal.changes && other.title == proposal.title;
        if !proposals.iter().any(known) {
            proposals.push(proposal);
        }
    }
    let mut proven = Vec::new();
    let mut later = None;
    for proposal in proposals {
        let last = proposal.last;
        match prove(moment, settled.knowledge().rbac(), proposal) {
            // Who may ask for what is not there learns just that; a write is turned when it is done.
            Ok((_, cure)) if refused.stage > Stage::Authorize && cure.code >= 400 => {}
            Ok((much, cure)) => proven.push(((last, much), cure)),
            Err(last) => later = later.or(last.filter(|last| last.stage > refused.stage)),
        }
    }
    proven.sort_by_key(|(order, _)| *order);
    let found: Vec<Cure> = proven.into_iter().map(|(_, cure)| cure).take(TOLD).collect();
    let none = found.is_empty().then(|| match later {
        Some(later) => {
            format!("{} can be turned, but not what refuses then: {}", refused.by, why_none(&later, trace))
        }
        None => why_none(refused, trace),
    });
    Cures { found, none }
}

/// What might turn a refusal, by the facts behind it.
fn propose(cluster: &Cluster, trace: &Trace, question: &Question) -> Vec<Proposal> {
    let Some(refused) = trace.refusal() else { return Vec::new() };
    if let Some(not_yet) = refused.facts.iter().find_map(|fact| match fact {
        Fact::NotKnownYet(not_yet) => Some(not_yet),
        _ => None,
    }) {
        return vec![authorization::wait(not_yet)];
    }
    let request = match (refused.stage, question) {
        (Stage::Authorize, _) => return authorization::propose(cluster, trace, question),
        (_, Question::Request(request)) => request,
        (_, Question::Access(_)) => return Vec::new(),
    };
    match refused.stage {
        Stage::Impersonate => impersonation::propose(cluster, trace, request),
        Stage::Escalate => escalation::propose(cluster, trace, request),
        Stage::Mutate | Stage::Enforce => {
            let proposals =
                refused.facts.iter().map(|fact| admission::propose(cluster, trace, request, fact));
            proposals.flatten().collect()
        }
        Stage::Authenticate
        | Stage::Authorize
        | Stage::Route
        | Stage::Decode
        | Stage::Validate
        | Stage::Store => Vec::new(),
    }
}

/// Asks; the code of the answer, and what the gates found.
fn ask(cluster: &mut Cluster, question: &Question) -> (u16, Trace) {
    match question {
        Question::Request(request) => {
            let reply = cluster.exchange(request.clone()).reply;
            (reply.response.code, reply.trace)
        }
        Question::Access(attributes) => {
            let (refused, trace) = cluster.ask(attributes);
            (refused.map_or(200, |status| status.code), trace)
        }
    }
}

/// Carries a proposal out on a fork and asks again; what the next gates refuse is cured, too. Where that fails, it gives
/// the last refusal.
///
/// What a cure opens is what the authorizers know after it, and did not before, once they have seen every write.
fn prove(moment: &Moment, before: &Index, proposal: Proposal) -> Result<(usize, Cure), Option<Finding>> {
    let mut cluster = moment.cluster.fork();
    let asked = proposal.instead.as_ref().map_or(&moment.question, |(asked, _)| asked);
    let Proposal { title, changes, mut opens, mut caution, .. } = proposal;
    let mut done = Vec::new();
    let mut next = changes;
    let mut last = None;
    for _ in 0..ROUNDS {
        next.iter().try_for_each(|change| change.carry_out(&mut cluster))?;
        done.append(&mut next);
        cluster.catch_up();
        let mut granted = cluster.knowledge().rbac().clone();
        let (mut code, mut trace) = ask(&mut cluster, asked);
        if refused(code) && trace.user.is_some() {
            // What controllers make of the change may be needed, too: an account's token secret of old.
            cluster.settle();
            granted = cluster.knowledge().rbac().clone();
            let (code_then, trace_then) = ask(&mut cluster, asked);
            if trace_then.user.is_some() {
                (code, trace) = (code_then, trace_then);
            }
        }
        if !refused(code) {
            let (granted, much) = opens::opens(before, &granted);
            let much = much + opens.len() * BY_POLICY;
            opens.extend(granted);
            let typed = proposal.instead.as_ref().map(|(_, line)| line.clone());
            let cure = Cure {
                title,
                lines: done.iter().map(Change::line).chain(typed).collect(),
                objects: done.iter().filter_map(Change::object).collect(),
                code,
                opens,
                caution,
            };
            return Ok((much, cure));
        }
        last = trace.refusal().cloned();
        let further =
            propose(&cluster, &trace, asked).into_iter().find(|further| !further.changes.is_empty());
        let Some(further) = further else { return Err(last) };
        next = further.changes;
        opens.extend(further.opens);
        caution = caution.or(further.caution);
    }
    Err(last)
}

/// What a policy that is loosened opens counts for more than any single right.
const BY_POLICY: usize = 100;

fn refused(code: u16) -> bool {
    matches!(code, 401 | 403 | 429 | 500..)
}

/// Why nothing turns a refusal.
fn why_none(refused: &Finding, trace: &Trace) -> String {
    match refused.stage {
        Stage::Authenticate => {
            "the server does not know who asks; no right helps, only a credential that it accepts".to_owned()
        }
        Stage::Mutate | Stage::Enforce => admission::why_none(refused),
        Stage::Authorize if authorization::slip(trace).is_some() => {
            "nothing grants what is not there: the question itself must change".to_owned()
        }
        Stage::Authorize | Stage::Impersonate | Stage::Escalate => {
            let user = trace.user.as_ref().map_or("it", |user| &user.name);
            format!("no role that could be given to {user} turns this: {} decides otherwise", refused.by)
        }
        Stage::Route | Stage::Decode | Stage::Validate | Stage::Store => {
            "this is no matter of rights: the request itself must change".to_owned()
        }
    }
}

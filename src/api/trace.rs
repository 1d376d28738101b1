//! What each stage found out about a request, in order.
//!
//! Verdict line, explanation, walkthrough and graph are renderings of this: the texts are for reading, the facts for
//! everything else.

use super::by::By;
use super::fact::{Fact, Refusal};
use super::info::RequestInfo;
use super::request::User;
use crate::json::Value;
use schemars::JsonSchema;
use serde::Serialize;

/// A stage of the pipeline, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// Who asks? 401.
    Authenticate,
    /// Whom do they act as? 403; 400 or 500 for broken headers.
    Impersonate,
    /// May they? 403.
    Authorize,
    /// Is there such a thing? 404, 405, 406.
    Route,
    /// Can the body be read? 400, 413, 415, 422.
    Decode,
    /// Plugins that change the write. 403, 500.
    Mutate,
    /// Do they hand out more than they hold? 403.
    Escalate,
    /// Is the object valid? 422.
    Validate,
    /// Plugins that refuse the write. 403, 422, or a webhook's own code.
    Enforce,
    /// Read or written. 404, 409.
    Store,
}

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Had nothing to say; the next one is asked.
    Skipped,
    /// Let through, or recognised.
    Passed,
    /// Let through, and changed the object.
    Changed,
    /// Refused.
    Refused,
}

impl Stage {
    /// The stage's name.
    pub fn name(self) -> &'static str {
        match self {
            Stage::Authenticate => "authenticate",
            Stage::Impersonate => "impersonate",
            Stage::Authorize => "authorize",
            Stage::Route => "route",
            Stage::Decode => "decode",
            Stage::Mutate => "mutate",
            Stage::Escalate => "escalate",
            Stage::Validate => "validate",
            Stage::Enforce => "enforce",
            Stage::Store => "store",
        }
    }
}

/// One check and what it said.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// In which stage.
    pub stage: Stage,
    /// Who checked: an authenticator, an authorizer, a plugin, a rule.
    pub by: By,
    /// How it came out.
    pub outcome: Outcome,
    /// What it said, in a few words.
    pub text: String,
    /// What is behind it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<Fact>,
}

impl Finding {
    /// A finding without facts.
    pub fn new(stage: Stage, by: By, outcome: Outcome, text: impl Into<String>) -> Finding {
        Finding { stage, by, outcome, text: text.into(), facts: Vec::new() }
    }

    /// Adds a fact.
    pub fn with(mut self, fact: Fact) -> Finding {
        self.facts.push(fact);
        self
    }

    /// A refusal, with its fact.
    pub fn refused(stage: Stage, by: By, refusal: &Refusal) -> Finding {
        Finding::new(stage, by, Outcome::Refused, refusal.status.message.clone())
            .with((*refusal.fact).clone())
    }
}

/// A request's way through the stages.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Trace {
    /// The request in the server's words.
    #[serde(skip)]
    pub info: RequestInfo,
    /// Who asked, once known; the impersonated user where there is one.
    pub user: Option<User>,
    /// Who really asked, where they act as somebody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub impersonator: Option<User>,
    /// The findings in order.
    pub findings: Vec<Finding>,
    /// Annotations of the audit event, by plugins and authorizers.
    #[serde(skip)]
    pub audit: Vec<(String, String)>,
    /// The object that was sent, for the audit log; only where there is an audit policy.
    #[serde(skip)]
    pub sent: Option<Value>,
}

impl Trace {
    /// Adds a finding.
    pub fn add(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// The finding that refused, if one did.
    pub fn refusal(&self) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.outcome == Outcome::Refused)
    }

    /// The finding that decided: the refusal, or the last one that let the request through.
    pub fn decisive(&self) -> Option<&Finding> {
        self.refusal().or_else(|| {
            self.findings.iter().rev().find(|f| f.stage == Stage::Authorize && f.outcome == Outcome::Passed)
        })
    }

    /// Whether the answer is as it is because of somebody: their finding decided, or they changed the object of a
    /// request that was let through.
    pub fn is_because_of(&self, who: &str) -> bool {
        let changed = |f: &Finding| f.by.name() == who && f.outcome == Outcome::Changed;
        self.decisive().is_some_and(|f| f.by.name() == who)
            || (self.refusal().is_none() && self.findings.iter().any(changed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(plugin: (Stage, Outcome)) -> Trace {
        let mut trace = Trace::default();
        trace.add(Finding::new(Stage::Authorize, By::Rbac, Outcome::Passed, ""));
        trace.add(Finding::new(Stage::Mutate, By::Plugin("LimitRanger"), Outcome::Changed, ""));
        trace.add(Finding::new(plugin.0, By::Plugin("ResourceQuota"), plugin.1, ""));
        trace
    }

    #[test]
    fn a_change_counts_where_the_request_was_let_through() {
        let through = trace((Stage::Enforce, Outcome::Passed));
        let who = ["RBAC", "LimitRanger", "ResourceQuota"];
        assert_eq!(who.map(|name| through.is_because_of(name)), [true, true, false]);
        let refused = trace((Stage::Enforce, Outcome::Refused));
        assert_eq!(who.map(|name| refused.is_because_of(name)), [false, false, true]);
    }
}

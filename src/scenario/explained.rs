//! A step explained: its requests, and what controllers were refused because of it.

use super::report::{Report, StepReport};
use crate::api::Version;
use crate::api::rbac::RoleRef;
use crate::bootstrap;
use crate::cluster::RequestReport;
use crate::explain::source::{Order, Places, Written};
use crate::explain::{Explanation, explain, text};
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt::Write;

/// What `explain --json` prints of a step, or of a question to a dump.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(crate) struct Explained {
    /// The release.
    pub version: String,
    /// The step's number; none for a question to a dump.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// The requests of the step, or the question.
    pub requests: Vec<Explanation>,
}

/// Explains a step's requests, and says where the rules are written: in a manifest, by which step, or with the server.
pub(crate) fn step(report: &Report, step: &StepReport, written: &[Written]) -> Vec<Explanation> {
    let version = report.version;
    let order = Order::of(written);
    let mut places = Places::of(written, &order);
    let mut place = |role: &RoleRef, namespace: &str, rule: usize| {
        let line = places.line(&role.kind, namespace, &role.name, rule);
        line.map(|line| line.to_string())
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
        explanation.locate(&mut place);
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
    role.kind == "ClusterRole" && bootstrap::is_cluster_role(version, &role.name)
}

/// A step's requests as text, each with its way through the stages.
pub(crate) fn in_words(step: &StepReport, explained: &[Explanation]) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", step.line.trim_end());
    if !step.who.is_empty() {
        let _ = writeln!(out, "  typed by {}", step.who);
    }
    for explanation in explained {
        let _ = writeln!(out);
        out.push_str(&text::request_text(explanation));
    }
    if let Some(output) = step.output.as_ref().filter(|_| step.requests.is_empty()) {
        let _ = writeln!(
            out,
            "no request was sent; exit code {}\n{}{}",
            output.exit, output.stdout, output.stderr
        );
    }
    out
}

//! Why: traces as text. Nothing is computed a second time for show; all of it stands in the trace.

use crate::api::{Dig, Finding, Outcome, Stage};
use crate::scenario::report::{RequestReport, StepReport, stage_name};
use serde_json::Value;
use std::fmt::Write;

/// A step's requests, each with its way through the stages.
pub fn step(step: &StepReport) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", step.line.trim_end());
    if !step.who.is_empty() {
        let _ = writeln!(out, "  typed by {}", step.who);
    }
    for request in &step.requests {
        let _ = writeln!(out);
        explain(&mut out, request);
    }
    if let Some(output) = step.output.as_ref().filter(|_| step.requests.is_empty()) {
        let _ = writeln!(out, "no request was sent; exit code {}\n{}{}", output.exit, output.stdout, output.stderr);
    }
    out
}

fn explain(out: &mut String, request: &RequestReport) {
    let reason = if request.reason.is_empty() { String::new() } else { format!(" {}", request.reason) };
    let _ = writeln!(out, "{} -> {}{reason}", request.request, request.code);
    if !request.message.is_empty() {
        let _ = writeln!(out, "  \"{}\"", request.message);
    }
    let _ = writeln!(out, "  {}", strip(request));
    if let Some(user) = &request.trace.user {
        let _ = writeln!(out, "  who: {} in groups {}", user.name, list(&user.groups));
        for (key, values) in &user.extra {
            let _ = writeln!(out, "       {key}: {}", values.join(", "));
        }
    }
    if let Some(real) = &request.trace.impersonator {
        let _ = writeln!(out, "       acting for {} in groups {}", real.name, list(&real.groups));
    }
    let info = &request.trace.info;
    if info.is_resource {
        let place = if info.namespace.is_empty() { "the whole cluster".to_owned() } else { format!("namespace {}", info.namespace) };
        let group = if info.group.is_empty() { "core".to_owned() } else { info.group.clone() };
        let name = if info.name.is_empty() { String::new() } else { format!(" named {}", info.name) };
        let _ = writeln!(out, "  wants: {} {}{name} of API group {group} in {place}", info.verb, info.full_resource());
    } else if !info.path.is_empty() {
        let _ = writeln!(out, "  wants: {} {}", info.verb, info.path);
    }
    for finding in &request.trace.findings {
        explain_finding(out, finding);
    }
}

/// The stages as one strip: passed ones, and the one that refused.
fn strip(request: &RequestReport) -> String {
    let mut stages: Vec<(Stage, bool)> = Vec::new();
    for finding in &request.trace.findings {
        let refused = finding.outcome == Outcome::Refused;
        match stages.last_mut() {
            Some((stage, no)) if *stage == finding.stage => *no |= refused,
            _ => stages.push((finding.stage, refused)),
        }
    }
    let texts: Vec<String> = stages
        .into_iter()
        .map(|(stage, refused)| format!("{} {}", stage_name(stage), if refused { "NO" } else { "ok" }))
        .collect();
    texts.join(" > ")
}

fn explain_finding(out: &mut String, finding: &Finding) {
    let said = match finding.outcome {
        Outcome::Skipped => "has nothing to say",
        Outcome::Passed => "lets it through",
        Outcome::Changed => "changes it",
        Outcome::Refused => "REFUSES",
    };
    let text = if finding.text.is_empty() { String::new() } else { format!(": {}", finding.text) };
    let _ = writeln!(out, "  {}: {} {said}{text}", stage_name(finding.stage), finding.by);
    evidence(out, &finding.evidence);
}

/// RBAC's evidence: the rule that allowed, or the nearest misses.
fn evidence(out: &mut String, evidence: &Value) {
    match evidence {
        Value::Null => {}
        Value::Object(map) => {
            for (key, value) in map.iter().filter(|(_, value)| !value.is_null()) {
                let _ = writeln!(out, "      {key}: {}", plain(value));
            }
        }
        other => {
            let _ = writeln!(out, "      {}", plain(other));
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other if other.at("").is_null() => String::new(),
        other => other.to_string(),
    }
}

fn list(words: &[String]) -> String {
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

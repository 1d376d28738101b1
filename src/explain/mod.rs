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
        let _ = writeln!(
            out,
            "no request was sent; exit code {}\n{}{}",
            output.exit, output.stdout, output.stderr
        );
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
        let place = if info.namespace.is_empty() {
            "the whole cluster".to_owned()
        } else {
            format!("namespace {}", info.namespace)
        };
        let group = if info.group.is_empty() { "core".to_owned() } else { info.group.clone() };
        let name = if info.name.is_empty() { String::new() } else { format!(" named {}", info.name) };
        let _ = writeln!(
            out,
            "  wants: {} {}{name} of API group {group} in {place}",
            info.verb,
            info.full_resource()
        );
    } else if !info.path.is_empty() {
        let _ = writeln!(out, "  wants: {} {}", info.verb, info.path);
    }
    for finding in &request.trace.findings {
        explain_finding(out, finding, request);
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

fn explain_finding(out: &mut String, finding: &Finding, request: &RequestReport) {
    let said = match finding.outcome {
        Outcome::Skipped => "has nothing to say",
        Outcome::Passed => "lets it through",
        Outcome::Changed => "changes it",
        Outcome::Refused => "REFUSES",
    };
    let text = if finding.text.is_empty() { String::new() } else { format!(": {}", finding.text) };
    let _ = writeln!(out, "  {}: {} {said}{text}", stage_name(finding.stage), finding.by);
    evidence(out, finding, request);
}

/// The facts behind a finding: the rule that allowed, or what came nearest.
fn evidence(out: &mut String, finding: &Finding, request: &RequestReport) {
    let evidence = &finding.evidence;
    if evidence.has("allowed") {
        let grounds = evidence.at("allowed");
        let _ = writeln!(out, "      by {}", granted(grounds));
        if grounds.has("rule") {
            let number = grounds.at("rule.0").as_u64().unwrap_or_default() + 1;
            let _ = writeln!(out, "      rule {number}: {}", rule(grounds.at("rule.1")));
        }
    }
    let nearest = evidence.list("nearest");
    if !nearest.is_empty() {
        let _ = writeln!(out, "      no binding gives it this; the nearest are:");
    } else if finding.stage == Stage::Authorize && finding.outcome == Outcome::Refused {
        let _ = writeln!(out, "      no binding comes near");
    }
    for miss in nearest {
        let _ = writeln!(out, "      - {}", granted(miss));
        for why in miss.list("why") {
            let _ = writeln!(out, "          {}", missed(why, miss, request));
        }
    }
}

/// A binding, its subject and its role.
fn granted(grounds: &Value) -> String {
    let place = match grounds.text("namespace") {
        "" => String::new(),
        namespace => format!("{namespace}/"),
    };
    let subject = match grounds.at("subject") {
        Value::Null => "others".to_owned(),
        subject => {
            format!("{} {}{}", subject.text("kind"), prefix(subject.text("namespace")), subject.text("name"))
        }
    };
    let role = grounds.at("role");
    format!(
        "{} {place}{}: {} {} to {subject}",
        grounds.text("kind"),
        grounds.text("binding"),
        role.text("kind"),
        role.text("name")
    )
}

fn prefix(namespace: &str) -> String {
    if namespace.is_empty() { String::new() } else { format!("{namespace}/") }
}

/// Why a binding does not allow a request.
fn missed(why: &Value, miss: &Value, request: &RequestReport) -> String {
    let info = &request.trace.info;
    let rule = miss.at("rule.1");
    let words = |field: &str| {
        let list: Vec<&str> = rule.list(field).iter().filter_map(Value::as_str).collect();
        list.iter().map(|word| if word.is_empty() { "\"\"" } else { word }).collect::<Vec<_>>().join(", ")
    };
    match (why.as_str(), why.text("rule")) {
        (Some("roleMissing"), _) => "subject: yes, but the role does not exist".to_owned(),
        (Some("roleEmpty"), _) => "the role has no rules".to_owned(),
        (Some("subject"), _) => "subject: somebody else".to_owned(),
        (Some("namespace"), _) => format!("namespace: another one than {}", info.namespace),
        (_, "verbs") => format!("verb: its nearest rule allows {}, not {}", words("verbs"), info.verb),
        (_, "apiGroups") => {
            format!("API group: its nearest rule is for {}, not \"{}\"", words("apiGroups"), info.group)
        }
        (_, "resources") => {
            format!("resource: its nearest rule is for {}, not {}", words("resources"), info.full_resource())
        }
        (_, "resourceNames") => format!("name: its nearest rule is for {} only", words("resourceNames")),
        (_, "nonResourceURLs") => {
            format!("path: its nearest rule is for {}, not {}", words("nonResourceURLs"), info.path)
        }
        _ => why.to_string(),
    }
}

/// A rule in one line.
fn rule(rule: &Value) -> String {
    let mut parts = Vec::new();
    for (field, label) in [
        ("verbs", "verbs"),
        ("apiGroups", "of groups"),
        ("resources", "on"),
        ("resourceNames", "named"),
        ("nonResourceURLs", "on paths"),
    ] {
        let words: Vec<&str> = rule.list(field).iter().filter_map(Value::as_str).collect();
        if !words.is_empty() {
            parts.push(format!(
                "{label} [{}]",
                words.iter().map(|w| if w.is_empty() { "\"\"" } else { w }).collect::<Vec<_>>().join(", ")
            ));
        }
    }
    parts.join(" ")
}

fn list(words: &[String]) -> String {
    if words.is_empty() { "none".to_owned() } else { words.join(", ") }
}

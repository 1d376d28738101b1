//! PodSecurity: pods keep to the Pod Security Standard that their namespace asks for
//! (`plugin/pkg/admission/security/podsecurity`, `k8s.io/pod-security-admission`).
//!
//! A pod that violates what the namespace enforces is refused; of the two other modes the audit event and the client
//! hear. Of what only makes pods later (a deployment's template) nothing is refused.
//! On by default since 1.23; in 1.22 behind the gate `PodSecurity`; before, the labels mean nothing.

pub(crate) mod checks;
mod namespace;
pub(crate) mod policy;
mod settings;

pub(crate) use settings::Settings;

use super::{Cx, Operation, Outcome, Review, Run, Verdict};
use crate::api::differences::{NO_SECCOMP_ANNOTATIONS, NO_SECCOMP_POD_ANNOTATION};
use crate::api::{Dig, Errors, Fact, Refusal, Status};
use crate::json::Value;
use checks::{Pod, Violation};
use policy::{LABELS, Level, LevelVersion, Policy};

/// The plugin's name.
pub(crate) const NAME: &str = "PodSecurity";

/// What the plugin does.
pub(crate) const RUN: Run = Run {
    sees: |cx, review| review.writes() && concerns(review) && cx.config.feature(NAME),
    validate: Some(validate),
    ..Run::NOTHING
};

/// What makes pods, and where their template is.
const WORKLOADS: [(&str, &str, &str); 8] = [
    ("", "replicationcontrollers", "spec.template"),
    ("", "podtemplates", "template"),
    ("apps", "replicasets", "spec.template"),
    ("apps", "deployments", "spec.template"),
    ("apps", "statefulsets", "spec.template"),
    ("apps", "daemonsets", "spec.template"),
    ("batch", "jobs", "spec.template"),
    ("batch", "cronjobs", "spec.jobTemplate.spec.template"),
];

/// Whether a write is about pods, what makes them, or the namespace that says what they may be.
fn concerns(review: &Review) -> bool {
    let row = &review.resource;
    row.group.is_empty() && matches!(&*row.name, "namespaces" | "pods")
        || WORKLOADS.iter().any(|(group, name, _)| (*group, *name) == (&*row.group, &*row.name))
}

/// Subresources of pods that carry no pod, or nothing of it that matters here.
const IGNORED: [&str; 8] = ["exec", "attach", "binding", "eviction", "log", "portforward", "proxy", "status"];

/// Refuses what the namespace's level forbids, and tells of what its other levels would.
pub(crate) fn validate(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let settings = Settings::read(cx.version, cx.plugins.configuration(NAME)).map_err(Status::internal)?;
    if review.is("", "namespaces") {
        return namespace::validate(cx, &settings, review);
    }
    let row = &review.resource;
    if row.group.is_empty() && &*row.name == "pods" && !IGNORED.contains(&&*row.subresource) {
        return validate_pod(cx, &settings, review);
    }
    match WORKLOADS.iter().find(|(group, name, _)| review.is(group, name)) {
        Some((_, _, template)) => validate_workload(cx, &settings, review, template),
        None => Ok(Verdict::Skipped),
    }
}

fn validate_pod(cx: &Cx<'_>, settings: &Settings, review: &mut Review) -> Outcome {
    if let Some(verdict) = exempt(settings, review) {
        return Ok(verdict);
    }
    let (policy, errors) = policy_of(cx, settings, review)?;
    if errors.is_empty() && policy.is_fully_privileged() {
        note(review, "enforce-policy", policy.enforce);
        return Ok(Verdict::Passed("the namespace asks for nothing".to_owned()));
    }
    let old = review.old.as_deref().filter(|_| review.operation == Operation::Update);
    if old.is_some_and(|old| !is_significant(cx, &review.object, old)) {
        return Ok(Verdict::Passed("nothing changes that is checked".to_owned()));
    }
    let object = std::mem::take(&mut review.object);
    let outcome = judge(cx, settings, review, &object, (&policy, &errors), true);
    review.object = object;
    outcome
}

fn validate_workload(cx: &Cx<'_>, settings: &Settings, review: &mut Review, template: &str) -> Outcome {
    if let Some(verdict) = exempt(settings, review) {
        return Ok(verdict);
    }
    let Ok((policy, errors)) = policy_of(cx, settings, review) else {
        let name = review.namespace().to_owned();
        let error = format!("failed to lookup namespace \"{name}\": namespaces \"{name}\" not found");
        note(review, "error", error);
        return Ok(Verdict::Passed("the namespace isn't there".to_owned()));
    };
    if errors.is_empty() && [policy.warn, policy.audit].iter().all(|at| at.level == Level::Privileged) {
        return Ok(Verdict::Passed("the namespace asks for no warning".to_owned()));
    }
    let template = review.object.at(template).clone();
    match template.is_null() {
        true => Ok(Verdict::Passed("it has no pod template".to_owned())),
        false => judge(cx, settings, review, &template, (&policy, &errors), false),
    }
}

/// What an exempt namespace or user does is not looked at.
fn exempt(settings: &Settings, review: &mut Review) -> Option<Verdict> {
    let in_list = |list: &[String], name: &str| list.iter().any(|exempt| exempt == name);
    let who = if in_list(&settings.exempt.namespaces, review.namespace()) {
        "namespace"
    } else if in_list(&settings.exempt.usernames, &review.user.name) {
        "user"
    } else {
        return None;
    };
    note(review, "exempt", who);
    Some(Verdict::Passed(format!("the {who} is exempt")))
}

/// Whether a pod's runtime class is exempt.
fn is_exempt_class(settings: &Settings, spec: &Value) -> bool {
    let class = spec.text("runtimeClassName");
    settings.exempt.runtime_classes.iter().any(|exempt| exempt == class)
}

fn policy_of(cx: &Cx<'_>, settings: &Settings, review: &Review) -> Result<(Policy, Errors), Status> {
    let name = review.namespace();
    match cx.find("namespaces", "", name) {
        Some(namespace) => Ok(Policy::of(&namespace, settings.defaults, cx.version)),
        None => Err(Status::internal(format!("failed to lookup namespace \"{name}\""))),
    }
}

/// Holds a pod, or a template of one, against the levels of the three modes (`EvaluatePod`).
fn judge(
    cx: &Cx<'_>,
    settings: &Settings,
    review: &mut Review,
    object: &Value,
    (policy, errors): (&Policy, &Errors),
    enforces: bool,
) -> Outcome {
    if is_exempt_class(settings, object.at("spec")) {
        note(review, "exempt", "runtimeClass");
        return Ok(Verdict::Passed("the runtime class is exempt".to_owned()));
    }
    if !errors.is_empty() {
        note(review, "error", format!("Failed to parse policy: {}", errors.summary()));
    }
    let pod = pod(cx, object);
    let violations = |at: LevelVersion| checks::evaluate(at, &pod);
    let told = |at: LevelVersion, violations: &[Violation]| {
        (!violations.is_empty()).then(|| format!("PodSecurity \"{at}\": {}", checks::details(violations)))
    };
    let violated = |at: LevelVersion| told(at, &violations(at)).map(|text| format!("violate {text}"));
    if enforces {
        note(review, "enforce-policy", policy.enforce);
    }
    if let Some(text) = violated(policy.audit) {
        note(review, "audit-violations", format!("would {text}"));
    }
    let broken = if enforces { violations(policy.enforce) } else { Vec::new() };
    if let Some(text) = told(policy.enforce, &broken) {
        // The name may be generated already although the request has none.
        let name = if review.name.is_empty() { object.name() } else { &review.name };
        let status = Status::forbidden(&review.group_resource(), name, format!("violates {text}"));
        return Err(Refusal::new(status, fact(review.namespace(), policy.enforce, broken)).into());
    }
    if let Some(text) = violated(policy.warn) {
        review.warnings.push(format!("would {text}"));
        return Ok(Verdict::Passed(format!("it would {text}")));
    }
    let at = if enforces { policy.enforce } else { policy.warn };
    Ok(Verdict::Passed(format!("it keeps to {at}")))
}

fn fact(namespace: &str, at: LevelVersion, violations: Vec<Violation>) -> Fact {
    let violation = |violation: Violation| crate::api::fact::Violation {
        reason: violation.reason.to_owned(),
        detail: violation.detail,
    };
    Fact::PodSecurity {
        namespace: namespace.to_owned(),
        level: at.level.name().to_owned(),
        version: at.version.to_string(),
        violations: violations.into_iter().map(violation).collect(),
    }
}

fn pod<'a>(cx: &Cx<'_>, object: &'a Value) -> Pod<'a> {
    Pod {
        metadata: object.at("metadata"),
        spec: object.at("spec"),
        server: cx.version,
        user_namespaces_gate: cx.config.feature("UserNamespacesPodSecurityStandards"),
    }
}

/// Adds an annotation to the audit event.
fn note(review: &mut Review, key: &str, text: impl ToString) {
    review.audit.push((format!("{LABELS}{key}"), text.to_string()));
}

/// Whether an update changes what the checks look at (`isSignificantPodUpdate`): images, containers that are new, and
/// the seccomp annotations of old.
fn is_significant(cx: &Cx<'_>, new: &Value, old: &Value) -> bool {
    let annotation =
        |key: &str| new.annotation(key).unwrap_or_default() != old.annotation(key).unwrap_or_default();
    let changed = |new: &Value, old: &Value| {
        let key = format!("container.seccomp.security.alpha.kubernetes.io/{}", new.text("name"));
        new.text("image") != old.text("image")
            || (!cx.version.has(NO_SECCOMP_ANNOTATIONS) && annotation(&key))
    };
    let differ = |list: &str| {
        let (new, old) = (new.list(list), old.list(list));
        new.len() != old.len() || new.iter().zip(old).any(|(new, old)| changed(new, old))
    };
    let ephemeral = |container: &Value| {
        let mut known = old.list("spec.ephemeralContainers").iter();
        let same = known.find(|old| old.text("name") == container.text("name"));
        same.is_none_or(|old| changed(container, old))
    };
    (!cx.version.has(NO_SECCOMP_POD_ANNOTATION) && annotation("seccomp.security.alpha.kubernetes.io/pod"))
        || differ("spec.containers")
        || differ("spec.initContainers")
        || new.list("spec.ephemeralContainers").iter().any(ephemeral)
}

#[cfg(test)]
mod tests;

//! ServiceAccount: every pod runs as an account of its namespace, and gets that account's token and pull secrets
//! (`plugin/pkg/admission/serviceaccount`).
//!
//! An account `default` that is not there yet is waited for: its controller makes one for every new namespace.

mod mount;
mod secrets;

use super::{Cx, Operation, Outcome, Review, Run, Stop, Verdict, absent, created_pods};
use crate::api::Dig;
use crate::api::differences::EPHEMERAL_SECRETS;
use crate::json::Value;
use crate::kinds::pod::references;
use std::sync::Arc;
use std::time::Duration;

/// What the plugin does.
pub(super) const RUN: Run = Run { sees, admit: Some(admit), validate: Some(validate) };

/// The annotation of a pod that a kubelet mirrors from a file.
const MIRROR: &str = "kubernetes.io/config.mirror";

/// How often a missing account is looked up; others than `default` nobody makes by himself.
const LOOKS_AT_DEFAULT: u32 = 10;

/// How long it is between two looks, and how much longer by chance, in milliseconds.
const INTERVAL: (u64, u32) = (100, 100);

fn sees(cx: &Cx<'_>, review: &Review) -> bool {
    let ephemeral = review.is_subresource("", "pods", "ephemeralcontainers")
        && review.operation == Operation::Update
        && cx.version.has(EPHEMERAL_SECRETS);
    created_pods(cx, review) || ephemeral
}

fn admit(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    if review.operation != Operation::Create {
        return Ok(Verdict::Skipped);
    }
    // A kubelet deletes a mirror pod whose spec isn't its file's.
    if review.object.annotation(MIRROR).is_some() {
        return validate(cx, review);
    }
    if review.object.text("spec.serviceAccountName").is_empty() {
        review.object.set("spec.serviceAccountName", "default");
    }
    let name = review.object.text("spec.serviceAccountName").to_owned();
    // The field of old always says the same.
    review.object.set("spec.serviceAccount", name.as_str());
    let waited = cx.answers.paused();
    let account = account(cx, review)?;
    let mut done = vec![format!("it runs as {}/{name}", review.namespace())];
    if waited {
        done.push("it waited for that account to be made".to_owned());
    }
    if automounts(&account, &review.object) {
        done.extend(mount::mount(cx, &account, &mut review.object)?);
    }
    let pull = account.list("imagePullSecrets");
    if review.object.list("spec.imagePullSecrets").is_empty() && !pull.is_empty() {
        review.object.set("spec.imagePullSecrets", pull.to_vec());
        done.push("it gets the account's pull secrets".to_owned());
    }
    validate(cx, review)?;
    Ok(Verdict::Changed(done.join("; ")))
}

fn validate(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let ephemeral = review.operation == Operation::Update;
    if !ephemeral && review.object.annotation(MIRROR).is_some() {
        return mirror(review);
    }
    if review.object.text("spec.serviceAccountName").is_empty() {
        let pod = format!("{}/{}", review.namespace(), review.object.name());
        return Err(review.forbidden(format!("no service account specified for pod {pod}")));
    }
    let account = account(cx, review)?;
    let broken = match (enforces_mountable_secrets(&account), ephemeral) {
        (false, _) => None,
        (true, false) => secrets::of_pod(cx.version, &account, &review.object),
        (true, true) => secrets::of_ephemeral_containers(&account, &review.object),
    };
    match broken {
        Some(why) => Err(review.forbidden(why)),
        None => Ok(Verdict::Passed(format!("account {} is there", account.name()))),
    }
}

fn mirror(review: &Review) -> Outcome {
    let pod = &review.object;
    let sources = pod.list("spec.volumes").iter().flat_map(|volume| volume.list("projected.sources"));
    let why = if !pod.text("spec.serviceAccountName").is_empty() {
        "a mirror pod may not reference service accounts"
    } else if !references::secrets(pod).is_empty() {
        "a mirror pod may not reference secrets"
    } else if sources.clone().any(|source| source.has("serviceAccountToken")) {
        "a mirror pod may not use ServiceAccountToken volume projections"
    } else {
        return Ok(Verdict::Passed("a mirror pod keeps its spec".to_owned()));
    };
    Err(review.forbidden(why))
}

/// The pod's account (`getServiceAccount`).
fn account(cx: &mut Cx<'_>, review: &Review) -> Result<Arc<Value>, Stop> {
    let name = review.object.text("spec.serviceAccountName");
    let namespace = review.namespace();
    if let Some(account) = cx.find("serviceaccounts", namespace, name) {
        return Ok(account);
    }
    let (at_least, more) = INTERVAL;
    let interval = Duration::from_millis(at_least + u64::from(cx.delays.below(more)));
    let looks = if name == "default" { LOOKS_AT_DEFAULT } else { 1 };
    for _ in 1..looks {
        cx.answers.pause(interval)?;
    }
    let fact = absent("ServiceAccount", namespace, name, cx.live.list("serviceaccounts", namespace));
    let why =
        format!("error looking up service account {namespace}/{name}: serviceaccount \"{name}\" not found");
    Err(review.refusal(fact, why).into())
}

/// The pod's own word counts before the account's; without either the token is mounted.
fn automounts(account: &Value, pod: &Value) -> bool {
    let says = |object: &Value, path: &str| object.at(path).as_bool();
    says(pod, "spec.automountServiceAccountToken")
        .or_else(|| says(account, "automountServiceAccountToken"))
        .unwrap_or(true)
}

fn enforces_mountable_secrets(account: &Value) -> bool {
    matches!(
        account.annotation("kubernetes.io/enforce-mountable-secrets"),
        Some("1" | "t" | "T" | "true" | "TRUE" | "True")
    )
}

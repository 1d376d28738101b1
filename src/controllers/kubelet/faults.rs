//! Why a container cannot be made: `CreateContainerConfigError` (`makeEnvironmentVariables` in
//! `pkg/kubelet/kubelet_pods.go`, `startContainer` in `pkg/kubelet/kuberuntime`).
//!
//! A container whose variables come from a secret or config map that isn't there, or from a key that isn't in it, waits;
//! the pod's other containers run. Init containers go one after the other, so the first that waits holds up all that
//! follows.
//!
//! Differs from Kubernetes: it is tried again as soon as the object changes, and besides after ten seconds, then ever more
//! seldom, at most every five minutes. A kubelet goes on every ten seconds or so, and its recorder holds events back.

use super::super::Cx;
use super::sources::{self, OfVariables};
use crate::api::Dig;
use crate::json::Value;

/// The reason that the container's state names.
pub(super) const REASON: &str = "CreateContainerConfigError";

/// A container that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Its name.
    pub(super) container: String,
    /// What it lacks.
    pub(super) message: String,
}

/// The containers that cannot be made: the first of the init containers, or any of the others.
pub(super) fn of(cx: &Cx<'_>, pod: &Value) -> Vec<Fault> {
    let fault = |container: &Value| {
        let message = sources::of_variables(container).find_map(|source| lacks(cx, pod, source))?;
        Some(Fault { container: container.text("name").to_owned(), message })
    };
    match pod.list("spec.initContainers").iter().find_map(fault) {
        Some(first) => vec![first],
        None => pod.list("spec.containers").iter().filter_map(fault).collect(),
    }
}

/// Whether a pod's state says so already, of each of them.
pub(super) fn are_told(pod: &Value, faults: &[Fault]) -> bool {
    let told = ["status.initContainerStatuses", "status.containerStatuses"]
        .into_iter()
        .flat_map(|list| pod.list(list))
        .filter(|status| status.text("state.waiting.reason") == REASON)
        .map(|status| (status.text("name"), status.text("state.waiting.message")));
    told.eq(faults.iter().map(|fault| (fault.container.as_str(), fault.message.as_str())))
}

/// What is wrong with one source, in the kubelet's words.
fn lacks(cx: &Cx<'_>, pod: &Value, source: OfVariables<'_>) -> Option<String> {
    let OfVariables { kind, name, key, optional } = source;
    let low = kind.to_lowercase();
    let held = cx.mounts.get(&(pod.uid().to_owned(), source.place()));
    let Some(held) = held.filter(|held| !is_missing(held)) else {
        return (!optional).then(|| format!("{low} \"{name}\" not found"));
    };
    if is_refusal(held) {
        return Some(format!("failed to sync {low} cache: timed out waiting for the condition"));
    }
    let key = key.filter(|key| held.at("data").get(key).is_none())?;
    (!optional).then(|| format!("couldn't find key {key} in {kind} {}/{name}", pod.namespace()))
}

/// Whether what was answered is a refusal.
pub(super) fn is_refusal(held: &Value) -> bool {
    held.text("kind") == "Status"
}

/// Whether what was answered is that there is no such object.
pub(super) fn is_missing(held: &Value) -> bool {
    is_refusal(held) && held.at("code").as_i64() == Some(404)
}

//! What validation lets pass for the sake of objects that are stored already (`PodValidationOptions`).

use crate::api::value::Dig;
use crate::json::Value;

/// Which checks a spec escapes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    /// The spec is a pod's own, not a template's.
    pub is_pod: bool,
    /// Kernel settings may touch a namespace that is shared with the host.
    pub host_sysctls: bool,
}

impl Options {
    /// The options of a pod, given what is stored.
    pub(crate) fn pod(old: Option<&Value>) -> Options {
        Options { is_pod: true, host_sysctls: old.is_some_and(has_host_sysctls) }
    }

    /// The options of a template.
    pub(crate) fn template(old: Option<&Value>) -> Options {
        Options { is_pod: false, ..Options::pod(old) }
    }
}

fn has_host_sysctls(pod: &Value) -> bool {
    let shared = pod.flag("spec.hostNetwork") || pod.flag("spec.hostIPC");
    shared && !pod.list("spec.securityContext.sysctls").is_empty()
}

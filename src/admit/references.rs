//! Whether a pod refers to anything (`pkg/api/pod.VisitPodSecretNames`, `VisitPodConfigmapNames`).

use crate::kinds::pod::references;
use serde_json::Value;

pub(super) use references::containers;

/// Whether a pod names any secret.
pub(super) fn names_secrets(pod: &Value) -> bool {
    !references::secrets(pod).is_empty()
}

/// Whether a pod names any configmap.
pub(super) fn names_config_maps(pod: &Value) -> bool {
    !references::config_maps(pod).is_empty()
}

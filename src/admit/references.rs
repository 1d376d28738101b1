//! What a pod refers to (`pkg/api/pod.VisitPodSecretNames`, `VisitPodConfigmapNames`).

use crate::api::Dig;
use serde_json::Value;

/// The lists of containers.
const CONTAINERS: [&str; 3] = [
    "spec.initContainers",
    "spec.containers",
    "spec.ephemeralContainers",
];

/// Volume fields that name a secret.
const SECRET_VOLUMES: [&str; 10] = [
    "azureFile.secretName",
    "cephfs.secretRef",
    "cinder.secretRef",
    "csi.nodePublishSecretRef",
    "flexVolume.secretRef",
    "iscsi.secretRef",
    "rbd.secretRef",
    "scaleIO.secretRef",
    "secret",
    "storageos.secretRef",
];

/// All containers of a pod, init and ephemeral ones included.
pub(super) fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    CONTAINERS.iter().flat_map(move |list| pod.list(list))
}

/// Whether a pod names any secret.
pub(super) fn names_secrets(pod: &Value) -> bool {
    !pod.list("spec.imagePullSecrets").is_empty()
        || names(pod, &SECRET_VOLUMES, "secret", "secretKeyRef", "secretRef")
}

/// Whether a pod names any configmap.
pub(super) fn names_config_maps(pod: &Value) -> bool {
    names(
        pod,
        &["configMap"],
        "configMap",
        "configMapKeyRef",
        "configMapRef",
    )
}

fn names(pod: &Value, volumes: &[&str], source: &str, env: &str, env_from: &str) -> bool {
    let by_volume = |volume: &Value| {
        let sources = volume.list("projected.sources");
        volumes.iter().any(|field| volume.has(field)) || sources.iter().any(|projected| projected.has(source))
    };
    let by_container = |container: &Value| {
        let by_env = |variable: &Value| variable.at("valueFrom").has(env);
        container.list("env").iter().any(by_env)
            || container.list("envFrom").iter().any(|from| from.has(env_from))
    };
    pod.list("spec.volumes").iter().any(by_volume) || containers(pod).any(by_container)
}

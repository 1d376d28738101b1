//! What a pod, or a volume, refers to (`pkg/api/v1/pod.VisitPodSecretNames`, `pkg/api/v1/persistentvolume`).

use super::lists;
use crate::api::Dig;
use crate::json::Value;

/// Fields of a pod's volume that name a secret of the pod's namespace.
const SECRETS_OF_POD_VOLUMES: [&str; 10] = [
    "azureFile.secretName",
    "cephfs.secretRef.name",
    "cinder.secretRef.name",
    "csi.nodePublishSecretRef.name",
    "flexVolume.secretRef.name",
    "iscsi.secretRef.name",
    "rbd.secretRef.name",
    "scaleIO.secretRef.name",
    "secret.secretName",
    "storageos.secretRef.name",
];

/// Fields of a persistent volume that name a secret which kubelets read, and its namespace.
const SECRETS_OF_VOLUMES: [(&str, &str); 11] = [
    ("azureFile.secretName", "azureFile.secretNamespace"),
    ("cephfs.secretRef.name", "cephfs.secretRef.namespace"),
    ("cinder.secretRef.name", "cinder.secretRef.namespace"),
    ("csi.nodeExpandSecretRef.name", "csi.nodeExpandSecretRef.namespace"),
    ("csi.nodePublishSecretRef.name", "csi.nodePublishSecretRef.namespace"),
    ("csi.nodeStageSecretRef.name", "csi.nodeStageSecretRef.namespace"),
    ("flexVolume.secretRef.name", "flexVolume.secretRef.namespace"),
    ("iscsi.secretRef.name", "iscsi.secretRef.namespace"),
    ("rbd.secretRef.name", "rbd.secretRef.namespace"),
    ("scaleIO.secretRef.name", "scaleIO.secretRef.namespace"),
    ("storageos.secretRef.name", "storageos.secretRef.namespace"),
];

/// All containers of a pod, init and ephemeral ones included.
pub(crate) fn containers(pod: &Value) -> impl Iterator<Item = &Value> {
    lists::containers(pod.at("spec"))
}

/// The names of the secrets that a pod refers to.
pub(crate) fn secrets(pod: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = pod.list("spec.imagePullSecrets").iter().map(|one| one.text("name")).collect();
    names.extend(named(pod, &SECRETS_OF_POD_VOLUMES, "secret.name", "secretKeyRef.name", "secretRef.name"));
    names
}

/// The names of the config maps that a pod refers to.
pub(crate) fn config_maps(pod: &Value) -> Vec<&str> {
    named(pod, &["configMap.name"], "configMap.name", "configMapKeyRef.name", "configMapRef.name")
}

fn named<'p>(pod: &'p Value, volumes: &[&str], source: &str, env: &str, env_from: &str) -> Vec<&'p str> {
    let mut names = Vec::new();
    let mut add = |at: &'p Value, path: &str| names.extend(at.at(path).as_str());
    for volume in pod.list("spec.volumes") {
        volumes.iter().for_each(|path| add(volume, path));
        volume.list("projected.sources").iter().for_each(|projected| add(projected, source));
    }
    for container in containers(pod) {
        container.list("env").iter().for_each(|variable| add(variable.at("valueFrom"), env));
        container.list("envFrom").iter().for_each(|from| add(from, env_from));
    }
    names
}

/// The claims that a pod mounts; an ephemeral volume's is named after pod and volume.
pub(crate) fn claims(pod: &Value) -> Vec<String> {
    let of_volume = |volume: &Value| match volume.has("ephemeral") {
        true => Some(format!("{}-{}", pod.name(), volume.text("name"))),
        false => volume.at("persistentVolumeClaim.claimName").as_str().map(str::to_owned),
    };
    pod.list("spec.volumes").iter().filter_map(of_volume).collect()
}

/// The resource claims that a pod uses: named in its spec, or made for it and named in its status.
pub(crate) fn resource_claims(pod: &Value) -> Vec<&str> {
    let direct = pod.list("spec.resourceClaims").iter().map(|claim| match claim.has("resourceClaimName") {
        true => claim.text("resourceClaimName"),
        false => claim.text("source.resourceClaimName"),
    });
    let made = pod.list("status.resourceClaimStatuses").iter().map(|claim| claim.text("resourceClaimName"));
    let extended = pod.text("status.extendedResourceClaimStatus.resourceClaimName");
    direct.chain(made).chain([extended]).filter(|name| !name.is_empty()).collect()
}

/// Namespace and name of the secrets that kubelets read for a persistent volume.
pub(crate) fn volume_secrets(volume: &Value) -> Vec<(&str, &str)> {
    let spec = volume.at("spec");
    let of = |(name, namespace): &(&str, &str)| {
        let name = spec.at(name).as_str().filter(|name| !name.is_empty())?;
        let own = spec.text(namespace);
        Some((if own.is_empty() { spec.text("claimRef.namespace") } else { own }, name))
    };
    SECRETS_OF_VOLUMES.iter().filter_map(of).collect()
}

//! Storage comes through claims, drivers and the API only.

use super::words::{join_quote, plural};
use super::*;
use crate::api::differences::IMAGE_VOLUMES_RESTRICTED;
use std::collections::BTreeSet;

pub(super) const CHECK: Check = Check {
    id: "restrictedVolumes",
    level: Level::Restricted,
    versions: &[since(0, since_1_0).overriding(host_path_volumes::CHECK.id)],
};

const ALLOWED: [&str; 8] = [
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

const RESTRICTED: [&str; 21] = [
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "gitRepo",
    "nfs",
    "iscsi",
    "glusterfs",
    "rbd",
    "flexVolume",
    "cinder",
    "cephfs",
    "flocker",
    "fc",
    "azureFile",
    "vsphereVolume",
    "quobyte",
    "azureDisk",
    "photonPersistentDisk",
    "portworxVolume",
    "scaleIO",
    "storageos",
];

fn since_1_0(pod: &Pod<'_>) -> Option<Violation> {
    let is_allowed = |volume: &Value| {
        let image = volume.has("image") && pod.server.has(IMAGE_VOLUMES_RESTRICTED);
        image || ALLOWED.iter().any(|kind| volume.has(kind))
    };
    let bad = || pod.spec.list("volumes").iter().filter(|volume| !is_allowed(volume));
    let names: Vec<&str> = bad().map(|volume| volume.text("name")).collect();
    if names.is_empty() {
        return None;
    }
    let kind = |volume: &Value| RESTRICTED.into_iter().find(|kind| volume.has(kind)).unwrap_or("unknown");
    let kinds: BTreeSet<&str> = bad().map(kind).collect();
    let volumes = plural("volume", "volumes", names.len());
    let uses = plural("uses", "use", names.len());
    let types = plural("restricted volume type", "restricted volume types", kinds.len());
    let detail = format!("{volumes} {} {uses} {types} {}", join_quote(names), join_quote(kinds));
    Violation::new("restricted volume types", detail)
}

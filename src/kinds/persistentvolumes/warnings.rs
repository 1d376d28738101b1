//! What a client is warned of when it writes a persistent volume (`pkg/api/persistentvolume/util.go`).

use super::validate::SOURCES;
use crate::api::differences::VOLUMES_WARNED_OF;
use crate::api::{Dig, Version};
use crate::json::Value;
use crate::kinds::When;
use crate::kinds::parts::quantities::quantity;

const ANNOTATIONS: [(&str, &str, &str); 2] = [
    ("volume.beta.kubernetes.io/storage-class", "v1.8", "storageClassName"),
    ("volume.beta.kubernetes.io/mount-options", "v1.31", "mountOptions"),
];

/// Since when plugins are deprecated, and since when they are gone.
const DEPRECATED: [(&str, &str, &str); 6] = [
    ("cephfs", "v1.28", "v1.31"),
    ("photonPersistentDisk", "v1.11", "v1.16"),
    ("scaleIO", "v1.16", "v1.22"),
    ("storageos", "v1.22", "v1.25"),
    ("glusterfs", "v1.25", "v1.26"),
    ("rbd", "v1.28", "v1.31"),
];

pub(super) fn warn(volume: &Value, when: When<'_>, version: Version) -> Vec<String> {
    if when == When::Arrived || !version.has(VOLUMES_WARNED_OF) {
        return Vec::new();
    }
    let mut warnings = Vec::new();
    for (key, since, field) in ANNOTATIONS {
        if volume.annotation(key).is_some() {
            warnings.push(format!(
                "metadata.annotations[{key}]: deprecated since {since}; use \"{field}\" attribute instead"
            ));
        }
    }
    if volume.text("spec.persistentVolumeReclaimPolicy") == "Recycle" {
        warnings.push(
            "spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended \
             approach is to use dynamic provisioning."
                .to_owned(),
        );
    }
    let source = SOURCES.iter().find(|(key, _)| volume.at("spec").has(key));
    if let Some((key, since, gone)) =
        DEPRECATED.iter().find(|(of, ..)| source.is_some_and(|(key, _)| key == of))
    {
        warnings.push(format!("spec.{key}: deprecated in {since}, non-functional in {gone}+"));
    }
    let amount = volume.at("spec.capacity.storage");
    if quantity(amount).is_some_and(|amount| amount.milli_value() % 1000 != 0) {
        warnings.push(format!(
            "spec.capacity[storage]: fractional byte value \"{}\" is invalid, must be an integer",
            amount.shown()
        ));
    }
    warnings
}

//! Volumes and their sources (`ValidateVolumes`).

use super::files::{descending, validate_file, validate_keys, validate_mode};
use super::projected;
use crate::api::{Dig, Quantity, names};
use crate::json::Value;
use crate::kinds::field::Field;
use crate::kinds::parts::{claim_spec, volume_sources};
use std::collections::BTreeMap;

/// The sources in the order in which they are looked at, with what must be filled in of those that only pods have.
const SOURCES: [(&str, &[&str]); 30] = [
    ("emptyDir", &[]),
    ("hostPath", &[]),
    ("gitRepo", &["repository"]),
    ("gcePersistentDisk", &[]),
    ("awsElasticBlockStore", &[]),
    ("secret", &["secretName"]),
    ("nfs", &[]),
    ("iscsi", &[]),
    ("glusterfs", &[]),
    ("flocker", &[]),
    ("persistentVolumeClaim", &["claimName"]),
    ("rbd", &[]),
    ("cinder", &[]),
    ("cephfs", &[]),
    ("quobyte", &[]),
    ("downwardAPI", &[]),
    ("fc", &[]),
    ("flexVolume", &[]),
    ("configMap", &["name"]),
    ("azureFile", &[]),
    ("vsphereVolume", &[]),
    ("photonPersistentDisk", &[]),
    ("portworxVolume", &[]),
    ("azureDisk", &[]),
    ("storageos", &["volumeName"]),
    ("projected", &[]),
    ("scaleIO", &[]),
    ("csi", &[]),
    ("ephemeral", &["volumeClaimTemplate"]),
    ("image", &["reference"]),
];

/// Checks the volumes of a spec; the valid ones by name.
pub(super) fn validate<'a>(volumes: Field<'a>) -> BTreeMap<&'a str, &'a Value> {
    let mut valid = BTreeMap::new();
    for (volume, value) in volumes.items("").zip(volumes.list("")) {
        let before = volume.errors.len();
        validate_sources(volume);
        let name = volume.string("name");
        name.named(|name| names::dns1123_label(name, volume.version()));
        if valid.contains_key(name.text("")) {
            name.duplicate();
        }
        if volume.errors.len() == before {
            valid.insert(value.text("name"), value);
        }
    }
    valid
}

fn validate_sources(volume: Field<'_>) {
    let mut sources = SOURCES.iter().filter(|(name, _)| volume.has(name));
    let Some((name, required)) = sources.next() else {
        return volume.required("must specify a volume type");
    };
    let told = |name: &'static str| if name == "gcePersistentDisk" { "persistentDisk" } else { name };
    let source = volume.told_as(told(name), volume.value.at(name));
    required.iter().for_each(|key| source.child(key).filled());
    volume_sources::validate(name, source);
    validate_source(name, source);
    for (name, _) in sources {
        volume.child(told(name)).forbidden("may not specify more than 1 volume type");
    }
}

/// What is more to say about sources that only pods have, or have in their way.
fn validate_source(name: &str, source: Field<'_>) {
    validate_mode(source.child("defaultMode"));
    match name {
        "emptyDir" => {
            let limit = source.text("sizeLimit").parse::<Quantity>();
            if limit.is_ok_and(|limit| limit.sign() < 0) {
                let detail = "SizeLimit field must be a valid resource quantity";
                source.child("sizeLimit").forbidden(detail);
            }
        }
        "gitRepo" => descending(source.child("directory")),
        "secret" | "configMap" => validate_keys(source.child("items")),
        "downwardAPI" => {
            source.list("items").iter().for_each(|file| validate_file(source.told_as("", file)));
        }
        "projected" => projected::validate(source),
        "ephemeral" if source.has("volumeClaimTemplate") => {
            claim_spec::template(source.child("volumeClaimTemplate"));
        }
        "csi" => {
            volume_sources::csi_driver(source.string("driver"));
            let secret = source.child("nodePublishSecretRef");
            if !secret.is_null() {
                secret.child("name").filled();
            }
        }
        "image" => source.child("pullPolicy").one_of(&["Always", "IfNotPresent", "Never"]),
        _ => {}
    }
}

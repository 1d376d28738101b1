//! Volumes and their sources (`ValidateVolumes`).

use super::files::{descending, validate_file, validate_keys, validate_mode};
use super::projected;
use super::steps::no_backsteps;
use crate::api::{Dig, Quantity, names};
use crate::kinds::field::Field;
use serde_json::Value;
use std::collections::BTreeMap;

/// The sources in the order in which they are looked at, with what must be filled in.
const SOURCES: [(&str, &[&str]); 30] = [
    ("emptyDir", &[]),
    ("hostPath", &[]),
    ("gitRepo", &["repository"]),
    ("gcePersistentDisk", &[]),
    ("awsElasticBlockStore", &[]),
    ("secret", &["secretName"]),
    ("nfs", &["server", "path"]),
    ("iscsi", &["targetPortal", "iqn"]),
    ("glusterfs", &["endpoints", "path"]),
    ("flocker", &[]),
    ("persistentVolumeClaim", &["claimName"]),
    ("rbd", &["monitors", "image"]),
    ("cinder", &["volumeID"]),
    ("cephfs", &["monitors"]),
    ("quobyte", &[]),
    ("downwardAPI", &[]),
    ("fc", &[]),
    ("flexVolume", &["driver"]),
    ("configMap", &["name"]),
    ("azureFile", &["secretName", "shareName"]),
    ("vsphereVolume", &["volumePath"]),
    ("photonPersistentDisk", &["pdID"]),
    ("portworxVolume", &["volumeID"]),
    ("azureDisk", &["diskName", "diskURI"]),
    ("storageos", &["volumeName"]),
    ("projected", &[]),
    ("scaleIO", &["gateway", "system", "volumeName"]),
    ("csi", &["driver"]),
    ("ephemeral", &["volumeClaimTemplate"]),
    ("image", &["reference"]),
];

const HOST_PATH_TYPES: [&str; 8] =
    ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

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
    let source = volume.child(name);
    required.iter().for_each(|key| source.child(key).filled());
    validate_source(name, source);
    for (name, _) in sources {
        volume.child(name).forbidden("may not specify more than 1 volume type");
    }
}

/// What is more to say about the sources that don't need a storage system.
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
        "hostPath" => validate_host_path(source),
        "gitRepo" => descending(source.child("directory")),
        "nfs" if !source.text("path").starts_with('/') => {
            source.string("path").invalid("must be an absolute path");
        }
        "secret" | "configMap" => validate_keys(source.child("items")),
        "downwardAPI" => {
            source.list("items").iter().for_each(|file| validate_file(source.told_as("", file)));
        }
        "projected" => projected::validate(source),
        "csi" if !source.text("driver").is_empty() => {
            let driver = source.child("driver");
            driver.invalid_each(names::dns1123_subdomain(&driver.text("").to_lowercase()));
        }
        "image" => source.child("pullPolicy").one_of(&["Always", "IfNotPresent", "Never"]),
        _ => {}
    }
}

fn validate_host_path(source: Field<'_>) {
    let path = source.child("path");
    if path.text("").is_empty() {
        return path.required("");
    }
    if !no_backsteps(path.text("")) {
        path.invalid("must not contain '..'");
    }
    if !HOST_PATH_TYPES.contains(&source.text("type")) {
        source.child("type").not_supported(&HOST_PATH_TYPES);
    }
}

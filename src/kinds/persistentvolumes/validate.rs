//! Checks a persistent volume (`ValidatePersistentVolumeSpec`).

use crate::api::Dig;
use crate::kinds::field::Field;
use crate::kinds::parts::quantities::{go_map, quantity};
use crate::kinds::parts::{storage, volume_sources};
use crate::kinds::pod::affinity::node_selector;

const POLICIES: [&str; 3] = ["Delete", "Recycle", "Retain"];
const INLINE: &str = "may not be specified in the context of inline volumes";

/// The sources in the order in which they are looked at, and how errors call them.
pub(super) const SOURCES: [(&str, &str); 22] = [
    ("hostPath", "hostPath"),
    ("gcePersistentDisk", "persistentDisk"),
    ("awsElasticBlockStore", "awsElasticBlockStore"),
    ("glusterfs", "glusterfs"),
    ("flocker", "flocker"),
    ("nfs", "nfs"),
    ("rbd", "rbd"),
    ("quobyte", "quobyte"),
    ("cephfs", "cephfs"),
    ("iscsi", "iscsi"),
    ("cinder", "cinder"),
    ("fc", "fc"),
    ("flexVolume", "flexVolume"),
    ("azureFile", "azureFile"),
    ("vsphereVolume", "vsphereVolume"),
    ("photonPersistentDisk", "photonPersistentDisk"),
    ("portworxVolume", "portworxVolume"),
    ("azureDisk", "azureDisk"),
    ("scaleIO", "scaleIO"),
    ("local", "local"),
    ("storageos", "storageos"),
    ("csi", "csi"),
];

/// Checks the spec of a volume, or one that stands in a volume attachment.
pub(super) fn spec(spec: Field<'_>, inline: bool) {
    if inline {
        for key in ["claimRef", "capacity"] {
            if spec.has(key) {
                spec.child(key).forbidden(INLINE);
            }
        }
        if !spec.has("csi") {
            spec.child("csi").required("has to be specified in the context of inline volumes");
        }
    }
    let modes = spec.child("accessModes");
    if modes.list("").is_empty() {
        modes.required("");
    }
    storage::access_modes(modes);
    if !inline {
        capacity(spec.child("capacity"));
    }
    let policy = spec.child("persistentVolumeReclaimPolicy");
    match policy.text("") {
        "" => {}
        text if inline && text != "Retain" => {
            policy.forbidden("may only be Retain in the context of inline volumes");
        }
        _ if inline => {}
        _ => policy.one_of_if_set(&POLICIES),
    }
    let affinity = spec.child("nodeAffinity");
    match affinity.is_null() {
        true => {}
        false if inline => affinity.forbidden(INLINE),
        false if affinity.has("required") => node_selector(affinity.child("required")),
        false => affinity.child("required").required("must specify required node constraints"),
    }
    sources(spec);
    let root = spec.text("hostPath.path");
    let is_root = root.starts_with('/') && root.split('/').all(|part| matches!(part, "" | "."));
    if is_root && policy.text("") == "Recycle" {
        policy.forbidden("may not be 'recycle' for a hostPath mount of '/'");
    }
    let class = spec.child("storageClassName");
    match class.text("").is_empty() {
        false if inline => class.forbidden(INLINE),
        _ => storage::class_name(class),
    }
    storage::volume_mode(spec.child("volumeMode"));
    let attributes = spec.child("volumeAttributesClassName");
    if !attributes.is_null() {
        match attributes.text("") {
            "" => attributes.required("an empty string is disallowed"),
            _ => storage::class_name(attributes),
        }
        if !spec.has("csi") {
            spec.child("csi").required("has to be specified when using volumeAttributesClassName");
        }
    }
}

fn capacity(capacity: Field<'_>) {
    let count = capacity.value.as_object().map_or(0, crate::json::Map::len);
    if count == 0 {
        capacity.required("");
    }
    if count != 1 || !capacity.has("storage") {
        let go = go_map("core.ResourceList", capacity.value);
        capacity.errors.not_supported_go(capacity.path, go, capacity.value, &["storage"]);
    }
    for (_, amount) in capacity.entries("") {
        if let Some(quantity) = quantity(amount.value).filter(|quantity| quantity.value() < 0) {
            amount.invalid_as(quantity.value(), "must be a valid resource quantity");
        }
        storage::positive(amount);
    }
}

fn sources(spec: Field<'_>) {
    let mut given = 0;
    for (key, told) in SOURCES.iter().filter(|(key, _)| spec.has(key)) {
        let source = spec.told_as(told, spec.value.at(key));
        given += 1;
        if given > 1 {
            source.forbidden("may not specify more than 1 volume type");
            continue;
        }
        volume_sources::validate_persistent(key, source);
        if *key == "local" && !spec.has("nodeAffinity") {
            spec.child("nodeAffinity").required("Local volume requires node affinity");
        }
    }
    if given == 0 {
        spec.required("must specify a volume type");
    }
}

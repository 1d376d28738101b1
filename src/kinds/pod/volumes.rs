//! Volumes and their sources (`ValidateVolumes`).

use super::env;
use super::projected;
use crate::api::Path;
use crate::api::field::Errors;
use crate::api::names;
use crate::api::quantity::Quantity;
use crate::api::value::Dig;
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

/// Checks the volumes of a spec; the valid ones by name.
pub(super) fn validate<'a>(
    volumes: &'a [Value],
    path: &Path<'_>,
    errors: &Errors,
) -> BTreeMap<&'a str, &'a Value> {
    let mut valid = BTreeMap::new();
    for (i, volume) in volumes.iter().enumerate() {
        let path = path.index(i);
        let before = errors.len();
        validate_sources(volume, &path, errors);
        let name = volume.text("name");
        match name {
            "" => errors.required(path.child("name"), ""),
            _ => errors.invalid_each(path.child("name"), name, names::dns1123_label(name, errors.version())),
        }
        if valid.contains_key(name) {
            errors.duplicate(path.child("name"), name);
        }
        if errors.len() == before {
            valid.insert(name, volume);
        }
    }
    valid
}

fn validate_sources(volume: &Value, path: &Path<'_>, errors: &Errors) {
    let mut some = false;
    for (name, required) in SOURCES {
        let source = volume.at(name);
        if source.is_null() {
            continue;
        }
        let path = path.child(name);
        if some {
            errors.forbidden(path, "may not specify more than 1 volume type");
            continue;
        }
        some = true;
        for key in required {
            let value = source.at(key);
            if value.is_null() || value.as_str() == Some("") || value.as_array().is_some_and(Vec::is_empty) {
                errors.required(path.child(key), "");
            }
        }
        validate_source(name, source, &path, errors);
    }
    if !some {
        errors.required(path, "must specify a volume type");
    }
}

/// What is more to say about the sources that don't need a storage system.
fn validate_source(name: &str, source: &Value, path: &Path<'_>, errors: &Errors) {
    match name {
        "emptyDir" => {
            let limit = source.text("sizeLimit").parse::<Quantity>();
            if limit.is_ok_and(|limit| limit.sign() < 0) {
                let detail = "SizeLimit field must be a valid resource quantity";
                errors.forbidden(path.child("sizeLimit"), detail);
            }
        }
        "hostPath" => validate_host_path(source, path, errors),
        "gitRepo" => descending(source.text("directory"), &path.child("directory"), errors),
        "nfs" if !source.text("path").starts_with('/') => {
            errors.invalid(path.child("path"), source.text("path"), "must be an absolute path");
        }
        "secret" | "configMap" => {
            file_mode(source, path, "defaultMode", errors);
            validate_keys(source.list("items"), &path.child("items"), errors);
        }
        "downwardAPI" => {
            file_mode(source, path, "defaultMode", errors);
            for file in source.list("items") {
                validate_file(file, path, errors);
            }
        }
        "projected" => {
            file_mode(source, path, "defaultMode", errors);
            projected::validate(source, path, errors);
        }
        "image" => {
            let policy = source.text("pullPolicy");
            let allowed = ["Always", "IfNotPresent", "Never"];
            match policy {
                "" => errors.required(path.child("pullPolicy"), ""),
                _ if allowed.contains(&policy) => {}
                _ => errors.not_supported(path.child("pullPolicy"), policy, &allowed),
            }
        }
        _ => {}
    }
}

const HOST_PATH_TYPES: [&str; 8] =
    ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];

fn validate_host_path(source: &Value, path: &Path<'_>, errors: &Errors) {
    let host = source.text("path");
    if host.is_empty() {
        errors.required(path.child("path"), "");
        return;
    }
    if !no_backsteps(host) {
        errors.invalid(path.child("path"), host, "must not contain '..'");
    }
    let kind = source.text("type");
    if !HOST_PATH_TYPES.contains(&kind) {
        errors.not_supported(path.child("type"), kind, &HOST_PATH_TYPES);
    }
}

/// Checks the keys that become files.
pub(super) fn validate_keys(items: &[Value], path: &Path<'_>, errors: &Errors) {
    for (i, item) in items.iter().enumerate() {
        let path = path.index(i);
        for key in ["key", "path"] {
            if item.text(key).is_empty() {
                errors.required(path.child(key), "");
            }
        }
        local_path(item.text("path"), &path.child("path"), errors);
        file_mode(item, &path, "mode", errors);
    }
}

/// Checks a file that shows a field of the pod.
pub(super) fn validate_file(file: &Value, path: &Path<'_>, errors: &Errors) {
    if file.text("path").is_empty() {
        errors.required(path.child("path"), "");
    }
    local_path(file.text("path"), &path.child("path"), errors);
    match (file.at("fieldRef"), file.at("resourceFieldRef")) {
        (Value::Null, Value::Null) => {
            errors.required(path, "one of fieldRef and resourceFieldRef is required")
        }
        (Value::Null, resource) => {
            env::resource_field_ref(resource, true, &path.child("resourceFieldRef"), errors);
        }
        (field, resource) => {
            env::field_ref(field, &env::FILE_FIELDS, &path.child("fieldRef"), errors);
            if !resource.is_null() {
                let detail = "fieldRef and resourceFieldRef can not be specified simultaneously";
                errors.invalid(path, "resource", detail);
            }
        }
    }
    file_mode(file, path, "mode", errors);
}

fn file_mode(object: &Value, path: &Path<'_>, key: &str, errors: &Errors) {
    if let Some(mode) = object.at(key).as_i64()
        && !(0..=0o777).contains(&mode)
    {
        let detail = "must be a number between 0 and 0777 (octal), both inclusive";
        errors.invalid(path.child(key), mode, detail);
    }
}

/// Whether a path never goes up.
pub(super) fn no_backsteps(path: &str) -> bool {
    path.split('/').all(|part| part != "..")
}

/// Checks a path that must lead downwards.
pub(super) fn descending(target: &str, path: &Path<'_>, errors: &Errors) {
    if target.starts_with('/') {
        errors.invalid(path, target, "must be a relative path");
    }
    if !no_backsteps(target) {
        errors.invalid(path, target, "must not contain '..'");
    }
}

/// Checks a path inside a volume; names that begin with two dots are the kubelet's.
pub(super) fn local_path(target: &str, path: &Path<'_>, errors: &Errors) {
    descending(target, path, errors);
    if target.starts_with("..") && !target.starts_with("../") {
        errors.invalid(path, target, "must not start with '..'");
    }
}

//! Sources of volumes that pods and persistent volumes have in common (`pkg/apis/core/validation`).
//!
//! The data of a source is what must be there; its rules follow.

use crate::api::differences::CSI_NAME_TOLD_ONCE;
use crate::api::names::{dns1123_label, dns1123_subdomain};
use crate::kinds::field::Field;

/// What must be there of a source, beside its own rules.
const REQUIRED: &[(&str, &[&str])] = &[
    ("gcePersistentDisk", &["pdName"]),
    ("awsElasticBlockStore", &["volumeID"]),
    ("glusterfs", &["endpoints", "path"]),
    ("nfs", &["server"]),
    ("rbd", &["monitors", "image"]),
    ("cephfs", &["monitors"]),
    ("cinder", &["volumeID"]),
    ("flexVolume", &["driver"]),
    ("azureFile", &["secretName", "shareName"]),
    ("vsphereVolume", &["volumePath"]),
    ("photonPersistentDisk", &["pdID"]),
    ("portworxVolume", &["volumeID"]),
    ("azureDisk", &["diskName", "diskURI"]),
    ("scaleIO", &["gateway", "system", "volumeName"]),
    ("iscsi", &["targetPortal"]),
    ("local", &["path"]),
];

const HOST_PATH_TYPES: [&str; 8] =
    ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"];
const CACHING: [&str; 3] = ["None", "ReadOnly", "ReadWrite"];
const DISKS: [&str; 3] = ["Dedicated", "Managed", "Shared"];
const MANAGED: &str =
    "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}";
const BLOB: &str = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd";
const DRIVER_NAME_MAX: usize = 63;
const CLUSTER_OF_HOSTS: &str = "must be a host:port pair or multiple pairs separated by commas";

/// Checks a source by its name.
pub(crate) fn validate(name: &str, source: Field<'_>) {
    let required = REQUIRED.iter().find(|(of, _)| *of == name).map(|(_, keys)| *keys);
    required.into_iter().flatten().for_each(|key| source.child(key).filled());
    match name {
        "hostPath" => host_path(source),
        "gcePersistentDisk" | "awsElasticBlockStore" => {
            let partition = source.child("partition");
            if partition.number("").is_some_and(|number| !(0..=255).contains(&number)) {
                partition.invalid("must be between 1 and 255, inclusive");
            }
        }
        "nfs" => {
            let path = source.child("path");
            match path.text("") {
                "" => path.required(""),
                text if text.starts_with('/') => {}
                _ => path.invalid("must be an absolute path"),
            }
        }
        "flocker" => flocker(source),
        "quobyte" => quobyte(source),
        "iscsi" => iscsi(source),
        "fc" => fc(source),
        "flexVolume" => flex_options(source.child("options")),
        "azureDisk" => azure_disk(source),
        "local" => no_backsteps(source.child("path")),
        _ => {}
    }
}

/// Checks that a path never goes up (`validatePathNoBacksteps`).
pub(crate) fn no_backsteps(path: Field<'_>) {
    if path.text("").split('/').any(|part| part == "..") {
        path.invalid("must not contain '..'");
    }
}

fn host_path(source: Field<'_>) {
    let path = source.child("path");
    if path.text("").is_empty() {
        return path.required("");
    }
    no_backsteps(path);
    if !HOST_PATH_TYPES.contains(&source.text("type")) {
        source.child("type").not_supported(&HOST_PATH_TYPES);
    }
}

fn flocker(source: Field<'_>) {
    let name = source.child("datasetName");
    match (name.text("").is_empty(), source.text("datasetUUID").is_empty()) {
        (true, true) => source.required("one of datasetName and datasetUUID is required"),
        (false, false) => {
            source.invalid_as("resource", "datasetName and datasetUUID can not be specified simultaneously");
        }
        _ => {}
    }
    if name.text("").contains('/') {
        name.invalid("must not contain '/'");
    }
}

fn quobyte(source: Field<'_>) {
    let registry = source.child("registry");
    match registry.text("") {
        "" => registry.required(CLUSTER_OF_HOSTS),
        text => {
            for _ in text.split(',').filter(|host| !host.contains(':')) {
                registry.invalid(CLUSTER_OF_HOSTS);
            }
        }
    }
    if source.text("tenant").len() >= 65 {
        source.child("tenant").required("must be a UUID and may not exceed a length of 64 characters");
    }
    source.child("volume").filled();
}

fn iscsi(source: Field<'_>) {
    let iqn = source.child("iqn");
    match iqn.text("") {
        "" => iqn.required(""),
        _ => initiator(iqn),
    }
    let lun = source.child("lun");
    lun.between(0, 255);
    let secret = source.child("secretRef");
    if (source.flag("chapAuthDiscovery") || source.flag("chapAuthSession")) && secret.is_null() {
        secret.required("");
    }
    if !secret.is_null() {
        secret.child("name").filled();
    }
    let name = source.child("initiatorName");
    if !name.is_null() {
        initiator(source.told_as("initiatorname", name.value));
    }
}

/// A name of iSCSI: `iqn`, `eui` or `naa`, and what belongs behind it.
fn initiator(field: Field<'_>) {
    let text = field.text("");
    let alnum =
        |text: &str, length: usize| text.len() == length && text.bytes().all(|b| b.is_ascii_alphanumeric());
    let valid = match text.get(..4) {
        Some("iqn.") => is_iqn(&text[4..]),
        Some("eui.") => alnum(&text[4..], 16),
        Some("naa.") => alnum(&text[4..], 32),
        _ => false,
    };
    if !valid {
        field.invalid("must be valid format");
    }
}

/// A month, a name of DNS turned round, a colon, and a name (`\d{4}-\d{2}\.([[:alnum:]-.]+)(:[^,;*&$|\s]+)$`).
fn is_iqn(text: &str) -> bool {
    let Some((date, rest)) = text.split_once('.') else { return false };
    let Some((authority, name)) = rest.split_once(':') else { return false };
    let is_date = date.len() == 7
        && date.bytes().enumerate().all(|(i, b)| if i == 4 { b == b'-' } else { b.is_ascii_digit() });
    is_date
        && !authority.is_empty()
        && authority.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '.'))
        && !name.is_empty()
        && !name.chars().any(|c| c.is_whitespace() || ",;*&$|".contains(c))
}

fn fc(source: Field<'_>) {
    let (names, lun) = (source.child("targetWWNs"), source.child("lun"));
    match (names.list("").is_empty(), source.list("wwids").is_empty()) {
        (true, true) => names.required("must specify either targetWWNs or wwids, but not both"),
        (false, false) => names.invalid("targetWWNs and wwids can not be specified simultaneously"),
        (false, true) if lun.is_null() => lun.required("lun is required if targetWWNs is specified"),
        (false, true) => lun.between(0, 255),
        (true, false) => {}
    }
}

fn flex_options(options: Field<'_>) {
    for (key, option) in options.entries("") {
        let namespace = key.split_once('/').map_or(key, |(namespace, _)| namespace);
        let namespace = format!(".{}", namespace.to_lowercase());
        for reserved in ["kubernetes.io", "k8s.io"] {
            if namespace.ends_with(&format!(".{reserved}")) {
                option.invalid_as(key, format_args!("{reserved} namespace is reserved"));
            }
        }
    }
}

fn azure_disk(source: Field<'_>) {
    source.child("cachingMode").one_of_if_set(&CACHING);
    let (kind, uri) = (source.child("kind"), source.child("diskURI"));
    kind.one_of_if_set(&DISKS);
    let (begin, form) = match kind.text("") {
        _ if kind.is_null() => return,
        "Managed" => ("/subscriptions/", MANAGED),
        _ => ("https://", BLOB),
    };
    if !uri.text("").starts_with(begin) {
        uri.not_supported(&[form]);
    }
}

/// Checks the name of a CSI driver (`ValidateCSIDriverName`).
pub(crate) fn csi_driver(driver: Field<'_>) {
    let text = driver.text("");
    if text.is_empty() {
        driver.required("");
        if driver.version().has(CSI_NAME_TOLD_ONCE) {
            return;
        }
    }
    if text.len() > DRIVER_NAME_MAX {
        driver.errors.too_long(driver.path, DRIVER_NAME_MAX);
    }
    driver.errors.invalid_each(driver.path, text, dns1123_subdomain(&text.to_lowercase()));
}

/// Checks a reference to a secret by name and namespace.
pub(crate) fn secret_ref(secret: Field<'_>) {
    if !secret.is_null() {
        secret.child("name").filled();
        secret.child("namespace").filled();
    }
}

/// Checks the sources that only persistent volumes have, or have more of.
pub(crate) fn validate_persistent(name: &str, source: Field<'_>) {
    match name {
        "csi" => {
            csi_driver(source.child("driver"));
            source.child("volumeHandle").filled();
            for secret in ["controllerPublish", "controllerExpand", "nodePublish", "nodeExpand"] {
                secret_ref(source.child(&format!("{secret}SecretRef")));
            }
        }
        "storageos" => {
            source.child("volumeName").named(|name| dns1123_label(name, source.version()));
            source.child("volumeNamespace").named_if_set(|name| dns1123_label(name, source.version()));
            secret_ref(source.child("secretRef"));
        }
        "cinder" => {
            validate(name, source);
            secret_ref(source.child("secretRef"));
        }
        "azureFile" => {
            validate(name, source);
            let namespace = source.child("secretNamespace");
            if namespace.value == "" {
                namespace.required("");
            }
        }
        "glusterfs" => {
            validate(name, source);
            let namespace = source.child("endpointsNamespace");
            if namespace.value == "" {
                namespace.required("if the endpointnamespace is set, it must be a valid namespace name");
            } else if !namespace.is_null() {
                namespace.invalid_each(dns1123_label(namespace.text(""), namespace.version()));
            }
        }
        _ => validate(name, source),
    }
}

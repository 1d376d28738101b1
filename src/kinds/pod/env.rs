//! Environment variables and the references to fields that they share with files (`ValidateEnv`, `ValidateEnvFrom`).

use super::lists::all_containers;
use super::steps::no_backsteps;
use crate::api::differences::{ANY_VARIABLE_NAME, ENV_FILES, HOST_IPS, HOST_IPS_LABELLED, HUGE_PAGES_SHOWN};
use crate::api::{Dig, Quantity, Version, names};
use crate::kinds::field::Field;

/// Checks `env` and `envFrom` of a container.
pub(super) fn validate(container: Field<'_>) {
    for variable in container.items("env") {
        variable.child("name").named(|name| variable_name(name, variable.version()));
        if variable.has("valueFrom") {
            validate_value_from(variable);
        }
    }
    validate_env_from(container.child("envFrom"));
}

/// What is wrong with a variable's name. From 1.32 on nearly everything is allowed.
fn variable_name(name: &str, version: Version) -> Vec<String> {
    if version.has(ANY_VARIABLE_NAME) {
        let printable = name.bytes().all(|c| (0x20..0x7f).contains(&c) && c != b'=');
        let words = "a valid environment variable name must consist only of printable ASCII characters other than '='";
        return if printable { Vec::new() } else { vec![words.to_owned()] };
    }
    names::variable(name)
}

const SOURCES: [&str; 5] = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef"];
const MORE_THAN_ONE: &str = "may not have more than one field specified at a time";

fn validate_value_from(variable: Field<'_>) {
    let from = variable.child("valueFrom");
    let mut fields = ENV_FIELDS.to_vec();
    fields.retain(|field| from.version().has(HOST_IPS) || *field != "status.hostIPs");
    for (source, reference) in from.present(&SOURCES) {
        match source {
            "fieldRef" => field_ref(reference, &fields),
            "resourceFieldRef" => resource_field_ref(reference, false),
            "fileKeyRef" => file_key_ref(reference),
            _ => {
                let name = reference.child("name");
                name.invalid_each(names::dns1123_subdomain(name.text("")));
                reference.child("key").named(names::config_map_key);
            }
        }
    }
    match from.present(&SOURCES).count() {
        0 => from.invalid_as(
            "",
            match from.version().has(ENV_FILES) {
                true => {
                    "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or \
                     `fileKeyRef`"
                }
                false => "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`",
            },
        ),
        _ if !variable.text("value").is_empty() => {
            from.invalid_as("", "may not be specified when `value` is not empty");
        }
        1 => {}
        _ => from.invalid_as("", MORE_THAN_ONE),
    }
}

/// Checks a reference to a key in a file (`validateFileKeySelector`).
fn file_key_ref(reference: Field<'_>) {
    reference.child("key").named(|key| variable_name(key, reference.version()));
    reference.child("volumeName").filled();
    let path = reference.child("path");
    path.filled();
    if !no_backsteps(path.text("")) {
        path.invalid("must not contain '..'");
    }
}

/// Checks that the volumes of files with variables are there, and empty directories (`validateFileKeyRefVolumes`).
pub(super) fn validate_file_volumes(spec: Field<'_>) {
    for container in all_containers(&spec) {
        for variable in container.items("env") {
            let reference = variable.child("valueFrom.fileKeyRef");
            if reference.is_null() {
                continue;
            }
            let name = reference.string("volumeName");
            match spec.list("volumes").iter().find(|volume| volume.text("name") == name.text("")) {
                None => name.not_found(),
                Some(volume) if volume.has("emptyDir") => {}
                Some(_) => name.invalid("referenced volume must be of type emptyDir"),
            }
        }
    }
}

fn validate_env_from(list: Field<'_>) {
    for from in list.items("") {
        from.child("prefix").named_if_set(|prefix| variable_name(prefix, from.version()));
        let sources = ["configMapRef", "secretRef"];
        for (_, source) in from.present(&sources) {
            source.child("name").named(names::dns1123_subdomain);
        }
        // These errors speak of the list.
        match from.present(&sources).count() {
            0 => list.invalid_as("", "must specify one of: `configMapRef` or `secretRef`"),
            1 => {}
            _ => list.invalid_as("", MORE_THAN_ONE),
        }
    }
}

/// The fields that a variable may show.
const ENV_FIELDS: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];
/// The fields that a file may show.
pub(super) const FILE_FIELDS: [&str; 5] =
    ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];
/// Fields that have a name here, though nothing shows them.
const HIDDEN_FIELDS: [&str; 3] = ["spec.restartPolicy", "spec.schedulerName", "status.phase"];

/// Checks a reference to a field of the pod.
pub(super) fn field_ref(reference: Field<'_>, fields: &[&str]) {
    if let Some(key) = ["apiVersion", "fieldPath"].into_iter().find(|key| reference.text(key).is_empty()) {
        return reference.child(key).required("");
    }
    let path = reference.child("fieldPath");
    let field = path.text("");
    let inconvertible = |why| path.invalid(format_args!("error converting fieldPath: {why}"));
    let known = [ENV_FIELDS.as_slice(), &FILE_FIELDS, &HIDDEN_FIELDS].concat();
    let is_known = |field| {
        known.contains(&field) && (field != "status.hostIPs" || reference.version().has(HOST_IPS_LABELLED))
    };
    let subscript = field.strip_suffix("']").and_then(|f| f.split_once("['"));
    let named = |key: &str| {
        let wrong = names::qualified_name(key, reference.version());
        reference.errors.invalid_each(reference.path, key, wrong);
    };
    match (reference.text("apiVersion"), subscript) {
        ("v1", Some(("metadata.annotations", key))) => named(&key.to_lowercase()),
        ("v1", Some(("metadata.labels", key))) => named(key),
        ("v1", Some(_)) => inconvertible(format_args!("field label does not support subscript: {field}")),
        ("v1", None) if field == "spec.host" && fields.contains(&"spec.nodeName") => {}
        ("v1", None) if is_known(field) => path.one_of(fields),
        ("v1", None) => inconvertible(format_args!("field label not supported: {field}")),
        (version, _) => inconvertible(format_args!("unsupported pod version: {version}")),
    }
}

const RESOURCES: [&str; 6] = [
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];

const BYTES: [&str; 13] = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

/// Checks a reference to a container's resources; in a file it must name the container.
pub(super) fn resource_field_ref(reference: Field<'_>, file: bool) {
    let resource = reference.text("resource");
    let huge = resource.starts_with("requests.hugepages-") || resource.starts_with("limits.hugepages-");
    if file && reference.text("containerName").is_empty() {
        reference.child("containerName").required("");
    } else if !(huge && reference.version().has(HUGE_PAGES_SHOWN)) {
        reference.child("resource").one_of(&RESOURCES);
    }
    let Ok(divisor) = reference.text("divisor").parse::<Quantity>() else {
        return;
    };
    let what = match resource.split_once('.').map(|(_, what)| what) {
        Some("cpu") => "cpu",
        Some("memory") => "memory",
        Some("ephemeral-storage") => "local ephemeral storage",
        Some(_) if huge => "hugepages",
        _ => return,
    };
    let (allowed, words) = match what {
        "cpu" => (["1m", "1"].as_slice(), "1m and 1"),
        _ => (BYTES.as_slice(), "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei"),
    };
    if !divisor.is_zero() && !allowed.contains(&divisor.to_string().as_str()) {
        let detail = format_args!("only divisor's values {words} are supported with the {what} resource");
        reference.child("divisor").invalid_as(resource, detail);
    }
}

//! Environment variables and the references to fields that they share with files (`ValidateEnv`, `ValidateEnvFrom`).

use crate::api::Path;
use crate::api::differences::{ANY_VARIABLE_NAME, HOST_IPS, HUGE_PAGES_SHOWN};
use crate::api::field::Errors;
use crate::api::names;
use crate::api::quantity::Quantity;
use crate::api::value::Dig;
use crate::api::version::Version;
use serde_json::Value;

/// Checks `env` and `envFrom` of a container.
pub(super) fn validate(container: &Value, path: &Path<'_>, errors: &mut Errors) {
    let env = path.child("env");
    for (i, variable) in container.list("env").iter().enumerate() {
        let path = env.index(i);
        let name = variable.text("name");
        match name {
            "" => errors.required(path.child("name"), ""),
            _ => errors.invalid_each(path.child("name"), name, variable_name(name, errors.version())),
        }
        if variable.has("valueFrom") {
            validate_value_from(variable, &path.child("valueFrom"), errors);
        }
    }
    validate_env_from(container.list("envFrom"), &path.child("envFrom"), errors);
}

/// What is wrong with a variable's name. From 1.32 on nearly everything is allowed.
fn variable_name(name: &str, version: Version) -> Vec<String> {
    if version.has(ANY_VARIABLE_NAME) {
        let printable = name.bytes().all(|c| (0x20..0x7f).contains(&c) && c != b'=');
        let words = "a valid environment variable name must consist only of printable ASCII characters other than '='";
        return if printable { Vec::new() } else { vec![words.to_owned()] };
    }
    let mut wrong = Vec::new();
    let inner = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'.' | b'_');
    if !name.bytes().all(inner) || name.starts_with(|c: char| c.is_ascii_digit()) {
        let words = "a valid environment variable name must consist of alphabetic characters, digits, '_', '-', or '.', \
                     and must not start with a digit";
        let examples = ["my.env-name", "MY_ENV.NAME", "MyEnvName1"];
        wrong.push(names::regex_error(words, "[-._a-zA-Z][-._a-zA-Z0-9]*", &examples));
    }
    match name {
        "." | ".." => wrong.push(format!("must not be '{name}'")),
        _ if name.starts_with("..") => wrong.push("must not start with '..'".to_owned()),
        _ => {}
    }
    wrong
}

const SOURCES: [&str; 4] = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef"];

fn validate_value_from(variable: &Value, path: &Path<'_>, errors: &mut Errors) {
    let from = variable.at("valueFrom");
    let mut sources = 0;
    for source in SOURCES {
        let there = from.at(source);
        if there.is_null() {
            continue;
        }
        sources += 1;
        let path = path.child(source);
        match source {
            "fieldRef" => field_ref(there, &env_fields(errors.version()), &path, errors),
            "resourceFieldRef" => resource_field_ref(there, false, &path, errors),
            _ => validate_key_ref(there, &path, errors),
        }
    }
    if sources == 0 {
        let detail =
            "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`";
        errors.invalid(path, "", detail);
    } else if !variable.text("value").is_empty() {
        errors.invalid(path, "", "may not be specified when `value` is not empty");
    } else if sources > 1 {
        errors.invalid(path, "", "may not have more than one field specified at a time");
    }
}

fn validate_key_ref(reference: &Value, path: &Path<'_>, errors: &mut Errors) {
    let (name, key) = (reference.text("name"), reference.text("key"));
    errors.invalid_each(path.child("name"), name, names::dns1123_subdomain(name));
    match key {
        "" => errors.required(path.child("key"), ""),
        _ => errors.invalid_each(path.child("key"), key, names::config_map_key(key)),
    }
}

fn validate_env_from(list: &[Value], path: &Path<'_>, errors: &mut Errors) {
    for (i, from) in list.iter().enumerate() {
        let at = path.index(i);
        let prefix = from.text("prefix");
        if !prefix.is_empty() {
            errors.invalid_each(at.child("prefix"), prefix, variable_name(prefix, errors.version()));
        }
        let mut sources = 0;
        for source in ["configMapRef", "secretRef"] {
            let there = from.at(source);
            if there.is_null() {
                continue;
            }
            sources += 1;
            let path = at.child(source);
            match there.text("name") {
                "" => errors.required(path.child("name"), ""),
                name => errors.invalid_each(path.child("name"), name, names::dns1123_subdomain(name)),
            }
        }
        match sources {
            0 => errors.invalid(path, "", "must specify one of: `configMapRef` or `secretRef`"),
            1 => {}
            _ => errors.invalid(path, "", "may not have more than one field specified at a time"),
        }
    }
}

/// The fields that a variable may show.
fn env_fields(version: Version) -> Vec<&'static str> {
    let mut fields = vec![
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
    fields.retain(|field| version.has(HOST_IPS) || *field != "status.hostIPs");
    fields
}

/// The fields that a file may show.
pub(super) const FILE_FIELDS: [&str; 5] =
    ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];

/// Fields of a pod that have a name here at all.
const FIELD_LABELS: [&str; 14] = [
    "metadata.annotations",
    "metadata.labels",
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.serviceAccountName",
    "spec.schedulerName",
    "status.phase",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// Checks a reference to a field of the pod.
pub(super) fn field_ref(reference: &Value, fields: &[&str], path: &Path<'_>, errors: &mut Errors) {
    for key in ["apiVersion", "fieldPath"] {
        if reference.text(key).is_empty() {
            errors.required(path.child(key), "");
            return;
        }
    }
    let field = reference.text("fieldPath");
    let at = path.child("fieldPath");
    let subscript = field.strip_suffix("']").and_then(|f| f.split_once("['"));
    match (reference.text("apiVersion"), subscript) {
        ("v1", Some(("metadata.annotations", key))) => {
            let key = key.to_lowercase();
            errors.invalid_each(path, &key, names::qualified_name(&key, errors.version()));
        }
        ("v1", Some(("metadata.labels", key))) => {
            errors.invalid_each(path, key, names::qualified_name(key, errors.version()));
        }
        ("v1", Some(_)) => {
            let detail =
                format!("error converting fieldPath: field label does not support subscript: {field}");
            errors.invalid(at, field, detail);
        }
        ("v1", None) if field == "spec.host" && fields.contains(&"spec.nodeName") => {}
        ("v1", None) if FIELD_LABELS.contains(&field) => {
            if !fields.contains(&field) {
                errors.not_supported(at, field, fields);
            }
        }
        ("v1", None) => {
            let detail = format!("error converting fieldPath: field label not supported: {field}");
            errors.invalid(at, field, detail);
        }
        (version, _) => {
            let detail = format!("error converting fieldPath: unsupported pod version: {version}");
            errors.invalid(at, field, detail);
        }
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

/// Checks a reference to a container's resources; in a file it must name the container.
pub(super) fn resource_field_ref(reference: &Value, file: bool, path: &Path<'_>, errors: &mut Errors) {
    let resource = reference.text("resource");
    let huge = resource.starts_with("requests.hugepages-") || resource.starts_with("limits.hugepages-");
    let known = RESOURCES.contains(&resource) || (huge && errors.version().has(HUGE_PAGES_SHOWN));
    if file && reference.text("containerName").is_empty() {
        errors.required(path.child("containerName"), "");
    } else if resource.is_empty() {
        errors.required(path.child("resource"), "");
    } else if !known {
        errors.not_supported(path.child("resource"), resource, &RESOURCES);
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
    let (allowed, words): (&[&str], &str) = match what {
        "cpu" => (&["1m", "1"], "1m and 1"),
        _ => (&BYTES, "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei"),
    };
    if !divisor.is_zero() && !allowed.contains(&divisor.to_string().as_str()) {
        let detail = format!("only divisor's values {words} are supported with the {what} resource");
        errors.invalid(path.child("divisor"), resource, detail);
    }
}

const BYTES: [&str; 13] = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

//! Values as Go prints its own types of a pod: with Go's field names, be it in Go's syntax or as JSON.

use crate::api::field::{go_json, quote};
use crate::api::value::Dig;
use crate::json::Value;

/// Whether a value is what Go takes for nothing.
pub(super) fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_i64() == Some(0),
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
    }
}

/// A field of a type: Go's name, its name in an object, its type in Go.
type Member = (&'static str, &'static str, &'static str);

const SECURITY_CONTEXT: [Member; 12] = [
    ("Capabilities", "capabilities", "*core.Capabilities"),
    ("Privileged", "privileged", "*bool"),
    ("SELinuxOptions", "seLinuxOptions", "*core.SELinuxOptions"),
    ("WindowsOptions", "windowsOptions", "*core.WindowsSecurityContextOptions"),
    ("RunAsUser", "runAsUser", "*int64"),
    ("RunAsGroup", "runAsGroup", "*int64"),
    ("RunAsNonRoot", "runAsNonRoot", "*bool"),
    ("ReadOnlyRootFilesystem", "readOnlyRootFilesystem", "*bool"),
    ("AllowPrivilegeEscalation", "allowPrivilegeEscalation", "*bool"),
    ("ProcMount", "procMount", "*core.ProcMountType"),
    ("SeccompProfile", "seccompProfile", "*core.SeccompProfile"),
    ("AppArmorProfile", "appArmorProfile", "*core.AppArmorProfile"),
];
const CAPABILITIES: [Member; 2] = [("Add", "add", "list"), ("Drop", "drop", "list")];
const SE_LINUX: [Member; 4] = [
    ("User", "user", "string"),
    ("Role", "role", "string"),
    ("Type", "type", "string"),
    ("Level", "level", "string"),
];
const WINDOWS: [Member; 4] = [
    ("GMSACredentialSpecName", "gmsaCredentialSpecName", "*string"),
    ("GMSACredentialSpec", "gmsaCredentialSpec", "*string"),
    ("RunAsUserName", "runAsUserName", "*string"),
    ("HostProcess", "hostProcess", "*bool"),
];
const PROFILE: [Member; 2] =
    [("Type", "type", "string"), ("LocalhostProfile", "localhostProfile", "*string")];

fn fields_of(kind: &str) -> &'static [Member] {
    match kind {
        "*core.Capabilities" => &CAPABILITIES,
        "*core.SELinuxOptions" => &SE_LINUX,
        "*core.WindowsSecurityContextOptions" => &WINDOWS,
        "*core.SeccompProfile" | "*core.AppArmorProfile" => &PROFILE,
        _ => &[],
    }
}

fn json(value: &Value, fields: &[Member]) -> String {
    let fields: Vec<String> = fields
        .iter()
        .map(|(name, key, kind)| {
            let value = value.at(key);
            let text = match (value, fields_of(kind)) {
                (Value::Null, _) if *kind == "string" => "\"\"".to_owned(),
                (Value::Object(_), fields) => json(value, fields),
                _ => go_json(value),
            };
            format!("\"{name}\":{text}")
        })
        .collect();
    format!("{{{}}}", fields.join(","))
}

/// In Go's syntax pointers are addresses, by chance; here they are all the same.
fn go(value: &Value, name: &str, fields: &[Member]) -> String {
    let fields: Vec<String> = fields
        .iter()
        .map(|(name, key, kind)| {
            let value = value.at(key);
            match (value, *kind) {
                (_, "string") => format!("{name}:{}", quote(value.as_str().unwrap_or_default())),
                (Value::Null, _) => format!("{name}:({kind})(nil)"),
                _ => format!("{name}:({kind})(0xc000000000)"),
            }
        })
        .collect();
    format!("{name}{{{}}}", fields.join(", "))
}

/// A container's security context in Go's syntax, and as JSON of Go's own type.
pub(super) fn security_context(context: &Value) -> (String, String) {
    (go(context, "core.SecurityContext", &SECURITY_CONTEXT), json(context, &SECURITY_CONTEXT))
}

/// A seccomp profile in Go's syntax, and as JSON of Go's own type.
pub(super) fn seccomp(profile: &Value) -> (String, String) {
    (go(profile, "core.SeccompProfile", &PROFILE), json(profile, &PROFILE))
}

//! What is by chance in a real server, made equal.

use kubeverdict::json::{Map, Value};
use regex::{Captures, Regex};
use std::sync::LazyLock;

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is fixed")
}

/// Uids, times, tokens and clocks in a text.
static MASKS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    vec![
        (regex(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<uuid>"),
        (regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"), "<time>"),
        (regex(r"eyJ[\w-]+\.[\w-]+\.[\w-]+"), "<jwt>"),
        (regex(r#"\b(current time is|time=)[^,;"]*"#), "$1 <time>"),
    ]
});

/// Random suffixes, digests, ages and ports.
static CHANCE: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    vec![
        (regex(r"\b(kube-api-access|[a-z0-9-]+-token)-[bcdfghjklmnpqrstvwxz2456789]{5}\b"), "$1-<rand>"),
        (regex(r"(X509SHA256=)[0-9a-f]{64}"), "$1<digest>"),
        (regex(r"^ZXlK[A-Za-z0-9+/=]+$"), "<jwt in base64>"),
        (regex(r"^\d+s$"), "<age>"),
        (regex(r"127\.0\.0\.1:\d+"), "<host>"),
        (regex(r#"((?:pods|secrets) "[a-z0-9-]+-)[bcdfghjklmnpqrstvwxz2456789]{5}""#), "$1<rand>\""),
    ]
});

static MISSING_ROLES: LazyLock<Regex> = LazyLock::new(|| regex(r"RBAC: \[(.*)\]"));
static GRANT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"^RBAC: allowed by (ClusterRoleBinding|RoleBinding) "[^"]+" of (ClusterRole|Role) "[^"]+" to (User|Group|ServiceAccount) "[^"]+"$"#,
    )
});

/// Masks uids, times and tokens.
pub(crate) fn norm(value: &Value) -> Value {
    map_text(value, &|text| {
        MASKS.iter().fold(text.to_owned(), |text, (pattern, by)| pattern.replace_all(&text, *by).into_owned())
    })
}

/// Makes equal what a real server leaves to chance; of a message, only the first line counts.
pub(crate) fn canon(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut out = Map::new();
            for (key, value) in map {
                let value = match (key.as_str(), value) {
                    ("reason", Value::String(text)) if GRANT.is_match(text) => {
                        "RBAC: allowed by <a binding>".into()
                    }
                    ("message", Value::String(text)) => {
                        chance(text.lines().next().unwrap_or_default()).into()
                    }
                    ("status.resourceRules" | "status.nonResourceRules", Value::Array(list)) => {
                        let mut list = list.clone();
                        list.sort_by_key(Value::to_string);
                        Value::Array(list)
                    }
                    (_, value) => canon(value),
                };
                out.insert(key.clone(), value);
            }
            Value::Object(out)
        }
        Value::Array(list) => list.iter().map(canon).collect(),
        Value::String(text) => chance(text).into(),
        other => other.clone(),
    }
}

fn chance(text: &str) -> String {
    let text = CHANCE
        .iter()
        .fold(text.to_owned(), |text, (pattern, by)| pattern.replace_all(&text, *by).into_owned());
    MISSING_ROLES
        .replace_all(&text, |found: &Captures<'_>| {
            let mut parts: Vec<&str> = found[1].split(", ").collect();
            parts.sort_unstable();
            format!("RBAC: [{}]", parts.join(", "))
        })
        .into_owned()
}

fn map_text(value: &Value, change: &dyn Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) => change(text).into(),
        Value::Array(list) => list.iter().map(|item| map_text(item, change)).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), map_text(value, change))).collect(),
        other => other.clone(),
    }
}

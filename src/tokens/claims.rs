//! What a token says (`pkg/serviceaccount/claims.go` and `legacy.go`): the registered claims and Kubernetes' own.
//!
//! Sources: bound tokens are KEP-1205 ("Bound Service Account Tokens"), `warnafter` is its "safe rollout of time-bound
//! tokens"; ids and nodes in them are KEP-4193.

use crate::api::Dig;
use crate::config::Config;
use crate::json::{Map, Value, json};

/// The issuer of tokens that live in secrets.
pub(crate) const LEGACY_ISSUER: &str = "kubernetes/serviceaccount";
/// A mounted token's lifetime of exactly this many seconds is the kubelet's mark for the extended expiration.
pub(crate) const WARN_ONLY_SECONDS: i64 = 60 * 60 + 7;
/// How long a token with the extended expiration really lives.
pub(crate) const EXTENSION_SECONDS: i64 = 365 * 24 * 60 * 60;

const LEGACY_PREFIX: &str = "kubernetes.io/serviceaccount/";

/// An object by name and uid.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ObjectRef {
    pub name: String,
    pub uid: String,
}

impl ObjectRef {
    /// The reference to an object.
    pub(crate) fn to(object: &Value) -> ObjectRef {
        ObjectRef::read(object.at("metadata"))
    }

    fn read(value: &Value) -> ObjectRef {
        ObjectRef { name: value.text("name").to_owned(), uid: value.text("uid").to_owned() }
    }

    /// Empty parts are left out, as Go's `omitempty` does.
    fn to_json(&self) -> Value {
        let parts = [("name", &self.name), ("uid", &self.uid)];
        let parts = parts.into_iter().filter(|(_, text)| !text.is_empty());
        Value::Object(parts.map(|(key, text)| (key.to_owned(), json!(text))).collect())
    }
}

/// What a token says. Times are seconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Claims {
    /// `iss`.
    pub issuer: String,
    /// `sub`: the user name.
    pub subject: String,
    /// `aud`; a token of a secret has none.
    pub audiences: Vec<String>,
    /// `exp`.
    pub expires: Option<i64>,
    /// `nbf`.
    pub not_before: Option<i64>,
    /// `iat`.
    pub issued: Option<i64>,
    /// `jti`; empty if there is none.
    pub id: String,
    pub private: Private,
}

/// Kubernetes' own claims, of tokens that live in secrets and of requested ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Private {
    /// `kubernetes.io/serviceaccount/…`.
    Legacy { namespace: String, account: ObjectRef, secret: String },
    /// `kubernetes.io`.
    Bound(Bound),
}

impl Default for Private {
    fn default() -> Private {
        Private::Bound(Bound::default())
    }
}

/// The claim `kubernetes.io` of a requested token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bound {
    pub namespace: String,
    pub account: ObjectRef,
    /// The pod that the token dies with.
    pub pod: Option<ObjectRef>,
    /// The secret that the token dies with.
    pub secret: Option<ObjectRef>,
    /// The node that the token dies with; beside a pod, only where that pod runs.
    pub node: Option<ObjectRef>,
    /// From when on the use of an extended token is reported.
    pub warn_after: Option<i64>,
}

/// The user name of an account.
pub(crate) fn user_name(namespace: &str, account: &str) -> String {
    format!("system:serviceaccount:{namespace}:{account}")
}

/// What KEP-4193 ("Bound service account token improvements") added to requested tokens, each behind a feature gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Improvements {
    /// They carry an id, and their user the credential's id (`ServiceAccountTokenJTI`, on since 1.30).
    pub id: bool,
    /// A pod's token names the pod's node, too (`ServiceAccountTokenPodNodeInfo`, on since 1.30).
    pub pod_node: bool,
    /// They may be bound to a node (`ServiceAccountTokenNodeBinding`, on since 1.31).
    pub to_node: bool,
    /// The node that they name counts (`ServiceAccountTokenNodeBindingValidation`, on since 1.30).
    pub node_counts: bool,
    /// The account's uid in a request counts (`TokenRequestServiceAccountUIDValidation`, on since 1.34).
    pub account_uid: bool,
}

impl Improvements {
    /// Those that the flags and the release have on.
    pub(crate) fn of(config: &Config) -> Improvements {
        Improvements {
            id: config.feature("ServiceAccountTokenJTI"),
            pod_node: config.feature("ServiceAccountTokenPodNodeInfo"),
            to_node: config.feature("ServiceAccountTokenNodeBinding"),
            node_counts: config.feature("ServiceAccountTokenNodeBindingValidation"),
            account_uid: config.feature("TokenRequestServiceAccountUIDValidation"),
        }
    }
}

impl Claims {
    /// The claims of the token that a controller puts into a token secret.
    pub(crate) fn legacy(account: &Value, secret: &Value) -> Claims {
        Claims {
            issuer: LEGACY_ISSUER.to_owned(),
            subject: user_name(account.namespace(), account.name()),
            private: Private::Legacy {
                namespace: account.namespace().to_owned(),
                account: ObjectRef::to(account),
                secret: secret.name().to_owned(),
            },
            ..Claims::default()
        }
    }

    /// The payload. Keys are sorted, as a real server's are.
    pub(crate) fn to_json(&self) -> Value {
        let mut all = Map::new();
        let mut put = |key: &str, value: Value| {
            let empty = value.is_null() || value == json!("") || value == json!([]);
            if !empty {
                all.insert(key.to_owned(), value);
            }
        };
        put("aud", json!(self.audiences));
        put("exp", json!(self.expires));
        put("iat", json!(self.issued));
        put("iss", json!(self.issuer));
        put("jti", json!(self.id));
        match &self.private {
            Private::Bound(bound) => put("kubernetes.io", bound.to_json()),
            Private::Legacy { namespace, account, secret } => {
                for (key, text) in [
                    ("namespace", namespace),
                    ("secret.name", secret),
                    ("service-account.name", &account.name),
                    ("service-account.uid", &account.uid),
                ] {
                    put(&format!("{LEGACY_PREFIX}{key}"), json!(text));
                }
            }
        }
        put("nbf", json!(self.not_before));
        put("sub", json!(self.subject));
        Value::Object(all)
    }

    /// Reads a payload; an error says which claim is of a wrong type.
    pub(crate) fn parse(payload: &Value) -> Result<Claims, String> {
        if !payload.is_object() {
            return Err("claims are not an object".to_owned());
        }
        let issuer = string(payload, "iss")?;
        // A cluster may give requested tokens the old issuer, too.
        let private = match payload.get("kubernetes.io") {
            None if issuer == LEGACY_ISSUER => Private::Legacy {
                namespace: string(payload, &format!("{LEGACY_PREFIX}namespace"))?,
                secret: string(payload, &format!("{LEGACY_PREFIX}secret.name"))?,
                account: ObjectRef {
                    name: string(payload, &format!("{LEGACY_PREFIX}service-account.name"))?,
                    uid: string(payload, &format!("{LEGACY_PREFIX}service-account.uid"))?,
                },
            },
            _ => Private::Bound(Bound::parse(payload.get("kubernetes.io").unwrap_or(&Value::Null))?),
        };
        Ok(Claims {
            subject: string(payload, "sub")?,
            audiences: audiences(payload)?,
            expires: seconds(payload, "exp")?,
            not_before: seconds(payload, "nbf")?,
            issued: seconds(payload, "iat")?,
            id: string(payload, "jti")?,
            issuer,
            private,
        })
    }
}

impl Bound {
    fn to_json(&self) -> Value {
        let mut all = Map::new();
        all.insert("namespace".to_owned(), json!(self.namespace));
        let mut put = |key: &str, object: &Option<ObjectRef>| {
            if let Some(object) = object {
                all.insert(key.to_owned(), object.to_json());
            }
        };
        put("node", &self.node);
        put("pod", &self.pod);
        put("secret", &self.secret);
        all.insert("serviceaccount".to_owned(), self.account.to_json());
        if let Some(at) = self.warn_after {
            all.insert("warnafter".to_owned(), json!(at));
        }
        Value::Object(all)
    }

    fn parse(value: &Value) -> Result<Bound, String> {
        if !value.is_object() && !value.is_null() {
            return Err("claim `kubernetes.io` is not an object".to_owned());
        }
        let object = |key: &str| value.has(key).then(|| ObjectRef::read(value.at(key)));
        Ok(Bound {
            namespace: string(value, "namespace")?,
            account: object("serviceaccount").unwrap_or_default(),
            pod: object("pod"),
            secret: object("secret"),
            node: object("node"),
            warn_after: seconds(value, "warnafter")?.filter(|at| *at != 0),
        })
    }
}

fn string(value: &Value, key: &str) -> Result<String, String> {
    match value.get(key) {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.to_string()),
        Some(_) => Err(format!("claim `{key}` is not a string")),
    }
}

/// A NumericDate; a fraction is dropped.
fn seconds(value: &Value, key: &str) -> Result<Option<i64>, String> {
    match value.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => {
            let text = number.to_string();
            let whole = text.split(['.', 'e', 'E']).next().unwrap_or_default();
            whole.parse().map(Some).map_err(|_| format!("claim `{key}` is no time"))
        }
        Some(_) => Err(format!("claim `{key}` is not a number")),
    }
}

/// One audience may stand for a list of one.
fn audiences(payload: &Value) -> Result<Vec<String>, String> {
    let wrong = || "claim `aud` is not a list of strings".to_owned();
    match payload.get("aud") {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::String(one)) => Ok(vec![one.to_string()]),
        Some(Value::Array(many)) => {
            many.iter().map(|one| one.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
        }
        Some(_) => Err(wrong()),
    }
}

//! What a kubelet fetches for a pod: secrets, config maps and tokens, for volumes and variables.

use super::super::calls;
use crate::api::{Dig, Request};
use crate::json::{Value, json};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::collections::BTreeMap;

/// One thing that is fetched.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Source {
    /// Under which name the mounts hold it.
    pub(super) place: String,
    /// The first volume that it is for; empty for variables.
    pub(super) volume: String,
    /// What waits for it.
    pub(super) need: Need,
    what: What,
}

/// What waits for a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    /// Nothing: it is optional.
    Nothing,
    /// The containers that have a variable of it.
    Containers,
    /// The whole pod, which mounts it.
    Pod,
}

#[derive(Clone, Debug, PartialEq)]
enum What {
    Secret(String),
    ConfigMap(String),
    Token { audience: String, seconds: i64 },
}

/// Where the mounts hold a secret.
pub(super) fn secret(name: &str) -> String {
    format!("secrets/{name}")
}

/// Where the mounts hold a config map.
pub(super) fn config_map(name: &str) -> String {
    format!("configmaps/{name}")
}

/// Where the mounts hold the token of a projected volume's source.
pub(super) fn token(volume: &str, index: usize) -> String {
    format!("token/{volume}/{index}")
}

/// What a volume is made of: itself, or the numbered sources that it projects.
pub(super) fn parts(volume: &Value) -> impl Iterator<Item = (usize, &Value)> {
    std::iter::once(volume).chain(volume.list("projected.sources")).enumerate()
}

/// The secret of a volume, or of a source that it projects.
pub(super) fn secret_name(part: &Value) -> &str {
    match part.text("secret.secretName") {
        "" => part.text("secret.name"),
        name => name,
    }
}

/// The decoded data of a secret or config map.
pub(super) fn data(object: &Value) -> BTreeMap<String, String> {
    let decode =
        |text: &str| String::from_utf8_lossy(&STANDARD.decode(text).unwrap_or_default()).into_owned();
    let secret = object.text("kind") == "Secret";
    let plain = object.entries("data").map(|(key, value)| {
        let text = value.as_str().unwrap_or_default();
        (key.to_string(), if secret { decode(text) } else { text.to_owned() })
    });
    let binary =
        object.entries("binaryData").map(|(k, v)| (k.to_string(), decode(v.as_str().unwrap_or_default())));
    plain.chain(binary).collect()
}

/// All that a pod needs, each once, with the greatest need of all its uses.
pub(super) fn of(pod: &Value) -> Vec<Source> {
    let mut sources: Vec<Source> = Vec::new();
    let mut add = |source: Source| match sources.iter_mut().find(|known| known.place == source.place) {
        Some(known) => known.need = known.need.max(source.need),
        None => sources.push(source),
    };
    for volume in pod.list("spec.volumes") {
        let name = volume.text("name");
        for (index, source) in parts(volume) {
            if source.has("secret") {
                add(Source::secret(name, secret_name(source), source.flag("secret.optional")));
            }
            if source.has("configMap") {
                let config_map = source.text("configMap.name");
                add(Source::config_map(name, config_map, source.flag("configMap.optional")));
            }
            if source.has("serviceAccountToken") {
                let seconds = source.at("serviceAccountToken.expirationSeconds").as_i64().unwrap_or(3600);
                let audience = source.text("serviceAccountToken.audience").to_owned();
                let what = What::Token { audience, seconds };
                add(Source { place: token(name, index), volume: name.to_owned(), need: Need::Pod, what });
            }
        }
    }
    for container in ["spec.initContainers", "spec.containers"].into_iter().flat_map(|list| pod.list(list)) {
        for variable in of_variables(container) {
            add(match variable.kind {
                "Secret" => Source::secret("", variable.name, variable.optional),
                _ => Source::config_map("", variable.name, variable.optional),
            });
        }
    }
    sources
}

/// A secret or config map that a container's variables come from.
#[derive(Clone, Copy, Debug)]
pub(super) struct OfVariables<'p> {
    /// `Secret` or `ConfigMap`.
    pub(super) kind: &'static str,
    pub(super) name: &'p str,
    /// The key that is read; none where all are.
    pub(super) key: Option<&'p str>,
    pub(super) optional: bool,
}

impl OfVariables<'_> {
    /// Where the mounts hold it.
    pub(super) fn place(&self) -> String {
        match self.kind {
            "Secret" => secret(self.name),
            _ => config_map(self.name),
        }
    }
}

/// What a container's variables come from, in the order in which they are made (`makeEnvironmentVariables`).
pub(super) fn of_variables(container: &Value) -> impl Iterator<Item = OfVariables<'_>> {
    let all = container.list("envFrom").iter();
    let all = all.filter_map(|from| read(from, ["configMapRef", "secretRef"]));
    let one = container.list("env").iter().map(|variable| variable.at("valueFrom"));
    all.chain(one.filter_map(|from| read(from, ["configMapKeyRef", "secretKeyRef"])))
}

/// The reference to a config map or else to a secret.
fn read<'p>(from: &'p Value, [config_map, secret]: [&str; 2]) -> Option<OfVariables<'p>> {
    let (kind, reference) = match from.at(config_map) {
        reference @ Value::Object(_) => ("ConfigMap", reference),
        _ => ("Secret", from.at(secret)),
    };
    let key = reference.at("key").as_str();
    let (name, optional) = (reference.text("name"), reference.flag("optional"));
    reference.is_object().then_some(OfVariables { kind, name, key, optional })
}

impl Source {
    fn new(place: String, volume: &str, optional: bool, what: What) -> Source {
        let need = match (optional, volume) {
            (true, _) => Need::Nothing,
            (false, "") => Need::Containers,
            (false, _) => Need::Pod,
        };
        Source { place, volume: volume.to_owned(), need, what }
    }

    fn secret(volume: &str, name: &str, optional: bool) -> Source {
        Source::new(secret(name), volume, optional, What::Secret(name.to_owned()))
    }

    fn config_map(volume: &str, name: &str, optional: bool) -> Source {
        Source::new(config_map(name), volume, optional, What::ConfigMap(name.to_owned()))
    }

    /// Whether this is that object.
    pub(super) fn reads(&self, resource: &str, name: &str) -> bool {
        self.place == format!("{resource}/{name}")
    }

    /// Whether this is a token, which is fetched anew before it expires.
    pub(super) fn is_token(&self) -> bool {
        matches!(self.what, What::Token { .. })
    }

    /// The resource and the name of the object to be read; none for a token.
    pub(super) fn object(&self) -> Option<(&'static str, &str)> {
        match &self.what {
            What::Secret(name) => Some(("secrets", name)),
            What::ConfigMap(name) => Some(("configmaps", name)),
            What::Token { .. } => None,
        }
    }

    /// How kubelets name its kind.
    pub(super) fn kind(&self) -> &'static str {
        match self.what {
            What::Secret(_) => "secret",
            What::ConfigMap(_) => "configmap",
            What::Token { .. } => "token",
        }
    }

    /// The request for it.
    pub(super) fn request(&self, pod: &Value) -> Request {
        let namespace = pod.namespace();
        let read = |resource, name| {
            Request::new("GET", format!("{}/{name}", calls::path("v1", resource, namespace)))
        };
        match &self.what {
            What::Secret(name) => read("secrets", name),
            What::ConfigMap(name) => read("configmaps", name),
            What::Token { audience, seconds } => {
                let account = match pod.text("spec.serviceAccountName") {
                    "" => "default",
                    name => name,
                };
                let audiences: Vec<&str> = if audience.is_empty() { Vec::new() } else { vec![audience] };
                let mut asked = json!({
                    "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
                    "metadata": {"name": account, "namespace": namespace},
                    "spec": {
                        "expirationSeconds": seconds,
                        "boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": pod.name(), "uid": pod.uid()},
                    },
                });
                asked.set("spec.audiences", audiences);
                let path = calls::path("v1", "serviceaccounts", namespace);
                Request::new("POST", format!("{path}/{account}/token")).json(&asked)
            }
        }
    }
}

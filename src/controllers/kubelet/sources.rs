//! What a kubelet fetches for a pod: secrets, config maps and tokens, for volumes and variables.

use super::super::calls;
use crate::api::{Dig, Request};
use serde_json::{Value, json};

/// One thing that is fetched.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Source {
    /// Under which name the mounts hold it.
    pub(super) place: String,
    /// The volume that it is for; empty for variables.
    pub(super) volume: String,
    /// Whether the pod starts without it, too.
    pub(super) optional: bool,
    what: What,
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

/// All that a pod needs, each once; what any use of it demands is not optional.
pub(super) fn of(pod: &Value) -> Vec<Source> {
    let mut sources: Vec<Source> = Vec::new();
    let mut add = |source: Source| match sources.iter_mut().find(|known| known.place == source.place) {
        Some(known) => known.optional &= source.optional,
        None => sources.push(source),
    };
    for volume in pod.list("spec.volumes") {
        let name = volume.text("name");
        if volume.has("secret") {
            add(Source::secret(name, volume.text("secret.secretName"), volume.flag("secret.optional")));
        }
        if volume.has("configMap") {
            add(Source::config_map(name, volume.text("configMap.name"), volume.flag("configMap.optional")));
        }
        for (index, source) in volume.list("projected.sources").iter().enumerate() {
            if source.has("secret") {
                add(Source::secret(name, source.text("secret.name"), source.flag("secret.optional")));
            }
            if source.has("configMap") {
                add(Source::config_map(
                    name,
                    source.text("configMap.name"),
                    source.flag("configMap.optional"),
                ));
            }
            if source.has("serviceAccountToken") {
                let seconds = source.at("serviceAccountToken.expirationSeconds").as_i64().unwrap_or(3600);
                let audience = source.text("serviceAccountToken.audience").to_owned();
                let what = What::Token { audience, seconds };
                add(Source { place: token(name, index), volume: name.to_owned(), optional: false, what });
            }
        }
    }
    for container in ["spec.initContainers", "spec.containers"].into_iter().flat_map(|list| pod.list(list)) {
        for from in container.list("envFrom") {
            if from.has("secretRef") {
                add(Source::secret("", from.text("secretRef.name"), from.flag("secretRef.optional")));
            }
            if from.has("configMapRef") {
                add(Source::config_map(
                    "",
                    from.text("configMapRef.name"),
                    from.flag("configMapRef.optional"),
                ));
            }
        }
        for variable in container.list("env") {
            if let key @ Value::Object(_) = variable.at("valueFrom.secretKeyRef") {
                add(Source::secret("", key.text("name"), key.flag("optional")));
            }
            if let key @ Value::Object(_) = variable.at("valueFrom.configMapKeyRef") {
                add(Source::config_map("", key.text("name"), key.flag("optional")));
            }
        }
    }
    sources
}

impl Source {
    fn secret(volume: &str, name: &str, optional: bool) -> Source {
        let what = What::Secret(name.to_owned());
        Source { place: secret(name), volume: volume.to_owned(), optional, what }
    }

    fn config_map(volume: &str, name: &str, optional: bool) -> Source {
        let what = What::ConfigMap(name.to_owned());
        Source { place: config_map(name), volume: volume.to_owned(), optional, what }
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

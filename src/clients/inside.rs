//! A pod, seen from inside: its files, environment, names and addresses.

use super::pod::Pod;
use crate::api::Dig;
use crate::cluster::Cluster;
use crate::controllers::kubelet;
use crate::error::Error;
use crate::json::Value;
use crate::tokens::{SigningKey, signed};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// What a process in a container sees.
pub(crate) struct Inside {
    namespace: String,
    files: BTreeMap<String, String>,
    env: Vec<(String, String)>,
    dns: bool,
    address: String,
    ca: String,
    key: Arc<SigningKey>,
}

impl Inside {
    /// The view from a pod's container; the first one unless one is named.
    pub(crate) fn of(cluster: &Cluster, pod: &Value, container: Option<&str>) -> Inside {
        let objects = cluster.store().objects();
        let service = objects.get("services", "default", "kubernetes");
        Inside {
            namespace: pod.namespace().to_owned(),
            files: kubelet::files(pod, container, cluster.mounts()),
            env: kubelet::environment(pod, container, objects, cluster.mounts()),
            dns: cluster.config().dns && matches!(pod.text("spec.dnsPolicy"), "ClusterFirst" | ""),
            address: service.map(|service| service.text("spec.clusterIP").to_owned()).unwrap_or_default(),
            ca: cluster.authority().certificate().pem(),
            key: cluster.token_key().clone(),
        }
    }
}

impl Pod for Inside {
    fn file(&self, path: &str) -> Option<String> {
        self.files.get(path).map(|text| signed(text, &self.key).into_owned())
    }

    fn directory(&self, path: &str) -> Option<Vec<String>> {
        let prefix = format!("{}/", path.trim_end_matches('/'));
        let inside = self.files.keys().filter_map(|file| file.strip_prefix(&prefix));
        let mut names: Vec<String> =
            inside.filter_map(|rest| rest.split('/').next()).map(str::to_owned).collect();
        names.dedup();
        (!names.is_empty()).then_some(names)
    }

    fn env(&self) -> Vec<(String, String)> {
        let whole = |(name, value): &(String, String)| (name.clone(), signed(value, &self.key).into_owned());
        self.env.iter().map(whole).collect()
    }

    fn namespace(&self) -> &str {
        &self.namespace
    }

    fn dns(&self) -> bool {
        self.dns
    }

    fn server_addresses(&self) -> Vec<String> {
        vec![self.address.clone()]
    }

    fn server_names(&self) -> Vec<String> {
        let names = [
            "kubernetes",
            "kubernetes.default",
            "kubernetes.default.svc",
            "kubernetes.default.svc.cluster.local",
        ];
        names.iter().map(|name| (*name).to_owned()).chain([self.address.clone()]).collect()
    }

    fn server_ca(&self) -> String {
        self.ca.clone()
    }
}

/// Which pod a step means: `NAMESPACE/pod/NAME`, or `NAMESPACE/deployment/NAME` for the first of its pods.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target<'a> {
    namespace: &'a str,
    /// `pod` or `deployment`.
    kind: &'a str,
    name: &'a str,
}

impl<'a> Target<'a> {
    /// Reads what a step says.
    pub(crate) fn read(text: &'a str) -> Result<Target<'a>, Error> {
        let [namespace, kind, name] = text.split('/').collect::<Vec<_>>()[..] else {
            return Err(Error::new(format!("`{text}` names no pod")).hint(FORM));
        };
        match kind.strip_suffix('s').unwrap_or(kind) {
            kind @ ("pod" | "deployment") => Ok(Target { namespace, kind, name }),
            _ => Err(Error::new(format!("`{kind}` is neither pod nor deployment")).hint(FORM)),
        }
    }

    /// The pod, if it runs.
    pub(crate) fn running(self, cluster: &Cluster) -> Option<Arc<Value>> {
        let Target { namespace, kind, name } = self;
        let objects = cluster.store().objects();
        let running = |pod: &&Arc<Value>| {
            pod.text("status.phase") == "Running" && !pod.has("metadata.deletionTimestamp")
        };
        let owned = |object: &Value, by: &Value| {
            object.list("metadata.ownerReferences").iter().any(|owner| owner.text("uid") == by.uid())
        };
        if kind == "pod" {
            return objects.get("pods", namespace, name).filter(running).cloned();
        }
        let deployment = objects.get("deployments.apps", namespace, name)?;
        let mut sets = objects.list("replicasets.apps", namespace).filter(|set| owned(set, deployment));
        sets.find_map(|set| {
            objects.list("pods", namespace).filter(running).find(|pod| owned(pod, set)).cloned()
        })
    }

    /// That it does not run: the object or its namespace may not even be there.
    pub(crate) fn missing(self, cluster: &Cluster) -> Error {
        let objects = cluster.store().objects();
        let wrong = Error::new(format!("no pod of {self} is running"));
        let namespaces: Vec<&str> = objects.list("namespaces", "").map(|object| object.name()).collect();
        if !namespaces.contains(&self.namespace) {
            return Error::new(format!("{}: there is no namespace `{}`", wrong.message, self.namespace))
                .nearest(self.namespace, namespaces);
        }
        let resource = if self.kind == "pod" { "pods" } else { "deployments.apps" };
        let names: Vec<&str> = objects.list(resource, self.namespace).map(|object| object.name()).collect();
        if names.contains(&self.name) { wrong } else { wrong.nearest(self.name, names) }
    }
}

const FORM: &str = "write NAMESPACE/pod/NAME or NAMESPACE/deployment/NAME";

impl fmt::Display for Target<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.namespace, self.kind, self.name)
    }
}

//! A pod, seen from inside: its files, environment, names and addresses.

use super::shell::Pod;
use crate::api::Dig;
use crate::cluster::Cluster;
use crate::controllers::kubelet;
use crate::tokens::{SigningKey, signed};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a process in a container sees.
pub struct Inside {
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
    pub fn of(cluster: &Cluster, pod: &Value, container: Option<&str>) -> Inside {
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

/// The running pod that a step means: `NAMESPACE/pod/NAME`, or `NAMESPACE/deployment/NAME` for the first of its pods.
pub fn find(cluster: &Cluster, target: &str) -> Result<Arc<Value>, String> {
    let parts: Vec<&str> = target.split('/').collect();
    let [namespace, kind, name] = parts.as_slice() else {
        return Err(format!(
            "`{target}` names no pod: write NAMESPACE/pod/NAME or NAMESPACE/deployment/NAME"
        ));
    };
    let objects = cluster.store().objects();
    let running =
        |pod: &&Arc<Value>| pod.text("status.phase") == "Running" && !pod.has("metadata.deletionTimestamp");
    let owned = |object: &Value, by: &Value| {
        object.list("metadata.ownerReferences").iter().any(|owner| owner.text("uid") == by.uid())
    };
    let found = match *kind {
        "pod" | "pods" => objects.get("pods", namespace, name).filter(running).cloned(),
        "deployment" | "deployments" => {
            objects.get("deployments.apps", namespace, name).and_then(|deployment| {
                objects.list("replicasets.apps", namespace).filter(|set| owned(set, deployment)).find_map(
                    |set| {
                        objects.list("pods", namespace).filter(running).find(|pod| owned(pod, set)).cloned()
                    },
                )
            })
        }
        _ => {
            return Err(format!(
                "`{kind}` is neither pod nor deployment: write NAMESPACE/pod/NAME or NAMESPACE/deployment/NAME"
            ));
        }
    };
    found.ok_or_else(|| format!("no pod of {target} is running"))
}

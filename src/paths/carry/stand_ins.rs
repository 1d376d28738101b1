//! What the cluster's own components do about what was written: requests of theirs.

use super::{Done, Me, Run, Shown, Stopped};
use crate::api::{Dig, User};
use crate::certificates::{Subject, Terms};
use crate::json::{Value, json};
use crate::paths::node::{NODES, account_user};
use crate::tokens::{Claims, unsigned};
use base64::{Engine, engine::general_purpose::STANDARD};

/// The node of pods that nobody has put anywhere, where the cluster tells of none.
const NODE: &str = "node";

impl Run {
    /// A controller of kube-controller-manager.
    pub(super) fn controller(name: &str) -> User {
        User::named(&format!("system:serviceaccount:kube-system:{name}")).authenticated()
    }

    /// The kubelet of a node.
    pub(super) fn kubelet(node: &str) -> User {
        User::new(format!("system:node:{node}"), &[NODES]).authenticated()
    }

    /// A pod comes to a node, and its kubelet gets a token of its account; whoever is in the pod goes on with it.
    pub(super) fn token_of_pod(&mut self, namespace: &str, name: &str) -> Result<(), Box<Stopped>> {
        let node = self.place(namespace, name, None)?;
        self.token_by(&Me { user: Run::kubelet(&node), shown: Shown::Known }, namespace, name)
    }

    /// The node of a pod gets a token of its account, and whoever climbs goes on with it.
    pub(super) fn token_by(&mut self, kubelet: &Me, namespace: &str, name: &str) -> Done {
        let pod = self.stored("pods", namespace, name).unwrap_or_default();
        let account = match pod.text("spec.serviceAccountName") {
            "" => "default".to_owned(),
            account => account.to_owned(),
        };
        // A kubelet asks for the audience that the pod's volume says: most say none, which is the server's.
        let own = self.cluster.config().audiences();
        let volumes = pod.list("spec.volumes").iter().flat_map(|volume| volume.list("projected.sources"));
        let mut said = volumes.map(|source| source.text("serviceAccountToken.audience"));
        let audience = said.find(|said| own.iter().any(|own| own == said));
        let request = json!({
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
            "spec": {
                "audiences": audience.into_iter().collect::<Vec<_>>(), "expirationSeconds": 3607,
                "boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": name, "uid": pod.uid()},
            },
        });
        let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token");
        let answer = self.ask_by(kubelet, "POST", &path, Some(&request))?;
        let user = account_user(namespace, &account);
        self.goes_on_with(&user, answer.text("status.token"))
    }

    /// The node of a pod: the scheduler binds one that has none.
    pub(super) fn place(
        &mut self,
        namespace: &str,
        name: &str,
        wanted: Option<&str>,
    ) -> Result<String, Box<Stopped>> {
        let pod = self.stored("pods", namespace, name).unwrap_or_default();
        if !pod.text("spec.nodeName").is_empty() {
            return Ok(pod.text("spec.nodeName").to_owned());
        }
        let nodes = self.cluster.store().objects().all("nodes");
        let first = nodes.map(|node| node.name().to_owned()).next().unwrap_or_else(|| NODE.to_owned());
        let node = wanted.map_or(first, str::to_owned);
        let binding = json!({
            "apiVersion": "v1", "kind": "Binding", "metadata": {"name": name, "namespace": namespace},
            "target": {"apiVersion": "v1", "kind": "Node", "name": node},
        });
        let path = format!("/api/v1/namespaces/{namespace}/pods/{name}/binding");
        let scheduler = User::new("system:kube-scheduler", &[]).authenticated();
        self.ask_as(scheduler, "POST", &path, Some(&binding))?;
        Ok(node)
    }

    /// A secret with a token of its account, as the token controller fills it.
    pub(super) fn filled(&self, namespace: &str, name: &str) -> Value {
        let mut secret = self.stored("secrets", namespace, name).unwrap_or_default();
        let account = secret.annotation("kubernetes.io/service-account.name").unwrap_or_default().to_owned();
        let stored = self.stored("serviceaccounts", namespace, &account).unwrap_or_default();
        let token = unsigned(&Claims::legacy(&stored, &secret), self.cluster.token_key());
        secret.make("metadata.annotations")["kubernetes.io/service-account.uid"] = stored.uid().into();
        secret.make("data")["token"] = STANDARD.encode(token).into();
        secret
    }

    /// The token controller fills a secret.
    pub(super) fn fill(&mut self, namespace: &str, name: &str) -> Result<(), Box<Stopped>> {
        let secret = self.filled(namespace, name);
        let manager = User::new("system:kube-controller-manager", &[]).authenticated();
        let path = format!("/api/v1/namespaces/{namespace}/secrets/{name}");
        self.ask_as(manager, "PUT", &path, Some(&secret)).map(drop)
    }

    /// The signer signs a request that was approved.
    pub(super) fn signed(&mut self, name: &str, subject: &Subject) -> Result<String, Box<Stopped>> {
        const YEAR: i64 = 365 * 24 * 3600;
        let mut request =
            self.stored("certificatesigningrequests.certificates.k8s.io", "", name).unwrap_or_default();
        let key = self.cluster.token_key().public().clone();
        let terms = Terms::of_request(1, self.cluster.now(), None, YEAR);
        let certificate = self.cluster.authority().client(&key, subject, &terms);
        let certificate = certificate.map_err(|why| self.stopped("the signer", &why))?;
        request.set("status.certificate", STANDARD.encode(certificate.pem()));
        let path = self.collection("certificates.k8s.io", "certificatesigningrequests", "");
        let signer = Run::controller("certificate-controller");
        self.ask_as(signer, "PUT", &format!("{path}/{name}/status"), Some(&request))?;
        Ok(certificate.pem())
    }

    /// Whoever runs the cluster and has no part in this.
    pub(super) fn administrator() -> User {
        User::new("admin", &["system:masters"])
    }

    /// What is written under `metadata` of something new.
    pub(super) fn metadata(name: &str, namespace: &str) -> Value {
        match namespace {
            "" => json!({"name": name}),
            namespace => json!({"name": name, "namespace": namespace}),
        }
    }
}

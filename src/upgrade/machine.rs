//! A cluster of one release that is given objects one after the other, as an administrator's `kubectl apply` does it.
//!
//! Of the controllers run those that make what a write needs around it: accounts and their tokens, the root
//! certificates, aggregated roles, what quotas count. Webhooks are called by none: what they would answer is nowhere
//! written.

use crate::api::{Dig, Request, Resource, Response, User, Version, root_path};
use crate::cluster::{Cluster, START};
use crate::config::Config;
use crate::error::Error;
use crate::json::{Value, json};
use crate::store::Key;
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::Timestamp;
use std::sync::Arc;

/// The controllers that run.
const CONTROLLERS: [&str; 5] = [
    "serviceaccount-controller",
    "serviceaccount-token-controller",
    "root-ca-certificate-publisher-controller",
    "clusterrole-aggregation-controller",
    "resourcequota-controller",
];

/// The kinds whose objects make pods, and where their template stands.
const TEMPLATES: [(&str, &str); 7] = [
    ("CronJob", "spec.jobTemplate.spec.template"),
    ("DaemonSet", "spec.template"),
    ("Deployment", "spec.template"),
    ("Job", "spec.template"),
    ("ReplicaSet", "spec.template"),
    ("ReplicationController", "spec.template"),
    ("StatefulSet", "spec.template"),
];

/// A cluster of one release.
#[derive(Clone)]
pub(super) struct Machine {
    pub(super) cluster: Cluster,
}

/// What a server answers to an object.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Answer {
    pub(super) code: u16,
    /// Of a refusal.
    pub(super) reason: String,
    /// Of a refusal.
    pub(super) message: String,
    /// The fields that a refusal names.
    pub(super) fields: Vec<String>,
    pub(super) warnings: Vec<String>,
    /// The object, unless it was refused.
    pub(super) object: Value,
    /// What controllers make for it.
    pub(super) made: Vec<String>,
    /// The answer to a pod that is made from its template.
    pub(super) pod: Option<Box<Answer>>,
    /// The answer to whoever uses the token in it.
    pub(super) token: Option<Box<Answer>>,
}

impl Answer {
    /// The same, accepted unless somebody may not: beyond that, nobody is there to answer.
    pub(super) fn as_let_through(&self) -> Answer {
        if self.code == 403 { self.clone() } else { Answer { code: 101, ..Answer::default() } }
    }

    fn of(response: &Response) -> Answer {
        let body = response.object();
        let (object, status) = if response.ok() { (body, &Value::Null) } else { (&Value::Null, body) };
        Answer {
            code: response.code,
            reason: status.text("reason").to_owned(),
            message: status.text("message").to_owned(),
            fields: status
                .list("details.causes")
                .iter()
                .map(|cause| cause.text("field").to_owned())
                .collect(),
            warnings: response.headers.all("Warning").map(unquoted).collect(),
            object: object.clone(),
            ..Answer::default()
        }
    }

    pub(super) fn ok(&self) -> bool {
        self.code < 400
    }

    /// `403 Forbidden: pods "x" is forbidden: …`, random names masked.
    pub(super) fn refusal(&self) -> String {
        let message: Vec<String> = self.message.trim_end().split('"').map(masked).collect();
        format!("{} {}: {}", self.code, self.reason, message.join("\""))
    }
}

/// The text of a `Warning` header.
fn unquoted(header: &str) -> String {
    let text = header.splitn(3, ' ').nth(2).unwrap_or_default();
    let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
    text.replace("\\\"", "\"").replace("\\\\", "\\")
}

/// The set-up of a release.
pub(super) fn config(version: Version) -> Config {
    let controllers = CONTROLLERS.iter().map(|name| (*name).to_owned()).collect();
    Config { controllers, ..Config::new(version) }
}

/// Who brings the objects.
fn administrator() -> User {
    User::new("kubernetes-admin", &["system:masters", "system:authenticated"])
}

/// Where an object of a resource is kept.
pub(super) fn key(row: &Resource, object: &Value) -> Key {
    Key::new(&row.storage(), namespace(row, object), object.name())
}

fn namespace<'o>(row: &Resource, object: &'o Value) -> &'o str {
    match (row.namespaced, object.namespace()) {
        (true, "") => "default",
        (true, namespace) => namespace,
        (false, _) => "",
    }
}

impl Machine {
    /// A fresh cluster of that release.
    pub(super) fn new(version: Version) -> Result<Machine, Error> {
        let start = Timestamp::from_second(START).map_err(Error::of)?;
        Ok(Machine { cluster: Cluster::new(config(version), start)? })
    }

    /// The resource of an object's kind, as far as it is served.
    pub(super) fn row(&self, object: &Value) -> Option<Arc<Resource>> {
        let version = object.text("apiVersion");
        let (group, of_group) = version.split_once('/').unwrap_or(("", version));
        self.cluster.resources().by_kind(group, of_group, object.text("kind")).cloned()
    }

    /// Has an administrator create an object, in the place of one that is there.
    pub(super) fn create(&mut self, row: &Resource, object: &Value) -> Answer {
        let key = key(row, object);
        self.cluster.forget(std::slice::from_ref(&key));
        let revision = self.cluster.store().revision();
        let mut answer = self.post(row, object);
        self.cluster.settle();
        answer.made = self.made_since(revision, &key);
        if answer.ok() {
            answer.pod = self.pod(&answer.object).map(Box::new);
            answer.token = self.token(&key, object).map(Box::new);
        }
        if row.name.ends_with("webhookconfigurations") {
            self.cluster.forget(std::slice::from_ref(&key));
        }
        self.cluster.take_journal();
        answer
    }

    fn post(&mut self, row: &Resource, object: &Value) -> Answer {
        let within = match namespace(row, object) {
            "" => String::new(),
            namespace => format!("/namespaces/{namespace}"),
        };
        let root = root_path(&row.group, &row.version);
        let path = format!("{root}{within}/{}?fieldManager=kubectl-client-side-apply", row.name);
        self.ask(Request::new("POST", path).json(object).by(administrator()))
    }

    /// The same cluster with other flags, all at rest; none where the flags do not go together.
    pub(super) fn restarted(&self, config: Config) -> Option<Machine> {
        let mut other = self.clone();
        other.cluster.restart(config).ok()?;
        other.cluster.settle();
        Some(other)
    }

    /// Sends a request.
    pub(super) fn ask(&mut self, request: Request) -> Answer {
        Answer::of(&self.cluster.handle_now(request).response)
    }

    /// What is there since a revision besides an object, random suffixes masked.
    fn made_since(&self, revision: u64, besides: &Key) -> Vec<String> {
        let store = self.cluster.store();
        let made = store.since(revision).into_iter().flatten().filter(|event| event.old.is_none());
        let there = made.filter(|event| event.key != *besides).filter_map(|event| {
            let object = store.objects().of(&event.key)?;
            let name = masked(object.name());
            Some(match object.namespace() {
                "" => format!("{} {name}", object.text("kind")),
                namespace => format!("{} {namespace}/{name}", object.text("kind")),
            })
        });
        there.collect()
    }

    /// What a controller is answered that makes a pod for an object.
    fn pod(&self, owner: &Value) -> Option<Answer> {
        let (_, place) = TEMPLATES.iter().find(|(kind, _)| *kind == owner.text("kind"))?;
        let mut pod = owner.at(place).clone();
        pod.set("apiVersion", "v1");
        pod.set("kind", "Pod");
        pod.set("metadata.namespace", owner.namespace());
        pod.set("metadata.generateName", format!("{}-", owner.name()));
        for claim in owner.list("spec.volumeClaimTemplates") {
            let name = claim.name();
            pod.push("spec.volumes", json!({"name": name, "persistentVolumeClaim": {"claimName": name}}));
        }
        let row = self.cluster.resources().preferred("", "pods")?;
        Some(self.clone().post(row, &pod))
    }

    /// What somebody is answered who shows the token of a secret.
    fn token(&self, key: &Key, secret: &Value) -> Option<Answer> {
        if &*key.resource != "secrets" || secret.text("type") != "kubernetes.io/service-account-token" {
            return None;
        }
        let mut aside = self.clone();
        let path = format!("/api/v1/namespaces/{}/secrets/{}", key.namespace, key.name);
        let secret = aside.ask(Request::new("GET", path).by(administrator())).object;
        let token = String::from_utf8(STANDARD.decode(secret.text("data.token")).ok()?).ok()?;
        Some(aside.ask(Request::new("GET", "/version").header("Authorization", format!("Bearer {token}"))))
    }

    /// Stores what an older release has stored.
    pub(super) fn keep(&mut self, key: Key, object: Value) {
        self.cluster.restore([(key, object)]);
    }

    /// Stores a role or binding that comes with a server, as a server does that finds it when it starts: what it is missing
    /// is added, and nothing taken away (`pkg/registry/rbac/reconciliation`).
    pub(super) fn reconcile(&mut self, key: Key, mut object: Value) {
        if let Some(own) = self.cluster.store().objects().of(&key) {
            for list in ["rules", "subjects"] {
                let missing: Vec<Value> =
                    own.list(list).iter().filter(|item| !object.list(list).contains(item)).cloned().collect();
                missing.into_iter().for_each(|item| object.push(list, item));
            }
        }
        self.keep(key, object);
    }
}

/// The letters of random suffixes (`k8s.io/apimachinery/pkg/util/rand`).
const BY_CHANCE: &str = "bcdfghjklmnpqrstvwxz2456789";

/// A name with its random suffix masked, if it has one.
pub(super) fn masked(name: &str) -> String {
    match name.rsplit_once('-') {
        Some((stem, suffix)) if suffix.len() == 5 && suffix.chars().all(|c| BY_CHANCE.contains(c)) => {
            format!("{stem}{MASK}")
        }
        _ => name.to_owned(),
    }
}

/// What stands for a random suffix.
const MASK: &str = "-*****";

/// Whether a name had a random suffix.
pub(super) fn is_masked(name: &str) -> bool {
    name.ends_with(MASK)
}

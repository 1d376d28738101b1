//! Objects that stand in for those which a dump does not hold, so that a line which looks them up goes on, and all that it asks for is
//! known: a dump of roles and bindings has no pods for `kubectl delete pods --all`.

use crate::api::resources::Resource;
use crate::api::selector::{FieldSelector, LabelSelector};
use crate::api::{Dig, RequestInfo};
use crate::cluster::{Cluster, RequestReport};
use crate::json::{Value, json};
use crate::scenario::report::StepReport;
use crate::store::Key;
use std::collections::BTreeSet;

/// The name and the namespace of what stands in for any object.
const ANY: &str = "any-that-there-may-be";

/// Commands that only read: what they are not shown, they do nothing with.
const READS: [&str; 6] = ["get", "describe", "top", "events", "wait", "explain"];

/// What stands in, so far.
#[derive(Default)]
pub(super) struct StandIns {
    keys: BTreeSet<Key>,
    /// What there is to say of it.
    pub(super) notes: Vec<String>,
}

impl StandIns {
    /// Lets objects stand in for what a line found missing; whether there is more than before.
    pub(super) fn add(&mut self, line: &str, report: &StepReport, cluster: &mut Cluster) -> bool {
        if only_reads(line) {
            return false;
        }
        let missing = report.deciding().filter(|request| request.code == 404).and_then(|request| {
            let info = &request.trace.info;
            (info.is_resource && info.verb == "get" && !info.name.is_empty()).then_some(info)
        });
        let untouched = report.requests.iter().filter(|request| lists_alone(request, &report.requests));
        let wanted: Vec<RequestInfo> =
            missing.into_iter().chain(untouched.map(|request| &request.trace.info)).cloned().collect();
        let before = self.keys.len();
        wanted.iter().for_each(|info| self.stand_in(info, cluster));
        self.keys.len() > before
    }

    fn stand_in(&mut self, info: &RequestInfo, cluster: &mut Cluster) {
        let Some(row) = cluster.resources().preferred(&info.group, &info.resource).cloned() else {
            return;
        };
        // Which signer's rights a request for a certificate takes, only it says.
        if row.kind == *"CertificateSigningRequest" {
            return;
        }
        let (object, any) = object(&row, info, cluster);
        let key = Key::new(&row.storage(), object.namespace(), object.name());
        if !self.keys.insert(key.clone()) {
            return;
        }
        cluster.restore([(key, object)]);
        self.notes.push(match any {
            true => format!("the dump holds no such {}: it is asked for any that there may be", row.name),
            false => {
                format!("the dump holds no {} `{}`: it is asked as if it were there", row.name, info.name)
            }
        });
    }
}

/// The same request without the name of what stands in for any object.
pub(super) fn of_any(mut info: RequestInfo) -> RequestInfo {
    for part in [&mut info.name, &mut info.namespace] {
        if part == ANY {
            part.clear();
        }
    }
    info
}

/// Whether a line does nothing but read.
pub(super) fn only_reads(line: &str) -> bool {
    let words = line.split_whitespace().take_while(|word| *word != "--");
    words.into_iter().any(|word| READS.contains(&word))
}

/// Whether a request listed, and nothing else was done with the resource.
fn lists_alone(request: &RequestReport, all: &[RequestReport]) -> bool {
    let info = &request.trace.info;
    let of_same = |other: &&RequestReport| {
        (&other.trace.info.group, &other.trace.info.resource) == (&info.group, &info.resource)
    };
    info.is_resource
        && info.verb == "list"
        && request.code == 200
        && all.iter().filter(of_same).all(|other| other.trace.info.verb == "list")
}

/// What a request looks for, and whether it is any object that there may be.
fn object(row: &Resource, info: &RequestInfo, cluster: &Cluster) -> (Value, bool) {
    let labels = LabelSelector::parse(&info.label_selector, cluster.version()).unwrap_or_default().labels();
    let name = if info.name.is_empty() { ANY } else { &info.name };
    let mut object = json!({
        "apiVersion": row.api_version(),
        "kind": *row.kind,
        "metadata": {"name": name, "labels": labels, "uid": ANY},
        "spec": spec(&row.kind),
    });
    if row.namespaced {
        let namespace = if info.namespace.is_empty() { ANY } else { &info.namespace };
        object.set("metadata.namespace", namespace);
    }
    for (field, value) in FieldSelector::parse(&info.field_selector).unwrap_or_default().all_required() {
        object.set(field, value);
    }
    (object, info.name.is_empty())
}

/// As much of an object as commands look at.
fn spec(kind: &str) -> Value {
    let labels = json!({"stands": "in"});
    let pod = json!({"containers": [{"name": "main", "image": "main"}]});
    let template = json!({"metadata": {"labels": labels}, "spec": pod});
    match kind {
        "Pod" => pod,
        "Deployment" | "ReplicaSet" | "StatefulSet" | "DaemonSet" | "Job" => {
            json!({"selector": {"matchLabels": labels}, "template": template})
        }
        "ReplicationController" => json!({"selector": labels, "template": template}),
        "CronJob" => json!({"schedule": "@daily", "jobTemplate": {"spec": {"template": template}}}),
        "Service" => json!({"selector": labels, "ports": [{"port": 80}]}),
        _ => json!({}),
    }
}

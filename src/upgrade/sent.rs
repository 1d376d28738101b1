//! An object as its author would send it: without what a server has written into it.

use crate::api::Dig;
use crate::json::Value;

/// What servers write into every object.
const WRITTEN_BY_SERVERS: [&str; 9] = [
    "status",
    "metadata.uid",
    "metadata.resourceVersion",
    "metadata.creationTimestamp",
    "metadata.deletionTimestamp",
    "metadata.deletionGracePeriodSeconds",
    "metadata.generation",
    "metadata.selfLink",
    "metadata.managedFields",
];
/// Labels by which a job finds its pods.
const OF_JOBS: [&str; 4] =
    ["controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"];

/// The object as `kubectl apply` would send it to another cluster.
pub(super) fn by_apply(object: &Value) -> Value {
    let mut sent = object.clone();
    WRITTEN_BY_SERVERS.iter().for_each(|path| drop(sent.take_out(path)));
    if object.uid().is_empty() {
        return sent;
    }
    match object.text("kind") {
        "Service" => service(&mut sent),
        "Job" if !object.flag("spec.manualSelector") => job(&mut sent),
        "Secret" if object.text("type") == "kubernetes.io/service-account-token" => token(&mut sent),
        _ => {}
    }
    sent
}

/// Addresses and ports are drawn by the server.
fn service(service: &mut Value) {
    if service.text("spec.clusterIP") != "None" {
        service.take_out("spec.clusterIP");
        service.take_out("spec.clusterIPs");
    }
    service.take_out("spec.healthCheckNodePort");
    for port in service.at_mut("spec.ports").and_then(Value::as_array_mut).into_iter().flatten() {
        port.take_out("nodePort");
    }
}

/// A job's selector is made of its uid.
fn job(job: &mut Value) {
    job.take_out("spec.selector");
    for labels in ["metadata.labels", "spec.template.metadata.labels"] {
        if let Some(labels) = job.at_mut(labels).and_then(Value::as_object_mut) {
            labels.retain(|label, _| !OF_JOBS.contains(&label.as_str()));
        }
    }
}

/// A token is of one cluster, and of an account with a uid.
fn token(secret: &mut Value) {
    secret.take_out("data");
    if let Some(notes) = secret.at_mut("metadata.annotations").and_then(Value::as_object_mut) {
        notes.remove("kubernetes.io/service-account.uid");
    }
}

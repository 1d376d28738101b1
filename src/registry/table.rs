//! Objects as rows for people: `Table` (`pkg/printers/internalversion/printers.go`).
//!
//! [`KINDS`] says which columns a kind has and which function fills them; a kind that isn't there has its name and the
//! time of its creation. A column's name is followed by `#` for a number and by `*` where only `-o wide` shows it.

mod cells;
mod core;
mod pods;
mod rest;
mod workloads;

use super::shape;
use crate::api::resources::Resource;
use crate::api::{Dig, GroupResource, Version};
use jiff::Timestamp;
use serde_json::{Value, json};

/// What a printer may look at besides the object.
#[derive(Clone, Copy)]
pub(super) struct Print {
    now: Timestamp,
    version: Version,
}

type Cells = fn(&Value, Print) -> Vec<Value>;

/// Resource, releases (first, last; 0: open), columns, printer.
type Kind = (&'static str, u8, u8, &'static str, Cells);

const KINDS: &[Kind] = &[
    ("pods", 0, 21, "Name|Ready|Status|Restarts#|Age|IP*|Node*|Nominated Node*|Readiness Gates*", pods::pod),
    ("pods", 22, 0, "Name|Ready|Status|Restarts|Age|IP*|Node*|Nominated Node*|Readiness Gates*", pods::pod),
    ("podtemplates", 0, 0, "Name|Containers|Images|Pod Labels", workloads::pod_template),
    ("replicationcontrollers", 0, 0, "Name|Desired#|Current#|Ready#|Age|Containers*|Images*|Selector*", workloads::replicas),
    ("replicasets.apps", 0, 0, "Name|Desired#|Current#|Ready#|Age|Containers*|Images*|Selector*", workloads::replicas),
    ("deployments.apps", 0, 0, "Name|Ready|Up-to-date#|Available#|Age|Containers*|Images*|Selector*", workloads::deployment),
    ("daemonsets.apps", 0, 0, "Name|Desired#|Current#|Ready#|Up-to-date#|Available#|Node Selector|Age|Containers*|Images*|Selector*", workloads::daemon_set),
    ("statefulsets.apps", 0, 0, "Name|Ready|Age|Containers*|Images*", workloads::stateful_set),
    ("controllerrevisions.apps", 0, 0, "Name|Controller|Revision#|Age", workloads::revision),
    ("jobs.batch", 0, 29, "Name|Completions|Duration|Age|Containers*|Images*|Selector*", workloads::job),
    ("jobs.batch", 30, 0, "Name|Status|Completions|Duration|Age|Containers*|Images*|Selector*", workloads::job),
    ("cronjobs.batch", 0, 27, "Name|Schedule|Suspend|Active#|Last Schedule|Age|Containers*|Images*|Selector*", workloads::cron_job),
    ("cronjobs.batch", 28, 0, "Name|Schedule|Timezone|Suspend|Active#|Last Schedule|Age|Containers*|Images*|Selector*", workloads::cron_job),
    ("horizontalpodautoscalers.autoscaling", 0, 0, "Name|Reference|Targets|MinPods|MaxPods|Replicas|Age", workloads::autoscaler),
    ("poddisruptionbudgets.policy", 0, 0, "Name|Min Available|Max Unavailable|Allowed Disruptions#|Age", workloads::budget),
    ("services", 0, 0, "Name|Type|Cluster-IP|External-IP|Port(s)|Age|Selector*", core::service),
    ("endpoints", 0, 0, "Name|Endpoints|Age", core::endpoints),
    ("nodes", 0, 0, "Name|Status|Roles|Age|Version|Internal-IP*|External-IP*|OS-Image*|Kernel-Version*|Container-Runtime*", core::node),
    ("events", 0, 0, "Last Seen|Type|Reason|Object|Subobject*|Source*|Message|First Seen*|Count#*|Name*", core::event),
    ("events.events.k8s.io", 0, 0, "Last Seen|Type|Reason|Object|Subobject*|Source*|Message|First Seen*|Count#*|Name*", core::event),
    ("namespaces", 0, 0, "Name|Status|Age", core::namespace),
    ("secrets", 0, 0, "Name|Type|Data#|Age", core::secret),
    ("configmaps", 0, 0, "Name|Data#|Age", core::config_map),
    ("serviceaccounts", 0, 34, "Name|Secrets#|Age", core::service_account),
    ("serviceaccounts", 35, 0, "Name|Age", cells::aged),
    ("persistentvolumes", 0, 0, "Name|Capacity|Access Modes|Reclaim Policy|Status|Claim|StorageClass|Reason|Age|VolumeMode*", core::volume),
    ("persistentvolumeclaims", 0, 0, "Name|Status|Volume|Capacity|Access Modes|StorageClass|Age|VolumeMode*", core::claim),
    ("componentstatuses", 0, 0, "Name|Status|Message|Error", core::component),
    ("resourcequotas", 0, 30, "Name|Age|Request|Limit", core::quota),
    ("resourcequotas", 31, 0, "Name|Request|Limit|Age", core::quota),
    ("rolebindings.rbac.authorization.k8s.io", 0, 0, "Name|Role|Age|Users*|Groups*|ServiceAccounts*", rest::binding),
    ("clusterrolebindings.rbac.authorization.k8s.io", 0, 0, "Name|Role|Age|Users*|Groups*|ServiceAccounts*", rest::binding),
    ("certificatesigningrequests.certificates.k8s.io", 0, 21, "Name|Age|SignerName|Requestor|Condition", rest::signing_request),
    ("certificatesigningrequests.certificates.k8s.io", 22, 0, "Name|Age|SignerName|Requestor|RequestedDuration|Condition", rest::signing_request),
    ("leases.coordination.k8s.io", 0, 0, "Name|Holder|Age", rest::lease),
    ("ingresses.networking.k8s.io", 0, 0, "Name|Class|Hosts|Address|Ports|Age", rest::ingress),
    ("ingresses.extensions", 0, 0, "Name|Class|Hosts|Address|Ports|Age", rest::ingress),
    ("ingressclasses.networking.k8s.io", 0, 0, "Name|Controller|Parameters|Age", rest::ingress_class),
    ("networkpolicies.networking.k8s.io", 0, 0, "Name|Pod-Selector|Age", rest::network_policy),
    ("endpointslices.discovery.k8s.io", 0, 0, "Name|AddressType|Ports|Endpoints|Age", rest::endpoint_slice),
    ("priorityclasses.scheduling.k8s.io", 0, 31, "Name|Value#|Global-Default|Age", rest::priority_class),
    ("priorityclasses.scheduling.k8s.io", 32, 0, "Name|Value#|Global-Default|Age|PreemptionPolicy", rest::priority_class),
    ("runtimeclasses.node.k8s.io", 0, 0, "Name|Handler|Age", rest::runtime_class),
    ("storageclasses.storage.k8s.io", 0, 0, "Name|Provisioner|ReclaimPolicy|VolumeBindingMode|AllowVolumeExpansion|Age", rest::storage_class),
    ("mutatingwebhookconfigurations.admissionregistration.k8s.io", 0, 0, "Name|Webhooks#|Age", rest::webhooks),
    ("validatingwebhookconfigurations.admissionregistration.k8s.io", 0, 0, "Name|Webhooks#|Age", rest::webhooks),
    ("validatingadmissionpolicies.admissionregistration.k8s.io", 0, 0, "Name|Validations#|ParamKind|Age", rest::policy),
    ("mutatingadmissionpolicies.admissionregistration.k8s.io", 0, 0, "Name|Mutations#|ParamKind|Age", rest::policy),
    ("validatingadmissionpolicybindings.admissionregistration.k8s.io", 0, 0, "Name|PolicyName|ParamRef|Age", rest::policy_binding),
    ("mutatingadmissionpolicybindings.admissionregistration.k8s.io", 0, 0, "Name|PolicyName|ParamRef|Age", rest::policy_binding),
    ("apiservices.apiregistration.k8s.io", 0, 0, "Name|Service|Available|Age", rest::api_service),
];

const OTHERS: (&str, Cells) = ("Name|Created At", cells::created);

/// A table of objects; `list` is the list's metadata, where it is one.
pub(super) fn table(
    objects: &[Value],
    list: Option<&Value>,
    row: &Resource,
    of: &str,
    include: &str,
    version: Version,
    now: Timestamp,
) -> Value {
    let resource = GroupResource::new(row.group, row.name).to_string();
    let (columns, cells) = KINDS
        .iter()
        .find(|(name, since, until, ..)| {
            *name == resource && version.at_least(*since) && (*until == 0 || version.number() <= *until)
        })
        .map_or(OTHERS, |(.., columns, cells)| (columns, *cells));
    let print = Print { now, version };
    let rows: Vec<Value> = objects.iter().map(|object| line(object, cells(object, print), row, of, include)).collect();
    let metadata = match (list, objects.first()) {
        (Some(list), _) => list.clone(),
        (None, Some(object)) => json!({"resourceVersion": object.at("metadata.resourceVersion")}),
        (None, None) => json!({}),
    };
    json!({
        "kind": "Table", "apiVersion": format!("meta.k8s.io/{of}"), "metadata": metadata,
        "columnDefinitions": columns.split('|').map(column).collect::<Vec<_>>(), "rows": rows,
    })
}

fn column(text: &str) -> Value {
    let (text, wide) = text.strip_suffix('*').map_or((text, false), |text| (text, true));
    let (name, number) = text.strip_suffix('#').map_or((text, false), |text| (text, true));
    json!({
        "name": name, "type": if number { "integer" } else { "string" },
        "format": if name == "Name" { "name" } else { "" }, "description": "", "priority": i32::from(wide),
    })
}

fn line(object: &Value, cells: Vec<Value>, row: &Resource, of: &str, include: &str) -> Value {
    let mut line = json!({"cells": cells});
    if row.group.is_empty() && row.name == "pods" {
        let phase = object.text("status.phase");
        if matches!(phase, "Succeeded" | "Failed") {
            let message = if phase == "Failed" {
                "The pod failed."
            } else {
                "The pod has completed successfully."
            };
            line.set("conditions", json!([{"type": "Completed", "status": "True", "reason": phase, "message": message}]));
        }
    }
    match include {
        "None" => line.set("object", Value::Null),
        "Object" => line.set("object", super::as_version(object, row)),
        _ => line.set("object", shape::metadata(object, of)),
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::resources;

    #[test]
    fn every_printer_fills_its_columns() {
        for minor in Version::OLDEST.number()..=Version::NEWEST.number() {
            let version = Version::minor(minor);
            for row in resources(version).iter().filter(|row| row.subresource.is_empty()) {
                let object = json!({"metadata": {"name": "x"}});
                let table = table(&[object], None, row, "v1", "", version, Timestamp::UNIX_EPOCH);
                let (columns, cells) = (table.list("columnDefinitions").len(), table.list("rows.0.cells").len());
                assert_eq!(columns, cells, "1.{minor} {} {}", row.group, row.name);
            }
        }
    }

    #[test]
    fn pods_as_people_see_them() {
        let version = Version::NEWEST;
        let row = resources(version).preferred("", "pods").unwrap();
        for (status, want) in [
            (json!({"phase": "Pending"}), json!(["p", "0/1", "Pending", "0", "5m"])),
            (
                json!({"phase": "Running", "containerStatuses": [{"ready": true, "state": {"running": {}}}]}),
                json!(["p", "1/1", "Running", "0", "5m"]),
            ),
            (
                json!({"phase": "Pending", "containerStatuses": [
                    {"restartCount": 2, "state": {"waiting": {"reason": "ErrImagePull"}}}]}),
                json!(["p", "0/1", "ErrImagePull", "2", "5m"]),
            ),
        ] {
            let pod = json!({
                "metadata": {"name": "p", "creationTimestamp": "1970-01-01T00:00:00Z"},
                "spec": {"containers": [{"name": "c"}]}, "status": status,
            });
            let now = Timestamp::from_second(300).unwrap();
            let table = table(&[pod], None, row, "v1", "", version, now);
            assert_eq!(table.list("rows.0.cells")[..5], want.as_array().unwrap()[..]);
        }
    }
}

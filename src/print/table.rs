//! Objects as rows for people: `Table` (`pkg/printers/internalversion/printers.go`); the columns are in each kind's row.

use super::partial;
use crate::api::resources::Resource;
use crate::api::{Dig, Version};
use crate::json::{Value, json};
use crate::kinds::{self, columns::Print};
use jiff::Timestamp;

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
    let kind = kinds::shown(row);
    let print = Print { now, version };
    let rows: Vec<Value> = objects
        .iter()
        .map(|object| line(object, kind.cells(object, print), row, of, include, version))
        .collect();
    let metadata = match (list, objects.first()) {
        (Some(list), _) => list.clone(),
        (None, Some(object)) => json!({"resourceVersion": object.at("metadata.resourceVersion")}),
        (None, None) => json!({}),
    };
    json!({
        "kind": "Table", "apiVersion": format!("meta.k8s.io/{of}"), "metadata": metadata,
        "columnDefinitions": kind.headings(version), "rows": rows,
    })
}

fn line(
    object: &Value,
    cells: Vec<Value>,
    row: &Resource,
    of: &str,
    include: &str,
    version: Version,
) -> Value {
    let mut line = json!({"cells": cells});
    if row.group.is_empty() && row.name == "pods" {
        let phase = object.text("status.phase");
        if matches!(phase, "Succeeded" | "Failed") {
            let message =
                if phase == "Failed" { "The pod failed." } else { "The pod has completed successfully." };
            line.set(
                "conditions",
                json!([{"type": "Completed", "status": "True", "reason": phase, "message": message}]),
            );
        }
    }
    match include {
        "None" => line.set("object", Value::Null),
        "Object" => line.set("object", crate::pipeline::as_version(object, row, version)),
        _ => line.set("object", partial::metadata(object, of)),
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::resources;

    #[test]
    fn every_printer_fills_its_columns() {
        for version in Version::all() {
            for row in resources(version).iter().filter(|row| row.subresource.is_empty()) {
                let object = json!({"metadata": {"name": "x"}});
                let table = table(&[object], None, row, "v1", "", version, Timestamp::UNIX_EPOCH);
                let (columns, cells) =
                    (table.list("columnDefinitions").len(), table.list("rows.0.cells").len());
                assert_eq!(columns, cells, "{version} {} {}", row.group, row.name);
            }
        }
    }

    /// Whichever version was asked for, printers see the form in which a kind is stored.
    #[test]
    fn versions_of_a_kind_have_the_same_cells() {
        let version = Version::NEWEST;
        let event = json!({"type": "Normal", "reason": "Done", "message": "well", "involvedObject": {"kind": "Pod", "name": "p"}});
        let scaler = json!({"spec": {"maxReplicas": 3, "scaleTargetRef": {"kind": "Deployment", "name": "d"}, "metrics": [
            {"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}}}]}});
        for (kept, plural, rows) in [
            (event, "events", [("", "v1"), ("events.k8s.io", "v1")]),
            (scaler, "horizontalpodautoscalers", [("autoscaling", "v2"), ("autoscaling", "v1")]),
        ] {
            let cells = rows.map(|(group, of)| {
                let row = resources(version).find(group, of, plural, "").unwrap();
                let shown = crate::pipeline::as_version(&kept, row, version);
                kinds::of(row).cells(&shown, Print { now: Timestamp::UNIX_EPOCH, version })
            });
            assert_eq!(cells[0], cells[1], "{plural}");
            assert!(cells[0].iter().any(|cell| cell == "pod/p" || cell == "Deployment/d"), "{:?}", cells[0]);
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

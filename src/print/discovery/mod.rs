//! Discovery documents, from the table of resources (`apiserver/pkg/endpoints/discovery`).

use crate::api::Dig;
use crate::api::Version;
use crate::api::differences::{NO_NULL_TIMES, SINGULAR_NAMES};
use crate::api::resources::{Group, Resource, Resources};
use crate::json::{Value, json};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use std::net::SocketAddr;

/// `/api`, in the order of fields in which `kubectl get --raw` shows it.
pub(crate) fn api_versions(server: SocketAddr) -> String {
    format!(
        "{{\"kind\":\"APIVersions\",\"versions\":[\"v1\"],\
         \"serverAddressByClientCIDRs\":[{{\"clientCIDR\":\"0.0.0.0/0\",\"serverAddress\":\"{server}\"}}]}}\n"
    )
}

/// The document at a path; none where nothing is served.
pub(crate) fn document(table: &Resources, path: &str) -> Option<Value> {
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    match parts.as_slice() {
        ["apis"] => {
            let groups: Vec<Value> =
                table.groups().iter().filter(|group| !group.name.is_empty()).map(group).collect();
            Some(json!({"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}))
        }
        ["apis", name] => {
            let mut group = group(table.group(name)?);
            group["kind"] = "APIGroup".into();
            group["apiVersion"] = "v1".into();
            Some(group)
        }
        ["api", of] => list(table, "", of),
        ["apis", group, of] => list(table, group, of),
        _ => None,
    }
}

fn group(group: &Group) -> Value {
    let of = |version: &str| json!({"groupVersion": format!("{}/{version}", group.name), "version": version});
    let versions: Vec<Value> = group.versions.iter().map(|version| of(version)).collect();
    json!({"name": group.name, "versions": versions, "preferredVersion": of(group.preferred())})
}

fn list(table: &Resources, group: &str, of: &str) -> Option<Value> {
    if !table.has_group_version(group, of) {
        return None;
    }
    let rows: Vec<Value> =
        table.of_group_version(group, of).map(|row| resource(row, table.version())).collect();
    let group_version = if group.is_empty() { of.to_owned() } else { format!("{group}/{of}") };
    let mut list = json!({"kind": "APIResourceList", "groupVersion": group_version, "resources": rows});
    // Two old groups are written by older code, which leaves it out.
    if !matches!(group, "" | "extensions") {
        list["apiVersion"] = "v1".into();
    }
    Some(list)
}

fn resource(row: &Resource, version: Version) -> Value {
    let singular = if version.has(SINGULAR_NAMES) || row.custom.is_some() { &*row.singular } else { "" };
    let mut resource = json!({
        "name": row.path(), "singularName": singular, "namespaced": row.namespaced, "kind": row.kind,
        "verbs": row.verbs,
    });
    if row.kind_api_version() != row.api_version() {
        if !row.kind_group.is_empty() {
            resource["group"] = (&*row.kind_group).into();
        }
        resource["version"] = (&*row.kind_version).into();
    }
    if !row.short_names.is_empty() {
        resource["shortNames"] = json!(row.short_names);
    }
    if !row.categories.is_empty() {
        resource["categories"] = json!(row.categories);
    }
    if row.has_verb("list") && row.subresource.is_empty() && row.name != "componentstatuses" {
        resource["storageVersionHash"] = storage_hash(row, version).into();
    }
    resource
}

/// Resources that are stored in another version than v1 for a time: group, name, version, last release that is known to
/// (1.20, 1.25, 1.33 and 1.36 were recorded).
const STORED: &[(&str, &str, &str, u8)] = &[
    ("admissionregistration.k8s.io", "mutatingwebhookconfigurations", "v1beta1", 21),
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations", "v1beta1", 21),
    ("admissionregistration.k8s.io", "mutatingadmissionpolicies", "v1beta1", u8::MAX),
    ("admissionregistration.k8s.io", "mutatingadmissionpolicybindings", "v1beta1", u8::MAX),
    ("apiextensions.k8s.io", "customresourcedefinitions", "v1beta1", u8::MAX),
    ("apiregistration.k8s.io", "apiservices", "v1beta1", 21),
    ("autoscaling", "horizontalpodautoscalers", "v1", 25),
    ("autoscaling", "horizontalpodautoscalers", "v2", u8::MAX),
    ("batch", "cronjobs", "v1beta1", 20),
    ("certificates.k8s.io", "certificatesigningrequests", "v1beta1", 21),
    ("coordination.k8s.io", "leases", "v1beta1", 21),
    ("discovery.k8s.io", "endpointslices", "v1beta1", 25),
    ("extensions", "ingresses", "v1beta1", 21),
    ("flowcontrol.apiserver.k8s.io", "flowschemas", "v1beta1", 25),
    ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations", "v1beta1", 25),
    ("networking.k8s.io", "ingressclasses", "v1beta1", 21),
    ("networking.k8s.io", "ingresses", "v1beta1", 21),
    ("networking.k8s.io", "ipaddresses", "v1beta1", 33),
    ("networking.k8s.io", "servicecidrs", "v1beta1", 33),
    ("node.k8s.io", "runtimeclasses", "v1beta1", 21),
    ("policy", "poddisruptionbudgets", "v1beta1", 25),
    ("policy", "podsecuritypolicies", "v1beta1", 24),
    ("storage.k8s.io", "csidrivers", "v1beta1", 20),
];

fn storage_hash(row: &Resource, version: Version) -> String {
    let stored = STORED.iter().find(|(group, name, _, until)| {
        *group == row.group && *name == row.name && version.number() <= *until
    });
    let of = match &row.custom {
        Some(custom) => &custom.definition.storage,
        None => stored.map_or("v1", |(_, _, of, _)| of),
    };
    let group = match (&*row.group, &*row.name) {
        ("events.k8s.io", "events") => "",
        ("extensions", "ingresses") => "networking.k8s.io",
        (group, _) => group,
    };
    let digest = Sha256::digest(format!("{group}/{of}/{}", row.kind));
    STANDARD.encode(&digest[..8])
}

/// All groups in one document, or core alone.
pub(crate) fn aggregated(table: &Resources, core: bool, of: &str) -> Value {
    let items: Vec<Value> = table
        .groups()
        .iter()
        .filter(|group| group.name.is_empty() == core)
        .map(|group| {
            let versions: Vec<Value> = group
                .versions
                .iter()
                .map(|of| match table.is_elsewhere(&group.name, of) {
                    true => json!({"version": of, "freshness": "Stale"}),
                    false => json!({"version": of, "freshness": "Current", "resources": nested(table, &group.name, of)}),
                })
                .collect();
            let mut metadata = json!({});
            if !table.version().has(NO_NULL_TIMES) {
                metadata.set("creationTimestamp", Value::Null);
            }
            if !core {
                metadata.set("name", &*group.name);
            }
            json!({"metadata": metadata, "versions": versions})
        })
        .collect();
    json!({
        "kind": "APIGroupDiscoveryList", "apiVersion": format!("apidiscovery.k8s.io/{of}"), "metadata": {}, "items": items,
    })
}

/// The resources of a group version, each with its subresources.
fn nested(table: &Resources, group: &str, of: &str) -> Vec<Value> {
    let rows = || table.of_group_version(group, of);
    let kind =
        |row: &Resource| json!({"group": row.kind_group, "version": row.kind_version, "kind": row.kind});
    let whole = rows().filter(|row| row.subresource.is_empty());
    whole
        .map(|row| {
            let mut entry = json!({
                "resource": row.name, "responseKind": kind(row), "singularResource": row.singular, "verbs": row.verbs,
                "scope": if row.namespaced { "Namespaced" } else { "Cluster" },
            });
            if !row.short_names.is_empty() {
                entry["shortNames"] = json!(row.short_names);
            }
            if !row.categories.is_empty() {
                entry["categories"] = json!(row.categories);
            }
            let parts: Vec<Value> = rows()
                .filter(|sub| sub.name == row.name && !sub.subresource.is_empty())
                .map(|sub| json!({"subresource": sub.subresource, "responseKind": kind(sub), "verbs": sub.verbs}))
                .collect();
            if !parts.is_empty() {
                entry["subresources"] = json!(parts);
            }
            entry
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::resources;

    #[test]
    fn documents_are_those_of_real_servers() {
        let mut wrong = Vec::new();
        for line in include_str!("digests.txt").lines().filter(|line| !line.starts_with('#')) {
            let [release, path, digest] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
            let body = document(resources(release.parse().unwrap()), path).unwrap_or_default();
            let found: String =
                Sha256::digest(body.to_string()).iter().take(8).map(|b| format!("{b:02x}")).collect();
            if found != digest {
                wrong.push(format!("{release} {path}: {body:#}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

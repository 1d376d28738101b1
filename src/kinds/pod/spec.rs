//! A pod's spec, in a pod or in a template (`ValidatePodSpec`).

use super::around::Around;
use super::options::Options;
use super::{
    affinity, claims, containers, dns, env, os, resources, scheduling, security_context, volumes, windows,
};
use crate::api::differences::{HOST_NAMES_GIVEN, HOST_PORT_TOLD, POD_LEVEL_RESOURCES};
use crate::api::names::{dns1123_label, dns1123_subdomain};
use crate::kinds::field::Field;
use crate::kinds::parts::meta;

const DNS_POLICIES: [&str; 4] = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];

/// Checks a spec.
pub(crate) fn validate(spec: Field<'_>, options: &Options) {
    let version = spec.version();
    if !spec.has("terminationGracePeriodSeconds") {
        spec.child("terminationGracePeriodSeconds").required("");
    }
    let volumes = volumes::validate(spec.child("volumes"));
    claims::validate(spec.child("resourceClaims"));
    containers::validate(&Around { spec, volumes });
    env::validate_file_volumes(spec);
    if version.has(POD_LEVEL_RESOURCES) {
        resources::validate_pod(spec);
    }
    if version.has(HOST_PORT_TOLD) {
        security_context::host_ports_match(spec, options);
    }
    spec.child("restartPolicy").one_of(&["Always", "OnFailure", "Never"]);
    spec.child("dnsPolicy").one_of(&DNS_POLICIES);
    meta::labels(spec.child("nodeSelector"));
    security_context::validate_pod(spec, options);
    affinity::validate(spec.child("affinity"));
    dns::validate(spec.child("dnsConfig"), spec.text("dnsPolicy"));
    scheduling::validate_gates(spec);
    scheduling::validate_spread(spec.child("topologySpreadConstraints"));
    windows::validate_host_process(spec);
    security_context::validate_host_users(spec);
    for key in ["serviceAccountName", "nodeName"] {
        spec.child(key).named_if_set(dns1123_subdomain);
    }
    spec.child("activeDeadlineSeconds").between(1, i32::MAX.into());
    for key in ["hostname", "subdomain"] {
        spec.child(key).named_if_set(|name| dns1123_label(name, version));
    }
    if version.has(HOST_NAMES_GIVEN) {
        dns::validate_hostname(spec);
    }
    spec.items("tolerations").for_each(scheduling::validate_toleration);
    dns::validate_host_aliases(spec.child("hostAliases"));
    for key in ["priorityClassName", "runtimeClassName"] {
        spec.child(key).named_if_set(dns1123_subdomain);
    }
    if spec.has("preemptionPolicy") {
        spec.child("preemptionPolicy").one_of(&["PreemptLowerPriority", "Never"]);
    }
    if spec.has("overhead") {
        let overhead = spec.told_as("overhead.limits", spec.child("overhead").value);
        resources::validate_list(overhead, resources::of_overhead);
    }
    os::validate(spec);
}

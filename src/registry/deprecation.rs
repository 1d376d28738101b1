//! Warnings about versions of an API that go away (`zz_generated.prerelease-lifecycle.go`).

use crate::api::Version;
use crate::api::resources::Resource;

/// Group version, kinds (`*`: all of its kinds), deprecated since, unavailable since (0: not planned), what to use
/// instead (group version, and kind where it is another one).
const TABLE: &[(&str, &str, u8, u8, &str)] = &[
    ("v1", "ComponentStatus", 19, 0, ""),
    ("v1", "Endpoints", 33, 0, "discovery.k8s.io/v1 EndpointSlice"),
    (
        "admissionregistration.k8s.io/v1beta1",
        "MutatingWebhookConfiguration",
        16,
        22,
        "admissionregistration.k8s.io/v1",
    ),
    (
        "admissionregistration.k8s.io/v1beta1",
        "ValidatingWebhookConfiguration",
        16,
        22,
        "admissionregistration.k8s.io/v1",
    ),
    ("apiextensions.k8s.io/v1beta1", "*", 16, 22, "apiextensions.k8s.io/v1"),
    ("apiregistration.k8s.io/v1beta1", "*", 19, 22, "apiregistration.k8s.io/v1"),
    ("authentication.k8s.io/v1beta1", "TokenReview", 19, 22, "authentication.k8s.io/v1"),
    ("authorization.k8s.io/v1beta1", "*", 19, 22, "authorization.k8s.io/v1"),
    ("autoscaling/v2beta1", "*", 22, 25, "autoscaling/v2"),
    ("autoscaling/v2beta2", "*", 23, 26, "autoscaling/v2"),
    ("batch/v1beta1", "CronJob", 21, 25, "batch/v1"),
    ("certificates.k8s.io/v1beta1", "CertificateSigningRequest", 19, 22, "certificates.k8s.io/v1"),
    ("coordination.k8s.io/v1beta1", "Lease", 19, 22, "coordination.k8s.io/v1"),
    ("discovery.k8s.io/v1beta1", "EndpointSlice", 21, 25, "discovery.k8s.io/v1"),
    ("events.k8s.io/v1beta1", "Event", 22, 25, "events.k8s.io/v1"),
    ("extensions/v1beta1", "Ingress", 14, 22, "networking.k8s.io/v1"),
    ("flowcontrol.apiserver.k8s.io/v1beta1", "*", 23, 26, "flowcontrol.apiserver.k8s.io/v1beta2"),
    ("flowcontrol.apiserver.k8s.io/v1beta2", "*", 26, 29, "flowcontrol.apiserver.k8s.io/v1beta3"),
    ("flowcontrol.apiserver.k8s.io/v1beta3", "*", 29, 32, "flowcontrol.apiserver.k8s.io/v1"),
    ("networking.k8s.io/v1beta1", "Ingress", 19, 22, "networking.k8s.io/v1"),
    ("networking.k8s.io/v1beta1", "IngressClass", 19, 22, "networking.k8s.io/v1"),
    ("node.k8s.io/v1beta1", "RuntimeClass", 22, 25, "node.k8s.io/v1"),
    ("policy/v1beta1", "PodDisruptionBudget", 21, 25, "policy/v1"),
    ("policy/v1beta1", "PodSecurityPolicy", 21, 25, ""),
    ("rbac.authorization.k8s.io/v1beta1", "*", 17, 22, "rbac.authorization.k8s.io/v1"),
    ("scheduling.k8s.io/v1beta1", "PriorityClass", 14, 22, "scheduling.k8s.io/v1"),
    ("storage.k8s.io/v1beta1", "CSIStorageCapacity", 24, 27, "storage.k8s.io/v1"),
    ("storage.k8s.io/v1beta1", "CSIDriver", 19, 22, "storage.k8s.io/v1"),
    ("storage.k8s.io/v1beta1", "CSINode", 17, 22, "storage.k8s.io/v1"),
    ("storage.k8s.io/v1beta1", "StorageClass", 19, 22, "storage.k8s.io/v1"),
    ("storage.k8s.io/v1beta1", "VolumeAttachment", 19, 22, "storage.k8s.io/v1"),
];

/// What a request for a deprecated kind is told, and the audit log with it (`metrics.MonitorRequest`).
pub(super) struct Deprecated {
    /// The text of the warning.
    pub(super) warning: String,
    /// The minor release that no longer has it.
    pub(super) removed: Option<u8>,
}

/// What is said of a kind that is deprecated.
pub(super) fn of(row: &Resource, version: Version) -> Option<Deprecated> {
    if let Some(custom) = &row.custom {
        return custom.deprecated.clone().map(|warning| Deprecated { warning, removed: None });
    }
    let of = row.kind_api_version();
    let (_, _, since, until, instead) = TABLE.iter().find(|(group_version, kind, since, ..)| {
        *group_version == of && (*kind == "*" || *kind == row.kind) && version.at_least(*since)
    })?;
    let mut warning = format!("{of} {} is deprecated in v1.{since}+", row.kind);
    let removed = Some(*until).filter(|until| *until > 0);
    if let Some(until) = removed {
        warning += &format!(", unavailable in v1.{until}+");
    }
    match (instead.is_empty(), instead.contains(' ')) {
        (true, _) => {}
        (false, true) => warning += &format!("; use {instead}"),
        (false, false) => warning += &format!("; use {instead} {}", row.kind),
    }
    Some(Deprecated { warning, removed })
}

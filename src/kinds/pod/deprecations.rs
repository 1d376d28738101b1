//! What clients are warned of because it is on its way out, or does nothing any more (`pkg/api/pod/warnings.go`,
//! `pkg/api/node/util.go`).

use super::skew;
use crate::api::Dig;
use crate::api::differences::{
    APP_ARMOR_FIELDS, CEPH_DEPRECATED, GIT_REPOS_OFF, GLUSTERFS_DEPRECATED, NO_SECCOMP_SYNC,
    NULL_SELECTORS_WARNED_OF,
};
use crate::api::names::label_value;
use crate::kinds::field::Field;

const REQUIRED: &str = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED: &str = "preferredDuringSchedulingIgnoredDuringExecution";

/// Labels of nodes that have others in their place, and since when.
const NODE_LABELS: [(&str, &str, &str); 5] = [
    ("beta.kubernetes.io/arch", "v1.14", "kubernetes.io/arch"),
    ("beta.kubernetes.io/os", "v1.14", "kubernetes.io/os"),
    ("failure-domain.beta.kubernetes.io/region", "v1.17", "topology.kubernetes.io/region"),
    ("failure-domain.beta.kubernetes.io/zone", "v1.17", "topology.kubernetes.io/zone"),
    ("beta.kubernetes.io/instance-type", "v1.17", "node.kubernetes.io/instance-type"),
];

/// What a label of nodes is, if it has another in its place.
fn deprecated_label(key: &str) -> Option<String> {
    let (_, since, instead) = NODE_LABELS.iter().find(|(old, ..)| *old == key)?;
    Some(format!("deprecated since {since}; use \"{instead}\" instead"))
}

/// Labels of nodes in selectors, affinity and spreading.
pub(super) fn node_labels(spec: Field<'_>, warnings: &mut Vec<String>) {
    for (key, entry) in spec.entries("nodeSelector") {
        if let Some(what) = deprecated_label(key) {
            warnings.push(format!("{}: {what}", entry.path));
        }
    }
    let affinity = spec.child("affinity.nodeAffinity");
    let required = affinity.child(REQUIRED);
    for term in required.items("nodeSelectorTerms") {
        labels_of_term(term, false, warnings);
    }
    for weighted in affinity.items(PREFERRED) {
        labels_of_term(weighted.child("preference"), true, warnings);
    }
    for constraint in spec.items("topologySpreadConstraints") {
        let key = constraint.child("topologyKey");
        if let Some(what) = deprecated_label(key.text("")) {
            warnings.push(format!("{}: {} is {what}", key.path, key.text("")));
        }
        if constraint.version().has(NULL_SELECTORS_WARNED_OF) {
            null_selector(constraint, warnings);
        }
    }
}

fn labels_of_term(term: Field<'_>, values: bool, warnings: &mut Vec<String>) {
    for expression in term.items("matchExpressions") {
        let key = expression.child("key");
        if let Some(what) = deprecated_label(key.text("")) {
            warnings.push(format!("{}: {} is {what}", key.path, key.text("")));
        }
        for value in expression.items("values").filter(|_| values) {
            for wrong in label_value(value.text(""), value.version()) {
                warnings.push(format!("{}: {} is invalid, {wrong}", value.path, value.text("")));
            }
        }
    }
}

fn null_selector(term: Field<'_>, warnings: &mut Vec<String>) {
    let selector = term.child("labelSelector");
    if selector.is_null() {
        warnings.push(format!("{}: a null labelSelector results in matching no pod", selector.path));
    }
}

/// Affinity to pods that nothing selects.
pub(super) fn null_selectors(spec: Field<'_>, warnings: &mut Vec<String>) {
    for affinity in ["affinity.podAffinity", "affinity.podAntiAffinity"].map(|path| spec.child(path)) {
        affinity.items(REQUIRED).for_each(|term| null_selector(term, warnings));
        affinity
            .items(PREFERRED)
            .for_each(|weighted| null_selector(weighted.child("podAffinityTerm"), warnings));
    }
}

const ANNOTATIONS: [(&str, &str, &str); 3] = [
    ("scheduler.alpha.kubernetes.io/critical-pod", "v1.16+", "priorityClassName"),
    ("security.alpha.kubernetes.io/sysctls", "v1.11+", "sysctls"),
    ("security.alpha.kubernetes.io/unsafe-sysctls", "v1.11+", "sysctls"),
];

/// Annotations that do nothing any more.
pub(super) fn annotations(pod: Field<'_>, warnings: &mut Vec<String>) {
    let annotations = pod.child("metadata.annotations");
    for (key, since, field) in ANNOTATIONS {
        let annotation = annotations.entry(key);
        if !annotation.is_null() {
            let what = format_args!("non-functional in {since}; use the \"{field}\" field instead");
            warnings.push(format!("{}: {what}", annotation.path));
        }
    }
}

/// A seccomp annotation without the field in its place.
pub(super) fn seccomp(pod: Field<'_>, holder: Field<'_>, key: &str, warnings: &mut Vec<String>) {
    let annotations = pod.child("metadata.annotations");
    let annotation = annotations.entry(key);
    if annotation.is_null() || holder.has(skew::SECCOMP_FIELD) {
        return;
    }
    let what = match pod.version().has(NO_SECCOMP_SYNC) {
        true => "non-functional in v1.27+",
        false => "deprecated since v1.19, non-functional in v1.27",
    };
    warnings.push(format!("{}: {what}; use the \"seccompProfile\" field instead", annotation.path));
}

/// AppArmor annotations of a template; those of a pod are told of when it is prepared.
pub(super) fn app_armor(template: Field<'_>, warnings: &mut Vec<String>) {
    if !template.version().has(APP_ARMOR_FIELDS) {
        return;
    }
    for warning in skew::deprecated(template.value, template.version()) {
        let below = template.child("metadata").path.to_string();
        warnings.push(warning.replacen("metadata", &below, 1));
    }
}

/// Sources of volumes, and what is to be said of them.
const VOLUMES: [(&str, &str); 9] = [
    ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
    ("gitRepo", "deprecated in v1.11"),
    ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    ("flocker", "deprecated in v1.22, non-functional in v1.25+"),
    ("storageos", "deprecated in v1.22, non-functional in v1.25+"),
    ("quobyte", "deprecated in v1.22, non-functional in v1.25+"),
    ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
    ("cephfs", "deprecated in v1.28, non-functional in v1.31+"),
    ("rbd", "deprecated in v1.28, non-functional in v1.31+"),
];

/// A source of a volume that is on its way out.
pub(super) fn volume(volume: Field<'_>, warnings: &mut Vec<String>) {
    let version = volume.version();
    for (name, what) in VOLUMES.into_iter().filter(|(name, _)| volume.value.has(name)) {
        let since = match name {
            "glusterfs" => version.has(GLUSTERFS_DEPRECATED),
            "cephfs" | "rbd" => version.has(CEPH_DEPRECATED),
            _ => true,
        };
        let more = match name {
            "gitRepo" if version.has(GIT_REPOS_OFF) => ", and disabled by default in v1.33+",
            _ => "",
        };
        if since {
            warnings.push(format!("{}: {what}{more}", volume.child(name).path));
        }
    }
}

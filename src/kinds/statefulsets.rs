//! Stateful sets (`pkg/apis/apps/v1/defaults.go`, `pkg/registry/apps/statefulset`, `pkg/apis/apps/validation`).

use super::Kind;
use super::columns::{AGE, CONTAINERS, IMAGES, NAME};
use super::deployments::READY;
use super::field::{Field, is_none};
use super::parts::selector;
use super::parts::strategy::spec_with_generation;
use super::pod::template;
use super::pod::update::same;
use super::pod::{defaults, items_mut, warnings};
use crate::api::differences::{
    AVAILABLE_IN_SETS, CLAIM_RETENTION, CLAIM_RETENTION_CHANGES, CLAIM_TEMPLATES_CHECKED,
    MAX_UNAVAILABLE_OF_SETS, MIN_READY_OF_SETS, ORDINALS_OF_SETS, REVISION_LIMIT_CHANGES,
    SERVICE_NAMES_OF_SETS, SET_FIELDS_WITHOUT_COMMA, SET_NAME_IS_LABEL, SET_TEMPLATE_CHECKED,
};
use crate::api::{Dig, Version, names};
use crate::json::{Value, json};

/// The row of stateful sets.
pub(super) const KIND: Kind = Kind {
    defaults: set_defaults,
    prepare,
    validate: |set| {
        let name = set.child("metadata.name");
        let text = name.text("");
        if set.version().has(SET_NAME_IS_LABEL) && names::dns1123_subdomain(text).is_empty() {
            name.invalid_each(names::dns1123_label(text, set.version()));
        }
        validate(set.child("spec"), None);
    },
    whole_update: false,
    validate_update,
    warn: warnings::template,
    columns: &[NAME, READY, AGE, CONTAINERS, IMAGES],
    ..Kind::plain("apps", "statefulsets")
};

fn set_defaults(set: &mut Value, version: Version) {
    let spec = set.make("spec");
    defaults::spec(spec.make("template.spec"), version);
    if spec.text("podManagementPolicy").is_empty() {
        spec.set("podManagementPolicy", "OrderedReady");
    }
    if spec.text("updateStrategy.type").is_empty() {
        spec.set("updateStrategy.type", "RollingUpdate");
        spec.set_default("updateStrategy.rollingUpdate", json!({}));
    }
    if spec.text("updateStrategy.type") == "RollingUpdate" && spec.has("updateStrategy.rollingUpdate") {
        spec.set_default("updateStrategy.rollingUpdate.partition", 0);
        if version.has(MAX_UNAVAILABLE_OF_SETS) {
            spec.set_default("updateStrategy.rollingUpdate.maxUnavailable", 1);
        }
    }
    if version.has(CLAIM_RETENTION) {
        for key in ["whenDeleted", "whenScaled"] {
            spec.set_default(&format!("persistentVolumeClaimRetentionPolicy.{key}"), "Retain");
        }
    }
    spec.set_default("replicas", 1);
    spec.set_default("revisionHistoryLimit", 10);
    for claim in items_mut(spec, "volumeClaimTemplates") {
        claim.set("kind", "PersistentVolumeClaim");
        claim.set("apiVersion", "v1");
        claim.set_default("spec.volumeMode", "Filesystem");
        claim.set_default("status.phase", "Pending");
    }
}

fn prepare(set: &mut Value, old: Option<&Value>, subresource: &str, version: Version) {
    spec_with_generation(set, old, subresource, version);
    if old.is_none() {
        set.set("status", json!({"replicas": 0}));
        if version.has(AVAILABLE_IN_SETS) {
            set.set("status.availableReplicas", 0);
        }
    }
}

fn validate(spec: Field<'_>, old: Option<&Value>) {
    let policy = spec.child("podManagementPolicy");
    match policy.text("") {
        "" => policy.required(""),
        "OrderedReady" | "Parallel" => {}
        _ => policy.invalid("must be 'OrderedReady' or 'Parallel'"),
    }
    validate_strategy(spec.child("updateStrategy"));
    let retention = spec.child("persistentVolumeClaimRetentionPolicy");
    for key in retention.value.entries("").map(|(key, _)| key) {
        retention.child(key).one_of_if_set(&["Retain", "Delete"]);
    }
    for key in ["replicas", "minReadySeconds", "ordinals.start"] {
        spec.child(key).nonnegative();
    }
    let service = spec.child("serviceName");
    let kept = old.is_some_and(|old| old.at("serviceName") == service.value);
    if spec.version().has(SERVICE_NAMES_OF_SETS) && !kept {
        service.named_if_set(|name| names::dns1123_label(name, spec.version()));
    }
    let claims = spec.value.at("volumeClaimTemplates");
    if spec.version().has(CLAIM_TEMPLATES_CHECKED)
        && old.is_none_or(|old| old.at("volumeClaimTemplates") != claims)
    {
        spec.items("volumeClaimTemplates").for_each(validate_claim);
    }
    validate_template(spec, old);
}

/// Checks what a template of a claim must say.
fn validate_claim(claim: Field<'_>) {
    let (modes, requests) = (claim.child("spec.accessModes"), claim.child("spec.resources.requests"));
    if modes.list("").is_empty() {
        modes.required("at least 1 access mode is required");
    }
    if requests.value.get("storage").is_none() {
        let resources = claim.child("spec.resources");
        resources.entry("storage").required("");
    }
}

fn validate_strategy(strategy: Field<'_>) {
    let rolling = strategy.child("rollingUpdate");
    match strategy.text("type") {
        "" => strategy.required(""),
        "OnDelete" if rolling.is_null() => {}
        "OnDelete" => rolling.invalid_internal(
            "apps.RollingUpdateStatefulSetStrategy",
            "only allowed for updateStrategy 'RollingUpdate'",
        ),
        "RollingUpdate" => {
            rolling.child("partition").nonnegative();
            let most = rolling.child("maxUnavailable");
            if !most.is_null() {
                most.count_or_percent();
                if is_none(most.value) {
                    most.invalid_count("cannot be 0");
                }
                most.at_most_all();
            }
        }
        _ => strategy
            .invalid_internal("apps.StatefulSetUpdateStrategy", "must be 'RollingUpdate' or 'OnDelete'"),
    }
}

fn validate_template(spec: Field<'_>, old: Option<&Value>) {
    let (selector, pods) = (spec.child("selector"), spec.child("template"));
    if selector.is_null() {
        selector.required("");
    } else {
        selector::validate(selector);
        if selector::is_empty(selector.value) {
            selector::invalid(selector, "empty selector is invalid for statefulset");
        }
    }
    if !selector::is_usable(selector.value) {
        selector::invalid(selector, "");
    } else {
        if selector.is_null() || !selector::is_empty(selector.value) {
            template::is_selected(pods, selector.value);
        }
        match spec.version().has(SET_TEMPLATE_CHECKED) {
            true => {
                let whole = with_claims(spec.value);
                let old = old.map(|spec| spec.at("template"));
                template::validate(Field { value: &whole, ..pods }, old);
            }
            false => template::metadata(pods),
        }
    }
    template::runs_on(pods, "StatefulSet");
}

/// The template, with the volumes that its pods get from claims.
fn with_claims(spec: &Value) -> Value {
    let mut pods = spec.at("template").clone();
    let claims = spec.list("volumeClaimTemplates").iter().map(|claim| claim.name());
    let mut volumes = pods.list("spec.volumes").to_vec();
    for name in claims {
        volumes.retain(|volume| volume.text("name") != name);
        volumes.push(json!({"name": name, "persistentVolumeClaim": {"claimName": name}}));
    }
    if !volumes.is_empty() {
        pods.set("spec.volumes", volumes);
    }
    pods
}

/// What may change, in the order in which it is told.
fn changeable(version: Version) -> Vec<&'static str> {
    let fields = [
        ("replicas", None),
        ("ordinals", Some(ORDINALS_OF_SETS)),
        ("template", None),
        ("updateStrategy", None),
        ("revisionHistoryLimit", Some(REVISION_LIMIT_CHANGES)),
        ("persistentVolumeClaimRetentionPolicy", Some(CLAIM_RETENTION_CHANGES)),
        ("minReadySeconds", Some(MIN_READY_OF_SETS)),
    ];
    let known = fields.into_iter().filter(|(_, since)| since.is_none_or(|since| version.has(since)));
    known.map(|(field, _)| field).collect()
}

fn validate_update(new: Field<'_>, old: &Value, subresource: &str) {
    if subresource == "status" {
        return validate_status(new.child("status"));
    }
    let (spec, old) = (new.child("spec"), old.at("spec"));
    validate(spec, Some(old));
    let fields = changeable(new.version());
    let mut munged = spec.value.clone();
    for field in &fields {
        munged.set(field, old.at(field).clone());
    }
    if !same(&munged, old) {
        let quoted: Vec<String> = fields.iter().map(|field| format!("'{field}'")).collect();
        let (last, first) = quoted.split_last().map_or((String::new(), &[][..]), |(l, f)| (l.clone(), f));
        let comma = if !new.version().has(SET_FIELDS_WITHOUT_COMMA) { "," } else { "" };
        spec.forbidden(format_args!(
            "updates to statefulset spec for fields other than {}{comma} and {last} are forbidden",
            first.join(", ")
        ));
    }
}

fn validate_status(status: Field<'_>) {
    let keys = [
        "replicas",
        "readyReplicas",
        "currentReplicas",
        "updatedReplicas",
        "availableReplicas",
        "observedGeneration",
        "collisionCount",
    ];
    let bounds = [
        ("readyReplicas", "replicas", "status.replicas"),
        ("currentReplicas", "replicas", "status.replicas"),
        ("updatedReplicas", "replicas", "status.replicas"),
        ("availableReplicas", "replicas", "status.replicas"),
        ("availableReplicas", "readyReplicas", "status.readyReplicas"),
    ];
    // Those that are available were counted last.
    let counted = if status.version().has(AVAILABLE_IN_SETS) { bounds.len() } else { 3 };
    status.counters(&keys, bounds.get(..counted).unwrap_or_default());
}

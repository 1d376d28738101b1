//! Stateful sets (`pkg/apis/apps/v1/defaults.go`, `pkg/registry/apps/statefulset`, `pkg/apis/apps/validation`).

use super::Kind;
use super::columns::{Columns, Print, count, workload};
use super::parts::checks::{at_most_all, count_or_percent, counters, is_none, nonnegative};
use super::parts::selector;
use super::parts::strategy::spec_with_generation;
use super::parts::template;
use super::pod::update::same;
use super::pod::{defaults, items_mut, warnings};
use crate::api::Path;
use crate::api::differences::{
    AVAILABLE_IN_SETS, CLAIM_RETENTION, CLAIM_RETENTION_CHANGES, MAX_UNAVAILABLE_OF_SETS, MIN_READY_OF_SETS,
    ORDINALS_OF_SETS, REVISION_LIMIT_CHANGES, SET_FIELDS_WITHOUT_COMMA, SET_NAME_IS_LABEL,
    SET_TEMPLATE_CHECKED,
};
use crate::api::field::Errors;
use crate::api::names;
use crate::api::value::Dig;
use crate::api::version::Version;
use serde_json::{Value, json};

/// The row of stateful sets.
pub(super) const KIND: Kind = Kind {
    defaults: set_defaults,
    prepare,
    validate: |set, errors| {
        let name = set.name();
        if errors.version().has(SET_NAME_IS_LABEL) && names::dns1123_subdomain(name).is_empty() {
            errors.invalid_each("metadata.name", name, names::dns1123_label(name, errors.version()));
        }
        validate(set.at("spec"), None, errors);
    },
    whole_update: false,
    validate_update,
    warn: warnings::template,
    columns: &[Columns::new("Name|Ready|Age|Containers*|Images*", row)],
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

fn validate(spec: &Value, old: Option<&Value>, errors: &mut Errors) {
    let path = Path::new("spec");
    match spec.text("podManagementPolicy") {
        "" => errors.required(path.child("podManagementPolicy"), ""),
        "OrderedReady" | "Parallel" => {}
        policy => {
            let detail = "must be 'OrderedReady' or 'Parallel'";
            errors.invalid(path.child("podManagementPolicy"), policy, detail);
        }
    }
    validate_strategy(spec.at("updateStrategy"), &path.child("updateStrategy"), errors);
    let retention = path.child("persistentVolumeClaimRetentionPolicy");
    for (key, policy) in spec.entries("persistentVolumeClaimRetentionPolicy") {
        let allowed = ["Retain", "Delete"];
        if !allowed.contains(&policy.as_str().unwrap_or_default()) {
            errors.not_supported(retention.child(key), policy, &allowed);
        }
    }
    nonnegative(spec, &path, "replicas", errors);
    nonnegative(spec, &path, "minReadySeconds", errors);
    nonnegative(spec, &path, "ordinals.start", errors);
    validate_template(spec, old, &path, errors);
}

fn validate_strategy(strategy: &Value, path: &Path<'_>, errors: &mut Errors) {
    let (rolling, at) = (strategy.at("rollingUpdate"), path.child("rollingUpdate"));
    match strategy.text("type") {
        "" => errors.required(path, ""),
        "OnDelete" if rolling.is_null() => {}
        "OnDelete" => errors.invalid(at, rolling, "only allowed for updateStrategy 'RollingUpdate'"),
        "RollingUpdate" => {
            nonnegative(rolling, &at, "partition", errors);
            let most = rolling.at("maxUnavailable");
            if !most.is_null() {
                let at = at.child("maxUnavailable");
                count_or_percent(most, &at, errors);
                if is_none(most) {
                    errors.invalid(at, most, "cannot be 0");
                }
                at_most_all(most, &at, errors);
            }
        }
        _ => errors.invalid(path, strategy, "must be 'RollingUpdate' or 'OnDelete'"),
    }
}

fn validate_template(spec: &Value, old: Option<&Value>, path: &Path<'_>, errors: &mut Errors) {
    let (selector, at) = (spec.at("selector"), path.child("selector"));
    if selector.is_null() {
        errors.required(at, "");
    } else {
        selector::validate(selector, &at, errors);
        if selector::is_empty(selector) {
            selector::invalid(selector, &at, "empty selector is invalid for statefulset", errors);
        }
    }
    let (pods, path) = (spec.at("template"), path.child("template"));
    if !selector::is_usable(selector) {
        selector::invalid(selector, &at, "", errors);
    } else {
        if selector.is_null() || !selector::is_empty(selector) {
            template::is_selected(pods, selector, &path, errors);
        }
        match errors.version().has(SET_TEMPLATE_CHECKED) {
            true => {
                let old = old.map(|spec| spec.at("template"));
                template::validate(&with_claims(spec), old, &path, errors);
            }
            false => template::metadata(pods, &path, errors),
        }
    }
    template::runs_on(pods, "StatefulSet", &path, errors);
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

fn validate_update(new: &Value, old: &Value, subresource: &str, errors: &mut Errors) {
    if subresource == "status" {
        return validate_status(new.at("status"), errors);
    }
    let (new, old) = (new.at("spec"), old.at("spec"));
    validate(new, Some(old), errors);
    let fields = changeable(errors.version());
    let mut munged = new.clone();
    for field in &fields {
        munged.set(field, old.at(field).clone());
    }
    if !same(&munged, old) {
        let quoted: Vec<String> = fields.iter().map(|field| format!("'{field}'")).collect();
        let (last, first) = quoted.split_last().map_or((String::new(), &[][..]), |(l, f)| (l.clone(), f));
        let comma = if !errors.version().has(SET_FIELDS_WITHOUT_COMMA) { "," } else { "" };
        let detail = format!(
            "updates to statefulset spec for fields other than {}{comma} and {last} are forbidden",
            first.join(", ")
        );
        errors.forbidden("spec", detail);
    }
}

fn validate_status(status: &Value, errors: &mut Errors) {
    counters(
        status,
        &[
            "replicas",
            "readyReplicas",
            "currentReplicas",
            "updatedReplicas",
            "availableReplicas",
            "observedGeneration",
            "collisionCount",
        ],
        &[
            ("readyReplicas", "replicas", "status.replicas"),
            ("currentReplicas", "replicas", "status.replicas"),
            ("updatedReplicas", "replicas", "status.replicas"),
            ("availableReplicas", "replicas", "status.replicas"),
            ("availableReplicas", "readyReplicas", "status.readyReplicas"),
        ],
        errors,
    );
}

fn row(object: &Value, print: Print) -> Vec<Value> {
    let ready = format!("{}/{}", count(object, "status.readyReplicas"), count(object, "spec.replicas"));
    workload(object, print, vec![ready.into()], false)
}

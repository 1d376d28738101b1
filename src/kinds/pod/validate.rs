//! What a pod must be like as a whole, by what is done to it.

use super::options::Options;
use super::{annotations, container, resize, spec, status, update};
use crate::api::Dig;
use crate::json::Value;
use crate::kinds::NameRule;
use crate::kinds::field::Field;
use crate::kinds::parts::meta;

/// Checks a new pod (`ValidatePodCreate`, metadata aside).
pub(super) fn create(pod: Field<'_>) {
    whole(pod, &Options::pod(None));
    let spec = pod.child("spec");
    if !spec.list("ephemeralContainers").is_empty() {
        spec.child("ephemeralContainers").forbidden("cannot be set on create");
    }
    if !spec.text("nodeName").is_empty() && !spec.list("schedulingGates").is_empty() {
        spec.child("nodeName").forbidden("cannot be set until all schedulingGates have been cleared");
    }
    annotations::seccomp_matches(pod.value, spec);
    annotations::app_armor_matches(pod.value, spec);
}

/// Checks an update of a pod or of one of its subresources.
pub(super) fn update(new: Field<'_>, old: &Value, subresource: &str) {
    if subresource == "status" {
        return status::validate(new, old);
    }
    meta::validate(new, NameRule::Subdomain);
    new.items("metadata.finalizers").for_each(meta::core_finalizer);
    whole(new, &Options::pod(Some(old)));
    if subresource == "resize" {
        return resize::validate(new, old);
    }
    annotations::validate_update(new, old);
    match subresource {
        "ephemeralcontainers" => update::validate_ephemeral(new, old),
        _ => update::validate(new.child("spec"), old.at("spec")),
    }
}

/// What holds for every pod, new or changed (`validatePodMetadataAndSpec`).
fn whole(pod: Field<'_>, options: &Options) {
    let spec = pod.child("spec");
    annotations::validate(pod.child("metadata.annotations"), spec.value);
    spec::validate(spec, options);
    if spec.text("serviceAccountName").is_empty() {
        no_token_without_account(spec);
    }
    for list in ["containers", "initContainers"] {
        spec.items(list).for_each(container::image_is_trimmed);
    }
}

fn no_token_without_account(spec: Field<'_>) {
    for volume in spec.items("volumes") {
        for token in volume.items("projected.sources").filter(|source| source.has("serviceAccountToken")) {
            let detail = "must not be specified when serviceAccountName is not set";
            token.child("serviceAccountToken").forbidden(detail);
        }
    }
}

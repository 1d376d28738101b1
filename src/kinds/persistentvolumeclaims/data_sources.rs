//! Where the data of a claim comes from (`pkg/api/persistentvolumeclaim/util.go`, KEP-1495).

use crate::api::differences::ANY_DATA_SOURCE;
use crate::api::{Dig, Version};
use crate::json::Value;
use crate::kinds::parts::references::show_group;

const OLD: &str = "spec.dataSource";
const NEW: &str = "spec.dataSourceRef";

/// Drops what the old field never took, and makes both fields say the same.
pub(super) fn prepare(claim: &mut Value, old: Option<&Value>, version: Version) {
    if !old.is_some_and(|old| old.has(OLD)) && !is_known(claim.at(OLD)) {
        claim.take_out(OLD);
    }
    [OLD, NEW].into_iter().for_each(|path| show_group(claim, path));
    if !version.has(ANY_DATA_SOURCE) {
        return;
    }
    let elsewhere = !claim.text("spec.dataSourceRef.namespace").is_empty();
    match (claim.has(OLD), claim.has(NEW)) {
        (_, true) if elsewhere => drop(claim.take_out(OLD)),
        (true, false) => claim.set(NEW, claim.at(OLD).clone()),
        (false, true) => {
            let mut local = claim.at(NEW).clone();
            local.take_out("namespace");
            claim.set(OLD, local);
        }
        _ => {}
    }
}

fn is_known(source: &Value) -> bool {
    matches!(
        (source.text("apiGroup"), source.text("kind")),
        ("", "PersistentVolumeClaim") | ("snapshot.storage.k8s.io", "VolumeSnapshot")
    )
}

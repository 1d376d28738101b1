//! The masks over `/proc` stay, unless the pod has users of its own.

use super::words::join_quote;
use super::*;
use crate::api::differences::USER_NAMESPACES_SPARE_PROC;
use std::collections::BTreeSet;

pub(super) const CHECK: Check = Check {
    id: "procMount",
    level: Level::Baseline,
    versions: &[since(0, since_1_0), since(35, since_1_0).sparing(has_user_namespace)],
};

pub(super) fn since_1_0(pod: &Pod<'_>) -> Option<Violation> {
    if pod.is_relaxed_by_gate(USER_NAMESPACES_SPARE_PROC) {
        return None;
    }
    let mut types = BTreeSet::new();
    let who = pod.who(|container| {
        let kind = container.at("securityContext.procMount").as_str();
        let bad = kind.filter(|kind| *kind != "Default");
        types.extend(bad.map(str::to_owned));
        bad.is_some()
    })?;
    let types = join_quote(types);
    Violation::new("procMount", format!("{who} must not set securityContext.procMount to {types}"))
}

//! A container's SELinux type, and no user or role.

use super::words::{join_quote, plural, setters};
use super::*;
use crate::api::differences::SE_LINUX_EXPLAINED;
use std::collections::BTreeSet;

pub(super) const CHECK: Check = Check {
    id: "seLinuxOptions",
    level: Level::Baseline,
    versions: &[since(0, |pod| check(pod, &SINCE_1_0)), since(31, |pod| check(pod, &SINCE_1_31))],
};

const SINCE_1_0: [&str; 4] = ["", "container_t", "container_init_t", "container_kvm_t"];
const SINCE_1_31: [&str; 5] =
    ["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"];

fn check(pod: &Pod<'_>, allowed: &[&str]) -> Option<Violation> {
    let mut types = BTreeSet::new();
    let (mut user, mut role) = (false, false);
    let mut is_bad = |owner: &Value| {
        let options = owner.at("securityContext.seLinuxOptions");
        let kind = options.text("type");
        let bad_type = !allowed.contains(&kind);
        if bad_type {
            types.insert(kind.to_owned());
        }
        let has = |field| !options.text(field).is_empty();
        user |= has("user");
        role |= has("role");
        bad_type || has("user") || has("role")
    };
    let bad_pod = is_bad(pod.spec);
    let who = setters(bad_pod, &pod.containers_where(is_bad))?;
    let word = plural("type", "types", types.len());
    let types = (!types.is_empty()).then(|| format!("{word} {}", join_quote(types)));
    // Earlier releases told of user and role beside a wrong type alone.
    let is_told = types.is_some() || pod.server.has(SE_LINUX_EXPLAINED);
    let user = (user && is_told).then(|| "user may not be set".to_owned());
    let role = (role && is_told).then(|| "role may not be set".to_owned());
    let what: Vec<String> = types.into_iter().chain(user).chain(role).collect();
    let detail = format!("{who} set forbidden securityContext.seLinuxOptions: {}", what.join("; "));
    Violation::new("seLinuxOptions", detail)
}

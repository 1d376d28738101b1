//! Nobody asks to be user 0, unless the pod has users of its own.

use super::words::setters;
use super::*;
use crate::api::differences::USER_NAMESPACES_SPARE_USERS;

pub(super) const CHECK: Check = Check {
    id: "runAsUser",
    level: Level::Restricted,
    versions: &[since(23, since_1_23), since(35, since_1_23).sparing(has_user_namespace)],
};

fn since_1_23(pod: &Pod<'_>) -> Option<Violation> {
    if pod.is_relaxed_by_gate(USER_NAMESPACES_SPARE_USERS) {
        return None;
    }
    let is_root = |owner: &Value| owner.at("securityContext.runAsUser").as_i64() == Some(0);
    let who = setters(is_root(pod.spec), &pod.containers_where(is_root))?;
    Violation::new("runAsUser=0", format!("{who} must not set runAsUser=0"))
}

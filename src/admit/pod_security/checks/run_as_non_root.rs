//! Nobody runs as root, unless the pod has users of its own.

use super::words::setters;
use super::*;
use crate::api::differences::USER_NAMESPACES_SPARE_USERS;

pub(super) const CHECK: Check = Check {
    id: "runAsNonRoot",
    level: Level::Restricted,
    versions: &[since(0, since_1_0), since(35, since_1_0).sparing(has_user_namespace)],
};

const REASON: &str = "runAsNonRoot != true";

fn since_1_0(pod: &Pod<'_>) -> Option<Violation> {
    if pod.is_relaxed_by_gate(USER_NAMESPACES_SPARE_USERS) {
        return None;
    }
    let said = |owner: &Value| owner.at("securityContext.runAsNonRoot").as_bool();
    let of_pod = said(pod.spec);
    let allowing = pod.containers_where(|container| said(container) == Some(false));
    if let Some(who) = setters(of_pod == Some(false), &allowing) {
        return Violation::new(REASON, format!("{who} must not set securityContext.runAsNonRoot=false"));
    }
    let silent = pod.who(|container| said(container).is_none()).filter(|_| of_pod.is_none())?;
    Violation::new(REASON, format!("pod or {silent} must set securityContext.runAsNonRoot=true"))
}

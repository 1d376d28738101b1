//! Nobody gains privileges by set-user-ID files.

use super::words::containers;
use super::*;

pub(super) const CHECK: Check = Check {
    id: "allowPrivilegeEscalation",
    level: Level::Restricted,
    versions: &[since(8, since_1_8), since(25, since_1_25)],
};

fn since_1_8(pod: &Pod<'_>) -> Option<Violation> {
    let allows =
        |container: &Value| container.at("securityContext.allowPrivilegeEscalation") != &Value::Bool(false);
    match pod.containers_where(allows).as_slice() {
        [] => None,
        names => Violation::new(
            "allowPrivilegeEscalation != false",
            format!("{} must set securityContext.allowPrivilegeEscalation=false", containers(names)),
        ),
    }
}

fn since_1_25(pod: &Pod<'_>) -> Option<Violation> {
    if pod.is_windows() { None } else { since_1_8(pod) }
}

//! Nobody gains privileges by set-user-ID files.

use super::*;

pub(super) const CHECK: Check = Check {
    id: "allowPrivilegeEscalation",
    level: Level::Restricted,
    versions: &[since(8, since_1_8), since(25, since_1_8).sparing(is_windows)],
};

fn since_1_8(pod: &Pod<'_>) -> Option<Violation> {
    let allows =
        |container: &Value| container.at("securityContext.allowPrivilegeEscalation") != &Value::Bool(false);
    let who = pod.who(allows)?;
    let detail = format!("{who} must set securityContext.allowPrivilegeEscalation=false");
    Violation::new("allowPrivilegeEscalation != false", detail)
}

//! No container that may do all that the node may.

use super::*;

pub(super) const CHECK: Check =
    Check { id: "privileged", level: Level::Baseline, versions: &[since(0, since_1_0)] };

fn since_1_0(pod: &Pod<'_>) -> Option<Violation> {
    let is_privileged = |container: &Value| container.flag("securityContext.privileged");
    let who = pod.who(is_privileged)?;
    Violation::new("privileged", format!("{who} must not set securityContext.privileged=true"))
}

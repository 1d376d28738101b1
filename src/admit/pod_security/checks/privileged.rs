//! No container that may do all that the node may.

use super::words::containers;
use super::*;

pub(super) const CHECK: Check =
    Check { id: "privileged", level: Level::Baseline, versions: &[since(0, since_1_0)] };

fn since_1_0(pod: &Pod<'_>) -> Option<Violation> {
    let is_privileged = |container: &Value| container.flag("securityContext.privileged");
    match pod.containers_where(is_privileged).as_slice() {
        [] => None,
        names => Violation::new(
            "privileged",
            format!("{} must not set securityContext.privileged=true", containers(names)),
        ),
    }
}

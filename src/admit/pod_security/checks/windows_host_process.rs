//! No Windows container that is a process of the node.

use super::words::setters;
use super::*;

pub(super) const CHECK: Check =
    Check { id: "windowsHostProcess", level: Level::Baseline, versions: &[since(0, since_1_0)] };

fn since_1_0(pod: &Pod<'_>) -> Option<Violation> {
    let is_host = |owner: &Value| owner.flag("securityContext.windowsOptions.hostProcess");
    let who = setters(is_host(pod.spec), &pod.containers_where(is_host))?;
    let detail = format!("{who} must not set securityContext.windowsOptions.hostProcess=true");
    Violation::new("hostProcess", detail)
}

//! All capabilities are dropped; only `NET_BIND_SERVICE` may be added.

use super::capabilities_baseline::adding_others;
use super::*;

pub(super) const CHECK: Check = Check {
    id: "capabilities_restricted",
    level: Level::Restricted,
    versions: &[
        since(22, since_1_22).overriding(capabilities_baseline::CHECK.id),
        since(25, since_1_22).overriding(capabilities_baseline::CHECK.id).sparing(is_windows),
    ],
};

fn since_1_22(pod: &Pod<'_>) -> Option<Violation> {
    let keeps = |container: &Value| {
        let dropped = container.list("securityContext.capabilities.drop");
        !dropped.iter().any(|name| name == "ALL")
    };
    let keeping = pod.who(keeps);
    let keeping = keeping.map(|who| format!("{who} must set securityContext.capabilities.drop=[\"ALL\"]"));
    let adding = adding_others(pod, &["NET_BIND_SERVICE"]);
    let details: Vec<String> = keeping.into_iter().chain(adding).collect();
    if details.is_empty() { None } else { Violation::new("unrestricted capabilities", details.join("; ")) }
}

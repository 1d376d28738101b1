//! A pod's quality of service (`pkg/apis/core/helper/qos`).

use crate::api::differences::POD_LEVEL_RESOURCES;
use crate::api::quantity::Quantity;
use crate::api::value::Dig;
use crate::api::version::Version;
use crate::json::Value;

/// `Guaranteed`, `Burstable` or `BestEffort`.
///
/// Kubernetes compares the sums over all containers. A valid container asks for no more than its limit, so the sums are
/// equal exactly if they are in each container.
pub(super) fn class(spec: &Value, version: Version) -> &'static str {
    let whole = spec.at("resources");
    if version.has(POD_LEVEL_RESOURCES) && (is_set(whole.at("requests")) || is_set(whole.at("limits"))) {
        return of([whole].into_iter());
    }
    let containers = ["containers", "initContainers"].into_iter();
    of(containers.flat_map(|list| spec.list(list)).map(|c| c.at("resources")))
}

fn is_set(list: &Value) -> bool {
    list.entries("").next().is_some()
}

fn of<'a>(resources: impl Iterator<Item = &'a Value>) -> &'static str {
    let (mut some, mut guaranteed) = (false, true);
    for one in resources {
        for name in ["cpu", "memory"] {
            let (request, limit) = (amount(one, "requests", name), amount(one, "limits", name));
            some |= request.is_some() || limit.is_some();
            guaranteed &= limit.is_some() && request == limit;
        }
    }
    match (some, guaranteed) {
        (false, _) => "BestEffort",
        (true, true) => "Guaranteed",
        (true, false) => "Burstable",
    }
}

fn amount(resources: &Value, list: &str, name: &str) -> Option<Quantity> {
    let quantity: Quantity = resources.at(list).entry("", name)?.parse().ok()?;
    (quantity.sign() > 0).then_some(quantity)
}

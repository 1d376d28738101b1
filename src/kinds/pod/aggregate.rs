//! What a pod's containers ask for together (`component-helpers/resource`: `AggregateContainerRequests`).

use crate::api::{Dig, Quantity};
use crate::json::{Text, Value};
use std::collections::BTreeMap;

/// Amounts by the names of their resources.
pub(crate) type Amounts = BTreeMap<String, Quantity>;

/// Whether a pod as a whole may ask for a resource (`IsSupportedPodLevelResource`).
pub(crate) fn is_of_pods(name: &str) -> bool {
    matches!(name, "cpu" | "memory") || name.starts_with("hugepages-")
}

/// The amounts of a list of resources.
pub(crate) fn amounts(list: &Value) -> Amounts {
    let read = |(name, amount): (&Text, &Value)| Some((name.to_string(), amount.as_str()?.parse().ok()?));
    list.entries("").filter_map(read).collect()
}

fn add(sum: &mut Amounts, more: &Amounts) {
    for (name, amount) in more {
        match sum.get_mut(name) {
            Some(sum) => sum.add(amount),
            None => drop(sum.insert(name.clone(), amount.clone())),
        }
    }
}

fn raise(most: &mut Amounts, other: &Amounts) {
    for (name, amount) in other {
        if most.get(name).is_none_or(|most| most < amount) {
            most.insert(name.clone(), amount.clone());
        }
    }
}

/// What the containers of a spec need together: those that run side by side, or an init container with the sidecars
/// before it, whichever is more. `list` is `requests` or `limits`.
pub(crate) fn of_containers(spec: &Value, list: &str) -> Amounts {
    let of = |container: &Value| amounts(container.at("resources").at(list));
    let mut together = Amounts::new();
    spec.list("containers").iter().for_each(|container| add(&mut together, &of(container)));
    let (mut sidecars, mut most) = (Amounts::new(), Amounts::new());
    for container in spec.list("initContainers") {
        let mut own = of(container);
        if container.text("restartPolicy") == "Always" {
            add(&mut together, &own);
            add(&mut sidecars, &own);
            own.clone_from(&sidecars);
        } else {
            add(&mut own, &sidecars);
        }
        raise(&mut most, &own);
    }
    raise(&mut together, &most);
    together
}

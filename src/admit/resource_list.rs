//! Amounts by resource name (`core/v1.ResourceList`), and their arithmetic (`apiserver/pkg/quota/v1/resources.go`).

use crate::api::Dig;
use crate::api::quantity::Quantity;
use crate::json::{Map, Value};
use crate::kinds::pod::aggregate;
use std::collections::BTreeMap;

/// Amounts by name, in the names' order.
pub(crate) type ResourceList = BTreeMap<String, Quantity>;

/// The list at a path of an object; what is no amount counts as nothing.
pub(crate) fn read(object: &Value, path: &str) -> ResourceList {
    object.entries(path).map(|(name, value)| (name.to_string(), quantity(value))).collect()
}

fn quantity(value: &Value) -> Quantity {
    value.shown().parse().unwrap_or_else(|_| Quantity::whole(0))
}

/// The list as it stands in an object.
pub(crate) fn to_json(list: &ResourceList) -> Value {
    let entries = list.iter().map(|(name, amount)| (name.clone(), amount.to_string().into()));
    Value::Object(entries.collect::<Map>())
}

/// Adds amounts to those of the same name.
pub(crate) fn add(list: &mut ResourceList, more: &ResourceList) {
    for (name, amount) in more {
        match list.get_mut(name) {
            Some(sum) => sum.add(amount),
            None => drop(list.insert(name.clone(), amount.clone())),
        }
    }
}

/// Raises amounts to those of the same name.
pub(crate) fn raise(list: &mut ResourceList, to: &ResourceList) {
    for (name, amount) in to {
        if list.get(name).is_none_or(|own| own < amount) {
            list.insert(name.clone(), amount.clone());
        }
    }
}

/// What is left of amounts, never less than nothing.
pub(crate) fn subtract(list: &ResourceList, less: &ResourceList) -> ResourceList {
    let left = |(name, amount): (&String, &Quantity)| {
        let mut left = amount.clone();
        if let Some(less) = less.get(name) {
            left.subtract(less);
        }
        let left = if left.sign() < 0 { Quantity::whole(0) } else { left };
        (name.clone(), left)
    };
    list.iter().map(left).collect()
}

/// The amounts whose names are wanted.
pub(crate) fn mask(list: &ResourceList, wanted: impl Fn(&str) -> bool) -> ResourceList {
    list.iter()
        .filter(|(name, _)| wanted(name))
        .map(|(name, amount)| (name.clone(), amount.clone()))
        .collect()
}

/// `a=1,b=2`, as refusals show a list.
pub(crate) fn shown(list: &ResourceList) -> String {
    let parts: Vec<String> = list.iter().map(|(name, amount)| format!("{name}={amount}")).collect();
    parts.join(",")
}

/// What a pod's containers use at most at the same time, of `requests` or `limits`: containers and sidecars run
/// together, init containers one after another beside the sidecars that were started before them.
pub(crate) fn of_pod(pod: &Value, field: &str) -> ResourceList {
    aggregate::of_containers(pod.at("spec"), field)
}

/// Whether neither a pod as a whole nor any of its containers asks for processor or memory (`qos.GetPodQOS`).
pub(crate) fn is_best_effort(pod: &Value) -> bool {
    let asks = |container: &Value, field: &str| {
        let list = read(container, field);
        ["cpu", "memory"].iter().any(|name| list.get(*name).is_some_and(|amount| amount.sign() > 0))
    };
    let init = pod.list("spec.initContainers");
    let mut all = pod.list("spec.containers").iter().chain(init).chain([pod.at("spec")]);
    !all.any(|one| asks(one, "resources.requests") || asks(one, "resources.limits"))
}

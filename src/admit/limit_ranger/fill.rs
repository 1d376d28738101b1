//! What a container gets that asks for nothing.

use super::super::resource_list::{self, ResourceList};
use crate::api::Dig;
use crate::json::Value;

/// Where the plugin leaves word of what it did.
const ANNOTATION: &str = "kubernetes.io/limit-ranger";

/// Fills in requests and limits of a pod's containers; whether anything was missing.
pub(super) fn fill(range: &Value, pod: &mut Value) -> bool {
    let (mut requests, mut limits) = (ResourceList::new(), ResourceList::new());
    for item in range.list("spec.limits").iter().filter(|item| item.text("type") == "Container") {
        let (of_requests, of_limits) = defaults(item);
        requests.extend(of_requests);
        limits.extend(of_limits);
    }
    let mut done = Vec::new();
    for (list, word) in [("spec.containers", "container"), ("spec.initContainers", "init container")] {
        let containers = pod.at_mut(list).and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten() {
            for (field, defaults, what) in
                [("resources.requests", &requests, "request"), ("resources.limits", &limits, "limit")]
            {
                let set = fill_list(container, field, defaults);
                if !set.is_empty() {
                    let name = container.text("name");
                    done.push(format!("{} {what} for {word} {name}", set.join(", ")));
                }
            }
        }
    }
    if done.is_empty() {
        return false;
    }
    pod.make("metadata.annotations")[ANNOTATION] =
        format!("LimitRanger plugin set: {}", done.join("; ")).into();
    true
}

/// Default requests and default limits of an item, as the API fills them in: a maximum is the default limit, a limit is
/// the default request, and so is a minimum (`SetDefaults_LimitRangeItem`).
fn defaults(item: &Value) -> (ResourceList, ResourceList) {
    let or = |mut list: ResourceList, other: &ResourceList| {
        for (name, amount) in other {
            list.entry(name.clone()).or_insert_with(|| amount.clone());
        }
        list
    };
    let read = |path| resource_list::read(item, path);
    let limits = or(read("default"), &read("max"));
    let requests = or(or(read("defaultRequest"), &limits), &read("min"));
    (requests, limits)
}

fn fill_list(container: &mut Value, field: &str, defaults: &ResourceList) -> Vec<String> {
    let missing: Vec<_> = defaults
        .iter()
        .filter(|(name, _)| container.at(field).get(name.as_str()).is_none())
        .map(|(name, amount)| (name.clone(), amount.to_string()))
        .collect();
    for (name, amount) in &missing {
        container.make(field)[name.as_str()] = amount.as_str().into();
    }
    missing.into_iter().map(|(name, _)| name).collect()
}

//! By which expressions devices are chosen: whether they compile (`dynamic-resource-allocation/cel`,
//! `validateCELSelector`).

use crate::api::{Dig, Errors, Version};
use crate::cel::{Env, Object, Type};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Whether objects of a resource choose devices.
pub(crate) fn concerns(group: &str, resource: &str) -> bool {
    group == "resource.k8s.io"
        && matches!(resource, "deviceclasses" | "resourceclaims" | "resourceclaimtemplates")
}

/// What is wrong with the expressions of a class, a claim or a template.
pub(crate) fn errors(object: &Value, version: Version) -> Errors {
    let errors = Errors::new(version);
    let env = Env::new(version).compatible().with("device", device());
    let spec = if object.text("kind") == "ResourceClaimTemplate" { "spec.spec" } else { "spec" };
    let choose = |holder: &Value, path: &str| {
        for (at, selector) in holder.list("selectors").iter().enumerate() {
            if selector.has("cel") {
                let expression = selector.text("cel.expression");
                if let Err(why) = compile(&env, expression) {
                    errors.invalid(format_args!("{path}.selectors[{at}].cel.expression"), expression, why);
                }
            }
        }
    };
    choose(object.at(spec), spec);
    for (at, request) in object.at(spec).list("devices.requests").iter().enumerate() {
        let path = format!("{spec}.devices.requests[{at}]");
        choose(request.at("exactly"), &format!("{path}.exactly"));
        for (below, way) in request.list("firstAvailable").iter().enumerate() {
            choose(way, &format!("{path}.firstAvailable[{below}]"));
        }
    }
    errors
}

/// The type of a device.
fn device() -> Type {
    let by_domain = |of: Type| Type::map(Type::String, Type::map(Type::String, of));
    let fields = [
        ("driver", Type::String),
        ("attributes", by_domain(Type::Dyn)),
        ("capacity", by_domain(Type::parse("kubernetes.Quantity"))),
        ("allowMultipleAllocations", Type::Bool),
    ];
    let fields: BTreeMap<String, Type> = fields.into_iter().map(|(name, of)| (name.to_owned(), of)).collect();
    Type::Object(Arc::new(Object { name: "kubernetes.DRADevice".to_owned(), fields }))
}

fn compile(env: &Env, expression: &str) -> Result<(), String> {
    let program = env.compile(expression).map_err(|why| match expression {
        // Of nothing there is no first column, and no line to show (`common.Error.ToDisplayString`).
        "" => {
            let first = why.lines().next().unwrap_or_default();
            format!("compilation failed: {}", first.replacen(":1:1:", ":1:0:", 1))
        }
        _ => format!("compilation failed: {why}"),
    })?;
    match program.output() {
        Type::Bool | Type::Dyn => Ok(()),
        other => Err(format!("must evaluate to bool or the unknown type, not {other}")),
    }
}

/// Where a field stands in the order in which a server looks at what chooses devices: an item's own errors come after
/// those of its parts.
pub(crate) fn rank(field: &str) -> Vec<usize> {
    const WORDS: [&str; 10] = [
        "spec",
        "metadata",
        "devices",
        "name",
        "requests",
        "deviceClassName",
        "exactly",
        "firstAvailable",
        "selectors",
        "cel",
    ];
    let place = |word: &str| WORDS.iter().position(|known| *known == word).unwrap_or(WORDS.len());
    let words = field.split(['.', '[']).map(|word| match word.strip_suffix(']') {
        Some(index) => index.parse().unwrap_or_default(),
        None => place(word),
    });
    words.chain(field.ends_with(']').then_some(usize::MAX)).collect()
}

#[cfg(test)]
mod tests {
    use super::{errors, rank};
    use crate::api::Version;
    use serde_json::json;

    #[test]
    fn expressions_are_compiled_where_they_stand() {
        let selector = |expression: &str| json!({"cel": {"expression": expression}});
        let class = json!({"kind": "DeviceClass", "spec": {"selectors": [
            selector("device.driver == 'x'"),
            selector("device.driver"),
            {},
            selector("device.attributes['a'].b"),
        ]}});
        let found: Vec<String> =
            errors(&class, Version::NEWEST).list().iter().map(|error| error.field.clone()).collect();
        assert_eq!(found, ["spec.selectors[1].cel.expression"]);
        assert!(rank("spec.selectors[1].cel.expression") < rank("spec.selectors[2].cel"));
        assert!(rank("spec.devices.requests[0].exactly.selectors[0].cel") < rank("spec.devices.requests[0]"));
    }
}

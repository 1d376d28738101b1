//! `kubectl apply view-last-applied`: what `apply` remembers of objects (`kubectl/pkg/cmd/apply`).

use super::Ctx;
use super::apply::LAST_APPLIED;
use super::error::{Done, fail};
use super::objects::Wanted;
use crate::api::Dig;
use crate::golang::yaml;
use crate::json::Value;

/// `kubectl apply view-last-applied (TYPE/NAME | -f FILE)`.
pub(super) fn view(ctx: &mut Ctx<'_>) -> Done {
    let args = ctx.flags.args.clone();
    let selected = ctx.selects() || ctx.flags.on("all");
    let mut found: Vec<(String, Value)> = Vec::new();
    match ctx.wanted(&args)? {
        // A list brings its objects along.
        Wanted::Every(mappings) if selected && !ctx.names_files() => {
            for mapping in mappings {
                let list = ctx.list(&mapping, "application/json")?;
                found.extend(list.list("items").iter().map(|object| (String::new(), object.clone())));
            }
        }
        _ => {
            for target in ctx.targets(&args)? {
                found.push((target.source.clone(), ctx.get(&target)?));
            }
        }
    }
    let mut applied: Vec<Value> = Vec::new();
    for (source, object) in found {
        match object.annotation(LAST_APPLIED) {
            Some(text) => applied.push(serde_json::from_str(text).unwrap_or_default()),
            // Of what was not applied nothing is told, but of an object in a file.
            None if source.is_empty() => {}
            None => fail!(
                "error when no last-applied-configuration annotation found on resource: {}\n \"{source}\": <nil>",
                object.name()
            ),
        }
    }
    for applied in &applied {
        let text = match ctx.flags.get("output").unwrap_or("yaml") {
            "yaml" => yaml::wrapped(applied),
            "json" => super::json::json_indented(applied, "  "),
            other => {
                let text =
                    format!("Unexpected -o output mode: {other}, the flag 'output' must be one of yaml|json");
                return Err(ctx.usage(text));
            }
        };
        ctx.out.push_str(&text);
    }
    Ok(())
}

//! Roles, bindings, quotas, limit ranges.

use super::super::Ctx;
use super::super::auth::rules::rows;
use super::super::error::Done;
use super::text::Text;
use crate::api::Dig;
use crate::api::rbac::PolicyRule;
use crate::json::Value;

/// A role with its rules, one resource a line.
pub(super) fn role(_: &mut Ctx<'_>, object: &Value, text: &mut Text) -> Done {
    text.metadata(object);
    text.line(0, "PolicyRule:");
    text.line(1, "Resources\tNon-Resource URLs\tResource Names\tVerbs");
    text.line(1, "---------\t-----------------\t--------------\t-----");
    rows(PolicyRule::list(object).into_iter()).iter().for_each(|row| text.line(1, row));
    Ok(())
}

/// A binding with its role and subjects.
pub(super) fn binding(_: &mut Ctx<'_>, object: &Value, text: &mut Text) -> Done {
    text.metadata(object);
    text.line(0, "Role:");
    text.field_at(1, "Kind", object.text("roleRef.kind"));
    text.field_at(1, "Name", object.text("roleRef.name"));
    text.line(0, "Subjects:");
    text.line(1, "Kind\tName\tNamespace");
    text.line(1, "----\t----\t---------");
    for s in object.list("subjects") {
        text.line(1, format_args!("{}\t{}\t{}", s.text("kind"), s.text("name"), s.text("namespace")));
    }
    Ok(())
}

fn amount(value: &Value) -> String {
    match value {
        Value::Null => "0".to_owned(),
        value => value.shown(),
    }
}

fn quota_lines(text: &mut Text, level: usize, object: &Value) {
    for (resource, hard) in object.entries("status.hard") {
        let used = object.at("status.used").get(resource).unwrap_or(&Value::Null);
        text.line(level, format!("{resource}\t{}\t{}", amount(used), amount(hard)));
    }
}

/// A quota with what is used of it.
pub(super) fn quota(_: &mut Ctx<'_>, object: &Value, text: &mut Text) -> Done {
    text.namespace(object);
    let scopes = object.texts("spec.scopes");
    if !scopes.is_empty() {
        text.field("Scopes", scopes.join(", "));
    }
    text.line(0, "Resource\tUsed\tHard\n--------\t----\t----");
    quota_lines(text, 0, object);
    Ok(())
}

/// The quotas in a namespace's description.
pub(super) fn quotas_of_namespace(text: &mut Text, quotas: &[Value]) {
    if quotas.is_empty() {
        text.line(0, "\nNo resource quota.");
        return;
    }
    text.line(0, "\nResource Quotas");
    for quota in quotas {
        text.field_at(1, "Name", quota.name());
        text.line(1, "Resource\tUsed\tHard");
        text.line(1, "--------\t---\t---");
        quota_lines(text, 1, quota);
    }
}

const LIMIT_HEAD: &str = "Type\tResource\tMin\tMax\tDefault Request\tDefault Limit\tMax Limit/Request Ratio";
const LIMIT_RULE: &str = "----\t--------\t---\t---\t---------------\t-------------\t-----------------------";

fn limit_lines(text: &mut Text, level: usize, object: &Value) {
    const KINDS: [&str; 5] = ["min", "max", "defaultRequest", "default", "maxLimitRequestRatio"];
    for item in object.list("spec.limits") {
        let mut resources: Vec<_> =
            KINDS.iter().flat_map(|kind| item.entries(kind)).map(|(r, _)| r).collect();
        resources.sort();
        resources.dedup();
        for resource in resources {
            let cells: Vec<String> =
                KINDS.iter().map(|kind| item.at(kind).get(resource).map_or("-".to_owned(), amount)).collect();
            text.line(level, format!("{}\t{resource}\t{}", item.text("type"), cells.join("\t")));
        }
    }
}

/// A limit range.
pub(super) fn limit_range(_: &mut Ctx<'_>, object: &Value, text: &mut Text) -> Done {
    text.namespace(object);
    text.line(0, format_args!("{LIMIT_HEAD}\n{LIMIT_RULE}"));
    limit_lines(text, 0, object);
    Ok(())
}

/// The limits in a namespace's description.
pub(super) fn limits_of_namespace(text: &mut Text, ranges: &[Value]) {
    if ranges.is_empty() {
        text.line(0, "\nNo LimitRange resource.");
        return;
    }
    text.line(0, "\nResource Limits");
    text.line(1, LIMIT_HEAD);
    text.line(1, LIMIT_RULE);
    ranges.iter().for_each(|range| limit_lines(text, 1, range));
}

//! When a job fails and when it succeeds, by its own rules (`validatePodFailurePolicy`, `validateSuccessPolicy`,
//! `validatePodReplacementPolicy`).

use super::indexes;
use crate::api::differences::BACKOFF_PER_INDEX;
use crate::api::field::quote_list;
use crate::api::names::qualified_name;
use crate::json::Value;
use crate::kinds::field::Field;
use std::collections::BTreeSet;

const RULES_MAX: usize = 20;
const PATTERNS_MAX: usize = 20;
const EXIT_CODES_MAX: usize = 255;
const INDEXES_BYTES_MAX: usize = 64 * 1024;
const OPERATORS: [&str; 2] = ["In", "NotIn"];
const STATUSES: [&str; 3] = ["False", "True", "Unknown"];

/// Checks the policies of a job's spec.
pub(super) fn validate(spec: Field<'_>) {
    let failure = spec.child("podFailurePolicy");
    if !failure.is_null() {
        validate_failure(failure, spec);
    }
    let success = spec.child("successPolicy");
    match (success.is_null(), spec.text("completionMode")) {
        (true, _) => {}
        (false, "Indexed") => validate_success(success, spec.number("completions").unwrap_or_default()),
        (false, _) => success.invalid_internal("batch.SuccessPolicy", "requires indexed completion mode"),
    }
    let replacement = spec.child("podReplacementPolicy");
    replacement.one_of_if_set(if failure.is_null() {
        &["Failed", "TerminatingOrFailed"]
    } else {
        &["Failed"]
    });
}

fn validate_failure(policy: Field<'_>, spec: Field<'_>) {
    let rules = policy.child("rules");
    if rules.list("").len() > RULES_MAX {
        rules.errors.too_many(rules.path, rules.list("").len(), RULES_MAX);
    }
    let lists = [spec.list("template.spec.containers"), spec.list("template.spec.initContainers")];
    let names: BTreeSet<&str> =
        lists.iter().copied().flatten().filter_map(|c| c.get("name")?.as_str()).collect();
    for rule in rules.items("") {
        validate_rule(rule, spec, &names);
    }
}

fn needs_one_of(field: Field<'_>, allowed: &[&str]) {
    match field.text("") {
        "" => {
            let allowed: Vec<String> = allowed.iter().map(|&word| word.to_owned()).collect();
            field.required(format_args!("valid values: {}", quote_list(&allowed)));
        }
        text if !allowed.contains(&text) => field.not_supported(allowed),
        _ => {}
    }
}

fn validate_rule(rule: Field<'_>, spec: Field<'_>, names: &BTreeSet<&str>) {
    let actions: &[&str] = match rule.version().has(BACKOFF_PER_INDEX) {
        true => &["Count", "FailIndex", "FailJob", "Ignore"],
        false => &["Count", "FailJob", "Ignore"],
    };
    let action = rule.child("action");
    match action.text("") {
        "FailIndex" if actions.contains(&"FailIndex") => {
            if !spec.has("backoffLimitPerIndex") {
                action.invalid("requires the backoffLimitPerIndex to be set");
            }
        }
        _ => needs_one_of(action, actions),
    }
    let (codes, conditions) = (rule.child("onExitCodes"), rule.child("onPodConditions"));
    if !codes.is_null() {
        validate_exit_codes(codes, names);
    }
    let patterns = conditions.list("").len();
    if patterns > PATTERNS_MAX {
        conditions.errors.too_many(conditions.path, patterns, PATTERNS_MAX);
    } else {
        for pattern in conditions.items("") {
            let kind = pattern.string("type");
            kind.invalid_each(qualified_name(kind.text(""), kind.version()));
            needs_one_of(pattern.child("status"), &STATUSES);
        }
    }
    match (codes.is_null(), patterns) {
        (false, 1..) => {
            rule.invalid_omitted("specifying both OnExitCodes and OnPodConditions is not supported");
        }
        (true, 0) => rule.invalid_omitted("specifying one of OnExitCodes and OnPodConditions is required"),
        _ => {}
    }
}

fn validate_exit_codes(codes: Field<'_>, names: &BTreeSet<&str>) {
    needs_one_of(codes.child("operator"), &OPERATORS);
    let container = codes.child("containerName");
    if !container.is_null() && !names.contains(container.text("")) {
        container.invalid("must be one of the container or initContainer names in the pod template");
    }
    let values = codes.child("values");
    let numbers: Vec<i64> = values.list("").iter().filter_map(Value::as_i64).collect();
    let invalid = |detail: &str| {
        let text = |with: &str| numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(with);
        let go =
            if values.is_null() { "[]int32(nil)".to_owned() } else { format!("[]int32{{{}}}", text(", ")) };
        let json = if values.is_null() { "null".to_owned() } else { format!("[{}]", text(",")) };
        values.invalid_go(go, json, detail);
    };
    match numbers.len() {
        0 => invalid("at least one value is required"),
        some if some > EXIT_CODES_MAX => values.errors.too_many(values.path, some, EXIT_CODES_MAX),
        _ => {}
    }
    let mut seen = BTreeSet::new();
    for value in values.items("") {
        let number = value.number("").unwrap_or_default();
        if codes.text("operator") == "In" && number == 0 {
            value.invalid("must not be 0 for the In operator");
        }
        if !seen.insert(number) {
            value.duplicate();
        }
    }
    if !numbers.is_sorted() {
        invalid("must be ordered");
    }
}

fn validate_success(policy: Field<'_>, completions: i64) {
    let rules = policy.child("rules");
    match rules.list("").len() {
        0 => rules.required("at least one rules must be specified when the successPolicy is specified"),
        some if some > RULES_MAX => rules.errors.too_many(rules.path, some, RULES_MAX),
        _ => {}
    }
    for rule in rules.items("") {
        let (count, wanted) = (rule.child("succeededCount"), rule.child("succeededIndexes"));
        if count.is_null() && wanted.is_null() {
            rule.required("at least one of succeededCount or succeededIndexes must be specified");
        }
        let mut total = 0;
        if wanted.text("").len() > INDEXES_BYTES_MAX {
            wanted.errors.too_long(wanted.path, INDEXES_BYTES_MAX);
        }
        match indexes::parse(wanted.text(""), completions) {
            Ok(found) => total = indexes::count(&found),
            Err(why) => wanted.invalid(format_args!("error parsing succeededIndexes: {why}")),
        }
        let Some(number) = count.number("") else { continue };
        count.nonnegative();
        if number > completions {
            count.invalid(format_args!(
                "must be less than or equal to {completions} (the number of specified completions)"
            ));
        }
        if !wanted.is_null() && number > total {
            count.invalid(format_args!(
                "must be less than or equal to {total} (the number of indexes in the specified succeededIndexes field)"
            ));
        }
    }
}

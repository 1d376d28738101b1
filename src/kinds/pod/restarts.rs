//! When a container is started again (`validateContainerRestartPolicy`).

use crate::api::differences::RESTART_OF_ALL;
use crate::kinds::field::Field;

/// A container has no more rules than these.
const RULES_MAX: usize = 20;
/// A rule speaks of no more exit codes than these.
const CODES_MAX: usize = 255;

/// Checks a container's restart policy, and its rules for ends of certain kinds.
pub(super) fn validate(container: Field<'_>) {
    let (policy, rules) = (container.child("restartPolicy"), container.child("restartPolicyRules"));
    policy.one_of_if_set(&["Always", "Never", "OnFailure"]);
    let count = rules.list("").len();
    if policy.is_null() && count > 0 {
        policy.required("must specify restartPolicy when restart rules are used");
    }
    if count > RULES_MAX {
        rules.errors.too_many(rules.path, count, RULES_MAX);
    }
    rules.items("").for_each(validate_rule);
}

fn validate_rule(rule: Field<'_>) {
    let allowed: &[&str] = match rule.version().has(RESTART_OF_ALL) {
        true => &["Restart", "RestartAllContainers"],
        false => &["Restart"],
    };
    let action = rule.string("action");
    if !allowed.contains(&action.text("")) {
        action.not_supported(allowed);
    }
    let codes = rule.child("exitCodes");
    if codes.is_null() {
        return codes.required("must be specified");
    }
    let operator = codes.string("operator");
    if !["In", "NotIn"].contains(&operator.text("")) {
        operator.not_supported(&["In", "NotIn"]);
    }
    let values = codes.child("values");
    if values.list("").len() > CODES_MAX {
        values.errors.too_many(values.path, values.list("").len(), CODES_MAX);
    }
}

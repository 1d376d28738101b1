//! Which names the expressions of a policy may use, and which of its expressions do not compile
//! (`plugin/cel/compile.go`, `pkg/apis/admissionregistration/validation`).

use crate::api::{Dig, Errors, Resource, Version};
use crate::cel::{Env, Program, Type};
use crate::json::Value;
use std::fmt;

/// What the expressions of a policy may use, without its variables.
pub(super) fn plain(version: Version, policy: &Value, authorizer: bool) -> Env {
    let named = |name: &str| Type::Named(name.to_owned());
    let mut env = Env::new(version)
        .with("object", Type::Dyn)
        .with("oldObject", Type::Dyn)
        .with("request", named("kubernetes.AdmissionRequest"))
        .with("namespaceObject", named("kubernetes.Namespace"));
    if policy.has("spec.paramKind") {
        env = env.with("params", Type::Dyn);
    }
    if authorizer {
        env = env
            .with("authorizer", named("kubernetes.authorization.Authorizer"))
            .with("authorizer.requestResource", named("kubernetes.authorization.ResourceCheck"));
    }
    if !policy.list("spec.mutations").is_empty() {
        env = env.with_patches();
    }
    env
}

/// The type under which later expressions know a variable: what the libraries make is not told.
fn declared(of: &Type) -> Type {
    match of {
        Type::List(of) => Type::list(declared(of)),
        Type::Map(key, value) => Type::map(declared(key), declared(value)),
        Type::Named(_) | Type::Optional(_) | Type::Meta(_) | Type::Param(_) => Type::Dyn,
        plain => plain.clone(),
    }
}

/// The variables of a policy, compiled, in order.
pub(super) type Variables = Vec<(String, Result<Program, Trouble>)>;

/// An environment with the variables of a policy, and these compiled: a variable sees those before it.
pub(super) fn variables(mut env: Env, policy: &Value) -> (Env, Variables) {
    let mut programs = Vec::new();
    if !policy.list("spec.variables").is_empty() {
        env = env.with("variables", Type::Named("kubernetes.variables".to_owned()));
    }
    for variable in policy.list("spec.variables") {
        let name = variable.text("name");
        let program = compile(&env, variable.text("expression"), &[]);
        let of = program.as_ref().map_or(Type::Dyn, |program| declared(program.output()));
        env = env.with(&format!("variables.{name}"), of);
        programs.push((name.to_owned(), program));
    }
    (env, programs)
}

/// Why an expression is of no use.
#[derive(Clone, Debug)]
pub(super) enum Trouble {
    /// It does not compile, or is of the wrong type.
    Invalid(String),
    /// It compiles, and can't be evaluated.
    Internal(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Invalid(why) | Trouble::Internal(why) => f.write_str(why),
        }
    }
}

/// An expression whose value is of one of a few types; of any, where none is named.
pub(super) fn compile(env: &Env, text: &str, types: &[Type]) -> Result<Program, Trouble> {
    let program = env.compile(text).map_err(|why| Trouble::Invalid(format!("compilation failed: {why}")))?;
    let given = program.output();
    match types {
        [] => {}
        types if types.contains(given) => {}
        [one] => return Err(Trouble::Invalid(format!("must evaluate to {one} but got {given}"))),
        many => {
            let many: Vec<String> = many.iter().map(Type::to_string).collect();
            let many = many.join(" ");
            return Err(Trouble::Invalid(format!("must evaluate to one of [{many}] but got {given}")));
        }
    }
    match program.trouble() {
        Some(why) => Err(Trouble::Internal(format!("program instantiation failed: {why}"))),
        None => Ok(program),
    }
}

/// The field that a mutation's expression is in, and the type of its value.
pub(super) fn mutation_type(mutation: &Value) -> Option<(&'static str, Type)> {
    let named = |name: &str| Type::Named(name.to_owned());
    match mutation.text("patchType") {
        "ApplyConfiguration" => Some(("applyConfiguration", named("Object"))),
        "JSONPatch" => Some(("jsonPatch", Type::list(named("JSONPatch")))),
        _ => None,
    }
}

/// Whether a resource holds expressions that are compiled when it is written.
pub(crate) fn concerns(row: &Resource) -> bool {
    row.group == "admissionregistration.k8s.io"
        && matches!(
            &*row.name,
            "validatingadmissionpolicies"
                | "mutatingadmissionpolicies"
                | "validatingwebhookconfigurations"
                | "mutatingwebhookconfigurations"
        )
        && row.subresource.is_empty()
}

/// What does not compile in a policy or in the match conditions of webhooks, in the order of the fields.
pub(crate) fn errors(policy: &Value, old: Option<&Value>, version: Version) -> Errors {
    let mut found = Found(Errors::new(version));
    // What is stored already goes on working.
    let new = |env: Env| if old.is_none() { env.compatible() } else { env };
    let env = new(plain(version, policy, true));
    for (i, hook) in policy.list("webhooks").iter().enumerate() {
        let before = old.and_then(|old| old.list("webhooks").get(i)).map(|old| old.at("matchConditions"));
        for (j, condition) in hook.list("matchConditions").iter().enumerate() {
            let path = format!("webhooks[{i}].matchConditions[{j}].expression");
            if before != Some(hook.at("matchConditions")) {
                found.check(&env, path, condition.text("expression").trim(), &[Type::Bool]);
            }
        }
    }
    let (quiet, _) = variables(new(plain(version, policy, false)), policy);
    let same = |path: &str| old.is_some_and(|old| old.at(path) == policy.at(path));
    if !(same("spec.matchConditions") && same("spec.paramKind")) {
        for (i, condition) in policy.list("spec.matchConditions").iter().enumerate() {
            let text = condition.text("expression").trim();
            found.check(&env, format!("spec.matchConditions[{i}].expression"), text, &[Type::Bool]);
        }
    }
    let (env, programs) = variables(env, policy);
    for (i, (variable, (_, program))) in policy.list("spec.variables").iter().zip(&programs).enumerate() {
        found.add(format!("spec.variables[{i}].expression"), variable.text("expression"), program);
    }
    for (i, validation) in policy.list("spec.validations").iter().enumerate() {
        let path = format!("spec.validations[{i}]");
        found.check(&env, format!("{path}.expression"), validation.text("expression"), &[Type::Bool]);
        let message = validation.text("messageExpression");
        found.check(&quiet, format!("{path}.messageExpression"), message, &[Type::String]);
    }
    for (i, annotation) in policy.list("spec.auditAnnotations").iter().enumerate() {
        let text = annotation.text("valueExpression");
        let program = compile(&env, text.trim(), &[Type::String, Type::Null]);
        found.add(format!("spec.auditAnnotations[{i}].valueExpression"), text, &program);
    }
    for (i, mutation) in policy.list("spec.mutations").iter().enumerate() {
        if let Some((key, of)) = mutation_type(mutation) {
            let path = format!("spec.mutations[{i}].{key}.expression");
            found.check(&env, path, mutation.at(key).text("expression"), &[of]);
        }
    }
    found.0
}

struct Found(Errors);

impl Found {
    fn check(&mut self, env: &Env, path: String, text: &str, types: &[Type]) {
        if !text.trim().is_empty() {
            self.add(path, text, &compile(env, text, types));
        }
    }

    /// What is missing is told as such, not as something that does not compile.
    fn add(&mut self, path: String, text: &str, program: &Result<Program, Trouble>) {
        match program {
            _ if text.trim().is_empty() => {}
            Ok(_) => {}
            Err(Trouble::Invalid(why)) => self.0.invalid(path, text, why),
            Err(Trouble::Internal(why)) => self.0.internal(path, why),
        }
    }
}

/// Where a field stands in the order in which a server looks at a policy.
pub(crate) fn rank(field: &str) -> (usize, usize, usize) {
    const SECTIONS: [&str; 6] = [
        "matchConditions",
        "variables",
        "validations",
        "auditAnnotations",
        "mutations",
        "reinvocationPolicy",
    ];
    const FIELDS: [(&str, usize); 12] = [
        ("matchConditions.expression", 0),
        ("matchConditions.name", 1),
        ("variables.name", 0),
        ("variables.expression", 1),
        ("validations.expression", 0),
        ("validations.messageExpression", 1),
        ("validations.message", 2),
        ("validations.reason", 3),
        ("auditAnnotations.key", 0),
        ("auditAnnotations.valueExpression", 1),
        ("mutations.jsonPatch.expression", 0),
        ("mutations.applyConfiguration", 1),
    ];
    let rest = field.strip_prefix("spec.").unwrap_or("");
    let section = rest.split(['.', '[']).next().unwrap_or_default();
    let at = SECTIONS.iter().position(|known| *known == section).map_or(0, |at| at + 1);
    let index = rest.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
    let (index, inner) = match index {
        Some((index, inner)) => (index.parse().unwrap_or_default(), inner),
        None => (0, ""),
    };
    let name = format!("{section}{inner}");
    let inner = FIELDS.iter().find(|(known, _)| *known == name).map_or(0, |(_, at)| *at);
    (at, index, inner)
}

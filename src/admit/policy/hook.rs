//! Which policies see a write, by which bindings, with which parameters
//! (`policy/generic/policy_dispatcher.go`, `policy/matching`).

use super::is_exempt;
use crate::admit::matching;
use crate::admit::{Cx, Review, Stop};
use crate::api::labels::selects;
use crate::api::{Dig, Resource, Resources};
use crate::json::Value;
use std::sync::Arc;

/// The parameters of a binding, of which one may be nothing; or why they can't be had.
pub(super) type Params = Result<Vec<Option<Value>>, String>;

/// A policy that sees a write.
pub(super) struct Hook {
    /// The policy.
    pub(super) policy: Arc<Value>,
    /// Under which row of the resource table it sees the write.
    pub(super) row: Arc<Resource>,
    /// The bindings that see it too, with the parameters of each; or why those can't be had.
    pub(super) bindings: Vec<(Arc<Value>, Params)>,
    /// Why the policy can't work at all.
    pub(super) broken: Option<String>,
}

/// The policies that see a write, by name.
pub(super) fn hooks(cx: &Cx<'_>, review: &Review, policies: &str, bindings: &str) -> Result<Vec<Hook>, Stop> {
    let mut found = Vec::new();
    // Those from files come first, and see also what those of the API must not.
    let from_files = of_files(cx, policies).iter().map(|policy| (policy, true));
    let stored = cx.cache.all(policies).filter(|_| !is_exempt(review)).map(|policy| (policy, false));
    for (policy, of_file) in from_files.chain(stored) {
        let bound: Vec<&Arc<Value>> = match of_file {
            true => of_files(cx, bindings).iter().filter(|binding| binds(binding, policy)).collect(),
            false => cx.cache.all(bindings).filter(|binding| binds(binding, policy)).collect(),
        };
        if bound.is_empty() {
            continue;
        }
        let Some(row) = sees(cx, review, policy.at("spec.matchConstraints"))? else { continue };
        let mut hook = Hook { policy: policy.clone(), row, bindings: Vec::new(), broken: None };
        let kind = policy.at("spec.paramKind");
        let params = param_row(cx.resources, kind);
        if !kind.is_null() && params.is_none() {
            hook.broken =
                Some(format!("failed to find resource referenced by paramKind: '{}'", kind_text(kind)));
            found.push(hook);
            continue;
        }
        for binding in bound {
            let wants = binding.at("spec.matchResources");
            if wants.is_null() || sees(cx, review, wants)?.is_some() {
                let params = collect(cx, review, params, kind, binding.at("spec.paramRef"));
                hook.bindings.push((binding.clone(), params));
            }
        }
        found.push(hook);
    }
    Ok(found)
}

/// The policies or bindings that stand in files.
fn of_files<'a>(cx: &Cx<'a>, resource: &str) -> &'a [Arc<Value>] {
    cx.plugins.manifests(resource)
}

/// Whether a binding is one of a policy.
fn binds(binding: &Value, policy: &Value) -> bool {
    binding.text("spec.policyName") == policy.name()
}

/// Whether anybody may want to see a write.
pub(super) fn sees_any(cx: &Cx<'_>, review: &Review, policies: &str) -> bool {
    let of_admission = review.resource.group == "admissionregistration.k8s.io";
    !is_exempt(review) || of_admission && !of_files(cx, policies).is_empty()
}

/// `GROUP/VERSION, Kind=KIND`.
fn kind_text(kind: &Value) -> String {
    let version = kind.text("apiVersion");
    let slash = if version.contains('/') { "" } else { "/" };
    format!("{slash}{version}, Kind={}", kind.text("kind"))
}

/// Under which row somebody wants to see a write; without rules under its own.
fn sees(cx: &Cx<'_>, review: &Review, wants: &Value) -> Result<Option<Arc<Resource>>, Stop> {
    let exact = wants.text("matchPolicy") == "Exact";
    let rules = wants.list("resourceRules");
    if by_names(cx.resources, review, wants.list("excludeResourceRules"), exact).is_some() {
        return Ok(None);
    }
    let any = [crate::json!({
        "apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*/*"], "scope": "*",
    })];
    let rules: Vec<Value> = match rules.is_empty() {
        true => any.to_vec(),
        false => rules.iter().filter(|rule| names(rule, review)).cloned().collect(),
    };
    matching::invocation(cx, review, wants, &rules)
}

fn by_names(table: &Resources, review: &Review, rules: &[Value], exact: bool) -> Option<Arc<Resource>> {
    let rules: Vec<Value> = rules.iter().filter(|rule| names(rule, review)).cloned().collect();
    matching::by_rules(table, review, &rules, exact)
}

/// Whether a rule is about an object of that name.
fn names(rule: &Value, review: &Review) -> bool {
    let names = rule.list("resourceNames");
    names.is_empty() || names.iter().any(|name| *name == review.name)
}

fn param_row<'a>(table: &'a Resources, kind: &Value) -> Option<&'a Arc<Resource>> {
    let api_version = kind.text("apiVersion");
    let (group, of) = api_version.split_once('/').unwrap_or(("", api_version));
    table.by_kind(group, of, kind.text("kind"))
}

/// The parameters that a binding gives its policy; one that is nothing where it gives none.
fn collect(
    cx: &Cx<'_>,
    review: &Review,
    row: Option<&Arc<Resource>>,
    kind: &Value,
    reference: &Value,
) -> Params {
    let (Some(row), false) = (row, reference.is_null()) else { return Ok(vec![None]) };
    let given = reference.text("namespace");
    let namespace = match (row.namespaced, given) {
        (true, "") if review.namespace().is_empty() => {
            return Err(
                "cannot use namespaced paramRef in policy binding that matches cluster-scoped resources"
                    .to_owned(),
            );
        }
        (true, "") => review.namespace(),
        (true, given) => given,
        (false, "") => "",
        (false, _) => {
            return Err("paramRef.namespace must not be provided for a cluster-scoped `paramKind`".to_owned());
        }
    };
    let stored = row.storage();
    let found: Vec<Arc<Value>> = match reference.text("name") {
        "" => {
            let list = cx.cache.list(&stored, namespace);
            list.filter(|object| selects(reference.at("selector"), object)).cloned().collect()
        }
        name => cx.find(&stored, namespace, name).into_iter().collect(),
    };
    if found.is_empty() && reference.text("parameterNotFoundAction") == "Deny" {
        return Err("no params found for policy binding with `Deny` parameterNotFoundAction".to_owned());
    }
    let typed = |object: &Arc<Value>| {
        let mut object = Value::clone(object);
        object.set("apiVersion", kind.text("apiVersion"));
        object.set("kind", kind.text("kind"));
        Some(object)
    };
    Ok(found.iter().map(typed).collect())
}

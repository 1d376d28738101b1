//! `kubectl auth can-i`.

use super::super::error::{Done, Failure, fail};
use super::super::{Ctx, tabs};
use super::rules::rows;
use crate::api::Dig;
use crate::api::rbac::PolicyRule;
use crate::json::{Value, json};
use crate::question::warnings;

const API_VERSION: &str = "authorization.k8s.io/v1";
const PATH: &str = "/apis/authorization.k8s.io/v1";

const IMPERSONATED: &[&str] = &["users", "groups"];

/// `kubectl auth can-i VERB RESOURCE`.
pub(in super::super) fn can_i(ctx: &mut Ctx<'_>) -> Done {
    if ctx.flags.on("list") {
        if !ctx.flags.args.is_empty() {
            fail!("list option must be specified with no arguments");
        }
        let limits = ["quiet", "all-namespaces"].iter().any(|flag| ctx.flags.on(flag));
        if limits || ctx.flags.filled("subresource").is_some() {
            fail!(
                "list option can't be specified with neither quiet, all-namespaces nor subresource options"
            );
        }
        return list(ctx);
    }
    let attributes = attributes(ctx)?;
    let field = if attributes.has("path") { "nonResourceAttributes" } else { "resourceAttributes" };
    let review = json!({"apiVersion": API_VERSION, "kind": "SelfSubjectAccessReview", "metadata": ctx.metadata(),
        "spec": {field: attributes}, "status": {"allowed": false}});
    let answer = ctx.post(&format!("{PATH}/selfsubjectaccessreviews"), &review)?;
    let allowed = answer.flag("status.allowed");
    if !ctx.flags.on("quiet") {
        let parts = ["status.reason", "status.evaluationError"].iter().map(|path| answer.text(path));
        let why =
            parts.filter(|text| !text.is_empty()).fold(String::new(), |all, text| format!("{all} - {text}"));
        let line = if allowed { "yes".to_owned() } else { format!("no{why}") };
        ctx.say(line);
    }
    if allowed { Ok(()) } else { Err(Failure::exit(1)) }
}

/// What is asked for, with warnings about words that nothing answers to.
fn attributes(ctx: &mut Ctx<'_>) -> Done<Value> {
    let (verb, resource, mut name) = match ctx.flags.args.as_slice() {
        [verb, resource] => (verb.clone(), resource.clone(), String::new()),
        _ if ctx.old() => {
            fail!("you must specify two or three arguments: verb, resource, and optional resourceName")
        }
        _ => fail!(
            "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples."
        ),
    };
    if resource.starts_with('/') {
        if ctx.flags.filled("subresource").is_some() {
            fail!("--subresource can not be used with NonResourceURL");
        }
        if let Some(text) = warnings::of_path(&verb) {
            warning(ctx, text);
        }
        return Ok(json!({"path": resource, "verb": verb}));
    }
    let mut word = resource;
    if let Some((plain, object)) = word.clone().split_once('/') {
        (word, name) = (plain.to_owned(), object.to_owned());
    }
    let mut attributes = json!({"verb": verb, "resource": word});
    // Stars and what is only impersonated are no resources that a server lists.
    if word != "*" && (ctx.old() || !IMPERSONATED.contains(&word.as_str())) {
        let found = ctx.find_resource(&word);
        if let Some(mapping) = &found {
            attributes["resource"] = mapping.resource.clone().into();
            if !mapping.group.is_empty() {
                attributes["group"] = mapping.group.clone().into();
            }
        }
        let known = found.as_ref().map(|of| (of.resource.as_str(), of.group.as_str(), of.namespaced));
        for text in warnings::of_resource(&verb, &word, known, ctx.flags.on("all-namespaces")) {
            warning(ctx, text);
        }
    }
    let namespace = if ctx.flags.on("all-namespaces") { "" } else { ctx.namespace.as_str() };
    for (key, value) in
        [("namespace", namespace), ("name", &name), ("subresource", ctx.flags.text("subresource"))]
    {
        if !value.is_empty() {
            attributes[key] = value.into();
        }
    }
    Ok(attributes)
}

fn warning(ctx: &mut Ctx<'_>, text: String) {
    let end = if ctx.old() { "" } else { "\n" };
    ctx.warn(format!("Warning: {text}{end}"));
}

/// `kubectl auth can-i --list`.
fn list(ctx: &mut Ctx<'_>) -> Done {
    let review = json!({"apiVersion": API_VERSION, "kind": "SelfSubjectRulesReview", "metadata": ctx.metadata(),
        "spec": {"namespace": ctx.namespace}, "status": {"incomplete": false, "nonResourceRules": null, "resourceRules": null}});
    let answer = ctx.post(&format!("{PATH}/selfsubjectrulesreviews"), &review)?;
    let mut lines = Vec::new();
    if !ctx.flags.on("no-headers") {
        lines.push("Resources\tNon-Resource URLs\tResource Names\tVerbs".to_owned());
    }
    let all = answer.list("status.resourceRules").iter().chain(answer.list("status.nonResourceRules"));
    lines.extend(rows(all.map(PolicyRule::read)));
    let text = tabs::align(&lines.join("\n"), 6, 3);
    ctx.say(text);
    if answer.flag("status.incomplete") {
        let mut text = "warning: the list may be incomplete".to_owned();
        if let Some(why) = Some(answer.text("status.evaluationError")).filter(|w| !w.is_empty()) {
            text = format!("{text}: {why}");
        }
        ctx.warn(text);
    }
    Ok(())
}

//! `kubectl auth reconcile -f FILE`: roles and bindings as the file says, nothing taken away unless asked for.

use super::super::Ctx;
use super::super::error::{Done, Failure};
use super::super::mapping::split_version;
use super::super::objects::Target;
use super::super::send::{DryRun, query};
use super::rules::Rule;
use crate::api::{Dig, Request};
use serde_json::Value;

/// `kubectl auth reconcile -f FILE`.
pub(in super::super) fn reconcile(ctx: &mut Ctx<'_>) -> Done {
    if !ctx.flags.has("filename") {
        return Err(Failure::plain("must specify one of -f and -k"));
    }
    let dry = ctx.dry_run()?;
    for target in ctx.manifests()? {
        match (split_version(target.manifest.text("apiVersion")), target.mapping.kind.as_str()) {
            (("rbac.authorization.k8s.io", "v1"), "Role" | "ClusterRole") => one(ctx, &target, "rules", dry)?,
            (("rbac.authorization.k8s.io", "v1"), "RoleBinding" | "ClusterRoleBinding") => {
                one(ctx, &target, "subjects", dry)?
            }
            (("rbac.authorization.k8s.io", "v1beta1" | "v1alpha1"), _) => {
                return Err(Failure::plain("only rbac.authorization.k8s.io/v1 is supported: not reconciled"));
            }
            _ => {}
        }
    }
    Ok(())
}

fn one(ctx: &mut Ctx<'_>, target: &Target, field: &str, dry: DryRun) -> Done {
    let of = (&target.mapping, target.namespace.as_str(), target.name.as_str());
    let request = Request::new("GET", of.0.path(of.1, of.2)).header("Accept", "application/json");
    let current = match ctx.send(request) {
        Ok(response) => response.object().clone(),
        Err(failure) if failure.is("NotFound") => {
            let created = send(ctx, target, "POST", &target.manifest, dry)?;
            return told(
                ctx,
                &created,
                "reconciliation required create",
                field,
                target.manifest.list(field),
                dry,
            );
        }
        Err(failure) => return Err(failure),
    };
    let missing: Vec<Value> = target
        .manifest
        .list(field)
        .iter()
        .filter(|wanted| !current.list(field).iter().any(|has| covers(field, has, wanted)))
        .cloned()
        .collect();
    if missing.is_empty() {
        return told(ctx, &current, "", field, &[], dry);
    }
    let mut next = current;
    let all = [next.list(field), &missing].concat();
    next.set(field, all);
    let updated = send(ctx, target, "PUT", &next, dry)?;
    told(ctx, &updated, "reconciliation required update", field, &missing, dry)
}

fn covers(field: &str, has: &Value, wanted: &Value) -> bool {
    if field != "rules" {
        return ["kind", "name", "namespace"].iter().all(|key| has.text(key) == wanted.text(key));
    }
    let (has, wanted) = (Rule::read(has), Rule::read(wanted));
    let all = |has: &[String], wanted: &[String]| {
        has.iter().any(|h| h == "*") || wanted.iter().all(|w| has.contains(w))
    };
    all(&has.verbs, &wanted.verbs)
        && all(&has.groups, &wanted.groups)
        && all(&has.resources, &wanted.resources)
        && all(&has.urls, &wanted.urls)
        && (has.names.is_empty() || !wanted.names.is_empty() && all(&has.names, &wanted.names))
}

fn send(ctx: &mut Ctx<'_>, target: &Target, method: &str, object: &Value, dry: DryRun) -> Done<Value> {
    if dry == DryRun::Client {
        return Ok(object.clone());
    }
    let name = if method == "POST" { "" } else { target.name.as_str() };
    let path = query(&target.mapping.path(&target.namespace, name), &[("dryRun", dry.parameter())]);
    let request = Request::new(method, path).header("Accept", "application/json").json(object);
    Ok(ctx.send(request)?.object().clone())
}

fn told(ctx: &mut Ctx<'_>, object: &Value, what: &str, field: &str, missing: &[Value], dry: DryRun) -> Done {
    ctx.report(object, "reconciled", dry)?;
    if what.is_empty() || !ctx.output().is_empty() {
        return Ok(());
    }
    ctx.warn(format!("\t{what}"));
    if missing.is_empty() {
        return Ok(());
    }
    ctx.warn(format!("\tmissing {field} added:"));
    for item in missing {
        let line = match field {
            "rules" => {
                let list =
                    |key: &str| item.list(key).iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ");
                format!(
                    "{{Verbs:[{}] APIGroups:[{}] Resources:[{}] ResourceNames:[{}] NonResourceURLs:[{}]}}",
                    list("verbs"),
                    list("apiGroups"),
                    list("resources"),
                    list("resourceNames"),
                    list("nonResourceURLs")
                )
            }
            _ => format!(
                "{{Kind:{} APIGroup:{} Name:{} Namespace:{}}}",
                item.text("kind"),
                item.text("apiGroup"),
                item.text("name"),
                item.text("namespace")
            ),
        };
        ctx.warn(format!("\t\t{line}"));
    }
    Ok(())
}

//! `kubectl auth reconcile -f FILE`: roles and bindings as the file says, nothing taken away unless asked for.

use super::super::Ctx;
use super::super::error::{Done, fail};
use super::super::mapping::split_version;
use super::super::send::{DryRun, query};
use super::super::target::Target;
use crate::api::Dig;
use crate::api::rbac::PolicyRule;
use crate::json::Value;

/// `kubectl auth reconcile -f FILE`.
pub(in super::super) fn reconcile(ctx: &mut Ctx<'_>) -> Done {
    ctx.need_files()?;
    let dry = ctx.dry_run()?;
    for target in ctx.manifests()? {
        match (split_version(target.manifest.text("apiVersion")), target.mapping.kind.as_str()) {
            (("rbac.authorization.k8s.io", "v1"), "Role" | "ClusterRole") => one(ctx, &target, "rules", dry)?,
            (("rbac.authorization.k8s.io", "v1"), "RoleBinding" | "ClusterRoleBinding") => {
                one(ctx, &target, "subjects", dry)?
            }
            (("rbac.authorization.k8s.io", "v1beta1" | "v1alpha1"), _) => {
                fail!("only rbac.authorization.k8s.io/v1 is supported: not reconciled")
            }
            _ => {}
        }
    }
    Ok(())
}

fn one(ctx: &mut Ctx<'_>, target: &Target, field: &str, dry: DryRun) -> Done {
    let current = match ctx.fetch(&target.path()) {
        Ok(current) => current,
        Err(failure) if failure.is("NotFound") => {
            let created = send(ctx, target, "POST", &target.manifest, dry)?;
            let all = target.manifest.list(field);
            return told(ctx, &created, "reconciliation required create", field, all, dry);
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
    let (has, wanted) = (PolicyRule::read(has), PolicyRule::read(wanted));
    let all = |has: &[String], wanted: &[String]| {
        has.iter().any(|h| h == "*") || wanted.iter().all(|w| has.contains(w))
    };
    all(&has.verbs, &wanted.verbs)
        && all(&has.api_groups, &wanted.api_groups)
        && all(&has.resources, &wanted.resources)
        && all(&has.non_resource_urls, &wanted.non_resource_urls)
        && (has.resource_names.is_empty()
            || !wanted.resource_names.is_empty() && all(&has.resource_names, &wanted.resource_names))
}

fn send(ctx: &mut Ctx<'_>, target: &Target, method: &str, object: &Value, dry: DryRun) -> Done<Value> {
    if dry == DryRun::Client {
        return Ok(object.clone());
    }
    let name = if method == "POST" { "" } else { target.name.as_str() };
    let path = query(&target.mapping.path(&target.namespace, name), &[("dryRun", dry.parameter())]);
    ctx.write(method, &path, object)
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
                let [verbs, groups, resources, names, urls] =
                    ["verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs"]
                        .map(|list| item.texts(list).join(" "));
                format!(
                    "{{Verbs:[{verbs}] APIGroups:[{groups}] Resources:[{resources}] ResourceNames:[{names}] NonResourceURLs:[{urls}]}}"
                )
            }
            _ => {
                let [kind, group, name, namespace] =
                    ["kind", "apiGroup", "name", "namespace"].map(|part| item.text(part));
                format!("{{Kind:{kind} APIGroup:{group} Name:{name} Namespace:{namespace}}}")
            }
        };
        ctx.warn(format!("\t\t{line}"));
    }
    Ok(())
}

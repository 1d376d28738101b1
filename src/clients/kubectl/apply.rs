//! `kubectl apply`: client-side with the last-applied annotation, or server-side.

use super::Ctx;
use super::error::{Done, Failure, fail};
use super::json::json_line;
use super::merge::three_way;
use super::send::{APPLY_PATCH, DryRun, MERGE_PATCH, STRATEGIC_PATCH};
use super::target::Target;
use crate::api::Dig;
use crate::json::{Value, json};

/// Where `apply` keeps what it applied.
pub(super) const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// The manager of fields that are applied from here.
const MANAGER: &str = "kubectl-client-side-apply";

/// Writes into an object what is applied with it.
pub(super) fn set_last_applied(object: &mut Value) {
    let mut plain = object.clone();
    plain.make("metadata");
    if let Some(Value::Object(annotations)) = plain.at_mut("metadata.annotations") {
        annotations.remove(LAST_APPLIED);
    } else {
        plain.set("metadata.annotations", json!({}));
    }
    let text = json_line(&plain) + "\n";
    object.make("metadata.annotations")[LAST_APPLIED] = text.into();
}

/// `kubectl apply -f FILE`.
pub(super) fn apply(ctx: &mut Ctx<'_>) -> Done {
    let dry = ctx.dry_run()?;
    if !ctx.names_files() && !ctx.flags.args.is_empty() {
        return Err(ctx.usage(format!("Unexpected args: [{}]", ctx.flags.args.join(" "))));
    }
    ctx.need_files()?;
    let server_side = ctx.flags.on("server-side");
    if server_side && dry == DryRun::Client {
        fail!("--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)");
    }
    if ctx.flags.on("force-conflicts") && !server_side {
        fail!("--force-conflicts only works with --server-side");
    }
    if !server_side && ctx.flags.filled("subresource").is_some() {
        fail!("--subresource can only be specified for --server-side");
    }
    if ctx.flags.on("prune") {
        fail!("--prune is not modelled");
    }
    let mut targets = ctx.manifests()?;
    ctx.of_part(&mut targets);
    if targets.is_empty() {
        fail!("no objects passed to apply");
    }
    let mut applied = Vec::new();
    let done = ctx.each(targets, |ctx, target| {
        let one = if server_side { server_apply(ctx, &target, dry) } else { client_apply(ctx, &target, dry) };
        one.map(|object| applied.push(object))
    });
    let machine = !matches!(ctx.output().as_str(), "" | "name");
    match applied.as_slice() {
        [] => {}
        [one] if machine => ctx.print(one)?,
        many if machine => {
            ctx.print(&json!({"apiVersion": "v1", "kind": "List", "metadata": {}, "items": many}))?
        }
        many if ctx.output() == "name" => many.iter().try_for_each(|object| ctx.print(object))?,
        _ => {}
    }
    done
}

fn said(ctx: &mut Ctx<'_>, object: Value, operation: &str, dry: DryRun) -> Done<Value> {
    if ctx.output().is_empty() {
        ctx.report(&object, operation, dry)?;
    }
    Ok(object)
}

fn client_apply(ctx: &mut Ctx<'_>, target: &Target, dry: DryRun) -> Done<Value> {
    let mut manifest = target.manifest.clone();
    if target.name.is_empty() {
        return Err(match manifest.text("metadata.generateName") {
            "" => Failure::plain(
                "error when retrieving current configuration of:\n".to_owned()
                    + &target.mapping.describe(&target.namespace, "")
                    + &format!("\nfrom server for: \"{}\": resource name may not be empty", target.source),
            ),
            generated => Failure::plain(format!("from {generated}: cannot use generate name with apply")),
        });
    }
    set_last_applied(&mut manifest);
    let current = match ctx.get(target) {
        Ok(current) => current,
        Err(failure) if failure.is("NotFound") => return create(ctx, target, manifest, dry),
        Err(failure) => {
            let info = target.mapping.describe(&target.namespace, &target.name);
            let doing = format!("retrieving current configuration of:\n{info}\nfrom server for:");
            return Err(failure.when(&doing, &target.source));
        }
    };
    let original: Value = match current.annotation(LAST_APPLIED) {
        Some(text) => serde_json::from_str(text).unwrap_or_default(),
        None if ctx.old() && dry == DryRun::Client => Value::Null,
        None => {
            ctx.warn(format!(
                "Warning: resource {}/{} is missing the {LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.",
                target.mapping.resource, target.name
            ));
            Value::Null
        }
    };
    let strategic = !target.mapping.custom;
    let patch = three_way(&original, &manifest, &current, strategic.then(|| ctx.shape(&manifest)));
    if patch == json!({}) {
        return said(ctx, current, "unchanged", dry);
    }
    if dry == DryRun::Client {
        return said(ctx, current, "configured", dry);
    }
    let media_type = if strategic { STRATEGIC_PATCH } else { MERGE_PATCH };
    let manager = ctx.flags.get("field-manager").unwrap_or(MANAGER).to_owned();
    let parameters = [("fieldManager", manager.as_str()), ("fieldValidation", ctx.field_validation())];
    let patched = ctx.patch(target, (media_type, &patch), &parameters).map_err(|failure| {
        let info = target.mapping.describe(&target.namespace, &target.name);
        failure.when(&format!("applying patch:\n{}\nto:\n{info}\nfor:", json_line(&patch)), &target.source)
    })?;
    said(ctx, patched, "configured", dry)
}

fn create(ctx: &mut Ctx<'_>, target: &Target, manifest: Value, dry: DryRun) -> Done<Value> {
    if dry == DryRun::Client {
        return said(ctx, manifest, "created", dry);
    }
    let created = ctx
        .store(target, "POST", MANAGER, &manifest)
        .map_err(|failure| failure.when("creating", &target.source))?;
    said(ctx, created, "created", dry)
}

fn server_apply(ctx: &mut Ctx<'_>, target: &Target, dry: DryRun) -> Done<Value> {
    let manager = ctx.flags.get("field-manager").unwrap_or("kubectl").to_owned();
    let force = if ctx.flags.on("force-conflicts") { "true" } else { "false" };
    let parameters =
        [("fieldManager", manager.as_str()), ("fieldValidation", ctx.field_validation()), ("force", force)];
    match ctx.patch(target, (APPLY_PATCH, &target.manifest), &parameters) {
        Ok(object) => said(ctx, object, "serverside-applied", dry),
        Err(failure) if failure.is("Conflict") => Err(conflict(ctx, failure)),
        Err(failure) => Err(failure),
    }
}

fn conflict(ctx: &Ctx<'_>, failure: Failure) -> Failure {
    let see = match ctx.old() {
        true => "http://k8s.io/docs/reference/using-api/api-concepts/#conflicts",
        false => "https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts",
    };
    let fields = failure.message();
    failure.in_words(format!(
        "{fields}\n\
         Please review the fields above--they currently have other managers. Here\n\
         are the ways you can resolve this warning:\n\
         * If you intend to manage all of these fields, please re-run the apply\n\
         \x20 command with the `--force-conflicts` flag.\n\
         * If you do not intend to manage all of the fields, please edit your\n\
         \x20 manifest to remove references to the fields that should keep their\n\
         \x20 current managers.\n\
         * You may co-own fields by updating your manifest to match the existing\n\
         \x20 value; in this case, you'll become the manager if the other manager(s)\n\
         \x20 stop managing the field (remove it from their configuration).\n\
         See {see}"
    ))
}

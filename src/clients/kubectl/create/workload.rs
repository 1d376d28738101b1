//! `create deployment`, `create job`, `create cronjob`.

use super::super::Ctx;
use super::super::error::{Done, Failure, fail};
use super::super::mapping::Mapping;
use super::super::objects::Wanted;
use crate::api::{Dig, resources};
use crate::json::{Value, json};

/// The one name before `--`, and the words after it.
fn name_before_dash(ctx: &mut Ctx<'_>) -> Done<(String, Vec<String>)> {
    let dash = ctx.flags.dash.unwrap_or(ctx.flags.args.len());
    let command = ctx.flags.args.split_off(dash);
    Ok((ctx.one_name()?, command))
}

/// `r.io/a/b:tag` becomes `b`, as a container's name.
fn container_name(image: &str) -> String {
    let base = image.rsplit('/').next().unwrap_or(image);
    let base = base.split([':', '@']).next().unwrap_or(base);
    base.to_lowercase().replace('_', "-").trim_matches(['-', '.']).to_owned()
}

fn container(name: &str, image: &str, command: &[String]) -> Value {
    let mut container = json!({"image": image, "name": name, "resources": {}});
    if !command.is_empty() {
        container["command"] = json!(command);
    }
    container
}

/// `kubectl create deployment NAME --image=…`.
pub(in super::super) fn deployment(ctx: &mut Ctx<'_>) -> Done {
    ctx.require(&["image"])?;
    let (name, command) = name_before_dash(ctx)?;
    let images = ctx.flags.all("image").to_vec();
    if images.len() > 1 && !command.is_empty() {
        fail!("cannot specify multiple --image options and command");
    }
    let containers: Vec<Value> = images
        .iter()
        .enumerate()
        .map(|(i, image)| {
            let mut container = container(&container_name(image), image, &command);
            match ctx.flags.int("port") {
                Some(port) if i == 0 && port > 0 => container["ports"] = json!([{"containerPort": port}]),
                _ => {}
            }
            container
        })
        .collect();
    let mut object = ctx.object("apps/v1", "Deployment", &name, true);
    object.set("metadata.labels.app", name.clone());
    let mut metadata = ctx.metadata();
    metadata.set("labels.app", name.clone());
    object["spec"] = json!({"replicas": ctx.flags.int("replicas").unwrap_or(1), "selector": {"matchLabels": {"app": name}},
        "strategy": {}, "template": {"metadata": metadata, "spec": {"containers": containers}}});
    object["status"] = json!({});
    ctx.create(object, Some("failed to create deployment: "))
}

fn pod_template(ctx: &Ctx<'_>, name: &str, command: &[String], restart: &str) -> Value {
    let container = container(name, ctx.flags.text("image"), command);
    json!({"metadata": ctx.metadata(), "spec": {"containers": [container], "restartPolicy": restart}})
}

/// `kubectl create job NAME (--image=… | --from=cronjob/NAME)`.
pub(in super::super) fn job(ctx: &mut Ctx<'_>) -> Done {
    let (name, command) = name_before_dash(ctx)?;
    let from = ctx.flags.text("from").to_owned();
    if ctx.flags.text("image").is_empty() == from.is_empty() {
        fail!("either --image or --from must be specified");
    }
    if !from.is_empty() && !command.is_empty() {
        fail!("cannot specify --from and command");
    }
    let mut object = ctx.object("batch/v1", "Job", &name, true);
    object["status"] = json!({});
    if from.is_empty() {
        object["spec"] = json!({"template": pod_template(ctx, &name, &command, "Never")});
    } else {
        let cron = cron_job_of(ctx, &from)?;
        object["spec"] = cron.at("spec.jobTemplate.spec").clone();
        object.set("metadata.annotations", cron.at("spec.jobTemplate.metadata.annotations").clone());
        object.make("metadata.annotations")["cronjob.kubernetes.io/instantiate"] = "manual".into();
        if cron.has("spec.jobTemplate.metadata.labels") {
            object.set("metadata.labels", cron.at("spec.jobTemplate.metadata.labels").clone());
        }
        object.set(
            "metadata.ownerReferences",
            json!([{"apiVersion": cron.text("apiVersion"), "kind": "CronJob",
            "name": cron.name(), "uid": cron.uid(), "controller": true}]),
        );
        if ctx.old() {
            object.make("spec.template.metadata")["creationTimestamp"] = Value::Null;
            object.take_out("metadata.ownerReferences.0.controller");
        }
    }
    ctx.create(object, Some("failed to create job: "))
}

fn cron_job_of(ctx: &mut Ctx<'_>, from: &str) -> Done<Value> {
    let target = match ctx.wanted(&[from.to_owned()])? {
        Wanted::Named(named) => named.into_iter().next(),
        Wanted::Every(_) => None,
    };
    let target = target.ok_or_else(|| ctx.no_name())?;
    let object = ctx.get(&target)?;
    let Mapping { version, kind, .. } = &target.mapping;
    match kind.as_str() {
        "CronJob" => Ok(object),
        kind => Err(Failure::plain(match ctx.old() {
            true => format!(
                "from must be an existing cronjob: {version}.{kind} is not suitable for converting to \"batch/v1beta1\" in scheme \"k8s.io/kubectl/pkg/scheme/scheme.go:28\""
            ),
            false => format!("unknown object type *{version}.{kind}"),
        })),
    }
}

/// `kubectl create cronjob NAME --image=… --schedule=…`.
pub(in super::super) fn cron_job(ctx: &mut Ctx<'_>) -> Done {
    ctx.require(&["image", "schedule"])?;
    let (name, command) = name_before_dash(ctx)?;
    let restart = match ctx.flags.text("restart") {
        "" => "OnFailure",
        other => other,
    };
    let template = pod_template(ctx, &name, &command, restart);
    let api_version =
        resources(ctx.client.version()).preferred("batch", "cronjobs").map(|row| row.api_version());
    let mut object = ctx.object(api_version.as_deref().unwrap_or("batch/v1"), "CronJob", &name, true);
    let mut metadata = ctx.metadata();
    metadata.set("name", name);
    object["spec"] = json!({"schedule": ctx.flags.text("schedule"), "jobTemplate": {"metadata": metadata, "spec": {"template": template}}});
    object["status"] = json!({});
    ctx.create(object, Some("failed to create cronjob: "))
}

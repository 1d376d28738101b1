//! `kubectl describe` (`kubectl/pkg/describe`).

mod batch;
mod generic;
mod node;
mod pod;
mod policy;
mod service;
mod signing;
mod simple;
mod storage;
mod text;
mod workload;

use super::Ctx;
use super::error::{Done, Failure, fail};
use super::mapping::Mapping;
use super::objects::Wanted;
use super::send::query;
use crate::api::{Dig, Request};
use crate::json::Value;
use text::Text;

/// A template of pods, not aligned (`rollout history`).
pub(super) fn template_text(ctx: &Ctx<'_>, template: &Value) -> String {
    let mut text = Text::default();
    workload::template(ctx, &mut text, template);
    text.0
}

/// Adds to a description what stands behind the name.
type Describer = fn(&mut Ctx<'_>, &Value, &mut Text) -> Done;

/// Who describes which kind, and whether its events end the description.
const DESCRIBERS: &[(&str, Describer, bool)] = &[
    ("Pod", pod::pod, true),
    ("Deployment", workload::deployment, false),
    ("ReplicaSet", workload::replica_set, true),
    ("ServiceAccount", simple::service_account, true),
    ("Secret", simple::secret, false),
    ("ConfigMap", simple::config_map, true),
    ("Namespace", simple::namespace, false),
    ("ResourceQuota", policy::quota, false),
    ("LimitRange", policy::limit_range, false),
    ("Role", policy::role, false),
    ("ClusterRole", policy::role, false),
    ("RoleBinding", policy::binding, false),
    ("ClusterRoleBinding", policy::binding, false),
    ("Node", node::node, true),
    ("Service", service::service, true),
    ("Ingress", service::ingress, true),
    ("Job", batch::job, true),
    ("CronJob", batch::cron_job, true),
    ("DaemonSet", workload::daemon_set, true),
    ("CertificateSigningRequest", signing::request, true),
    ("PriorityClass", storage::priority_class, true),
    ("PersistentVolumeClaim", storage::claim, true),
    ("StorageClass", storage::class, true),
    ("PodDisruptionBudget", storage::budget, true),
];

/// Kinds that kubectl describes in words of their own, which are not modelled.
const OTHERS: &[&str] = &[
    "Endpoints",
    "EndpointSlice",
    "HorizontalPodAutoscaler",
    "IngressClass",
    "IPAddress",
    "NetworkPolicy",
    "PersistentVolume",
    "ReplicationController",
    "ServiceCIDR",
    "StatefulSet",
    "CSINode",
    "VolumeAttributesClass",
];

/// `kubectl describe TYPE NAME`.
pub(super) fn describe(ctx: &mut Ctx<'_>) -> Done {
    if ctx.flags.args.is_empty() && !ctx.names_files() {
        fail!(
            "You must specify the type of resource to describe. Use \"kubectl api-resources\" for a complete list of supported resources."
        );
    }
    let args = ctx.flags.args.clone();
    let mut found: Vec<(Mapping, Value)> = Vec::new();
    let mut failures = Vec::new();
    ctx.check_words(&args)?;
    let wanted = match ctx.names_files() {
        true => Wanted::Named(ctx.manifests()?),
        false => ctx.wanted(&args)?,
    };
    match wanted {
        Wanted::Named(named) => {
            for target in named {
                match ctx.get(&target) {
                    Ok(object) => found.push((target.mapping, object)),
                    Err(failure) if failure.is("NotFound") => {
                        match by_prefix(ctx, &target.mapping, &target.name) {
                            some if some.is_empty() => failures.push(failure),
                            some => found.extend(some.into_iter().map(|o| (target.mapping.clone(), o))),
                        }
                    }
                    Err(failure) => failures.push(failure),
                }
            }
        }
        Wanted::Every(mappings) => {
            for mapping in mappings {
                let list = list(ctx, &mapping)?;
                found.extend(list.into_iter().map(|object| (mapping.clone(), object)));
            }
        }
    }
    let mut first = true;
    for (mapping, object) in found {
        match one(ctx, &mapping, &object) {
            Ok(text) => {
                if !std::mem::take(&mut first) {
                    ctx.out.push_str("\n\n");
                }
                ctx.out.push_str(&text);
            }
            Err(failure) => failures.push(failure),
        }
    }
    if first && failures.is_empty() {
        ctx.nothing_found(ctx.flags.on("all-namespaces"));
    }
    Failure::all(failures)
}

fn list(ctx: &mut Ctx<'_>, mapping: &Mapping) -> Done<Vec<Value>> {
    let labels = ctx.flags.text("selector").to_owned();
    ctx.items(&mapping.path(&ctx.scope(mapping), ""), &[("labelSelector", &labels), ("limit", ctx.chunk())])
}

/// A name may be the beginning of names.
fn by_prefix(ctx: &mut Ctx<'_>, mapping: &Mapping, prefix: &str) -> Vec<Value> {
    let mut found = list(ctx, mapping).unwrap_or_default();
    found.retain(|object| object.name().starts_with(prefix));
    found
}

fn one(ctx: &mut Ctx<'_>, mapping: &Mapping, found: &Value) -> Done<String> {
    let Mapping { kind, custom, .. } = mapping;
    let known = DESCRIBERS.iter().find(|(known, ..)| !custom && known == kind);
    if known.is_none() && !custom && OTHERS.contains(&kind.as_str()) {
        fail!("kubectl describe is not modelled for {kind}: use kubectl get -o yaml");
    }
    let (describer, ends) =
        known.map_or((generic::generic as Describer, true), |(_, describer, ends)| (*describer, *ends));
    let object = ctx.fetch(&mapping.path(found.namespace(), found.name()))?;
    // What else is told of it is not what was asked for.
    let taken = ctx.taken;
    let mut text = Text::default();
    text.field("Name", object.name());
    describer(ctx, &object, &mut text)?;
    if ends {
        events(ctx, &mut text, &object, kind);
    }
    ctx.taken = taken;
    Ok(text.aligned())
}

/// The events about an object, at the end of its description.
fn events(ctx: &mut Ctx<'_>, text: &mut Text, object: &Value, kind: &str) {
    if !ctx.flags.not_off("show-events") {
        return;
    }
    // Those of a pod are looked for without its kind.
    let kind = if kind == "Pod" { String::new() } else { format!("involvedObject.kind={kind},") };
    let fields = format!(
        "involvedObject.name={},involvedObject.namespace={},{kind}involvedObject.uid={}",
        object.name(),
        object.namespace(),
        object.uid()
    );
    let path = match object.namespace() {
        "" => "/api/v1/events".to_owned(),
        namespace => format!("/api/v1/namespaces/{namespace}/events"),
    };
    let path = query(&path, &[("fieldSelector", &fields), ("limit", ctx.chunk())]);
    let response = ctx.send_raw(Request::new("GET", path).header("Accept", "application/json"));
    // Whoever may not read events sees none, not even that there are none.
    if !response.ok() {
        return;
    }
    let mut all = response.object().list("items").to_vec();
    if all.is_empty() {
        text.field("Events", "<none>");
        return;
    }
    all.sort_by_key(|event| event.text("lastTimestamp").to_owned());
    let now = ctx.client.now();
    text.line(0, "Events:\n  Type\tReason\tAge\tFrom\tMessage\n  ----\t------\t----\t----\t-------");
    for event in &all {
        let seen = super::events::seen(event, event.text("lastTimestamp"), now);
        let source = match event.text("source.component") {
            "" => event.text("reportingComponent"),
            component => component,
        };
        let [kind, reason, message] = ["type", "reason", "message"].map(|field| event.text(field));
        text.line(1, format!("{kind}\t{reason}\t{seen}\t{source}\t{}", message.trim()));
    }
}

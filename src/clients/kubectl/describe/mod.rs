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
mod workload;

use super::error::{Done, Failure};
use super::mapping::Mapping;
use super::objects::Wanted;
use super::send::query;
use super::{Ctx, tabs};
use crate::api::{Dig, Request};
use serde_json::Value;

/// Text with tabs and levels of indentation; aligned at the end.
#[derive(Default)]
pub(super) struct Text(String);

impl Text {
    /// A line at a level.
    fn line(&mut self, level: usize, line: impl AsRef<str>) {
        self.0.push_str(&"  ".repeat(level));
        self.0.push_str(line.as_ref());
        self.0.push('\n');
    }

    /// `Label:\tvalue`.
    fn field(&mut self, level: usize, label: &str, value: impl AsRef<str>) {
        self.line(level, format!("{label}:\t{}", value.as_ref()));
    }

    /// A map, one `key=value` or `key: value` a line.
    fn map(&mut self, label: &str, pairs: Vec<String>) {
        match pairs.split_first() {
            None => self.field(0, label, "<none>"),
            Some((first, rest)) => {
                self.field(0, label, first);
                rest.iter().for_each(|pair| self.line(0, format!("\t{pair}")));
            }
        }
    }

    fn labels(&mut self, object: &Value) {
        self.labels_at("Labels", object.at("metadata.labels"));
    }

    fn labels_at(&mut self, label: &str, labels: &Value) {
        let pairs = labels.entries("").map(|(k, v)| format!("{k}={}", v.as_str().unwrap_or_default()));
        self.map(label, pairs.collect());
    }

    fn annotations(&mut self, object: &Value) {
        self.annotations_at("Annotations", object.at("metadata.annotations"));
    }

    /// Annotations without what `apply` remembers; long ones stand on lines of their own.
    fn annotations_at(&mut self, label: &str, annotations: &Value) {
        let mut pairs = Vec::new();
        for (key, value) in annotations.entries("") {
            if key == super::apply::LAST_APPLIED {
                continue;
            }
            let value = value.as_str().unwrap_or_default().trim_end_matches('\n');
            match value.len() + key.len() + 2 > 140 || value.contains('\n') {
                false => pairs.push(format!("{key}: {value}")),
                true => {
                    pairs.push(format!("{key}:"));
                    pairs.extend(value.split('\n').map(|line| format!("  {}", shorten(line))));
                }
            }
        }
        self.map(label, pairs);
    }

    fn done(&self) -> String {
        tabs::align(&self.0, 0, 2)
    }
}

fn shorten(line: &str) -> String {
    match line.char_indices().nth(137) {
        Some((end, _)) if line.chars().count() > 140 => format!("{}...", &line[..end]),
        _ => line.to_owned(),
    }
}

/// A template of pods, not aligned (`rollout history`).
pub(super) fn template_text(ctx: &Ctx<'_>, template: &Value) -> String {
    let mut text = Text::default();
    workload::template(ctx, &mut text, template);
    text.0
}

/// A time as `time.RFC1123Z` writes it.
fn time(text: &str) -> String {
    match text.parse::<jiff::Timestamp>() {
        Ok(time) => {
            time.to_zoned(jiff::tz::TimeZone::UTC).strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
        }
        Err(_) => "<unset>".to_owned(),
    }
}

/// `a=b,c=d` of `spec.selector.matchLabels`.
pub(super) fn selector(labels: &Value) -> String {
    let pairs: Vec<String> =
        labels.entries("").map(|(k, v)| format!("{k}={}", v.as_str().unwrap_or_default())).collect();
    pairs.join(",")
}

type Describer = fn(&mut Ctx<'_>, &Mapping, &Value) -> Done<Text>;

/// Who describes which kind.
const DESCRIBERS: &[(&str, Describer)] = &[
    ("Pod", pod::pod),
    ("Deployment", workload::deployment),
    ("ReplicaSet", workload::replica_set),
    ("ServiceAccount", simple::service_account),
    ("Secret", simple::secret),
    ("ConfigMap", simple::config_map),
    ("Namespace", simple::namespace),
    ("ResourceQuota", policy::quota),
    ("LimitRange", policy::limit_range),
    ("Role", policy::role),
    ("ClusterRole", policy::role),
    ("RoleBinding", policy::binding),
    ("ClusterRoleBinding", policy::binding),
    ("Node", node::node),
    ("Service", service::service),
    ("Ingress", service::ingress),
    ("Job", batch::job),
    ("CronJob", batch::cron_job),
    ("DaemonSet", batch::daemon_set),
    ("CertificateSigningRequest", signing::request),
    ("PriorityClass", storage::priority_class),
    ("PersistentVolumeClaim", storage::claim),
    ("StorageClass", storage::class),
    ("PodDisruptionBudget", storage::budget),
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
    if ctx.flags.args.is_empty() && !ctx.flags.has("filename") {
        return Err(Failure::plain(
            "You must specify the type of resource to describe. Use \"kubectl api-resources\" for a complete list of supported resources.",
        ));
    }
    let args = ctx.flags.args.clone();
    let mut found: Vec<(Mapping, Value)> = Vec::new();
    let mut failures = Vec::new();
    match ctx.wanted(&args)? {
        Wanted::Named(named) => {
            for (mapping, namespace, name) in named {
                match ctx.get(&mapping, &namespace, &name) {
                    Ok(object) => found.push((mapping, object)),
                    Err(failure) if failure.is("NotFound") => match by_prefix(ctx, &mapping, &name)? {
                        some if !some.is_empty() => {
                            found.extend(some.into_iter().map(|o| (mapping.clone(), o)))
                        }
                        _ => failures.push(failure),
                    },
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
        let text = match ctx.flags.on("all-namespaces") {
            true => "No resources found".to_owned(),
            false => format!("No resources found in {} namespace.", ctx.namespace),
        };
        ctx.warn(text);
    }
    Failure::all(failures)
}

fn list(ctx: &mut Ctx<'_>, mapping: &Mapping) -> Done<Vec<Value>> {
    let path = query(
        &mapping.path(&ctx.scope(mapping), ""),
        &[("labelSelector", ctx.flags.text("selector")), ("limit", chunk(ctx))],
    );
    Ok(ctx.fetch(&path)?.list("items").to_vec())
}

/// Today's describe asks for lists in chunks.
fn chunk(ctx: &Ctx<'_>) -> &'static str {
    if ctx.old() { "" } else { "500" }
}

/// A name may be the beginning of names.
fn by_prefix(ctx: &mut Ctx<'_>, mapping: &Mapping, prefix: &str) -> Done<Vec<Value>> {
    let mut found = list(ctx, mapping).unwrap_or_default();
    found.retain(|object| object.name().starts_with(prefix));
    Ok(found)
}

fn one(ctx: &mut Ctx<'_>, mapping: &Mapping, found: &Value) -> Done<String> {
    let known = DESCRIBERS.iter().find(|(kind, _)| !mapping.custom && *kind == mapping.kind);
    if known.is_none() && !mapping.custom && OTHERS.contains(&mapping.kind.as_str()) {
        return Err(Failure::plain(format!(
            "kubectl describe is not modelled for {}: use kubectl get -o yaml",
            mapping.kind
        )));
    }
    let describer = known.map_or(generic::generic as Describer, |(_, describer)| *describer);
    let object = ctx.fetch(&mapping.path(found.namespace(), found.name()))?;
    // What else is told of it is not what was asked for.
    let taken = ctx.taken;
    let text = describer(ctx, mapping, &object)?.done();
    ctx.taken = taken;
    Ok(text)
}

/// The events about an object, at the end of its description.
fn events(ctx: &mut Ctx<'_>, text: &mut Text, object: &Value, kind: &str) {
    if !ctx.flags.not_off("show-events") {
        return;
    }
    let mut terms = vec![
        format!("involvedObject.name={}", object.name()),
        format!("involvedObject.namespace={}", object.namespace()),
    ];
    if !kind.is_empty() {
        terms.push(format!("involvedObject.kind={kind}"));
    }
    terms.push(format!("involvedObject.uid={}", object.uid()));
    let path = match object.namespace() {
        "" => "/api/v1/events".to_owned(),
        namespace => format!("/api/v1/namespaces/{namespace}/events"),
    };
    let path = query(&path, &[("fieldSelector", &terms.join(",")), ("limit", chunk(ctx))]);
    let response = ctx.send_raw(Request::new("GET", path).header("Accept", "application/json"));
    // Whoever may not read events sees none, not even that there are none.
    if !response.ok() {
        return;
    }
    let mut all = response.object().list("items").to_vec();
    if all.is_empty() {
        text.field(0, "Events", "<none>");
        return;
    }
    all.sort_by_key(|event| event.text("lastTimestamp").to_owned());
    let now = ctx.client.now();
    text.line(0, "Events:\n  Type\tReason\tAge\tFrom\tMessage\n  ----\t------\t----\t----\t-------");
    for event in &all {
        let first = super::print::age(event.text("firstTimestamp"), now);
        let count = event.at("count").as_i64().unwrap_or(1);
        let age = match count > 1 {
            true => {
                format!("{} (x{count} over {first})", super::print::age(event.text("lastTimestamp"), now))
            }
            false if event.has("firstTimestamp") => first,
            false => super::print::age(event.text("eventTime"), now),
        };
        let source = match event.text("source.component") {
            "" => event.text("reportingComponent"),
            component => component,
        };
        text.line(
            1,
            format!(
                "{}\t{}\t{age}\t{source}\t{}",
                event.text("type"),
                event.text("reason"),
                event.text("message").trim()
            ),
        );
    }
}

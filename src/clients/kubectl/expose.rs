//! `kubectl expose`, `kubectl autoscale`: a service, or an autoscaler, for what is there.

use super::Ctx;
use super::create::policy::equalities;
use super::error::{Done, Failure, fail};
use super::mapping::Mapping;
use super::send::{DryRun, query};
use super::target::Target;
use crate::api::{Dig, Quantity};
use crate::json::{Value, json};

/// Where a kind keeps the labels of its pods; what it is not, cannot be exposed.
const SELECTORS: &[(&str, &str)] = &[
    ("Pod", "metadata.labels"),
    ("Service", "spec.selector"),
    ("ReplicationController", "spec.selector"),
    ("Deployment", "spec.selector.matchLabels"),
    ("ReplicaSet", "spec.selector.matchLabels"),
];

/// A mistake, which the old client follows with a hint.
fn mistake(ctx: &Ctx<'_>, text: &str) -> Failure {
    if ctx.old() { ctx.usage(text) } else { Failure::plain(text) }
}

/// `kubectl expose TYPE NAME --port=80`.
pub(super) fn expose(ctx: &mut Ctx<'_>) -> Done {
    let targets = match ctx.all_targets() {
        Err(failure) if ctx.flags.args.is_empty() && failure.is_plain() => {
            return Err(mistake(ctx, &failure.message()));
        }
        targets => targets?,
    };
    for target in targets {
        let mut object = ctx.get(&target)?;
        object.set_default("kind", target.mapping.kind.clone());
        let service = service(ctx, &target, &object)?;
        finish(ctx, "v1", "services", service, "kubectl-expose", "exposed")?;
    }
    Ok(())
}

fn service(ctx: &Ctx<'_>, target: &Target, object: &Value) -> Done<Value> {
    let kind = target.mapping.kind.as_str();
    let Some((_, selector)) = SELECTORS.iter().find(|(known, _)| *known == kind) else {
        fail!("cannot expose a {kind}");
    };
    let read = |flag: &str| {
        let text = ctx.flags.text(flag);
        equalities(text).ok_or_else(|| Failure::plain(format!("unexpected {flag} format: {text}")))
    };
    let selector = if ctx.flags.has("selector") { read("selector")? } else { object.at(selector).clone() };
    let labels = if ctx.flags.has("labels") { read("labels")? } else { object.at("metadata.labels").clone() };
    let ports = ports(ctx, object)?;
    let name = ctx.flags.filled("name").unwrap_or(&target.name);
    let mut service = json!({"apiVersion": "v1", "kind": "Service", "metadata": ctx.metadata()});
    service.set("metadata.name", name);
    if !ctx.old() {
        service.set("metadata.namespace", target.namespace.clone());
    }
    if labels.entries("").next().is_some() {
        service.set("metadata.labels", labels);
    }
    service["spec"] = json!({"ports": ports, "selector": selector});
    for (flag, field) in
        [("type", "type"), ("cluster-ip", "clusterIP"), ("session-affinity", "sessionAffinity")]
    {
        if let Some(value) = ctx.flags.filled(flag) {
            service["spec"][field] = value.into();
        }
    }
    if let Some(address) = ctx.flags.filled("external-ip") {
        service["spec"]["externalIPs"] = json!([address]);
    }
    service["status"] = json!({"loadBalancer": {}});
    Ok(service)
}

/// The ports of `--port`, or those of the containers.
fn ports(ctx: &Ctx<'_>, object: &Value) -> Done<Vec<Value>> {
    let spec = if object.text("kind") == "Pod" { object.at("spec") } else { object.at("spec.template.spec") };
    let own = spec.list("containers").iter().flat_map(|container| container.list("ports"));
    let mut found: Vec<(i64, String)> = Vec::new();
    if let Some(text) = ctx.flags.filled("port") {
        for part in text.split(',') {
            let number = part
                .parse()
                .map_err(|_| Failure::plain(format!("strconv.Atoi: parsing \"{part}\": invalid syntax")))?;
            found.push((number, "TCP".to_owned()));
        }
    } else {
        let of_service = object.list("spec.ports").iter().map(|port| (port, "port"));
        for (port, field) in own.map(|port| (port, "containerPort")).chain(of_service) {
            let protocol = if port.text("protocol").is_empty() { "TCP" } else { port.text("protocol") };
            found.push((port.at(field).as_i64().unwrap_or_default(), protocol.to_owned()));
        }
    }
    if found.is_empty() {
        return Err(mistake(ctx, "couldn't find port via --port flag or introspection"));
    }
    let several = found.len() > 1;
    let ports = found.into_iter().enumerate().map(|(at, (number, protocol))| {
        let protocol = ctx.flags.filled("protocol").unwrap_or(&protocol).to_owned();
        let target: Value = match ctx.flags.filled("target-port") {
            None => number.into(),
            Some(text) => text.parse::<i64>().map_or_else(|_| text.into(), Value::from),
        };
        let mut port = json!({"port": number, "protocol": protocol, "targetPort": target});
        if several {
            port["name"] = format!("port-{}", at + 1).into();
        }
        port
    });
    Ok(ports.collect())
}

/// Creates what was made, and says what that does to its origin.
fn finish(
    ctx: &mut Ctx<'_>,
    api_version: &str,
    resource: &str,
    object: Value,
    manager: &str,
    operation: &str,
) -> Done {
    let dry = ctx.dry_run()?;
    if dry == DryRun::Client {
        return ctx.report(&object, operation, dry);
    }
    let manager = ctx.flags.get("field-manager").unwrap_or(manager).to_owned();
    let root = if api_version == "v1" { "/api" } else { "/apis" };
    let path = format!("{root}/{api_version}/namespaces/{}/{resource}", ctx.namespace);
    let path = query(&path, &[("dryRun", dry.parameter()), ("fieldManager", &manager)]);
    let created = ctx.post(&path, &object)?;
    ctx.report(&created, operation, dry)
}

/// `kubectl autoscale TYPE NAME --max=5`.
pub(super) fn autoscale(ctx: &mut Ctx<'_>) -> Done {
    ctx.require(&["max"])?;
    let (min, max) = (ctx.flags.int("min").unwrap_or(-1), ctx.flags.int("max").unwrap_or_default());
    if max < 1 {
        fail!("--max=MAXPODS is required and must be at least 1, max: {max}");
    }
    if max < min {
        fail!("--max=MAXPODS must be larger or equal to --min=MINPODS, max: {max}, min: {min}");
    }
    if !ctx.old() && ctx.flags.has("cpu-percent") {
        ctx.warn(
            "Flag --cpu-percent has been deprecated, Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU).",
        );
    }
    for target in ctx.all_targets()? {
        scaler(ctx, &target, min, max)?;
    }
    Ok(())
}

fn scaler(ctx: &mut Ctx<'_>, target: &Target, min: i64, max: i64) -> Done {
    ctx.get(target)?;
    let Mapping { group, version, resource, kind, .. } = &target.mapping;
    if !["Deployment", "ReplicaSet", "StatefulSet", "ReplicationController"].contains(&kind.as_str()) {
        fail!(
            "cannot autoscale a {kind}: could not find scale subresource for {group}/{version}, Resource={resource} in discovery information"
        );
    }
    let api_version = if ctx.old() { "autoscaling/v1" } else { "autoscaling/v2" };
    let name = ctx.flags.filled("name").unwrap_or(&target.name).to_owned();
    let mut object =
        json!({"apiVersion": api_version, "kind": "HorizontalPodAutoscaler", "metadata": ctx.metadata()});
    object.set("metadata.name", name);
    if !ctx.old() {
        object.set("metadata.namespace", target.namespace.clone());
    }
    object["spec"] = json!({
        "maxReplicas": max,
        "scaleTargetRef": {"apiVersion": target.mapping.api_version(), "kind": kind, "name": target.name},
    });
    if min > 0 {
        object["spec"]["minReplicas"] = min.into();
    }
    let percent = ctx.flags.int("cpu-percent").filter(|percent| *percent >= 0);
    let mut metrics: Vec<Value> = Vec::new();
    if ctx.old() {
        if let Some(percent) = percent {
            object["spec"]["targetCPUUtilizationPercentage"] = percent.into();
        }
        object["status"] = json!({"currentReplicas": 0, "desiredReplicas": 0});
    } else {
        metrics.extend(percent.map(|percent| metric("cpu", utilization(percent))));
        for resource in ["cpu", "memory"] {
            if let Some(text) = ctx.flags.filled(resource) {
                metrics.push(metric(resource, aim(resource, text)?));
            }
        }
        if !metrics.is_empty() {
            object["spec"]["metrics"] = metrics.into();
        }
        object["status"] = json!({"currentMetrics": null, "desiredReplicas": 0});
    }
    let made =
        finish(ctx, api_version, "horizontalpodautoscalers", object, "kubectl-autoscale", "autoscaled");
    made.map_err(|failure| match ctx.old() {
        true => failure,
        // It tries the older version next, and loses the server's answer on the way.
        false => Failure::plain(
            "failed to create autoscaling/v2 HPA and the configuration is incompatible with autoscaling/v1: empty input",
        ),
    })
}

fn metric(resource: &str, target: Value) -> Value {
    json!({"type": "Resource", "resource": {"name": resource, "target": target}})
}

fn utilization(percent: i64) -> Value {
    json!({"type": "Utilization", "averageUtilization": percent})
}

/// `70%` of what is requested, or an amount.
fn aim(resource: &str, text: &str) -> Done<Value> {
    let percent = text.strip_suffix('%').and_then(|digits| digits.parse().ok());
    match (percent, text.parse::<Quantity>()) {
        (Some(percent), _) => Ok(utilization(percent)),
        (None, Ok(_)) => Ok(json!({"type": "AverageValue", "averageValue": text})),
        (None, Err(_)) => fail!("invalid {resource} target: {text}"),
    }
}

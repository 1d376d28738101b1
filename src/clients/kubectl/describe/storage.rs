//! Claims, storage classes, priority classes, disruption budgets.

use super::super::Ctx;
use super::super::error::Done;
use super::super::mapping::Mapping;
use super::super::print::age;
use super::super::send::query;
use super::{Text, chunk, events, selector};
use crate::api::Dig;
use serde_json::Value;

/// A priority class.
pub(super) fn priority_class(ctx: &mut Ctx<'_>, mapping: &Mapping, object: &Value) -> Done<Text> {
    let mut text = Text::default();
    text.field(0, "Name", object.name());
    text.field(0, "Value", object.at("value").as_i64().unwrap_or_default().to_string());
    text.field(0, "GlobalDefault", object.flag("globalDefault").to_string());
    if !ctx.old() {
        text.field(0, "PreemptionPolicy", object.text("preemptionPolicy"));
    }
    text.field(0, "Description", object.text("description"));
    text.annotations(object);
    events(ctx, &mut text, object, &mapping.kind);
    Ok(text)
}

/// A claim, with the pods that use it.
pub(super) fn claim(ctx: &mut Ctx<'_>, mapping: &Mapping, object: &Value) -> Done<Text> {
    const MODES: [(&str, &str); 4] = [
        ("ReadWriteOnce", "RWO"),
        ("ReadOnlyMany", "ROX"),
        ("ReadWriteMany", "RWX"),
        ("ReadWriteOncePod", "RWOP"),
    ];
    let path = format!("/api/v1/namespaces/{}/pods", object.namespace());
    let pods = ctx.fetch(&query(&path, &[("limit", chunk(ctx))]))?;
    let uses = |pod: &&Value| {
        let mut volumes = pod.list("spec.volumes").iter();
        volumes.any(|volume| volume.text("persistentVolumeClaim.claimName") == object.name())
    };
    let users: Vec<String> =
        pods.list("items").iter().filter(uses).map(|pod| pod.name().to_owned()).collect();
    let mut text = Text::default();
    text.field(0, "Name", object.name());
    text.field(0, "Namespace", object.namespace());
    text.field(0, "StorageClass", object.text("spec.storageClassName"));
    match object.text("metadata.deletionTimestamp") {
        "" => text.field(0, "Status", object.text("status.phase")),
        since => text.field(0, "Status", format!("Terminating (lasts {})", age(since, ctx.client.now()))),
    }
    text.field(0, "Volume", object.text("spec.volumeName"));
    text.labels(object);
    text.annotations(object);
    let finalizers: Vec<&str> = object.list("metadata.finalizers").iter().filter_map(Value::as_str).collect();
    text.field(0, "Finalizers", format!("[{}]", finalizers.join(" ")));
    let bound = !object.text("spec.volumeName").is_empty();
    let capacity = if bound { object.at("status.capacity.storage").shown() } else { String::new() };
    let modes = object.list("status.accessModes").iter().filter(|_| bound);
    let modes: Vec<&str> = MODES
        .iter()
        .filter(|(mode, _)| modes.clone().any(|given| given == mode))
        .map(|(_, short)| *short)
        .collect();
    text.field(0, "Capacity", capacity);
    text.field(0, "Access Modes", modes.join(","));
    if object.has("spec.volumeMode") {
        text.field(0, "VolumeMode", object.text("spec.volumeMode"));
    }
    text.map("Used By", users);
    events(ctx, &mut text, object, &mapping.kind);
    Ok(text)
}

/// A storage class.
pub(super) fn class(ctx: &mut Ctx<'_>, mapping: &Mapping, object: &Value) -> Done<Text> {
    const DEFAULT: [&str; 2] =
        ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];
    let pairs = |map: &Value| match selector(map) {
        text if text.is_empty() => "<none>".to_owned(),
        text => text,
    };
    let mut text = Text::default();
    let is_default = DEFAULT.iter().any(|key| object.annotation(key) == Some("true"));
    text.field(0, "Name", object.name());
    text.field(0, "IsDefaultClass", if is_default { "Yes" } else { "No" });
    text.field(0, "Annotations", pairs(object.at("metadata.annotations")));
    text.field(0, "Provisioner", object.text("provisioner"));
    text.field(0, "Parameters", pairs(object.at("parameters")));
    let expands = match object.at("allowVolumeExpansion").as_bool() {
        None => "<unset>",
        Some(true) => "True",
        Some(false) => "False",
    };
    text.field(0, "AllowVolumeExpansion", expands);
    match object.list("mountOptions") {
        [] => text.field(0, "MountOptions", "<none>"),
        options => {
            text.line(0, "MountOptions:");
            options.iter().filter_map(Value::as_str).for_each(|option| text.line(1, option));
        }
    }
    for (label, field) in [("ReclaimPolicy", "reclaimPolicy"), ("VolumeBindingMode", "volumeBindingMode")] {
        if object.has(field) {
            text.field(0, label, object.text(field));
        }
    }
    events(ctx, &mut text, object, &mapping.kind);
    Ok(text)
}

/// A disruption budget.
pub(super) fn budget(ctx: &mut Ctx<'_>, mapping: &Mapping, object: &Value) -> Done<Text> {
    let mut text = Text::default();
    text.field(0, "Name", object.name());
    text.field(0, "Namespace", object.namespace());
    for (label, field) in [("Min available", "spec.minAvailable"), ("Max unavailable", "spec.maxUnavailable")]
    {
        if object.has(field) {
            text.field(0, label, object.at(field).shown());
        }
    }
    match object.has("spec.selector") {
        true => text.field(0, "Selector", selector(object.at("spec.selector.matchLabels"))),
        false => text.field(0, "Selector", "<unset>"),
    }
    text.line(0, "Status:");
    let counts = [
        ("Allowed disruptions", "disruptionsAllowed"),
        ("Current", "currentHealthy"),
        ("Desired", "desiredHealthy"),
        ("Total", "expectedPods"),
    ];
    for (label, field) in counts {
        let count = object.at(&format!("status.{field}")).as_i64().unwrap_or_default();
        text.field(2, label, count.to_string());
    }
    events(ctx, &mut text, object, &mapping.kind);
    Ok(text)
}

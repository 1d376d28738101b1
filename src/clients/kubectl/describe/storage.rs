//! Claims, storage classes, priority classes, disruption budgets.

use super::super::Ctx;
use super::super::error::Done;
use super::super::print::age;
use super::text::{Text, or_none, selector, yes_no};
use crate::api::Dig;
use crate::json::Value;

/// A priority class.
pub(super) fn priority_class(ctx: &mut Ctx<'_>, object: &Value, text: &mut Text) -> Done {
    text.field("Value", object.number("value"));
    text.field("GlobalDefault", object.flag("globalDefault"));
    if !ctx.old() {
        text.field("PreemptionPolicy", object.text("preemptionPolicy"));
    }
    text.field("Description", object.text("description"));
    text.annotations(object);
    Ok(())
}

/// A claim, with the pods that use it.
pub(super) fn claim(ctx: &mut Ctx<'_>, object: &Value, text: &mut Text) -> Done {
    const MODES: [(&str, &str); 4] = [
        ("ReadWriteOnce", "RWO"),
        ("ReadOnlyMany", "ROX"),
        ("ReadWriteMany", "RWX"),
        ("ReadWriteOncePod", "RWOP"),
    ];
    let path = format!("/api/v1/namespaces/{}/pods", object.namespace());
    let pods = ctx.items(&path, &[("limit", ctx.chunk())])?;
    let uses = |pod: &&Value| {
        let mut volumes = pod.list("spec.volumes").iter();
        volumes.any(|volume| volume.text("persistentVolumeClaim.claimName") == object.name())
    };
    let users: Vec<String> = pods.iter().filter(uses).map(|pod| pod.name().to_owned()).collect();
    text.namespace(object);
    text.field("StorageClass", object.text("spec.storageClassName"));
    match object.text("metadata.deletionTimestamp") {
        "" => text.field("Status", object.text("status.phase")),
        since => text.field("Status", format_args!("Terminating (lasts {})", age(since, ctx.client.now()))),
    }
    text.field("Volume", object.text("spec.volumeName"));
    text.metadata(object);
    text.field("Finalizers", format_args!("[{}]", object.texts("metadata.finalizers").join(" ")));
    let bound = !object.text("spec.volumeName").is_empty();
    let capacity = if bound { object.at("status.capacity.storage").shown() } else { String::new() };
    let given = object.texts("status.accessModes");
    let modes = MODES.iter().filter(|(mode, _)| bound && given.contains(mode)).map(|(_, short)| *short);
    text.field("Capacity", capacity);
    text.field("Access Modes", modes.collect::<Vec<_>>().join(","));
    text.present(object, &[("VolumeMode", "spec.volumeMode")]);
    text.list("Used By", &users);
    Ok(())
}

/// A storage class.
pub(super) fn class(_: &mut Ctx<'_>, object: &Value, text: &mut Text) -> Done {
    const DEFAULT: [&str; 2] =
        ["storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"];
    let is_default = DEFAULT.iter().any(|key| object.annotation(key) == Some("true"));
    text.field("IsDefaultClass", if is_default { "Yes" } else { "No" });
    text.field("Annotations", or_none(selector(object.at("metadata.annotations"))));
    text.field("Provisioner", object.text("provisioner"));
    text.field("Parameters", or_none(selector(object.at("parameters"))));
    text.field("AllowVolumeExpansion", object.at("allowVolumeExpansion").as_bool().map_or("<unset>", yes_no));
    match object.list("mountOptions") {
        [] => text.field("MountOptions", "<none>"),
        _ => {
            text.line(0, "MountOptions:");
            object.texts("mountOptions").iter().for_each(|option| text.line(1, option));
        }
    }
    text.present(object, &[("ReclaimPolicy", "reclaimPolicy"), ("VolumeBindingMode", "volumeBindingMode")]);
    Ok(())
}

/// A disruption budget.
pub(super) fn budget(_: &mut Ctx<'_>, object: &Value, text: &mut Text) -> Done {
    text.namespace(object);
    text.present(
        object,
        &[("Min available", "spec.minAvailable"), ("Max unavailable", "spec.maxUnavailable")],
    );
    let chosen = object.has("spec.selector").then(|| selector(object.at("spec.selector.matchLabels")));
    text.field("Selector", chosen.as_deref().unwrap_or("<unset>"));
    text.line(0, "Status:");
    let counts = [
        ("Allowed disruptions", "status.disruptionsAllowed"),
        ("Current", "status.currentHealthy"),
        ("Desired", "status.desiredHealthy"),
        ("Total", "status.expectedPods"),
    ];
    for (label, path) in counts {
        text.field_at(2, label, object.number(path));
    }
    Ok(())
}

//! The rows of workloads.

use super::Print;
use super::cells::{age, containers, count, human, joined, labels, or, since, text};
use crate::api::Dig;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Name, then cells, then age and what `-o wide` shows of the pod template.
fn row(object: &Value, print: Print, mut cells: Vec<Value>, selector: bool) -> Vec<Value> {
    cells.insert(0, object.name().into());
    cells.push(age(object, print));
    cells.extend(containers(object.at("spec.template.spec")));
    if selector {
        cells.push(labels(object.at("spec.selector")).into());
    }
    cells
}

pub(super) fn pod_template(object: &Value, _: Print) -> Vec<Value> {
    let [names, images] = containers(object.at("template.spec"));
    vec![object.name().into(), names, images, labels(object.at("template.metadata.labels")).into()]
}

pub(super) fn replicas(object: &Value, print: Print) -> Vec<Value> {
    let cells =
        ["spec.replicas", "status.replicas", "status.readyReplicas"].map(|path| json!(count(object, path)));
    row(object, print, cells.to_vec(), true)
}

pub(super) fn deployment(object: &Value, print: Print) -> Vec<Value> {
    let ready = format!("{}/{}", count(object, "status.readyReplicas"), count(object, "spec.replicas"));
    let cells = vec![
        ready.into(),
        json!(count(object, "status.updatedReplicas")),
        json!(count(object, "status.availableReplicas")),
    ];
    row(object, print, cells, true)
}

pub(super) fn daemon_set(object: &Value, print: Print) -> Vec<Value> {
    let mut cells = [
        "status.desiredNumberScheduled",
        "status.currentNumberScheduled",
        "status.numberReady",
        "status.updatedNumberScheduled",
        "status.numberAvailable",
    ]
    .map(|path| json!(count(object, path)))
    .to_vec();
    cells.push(labels(object.at("spec.template.spec.nodeSelector")).into());
    row(object, print, cells, true)
}

pub(super) fn stateful_set(object: &Value, print: Print) -> Vec<Value> {
    let ready = format!("{}/{}", count(object, "status.readyReplicas"), count(object, "spec.replicas"));
    row(object, print, vec![ready.into()], false)
}

pub(super) fn revision(object: &Value, print: Print) -> Vec<Value> {
    let owner = object.list("metadata.ownerReferences").iter().find(|owner| owner.flag("controller"));
    let owner = owner.map_or("<none>".to_owned(), |owner| {
        let group = owner.text("apiVersion").split_once('/').map_or("", |(group, _)| group);
        let kind = owner.text("kind").to_lowercase();
        match group {
            "" => format!("{kind}/{}", owner.text("name")),
            group => format!("{kind}.{group}/{}", owner.text("name")),
        }
    });
    vec![object.name().into(), owner.into(), json!(count(object, "revision")), age(object, print)]
}

pub(super) fn job(object: &Value, print: Print) -> Vec<Value> {
    let done = count(object, "status.succeeded");
    let completions = match (object.at("spec.completions").as_i64(), count(object, "spec.parallelism")) {
        (Some(wanted), _) => format!("{done}/{wanted}"),
        (None, parallel) if parallel > 1 => format!("{done}/1 of {parallel}"),
        (None, _) => format!("{done}/1"),
    };
    let at = |path: &str| object.text(path).parse::<Timestamp>().ok().map(Timestamp::as_second);
    let duration = match (at("status.startTime"), at("status.completionTime")) {
        (None, _) => String::new(),
        (Some(start), end) => human(end.unwrap_or(print.now.as_second()) - start),
    };
    let mut cells = vec![completions.into(), duration.into()];
    if print.version.at_least(30) {
        cells.insert(0, job_status(object).into());
    }
    row(object, print, cells, true)
}

fn job_status(object: &Value) -> &'static str {
    let is = |kind: &str| {
        object.list("status.conditions").iter().any(|c| c.text("type") == kind && c.text("status") == "True")
    };
    let known = [
        ("Complete", "Complete"),
        ("Failed", "Failed"),
        ("Suspended", "Suspended"),
        ("FailureTarget", "FailureTarget"),
        ("SuccessCriteriaMet", "SuccessCriteriaMet"),
    ];
    let condition = known.iter().find(|(kind, _)| is(kind)).map(|(_, word)| *word);
    match object.has("metadata.deletionTimestamp") {
        true if condition.is_none_or(|word| word != "Complete" && word != "Failed") => "Terminating",
        _ => condition.unwrap_or("Running"),
    }
}

pub(super) fn cron_job(object: &Value, print: Print) -> Vec<Value> {
    let last = match object.text("status.lastScheduleTime") {
        "" => "<none>".to_owned(),
        at => since(at, print),
    };
    let suspend = if object.flag("spec.suspend") { "True" } else { "False" };
    let mut cells = vec![
        object.name().into(),
        text(object, "spec.schedule"),
        suspend.into(),
        json!(object.list("status.active").len()),
        last.into(),
        age(object, print),
    ];
    if print.version.at_least(28) {
        cells.insert(2, or(object, "spec.timeZone", "<none>"));
    }
    cells.extend(containers(object.at("spec.jobTemplate.spec.template.spec")));
    cells.push(labels(object.at("spec.jobTemplate.spec.selector")).into());
    cells
}

pub(super) fn autoscaler(object: &Value, print: Print) -> Vec<Value> {
    let target = object.at("spec.scaleTargetRef");
    let least =
        object.at("spec.minReplicas").as_i64().map_or("<unset>".to_owned(), |least| least.to_string());
    let wanted = object.at("spec.targetCPUUtilizationPercentage").as_i64();
    let metrics: Vec<String> = object
        .list("spec.metrics")
        .iter()
        .map(|metric| {
            let average = metric.at("resource.target.averageUtilization").as_i64();
            let name = metric.text("resource.name");
            average.map_or("<unknown>".to_owned(), |average| format!("{name}: <unknown>/{average}%"))
        })
        .chain(wanted.map(|wanted| format!("cpu: <unknown>/{wanted}%")))
        .collect();
    let metrics: Vec<&str> = metrics.iter().map(String::as_str).collect();
    vec![
        object.name().into(),
        format!("{}/{}", target.text("kind"), target.text("name")).into(),
        joined(&metrics, "<none>").into(),
        least.into(),
        json!(count(object, "spec.maxReplicas")),
        json!(count(object, "status.currentReplicas")),
        age(object, print),
    ]
}

pub(super) fn budget(object: &Value, print: Print) -> Vec<Value> {
    let number = |path: &str| match object.at(path) {
        Value::Null => "N/A".to_owned(),
        value => value.shown(),
    };
    vec![
        object.name().into(),
        number("spec.minAvailable").into(),
        number("spec.maxUnavailable").into(),
        json!(count(object, "status.disruptionsAllowed")),
        age(object, print),
    ]
}

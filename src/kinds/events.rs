//! Events (`pkg/apis/core/validation/events.go`): the namespace is that of the object they tell of.

use super::Kind;
use super::columns::{Columns, Print, count, since, text};
use super::selectable::Selectable;
use crate::api::names::NameRule;
use crate::api::value::Dig;
use serde_json::{Value, json};

/// The row of events.
pub(super) const KIND: Kind = Kind {
    name: NameRule::PathSegment,
    core_finalizers: false,
    prepare: |_, _, _, _| {},
    validate: |event| {
        let about = event.text("involvedObject.namespace");
        let here = event.value.namespace();
        let fits = match about {
            // Old clients put what concerns no namespace into `default`.
            "" => matches!(here, "" | "default"),
            _ => about == here,
        };
        if !fits && event.has("involvedObject") {
            event.child("involvedObject.namespace").invalid_as(about, "does not match event.namespace");
        }
    },
    whole_update: true,
    columns: &[Columns::new(
        "Last Seen|Type|Reason|Object|Subobject*|Source*|Message|First Seen*|Count#*|Name*",
        row,
    )],
    selectable: &[
        Selectable::text("involvedObject.kind"),
        Selectable::text("involvedObject.namespace"),
        Selectable::text("involvedObject.name"),
        Selectable::text("involvedObject.uid"),
        Selectable::text("involvedObject.apiVersion"),
        Selectable::text("involvedObject.resourceVersion"),
        Selectable::text("involvedObject.fieldPath"),
        Selectable::text("reason"),
        Selectable::text("reportingComponent").since(21),
        Selectable::text("source").at("source.component", "reportingComponent"),
        Selectable::text("type"),
    ],
    created_by_update: true,
    ..Kind::plain("", "events")
};

/// Events as their own group serves them.
pub(super) const LATER: Kind = Kind {
    columns: &[Columns::new(
        "Last Seen|Type|Reason|Object|Subobject*|Source*|Message|First Seen*|Count#*|Name*",
        row,
    )],
    selectable: &[
        Selectable::text("regarding.kind").at("involvedObject.kind", ""),
        Selectable::text("regarding.namespace").at("involvedObject.namespace", ""),
        Selectable::text("regarding.name").at("involvedObject.name", ""),
        Selectable::text("regarding.uid").at("involvedObject.uid", ""),
        Selectable::text("regarding.apiVersion").at("involvedObject.apiVersion", ""),
        Selectable::text("regarding.resourceVersion").at("involvedObject.resourceVersion", ""),
        Selectable::text("regarding.fieldPath").at("involvedObject.fieldPath", ""),
        Selectable::text("reason"),
        Selectable::text("reportingController").at("reportingComponent", ""),
        Selectable::text("type"),
    ],
    created_by_update: true,
    ..Kind::plain("events.k8s.io", "events")
};

fn row(object: &Value, print: Print) -> Vec<Value> {
    let first = match object.text("firstTimestamp") {
        "" => since(object.text("eventTime"), print),
        at => since(at, print),
    };
    let last = match (object.text("series.lastObservedTime"), object.text("lastTimestamp")) {
        ("", "") => first.clone(),
        ("", at) | (at, _) => since(at, print),
    };
    let of = object.at("involvedObject");
    let kind = of.text("kind").to_lowercase();
    let target = match of.text("name") {
        "" => kind,
        name => format!("{kind}/{name}"),
    };
    let component = match object.text("source.component") {
        "" => object.text("reportingComponent"),
        component => component,
    };
    let source = match object.text("source.host") {
        "" => component.to_owned(),
        host => format!("{component}, {host}"),
    };
    let times = match (object.at("series.count").as_i64(), count(object, "count")) {
        (Some(times), _) => times,
        (None, 0) => 1,
        (None, times) => times,
    };
    vec![
        last.into(),
        text(object, "type"),
        text(object, "reason"),
        target.into(),
        text(of, "fieldPath"),
        source.into(),
        object.text("message").trim().into(),
        first.into(),
        json!(times),
        object.name().into(),
    ]
}

//! Events (`pkg/apis/core/validation/events.go`): the namespace is that of the object they tell of.

use super::Kind;
use super::columns::{Columns, Print, count, since, text};
use super::selectable::Field;
use crate::api::differences::EVENTS_SELECTED_BY_REPORTER;
use crate::api::names::NameRule;
use crate::api::value::Dig;
use serde_json::{Value, json};

/// The row of events.
pub(super) const KIND: Kind = Kind {
    name: NameRule::PathSegment,
    core_finalizers: false,
    prepare: |_, _, _, _| {},
    validate: |event, errors| {
        let about = event.text("involvedObject.namespace");
        let here = event.namespace();
        let fits = match about {
            // Old clients put what concerns no namespace into `default`.
            "" => matches!(here, "" | "default"),
            _ => about == here,
        };
        if !fits && event.has("involvedObject") {
            errors.invalid("involvedObject.namespace", about, "does not match event.namespace");
        }
    },
    whole_update: true,
    columns: &[Columns::new(
        "Last Seen|Type|Reason|Object|Subobject*|Source*|Message|First Seen*|Count#*|Name*",
        row,
    )],
    selectable: &[
        Field::text("involvedObject.kind"),
        Field::text("involvedObject.namespace"),
        Field::text("involvedObject.name"),
        Field::text("involvedObject.uid"),
        Field::text("involvedObject.apiVersion"),
        Field::text("involvedObject.resourceVersion"),
        Field::text("involvedObject.fieldPath"),
        Field::text("reason"),
        Field::text("reportingComponent").since(EVENTS_SELECTED_BY_REPORTER),
        Field::text("source").at("source.component", "reportingComponent"),
        Field::text("type"),
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
        Field::text("regarding.kind").at("involvedObject.kind", ""),
        Field::text("regarding.namespace").at("involvedObject.namespace", ""),
        Field::text("regarding.name").at("involvedObject.name", ""),
        Field::text("regarding.uid").at("involvedObject.uid", ""),
        Field::text("regarding.apiVersion").at("involvedObject.apiVersion", ""),
        Field::text("regarding.resourceVersion").at("involvedObject.resourceVersion", ""),
        Field::text("regarding.fieldPath").at("involvedObject.fieldPath", ""),
        Field::text("reason"),
        Field::text("reportingController").at("reportingComponent", ""),
        Field::text("type"),
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

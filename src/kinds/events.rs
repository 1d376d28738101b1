//! Events (`pkg/apis/core/validation/events.go`): the namespace is that of the object they tell of.

use super::columns::{Column, NAME, Print, number, since, text, with};
use super::selectable::Selectable;
use super::{Forms, Kind};
use crate::api::Dig;
use crate::api::differences::EVENTS_SELECTED_BY_REPORTER;
use crate::api::names::NameRule;
use crate::json::Value;

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
    columns: COLUMNS,
    selectable: &[
        Selectable::text("involvedObject.kind"),
        Selectable::text("involvedObject.namespace"),
        Selectable::text("involvedObject.name"),
        Selectable::text("involvedObject.uid"),
        Selectable::text("involvedObject.apiVersion"),
        Selectable::text("involvedObject.resourceVersion"),
        Selectable::text("involvedObject.fieldPath"),
        Selectable::text("reason"),
        Selectable::text("reportingComponent").since(EVENTS_SELECTED_BY_REPORTER),
        Selectable::text("source").at("source.component", "reportingComponent"),
        Selectable::text("type"),
    ],
    created_by_update: |_, _| true,
    ..Kind::plain("", "events")
};

/// Events as their own group serves them; they are stored as the core group has them.
pub(super) const LATER: Kind = Kind {
    prepare: |_, _, _, _| {},
    forms: Some(Forms {
        like: None,
        kept: |event, _| rename(event, |(core, later)| (later, core)),
        shown: |event, _| {
            if event.text("apiVersion").starts_with("events.k8s.io/") {
                rename(event, |names| names);
            }
        },
    }),
    columns: COLUMNS,
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
    created_by_update: |_, _| true,
    ..Kind::plain("events.k8s.io", "events")
};

/// What the core group calls a field, and what the events' own group does (`pkg/apis/events/v1/conversion.go`).
const NAMES: [(&str, &str); 7] = [
    ("count", "deprecatedCount"),
    ("firstTimestamp", "deprecatedFirstTimestamp"),
    ("involvedObject", "regarding"),
    ("lastTimestamp", "deprecatedLastTimestamp"),
    ("message", "note"),
    ("reportingComponent", "reportingController"),
    ("source", "deprecatedSource"),
];

type Names = (&'static str, &'static str);

/// Gives fields their other names: from the first to the second of what `way` makes of a row.
fn rename(event: &mut Value, way: fn(Names) -> Names) {
    for (from, to) in NAMES.map(way) {
        if let Some(value) = event.take_out(from) {
            event.set(to, value);
        }
    }
}

const COLUMNS: &[Column] = &[
    with("Last Seen", last_seen),
    text("Type", "type"),
    text("Reason", "reason"),
    with("Object", about),
    text("Subobject", "involvedObject.fieldPath").wide(),
    with("Source", source).wide(),
    with("Message", |event, _| event.text("message").trim().into()),
    with("First Seen", first_seen).wide(),
    with("Count", times).number().wide(),
    NAME.wide(),
];

fn first_seen(event: &Value, print: Print) -> Value {
    match event.text("firstTimestamp") {
        "" => since(event.text("eventTime"), print).into(),
        at => since(at, print).into(),
    }
}

fn last_seen(event: &Value, print: Print) -> Value {
    match (event.text("series.lastObservedTime"), event.text("lastTimestamp")) {
        ("", "") => first_seen(event, print),
        ("", at) | (at, _) => since(at, print).into(),
    }
}

fn about(event: &Value, _: Print) -> Value {
    let kind = event.text("involvedObject.kind").to_lowercase();
    match event.text("involvedObject.name") {
        "" => kind.into(),
        name => format!("{kind}/{name}").into(),
    }
}

fn source(event: &Value, _: Print) -> Value {
    let component = match event.text("source.component") {
        "" => event.text("reportingComponent"),
        component => component,
    };
    match event.text("source.host") {
        "" => component.into(),
        host => format!("{component}, {host}").into(),
    }
}

fn times(event: &Value, _: Print) -> Value {
    let times = event.at("series.count").as_i64().unwrap_or_else(|| number(event, "count").max(1));
    times.into()
}

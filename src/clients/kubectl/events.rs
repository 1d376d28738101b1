//! `kubectl events`, which came after 1.20.

use super::Ctx;
use super::error::{Done, fail};
use super::print::{age, align_table};
use crate::api::Dig;
use crate::json::Value;
use jiff::Timestamp;

/// `kubectl events [--for=TYPE/NAME]`.
pub(super) fn events(ctx: &mut Ctx<'_>) -> Done {
    if ctx.flags.on("watch") {
        fail!("kubectl events --watch is not modelled");
    }
    let types = ctx.flags.all("types").to_vec();
    if types.iter().any(|kind| !["normal", "warning"].contains(&kind.to_lowercase().as_str())) {
        fail!("valid --types are Normal or Warning");
    }
    let about = match ctx.flags.filled("for").map(str::to_owned) {
        None => String::new(),
        Some(about) => match about.split_once('/') {
            Some((kind, name)) if !kind.is_empty() && !name.is_empty() => {
                let mapping = ctx.resource(kind)?;
                format!(
                    "involvedObject.kind={},involvedObject.name={name},involvedObject.apiVersion={}",
                    mapping.kind,
                    mapping.api_version()
                )
            }
            _ => fail!("--for must be in resource/name form"),
        },
    };
    let everywhere = ctx.flags.on("all-namespaces");
    let path = match everywhere {
        true => "/api/v1/events".to_owned(),
        false => format!("/api/v1/namespaces/{}/events", ctx.namespace),
    };
    let mut found = ctx.items(&path, &[("fieldSelector", &about), ("limit", "500")])?;
    found.retain(|event| {
        types.is_empty() || types.iter().any(|kind| kind.eq_ignore_ascii_case(event.text("type")))
    });
    if found.is_empty() {
        let text = match everywhere {
            true => "No events found.".to_owned(),
            false => format!("No events found in {} namespace.", ctx.namespace),
        };
        ctx.warn(text);
        return Ok(());
    }
    found.sort_by_key(|event| last(event).to_owned());
    let mut lines = Vec::new();
    let place = |namespace: &str| if everywhere { format!("{namespace}\t") } else { String::new() };
    if !ctx.flags.on("no-headers") {
        lines.push(format!("{}LAST SEEN\tTYPE\tREASON\tOBJECT\tMESSAGE", place("NAMESPACE")));
    }
    let now = ctx.client.now();
    for event in &found {
        let seen = seen(event, last(event), now);
        lines.push(format!(
            "{}{seen}\t{}\t{}\t{}/{}\t{}",
            place(event.namespace()),
            event.text("type"),
            event.text("reason"),
            event.text("involvedObject.kind"),
            event.text("involvedObject.name"),
            event.text("message").trim()
        ));
    }
    let text = align_table(&lines);
    ctx.out.push_str(&text);
    Ok(())
}

/// When an event was seen last.
fn last(event: &Value) -> &str {
    match event.text("lastTimestamp") {
        "" => event.text("eventTime"),
        time => time,
    }
}

/// How long ago an event was seen, and how often since when.
pub(super) fn seen(event: &Value, last: &str, now: Timestamp) -> String {
    let first = age(event.text("firstTimestamp"), now);
    match event.number("count") {
        count @ 2.. => format!("{} (x{count} over {first})", age(last, now)),
        _ if event.has("firstTimestamp") => first,
        _ => age(event.text("eventTime"), now),
    }
}

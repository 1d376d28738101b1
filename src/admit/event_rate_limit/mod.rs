//! EventRateLimit: how many events a server, a namespace, a user or a source may write
//! (`plugin/pkg/admission/eventratelimit`).
//!
//! Only events of the core group are counted, as a real server does: those of `events.k8s.io` pass by. A write that is
//! refused later has been counted; one that must wait is counted when it is admitted.

mod buckets;
mod settings;

pub(crate) use buckets::Rates;
pub(crate) use settings::{Limit, Settings, Type};

use super::{Cx, Outcome, Review, Run, Verdict};
use crate::api::field::aggregate;
use crate::api::{Dig, Status};

/// The plugin's name.
pub(crate) const NAME: &str = "EventRateLimit";

/// What the plugin does.
pub(crate) const RUN: Run = Run {
    sees: |_, review| review.is_kind("", "Event") && review.writes() && !review.dry_run,
    validate: Some(validate),
    ..Run::NOTHING
};

/// What of an event makes its source and object.
const SOURCE_AND_OBJECT: [&str; 7] = [
    "source.component",
    "source.host",
    "involvedObject.kind",
    "involvedObject.namespace",
    "involvedObject.name",
    "involvedObject.uid",
    "involvedObject.apiVersion",
];

fn validate(cx: &mut Cx<'_>, review: &mut Review) -> Outcome {
    let settings = Settings::read(cx.version, cx.plugins.configuration(NAME)).map_err(Status::internal)?;
    let mut reached = Vec::new();
    // Every limit counts, also after one that is reached.
    for (number, limit) in settings.limits.iter().enumerate() {
        let key = key(limit.of, review);
        if !cx.memory.event_rate_limit.take(number, limit, &key, cx.now) {
            reached.push(format!("limit reached on type {} for key {key}", limit.of.name()));
        }
    }
    match aggregate(&reached) {
        None => Ok(Verdict::Passed("within the limits of events".to_owned())),
        Some(why) => Err(Status::plain(429, "TooManyRequests", format!("Too many requests: {why}")).into()),
    }
}

/// Whose allowance an event takes from.
fn key(of: Type, review: &Review) -> String {
    match of {
        Type::Server => String::new(),
        Type::Namespace => review.namespace().to_owned(),
        Type::User => review.user.name.clone(),
        Type::SourceAndObject => SOURCE_AND_OBJECT.map(|path| review.object.text(path)).concat(),
    }
}

//! What a state of the machine comes to, as a text: two states of the same text go on in the same ways.
//!
//! Two orders of things that have nothing to do with each other come to one state, if it is told without what only the order
//! decides: a resource version is told as the how-manieth write of its object it is, works that are due as a set (whoever
//! explores tries each of them first), a view by the writes that it has not heard of and that matter to it.

use super::queue::Work;
use super::work::Progress;
use super::{Caching, Cluster};
use crate::api::Request;
use crate::authorize::{Authorized, Knowledge};
use crate::json::Value;
use crate::store::{Event, Key};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Writes since a revision: of each the object, and the how-manieth of its writes it is.
struct Writes<'a>(BTreeMap<u64, (&'a Key, u64)>);

impl Cluster {
    /// The state, as it differs from that at a revision; none where something is under way that can't be told: a webhook that
    /// takes its time.
    pub(crate) fn state(&self, since: u64) -> Option<String> {
        if self.waits.next_due().is_some() {
            return None;
        }
        let events: Vec<&Event> = self.store.since(since)?.collect();
        let mut last: BTreeMap<&Key, u64> = BTreeMap::new();
        let mut writes = BTreeMap::new();
        for event in &events {
            let number = last.entry(&event.key).or_default();
            *number += 1;
            writes.insert(event.revision, (&event.key, *number));
        }
        let writes = Writes(writes);
        let mut out = format!("{}\n", self.now);
        for key in last.keys() {
            let _ = write!(out, "{key} ");
            if let Some(object) = self.store.objects().of(key) {
                writes.tell(object, &mut out);
            }
            out.push('\n');
        }
        for cache in [Caching::Authorizer, Caching::Controllers] {
            let _ = writeln!(out, "{cache:?} {:?}", self.schedule.state(cache));
            let mut unheard: Vec<&Event> = self.unheard(cache).collect();
            unheard.sort_by_key(|event| &event.key);
            for event in unheard {
                let _ = write!(out, "{} ", event.key);
                event.old.iter().chain(&event.new).for_each(|object| writes.tell(object, &mut out));
                out.push('\n');
            }
        }
        let mut unheard: Vec<&Event> = self.unheard_by_other().collect();
        unheard.sort_by_key(|event| &event.key);
        for event in unheard {
            let _ = write!(out, "other {} ", event.key);
            event.old.iter().chain(&event.new).for_each(|object| writes.tell(object, &mut out));
        }
        let _ = writeln!(out, "{:?} {:?}", self.down, self.clocks);
        let mut works: Vec<String> =
            self.queue.all().map(|(at, work, free)| format!("{at} {free} {}", told(work))).collect();
        works.sort();
        let _ = writeln!(out, "{}", works.join("\n"));
        for left in self.waits.left() {
            writes.tell_progress(left, &mut out);
        }
        for ((pod, source), object) in &self.mounts {
            let _ = write!(out, "{pod} {source} ");
            writes.tell(object, &mut out);
        }
        let _ = write!(out, "\n{:?} {:?}", self.recognised, self.delegated);
        let _ = write!(out, " {:?} {:?}", self.impersonators, self.memory);
        Some(out)
    }

    /// The writes that a cache has not heard of, as far as what it is for hangs on them.
    pub(super) fn unheard(&self, cache: Caching) -> impl Iterator<Item = &Event> {
        let revision = match cache {
            Caching::Authorizer => self.authorizer.view().revision(),
            Caching::Controllers => self.caches.revision(),
        };
        self.unheard_since(revision, cache)
    }

    /// The writes that the other API server's authorizers have not heard of, if there is one.
    pub(super) fn unheard_by_other(&self) -> impl Iterator<Item = &Event> {
        let other = self.other.iter();
        other.flat_map(|other| self.unheard_since(other.view().revision(), Caching::Authorizer))
    }

    fn unheard_since(&self, revision: u64, cache: Caching) -> impl Iterator<Item = &Event> {
        let nodes = self.setup.config.has_authorizer("Node");
        let events = self.store.since(revision).into_iter().flatten();
        events.filter(move |event| cache == Caching::Controllers || Knowledge::hangs_on(event, nodes))
    }
}

fn told(Work { controller, key, attempt, awaited }: &Work) -> String {
    format!("{controller} {key} {attempt} {awaited}")
}

impl Writes<'_> {
    /// A value; a resource version as the write that it is of.
    fn tell(&self, value: &Value, out: &mut String) {
        match value {
            Value::Object(fields) => {
                out.push('{');
                for (name, value) in fields {
                    let _ = write!(out, "{name}:");
                    let write = value
                        .as_str()
                        .filter(|_| name == "resourceVersion")
                        .and_then(|text| self.0.get(&text.parse().ok()?));
                    match write {
                        Some((key, number)) => {
                            let _ = write!(out, "{key} {number}");
                        }
                        None => self.tell(value, out),
                    }
                    out.push(',');
                }
                out.push('}');
            }
            Value::Array(items) => {
                out.push('[');
                items.iter().for_each(|item| self.tell(item, out));
                out.push(']');
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                let _ = write!(out, "{value},");
            }
        }
    }

    fn tell_progress(&self, progress: &Progress, out: &mut String) {
        let _ = writeln!(out, "{} {:?} {}", told(&progress.work), progress.again, progress.refused);
        for call in &progress.calls {
            let Request { method, target, body, .. } = &call.request;
            let _ = write!(
                out,
                "{method} {target} {:?} {} {:?} {}",
                call.user,
                call.optional,
                call.keep,
                call.then.is_some()
            );
            match body.value() {
                Some(value) => self.tell(value, out),
                None => {
                    let _ = write!(out, "{body:?}");
                }
            }
            out.push('\n');
        }
    }
}

/// What tells a request from others: who asks what, with which object.
pub(super) fn name_of(authorized: &Authorized) -> String {
    let Request { method, target, body, .. } = authorized.request();
    let mut name = format!("{} {method} {target} ", authorized.user().name);
    match body.value() {
        Some(value) => Writes(BTreeMap::new()).tell(value, &mut name),
        None => {
            let _ = write!(name, "{body:?}");
        }
    }
    name
}

//! The events of a watch (`handlers/watch.go`, `storage/cacher`).
//!
//! A watcher is a place in the log of writes. Whoever serves it asks for what is new whenever something was written,
//! so that a slow client holds up nothing but itself; one that falls behind the log is told so (410) and starts anew.

use crate::api::differences::NO_NULL_TIMES;
use crate::api::watch::{From, Watch};
use crate::api::{Dig, Status, Version};
use crate::json::{Map, Value, json};
use crate::kinds;
use crate::pipeline::convert;
use crate::print::shape;
use crate::store::{Event, Store, weight};
use jiff::Timestamp;
use std::collections::VecDeque;
use std::sync::Arc;

/// A watch, and how far its client knows.
#[derive(Clone, Debug)]
pub struct Watcher {
    watch: Arc<Watch>,
    /// The revision up to which the client knows everything; none before the beginning.
    seen: Option<u64>,
    /// The revision of the beginning, and what was there then and was not told yet; none once all was told.
    beginning: Option<(u64, VecDeque<Arc<Value>>)>,
    /// Whether a table's columns were sent.
    headed: bool,
}

/// What is new to a watcher.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct News {
    /// Events, a JSON object each.
    pub events: Vec<Value>,
    /// Whether nothing comes after them.
    pub ended: bool,
    /// Whether there is more already.
    pub more: bool,
}

impl Watcher {
    /// A watcher at the beginning of a watch.
    pub fn new(watch: Arc<Watch>) -> Watcher {
        let seen = match watch.from {
            From::Now => None,
            From::After(revision) => Some(revision),
        };
        Watcher { watch, seen, beginning: None, headed: false }
    }

    /// What it watches, as it is kept.
    pub fn resource(&self) -> &str {
        &self.watch.kept
    }

    /// How long the watch goes on at most.
    pub fn seconds(&self) -> u64 {
        self.watch.seconds
    }

    /// Takes what happened since it was last asked: about as many bytes of it as are wanted, and one event at least.
    pub fn news(&mut self, store: &Store, version: Version, now: Timestamp, most: usize) -> News {
        let watch = self.watch.clone();
        let mut news = News::default();
        let mut room = most;
        let seen = *self.seen.get_or_insert_with(|| {
            self.beginning = Some((store.revision(), initial(store, &watch).into()));
            store.revision()
        });
        if let Some((begun, mut begins)) = self.beginning.take() {
            while let Some(object) = begins.pop_front() {
                if spent(&mut room, weight(&object), &news) {
                    begins.push_front(object);
                    self.beginning = Some((begun, begins));
                    news.more = true;
                    return news;
                }
                news.events.push(self.event("ADDED", &object, version, now));
            }
            if watch.marks_initial {
                news.events.push(bookmark(&watch, begun, version));
            }
        }
        let Some(events) = store.since(seen) else {
            let why = format!("too old resource version: {seen} ({})", store.revision());
            let status = Status::plain(410, "Expired", why);
            news.events.push(json!({"type": "ERROR", "object": status.body()}));
            return News { ended: true, ..news };
        };
        for event in events {
            if concerns(event, &watch)
                && let Some((kind, object)) = change(event, &watch)
            {
                if spent(&mut room, event.weight, &news) {
                    news.more = true;
                    return news;
                }
                news.events.push(self.event(kind, &object, version, now));
            }
            self.seen = Some(event.revision);
        }
        self.seen = Some(seen.max(store.revision()));
        news
    }

    fn event(&mut self, kind: &str, object: &Value, version: Version, now: Timestamp) -> Value {
        let watch = &self.watch;
        let object = convert::shown(object, &watch.row, version);
        let mut object = shape::object(object, &watch.row, &watch.accepted.form, "", version, now);
        if self.headed && object.text("kind") == "Table" {
            object.take_out("columnDefinitions");
        }
        self.headed = true;
        told(kind, object)
    }
}

/// Whether an object of that weight is too much for now.
fn spent(room: &mut usize, weight: usize, news: &News) -> bool {
    let spent = weight > *room && !news.events.is_empty();
    *room = room.saturating_sub(weight);
    spent
}

fn told(kind: &str, object: Value) -> Value {
    Value::Object(Map::from_iter([("type".to_owned(), kind.into()), ("object".to_owned(), object)]))
}

fn initial(store: &Store, watch: &Watch) -> Vec<Arc<Value>> {
    let objects = store.objects();
    let chosen = |object: &&Arc<Value>| selects(watch, object);
    match watch.namespace.as_str() {
        "" => objects.all(&watch.kept).filter(chosen).cloned().collect(),
        namespace => objects.list(&watch.kept, namespace).filter(chosen).cloned().collect(),
    }
}

fn selects(watch: &Watch, object: &Value) -> bool {
    (watch.name.is_empty() || object.name() == watch.name)
        && watch.labels.matches(object)
        && kinds::of(&watch.row).selects(&watch.fields, object)
}

fn concerns(event: &Event, watch: &Watch) -> bool {
    *event.key.resource == *watch.kept
        && (watch.namespace.is_empty() || *event.key.namespace == *watch.namespace)
}

/// What a write is to a watcher: an object that no longer is selected is gone for it.
fn change(event: &Event, watch: &Watch) -> Option<(&'static str, Arc<Value>)> {
    let before = event.old.as_ref().filter(|old| selects(watch, old));
    let after = event.new.as_ref().filter(|new| selects(watch, new));
    match (before, after) {
        (None, None) => None,
        (None, Some(new)) => Some(("ADDED", new.clone())),
        (Some(_), Some(new)) => Some(("MODIFIED", new.clone())),
        (Some(old), None) => {
            let mut gone = event.new.as_ref().unwrap_or(old).clone();
            Arc::make_mut(&mut gone).set("metadata.resourceVersion", event.revision.to_string());
            Some(("DELETED", gone))
        }
    }
}

fn bookmark(watch: &Watch, revision: u64, version: Version) -> Value {
    let mut bookmark = json!({"type": "BOOKMARK", "object": {
        "kind": watch.row.kind, "apiVersion": watch.row.api_version(),
        "metadata": {
            "resourceVersion": revision.to_string(),
            "annotations": {"k8s.io/initial-events-end": "true"},
        },
    }});
    if !version.has(NO_NULL_TIMES) {
        bookmark.set("object.metadata.creationTimestamp", Value::Null);
    }
    bookmark
}

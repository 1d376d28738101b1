//! Requests that are much work are done beside the cluster, so that nobody waits for them.
//!
//! Who asks and that they may is settled in the cluster; the rest is done in a fork of it, by whoever drives the cluster and on
//! whichever thread ([`Aside::answer`]). What was written there is then taken over ([`Cluster::take_over`]), unless somebody
//! else has written to the same objects meanwhile: then it is done again, as a real server does when etcd tells of a conflict
//! (`GuaranteedUpdate` of `storage/etcd3/store.go`), the last time in the cluster itself.
//!
//! Only a cluster that is driven from outside does so ([`Cluster::call_webhooks_outside`]): in a scenario everything has its turn.

use super::handle::{Attempt, Authorization};
use super::queue::Work;
use super::{Answered, Cluster, Reply};
use crate::api::{Body, Dig};
use crate::authorize::Authorized;
use crate::controllers::Plan;
use crate::random::Random;
use crate::store::{Key, Written, is_light};
use std::sync::Arc;

/// A body of more bytes is much work.
const BODY: usize = 16 << 10;
/// So are more objects than these, or one that takes more bytes in memory.
const OBJECTS: usize = 100;
const WEIGHT: usize = 128 << 10;
/// So are rights that are handed out: few words may stand for a million of them.
const RIGHTS: &str = "rbac.authorization.k8s.io";
/// So often it is done beside the cluster, before others wait for it.
const TRIES: u32 = 4;
/// What is shared by all objects of a kind, and counted or given in turn: addresses and ports, and the rate of events.
const IN_TURN: [&str; 2] = ["services", "events"];

/// A request that is much work, and the cluster as it found it.
#[derive(Clone)]
pub struct Aside {
    cluster: Cluster,
    authorization: Authorization,
    tries: u32,
}

/// A controller's look at what is much work, and the cluster in which it looks: what it wants then is asked in the cluster.
#[derive(Clone)]
pub struct Look {
    cluster: Cluster,
    work: Work,
    random: Random,
}

/// What a controller wants.
pub struct Looked {
    pub(super) work: Work,
    pub(super) random: Random,
    pub(super) plan: Plan,
}

impl Look {
    pub(super) fn new(cluster: &Cluster, work: Work, random: Random) -> Look {
        Look { cluster: cluster.fork(), work, random }
    }

    /// Looks.
    pub fn look(self) -> Looked {
        let Look { cluster, work, mut random } = self;
        let plan = cluster.plan(&work, &mut random);
        Looked { work, random, plan }
    }
}

/// What came of a request beside the cluster.
pub struct Prepared {
    attempt: Attempt,
    /// The revision of the cluster that it was made in.
    from: u64,
    /// What was written; none where that was more than is remembered.
    written: Option<Vec<Written>>,
    authorization: Authorization,
    tries: u32,
}

impl Aside {
    pub(super) fn new(cluster: &Cluster, authorization: Authorization) -> Aside {
        Aside { cluster: cluster.fork(), authorization, tries: 1 }
    }

    /// Does the work.
    pub fn answer(mut self) -> Prepared {
        let from = self.cluster.store.revision();
        let attempt = self.cluster.attempt(self.authorization.clone());
        let written = self.cluster.store.written_since(from);
        Prepared { attempt, from, written, authorization: self.authorization, tries: self.tries }
    }
}

impl Cluster {
    /// Whether a request is answered beside the cluster.
    pub(super) fn goes_aside(&self, authorized: &Authorized) -> bool {
        let info = authorized.info();
        if !self.waits.are_real() || IN_TURN.contains(&info.resource.as_str()) {
            return false;
        }
        let weighs_rights = info.group == RIGHTS && matches!(&*info.verb, "create" | "update" | "patch");
        if weighs_rights || authorized.request().body.len() > BODY {
            return true;
        }
        if !info.is_resource {
            return info.path.starts_with("/openapi/");
        }
        let Some(row) = self.served.resources().find(&info.group, &info.version, &info.resource, "") else {
            return false;
        };
        let namespace = if row.namespaced { info.namespace.as_str() } else { "" };
        match info.name.as_str() {
            "" => {
                let all = matches!(&*info.verb, "list" | "deletecollection");
                all && self.store.objects().count(&row.storage(), namespace, "") > OBJECTS
            }
            name => self.is_much(&Key::new(&row.storage(), namespace, name)),
        }
    }

    /// Whether a controller looks beside the cluster.
    pub(super) fn looks_aside(&self, key: &Key) -> bool {
        self.waits.are_real() && self.is_much(key)
    }

    fn is_much(&self, key: &Key) -> bool {
        self.store.objects().of(key).is_some_and(|object| !is_light(object, WEIGHT))
    }

    /// Takes over what a request came to that was answered beside the cluster; it may have to be answered once more.
    pub fn take_over(&mut self, prepared: Prepared) -> Answered {
        let Prepared { mut attempt, from, written, authorization, tries } = prepared;
        let is_alone = self.store.revision() == from;
        let taken = written
            .filter(|written| is_alone || written.is_empty() || tells_its_revision_once(&attempt))
            .and_then(|written| self.store.take_over(written));
        match taken {
            Some(revisions) => {
                if let Ok(reply) = &mut attempt {
                    renumber(reply, &revisions);
                }
                self.end(attempt, authorization.audited)
            }
            None if tries < TRIES => {
                Answered::Aside(Box::new(Aside { tries: tries + 1, ..Aside::new(self, authorization) }))
            }
            None => self.answer(authorization),
        }
    }
}

/// Whether an answer shows an object that was written in one place only.
fn tells_its_revision_once(attempt: &Attempt) -> bool {
    match attempt {
        Ok(reply) => matches!(&reply.response.body, Body::Json(object) if !object.has("rows")),
        Err(_) => true,
    }
}

/// Tells of a written object the revision that it has here.
fn renumber(reply: &mut Reply, revisions: &[(u64, u64)]) {
    let Body::Json(object) = &mut reply.response.body else { return };
    let told = object.text("metadata.resourceVersion");
    let here = revisions.iter().find(|(there, here)| there != here && there.to_string() == told);
    if let Some((_, here)) = here {
        Arc::make_mut(object).set("metadata.resourceVersion", here.to_string());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Request, User, Version};
    use crate::config::Config;
    use crate::json::{Value, json};
    use jiff::Timestamp;

    const REVISIONS: &str = "/apis/apps/v1/namespaces/default/controllerrevisions";
    const MAPS: &str = "/api/v1/namespaces/default/configmaps";

    fn cluster() -> Cluster {
        let start = Timestamp::from_second(crate::cluster::START).unwrap();
        let mut cluster = Cluster::new(Config::new(Version::NEWEST), start).unwrap();
        cluster.call_webhooks_outside();
        cluster
    }

    fn admin(method: &str, target: &str) -> Request {
        Request::new(method, target).by(User::new("admin", &["system:masters"]))
    }

    fn map(name: &str, size: usize) -> Value {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"a": "x".repeat(size)}})
    }

    fn label_of_few_words() -> Request {
        let body = br#"{"metadata":{"labels":{"a":"c"}}}"#.to_vec();
        admin("PATCH", &format!("{REVISIONS}/r")).body("application/merge-patch+json", body)
    }

    fn aside(answered: Answered) -> Box<Aside> {
        match answered {
            Answered::Aside(aside) => aside,
            Answered::Done(reply) => panic!("answered at once: {:?}", reply.response),
            Answered::Wait(..) => panic!("it waits"),
        }
    }

    fn done(answered: Answered) -> Reply {
        match answered {
            Answered::Done(reply) => *reply,
            Answered::Aside(_) | Answered::Wait(..) => panic!("no answer"),
        }
    }

    #[test]
    fn what_is_done_beside_is_what_would_have_been_done() {
        let (mut beside, mut within) = (cluster(), cluster());
        within.waits = crate::cluster::waits::Waits::default();
        let make = || admin("POST", MAPS).json(&map("large", 200_000));
        let read = || admin("GET", &format!("{MAPS}/large"));
        let open_api = || admin("GET", "/openapi/v2");
        // What the server does not look into is kept as it was written.
        let spaced = || {
            let text = "x".repeat(20_000);
            let body = format!(
                r#"{{"apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": {{"name": "r"}}, "revision": 1, "data": {{"a": "{text}"}}}}"#
            );
            admin("POST", REVISIONS).body("application/json", body.into_bytes())
        };
        let label = || {
            let body = format!(
                r#"{{"metadata": {{"labels": {{"a": "b"}}, "annotations": {{"a": "{}"}}}}}}"#,
                "y".repeat(20_000)
            );
            admin("PATCH", &format!("{REVISIONS}/r")).body("application/merge-patch+json", body.into_bytes())
        };
        for ask in [&make as &dyn Fn() -> Request, &read, &open_api, &spaced, &label] {
            let target = ask().target;
            let prepared = aside(beside.handle(ask())).answer();
            let told = done(beside.take_over(prepared));
            assert_eq!(told.response, within.handle_now(ask()).response, "{target}");
            assert_eq!(beside.store().revision(), within.store().revision());
            assert_eq!(beside.store().objects(), within.store().objects());
            let revision = Key::new("controllerrevisions.apps", "default", "r");
            assert_eq!(beside.store().raw(&revision), within.store().raw(&revision));
        }
        assert_eq!(done(beside.handle(label_of_few_words())).response.code, 422, "its data would change");
    }

    #[test]
    fn others_write_meanwhile() {
        let mut cluster = cluster();
        let prepared = aside(cluster.handle(admin("POST", MAPS).json(&map("large", 100_000)))).answer();
        let other = done(cluster.handle(admin("POST", MAPS).json(&map("small", 1))));
        let told = done(cluster.take_over(prepared)).response;
        let revision = |object: &Value| object.text("metadata.resourceVersion").parse::<u64>().unwrap();
        assert_eq!(told.code, 201);
        assert_eq!(revision(told.object()), revision(other.response.object()) + 1);
        let stored = cluster.store().objects().get("configmaps", "default", "large").unwrap();
        assert_eq!(revision(stored), cluster.store().revision());
        assert_eq!(told.object(), &**stored, "it is told as it is stored");
    }

    #[test]
    fn others_write_the_same_meanwhile() {
        let mut cluster = cluster();
        let made = done(cluster.handle(admin("POST", MAPS).json(&map("m", 1))));
        assert_eq!(made.response.code, 201);
        let replaced = map("m", 100_000);
        let mut answered = cluster.handle(admin("PUT", &format!("{MAPS}/m")).json(&replaced));
        let mut tries = 0;
        let told = loop {
            let waiting = match answered {
                Answered::Aside(aside) => aside,
                Answered::Done(reply) => break reply,
                Answered::Wait(..) => panic!("it waits"),
            };
            tries += 1;
            let prepared = waiting.answer();
            let patch = json!({"data": {"n": tries.to_string()}}).to_string();
            let patch =
                admin("PATCH", &format!("{MAPS}/m")).body("application/merge-patch+json", patch.into_bytes());
            assert_eq!(cluster.handle_now(patch).response.code, 200);
            answered = cluster.take_over(prepared);
        };
        assert_eq!((tries, told.response.code), (TRIES, 200));
        let stored = cluster.store().objects().get("configmaps", "default", "m").unwrap();
        assert_eq!(stored.at("data"), &json!({"a": "x".repeat(100_000)}), "the last one wins");
    }

    /// A refusal writes nothing, whatever else was written.
    #[test]
    fn who_is_refused_is_refused_whoever_writes() {
        let mut cluster = cluster();
        let large = map("Wrong Name", 100_000);
        let prepared = aside(cluster.handle(admin("POST", MAPS).json(&large))).answer();
        assert_eq!(done(cluster.handle(admin("POST", MAPS).json(&map("small", 1)))).response.code, 201);
        let before = cluster.store().revision();
        assert_eq!(done(cluster.take_over(prepared)).response.code, 422);
        assert_eq!(cluster.store().revision(), before);
    }
}

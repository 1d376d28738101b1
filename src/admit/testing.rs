//! A chain of plugins over a few stored objects, for tests.

use super::{Chain, Cx, Operation, Review, Stop, Verdict};
use crate::api::{Attributes, Decision, RequestInfo, User, Version, resources};
use crate::config::Config;
use crate::json::{Value, json};
use crate::random::Random;
use crate::store::{Key, Store};
use jiff::Timestamp;
use std::sync::Arc;

/// A cluster as far as plugins see one.
pub(super) struct World {
    pub(super) config: Config,
    pub(super) now: Timestamp,
    pub(super) user: User,
    /// What the authorizer allows: `VERB RESOURCE NAME`.
    pub(super) allowed: Vec<&'static str>,
    store: Store,
}

impl World {
    /// A release with plugins beside its defaults, and a namespace `red` with an account `default`.
    pub(super) fn new(minor: u8, enabled: &[&str]) -> World {
        let mut config = Config::new(Version::minor(minor));
        config.enable_admission_plugins = enabled.iter().map(|name| (*name).to_owned()).collect();
        let mut world = World {
            config,
            now: Timestamp::UNIX_EPOCH,
            user: User::new("alice", &["system:authenticated"]),
            allowed: Vec::new(),
            store: Store::default(),
        };
        world.put("namespaces", "", "red", json!({"status": {"phase": "Active"}}));
        world.put("serviceaccounts", "red", "default", json!({}));
        world
    }

    /// Stores an object under a name.
    pub(super) fn put(&mut self, resource: &str, namespace: &str, name: &str, mut object: Value) {
        object["metadata"]["name"] = name.into();
        if !namespace.is_empty() {
            object["metadata"]["namespace"] = namespace.into();
        }
        self.store.load(Key::new(resource, namespace, name), object, self.now);
    }

    /// What the chain makes of a write: the review, or the refusal's code and message.
    pub(super) fn write(&self, method: &str, path: &str, object: Value) -> Result<Review, String> {
        let info = RequestInfo::parse(method, path);
        let row = resources(self.config.version)
            .find(&info.group, &info.version, &info.resource, &info.subresource)
            .expect("a resource");
        let key = Key::new(&info.group_resource().to_string(), &info.namespace, &info.name);
        let mut review = Review {
            user: self.user.clone(),
            resource: row.clone(),
            operation: match method {
                "POST" => Operation::Create,
                "DELETE" => Operation::Delete,
                _ => Operation::Update,
            },
            name: info.name.clone(),
            info,
            object,
            old: self.store.objects().of(&key).cloned(),
            options: Value::Null,
            dry_run: false,
            warnings: Vec::new(),
            audit: Vec::new(),
            along: Vec::new(),
            reinvocation: Default::default(),
        };
        match self.run(&mut review) {
            Ok(()) => Ok(review),
            Err(Stop::Refused(crate::api::Refusal { status, .. })) => {
                Err(format!("{} {}", status.code, status.message))
            }
            Err(Stop::Wait(effects)) => Err(format!("waits for {effects:?}")),
        }
    }

    /// Writes along what the chain asked for.
    pub(super) fn charge(&mut self, review: Review) {
        for (key, object) in review.along {
            self.store.load(key, object, self.now);
        }
    }

    fn run(&self, review: &mut Review) -> Result<(), Stop> {
        let authorize = |attributes: &Attributes| {
            let info = &attributes.info;
            let asked = format!("{} {} {}", info.verb, info.full_resource(), info.name);
            match self.allowed.contains(&asked.as_str()) {
                true => (Decision::Allow, String::new()),
                false => (Decision::NoOpinion, String::new()),
            }
        };
        let chain = Chain::new(&self.config).expect("a chain");
        let mut cx = Cx {
            version: self.config.version,
            config: &self.config,
            resources: resources(self.config.version),
            plugins: &chain,
            now: self.now,
            cache: self.store.objects(),
            live: self.store.objects(),
            authorize: &authorize,
            random: &mut Random::new(0),
            delays: &mut Random::new(0),
            ids: &mut Random::new(0),
            memory: &mut Default::default(),
            answers: &mut Default::default(),
        };
        for step in [|run: &super::Run| run.admit, |run: &super::Run| run.validate] {
            for run in chain.iter().filter_map(|plugin| plugin.run.as_ref()) {
                if let Some(step) = step(run).filter(|_| (run.sees)(&cx, review)) {
                    let _: Verdict = step(&mut cx, review)?;
                }
            }
        }
        Ok(())
    }
}

/// A pod of one container with further fields of its spec.
pub(super) fn pod(name: &str, spec: Value) -> Value {
    let mut pod = json!({
        "metadata": {"name": name, "namespace": "red"},
        "spec": {"containers": [{"name": "c", "image": "i"}]},
    });
    for (key, value) in spec.as_object().into_iter().flatten() {
        pod["spec"][key] = value.clone();
    }
    pod
}

/// The old object of a review, for tests that change one.
pub(super) fn stored(world: &World, resource: &str, name: &str) -> Value {
    let found: Option<&Arc<Value>> = world.store.objects().get(resource, "red", name);
    found.map(|object| Value::clone(object)).unwrap_or_default()
}

//! The machine: everything that happens is a [`Request`] by somebody, and [`Cluster::handle`] is the one door.
//!
//! A cluster is config, clock, store, views, queue and random source. It does no I/O, has no threads and never looks
//! at a wall clock: time is what [`Cluster::run_until`] was told. Same config, same seed, same requests: the same bytes.
//!
//! INVARIANT (one-door): people, controllers and kubelets all write through [`Cluster::handle`]; nothing is stored
//! that was not authenticated, authorized and admitted. What a fresh server holds is the one exception.

mod journal;
mod pipeline;
mod queue;

pub use journal::Entry;
pub use pipeline::{Answered, Reply, Waiting};

use crate::admit;
use crate::api::{Request, Version};
use crate::authenticate::Authenticators;
use crate::authorize::{Authorizers, Knowledge};
use crate::bootstrap;
use crate::config::Config;
use crate::controllers::{self, Again, Controller};
use crate::error::Error;
use crate::random::Random;
use crate::store::{Key, Store, View};
use jiff::{SignedDuration, Timestamp};
use queue::Queue;
use std::sync::Arc;

/// The first instant of a cluster whose time is not given: 2024-01-01T00:00:00Z.
pub const START: i64 = 1_704_067_200;

/// What of a cluster never changes: its flags and what follows from them.
#[derive(Clone)]
struct Setup {
    config: Config,
    authenticators: Authenticators,
    authorizers: Authorizers,
    plugins: admit::Chain,
    controllers: Vec<&'static Controller>,
}

/// A Kubernetes cluster, as far as its API server's verdicts and its controllers go.
#[derive(Clone)]
pub struct Cluster {
    setup: Arc<Setup>,
    now: Timestamp,
    store: Store,
    random: Random,
    /// What the authorizers know: a view, and the index over it.
    authorizer: Knowledge,
    /// What admission plugins and controllers believe.
    caches: View,
    queue: Queue,
    journal: Vec<Entry>,
}

impl Cluster {
    /// A fresh cluster at an instant, with what a real server makes when it starts.
    pub fn new(config: Config, now: Timestamp) -> Result<Cluster, Error> {
        let setup = Setup {
            authenticators: Authenticators::new(&config)?,
            authorizers: Authorizers::new(&config)?,
            plugins: admit::Chain::new(&config)?,
            controllers: controllers::running(&config),
            config,
        };
        let mut cluster = Cluster {
            now,
            store: Store::default(),
            random: Random::new(setup.config.seed),
            authorizer: Knowledge::default(),
            caches: View::default(),
            queue: Queue::default(),
            journal: Vec::new(),
            setup: Arc::new(setup),
        };
        cluster.bootstrap();
        cluster.settle();
        cluster.journal.clear();
        Ok(cluster)
    }

    /// Stores what a fresh server holds.
    fn bootstrap(&mut self) {
        let config = &self.setup.config;
        let client_ca = config.client_ca.as_ref().map(|file| String::from_utf8_lossy(&file.text).into_owned());
        let settings = bootstrap::Settings {
            rbac: config.authorization_modes.iter().any(|mode| mode == "RBAC"),
            now: &crate::registry::time(self.now),
            secure_port: 6443,
            client_ca: &client_ca.unwrap_or_default(),
        };
        for (group, resource, mut object) in bootstrap::objects(config.version, settings) {
            crate::registry::stamp(&mut object, self.random.uid(), self.now);
            let resource = crate::api::GroupResource::new(group, resource).to_string();
            let key = Key::new(&resource, crate::api::Dig::namespace(&object), crate::api::Dig::name(&object));
            self.store.put(key, object, self.now);
        }
    }

    /// Which Kubernetes this is.
    pub fn version(&self) -> Version {
        self.setup.config.version
    }

    /// The flags.
    pub fn config(&self) -> &Config {
        &self.setup.config
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// What is stored.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// What the authorizers know.
    pub fn knowledge(&self) -> &Knowledge {
        &self.authorizer
    }

    /// A cluster that goes on from here on its own; this one is not touched by it.
    pub fn fork(&self) -> Cluster {
        self.clone()
    }

    /// What happened since this was last asked, by whom and why.
    pub fn take_journal(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.journal)
    }

    /// Lets every view catch up, and controllers do what they have in hand, until nothing more happens by itself.
    ///
    /// Work that takes its time (a container that starts) is waited for; a retry after a failure is not.
    pub fn settle(&mut self) {
        loop {
            self.observe(self.now);
            let Some((due, work)) = self.queue.pop(self.now, true) else { break };
            self.now = self.now.max(due);
            self.perform(work);
        }
    }

    /// Moves time on to an instant; everything that falls due on the way happens.
    pub fn run_until(&mut self, until: Timestamp) {
        loop {
            self.observe(self.now);
            let Some((due, work)) = self.queue.pop(until, false) else { break };
            self.now = self.now.max(due);
            self.perform(work);
        }
        self.now = self.now.max(until);
        self.observe(self.now);
    }

    /// When the next work falls due, if there is any.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.queue.next_due()
    }

    /// Lets the views learn of all writes until an instant; each write wakes the controllers that watch for it.
    fn observe(&mut self, until: Timestamp) {
        let lag = self.setup.config.authorizer_lag.unwrap_or_default();
        let seen = until - SignedDuration::from_millis(i64::try_from(lag).unwrap_or(i64::MAX));
        self.authorizer.catch_up(&self.store, seen);
        let (queue, controllers) = (&mut self.queue, &self.setup.controllers);
        let now = self.now;
        let objects = self.store.objects();
        self.caches.catch_up(&self.store, until, |event| {
            for (number, controller) in controllers.iter().enumerate() {
                for key in (controller.wakes)(event, objects) {
                    queue.add(number, key, now);
                }
            }
        });
    }

    /// Lets one controller reconcile one key: its requests are made as whoever it is.
    fn perform(&mut self, work: queue::Work) {
        let setup = self.setup.clone();
        let Some(controller) = setup.controllers.get(work.controller) else { return };
        let cx = controllers::Cx {
            version: self.version(),
            config: &setup.config,
            now: self.now,
            cache: self.caches.objects(),
            attempt: work.attempt,
            random: &mut self.random,
        };
        let mut plan = (controller.reconcile)(cx, &work.key);
        let mut failed = None;
        for request in std::mem::take(&mut plan.requests) {
            let user = request.user.unwrap_or_else(|| controller.user(&setup.config));
            let agent = controller.name;
            let sent = Request { credential: crate::api::Credential::Known(user), ..request.request };
            let reply = self.handle_now(sent.header("User-Agent", agent));
            let ok = reply.response.ok();
            let code = reply.response.code;
            self.journal.push(Entry::new(controller.name, self.now, reply));
            if !ok {
                failed = Some(code);
                // What follows may stand on what was refused.
                if !request.optional {
                    break;
                }
            }
        }
        let again = match failed {
            // A conflict means that the cache was behind: at once, with a newer one.
            Some(409) if work.attempt < 3 => Some(Again { after: SignedDuration::from_millis(5), awaited: true }),
            Some(_) => Some(Again { after: controllers::backoff(work.attempt), awaited: false }),
            None => plan.again,
        };
        if let Some(again) = again {
            self.queue.again(work, self.now + again.after, failed.is_some(), again.awaited);
        }
    }
}

//! The machine: everything that happens is a request by somebody, and [`Cluster::handle`] is the one door.
//!
//! A cluster is config, clock, store, views, queue and random source. It does no I/O, has no threads and never looks
//! at a wall clock: time is what [`Cluster::run_until`] was told. Same config, same seed, same requests: the same bytes.
//!
//! INVARIANT (one-door): people, controllers and kubelets all write through [`Cluster::handle`]; nothing is stored
//! that was not authenticated, authorized and admitted. What a fresh server holds is the one exception.

mod aside;
mod course;
mod deviation;
mod fault;
mod fresh;
mod handle;
mod journal;
mod made;
mod meter;
mod moment;
mod outage;
mod outside;
mod queue;
mod report;
mod schedule;
mod served;
mod state;
mod steer;
#[cfg(test)]
mod tests;
mod waits;
mod work;

pub use aside::{Aside, Look, Looked, Prepared};
pub use deviation::{AtRest, Caching, Choice, Deviation, Next};
pub use fault::Fault;
pub use fresh::Fresh;
pub use handle::{Answered, Reply, Waiting};
pub use journal::Entry;
pub use made::{Made, Steps};
pub use meter::Meter;
pub use moment::{Exchange, Moment, Question};
pub use outside::{Issuer, Issuers, WantedToken, Webhook, Webhooks};
pub use report::{RequestReport, because};
pub(crate) use schedule::Coming;
pub use schedule::Patience;
pub use waits::{Asked, Errand};

use crate::admit;
use crate::api::fact::Grounds;
use crate::api::{
    Answer, Attributes, Dig, Effect, GroupResource, RequestInfo, Resources, Status, Trace, Version,
};
use crate::audit::Policy;
use crate::authenticate::{Authenticators, Cache, Memory};
use crate::authorize::{Authorizers, Knowledge, Said, rbac};
use crate::bootstrap;
use crate::certificates::Authority;
use crate::config::Config;
use crate::controllers::{self, Clocks, Controller, Exits, Mounts};
use crate::delegate::{self, Client, Dialogue, Questions};
use crate::error::Error;
use crate::json::Value;
use crate::random::Random;
use crate::registry::{News, Watcher};
use crate::store::{Key, Store, View};
use crate::tokens::SigningKey;
use imbl::OrdMap;
use jiff::Timestamp;
use queue::Queue;
use schedule::Schedule;
use served::Served;
use std::net::SocketAddr;
use std::sync::Arc;
use waits::Waits;

/// The first instant of a cluster whose time is not given: 2024-01-01T00:00:00Z.
pub const START: i64 = 1_704_067_200;

/// More work than this at one instant is controllers that never come to rest.
const RESTLESS: u32 = 100_000;

/// What of a cluster never changes: its flags and what follows from them.
#[derive(Clone)]
struct Setup {
    config: Config,
    authenticators: Authenticators,
    authorizers: Authorizers,
    plugins: admit::Chain,
    controllers: Vec<&'static Controller>,
    authority: Authority,
    root_ca: String,
    /// What is told to the audit log.
    audit: Option<Policy>,
    /// Whether somebody outside authenticates or authorizes.
    asks_outside: bool,
}

impl Setup {
    fn new(config: Config, authority: Authority, former: Option<&Arc<SigningKey>>) -> Result<Setup, Error> {
        Ok(Setup {
            authenticators: Authenticators::new(&config, former)?,
            authorizers: Authorizers::new(&config)?,
            plugins: admit::Chain::new(&config)?,
            controllers: controllers::running(&config),
            audit: config.audit_policy.as_ref().map(|file| Policy::read(file, config.version)).transpose()?,
            asks_outside: Client::authenticator(&config).is_some()
                || !config.jwt_authenticators().is_empty()
                || config.has_authorizer("Webhook"),
            root_ca: authority.certificate().pem(),
            authority,
            config,
        })
    }
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
    /// What the authorizers of another API server know, if there is one.
    other: Option<Box<Knowledge>>,
    /// Whether that one is asked now.
    at_other: bool,
    /// What admission plugins and controllers believe.
    caches: View,
    queue: Queue,
    /// Which controllers are down, by number, and until when.
    down: OrdMap<usize, Timestamp>,
    schedule: Schedule,
    journal: Vec<Entry>,
    /// Whether refused requests keep the cluster as they found it.
    keeps_moments: bool,
    /// Events of the audit log that nobody has taken yet.
    audit: Vec<Value>,
    /// What webhooks answer, where nobody asks real ones.
    webhooks: Arc<Webhooks>,
    /// What issuers of tokens publish, where nobody asks real ones.
    issuers: Arc<Issuers>,
    /// What is served: the release's own, and what definitions add.
    served: Served,
    /// Requests that nobody stands beside, waiting to go on.
    waits: Waits,
    /// What kubelets have fetched for their pods.
    mounts: Mounts,
    /// What kubelets have seen end.
    exits: Exits,
    /// How wrong their clocks are.
    clocks: Clocks,
    /// The tokens that were recognised a moment ago.
    recognised: Cache,
    /// What those outside have said of users and wishes.
    delegated: delegate::Cache,
    /// Who has acted as somebody else, and by which right.
    impersonators: Memory,
    /// What admission plugins remember.
    memory: admit::Memory,
    /// Who counts what is done, if anybody does.
    meter: Option<Meter>,
}

impl Cluster {
    /// A fresh cluster at an instant, with what a real server makes when it starts.
    ///
    /// # Errors
    /// The flags do not go together, or a file that they name is wrong.
    pub fn new(config: Config, now: Timestamp) -> Result<Cluster, Error> {
        Cluster::among(config, now, Webhooks::default())
    }

    /// A fresh cluster among webhooks, which may be asked from the first request on.
    ///
    /// # Errors
    /// The flags do not go together, or a file that they name is wrong.
    pub fn among(config: Config, now: Timestamp, webhooks: Webhooks) -> Result<Cluster, Error> {
        let key = config.cluster_signing_key.as_ref().map(|file| {
            let key = SigningKey::from_pem(&String::from_utf8_lossy(&file.text));
            key.map_err(|why| Error::new(why).in_file(&file.path))
        });
        let authority = Authority::of_cluster(now, config.seed, key.transpose()?);
        Cluster::of_authority(config, now, webhooks, authority)
    }

    /// A fresh cluster with the authority that its flags ask for.
    fn of_authority(
        config: Config,
        now: Timestamp,
        webhooks: Webhooks,
        authority: Authority,
    ) -> Result<Cluster, Error> {
        let setup = Setup::new(config, authority, None)?;
        let mut cluster = Cluster {
            now,
            store: Store::default(),
            random: Random::new(setup.config.seed),
            authorizer: Knowledge::default(),
            other: None,
            at_other: false,
            caches: View::default(),
            queue: Queue::default(),
            down: OrdMap::new(),
            schedule: Schedule::new(setup.config.seed, setup.config.shuffle),
            journal: Vec::new(),
            keeps_moments: false,
            audit: Vec::new(),
            webhooks: Arc::new(webhooks),
            issuers: Arc::default(),
            served: Served::by(setup.config.resources()),
            waits: Waits::default(),
            mounts: Mounts::default(),
            exits: Exits::default(),
            clocks: Clocks::default(),
            recognised: Cache::default(),
            delegated: delegate::Cache::default(),
            impersonators: Memory::default(),
            memory: admit::Memory::default(),
            meter: None,
            setup: Arc::new(setup),
        };
        cluster.bootstrap();
        cluster.start();
        cluster.settle();
        cluster.authorizer.catch_up(&cluster.store, cluster.now);
        cluster.journal.clear();
        cluster.audit.clear();
        Ok(cluster)
    }

    /// Stops API server and controllers, and starts them with other flags; what is stored stays.
    ///
    /// # Errors
    /// As of [`Cluster::new`]; the cluster then is as it was.
    pub fn restart(&mut self, config: Config) -> Result<(), Error> {
        let former = self.setup.authenticators.bearer.key();
        self.setup = Arc::new(Setup::new(config, self.setup.authority.clone(), Some(former))?);
        // Informers list anew, and queues are filled from what they find.
        self.authorizer = Knowledge::default();
        self.caches = View::default();
        self.served = Served::by(self.setup.config.resources());
        self.queue = Queue::default();
        self.down = OrdMap::new();
        self.waits.clear();
        self.recognised = Cache::default();
        self.delegated = delegate::Cache::default();
        self.impersonators = Memory::default();
        self.memory = admit::Memory::default();
        self.start();
        Ok(())
    }

    /// Stores what a fresh server holds.
    fn bootstrap(&mut self) {
        let config = &self.setup.config;
        let client_ca =
            config.client_ca.as_ref().map(|file| String::from_utf8_lossy(&file.text).into_owned());
        let settings = bootstrap::Settings {
            config,
            rbac: config.has_authorizer("RBAC"),
            nodes_by_rbac: config.nodes > 0 && !config.has_authorizer("Node"),
            now: &crate::api::time(self.now),
            secure_port: config.address.port(),
            client_ca: &client_ca.unwrap_or_default(),
        };
        for (group, resource, mut object) in bootstrap::objects(config.version, settings) {
            crate::pipeline::stamp(&mut object, self.random.uid(), self.now);
            let resource = GroupResource::new(group, resource).to_string();
            let key = Key::new(&resource, object.namespace(), object.name());
            self.store.load(key, object, self.now);
        }
    }

    /// Gives controllers what they look at first. A server is ready once its authorizer has listed what is there; where that is
    /// left to chance, a request may come before, as from a client that does not look at `/readyz`.
    fn start(&mut self) {
        if !self.schedule.is_chance() {
            self.authorizer.catch_up(&self.store, self.now);
        }
        for (number, controller) in self.setup.controllers.iter().enumerate() {
            for key in (controller.starts)(&self.setup.config) {
                self.queue.add(number, key, self.now);
            }
        }
    }

    /// Tells at which address the server is reached, once that is known.
    pub fn is_reached_at(&mut self, address: SocketAddr) {
        Arc::make_mut(&mut self.setup).config.address = address;
    }

    /// Which Kubernetes this is.
    pub fn version(&self) -> Version {
        self.setup.config.version
    }

    /// What is served: what the release has by itself, and what definitions add.
    pub fn resources(&self) -> &Arc<Resources> {
        self.served.resources()
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

    /// The authority that signs the cluster's certificates.
    pub fn authority(&self) -> &Authority {
        &self.setup.authority
    }

    /// What kubelets have fetched for their pods.
    pub fn mounts(&self) -> &Mounts {
        &self.mounts
    }

    /// A container's main process has ended, with that code: the kubelet of its pod looks at it.
    pub(crate) fn container_ended(&mut self, pod: &Value, container: &str, code: i64) {
        self.exits.insert((pod.uid().to_owned(), container.to_owned()), code);
        let kubelet = controllers::kubelet::CONTROLLER.name;
        if let Some(number) = self.setup.controllers.iter().position(|controller| controller.name == kubelet)
        {
            self.queue.add(number, Key::new("pods", pod.namespace(), pod.name()), self.now);
        }
    }

    /// What account tokens are signed with.
    pub fn token_key(&self) -> &Arc<SigningKey> {
        self.setup.authenticators.bearer.key()
    }

    /// What the authorizers know.
    pub fn knowledge(&self) -> &Knowledge {
        &self.authorizer
    }

    /// What is new to a watcher: about so many bytes of it.
    pub fn news(&self, watcher: &mut Watcher, most: usize) -> News {
        let mut news = watcher.news(&self.store, self.setup.config.version, self.now, most);
        for event in &mut news.events {
            crate::registry::complete_tokens(&mut event["object"], self.token_key());
        }
        news
    }

    /// What the authorizers say of somebody's wish, now.
    pub fn decide(&self, attributes: &Attributes) -> Said {
        self.aside(|outside| self.setup.authorizers.decide(&self.authorizer, outside, attributes))
    }

    /// Whom RBAC allows something, with the binding and the rule that do; with `anywhere`, in whichever namespace.
    pub fn who_can(&self, info: &RequestInfo, anywhere: bool) -> Vec<Grounds> {
        rbac::holders(self.authorizer.rbac(), info, anywhere)
    }

    /// Asks the authorizers as a request would: the refusal, if they refuse, and all that they found.
    pub fn ask(&self, attributes: &Attributes) -> (Option<Status>, Trace) {
        let (refused, mut trace) = self.aside(|outside| {
            let (info, user) = (attributes.info.clone(), Some(attributes.user.clone()));
            let mut trace = Trace { info, user, ..Trace::default() };
            let (by, knowledge) = (&self.setup.authorizers, &self.authorizer);
            let refused = crate::authorize::ask(by, knowledge, outside, attributes, &mut trace);
            (refused.err().map(Status::from), trace)
        });
        self.explain(&mut trace);
        (refused, trace)
    }

    /// Asks something that is no request: those outside say at once what a scenario has them say, and nobody remembers it.
    pub(super) fn aside<T>(&self, ask: impl Fn(&Questions) -> T) -> T {
        let (mut dialogue, mut cache) = (Dialogue::default(), self.delegated.clone());
        loop {
            let questions = Questions::new(&cache, self.now, dialogue);
            let said = ask(&questions);
            let (heard, open) = questions.end();
            dialogue = heard;
            let Some(open) = open else { return said };
            let answer = match open.effect() {
                Effect::Post(post) => Answer::Post(self.webhooks.answer(&post).0),
                Effect::Get(_) | Effect::Pause(_) | Effect::Request(_) => Answer::Passed,
            };
            open.heard(Some(answer), &mut dialogue, &mut cache, self.now);
        }
    }

    /// Puts objects into the store as they are, as a backup is restored; what is there already is overwritten.
    pub fn restore(&mut self, objects: impl IntoIterator<Item = (Key, Value)>) {
        for (key, object) in objects {
            self.store.load(key, object, self.now);
        }
        self.settle();
    }

    /// Takes objects out of the store, as if they had never been there.
    pub fn forget(&mut self, keys: &[Key]) {
        keys.iter().for_each(|key| drop(self.store.unload(key, self.now)));
    }

    /// A cluster that goes on from here on its own; this one is not touched by it.
    pub fn fork(&self) -> Cluster {
        self.clone()
    }

    /// What happened since this was last asked, by whom and why.
    pub fn take_journal(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.journal)
    }

    /// Says what some webhooks answer from now on; the others answer as before.
    pub fn change_webhooks(&mut self, webhooks: &Webhooks) {
        self.webhooks = Arc::new(webhooks.or(&self.webhooks));
    }

    /// Says what some issuers publish from now on; the others publish what they did.
    pub fn change_issuers(&mut self, issuers: &Issuers) {
        self.issuers = Arc::new(issuers.or(&self.issuers));
    }

    /// A token of an issuer outside, as it gives one now.
    ///
    /// # Errors
    /// There is no such issuer.
    pub fn token_of_issuer(&self, wanted: &WantedToken<'_>) -> Result<String, Error> {
        let given = self.issuers.token(wanted, self.now, self.setup.config.seed);
        given.map_err(|why| Error::new(why).nearest(wanted.issuer, self.issuers.names()))
    }

    /// The events of the audit log since this was last asked; none without an audit policy.
    pub fn take_audit(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.audit)
    }

    /// What a controller would want about a key.
    #[cfg(test)]
    pub(crate) fn look(&self, controller: &Controller, key: &Key, random: &mut Random) -> controllers::Plan {
        (controller.reconcile)(self.cx(&self.setup, random), key)
    }

    fn cx<'a>(&'a self, setup: &'a Setup, random: &'a mut Random) -> controllers::Cx<'a> {
        controllers::Cx {
            version: setup.config.version,
            config: &setup.config,
            resources: self.served.resources(),
            now: self.now,
            cache: self.caches.objects(),
            live: self.store.objects(),
            root_ca: &setup.root_ca,
            authority: &setup.authority,
            key: setup.authenticators.bearer.key(),
            mounts: &self.mounts,
            exits: &self.exits,
            clocks: &self.clocks,
            random,
        }
    }
}

//! The machine: everything that happens is a request by somebody, and [`Cluster::handle`] is the one door.
//!
//! A cluster is config, clock, store, views, queue and random source. It does no I/O, has no threads and never looks
//! at a wall clock: time is what [`Cluster::run_until`] was told. Same config, same seed, same requests: the same bytes.
//!
//! INVARIANT (one-door): people, controllers and kubelets all write through [`Cluster::handle`]; nothing is stored
//! that was not authenticated, authorized and admitted. What a fresh server holds is the one exception.

mod aside;
mod deviation;
mod fresh;
mod handle;
mod journal;
mod moment;
mod outside;
mod queue;
mod report;
mod schedule;
mod served;
#[cfg(test)]
mod tests;
mod waits;
mod work;

pub use aside::{Aside, Look, Looked, Prepared};
pub use deviation::{AtRest, Caching, Choice, Deviation, Made, Next};
pub use fresh::Fresh;
pub use handle::{Answered, Reply, Waiting};
pub use journal::Entry;
pub use moment::{Exchange, Moment, Question};
pub use outside::{Issuer, Issuers, WantedToken, Webhook, Webhooks};
pub use report::{RequestReport, because};
pub use schedule::Patience;
pub use waits::{Asked, Errand};

use crate::admit;
use crate::api::custom::{API_SERVICES, DEFINITIONS};
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
use crate::controllers::{self, Controller, Mounts};
use crate::delegate::{self, Client, Dialogue, Questions};
use crate::error::Error;
use crate::json::Value;
use crate::random::Random;
use crate::registry::{News, Watcher};
use crate::store::{Key, Store, View};
use crate::tokens::SigningKey;
use jiff::{SignedDuration, Timestamp};
use queue::{Queue, Work};
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
    /// What admission plugins and controllers believe.
    caches: View,
    queue: Queue,
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
    /// The tokens that were recognised a moment ago.
    recognised: Cache,
    /// What those outside have said of users and wishes.
    delegated: delegate::Cache,
    /// Who has acted as somebody else, and by which right.
    impersonators: Memory,
    /// What admission plugins remember.
    memory: admit::Memory,
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
            caches: View::default(),
            queue: Queue::default(),
            schedule: Schedule::new(setup.config.seed, setup.config.shuffle),
            journal: Vec::new(),
            keeps_moments: false,
            audit: Vec::new(),
            webhooks: Arc::new(webhooks),
            issuers: Arc::default(),
            served: Served::by(setup.config.resources()),
            waits: Waits::default(),
            mounts: Mounts::default(),
            recognised: Cache::default(),
            delegated: delegate::Cache::default(),
            impersonators: Memory::default(),
            memory: admit::Memory::default(),
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

    /// Gives controllers what they look at first. A server is ready once its authorizer has listed what is there.
    fn start(&mut self) {
        self.authorizer.catch_up(&self.store, self.now);
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

    /// Lets every view catch up, and controllers do what they have in hand, until nothing more happens by itself.
    ///
    /// Work that takes its time (a container that starts) is waited for; a retry after a failure is not.
    pub fn settle(&mut self) {
        self.work(self.now, true);
    }

    /// Leaves to chance, from now on, what a real cluster leaves to it: all of it is drawn from a seed.
    pub fn draw_schedule(&mut self, seed: u64) {
        self.schedule = Schedule::drawn(seed);
    }

    /// Goes the usual order from now on, but for what a list says.
    pub fn follow_schedule(&mut self, list: Vec<Deviation>) {
        self.schedule = Schedule::told(list);
    }

    /// What fell otherwise than usual so far.
    pub fn deviations(&self) -> &[Made] {
        self.schedule.made()
    }

    /// The first of the [list](Cluster::follow_schedule) that did not happen.
    pub fn missed_deviation(&self) -> Option<usize> {
        self.schedule.missed()
    }

    /// A step of a scenario is done: what follows by itself follows, as far as whoever comes next waits for it. A step without
    /// a number is one on a fork, where everything is as usual.
    pub fn end_step(&mut self, number: Option<usize>, patience: Patience) {
        let mut next = self.schedule.end_step(number, patience, self.now);
        if let Next::After(steps) = next {
            self.waits.give_room(Some(steps));
        }
        self.settle();
        if !self.waits.is_over() {
            next = Next::AtRest(AtRest::AtRest);
        }
        self.waits.give_room(None);
        let (queue, controllers) = (&self.queue, &self.setup.controllers);
        // What is awaited and has not happened yet: works by controller and key, in order.
        let not_yet = || queue.awaited().map(|work| called(controllers, work)).collect();
        self.schedule.came(next, patience, not_yet);
    }

    /// Lets every view learn of all writes, however far behind it is; no controller does anything yet.
    pub fn catch_up(&mut self) {
        self.schedule.lets_hear();
        self.observe(self.now + self.authorizer_lag());
    }

    /// How far the authorizers' knowledge is behind.
    fn authorizer_lag(&self) -> SignedDuration {
        let lag = self.setup.config.authorizer_lag.unwrap_or_default();
        SignedDuration::from_millis(i64::try_from(lag).unwrap_or(i64::MAX))
    }

    /// Moves time on to an instant; everything that falls due on the way happens.
    pub fn run_until(&mut self, until: Timestamp) {
        self.work(until, false);
        self.now = self.now.max(until);
        self.observe(self.now);
    }

    /// The same, as long as whoever watches says so, who is asked before each piece of work; whether the instant came. Where it
    /// did not, all that fell due by the time that came has happened.
    pub fn run_while(&mut self, until: Timestamp, goes_on: &mut dyn FnMut(Timestamp) -> bool) -> bool {
        if self.work_while(until, false, goes_on) {
            self.run_until(until);
            return true;
        }
        // At a full second, which can be written down as how long was waited.
        let whole = Timestamp::from_second(self.now.as_second() + 1).unwrap_or(until);
        self.run_until(whole.min(until));
        false
    }

    /// Moves time on to an instant, and lets controllers take so many steps on the way; what they leave undone they do later.
    /// Whether everything was done that falls due.
    ///
    /// For whoever must answer others meanwhile, as a real server does while its controllers are busy.
    pub fn run_steps(&mut self, until: Timestamp, steps: usize) -> bool {
        self.waits.give_room(Some(steps));
        self.run_until(until);
        let done = !self.waits.is_over();
        self.waits.give_room(None);
        done
    }

    /// Does what falls due by an instant, or what is waited for, as long as there is room for it.
    fn work(&mut self, until: Timestamp, settle: bool) {
        self.work_while(until, settle, &mut |_| true);
    }

    /// The same, as long as whoever watches says so: whether they always did.
    fn work_while(
        &mut self,
        until: Timestamp,
        settle: bool,
        goes_on: &mut dyn FnMut(Timestamp) -> bool,
    ) -> bool {
        let mut at_once = 0;
        while !self.waits.is_over() {
            if !goes_on(self.now) {
                return false;
            }
            self.observe(self.now);
            if let Some(progress) = self.waits.take_left() {
                self.go_on_with(progress);
                continue;
            }
            let waits = self.waits.next_due().filter(|due| settle || *due <= until);
            let work = self.queue.first(until, settle);
            let expiry = self.next_expiry().filter(|due| *due <= until);
            let Some(due) = waits.into_iter().chain(work).chain(expiry).min() else { break };
            at_once = if due > self.now { 0 } else { at_once + 1 };
            if expiry == Some(due) {
                self.now = self.now.max(due);
                self.waits.step();
                self.store.expire_oldest(self.now);
            } else if waits == Some(due) {
                self.now = self.now.max(due);
                self.waits.step();
                self.go_on_with_first();
            } else if let Some(work) = self.pop(until, settle) {
                assert!(
                    at_once < RESTLESS,
                    "controllers wake each other for ever at {} (seed {}): {work:?}",
                    self.now,
                    self.setup.config.seed
                );
                self.now = self.now.max(due);
                self.perform(work);
            }
        }
        true
    }

    /// The work that goes next.
    fn pop(&mut self, until: Timestamp, settle: bool) -> Option<Work> {
        let (controllers, schedule) = (&self.setup.controllers, &mut self.schedule);
        let choose = |works: &mut dyn Iterator<Item = &Work>| {
            schedule.choose(works.map(|work| called(controllers, work)))
        };
        self.queue.pop(self.now, until, settle, choose)
    }

    /// When the next object goes that is kept for a time only (`--event-ttl`).
    fn next_expiry(&self) -> Option<Timestamp> {
        let seconds = self.setup.config.event_ttl;
        let time = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
        // A lease of no time is none.
        let written = self.store.oldest_lease().filter(|_| seconds > 0)?;
        Some(written.saturating_add(time).unwrap_or(Timestamp::MAX))
    }

    /// When the next work falls due, if there is any.
    pub fn next_due(&self) -> Option<Timestamp> {
        let left = self.waits.has_left().then_some(self.now);
        let due = left.into_iter().chain(self.queue.next_due()).chain(self.waits.next_due());
        due.chain(self.next_expiry()).min()
    }

    /// Lets the views learn of all writes until an instant; each write wakes the controllers that watch for it.
    fn observe(&mut self, until: Timestamp) {
        let lag = self.authorizer_lag();
        if !self.schedule.holds(Caching::Authorizer, self.now) {
            self.authorizer.catch_up(&self.store, until - lag);
        }
        if self.schedule.holds(Caching::Controllers, self.now) {
            return;
        }
        let (queue, controllers) = (&mut self.queue, &self.setup.controllers);
        let now = self.now;
        let objects = self.store.objects();
        let mounts = &mut self.mounts;
        let mut defined = false;
        let anew = self.caches.catch_up(&self.store, until, |event| {
            defined |= matches!(&*event.key.resource, DEFINITIONS | API_SERVICES);
            if let ("pods", Some(pod), None) = (&*event.key.resource, &event.old, &event.new) {
                forget(mounts, pod.uid());
            }
            for (number, controller) in controllers.iter().enumerate() {
                for key in (controller.wakes)(event, objects) {
                    queue.add(number, key, now + controller.delay);
                }
            }
        });
        if defined || anew {
            self.served.follow(self.caches.objects(), self.store.revision());
        }
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
            random,
        }
    }
}

/// How a schedule calls a work: by its controller and key.
fn called(controllers: &[&'static Controller], work: &Work) -> String {
    let name = controllers.get(work.controller).map(|controller| controller.name).unwrap_or_default();
    format!("{name} {}", work.key)
}

/// What a kubelet held for a pod goes with the pod.
fn forget(mounts: &mut Mounts, uid: &str) {
    let of_pod = |(pod, _): &&(String, String)| pod == uid;
    let places: Vec<(String, String)> = mounts.keys().filter(of_pod).cloned().collect();
    for place in places {
        mounts.remove(&place);
    }
}

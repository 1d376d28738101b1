//! Controllers, the scheduler and the kubelet: ordinary clients that reconcile.
//!
//! A controller is a row of [`ALL`]: which writes wake it, and what it does about one object. It reads its cache,
//! returns the requests that it wants made, and keeps no state: all it knows is what is stored. Its requests go
//! through the API server like anybody's, as the service account that kube-controller-manager uses for it
//! (`--use-service-account-credentials`) or as kube-controller-manager itself.
//!
//! INVARIANT (quiet): reconciling what is already as it should be asks for nothing.

mod accounts;
mod aggregation;
mod api_services;
mod calls;
mod certificates;
mod cron_job;
mod daemon_set;
mod definitions;
mod deployment;
mod disruption;
mod endpoints;
mod garbage_collector;
mod job;
pub(crate) mod kubelet;
mod namespace;
mod node_lifecycle;
mod policy_status;
mod protection;
mod replica_set;
mod resource_quota;
mod root_ca;
mod scheduler;
mod service_account;
mod stateful_set;
#[cfg(test)]
mod tests;
mod token_cleaner;
mod token_secrets;

/// What kubelets fetched, or what they were told instead (a Status): by a pod's uid, and which of its sources it is.
pub(crate) type Mounts = imbl::OrdMap<(String, String), std::sync::Arc<crate::json::Value>>;

/// How far the clocks of kubelets are ahead of the API server's, by node; those that are right are not in it.
pub(crate) type Clocks = imbl::OrdMap<String, SignedDuration>;

/// The exit codes of containers that have ended before their command would: by a pod's uid and the container's name.
pub(crate) type Exits = imbl::OrdMap<(String, String), i64>;

use crate::api::{Request, Resources, Response, User, Version};
use crate::certificates::Authority;
use crate::config::Config;
use crate::random::Random;
use crate::store::{Event, Key, Objects};
use crate::tokens::SigningKey;
use jiff::{SignedDuration, Timestamp};

/// One controller.
pub(crate) struct Controller {
    /// Its name, as `--controllers` has it since 1.28.
    pub name: &'static str,
    /// As whom it acts.
    pub acts_as: ActsAs,
    /// Which keys a write wakes.
    pub wakes: fn(&Event, &Objects) -> Vec<Key>,
    /// What it wants done about one key.
    pub reconcile: fn(Cx<'_>, &Key) -> Plan,
    /// What it tells of a request of its plan that was refused, before it tries again later.
    pub refused: fn(Cx<'_>, &Key, &Response) -> Plan,
    /// What it looks at when the cluster starts.
    pub starts: fn(&Config) -> Vec<Key>,
    /// How long after a write it looks.
    pub delay: SignedDuration,
}

/// Whom a controller acts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ActsAs {
    /// A service account of kube-system, where controllers have their own; else kube-controller-manager.
    Account(&'static str),
    /// kube-controller-manager itself, even where its controllers have accounts.
    Manager,
    /// The API server itself, whose controllers always run.
    Server,
    /// A component with a user name of its own (`system:kube-scheduler`).
    Component(&'static str),
    /// The kubelet of a node; each request names it.
    Kubelet,
}

/// What a controller may look at, and draw from.
pub(crate) struct Cx<'a> {
    /// Which Kubernetes.
    pub version: Version,
    /// The cluster's flags.
    pub config: &'a Config,
    /// What is served.
    pub resources: &'a Resources,
    /// The time.
    pub now: Timestamp,
    /// What its informers hold.
    pub cache: &'a Objects,
    /// What is stored, as the answers to its own requests tell it.
    pub live: &'a Objects,
    /// The certificate of the cluster's authority (PEM).
    pub root_ca: &'a str,
    /// The cluster's authority, for whoever signs certificates.
    pub authority: &'a Authority,
    /// The key of the cluster's tokens, for whoever makes them.
    pub key: &'a SigningKey,
    /// What kubelets have fetched for their pods.
    pub mounts: &'a Mounts,
    /// What kubelets have seen end.
    pub exits: &'a Exits,
    /// How wrong their clocks are.
    pub clocks: &'a Clocks,
    /// Its source of randomness.
    pub random: &'a mut Random,
}

/// What a controller wants.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    /// Requests in order; the first that fails ends the plan, and the key is tried again later.
    pub requests: Vec<Call>,
    /// When to look at the key again though nothing has changed.
    pub again: Option<Again>,
}

/// A request of a controller.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    /// What is asked.
    pub request: Request,
    /// Who asks, where it isn't the controller itself (a kubelet, by node).
    pub user: Option<User>,
    /// Whether the plan goes on when this is refused.
    pub optional: bool,
    /// Where a kubelet keeps the answer: a pod's uid, and which of its sources it is; of an optional call a refusal, too.
    pub keep: Option<(String, String)>,
    /// What follows once this was granted (an event that names what was created).
    pub then: Option<fn(Cx<'_>, &Key, &Response) -> Plan>,
}

impl Call {
    /// A request of the controller itself.
    pub(crate) fn new(request: Request) -> Call {
        Call { request, user: None, optional: false, keep: None, then: None }
    }
}

/// A later look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Again {
    /// After how long.
    pub after: SignedDuration,
    /// Whether the cluster is not at rest before (a container that starts), or is (an expiry hours away).
    pub awaited: bool,
}

impl From<Request> for Plan {
    fn from(request: Request) -> Plan {
        Plan { requests: vec![Call::new(request)], again: None }
    }
}

impl Plan {
    /// Asks for a request.
    pub(crate) fn call(&mut self, request: Request) {
        self.requests.push(Call::new(request));
    }

    /// Asks for a request, and for what follows once it was granted.
    pub(crate) fn call_then(&mut self, request: Request, then: fn(Cx<'_>, &Key, &Response) -> Plan) {
        self.requests.push(Call { then: Some(then), ..Call::new(request) });
    }

    /// Asks for a request whose failure does not matter to the rest (an event).
    pub(crate) fn try_call(&mut self, request: Request) {
        self.requests.push(Call { optional: true, ..Call::new(request) });
    }

    /// Comes back later, to go on with something under way.
    pub(crate) fn go_on_after(&mut self, after: SignedDuration) {
        self.again = Some(Again { after, awaited: true });
    }

    /// Comes back when something falls due, unless it comes back earlier anyway.
    pub(crate) fn look_again_before(&mut self, after: SignedDuration) {
        if self.again.is_none_or(|again| after < again.after) {
            self.again = Some(Again { after, awaited: false });
        }
    }
}

impl Controller {
    /// A controller that says nothing of failures and starts with nothing.
    const fn new(
        name: &'static str,
        acts_as: ActsAs,
        wakes: fn(&Event, &Objects) -> Vec<Key>,
        reconcile: fn(Cx<'_>, &Key) -> Plan,
    ) -> Controller {
        Controller {
            name,
            acts_as,
            wakes,
            reconcile,
            refused: |_, _, _| Plan::default(),
            starts: |_| Vec::new(),
            delay: SignedDuration::ZERO,
        }
    }

    /// What the controller's requests say of their sender (`User-Agent`): the program that it runs in, then its name.
    pub(crate) fn agent(&self) -> String {
        match self.acts_as {
            ActsAs::Server => "kube-apiserver".to_owned(),
            ActsAs::Account(_) | ActsAs::Manager => format!("kube-controller-manager/{}", self.name),
            ActsAs::Component(_) | ActsAs::Kubelet => self.name.to_owned(),
        }
    }

    /// As whom this controller's requests are made.
    pub(crate) fn user(&self, config: &Config) -> User {
        match self.acts_as {
            ActsAs::Account(name) if config.use_service_account_credentials => {
                User::named(&format!("system:serviceaccount:kube-system:{name}"))
            }
            // The recorded servers' controllers worked as one administrator.
            ActsAs::Manager if config.use_service_account_credentials => {
                User::new("system:kube-controller-manager", &[])
            }
            ActsAs::Account(_) | ActsAs::Manager => {
                User::new("system:kube-controller-manager", &["system:masters"])
            }
            ActsAs::Server => User::new("system:apiserver", &["system:masters"]),
            ActsAs::Component(name) => User::new(name, &[]),
            ActsAs::Kubelet => User::new("system:node:", &["system:nodes"]),
        }
    }
}

/// Every controller, in the order in which they hear of a write.
pub(crate) const ALL: &[Controller] = &[
    definitions::NAMING,
    definitions::ESTABLISHING,
    definitions::APPROVAL,
    definitions::FINALIZING,
    api_services::REGISTERING,
    api_services::AVAILABLE,
    accounts::CONTROLLER,
    service_account::CONTROLLER,
    token_secrets::CONTROLLER,
    token_cleaner::CONTROLLER,
    root_ca::CONTROLLER,
    namespace::CONTROLLER,
    garbage_collector::CONTROLLER,
    aggregation::CONTROLLER,
    policy_status::CONTROLLER,
    resource_quota::CONTROLLER,
    certificates::APPROVING,
    certificates::SIGNING,
    certificates::CLEANER,
    deployment::CONTROLLER,
    replica_set::CONTROLLER,
    replica_set::REPLICATION_CONTROLLER,
    daemon_set::CONTROLLER,
    stateful_set::CONTROLLER,
    cron_job::CONTROLLER,
    job::CONTROLLER,
    job::TTL,
    disruption::CONTROLLER,
    endpoints::ENDPOINTS,
    endpoints::SLICE,
    protection::CLAIM,
    protection::VOLUME,
    node_lifecycle::CONTROLLER,
    node_lifecycle::POD_GC,
    scheduler::CONTROLLER,
    kubelet::CONTROLLER,
];

/// The controllers that run under these flags.
pub(crate) fn running(config: &Config) -> Vec<&'static Controller> {
    let runs = |controller: &&Controller| match controller.acts_as {
        ActsAs::Account(_) | ActsAs::Manager => config.runs_controller(controller.name),
        ActsAs::Server => true,
        ActsAs::Component(_) | ActsAs::Kubelet => config.nodes > 0,
    };
    ALL.iter().filter(runs).collect()
}

/// How long a key rests after its `attempt`th failure (client-go's default rate limiter: 5 ms doubled, up to 1000 s).
pub(crate) fn backoff(attempt: u32) -> SignedDuration {
    SignedDuration::from_millis(5i64.checked_shl(attempt.min(20)).unwrap_or(i64::MAX).min(1_000_000))
}

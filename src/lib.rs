//! kubeverdict: what would the Kubernetes API server say, and why?
//!
//! A Kubernetes cluster's security behaviour as one deterministic state machine: namespaces, pods, service accounts,
//! token minting, admission control and RBAC, with the controllers around them, on a virtual clock and a seeded source
//! of randomness. Same scenario, same seed: the same bytes, on every machine.
//!
//! # The one idea
//!
//! Everything that happens is a [`Request`](api::Request) by somebody: a person at kubectl, curl in a pod, a
//! controller, a kubelet. Every request goes the same way, once, forwards, and each stage's type is the next one's
//! input:
//!
//! ```text
//! Request -> Authenticated -> Authorized -> Draft -> Mutated -> Contained -> Valid -> Admitted -> Change -> Event
//!   -> controllers -> Request …
//!
//! authenticate (401) -> impersonate (400, 403, 500) -> authorize (403) -> route (404, 405, 406) -> decode (400, 415)
//!   -> mutate (403, 500) -> escalate (403) -> validate (422) -> enforce (403, 422, a webhook's own) -> commit (404, 409)
//! ```
//!
//! - An outsider gets 401 or 403 before the route table or the body is looked at.
//! - Each of these types has private fields, and only its stage makes one; of what was admitted comes a
//!   [`Change`](store::Change), and without one no request writes. [`pipeline::admit`] is the one way through.
//! - Each stage leaves [`Finding`](api::Finding)s in the request's [`Trace`](api::Trace), each with typed
//!   [`Fact`](api::Fact)s from whoever decided. Verdict line, snapshot, explanation, walk and book are renderings of that
//!   trace: texts are for reading and no front end looks into one.
//! - What a refused authorization rests on (what came nearest, what is stored and not known yet) is looked up once, at the
//!   door of whoever wants to read of it ([`Cluster::exchange`](cluster::Cluster::exchange)), in the cluster as the request
//!   found it.
//! - A stage may need an answer from outside (a webhook) or a pause: the machine answers
//!   [`Wait`](cluster::Answered::Wait), goes on with other requests, and takes this one up again with the answer.
//! - What is much work is done in a fork, [`Aside`](cluster::Answered::Aside), where a server drives the machine; what was
//!   written there is taken over, unless others have written to the same objects meanwhile.
//! - Three kinds of "no", never mixed: a [`Status`](api::Status) is modelled behaviour, an [`Error`](error::Error) is
//!   bad user input, a panic is a bug of ours.
//!
//! # The machine
//!
//! [`Cluster`](cluster::Cluster) = config + clock + store + views + queue + random source. No I/O, no threads, no wall
//! clock, no order that a hash decides, no floats: time and randomness are arguments. A [fork](cluster::Cluster::fork) is cheap,
//! because the [`store`] is a persistent map.
//!
//! A real server's authorizer, plugins and controllers read caches that lag behind etcd. Here such a cache is a
//! [`View`](store::View): the store at an earlier revision. Views catch up when things [settle](cluster::Cluster::settle)
//! or time passes. What a server remembers for a time (whom it recognised) is [`Expiring`](store::Expiring).
//!
//! Objects travel and are stored as JSON. What a release knows of kinds, fields and merge keys is data
//! ([`api::Resources`], [`api::schema`]), and so is what a fresh cluster holds ([`bootstrap`]); what a kind does with its
//! objects is a row of [`kinds`]. Any other
//! difference between releases is a row of one table (`api/differences.rs`), with its source, asked where it matters.
//!
//! A custom resource is a kind that arrives at run time. A definition that is established (`controllers/definitions.rs`)
//! becomes rows like any built-in kind's in the table of *this* cluster ([`Resources`](api::Resources) has the built-in rows and,
//! by `api/custom.rs`, those of `api/definitions.rs`), its schema a type of `api/structural/`, and its behaviour
//! `kinds/custom/`: one more `kinds::Strategy`. Authorization, admission, quota, garbage collection, discovery and kubectl see a
//! row, and never ask where it came from. What is stored stands in the storage version; `pipeline/convert.rs` is the one place
//! where it changes, in and out.
//!
//! # As a library
//!
//! ```
//! use kubeverdict::api::{Request, User, Version};
//! use kubeverdict::cluster::{Cluster, START};
//! use kubeverdict::config::Config;
//!
//! let start = jiff::Timestamp::from_second(START)?;
//! let mut cluster = Cluster::new(Config::new(Version::DEFAULT), start).expect("the flags are good");
//! cluster.keep_moments();
//! let asked = Request::new("GET", "/api/v1/nodes").by(User::named("alice"));
//! let told = kubeverdict::explain::explain(&kubeverdict::cluster::RequestReport::of(&cluster.exchange(asked)));
//! assert_eq!((told.code, told.reason.as_str()), (403, "Forbidden"));
//! assert_eq!(told.cures.expect("it was refused").found[0].title, "a cluster role and a binding for just this");
//! # Ok::<(), jiff::Error>(())
//! ```
//!
//! Without its features (`default-features = false`) the library is pure: no socket, no thread, no randomness of the system. It is
//! then built for `wasm32-unknown-unknown`, too, where [`play`] gives the same answers; `examples/wasm` shows how. The feature
//! `serve` adds [`server`] and [`files`], `cli` the subcommands.
//!
//! # Where to begin
//!
//! | question | place |
//! | --- | --- |
//! | what happens to a request | [`Cluster::handle`](cluster::Cluster::handle), then `src/cluster/handle.rs` from top to bottom |
//! | what happens to a write | [`pipeline::admit`]: the stages in order, with the verb's part between them |
//! | who may | `src/authorize/chain.rs`, and RBAC's index in `src/authorize/rbac/` |
//! | what a plugin, a controller or a kind does | its file; the lists are [`admit::CHAIN`], `src/controllers/mod.rs`, `src/kinds/mod.rs` |
//! | why a scenario came out so | [`explain::explain`] of a [`RequestReport`](cluster::RequestReport) |
//!
//! # What is deliberately not here
//!
//! No containers run, no packets travel, nothing is scheduled by load: a kubelet says what a node would say, and a program that
//! it doesn't know is told as such. What a stream to a pod carries is the server's and no verdict: a few commands, and a line at a
//! port. No etcd: revisions are counted, compaction is not. No aggregated API server is ever reached: a
//! group that one should serve answers 503. What a
//! module leaves out of its part stands under "Differs from Kubernetes"; what can be asked for and is not modelled is an
//! error that names it, never a silent success. Nothing here is tuned for more than one cluster on one thread: whoever wants
//! many runs many.
//!
//! # The modules, in the order that things pass through them
//!
//! | module | what |
//! | --- | --- |
//! | [`cli`] | arguments in, print, exit code; one file a subcommand |
//! | [`play`] | a playground: manifests, questions and lines at one cluster, each change judged at once |
//! | [`book`] | scenarios as pages for a browser |
//! | [`access`] | the access graph: who is bound to what, and what follows, verb by resource |
//! | [`prompt`] | lines that are typed one after the other at a cluster, and the session that becomes a scenario |
//! | [`releases`] | what changed between two releases, read from the machine's own tables |
//! | [`rights`] | what roles and bindings come to: what never matches, what is unused, the least that would do |
//! | [`paths`] | how far somebody gets: the ways up, each carried out on a fork, and what cuts them |
//! | [`explore`] | a scenario in other orders, of actors and with faults, too: seeds, or every order; endings, the shortest way to each, properties that are broken |
//! | [`scenario`] | the file format, the runner, the report and its snapshot, steps explained and guessed |
//! | [`upgrade`] | two releases asked the same about the objects of a dump, and their answers compared |
//! | [`clients`] | whoever types: kubectl, curl and the other commands in a pod |
//! | [`server`] | HTTPS in front of a cluster; the streams of exec, attach and port-forward |
//! | [`explain`] | traces as data and as text; cures, each proven on a fork; dumps of real clusters |
//! | [`question`] | what people ask: words, paths, pasted refusals |
//! | [`cluster`] | the machine: pipeline, queue, journal; what a request found |
//! | [`registry`] | what is done with an authorized request: route, read, write, review |
//! | [`pipeline`] | the stages of a write, a file each, each with a type that only it makes; what was admitted becomes a change |
//! | [`print`](mod@print) | what is told rather than stored: tables, OpenAPI, discovery |
//! | [`controllers`] | one file a controller; the scheduler and the kubelet are two of them |
//! | [`admit`] | the chain of plugins and its order as one list; one file a plugin, one a Pod Security check |
//! | [`audit`] | the audit log: which events a policy wants, and what they hold |
//! | [`authorize`] | the modes; RBAC's index, rules, escalation and near misses; why a question came out as it did |
//! | [`authenticate`] | certificates, tokens, anonymous; impersonation |
//! | [`tokens`], [`certificates`] | mint, verify, bind, expire; authorities and signing requests |
//! | [`rules`] | rules in CEL of custom resources: what a schema says to expressions, and what rules say of an object |
//! | [`cel`] | the expressions of policies and rules: types, values, functions, costs |
//! | [`delegate`] | those outside who say who somebody is and what they may: webhooks, issuers of tokens; what is remembered of it |
//! | [`bootstrap`] | what a fresh cluster holds, by release |
//! | [`config`] | kube-apiserver's flags |
//! | [`store`] | objects, revisions, views |
//! | [`random`] | one generator a purpose, all from one seed |
//! | [`kinds`] | what is peculiar to each kind of object, a file and a row each: defaults, validation, columns, selectable fields |
//! | [`api`] | what travels: requests, answers, statuses, findings and facts, names, the table of resources, the types of each release |
//! | [`golang`] | where Go's libraries read or say something else than their namesakes here: JSON, YAML 1.1, regular expressions, base64, times, templates |
//! | [`json`](mod@json) | JSON as objects travel and are stored: values that share what they have in common |
//! | [`yaml`] | YAML and JSON as trees that know where their parts stand |
//! | [`html`] | the frame of a page for a browser |
//! | [`files`] | the only door to the machine's files, and its policy: what a stranger's scenario may read |
//! | [`error`] | bad user input: where, what, a hint |
//! | [`limits`] | how much of anything is taken, one table |
//!
//! The arrows point down this table and never up; a test holds them.

#![warn(clippy::disallowed_methods)]
#![cfg_attr(
    not(feature = "cli"),
    allow(dead_code, unused_imports, reason = "what only subcommands use stands where it belongs")
)]

mod access;
pub mod admit;
pub mod api;
mod audit;
mod authenticate;
pub mod authorize;
pub mod book;
mod bootstrap;
mod cel;
pub mod certificates;
#[cfg(feature = "cli")]
pub mod cli;
pub mod clients;
pub mod cluster;
pub mod config;
mod controllers;
mod delegate;
pub mod error;
pub mod explain;
pub mod explore;
#[cfg(feature = "serve")]
mod files;
mod golang;
mod html;
pub mod json;
mod kinds;
pub mod limits;
pub mod paths;
pub mod pipeline;
pub mod play;
mod print;
mod prompt;
pub mod question;
mod random;
mod registry;
mod releases;
pub mod rights;
mod rules;
pub mod scenario;
#[cfg(feature = "serve")]
pub mod server;
pub mod store;
#[cfg(test)]
mod testing;
pub mod tokens;
pub mod upgrade;
mod yaml;

//! The stages of a request that may be made, a file each, and in this order:
//!
//! | stage | what | may end in |
//! | --- | --- | --- |
//! | [`route`] | is there such a thing | 404, 405, 406 |
//! | [`decode`] | can the body be read | 400, 413, 415, 422 |
//! | [`mutate`](mod@mutate) | plugins that change the write | 403, 500 |
//! | [`escalate`](mod@escalate) | do they hand out more than they hold | 403, 404 |
//! | [`validate`](mod@validate) | is the object valid | 422 |
//! | [`enforce`](mod@enforce) | plugins that refuse the write | 403, 422, a webhook's own |
//! | [`commit`] | stored | 404, 409 |
//!
//! Each stage's type is the next one's input: [`Draft`], [`Mutated`], [`Contained`], [`Valid`], [`Admitted`], and of that
//! a [`Change`](crate::store::Change), without which nothing is written. A verb says what it drafts ([`Draft`]), what it
//! does between the stages ([`Verb`]), and what becomes of what was admitted; [`admit`](admit()) is the one way through.
//!
//! ```
//! use kubeverdict::admit::Stop;
//! use kubeverdict::pipeline::{self, Admitted, Call, Draft};
//!
//! fn admit(call: &mut Call<'_>, draft: Draft) -> Result<Admitted, Stop> {
//!     let mutated = pipeline::mutate(call, draft)?;
//!     let contained = pipeline::escalate(call, mutated)?;
//!     let valid = pipeline::validate(call, contained, pipeline::validate::of_kind)?;
//!     pipeline::enforce(call, valid)
//! }
//! ```
//!
//! Without one of them it does not compile: here nobody looked whether more is handed out than is held,
//!
//! ```compile_fail
//! # use kubeverdict::admit::Stop;
//! # use kubeverdict::pipeline::{self, Admitted, Call, Draft};
//! # fn admit(call: &mut Call<'_>, draft: Draft) -> Result<Admitted, Stop> {
//!     let mutated = pipeline::mutate(call, draft)?;
//!     let valid = pipeline::validate(call, mutated, pipeline::validate::of_kind)?;
//!     pipeline::enforce(call, valid)
//! # }
//! ```
//!
//! and here plugins would refuse what was not found valid:
//!
//! ```compile_fail
//! # use kubeverdict::admit::Stop;
//! # use kubeverdict::pipeline::{self, Admitted, Call, Draft};
//! # fn admit(call: &mut Call<'_>, draft: Draft) -> Result<Admitted, Stop> {
//!     let mutated = pipeline::mutate(call, draft)?;
//!     let contained = pipeline::escalate(call, mutated)?;
//!     pipeline::enforce(call, contained)
//! # }
//! ```

mod allocate;
mod chain;
pub(crate) mod commit;
pub(crate) mod convert;
pub(crate) mod decode;
mod devices;
mod draft;
pub(crate) mod enforce;
pub(crate) mod escalate;
pub(crate) mod mutate;
pub(crate) mod raw;
pub(crate) mod route;
pub mod validate;
mod warnings;

pub use commit::{Stored, store};
pub use decode::body;
pub use draft::{Draft, manager};
pub use enforce::{Admitted, enforce};
pub use escalate::{Contained, escalate};
pub use mutate::{Mutated, mutate};
pub use validate::{Rules, Valid, validate};
pub use warnings::warn;

use crate::admit::{self, Answers, Stop};
use crate::api::resources::{Resource, Resources};
use crate::api::{
    Attributes, By, Dig, Finding, GroupResource, Outcome, Query, Refusal, RequestInfo, Response, Stage,
    Status, Trace, Version, time,
};
use crate::authenticate::{Authenticators, Cache};
use crate::authorize::{Authorized, Authorizers, Knowledge, Said};
use crate::config::Config;
use crate::delegate::Questions;
use crate::json::Value;
use crate::kinds;
use crate::random::Random;
use crate::store::{Key, Objects};
use jiff::Timestamp;

/// What a verb does between the stages (`rest.BeforeCreate`, `rest.BeforeUpdate`, …).
pub trait Verb {
    /// What makes its objects valid.
    const RULES: Rules;

    /// After the plugins that change: what is the server's alone to fill in.
    fn complete(&mut self, _: &mut Call<'_>, _: &mut Draft) -> Result<(), Stop> {
        Ok(())
    }

    /// Before the object is validated: whether the writer knew what is stored.
    fn precondition(&mut self, _: &mut Call<'_>, _: &Draft) -> Result<(), Stop> {
        Ok(())
    }

    /// Before the plugins that refuse: what else must be allowed.
    fn permit(&mut self, _: &mut Call<'_>) -> Result<(), Stop> {
        Ok(())
    }
}

/// What goes through the stages as it is drafted: a deletion, a stream, what a subresource does.
pub struct AsDrafted;

impl Verb for AsDrafted {
    const RULES: Rules = validate::without_rules;
}

/// Takes a draft through the stages.
///
/// # Errors
/// The first stage that refuses, or that waits for the world outside.
pub fn admit<V: Verb>(call: &mut Call<'_>, draft: Draft, verb: &mut V) -> Result<Admitted, Stop> {
    let mut mutated = mutate(call, draft)?;
    mutated.complete(|draft| verb.complete(call, draft))?;
    let contained = escalate(call, mutated)?;
    verb.precondition(call, contained.draft())?;
    let valid = validate(call, contained, V::RULES)?;
    verb.permit(call)?;
    enforce(call, valid)
}

/// Everything that answering one request may look at or change.
pub struct Call<'a> {
    /// Which Kubernetes.
    pub version: Version,
    /// The cluster's flags.
    pub config: &'a Config,
    /// What is served.
    pub resources: &'a Resources,
    /// When the request came: it stays the same however long the world outside takes.
    pub now: Timestamp,
    /// What is asked, by somebody who may.
    pub request: &'a Authorized,
    /// Its query.
    pub query: &'a Query,
    /// The truth.
    pub store: Stored<'a>,
    /// What admission plugins believe.
    pub cache: &'a Objects,
    /// What authorizers know.
    pub knowledge: &'a Knowledge,
    /// Where those outside are asked.
    pub outside: &'a Questions,
    /// The authorizers, for reviews, escalation and policies.
    pub authorizers: &'a Authorizers,
    /// The authenticators, for token reviews and tokens.
    pub authenticators: &'a Authenticators,
    /// The tokens that were recognised a moment ago.
    pub recognised: &'a mut Cache,
    /// The admission plugins.
    pub plugins: &'a admit::Chain,
    /// This request's own draws.
    pub random: Random,
    /// What plugins remember from one write to the next.
    pub memory: &'a mut admit::Memory,
    /// What was answered so far.
    pub answers: &'a mut Answers,
    /// What the stages find.
    pub trace: &'a mut Trace,
    /// The texts that were sent for JSON that is kept as it was written.
    pub(crate) raw: raw::Texts,
    /// Warnings for the client.
    pub warnings: Vec<String>,
}

/// An answer, or why the request stops here.
pub type Served = Result<Response, Stop>;

impl Call<'_> {
    /// What the authorizers say of a wish.
    pub fn decide(&self, attributes: &Attributes) -> Said {
        self.authorizers.decide(self.knowledge, self.outside, attributes)
    }

    /// Adds a finding.
    pub fn found(&mut self, stage: Stage, by: By, outcome: Outcome, text: impl Into<String>) {
        self.trace.add(Finding::new(stage, by, outcome, text));
    }

    /// Ends the request in a stage, with a finding that says why.
    pub fn stop(&mut self, stage: Stage, by: By, refusal: impl Into<Refusal>) -> Stop {
        let refusal = refusal.into();
        self.trace.add(Finding::refused(stage, by, &refusal));
        Stop::Refused(refusal)
    }

    /// Ends the request in a stage that refused something.
    ///
    /// # Errors
    /// The refusal, which then is in the trace.
    pub fn checked<T>(
        &mut self,
        stage: Stage,
        by: By,
        checked: Result<T, impl Into<Refusal>>,
    ) -> Result<T, Stop> {
        checked.map_err(|refusal| self.stop(stage, by, refusal))
    }

    /// The header's first value, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.request.request().headers.get(name).unwrap_or_default()
    }
}

/// 404: there is no object of that name.
pub fn missing(row: &Resource, name: &str) -> Status {
    Status::not_found(&GroupResource::new(&row.group, &row.name), name)
}

/// Adds the finding of a refusal that no stage has told.
pub fn refused(trace: &mut Trace, refusal: &Refusal) {
    if trace.refusal().is_none() {
        trace.add(Finding::refused(Stage::Store, By::Store, refusal));
    }
}

/// The key of the object that a request names.
pub fn key_of(row: &Resource, info: &RequestInfo, name: &str) -> Key {
    let namespace = if row.namespaced { info.namespace.as_str() } else { "" };
    Key::new(&row.storage(), namespace, name)
}

/// The object in the version that was asked for.
pub fn as_version(object: &Value, row: &Resource, version: Version) -> Value {
    let mut object = object.clone();
    object.set("apiVersion", row.kind_api_version());
    object.set("kind", &*row.kind);
    kinds::of(row).show(&mut object, version);
    object
}

/// Gives a new object its uid and the time of its creation.
pub fn stamp(object: &mut Value, uid: String, now: Timestamp) {
    object.set("metadata.uid", uid);
    object.set("metadata.creationTimestamp", time(now));
}

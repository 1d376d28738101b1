//! The stages of a write, between its decoded body and the store.

use super::{Call, Served, as_version};
use crate::admit::policy::compile;
use crate::admit::{self, Operation, Review, Stop, Verdict};
use crate::api::objects::{Moment, certificatesigningrequests};
use crate::api::resources::Resource;
use crate::api::{
    By, Dig, Errors, Finding, GroupResource, Outcome, Query, Response, Stage, Status, User, Version, objects,
};
use crate::authorize::{self, Authorized};
use crate::store::Key;
use serde_json::{Value, json};
use std::sync::Arc;

/// A write on its way: the review that plugins see, and where the object is stored.
pub struct Draft {
    review: Review,
    key: Key,
}

/// A write that may be stored. Only [`admit`] makes one.
///
/// INVARIANT (admitted): its object passed every stage in this very form.
pub struct Admitted(Draft);

impl Draft {
    /// A draft of what the request asks for.
    pub fn new(request: &Authorized, row: &'static Resource, operation: Operation, key: Key) -> Draft {
        let query = super::query(request);
        let kind = match operation {
            Operation::Create => "CreateOptions",
            Operation::Update => "UpdateOptions",
            Operation::Delete => "DeleteOptions",
            Operation::Connect => row.kind,
        };
        let mut options = json!({"kind": kind, "apiVersion": "meta.k8s.io/v1"});
        for name in ["fieldManager", "fieldValidation"] {
            if let Some(value) = query.get(name) {
                options.set(name, value);
            }
        }
        let dry_run = dry_run(&query);
        if dry_run {
            options.set("dryRun", json!(["All"]));
        }
        let review = Review {
            user: request.user().clone(),
            info: request.info().clone(),
            resource: row,
            operation,
            name: key.name.to_string(),
            object: Value::Null,
            old: None,
            options,
            dry_run,
            warnings: Vec::new(),
            audit: Vec::new(),
            along: Vec::new(),
            reinvocation: admit::Reinvocation::default(),
        };
        Draft { review, key }
    }

    /// With the new object.
    pub fn object(mut self, object: Value) -> Draft {
        self.review.object = object;
        self
    }

    /// With the options of a deletion.
    pub fn delete_options(mut self, options: &Value) -> Draft {
        for (key, value) in options.entries("") {
            if !matches!(key.as_str(), "kind" | "apiVersion") {
                self.review.options.set(key, value.clone());
            }
        }
        self.review.dry_run |= options.list("dryRun").iter().any(|value| value == "All");
        self
    }

    /// With the name that was generated for the object.
    pub(super) fn named(mut self) -> Draft {
        let name = self.review.object.name();
        if self.review.name.is_empty() && !name.is_empty() {
            self.key.name = name.into();
            self.review.name = name.to_owned();
        }
        self
    }

    /// Without a name: one of a collection.
    pub(super) fn unnamed(mut self) -> Draft {
        self.review.name.clear();
        self
    }

    /// Whether nothing will be stored.
    pub(super) fn is_dry_run(&self) -> bool {
        self.review.dry_run
    }

    /// The object, to be completed.
    pub(super) fn object_mut(&mut self) -> &mut Value {
        &mut self.review.object
    }

    /// With the stored object.
    pub fn old(mut self, old: Arc<Value>) -> Draft {
        self.review.old = Some(old);
        self
    }
}

/// Whether the query asks for a dry run.
pub fn dry_run(query: &Query) -> bool {
    query.all("dryRun").any(|value| value == "All")
}

/// Who wants to be the manager of the fields that a request writes.
pub fn manager(query: &Query, request: &Authorized) -> String {
    match query.get("fieldManager") {
        Some(name) => name.to_owned(),
        None => {
            let agent = request.request().headers.get("User-Agent").unwrap_or_default();
            let name = agent.split('/').next().unwrap_or_default();
            if name.is_empty() { "unknown".to_owned() } else { name.to_owned() }
        }
    }
}

/// Checks what the options of every write have in common (`validation.ValidateCreateOptions`, …).
pub(super) fn check_options(query: &Query, errors: &mut Errors) {
    let manager = query.get("fieldManager").unwrap_or_default();
    if manager.chars().count() > MANAGER_MAX {
        errors.too_long("fieldManager", MANAGER_MAX);
    }
    for (at, letter) in manager.chars().enumerate() {
        if letter.is_control() {
            let detail = format!("invalid character U+{:04X} (at position {at})", u32::from(letter));
            errors.invalid("fieldManager", manager, detail);
        }
    }
    check_dry_run(query.all("dryRun"), errors);
    let validation = query.get("fieldValidation").unwrap_or_default();
    let known = ["", "Ignore", "Strict", "Warn"];
    if errors.version().at_least(25) && !known.contains(&validation) {
        errors.not_supported("fieldValidation", validation, &known);
    }
}

/// The longest name of a field manager.
const MANAGER_MAX: usize = 128;

/// A dry run is of all stages.
pub(super) fn check_dry_run<'a>(values: impl Iterator<Item = &'a str>, errors: &mut Errors) {
    let values: Vec<&str> = values.collect();
    if values.iter().any(|value| *value != "All") {
        errors.not_supported("dryRun", values, &["All"]);
    }
}

/// Checks the options of a create or an update.
pub(super) fn options(call: &mut Call<'_>, request: &Authorized, kind: &str) -> Result<(), Stop> {
    let mut errors = Errors::new(call.version);
    check_options(&super::query(request), &mut errors);
    let checked = errors.into_status("meta.k8s.io", kind, "");
    checked.map_err(|status| call.stop(Stage::Decode, By::Options, status))
}

/// Plugins that change the write.
pub fn mutate(call: &mut Call<'_>, draft: Draft) -> Result<Draft, Stop> {
    run_plugins(call, draft, Stage::Mutate)
}

/// Plugins that refuse the write.
pub fn enforce(call: &mut Call<'_>, draft: Draft) -> Result<Admitted, Stop> {
    run_plugins(call, draft, Stage::Enforce).map(Admitted)
}

fn run_plugins(call: &mut Call<'_>, mut draft: Draft, stage: Stage) -> Result<Draft, Stop> {
    let mut ids = call.random.fork();
    let mut random = call.random.clone();
    let mut suffix = |n| random.suffix(n);
    let mut delays = call.random.clone();
    let (knowledge, authorizers) = (call.knowledge, call.authorizers);
    let ask = |attributes: &crate::api::Attributes| {
        let said = authorizers.decide(knowledge, attributes);
        (said.decision, said.reason)
    };
    let mut cx = admit::Cx {
        version: call.version,
        config: call.config,
        now: call.now,
        cache: call.cache,
        live: call.store.objects(),
        authorize: &ask,
        suffix: &mut suffix,
        below: &mut |n| delays.below(n),
        uid: &mut || ids.id(),
        rates: call.rates,
        answers: call.answers,
        plugins: call.plugins,
    };
    let mut findings = Vec::new();
    let mut ran = run_chain(&mut cx, &mut draft.review, stage, &mut findings);
    if ran.is_ok() && stage == Stage::Mutate && draft.review.reinvocation.begin_again() {
        let mut second = Vec::new();
        ran = run_chain(&mut cx, &mut draft.review, stage, &mut second);
        findings.extend(second.into_iter().filter(|finding| finding.outcome != Outcome::Passed));
    }
    call.random = random;
    call.trace.findings.append(&mut findings);
    call.trace.audit.append(&mut draft.review.audit);
    call.warnings.append(&mut draft.review.warnings);
    ran.map(|()| draft)
}

/// Runs one function of each plugin, in order, up to the first refusal.
fn run_chain(
    cx: &mut admit::Cx<'_>,
    review: &mut Review,
    stage: Stage,
    findings: &mut Vec<Finding>,
) -> Result<(), Stop> {
    for plugin in cx.plugins.iter() {
        let Some(run) = &plugin.run else { continue };
        let step = if stage == Stage::Mutate { run.admit } else { run.validate };
        let Some(step) = step else { continue };
        let by = By::Plugin(plugin.name);
        match step(cx, review) {
            Ok(Verdict::Skipped) => {}
            Ok(Verdict::Passed(text)) => findings.push(Finding::new(stage, by, Outcome::Passed, text)),
            Ok(Verdict::Changed(text)) => findings.push(Finding::new(stage, by, Outcome::Changed, text)),
            Err(Stop::Refused(refusal)) => {
                findings.push(Finding::refused(stage, by, &refusal));
                return Err(Stop::Refused(refusal));
            }
            Err(wait) => return Err(wait),
        }
    }
    Ok(())
}

/// Nobody hands out more than they hold.
pub fn escalate(call: &mut Call<'_>, user: &User, draft: Draft) -> Result<Draft, Stop> {
    let review = &draft.review;
    if review.resource.group != "rbac.authorization.k8s.io" || !review.resource.subresource.is_empty() {
        return Ok(draft);
    }
    let checked = authorize::escalation(
        call.authorizers,
        call.knowledge,
        call.version,
        user,
        review.resource,
        review.namespace(),
        review.old.as_deref(),
        &review.object,
    );
    match checked {
        Ok(text) => {
            call.found(Stage::Escalate, By::Escalation, Outcome::Passed, text);
            Ok(draft)
        }
        Err(refusal) => Err(call.stop(Stage::Escalate, By::Escalation, refusal)),
    }
}

/// The object is valid by itself, and as the successor of what is stored.
pub fn validate(call: &mut Call<'_>, mut draft: Draft) -> Result<Draft, Stop> {
    let review = &mut draft.review;
    let row = review.resource;
    let old = review.old.as_deref();
    let warn = |object: &Value, moment: Moment| match row.subresource {
        "" => objects::warnings(object, moment, row.group, row.name, call.version),
        _ => Vec::new(),
    };
    let mut warnings = match old {
        None => warn(&review.object, Moment::Arrived),
        Some(_) => Vec::new(),
    };
    objects::prepare(&mut review.object, old, row.group, row.name, row.subresource, call.version);
    if (row.group, row.name) == ("certificates.k8s.io", "certificatesigningrequests") {
        match (old, row.subresource) {
            (None, _) => certificatesigningrequests::set_requester(&mut review.object, &review.user),
            (Some(_), "") => {}
            (Some(old), _) => {
                certificatesigningrequests::set_condition_times(
                    &mut review.object,
                    old,
                    &super::time(call.now),
                );
            }
        }
    }
    let checked = valid(review, call.version);
    if checked.is_ok() {
        let moment = if old.is_none() { Moment::Created } else { Moment::Updated };
        warnings.extend(warn(&review.object, moment));
    }
    call.warnings.extend(warnings);
    match checked {
        Ok(()) => Ok(draft),
        Err(status) => Err(call.stop(Stage::Validate, By::Validation, status)),
    }
}

/// What the kind's rules say of the object, and of the expressions in it whether they compile.
fn valid(review: &Review, version: Version) -> Result<(), Status> {
    let Resource { group, name, subresource, .. } = review.resource;
    let old = review.old.as_deref();
    let mut errors = match old {
        None => objects::errors_of_create(&review.object, group, name, version),
        Some(old) => {
            objects::check_condition(&review.object, group, name, version)?;
            objects::errors_of_update(&review.object, old, group, name, subresource, version)
        }
    };
    if compile::concerns(review.resource) {
        errors.merge(compile::errors(&review.object, old, version), compile::rank);
    }
    errors.into_status(group, review.object.text("kind"), review.object.name())
}

/// Stores what was admitted, and answers with it.
pub fn store(call: &mut Call<'_>, admitted: Admitted, code: u16) -> Served {
    let Admitted(Draft { mut review, key }) = admitted;
    let row = review.resource;
    if review.operation == Operation::Create && call.store.objects().of(&key).is_some() {
        let of = GroupResource::new(row.group, row.name);
        return Err(call.stop(Stage::Store, By::Store, Status::already_exists(&of, &key.name)));
    }
    // An update without a version takes the stored one's, so that what changes nothing is nothing new.
    if let Some(old) = &review.old {
        review.object.set("metadata.resourceVersion", old.text("metadata.resourceVersion"));
    }
    let unchanged = review.old.as_deref().is_some_and(|old| *old == review.object);
    let released = review.operation == Operation::Update && is_released(&review.object, row);
    if review.dry_run {
        call.found(Stage::Store, By::Store, Outcome::Passed, "nothing stored: a dry run");
        return Ok(Response::json(code, as_version(&review.object, row)));
    }
    for (key, mut object) in review.along {
        if object.uid().is_empty() {
            super::stamp(&mut object, call.random.uid(), call.now);
        }
        call.store.put(key, object, call.now);
    }
    if released {
        // What was held by finalizers alone goes with the last of them (`ShouldDeleteDuringUpdate`).
        call.store.remove(&key, call.now);
        call.found(Stage::Store, By::Store, Outcome::Passed, "deleted");
        return Ok(Response::json(code, as_version(&review.object, row)));
    }
    let stored = match review.old {
        Some(old) if unchanged => old,
        _ => call.store.put(key, review.object, call.now),
    };
    let text = match (review.operation, unchanged) {
        (Operation::Create, _) => "created",
        (_, true) => "unchanged",
        (_, false) => "updated",
    };
    call.found(Stage::Store, By::Store, Outcome::Passed, text);
    Ok(Response::json(code, as_version(&stored, row)))
}

/// Whether a deleted object waits for nothing any more.
fn is_released(object: &Value, row: &Resource) -> bool {
    let namespace = row.group.is_empty() && row.name == "namespaces";
    object.has("metadata.deletionTimestamp")
        && object.list("metadata.finalizers").is_empty()
        && object.at("metadata.deletionGracePeriodSeconds").as_i64().unwrap_or_default() == 0
        && (!namespace || object.list("spec.finalizers").is_empty())
}

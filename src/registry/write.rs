//! The stages of a write, between its decoded body and the store.

use super::{Call, Served, as_version};
use crate::admit::policy::compile;
use crate::admit::{self, Operation, Review, Stop, Verdict};
use crate::api::objects::Moment;
use crate::api::resources::Resource;
use crate::api::{Dig, Finding, Outcome, Query, Response, Stage, Status, User, Version, objects};
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
        let kind = match (request.info().verb.as_str(), operation) {
            ("patch", _) => "PatchOptions",
            (_, Operation::Create) => "CreateOptions",
            (_, Operation::Update) => "UpdateOptions",
            (_, Operation::Delete) => "DeleteOptions",
            (_, Operation::Connect) => row.kind,
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
        };
        Draft { review, key }
    }

    /// With the new object.
    pub fn object(mut self, object: Value) -> Draft {
        self.review.object = object;
        self
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

/// Mutate, escalate, validate, enforce.
pub(super) fn admit(call: &mut Call<'_>, request: &Authorized, draft: Draft) -> Result<Admitted, Stop> {
    let mut draft = mutate(call, draft)?;
    generate_name(call, &mut draft);
    let draft = escalate(call, request.user(), draft)?;
    let draft = validate(call, draft)?;
    enforce(call, draft)
}

/// `generateName` and five characters, in place of a name; a long prefix is cut (`names.SimpleNameGenerator`).
///
/// Plugins that change the write still see an object without a name.
fn generate_name(call: &mut Call<'_>, draft: &mut Draft) {
    let object = &mut draft.review.object;
    let prefix = object.text("metadata.generateName");
    if draft.review.operation == Operation::Create && object.name().is_empty() && !prefix.is_empty() {
        let kept: String = prefix.chars().take(63 - 5).collect();
        let name = format!("{kept}{}", call.random.suffix(5));
        object.set("metadata.name", name.as_str());
        draft.key = Key::new(&draft.key.resource, &draft.key.namespace, &name);
        draft.review.name = name;
    }
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
    let mut random = call.random.clone();
    let mut suffix = |n| random.suffix(n);
    let (knowledge, authorizers) = (call.knowledge, call.authorizers);
    let ask = |attributes: &crate::api::Attributes| {
        let said = authorizers.decide(knowledge, attributes);
        (said.decision, said.reason)
    };
    let mut findings = Vec::new();
    let mut cx = admit::Cx {
        version: call.version,
        config: call.config,
        now: call.now,
        cache: call.cache,
        live: call.store.objects(),
        authorize: &ask,
        suffix: &mut suffix,
        answers: call.answers,
        plugins: call.plugins,
    };
    let mut stop = None;
    for plugin in call.plugins.iter() {
        let Some(run) = &plugin.run else { continue };
        let step = if stage == Stage::Mutate { run.admit } else { run.validate };
        let Some(step) = step else { continue };
        match step(&mut cx, &mut draft.review) {
            Ok(Verdict::Skipped) => {}
            Ok(Verdict::Passed(text)) => findings.push(Finding::new(stage, plugin.name, Outcome::Passed, text)),
            Ok(Verdict::Changed(text)) => findings.push(Finding::new(stage, plugin.name, Outcome::Changed, text)),
            Err(Stop::Refused(status)) => {
                findings.push(Finding::new(stage, plugin.name, Outcome::Refused, status.message.clone()));
                stop = Some(Stop::Refused(status));
                break;
            }
            Err(wait) => {
                stop = Some(wait);
                break;
            }
        }
    }
    call.random = random;
    call.trace.findings.append(&mut findings);
    call.trace.audit.append(&mut draft.review.audit);
    call.warnings.append(&mut draft.review.warnings);
    match stop {
        Some(stop) => Err(stop),
        None => Ok(draft),
    }
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
            call.found(Stage::Escalate, "escalation", Outcome::Passed, text);
            Ok(draft)
        }
        Err(status) => {
            call.found(Stage::Escalate, "escalation", Outcome::Refused, status.message.clone());
            Err(status.into())
        }
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
    let checked = valid(review, call.version);
    if checked.is_ok() {
        let moment = if old.is_none() { Moment::Created } else { Moment::Updated };
        warnings.extend(warn(&review.object, moment));
    }
    call.warnings.extend(warnings.iter().map(|text| super::warning(text)));
    match checked {
        Ok(()) => Ok(draft),
        Err(status) => {
            call.found(Stage::Validate, "validation", Outcome::Refused, status.message.clone());
            Err(status.into())
        }
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
    let Admitted(Draft { review, key }) = admitted;
    if review.dry_run {
        return Ok(Response::json(code, as_version(&review.object, review.resource)));
    }
    for (key, object) in review.along {
        call.store.put(key, object, call.now);
    }
    if review.operation == Operation::Create && call.store.objects().of(&key).is_some() {
        let of = crate::api::GroupResource::new(review.resource.group, review.resource.name);
        return Err(Status::already_exists(&of, &key.name).into());
    }
    let unchanged = review.old.as_deref().is_some_and(|old| *old == review.object);
    if review.operation == Operation::Update && is_released(&review.object, review.resource) {
        // What was held by finalizers alone goes with the last of them (`ShouldDeleteDuringUpdate`).
        call.store.remove(&key, call.now);
        call.found(Stage::Store, "store", Outcome::Passed, "deleted");
        return Ok(Response::json(code, as_version(&review.object, review.resource)));
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
    call.found(Stage::Store, "store", Outcome::Passed, text);
    Ok(Response::json(code, as_version(&stored, review.resource)))
}

/// Whether a deleted object waits for nothing any more.
fn is_released(object: &Value, row: &Resource) -> bool {
    let namespace = row.group.is_empty() && row.name == "namespaces";
    object.has("metadata.deletionTimestamp")
        && object.list("metadata.finalizers").is_empty()
        && object.at("metadata.deletionGracePeriodSeconds").as_i64().unwrap_or_default() == 0
        && (!namespace || object.list("spec.finalizers").is_empty())
}

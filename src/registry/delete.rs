//! Deleting one object or a collection (`handlers/delete.go`, `rest.BeforeDelete`).

use super::read;
use crate::admit::{Operation, Stop};
use crate::api::custom::DEFINITIONS;
use crate::api::decode;
use crate::api::differences::JOBS_WARN_OF_ORPHANS;
use crate::api::resources::Resource;
use crate::api::{By, Dig, Errors, GroupResource, Outcome, Query, Response, Stage, Status, time};
use crate::json::{Value, json};
use crate::kinds;
use crate::pipeline::{self, Admitted, AsDrafted, Call, Draft, Served, as_version, convert, key_of};
use crate::store::Key;
use std::sync::Arc;

/// Answers `DELETE` to a name.
pub(super) fn delete(call: &mut Call<'_>, row: &Arc<Resource>) -> Served {
    let info = call.request.info();
    let options = options(call)?;
    let key = key_of(row, info, &info.name);
    if let Some(why) = kinds::of(row).kept(&info.name) {
        return Err(Status::forbidden(&info.group_resource(), &info.name, why).into());
    }
    let stored = read::stored(call, row)?;
    preconditions(row, &stored, &options)?;
    warn_of_orphans(call, row, &options);
    let old = convert::read_one(call, row, stored.clone())?;
    let draft = Draft::new(call, row, Operation::Delete, key.clone()).delete_options(&options).old(old);
    let admitted = pipeline::admit(call, draft, &mut AsDrafted)?;
    let gone = remove(call, &admitted, row, key, stored, &options);
    let (text, accepted) = match &gone {
        // Who asks for the dependents to go, too, is told that this takes its time.
        Gone::Going(_) => ("marked for deletion", options.at("orphanDependents") == &json!(false)),
        Gone::Gone(_) => ("deleted", false),
    };
    call.found(Stage::Store, By::Store, Outcome::Passed, text);
    let mut response = answer(call, row, gone)?;
    if accepted {
        response.code = 202;
    }
    Ok(response)
}

/// Deletes a pod that is evicted.
pub(super) fn pod(
    call: &mut Call<'_>,
    admitted: &Admitted,
    key: Key,
    old: Arc<Value>,
    options: &Value,
) -> Result<(), Status> {
    let pods = call.resources.find("", "v1", "pods", "");
    let row = pods.ok_or_else(Status::no_such_path)?;
    preconditions(row, &old, options)?;
    remove(call, admitted, row, key, old, options);
    Ok(())
}

/// Answers `DELETE` to a collection: what may not be deleted keeps all.
pub(super) fn collection(call: &mut Call<'_>, row: &Arc<Resource>) -> Served {
    let options = options(call)?;
    let chosen = read::chosen(call, row)?;
    let key = |old: &Value| Key::new(&row.storage(), old.namespace(), old.name());
    let mut admitted = Vec::new();
    let read = convert::read(call, row, chosen.clone())?;
    for old in &read {
        preconditions(row, old, &options)?;
        let draft = Draft::new(call, row, Operation::Delete, key(old));
        let draft = draft.delete_options(&options).old(old.clone()).unnamed();
        admitted.push(pipeline::admit(call, draft, &mut AsDrafted)?);
    }
    for (old, admitted) in chosen.iter().zip(&admitted) {
        remove(call, admitted, row, key(old), old.clone(), &options);
    }
    call.found(Stage::Store, By::Store, Outcome::Passed, format!("{} deleted", chosen.len()));
    Ok(read::listed(call, row, read))
}

/// What became of a deleted object.
enum Gone {
    /// It waits for its finalizers or its grace period.
    Going(Arc<Value>),
    /// It is gone.
    Gone(Arc<Value>),
}

/// `DeleteOptions` of the body, or without one those of the query.
fn options(call: &mut Call<'_>) -> Result<Value, Stop> {
    let body = &call.request.request().body;
    let read = decode::delete_options(body, call.header("Content-Type"), call.version);
    let mut options = call.checked(Stage::Decode, By::Decoder, read)?;
    if body.is_empty() {
        let read = of_query(&mut options, call.query);
        call.checked(Stage::Decode, By::Decoder, read)?;
    } else if call.config.audit_policy.is_some() {
        let mut told = options.clone();
        told.set("kind", "DeleteOptions");
        told.set("apiVersion", "meta.k8s.io/v1");
        call.trace.sent = Some(told);
    }
    let errors = Errors::new(call.version);
    validate(&options, &errors);
    call.checked(Stage::Decode, By::Options, errors.into_status("meta.k8s.io", "DeleteOptions", ""))?;
    Ok(options)
}

fn of_query(options: &mut Value, query: &Query) -> Result<(), Status> {
    if let Some(policy) = query.get("propagationPolicy") {
        options.set("propagationPolicy", policy);
    }
    if let Some(seconds) = query.get("gracePeriodSeconds") {
        let parsed: Result<i64, _> = seconds.parse();
        let why = || format!("strconv.ParseInt: parsing {seconds:?}: invalid syntax");
        options.set("gracePeriodSeconds", parsed.map_err(|_| Status::bad_request(why()))?);
    }
    if query.get("orphanDependents").is_some() {
        options.set("orphanDependents", query.flag("orphanDependents"));
    }
    let dry: Vec<&str> = query.all("dryRun").collect();
    if !dry.is_empty() {
        options.set("dryRun", json!(dry));
    }
    Ok(())
}

/// `ValidateDeleteOptions`.
fn validate(options: &Value, errors: &Errors) {
    let policy = options.text("propagationPolicy");
    if options.has("propagationPolicy") && options.has("orphanDependents") {
        let detail = "orphanDependents and deletionPropagation cannot be both set";
        errors.invalid("propagationPolicy", policy, detail);
    }
    if options.has("propagationPolicy") && !matches!(policy, "Foreground" | "Background" | "Orphan") {
        errors.not_supported("propagationPolicy", policy, &["Foreground", "Background", "Orphan", "nil"]);
    }
    let dry = options.list("dryRun").iter().filter_map(Value::as_str);
    pipeline::decode::check_dry_run(dry, errors);
}

fn preconditions(row: &Resource, old: &Value, options: &Value) -> Result<(), Status> {
    // Namespaces and definitions are marked by stores of their own, which speak of the resource.
    let marks =
        matches!(&*row.storage(), "namespaces" | DEFINITIONS) && !old.has("metadata.deletionTimestamp");
    let named = if marks { &row.name } else { &row.kind };
    let of = GroupResource::new(&row.kind_group, named);
    let checks = [
        ("uid", old.uid(), "UID", "deleted and then recreated"),
        ("resourceVersion", old.text("metadata.resourceVersion"), "ResourceVersion", "modified"),
    ];
    for (key, stored, name, fate) in checks {
        let wanted = options.at("preconditions").text(key);
        if !options.at("preconditions").has(key) || wanted == stored {
            continue;
        }
        if marks {
            let why = format!(
                "Precondition failed: {name} in precondition: {wanted}, {name} in object meta: {stored}"
            );
            return Err(Status::conflict(&of, old.name(), why));
        }
        let why = format!(
            "the {name} in the precondition ({wanted}) does not match the {name} in record ({stored}). \
             The object might have been {fate}"
        );
        return Err(Status::conflict(&of, old.name(), why));
    }
    Ok(())
}

/// Since 1.23, who deletes a job is told that its pods stay.
fn warn_of_orphans(call: &mut Call<'_>, row: &Resource, options: &Value) {
    let said = options.has("propagationPolicy") || options.has("orphanDependents");
    if call.version.has(JOBS_WARN_OF_ORPHANS) && !said && (&*row.group, &*row.name) == ("batch", "jobs") {
        call.warnings.push(
            "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove \
             them or set propagationPolicy=Orphan to suppress this warning"
                .to_owned(),
        );
    }
}

/// The finalizers that the garbage collector takes off (`deletionFinalizersForGarbageCollection`).
fn finalizers(row: &Resource, object: &Value, options: &Value) -> Vec<Value> {
    const OURS: [&str; 2] = ["orphan", "foregroundDeletion"];
    let had = |name: &str| object.list("metadata.finalizers").iter().any(|f| f == name);
    let policy = options.text("propagationPolicy");
    let orphan = match (options.at("orphanDependents").as_bool(), policy) {
        (Some(orphan), _) => orphan,
        (None, "Orphan") => true,
        (None, "Background" | "Foreground") => false,
        (None, _) if had("orphan") => true,
        (None, _) if had("foregroundDeletion") => false,
        (None, _) => kinds::of(row).orphans(&row.version),
    };
    let foreground = match (options.has("orphanDependents"), policy) {
        (true, _) => false,
        (false, "Foreground") => true,
        (false, "Background" | "Orphan") => false,
        (false, _) => had("foregroundDeletion") && !orphan,
    };
    let others = object.list("metadata.finalizers").iter().filter(|f| OURS.iter().all(|ours| f != ours));
    let mut list: Vec<Value> = others.cloned().collect();
    for (name, wanted) in [("orphan", orphan), ("foregroundDeletion", foreground)] {
        if wanted {
            list.push(name.into());
        }
    }
    list
}

/// Takes the object out, or marks it as going (`rest.BeforeDelete`).
fn remove(
    call: &mut Call<'_>,
    admitted: &Admitted,
    row: &Resource,
    key: Key,
    old: Arc<Value>,
    options: &Value,
) -> Gone {
    let mut going = (*old).clone();
    if !going.has("metadata.deletionTimestamp") {
        kinds::of(row).begin_deletion(&mut going, &time(call.now));
    }
    let namespace = row.group.is_empty() && row.name == "namespaces";
    let waiting = namespace && !going.list("spec.finalizers").is_empty();
    // Nothing hangs on an event, and the collector does not look after namespaces.
    if !namespace && row.name != "events" {
        let finalizers = finalizers(row, &going, options);
        match finalizers.is_empty() {
            true => drop(going.take_out("metadata.finalizers")),
            false => going.set("metadata.finalizers", finalizers),
        }
    }
    let held = waiting || !going.list("metadata.finalizers").is_empty();
    let grace = grace(row, &going, options);
    if going.has("metadata.deletionTimestamp") {
        let left = going.at("metadata.deletionGracePeriodSeconds").as_i64();
        // The time that is left may only become shorter.
        match (left, options.at("gracePeriodSeconds").as_i64()) {
            (Some(left), Some(wanted)) if wanted.max(0) < left => date(&mut going, wanted.max(0), call),
            (Some(left), _) if left > 0 => return Gone::Going(old),
            _ => {}
        }
    } else if held || grace > 0 {
        date(&mut going, grace, call);
        if waiting {
            going.take_out("metadata.deletionGracePeriodSeconds");
            going.set("status.phase", "Terminating");
        }
        if let Some(generation) =
            going.at("metadata.generation").as_i64().filter(|generation| *generation > 0)
        {
            going.set("metadata.generation", generation + 1);
        }
    }
    let left = going.at("metadata.deletionGracePeriodSeconds").as_i64().unwrap_or_default();
    let waits = held || (going.has("metadata.deletionTimestamp") && left > 0);
    match waits {
        false => {
            let gone = admitted.remove(call, key).unwrap_or(old);
            // A pod is marked before it goes (`RESTGracefulDeleteStrategy`).
            let marked =
                row.group.is_empty() && row.name == "pods" && !gone.has("metadata.deletionTimestamp");
            Gone::Gone(if marked { Arc::new(marked_at_once(&gone, call)) } else { gone })
        }
        true if going == *old => Gone::Going(old),
        true => Gone::Going(admitted.put(call, key, going)),
    }
}

/// An object as it is answered with that goes at once.
fn marked_at_once(gone: &Value, call: &Call<'_>) -> Value {
    let mut marked = gone.clone();
    date(&mut marked, 0, call);
    marked
}

/// Writes when the object goes.
fn date(going: &mut Value, grace: i64, call: &Call<'_>) {
    let at = call.now + jiff::SignedDuration::from_secs(grace);
    going.set("metadata.deletionTimestamp", time(at));
    going.set("metadata.deletionGracePeriodSeconds", grace);
}

/// How long a pod on a node gets to end; everything else goes at once.
fn grace(row: &Resource, object: &Value, options: &Value) -> i64 {
    if !(row.group.is_empty() && row.name == "pods") || object.text("spec.nodeName").is_empty() {
        return 0;
    }
    if matches!(object.text("status.phase"), "Succeeded" | "Failed") {
        return 0;
    }
    let given = options.at("gracePeriodSeconds").as_i64();
    let seconds = given.or(object.at("spec.terminationGracePeriodSeconds").as_i64()).unwrap_or(30);
    if seconds < 0 { 1 } else { seconds }
}

fn answer(call: &mut Call<'_>, row: &Arc<Resource>, gone: Gone) -> Served {
    let returned = kinds::of(row).is_returned(call.version);
    let old = match gone {
        Gone::Gone(object) if !returned => object,
        Gone::Going(object) | Gone::Gone(object) => {
            let read = convert::read_one(call, row, object)?;
            return Ok(Response::json(200, as_version(&read, row, call.version)));
        }
    };
    let mut details = json!({"name": old.name(), "kind": row.name, "uid": old.uid()});
    if !row.group.is_empty() {
        details.set("group", &*row.group);
    }
    Ok(Response::json(
        200,
        json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}),
    ))
}

//! `ListOptions`: what the query of a list, a watch or a deletecollection says
//! (`apis/meta/internalversion`, `validation.ValidateListOptions`).

use crate::api::differences::{BAD_REVISION_IS_BAD_REQUEST, INITIAL_EVENTS, WATCHES_CHECKED_BY_THEMSELVES};
use crate::api::resources::Resource;
use crate::api::selector::{FieldSelector, LabelSelector};
use crate::api::{Errors, Query, Status, Version};
use crate::json::Value;
use crate::kinds::{self, Strategy};
use crate::pipeline::Call;

/// The options, read and checked.
#[derive(Clone)]
pub(super) struct ListOptions<'a> {
    kind: &'a dyn Strategy,
    pub(super) labels: LabelSelector,
    pub(super) fields: FieldSelector,
    /// 0 or less: all.
    pub(super) limit: i64,
    pub(super) cont: String,
    pub(super) resource_version: String,
    pub(super) exact: bool,
    pub(super) timeout: Option<i64>,
    pub(super) send_initial_events: bool,
}

impl<'a> ListOptions<'a> {
    /// Reads and checks a request's query.
    pub(super) fn of(call: &Call<'_>, row: &'a Resource) -> Result<ListOptions<'a>, Status> {
        let (query, version) = (call.query, call.version);
        let number = |key| number(query, key);
        let (timeout, limit) = (number("timeoutSeconds")?, number("limit")?);
        let labels = query.get("labelSelector").unwrap_or_default();
        let labels = LabelSelector::parse(labels, version).map_err(Status::bad_request)?;
        let fields = query.get("fieldSelector").unwrap_or_default();
        let fields = FieldSelector::parse(fields).map_err(Status::bad_request)?;
        validate(query, call.request.info().verb == "watch", version)?;
        let kind = kinds::of(row);
        kind.check_selector(&fields, row, version).map_err(Status::bad_request)?;
        let text = |key| query.get(key).unwrap_or_default().to_owned();
        Ok(ListOptions {
            kind,
            labels,
            fields,
            limit: limit.unwrap_or_default(),
            cont: text("continue"),
            resource_version: text("resourceVersion"),
            exact: query.get("resourceVersionMatch") == Some("Exact"),
            timeout,
            send_initial_events: version.has(INITIAL_EVENTS) && query.flag("sendInitialEvents"),
        })
    }

    /// Whether an object is selected.
    pub(super) fn select(&self, object: &Value) -> bool {
        self.labels.matches(object) && self.kind.selects(&self.fields, object)
    }
}

fn number(query: &Query, key: &str) -> Result<Option<i64>, Status> {
    let Some(text) = query.get(key) else {
        return Ok(None);
    };
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    match text.parse() {
        Ok(number) => Ok(Some(number)),
        Err(_) => {
            let why = match !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
                true => "value out of range",
                false => "invalid syntax",
            };
            Err(Status::bad_request(format!("strconv.ParseInt: parsing {text:?}: {why}")))
        }
    }
}

const MATCH: &str = "resourceVersionMatch";

/// Which combinations make sense.
fn validate(query: &Query, watch: bool, version: Version) -> Result<(), Status> {
    let errors = Errors::new(version);
    if watch && version.has(WATCHES_CHECKED_BY_THEMSELVES) {
        of_watch(query, &errors);
    } else {
        of_list(query, watch, version, &errors);
    }
    errors.into_status("meta.k8s.io", "ListOptions", "")
}

/// `ValidateListOptions`
fn of_list(query: &Query, watch: bool, version: Version, errors: &Errors) {
    let get = |key| query.get(key).unwrap_or_default();
    let (matching, resource_version) = (get(MATCH), get("resourceVersion"));
    if !matching.is_empty() {
        if watch {
            errors.forbidden(MATCH, "resourceVersionMatch is forbidden for watch");
        }
        if resource_version.is_empty() {
            errors.forbidden(MATCH, "resourceVersionMatch is forbidden unless resourceVersion is provided");
        }
        if !get("continue").is_empty() {
            errors.forbidden(MATCH, "resourceVersionMatch is forbidden when continue is provided");
        }
        if !matches!(matching, "Exact" | "NotOlderThan") {
            errors.not_supported(MATCH, matching, &["Exact", "NotOlderThan", ""]);
        }
        if matching == "Exact" && resource_version == "0" {
            errors.forbidden(MATCH, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
        }
    }
    if version.has(INITIAL_EVENTS) && query.get("sendInitialEvents").is_some() {
        errors.forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list");
    }
}

/// `validateWatchOptions`
fn of_watch(query: &Query, errors: &Errors) {
    let matching = query.get(MATCH).unwrap_or_default();
    let initial = query.get("sendInitialEvents").is_some();
    if initial && matching != "NotOlderThan" {
        errors.forbidden(MATCH, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
    }
    if !matching.is_empty() {
        if !initial {
            errors.forbidden(
                MATCH,
                "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
            );
        }
        if matching != "NotOlderThan" {
            errors.not_supported(MATCH, matching, &["NotOlderThan"]);
        }
    }
    if !query.get("continue").unwrap_or_default().is_empty() {
        errors.forbidden(MATCH, "resourceVersionMatch is forbidden when continue is provided");
    }
}

/// A revision as a client gives it; nothing and `0` mean any.
pub(super) fn revision(text: &str, version: Version) -> Result<u64, Status> {
    number_of(text).map_err(|why| match version.has(BAD_REVISION_IS_BAD_REQUEST) {
        true => Status::bad_request(format!("invalid resource version: {why}")),
        false => Status::plain(500, "", why),
    })
}

/// The revision from which a watch goes on; what is no number is the server's failure in every release.
pub(super) fn revision_of_watch(text: &str) -> Result<u64, Status> {
    number_of(text).map_err(|why| Status::plain(500, "", why))
}

fn number_of(text: &str) -> Result<u64, String> {
    if text.is_empty() {
        return Ok(0);
    }
    text.parse().map_err(|_| {
        let why = match text.bytes().all(|b| b.is_ascii_digit()) {
            true => "value out of range",
            false => "invalid syntax",
        };
        format!("resourceVersion: Invalid value: {text:?}: strconv.ParseUint: parsing {text:?}: {why}")
    })
}

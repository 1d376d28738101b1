//! `ListOptions`: what the query of a list, a watch or a deletecollection says
//! (`apis/meta/internalversion`, `validation.ValidateListOptions`).

use crate::api::differences::{BAD_REVISION_IS_BAD_REQUEST, CONTINUE_TOKENS_WORDED, INITIAL_EVENTS};
use crate::api::resources::Resource;
use crate::api::selector::{FieldSelector, LabelSelector};
use crate::api::{Errors, Query, Status, Version};
use crate::kinds::{self, Strategy};
use crate::pipeline::Call;
use serde_json::Value;

/// The options, read and checked.
#[derive(Clone)]
pub(super) struct ListOptions<'a> {
    kind: &'a dyn Strategy,
    pub(super) labels: LabelSelector,
    pub(super) fields: FieldSelector,
    /// 0 or less: all.
    pub(super) limit: i64,
    pub(super) cont: String,
    /// Whether an error of the continue token says that it is one.
    pub(super) worded: bool,
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
            worded: version.has(CONTINUE_TOKENS_WORDED) || row.custom.is_some(),
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

/// Which combinations make sense.
fn validate(query: &Query, watch: bool, version: Version) -> Result<(), Status> {
    let get = |key| query.get(key).unwrap_or_default();
    let (matching, resource_version) = (get("resourceVersionMatch"), get("resourceVersion"));
    let initial = version.has(INITIAL_EVENTS) && query.get("sendInitialEvents").is_some();
    let errors = Errors::new(version);
    if !(matching.is_empty() || watch && initial) {
        let field = "resourceVersionMatch";
        if watch {
            errors.forbidden(field, "resourceVersionMatch is forbidden for watch");
        }
        if resource_version.is_empty() {
            errors.forbidden(field, "resourceVersionMatch is forbidden unless resourceVersion is provided");
        }
        if !get("continue").is_empty() {
            errors.forbidden(field, "resourceVersionMatch is forbidden when continue is provided");
        }
        if !matches!(matching, "Exact" | "NotOlderThan") {
            errors.not_supported(field, matching, &["Exact", "NotOlderThan", ""]);
        }
        if matching == "Exact" && resource_version == "0" {
            errors.forbidden(field, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
        }
    }
    if initial && !watch {
        errors.forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list");
    }
    if initial && watch {
        if matching.is_empty() {
            errors.forbidden(
                "resourceVersionMatch",
                "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
            );
        } else if matching != "NotOlderThan" {
            errors.not_supported("resourceVersionMatch", matching, &["NotOlderThan"]);
        }
    }
    errors.into_status("meta.k8s.io", "ListOptions", "")
}

/// A revision as a client gives it; nothing and `0` mean any.
pub(super) fn revision(text: &str, version: Version) -> Result<u64, Status> {
    if text.is_empty() {
        return Ok(0);
    }
    text.parse().map_err(|_| {
        let why = match text.bytes().all(|b| b.is_ascii_digit()) {
            true => "value out of range",
            false => "invalid syntax",
        };
        let why =
            format!("resourceVersion: Invalid value: {text:?}: strconv.ParseUint: parsing {text:?}: {why}");
        match !version.has(BAD_REVISION_IS_BAD_REQUEST) {
            true => Status::plain(500, "", why),
            false => Status::bad_request(format!("invalid resource version: {why}")),
        }
    })
}

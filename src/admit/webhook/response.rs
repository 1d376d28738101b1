//! What a webhook answers, and whether it can be used (`…/request/admissionreview.go`, client-go's `rest.Request`).

use crate::admit::{Heard, Post, Review};
use crate::api::field::quote;
use crate::api::{Dig, Status};
use crate::delegate::{is_of_kind, object};
use crate::golang::base64::{self, Encoding};
use crate::golang::json;
use crate::json::Value;
use std::collections::BTreeMap;

/// What is being done while a webhook is called.
pub(super) const CALL: &str = "failed to call webhook";
const READ: &str = "received invalid webhook response";

/// A call that waits for its answer.
pub(super) struct Call {
    pub(super) post: Post,
    pub(super) uid: String,
    /// The AdmissionReview's version.
    pub(super) version: String,
}

/// What a webhook says.
#[derive(Debug, Default)]
pub(super) struct Said {
    uid: String,
    pub(super) allowed: bool,
    /// `status`
    pub(super) result: Option<Value>,
    pub(super) patch_type: Option<String>,
    pub(super) warnings: Option<Vec<String>>,
    pub(super) audit_annotations: Option<BTreeMap<String, String>>,
    /// The patch's text.
    pub(super) patched: Vec<u8>,
}

/// A field of a response as its type; none where it is not there.
fn field<T>(
    response: &Value,
    name: &str,
    go_type: &str,
    read: impl Fn(&Value) -> Option<T>,
) -> Result<Option<T>, String> {
    match response.at(name) {
        Value::Null => Ok(None),
        value => read(value).map(Some).ok_or_else(|| {
            format!(
                "json: cannot unmarshal {} into Go struct field AdmissionResponse.response.{name} of type {go_type}",
                json::noun(value)
            )
        }),
    }
}

impl Said {
    /// Reads a response; the error is Go's decoder's.
    fn of(response: &Value) -> Result<Said, String> {
        if !response.is_object() {
            let noun = json::noun(response);
            return Err(format!(
                "json: cannot unmarshal {noun} into Go struct field AdmissionReview.response of type v1.AdmissionResponse"
            ));
        }
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let texts = |value: &Value| value.as_array()?.iter().map(text).collect();
        let named = |value: &Value| {
            value.as_object()?.iter().map(|(key, value)| Some((key.to_string(), text(value)?))).collect()
        };
        let patch = field(response, "patch", "[]uint8", text)?.unwrap_or_default();
        Ok(Said {
            uid: field(response, "uid", "types.UID", text)?.unwrap_or_default(),
            allowed: field(response, "allowed", "bool", Value::as_bool)?.unwrap_or_default(),
            result: field(response, "status", "v1.Status", |value| value.is_object().then(|| value.clone()))?,
            patched: base64::decode(&patch, Encoding::Standard)?,
            patch_type: field(response, "patchType", "v1.PatchType", text)?,
            audit_annotations: field(response, "auditAnnotations", "map[string]string", named)?,
            warnings: field(response, "warnings", "[]string", texts)?,
        })
    }

    /// Passes on what the webhook of a name says besides yes or no.
    pub(super) fn tell(&self, review: &mut Review, webhook: &str) {
        let notes = self.audit_annotations.iter().flatten();
        review.audit.extend(notes.map(|(key, value)| (format!("{webhook}/{key}"), value.clone())));
        review.warnings.extend(self.warnings.iter().flatten().cloned());
    }
}

/// Reads an answer; an error says what was being done, and what went wrong.
pub(super) fn read(call: &Call, heard: &Heard, mutating: bool) -> Result<Said, (&'static str, String)> {
    let review = object(&call.post, heard).map_err(|failure| (CALL, failure.why))?;
    is_of_kind(&review, &call.post.review).map_err(|why| (CALL, why))?;
    let said = match review.get("response") {
        None | Some(Value::Null) => None,
        Some(response) => Some(Said::of(response).map_err(|why| (CALL, why))?),
    };
    let said = said.ok_or_else(|| (READ, "webhook response was absent".to_owned()))?;
    match call.version.as_str() {
        "v1beta1" => Ok(loosely(said, mutating)),
        _ => verified(call, said, &review, mutating).map_err(|why| (READ, why)),
    }
}

/// A v1beta1 webhook's word is taken as it is; only a JSONPatch can be meant.
fn loosely(mut said: Said, mutating: bool) -> Said {
    said.patch_type = (mutating && !said.patched.is_empty()).then(|| "JSONPatch".to_owned());
    said
}

fn verified(call: &Call, said: Said, review: &Value, mutating: bool) -> Result<Said, String> {
    if said.uid != call.uid {
        return Err(format!("expected response.uid={}, got {}", quote(&call.uid), quote(&said.uid)));
    }
    let (group_version, kind) = (review.text("apiVersion"), review.text("kind"));
    if (group_version, kind) != ("admission.k8s.io/v1", "AdmissionReview") {
        let group_version =
            if group_version.contains('/') { group_version.to_owned() } else { format!("/{group_version}") };
        return Err(format!(
            "expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got {group_version}, Kind={kind}"
        ));
    }
    let wrong = match (mutating, said.patched.is_empty(), said.patch_type.as_deref()) {
        (true, false, None) => "webhook returned response.patch but not response.patchType",
        (true, true, Some(_)) => "webhook returned response.patchType but not response.patch",
        (true, false, Some("")) => "webhook returned invalid response.patchType of \"\"",
        (false, false, _) => "validating webhook may not return response.patch",
        (false, true, Some(_)) => "validating webhook may not return response.patchType",
        (true, false, Some(_)) | (_, true, None) => return Ok(said),
    };
    Err(wrong.to_owned())
}

/// The refusal of a webhook, with what it says of itself (`webhookerrors.ToStatusErr`).
pub(super) fn denied(webhook: &str, result: Option<Value>) -> Status {
    let result = result.unwrap_or_default();
    let code = result.at("code").as_u64().and_then(|code| u16::try_from(code).ok()).unwrap_or_default();
    let by = format!("admission webhook {} denied the request", quote(webhook));
    let message = match (result.text("message"), result.text("reason")) {
        ("", "") => format!("{by} without explanation"),
        ("", reason) => format!("{by}: {reason}"),
        (message, _) => format!("{by}: {message}"),
    };
    Status {
        code: code.max(400),
        reason: result.text("reason").to_owned().into(),
        message,
        details: result.at("details").clone(),
    }
}

//! What a webhook answers, and whether it can be used (`…/request/admissionreview.go`, client-go's `rest.Request`).

use crate::admit::{Heard, Post, Review};
use crate::api::field::quote;
use crate::api::{Dig, Status};
use crate::delegate::object;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
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
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Said {
    uid: String,
    pub(super) allowed: bool,
    #[serde(rename = "status")]
    pub(super) result: Option<Value>,
    patch: Option<String>,
    pub(super) patch_type: Option<String>,
    pub(super) warnings: Option<Vec<String>>,
    pub(super) audit_annotations: Option<BTreeMap<String, String>>,
    /// The patch's text.
    #[serde(skip)]
    pub(super) patched: Vec<u8>,
}

impl Said {
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
    let said = match review.get("response") {
        None | Some(Value::Null) => None,
        Some(response) => {
            let mut said: Said =
                serde_json::from_value(response.clone()).map_err(|error| (CALL, error.to_string()))?;
            let patch = STANDARD.decode(said.patch.take().unwrap_or_default());
            said.patched = patch.map_err(|_| (CALL, "illegal base64 data at input byte 0".to_owned()))?;
            Some(said)
        }
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

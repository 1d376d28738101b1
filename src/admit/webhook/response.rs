//! What a webhook answers, and whether it can be used (`…/request/admissionreview.go`, client-go's `rest.Request`).

use super::hook::Call;
use crate::admit::Heard;
use crate::api::field::quote;
use crate::api::{Dig, Status};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use std::collections::BTreeMap;

/// What is being done while a webhook is called.
pub(super) const CALL: &str = "failed to call webhook";
const READ: &str = "received invalid webhook response";

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

/// Reads an answer; an error says what was being done, and what went wrong.
pub(super) fn read(call: &Call, heard: &Heard, mutating: bool) -> Result<Said, (&'static str, String)> {
    let review = body(call, heard).map_err(|why| (CALL, why))?;
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

/// The AdmissionReview in an answer.
fn body(call: &Call, heard: &Heard) -> Result<Value, String> {
    let post = |why: &str| format!("Post {}: {why}", quote(&call.post.target()));
    match heard {
        Heard::Failed(why) => Err(post(why)),
        Heard::TimedOut => Err(post("context deadline exceeded")),
        Heard::Http { code, body, .. } if (200..=206).contains(code) => object(body),
        Heard::Http { code, media, body } => Err(refused(*code, media, body)),
    }
}

fn object(body: &[u8]) -> Result<Value, String> {
    let kind = match serde_json::from_slice(body) {
        Ok(object @ Value::Object(_)) => return Ok(object),
        Ok(Value::Array(_)) => "array",
        Ok(Value::Number(_)) => "number",
        Ok(Value::Bool(_)) => "bool",
        Ok(_) | Err(_) => "string",
    };
    Err(format!(
        "couldn't get version/kind; json parse error: json: cannot unmarshal {kind} into Go value of type struct \
         {{ APIVersion string \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }}"
    ))
}

/// An HTTP code as a client tells it (`errors.NewGenericServerResponse`).
fn refused(code: u16, media: &str, body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    if let Ok(status) = serde_json::from_str::<Value>(&text)
        && (status.text("kind"), status.text("apiVersion")) == ("Status", "v1")
        && status.text("status") == "Failure"
    {
        return status.text("message").to_owned();
    }
    let said = if media.starts_with("text/") { text.trim() } else { "unknown" };
    match code {
        409 => "the server reported a conflict".to_owned(),
        404 => "the server could not find the requested resource".to_owned(),
        400 => "the server rejected our request for an unknown reason".to_owned(),
        401 => "the server has asked for the client to provide credentials".to_owned(),
        403 | 415 => said.to_owned(),
        405 => "the server does not allow this method on the requested resource".to_owned(),
        406 if matches!(said, "" | "unknown") => {
            "the server was unable to respond with a content type that the client supports".to_owned()
        }
        406 => said.to_owned(),
        422 => "the server rejected our request due to an error in our request".to_owned(),
        429 => "the server has received too many requests and has asked us to try again later".to_owned(),
        503 => "the server is currently unable to handle the request".to_owned(),
        504 => "the server was unable to return a response in the time allotted, but may still be processing the request"
            .to_owned(),
        500.. => format!("an error on the server ({}) has prevented the request from succeeding", quote(said)),
        _ => format!("the server responded with the status code {code} but did not return more information"),
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

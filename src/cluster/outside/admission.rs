//! What a webhook says of a write.

use super::Webhook;
use crate::api::Dig;
use crate::json::{Value, json};
use base64::{Engine, engine::general_purpose::STANDARD};

impl Webhook {
    /// The AdmissionReview with its response.
    pub(super) fn admits(&self, review: &Value) -> Result<Value, String> {
        let allowed = Webhook::holds(&self.allowed_if, self.allowed, review)?;
        let mut response = json!({"uid": review.at("request.uid"), "allowed": allowed});
        if let (true, Some(patch)) = (allowed, &self.patch) {
            response.set("patchType", "JSONPatch");
            response.set("patch", STANDARD.encode(patch.to_string()));
        }
        let status = [
            ("message", self.message.clone().map(Value::from)),
            ("code", self.code.map(Value::from)),
            ("reason", self.reason.clone().map(Value::from)),
        ];
        for (key, value) in status {
            if let (false, Some(value)) = (allowed, value) {
                response.make("status").set(key, value);
            }
        }
        response.set("warnings", json!(self.warnings));
        response.set("auditAnnotations", json!(self.audit));
        Ok(json!({"kind": "AdmissionReview", "apiVersion": review.at("apiVersion"), "response": response}))
    }
}

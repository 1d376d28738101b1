//! What a webhook says of a wish.

use super::Webhook;
use crate::api::Dig;
use crate::json::{Value, json};

impl Webhook {
    /// The SubjectAccessReview with its status. What it denies it does not allow.
    pub(super) fn authorizes(&self, review: &Value) -> Result<Value, String> {
        let denied = Webhook::holds(&self.denied_if, self.denied, review)?;
        let allowed = !denied && Webhook::holds(&self.allowed_if, self.allowed, review)?;
        let mut status = json!({"allowed": allowed});
        if denied {
            status.set("denied", true);
        }
        if let Some(reason) = &self.reason {
            status.set("reason", reason.as_str());
        }
        Ok(json!({"kind": "SubjectAccessReview", "apiVersion": review.at("apiVersion"), "status": status}))
    }
}

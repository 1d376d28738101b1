//! What a webhook says of a token.

use super::Webhook;
use crate::api::{Dig, User};
use crate::json::{Value, json};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Whose a token is.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Holder {
    /// The user name.
    pub user: String,
    /// The groups.
    #[serde(default)]
    pub groups: Vec<String>,
    /// The uid.
    #[serde(default)]
    pub uid: String,
    /// Further facts.
    #[serde(default)]
    pub extra: BTreeMap<String, Vec<String>>,
    /// For whom the token is; for the API server unless told otherwise.
    #[serde(default)]
    pub audiences: Vec<String>,
}

impl Webhook {
    /// The TokenReview with its status.
    pub(super) fn authenticates(&self, review: &Value) -> Value {
        let status = match self.tokens.get(review.text("spec.token")) {
            Some(Holder { user, groups, uid, extra, audiences }) => {
                let (name, uid) = (user.clone(), uid.clone());
                let user = User { name, uid, groups: groups.clone(), extra: extra.clone() };
                let mut status = json!({"authenticated": true, "user": user});
                if !audiences.is_empty() {
                    status.set("audiences", json!(audiences));
                }
                status
            }
            None => {
                let mut status = json!({"authenticated": false});
                if let Some(error) = &self.error {
                    status.set("error", error.as_str());
                }
                status
            }
        };
        json!({"kind": "TokenReview", "apiVersion": review.at("apiVersion"), "status": status})
    }
}

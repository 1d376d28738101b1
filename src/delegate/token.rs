//! Who is it? A `TokenReview` is posted (`apiserver/plugin/pkg/authenticator/token/webhook`).

use super::client::Client;
use super::questions::Questions;
use crate::api::{Dig, User};
use crate::json::{Value, json};
use crate::store::Remembered;
use std::sync::Arc;

/// Somebody, the audiences both of the token and asked for, and that it was said before.
pub(super) type Somebody = (User, Vec<String>, Option<Remembered>);

impl Client {
    /// Whose token it is, as far as it knows; `ours` are the server's own audiences, which an answer without any means.
    pub(crate) fn recognise(
        self: &Arc<Client>,
        questions: &Questions,
        token: &str,
        audiences: &[String],
        ours: &[String],
    ) -> Result<Option<Somebody>, String> {
        let spec = json!({"token": token, "audiences": audiences});
        let review = self.review("authentication.k8s.io", "TokenReview", spec, json!({"user": {}}));
        let Some(known) = questions.ask(self, review).transpose()? else { return Ok(None) };
        let status = &known.status;
        let theirs: Vec<&str> = match status.list("audiences") {
            [] => ours.iter().map(String::as_str).collect(),
            said => said.iter().filter_map(Value::as_str).collect(),
        };
        let both: Vec<String> =
            audiences.iter().filter(|one| theirs.contains(&one.as_str())).cloned().collect();
        if both.is_empty() {
            return Ok(None);
        }
        if !status.flag("authenticated") {
            return match status.text("error") {
                "" => Ok(None),
                why => Err(why.to_owned()),
            };
        }
        let user: User = crate::json::from_value(status.at("user").clone()).map_err(|why| why.to_string())?;
        Ok(Some((user, both, known.cached)))
    }
}

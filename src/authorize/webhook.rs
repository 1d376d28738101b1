//! An authorizer outside: when it is asked, and what becomes of a request about which it could not say
//! (`apiserver/plugin/pkg/authorizer/webhook`, `apiserver/pkg/authorization/cel`).

use crate::api::field::aggregate;
use crate::api::{Attributes, Decision};
use crate::cel::{Activation, Env, Program, Type, Val};
use crate::config::{AuthorizationWebhook, Authorizer, Config};
use crate::delegate::{Client, Opinion, Questions};
use crate::error::Error;
use crate::json::Value;
use std::sync::Arc;

/// A webhook that authorizes, with the conditions under which it is asked.
#[derive(Clone, Debug)]
pub(super) struct Webhook {
    client: Arc<Client>,
    /// What it decides where it can't be asked.
    on_error: Decision,
    /// Match conditions: each as it was written, and compiled.
    conditions: Vec<(String, Program)>,
}

impl Webhook {
    /// The webhook of an authorizer.
    ///
    /// # Errors
    /// A match condition does not compile, or is no yes or no.
    pub(super) fn new(
        config: &Config,
        authorizer: &Authorizer,
        webhook: &AuthorizationWebhook,
    ) -> Result<Webhook, Error> {
        let env = Env::new(config.version)
            .with("request", Type::Named("kubernetes.SubjectAccessReviewSpec".to_owned()));
        let compile = |text: &String| {
            let wrong = |why: String| {
                Error::new(format!("authorizer `{}`: matchConditions: `{text}`: {why}", authorizer.name))
            };
            let program = env.compile(text).map_err(|why| wrong(format!("compilation failed: {why}")))?;
            match program.output() {
                Type::Bool => Ok((text.clone(), program)),
                _ => Err(wrong("must evaluate to bool".to_owned())),
            }
        };
        Ok(Webhook {
            client: Client::authorizer(config, webhook),
            on_error: if webhook.denies { Decision::Deny } else { Decision::NoOpinion },
            conditions: webhook.conditions.iter().map(compile).collect::<Result<_, _>>()?,
        })
    }

    /// What it says of a request; no opinion where it need not be asked, or has not been yet.
    pub(super) fn decide(&self, outside: &Questions, attributes: &Attributes) -> Opinion {
        match self.concerns(attributes) {
            Ok(false) => Opinion::default(),
            Ok(true) => {
                let opinion = self.client.decide(outside, attributes);
                let failed = opinion.error.is_some() && opinion.decision == Decision::NoOpinion;
                Opinion { decision: if failed { self.on_error } else { opinion.decision }, ..opinion }
            }
            Err(why) => Opinion { decision: self.on_error, error: Some(why), ..Opinion::default() },
        }
    }

    /// Whether all conditions hold. One that fails settles it, whatever is wrong with the others.
    fn concerns(&self, attributes: &Attributes) -> Result<bool, String> {
        if self.conditions.is_empty() {
            return Ok(true);
        }
        let sight = Sight(self.client.spec(attributes));
        let mut errors = Vec::new();
        for (text, program) in &self.conditions {
            match program.eval(&sight) {
                Ok(Val::Bool(false)) => return Ok(false),
                Ok(Val::Bool(true)) => {}
                Ok(_) => errors.push(format!(
                    "cel evaluation error: expression '{text}' eval result type should be bool"
                )),
                Err(why) => {
                    errors
                        .push(format!("cel evaluation error: expression '{text}' resulted in error: {why}"));
                }
            }
        }
        aggregate(&errors).map_or(Ok(true), Err)
    }
}

/// What a condition sees: the spec of the review, as it would be sent in v1.
struct Sight(Value);

impl Activation for Sight {
    fn variable(&self, name: &str) -> Option<Result<Val, String>> {
        (name == "request").then(|| Ok(Val::from_json(&self.0)))
    }

    fn authorize(&self, _: &Attributes) -> (Decision, String) {
        (Decision::NoOpinion, String::new())
    }
}

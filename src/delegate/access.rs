//! May they? A `SubjectAccessReview` is posted (`apiserver/plugin/pkg/authorizer/webhook`).

use super::client::Client;
use super::questions::Questions;
use crate::api::selector::{FieldSelector, LabelSelector};
use crate::api::{Attributes, Decision, Dig, RequestInfo};
use crate::json::{Value, json};
use crate::store::Remembered;
use std::sync::Arc;

/// What an authorizer outside says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Opinion {
    /// Allowed, denied, or no opinion.
    pub decision: Decision,
    /// Why, in its words.
    pub reason: String,
    /// What went wrong.
    pub error: Option<String>,
    /// That it said so before.
    pub cached: Option<Remembered>,
}

impl Client {
    /// What it says of a request; no opinion where it could not be asked, or has not been yet.
    pub(crate) fn decide(self: &Arc<Client>, questions: &Questions, attributes: &Attributes) -> Opinion {
        let review = self.review(
            "authorization.k8s.io",
            "SubjectAccessReview",
            self.access(attributes),
            json!({"allowed": false}),
        );
        let known = match questions.ask(self, review) {
            None => return Opinion::default(),
            Some(Err(why)) => return Opinion { error: Some(why), ..Opinion::default() },
            Some(Ok(known)) => known,
        };
        let both = "webhook subject access review returned both allow and deny response";
        let (decision, error) = match (known.status.flag("denied"), known.status.flag("allowed")) {
            (true, true) => (Decision::Deny, Some(both.to_owned())),
            (true, false) => (Decision::Deny, None),
            (false, true) => (Decision::Allow, None),
            (false, false) => (Decision::NoOpinion, None),
        };
        let reason = known.status.text("reason").to_owned();
        Opinion { decision, reason, error, cached: known.cached }
    }

    /// The `spec` of a review as a match condition sees it: in v1, with the texts that are empty
    /// (`convertObjectToUnstructured`).
    pub(crate) fn spec(&self, attributes: &Attributes) -> Value {
        let Attributes { user, info } = attributes;
        let mut spec =
            json!({"user": user.name, "uid": user.uid, "groups": user.groups, "extra": user.extra});
        if !info.is_resource {
            spec.set("nonResourceAttributes", json!({"path": info.path, "verb": info.verb}));
            return spec;
        }
        let mut told = json!({
            "namespace": info.namespace, "verb": info.verb, "group": info.group, "version": info.version,
            "resource": info.resource, "subresource": info.subresource, "name": info.name,
        });
        for (key, value) in self.resource(info).entries("").filter(|(key, _)| key.ends_with("Selector")) {
            told.set(key, value.clone());
        }
        spec.set("resourceAttributes", told);
        spec
    }

    /// The `spec` of a review. The groups of v1beta1 are called `group`.
    fn access(&self, Attributes { user, info }: &Attributes) -> Value {
        let mut spec = json!({});
        match info.is_resource {
            true => spec.set("resourceAttributes", self.resource(info)),
            false => spec.set("nonResourceAttributes", texts(&[("path", &info.path), ("verb", &info.verb)])),
        }
        let groups = if self.version == "v1beta1" { "group" } else { "groups" };
        let lists = [(groups, json!(user.groups)), ("extra", json!(user.extra))];
        let names = texts(&[("user", &user.name), ("uid", &user.uid)]);
        names.entries("").for_each(|(key, value)| spec.set(key, value.clone()));
        for (key, value) in lists {
            if value.as_array().is_none_or(|list| !list.is_empty())
                && value.as_object().is_none_or(|map| !map.is_empty())
            {
                spec.set(key, value);
            }
        }
        spec
    }

    fn resource(&self, info: &RequestInfo) -> Value {
        let mut told = texts(&[
            ("namespace", &info.namespace),
            ("verb", &info.verb),
            ("group", &info.group),
            ("version", &info.version),
            ("resource", &info.resource),
            ("subresource", &info.subresource),
            ("name", &info.name),
        ]);
        if self.selectors {
            let fields = FieldSelector::parse(&info.field_selector).unwrap_or_default().requirements();
            let labels = LabelSelector::parse(&info.label_selector, self.release);
            let labels = labels.unwrap_or_default().requirements();
            for (key, requirements) in [("fieldSelector", fields), ("labelSelector", labels)] {
                if !requirements.is_empty() {
                    told.set(key, json!({"requirements": requirements}));
                }
            }
        }
        told
    }
}

/// The fields that are not empty.
fn texts(fields: &[(&str, &str)]) -> Value {
    let given = fields.iter().filter(|(_, text)| !text.is_empty());
    given.map(|(key, text)| ((*key).to_owned(), Value::from(*text))).collect()
}

//! The webhooks of all configurations, and the call that one of them wants (`…/configuration`, `…/generic/webhook.go`,
//! `apiserver/pkg/util/webhook/client.go`).

use super::response::{self, Call, Said};
use super::review::admission_review;
use crate::admit::{Cx, Heard, Post, Review, Stop, matching, policy};
use crate::api::differences::WEBHOOK_ERRORS_WRAPPED;
use crate::api::{Dig, Fact, Refusal, Resource, Status, Version};
use crate::json::Value;
use crate::store::Objects;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// A webhook of a configuration.
pub(super) struct Hook {
    configuration: Arc<Value>,
    at: usize,
    /// `CONFIGURATION/NAME/N`: the same between two rounds.
    pub(super) id: String,
}

/// Why a call went wrong, before failurePolicy is asked.
pub(super) enum Failure {
    /// The webhook was not reached, or its answer could not be used.
    Calling(String),
    /// The write ends here whatever the failurePolicy says, or must wait.
    Stop(Stop),
}

/// All webhooks of a kind of configuration, by the configuration's name.
pub(super) fn all(cx: &Cx<'_>, resource: &str) -> Vec<Hook> {
    let kept = format!("{resource}.admissionregistration.k8s.io");
    cx.cache.all(&kept).flat_map(of_configuration).collect()
}

fn of_configuration(configuration: &Arc<Value>) -> Vec<Hook> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let hooks = configuration.list("webhooks").iter().enumerate();
    hooks
        .map(|(at, hook)| {
            let count = seen.entry(hook.text("name")).or_default();
            let id = format!("{}/{}/{count}", configuration.name(), hook.text("name"));
            *count += 1;
            Hook { configuration: configuration.clone(), at, id }
        })
        .collect()
}

impl Hook {
    /// The webhook itself.
    pub(super) fn spec(&self) -> &Value {
        self.configuration.list("webhooks").get(self.at).unwrap_or(&Value::Null)
    }

    /// The webhook's name.
    pub(super) fn name(&self) -> &str {
        self.spec().text("name")
    }

    /// The configuration's name.
    pub(super) fn configuration(&self) -> &str {
        self.configuration.name()
    }

    /// Whether a write goes on when the webhook can't be asked.
    pub(super) fn fails_open(&self) -> bool {
        self.spec().text("failurePolicy") == "Ignore"
    }

    /// Under which row the webhook wants to see a write, if at all.
    pub(super) fn invocation(&self, cx: &Cx<'_>, review: &Review) -> Result<Option<Arc<Resource>>, Stop> {
        let spec = self.spec();
        let Some(row) = matching::invocation(cx, review, spec, spec.list("rules"))? else { return Ok(None) };
        match policy::conditions_hold(cx, review, &row, spec) {
            Ok(hold) => Ok(hold.then_some(row)),
            Err(why) => Err(Status::forbidden(&review.group_resource(), &review.name, why).into()),
        }
    }

    /// The call, with the uid that the answer must have.
    pub(super) fn call(&self, cx: &mut Cx<'_>, review: &Review, row: &Resource) -> Result<Call, Failure> {
        let spec = self.spec();
        if review.dry_run && !matches!(spec.text("sideEffects"), "None" | "NoneOnDryRun") {
            let text = format!("admission webhook \"{}\" does not support dry run", self.name());
            return Err(Failure::Stop(Status::bad_request(text).into()));
        }
        let known = |version: &&str| matches!(*version, "v1" | "v1beta1");
        let versions = spec.list("admissionReviewVersions").iter().filter_map(Value::as_str);
        let Some(version) = versions.into_iter().find(known) else {
            let why = "webhook does not accept known AdmissionReview versions (v1, v1beta1)";
            return Err(Failure::Calling(wrapped(cx.version, "could not create admission objects", why)));
        };
        let uid = cx.ids.id();
        let config = spec.at("clientConfig");
        let (url, dial) = match address(cx.cache, config) {
            (url, Ok(dial)) => (url, dial),
            (url, Err(why)) => {
                let text = format!("Post \"{url}?timeout={}s\": {why}", timeout(spec).as_secs());
                return Err(Failure::Calling(wrapped(cx.version, response::CALL, &text)));
            }
        };
        let post = Post {
            webhook: self.name().to_owned(),
            client_config: config.clone(),
            url,
            dial,
            review: admission_review(review, row, &uid, version),
            timeout: timeout(spec),
        };
        Ok(Call { post, uid, version: version.to_owned() })
    }

    /// What an answer says.
    pub(super) fn read(
        &self,
        cx: &Cx<'_>,
        call: &Call,
        heard: &Heard,
        mutating: bool,
    ) -> Result<Said, Failure> {
        let said = response::read(call, heard, mutating);
        said.map_err(|(doing, why)| Failure::Calling(wrapped(cx.version, doing, &why)))
    }

    /// The 500 of a webhook that can't be asked.
    pub(super) fn failed(&self, why: &str) -> Stop {
        let status = Status::internal(format!("failed calling webhook \"{}\": {why}", self.name()));
        Refusal::new(status, self.fact(false)).into()
    }

    /// The refusal of a webhook that denies, with what it says.
    pub(super) fn denied(&self, result: Option<Value>) -> Stop {
        Refusal::new(response::denied(self.name(), result), self.fact(true)).into()
    }

    fn fact(&self, answered: bool) -> Fact {
        Fact::Webhook { webhook: self.name().to_owned(), answered }
    }
}

/// What was being done stands before an error since 1.22.
fn wrapped(version: Version, doing: &str, why: &str) -> String {
    if version.has(WEBHOOK_ERRORS_WRAPPED) { format!("{doing}: {why}") } else { why.to_owned() }
}

fn timeout(spec: &Value) -> Duration {
    Duration::from_secs(spec.at("timeoutSeconds").as_u64().unwrap_or(10))
}

/// The URL of a `clientConfig`, and where a service is reached; an error is what a dialer would say.
pub(crate) fn address(cache: &Objects, config: &Value) -> (String, Result<Option<String>, String>) {
    if !config.has("service") {
        return (config.text("url").to_owned(), Ok(None));
    }
    let service = config.at("service");
    let (namespace, name) = (service.text("namespace"), service.text("name"));
    let port = service.at("port").as_i64().unwrap_or(443);
    let path = service.text("path").trim_start_matches('/');
    let url = format!("https://{name}.{namespace}.svc:{port}/{path}");
    let Some(found) = cache.get("services", namespace, name) else {
        return (url, Err(format!("service \"{name}\" not found")));
    };
    let dial = match (found.text("spec.type"), found.text("spec.clusterIP")) {
        ("ExternalName", _) => Ok(format!("{}:{port}", found.text("spec.externalName"))),
        (_, "" | "None") => {
            Err(format!("cannot route to service with ClusterIP \"{}\"", found.text("spec.clusterIP")))
        }
        _ if !found.list("spec.ports").iter().any(|p| p.at("port").as_i64() == Some(port)) => {
            Err(format!("no service port {port} found for service \"{name}\""))
        }
        (_, address) => Ok(format!("{address}:{port}")),
    };
    (url, dial.map(Some))
}

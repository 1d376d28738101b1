//! What was seen in an audit log: who does what, so that it is known what a change breaks.

use crate::api::{Attributes, Decision, Dig, RequestInfo, User};
use crate::cluster::Cluster;
use crate::error::Error;
use crate::json::Value;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// Requests of an audit log (`audit.k8s.io/v1`), each once.
#[derive(Clone, Debug, Default)]
pub struct Seen(BTreeMap<String, (Attributes, usize)>);

/// Something that was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Used {
    /// Who.
    pub user: String,
    /// What: `get secrets/a in shop`.
    pub what: String,
    /// How often.
    pub times: usize,
}

impl Seen {
    /// Reads JSON lines, an event each; of whom the server refused, nothing is taken.
    ///
    /// # Errors
    ///
    /// A line that is no JSON.
    pub fn read(path: &str, text: &str) -> Result<Seen, Error> {
        let mut seen = Seen::default();
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            let event: Value = serde_json::from_str(line).map_err(|why| {
                Error::new(format!("{path}:{number}: this is no event of an audit log: {why}"))
            })?;
            seen.add(&event);
        }
        Ok(seen)
    }

    fn add(&mut self, event: &Value) {
        let code = event.number("responseStatus.code");
        if event.text("stage") == "RequestReceived" || matches!(code, 401 | 403) {
            return;
        }
        // Who acts as somebody else does it by that one's rights.
        let by = if event.has("impersonatedUser") { "impersonatedUser" } else { "user" };
        let user = User {
            name: event.text(&format!("{by}.username")).to_owned(),
            groups: event.texts(&format!("{by}.groups")).into_iter().map(str::to_owned).collect(),
            ..User::default()
        };
        let reference = event.at("objectRef");
        let info = RequestInfo {
            is_resource: reference.is_object(),
            path: event.text("requestURI").split('?').next().unwrap_or_default().to_owned(),
            verb: event.text("verb").to_owned(),
            group: reference.text("apiGroup").to_owned(),
            version: reference.text("apiVersion").to_owned(),
            namespace: reference.text("namespace").to_owned(),
            resource: reference.text("resource").to_owned(),
            subresource: reference.text("subresource").to_owned(),
            // Of what is created the log may know the name, the authorizer does not.
            name: match (event.text("verb"), reference.text("subresource")) {
                ("create", "") => String::new(),
                _ => reference.text("name").to_owned(),
            },
            ..RequestInfo::default()
        };
        let key = format!("{}\0{:?}\0{}", user.name, user.groups, words(&info));
        self.0.entry(key).or_insert((Attributes { user, info }, 0)).1 += 1;
    }

    /// What of it was allowed before, and is not after.
    pub fn broken(&self, before: &Cluster, after: &Cluster) -> Vec<Used> {
        let allows =
            |cluster: &Cluster, asked: &Attributes| cluster.decide(asked).decision == Decision::Allow;
        let broken = self.0.values().filter(|(asked, _)| allows(before, asked) && !allows(after, asked));
        let told = |(asked, times): &(Attributes, usize)| Used {
            user: asked.user.name.clone(),
            what: words(&asked.info),
            times: *times,
        };
        broken.map(told).collect()
    }
}

fn words(info: &RequestInfo) -> String {
    if !info.is_resource {
        return format!("{} {}", info.verb, info.path);
    }
    let sub = if info.subresource.is_empty() { String::new() } else { format!("/{}", info.subresource) };
    let resource = crate::api::rbac::typed(&format!("{}{sub}", info.resource), &info.group);
    let name = if info.name.is_empty() { String::new() } else { format!(" {}", info.name) };
    let place = if info.namespace.is_empty() { String::new() } else { format!(" in {}", info.namespace) };
    format!("{} {resource}{name}{place}", info.verb)
}

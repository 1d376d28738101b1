//! What was seen in an audit log: who does what, so that it is known what a change breaks.

use crate::api::{Attributes, Decision, RequestInfo, User, Version};
use crate::cluster::Cluster;
use crate::question::logged;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What the requests of an audit log needed, each once, and how often.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    needed: BTreeMap<String, (Attributes, usize)>,
    /// The requests that were counted: a long one has several events.
    counted: BTreeSet<String>,
}

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
    /// Takes note of a line of the log, of a server of that release; of whom the server refused, nothing is taken.
    ///
    /// # Errors
    ///
    /// That it is no audit event.
    pub fn add(&mut self, line: &str, version: Version) -> Result<(), String> {
        for request in logged(line, version)?.into_iter().filter(|request| request.passed) {
            if request.id.is_empty() || self.counted.insert(request.id) {
                request.asked.into_iter().for_each(|(user, info)| self.note(user, info));
            }
        }
        Ok(())
    }

    fn note(&mut self, user: User, info: RequestInfo) {
        let key = format!("{}\0{:?}\0{}", user.name, user.groups, words(&info));
        self.needed.entry(key).or_insert((Attributes { user, info }, 0)).1 += 1;
    }

    /// What of it was allowed before, and is not after.
    pub fn broken(&self, before: &Cluster, after: &Cluster) -> Vec<Used> {
        let allows =
            |cluster: &Cluster, asked: &Attributes| cluster.decide(asked).decision == Decision::Allow;
        let broken = self.needed.values().filter(|(asked, _)| allows(before, asked) && !allows(after, asked));
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

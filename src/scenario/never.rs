//! What must never be possible, asked of the cluster as it is.

use super::format::Property;
use super::person::Identity;
use crate::api::rbac::{METHODS, VERBS};
use crate::api::{Attributes, Decision, RequestInfo, User};
use crate::cluster::Cluster;
use crate::error::nearest;
use crate::question::{self, Place};

/// How a property is broken, if it is.
///
/// # Errors
///
/// A property that asks about a token, or whose words [`question::read`] cannot read, is a mistake.
pub fn broken(cluster: &Cluster, property: &Property) -> Result<Option<String>, String> {
    let user = match Identity::of(&property.who) {
        Identity::User(user) => user,
        Identity::Nobody => User::anonymous(),
        Identity::Token(_) => return Err("`never` asks about somebody by name, not by token".to_owned()),
    };
    let info = question::read(&property.can, cluster.resources(), Place::Default)?.info;
    known(&info, cluster)?;
    let attributes = Attributes { user: user.authenticated(), info };
    let said = cluster.decide(&attributes);
    let allowed = said.decision == Decision::Allow;
    Ok(allowed.then(|| format!("never: {} can {} ({})", attributes.user.name, property.can, said.reason())))
}

/// A verb that nobody asks for is never allowed, whatever is granted: that would hold of anything.
///
/// Resources that are not Kubernetes' own, and paths with verbs of their own, may have any.
fn known(info: &RequestInfo, cluster: &Cluster) -> Result<(), String> {
    let custom = info.is_resource && !cluster.resources().has_group(&info.group);
    let verbs: &[&str] = if info.is_resource { &VERBS } else { &METHODS };
    if custom || verbs.contains(&info.verb.as_str()) || info.verb.contains(':') || info.verb == "*" {
        return Ok(());
    }
    Err(match nearest(&info.verb, verbs.iter().copied()) {
        Some(near) => format!("there is no verb `{}`; did you mean `{near}`?", info.verb),
        None => format!("there is no verb `{}`; there are {}", info.verb, verbs.join(", ")),
    })
}

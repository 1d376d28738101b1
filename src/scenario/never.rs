//! What must never be possible, asked of the cluster as it is.

use super::format::Property;
use super::kubectl;
use super::person::Identity;
use crate::api::{Attributes, Decision, User};
use crate::cluster::Cluster;

/// How a property is broken, if it is.
pub fn broken(cluster: &Cluster, property: &Property) -> Result<Option<String>, String> {
    let user = match Identity::of(&property.who) {
        Identity::User(user) => user,
        Identity::Nobody => User::new("system:anonymous", &["system:unauthenticated"]),
        Identity::Token(_) => return Err("`never` asks about somebody by name, not by token".to_owned()),
    };
    let info = kubectl::question(&property.can, cluster.version())?;
    let attributes = Attributes { user: user.authenticated(), info };
    let said = cluster.decide(&attributes);
    let allowed = said.decision == Decision::Allow;
    Ok(allowed.then(|| format!("never: {} can {} ({})", attributes.user.name, property.can, said.reason)))
}

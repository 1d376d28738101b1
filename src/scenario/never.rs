//! What must never be possible, asked of the cluster as it is.

use super::format::Property;
use super::person::Identity;
use crate::api::rbac::{METHODS, VERBS};
use crate::api::{Attributes, Decision, RequestInfo, User};
use crate::cluster::Cluster;
use crate::error::nearest;

/// How a property is broken, if it is.
///
/// # Errors
///
/// A property that asks about a token, or whose words [`question`] cannot read, is a mistake.
pub fn broken(cluster: &Cluster, property: &Property) -> Result<Option<String>, String> {
    let user = match Identity::of(&property.who) {
        Identity::User(user) => user,
        Identity::Nobody => User::anonymous(),
        Identity::Token(_) => return Err("`never` asks about somebody by name, not by token".to_owned()),
    };
    let info = question(&property.can, cluster)?;
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

/// The request that words after `can-i` ask about: `VERB RESOURCE[/SUBRESOURCE] [NAME] [-n NAMESPACE | -A]`, or
/// `VERB /path`.
///
/// # Errors
///
/// Words of another form, and a resource that the release does not serve; the text says what is wrong.
pub fn question(words: &str, cluster: &Cluster) -> Result<RequestInfo, String> {
    let mut info = RequestInfo::default();
    let mut all = false;
    let mut plain = Vec::new();
    let mut words = words.split_whitespace();
    while let Some(word) = words.next() {
        match word {
            "-n" | "--namespace" => info.namespace = words.next().ok_or("`-n` needs a namespace")?.to_owned(),
            "-A" | "--all-namespaces" => all = true,
            flag if flag.starts_with('-') => return Err(format!("`{flag}`: only -n and -A are known here")),
            word => plain.push(word),
        }
    }
    let (verb, what, name) = match plain.as_slice() {
        [verb, what] => (verb, what, ""),
        [verb, what, name] => (verb, what, *name),
        _ => return Err("a question is VERB RESOURCE [NAME]".to_owned()),
    };
    info.verb = (*verb).to_owned();
    if what.starts_with('/') {
        info.path = (*what).to_owned();
        return Ok(info);
    }
    let (resource, subresource) = what.split_once('/').unwrap_or((what, ""));
    let table = cluster.resources();
    info.is_resource = true;
    let Some(row) = table.lookup(resource) else {
        // A resource of a group that is not Kubernetes' own may be a custom one, which authorizers know by name only.
        if let Some((plural, group)) = resource.split_once('.').filter(|(_, group)| !table.has_group(group)) {
            let (group, name) = (group.to_owned(), name.to_owned());
            let (resource, subresource) = (plural.to_owned(), subresource.to_owned());
            if all {
                info.namespace.clear();
            }
            return Ok(RequestInfo { group, resource, subresource, name, ..info });
        }
        return Err(match table.nearest(resource) {
            Some(near) => format!("unknown resource `{resource}`; did you mean `{near}`?"),
            None => format!(
                "unknown resource `{resource}`; a custom one is written with its group: `widgets.example.com`"
            ),
        });
    };
    info.group = row.group.to_string();
    info.version = row.version.to_string();
    info.resource = row.name.to_string();
    info.subresource = subresource.to_owned();
    info.name = name.to_owned();
    if row.namespaced && !all && info.namespace.is_empty() {
        info.namespace = "default".to_owned();
    }
    if !row.namespaced || all {
        info.namespace.clear();
    }
    Ok(info)
}

//! What a question is about: a resource, a subresource, a name.
//!
//! What may stand behind a resource's slash is known of it: the subresources that are served, those that only authorizers know
//! (`userextras/scopes`, `nodes/metrics`, `deployments/finalizers`), or a name, which some may give slashes (`signers/example.com/*`).

use super::Unknown;
use crate::api::resources::Resource;
use crate::api::virtual_resources::{self, RIGHTS, Right};
use crate::api::{RequestInfo, Resources};
use crate::error::nearest;
use std::sync::Arc;

/// What words say of it.
pub(super) struct What<'a> {
    /// The verb.
    pub(super) verb: &'a str,
    /// `pods`, `po/web`, `pods/log`, `deployments.apps/web/scale`, `userextras.authentication.k8s.io/scopes`.
    pub(super) what: &'a str,
    /// The word behind it; empty if there is none.
    pub(super) name: &'a str,
    /// What `--subresource` says.
    pub(super) subresource: Option<&'a str>,
    /// Whether it was typed at kubectl, to whom all behind the slash is a name.
    pub(super) is_kubectls: bool,
}

impl<'a> What<'a> {
    /// The word for the resource.
    pub(super) fn word(&self) -> &'a str {
        self.parts().0
    }

    fn parts(&self) -> (&'a str, &'a str) {
        self.what.split_once('/').unwrap_or((self.what, ""))
    }
}

/// What may stand behind the slash of a resource.
enum Behind<'t> {
    /// One of these subresources, or a name.
    Parts(Vec<&'t str>),
    /// The same where nobody is known to serve it: it may have others.
    Custom,
    /// A subresource of any name: an extra's key.
    Key,
    /// A name, also one with slashes: `example.com/foo`, `https://issuer/#jo`.
    Name,
}

/// The subresources that a custom resource may have, and what the server asks of owners.
const OF_CUSTOM: [&str; 3] = ["status", "scale", FINALIZERS];

/// Asked for of whatever blocks an owner's deletion.
const FINALIZERS: &str = "finalizers";

/// The request that words stand for, without its namespace.
pub(super) fn read(
    asked: &What<'_>,
    table: &Resources,
    unknown: Unknown,
    hints: &mut Vec<String>,
) -> Result<RequestInfo, String> {
    let (word, behind) = asked.parts();
    let info = match (named(asked.verb, word, table), unknown) {
        (Ok(info), _) => info,
        (Err(why), Unknown::IsWrong) => return Err(why),
        (Err(why), Unknown::AsItStands) => {
            hints.push(why);
            RequestInfo { is_resource: true, resource: word.to_owned(), ..RequestInfo::default() }
        }
    };
    let info = RequestInfo { verb: asked.verb.to_owned(), ..info };
    let may_be = may_be_behind(&info, table);
    let (own, subresource) = match (&may_be, asked.subresource) {
        (_, Some(part)) => (behind, part),
        (Behind::Key, None) => ("", behind),
        (Behind::Name, None) => (behind, ""),
        (Behind::Custom, None) => of_custom(behind, asked.name, asked.is_kubectls),
        (Behind::Parts(parts), None) => match behind.rsplit_once('/') {
            Some(both) => both,
            None if asked.is_kubectls || !parts.contains(&behind) => (behind, ""),
            None => ("", behind),
        },
    };
    if let Behind::Parts(parts) = &may_be {
        slip(word, own, subresource, asked, parts)?;
        if asked.is_kubectls && asked.subresource.is_none() && parts.contains(&own) {
            hints.push(format!(
                "to kubectl `{word}/{own}` is a name, `{own}`; the subresource is `{word} --subresource={own}`"
            ));
        }
    }
    let name = match (own, asked.name) {
        (own, name) if !own.is_empty() && !name.is_empty() => {
            return Err(format!("two names: `{own}` and `{name}`"));
        }
        ("", name) => name,
        (own, _) => own,
    };
    match may_be {
        Behind::Key if subresource.is_empty() && !name.is_empty() => {
            Err(format!("an extra is asked for by its key: `{word}/KEY {name}`"))
        }
        Behind::Parts(_) | Behind::Custom if name.contains('/') => {
            Err(of_slash(&info, word, name, &may_be, table))
        }
        _ => Ok(RequestInfo { subresource: subresource.to_owned(), name: name.to_owned(), ..info }),
    }
}

/// What stands behind the slash of a custom resource, as own name and subresource: whoever says a name besides means a subresource.
fn of_custom<'a>(behind: &'a str, name: &str, is_kubectls: bool) -> (&'a str, &'a str) {
    match behind.rsplit_once('/') {
        Some(both) => both,
        None if !is_kubectls && (!name.is_empty() || OF_CUSTOM.contains(&behind)) => ("", behind),
        None => (behind, ""),
    }
}

/// A slip of the pen for a subresource is told; what is like none is a name.
fn slip(word: &str, own: &str, subresource: &str, asked: &What<'_>, parts: &[&str]) -> Result<(), String> {
    let is_told = !subresource.is_empty();
    let text = if is_told { subresource } else { own };
    if text.is_empty() || parts.contains(&text) || asked.is_kubectls && !is_told {
        return Ok(());
    }
    let near = nearest(text, parts.iter().copied());
    // `shop/web` may be a namespace with a name.
    match near.map(|near| format!("; did you mean `{word}/{near}`?")) {
        Some(near) => Err(format!("{word} has no subresource `{text}`{near}")),
        None if is_told => Err(format!("{word} has no subresource `{text}`")),
        None => Ok(()),
    }
}

/// That a name has no slash, and what may be meant.
fn of_slash(info: &RequestInfo, word: &str, name: &str, may_be: &Behind<'_>, table: &Resources) -> String {
    let (first, second) = name.split_once('/').unwrap_or((name, ""));
    let is_part = match may_be {
        Behind::Parts(parts) => parts.contains(&second),
        _ => true,
    };
    let meant = match is_namespaced(info, table) {
        Some(true) if !is_part && !second.contains('/') => format!("{word}/{second} -n {first}"),
        _ => format!("{word}/{second} {first}"),
    };
    format!("a name has no slash: did you mean `{meant}`?")
}

fn may_be_behind<'t>(info: &RequestInfo, table: &'t Resources) -> Behind<'t> {
    let rights = || rights(&info.group, &info.resource);
    if virtual_resources::named(&info.group, &info.resource).is_some() {
        return if rights().any(|right| right.subresource == "*") { Behind::Key } else { Behind::Name };
    }
    // Whom somebody may act as is no subresource of theirs: `impersonate serviceaccounts/token` is about one of that name.
    if rights().any(|right| right.subresource.is_empty() && right.verbs.contains(&&*info.verb)) {
        return Behind::Parts(Vec::new());
    }
    let of = |row: &&Arc<Resource>| *row.group == *info.group && *row.name == *info.resource;
    let mut parts: Vec<&str> = table.iter().filter(of).map(|row| &*row.subresource).collect();
    if parts.is_empty() {
        return Behind::Custom;
    }
    parts.extend(rights().map(|right| right.subresource).chain([FINALIZERS]));
    parts.retain(|part| !part.is_empty());
    Behind::Parts(parts)
}

fn rights(group: &str, resource: &str) -> impl Iterator<Item = &'static Right> {
    RIGHTS.iter().filter(move |right| right.group == group && right.resource == resource)
}

/// Whether what is asked for is in a namespace; none of a resource that nobody serves here. To bind a cluster role is a right in the
/// namespace of the binding.
pub(super) fn is_namespaced(info: &RequestInfo, table: &Resources) -> Option<bool> {
    let right = rights(&info.group, &info.resource)
        .find(|right| right.subresource == info.subresource && right.verbs.contains(&&*info.verb))
        .or_else(|| virtual_resources::named(&info.group, &info.resource));
    match right {
        Some(right) => Some(right.namespaced),
        None => table.preferred(&info.group, &info.resource).map(|row| row.namespaced),
    }
}

/// The resource of a word. A verb that only rights know tells which one is meant: `impersonate:associated-node nodes`.
fn named(verb: &str, word: &str, table: &Resources) -> Result<RequestInfo, String> {
    let (plural, group) = word.split_once('.').unwrap_or((word, ""));
    let of = |group: &str, version: &str, resource: &str| RequestInfo {
        is_resource: true,
        group: group.to_owned(),
        version: version.to_owned(),
        resource: resource.to_owned(),
        ..RequestInfo::default()
    };
    let row = table.lookup(word);
    let resource = row.map_or(plural, |row| &*row.name);
    let rights = || {
        let of = |right: &&Right| {
            right.subresource.is_empty()
                && right.resource == resource
                && (group.is_empty() || right.group == group)
        };
        RIGHTS.iter().filter(of)
    };
    if let Some(right) = rights().find(|right| right.verbs.contains(&verb)) {
        let version = table.preferred(right.group, right.resource).map_or("", |row| &*row.version);
        return Ok(of(right.group, version, right.resource));
    }
    if let Some(row) = row {
        return Ok(of(&row.group, &row.version, &row.name));
    }
    if let Some(right) =
        rights().find(|right| virtual_resources::named(right.group, right.resource).is_some())
    {
        return Ok(of(right.group, "", right.resource));
    }
    // A resource of a group that is not Kubernetes' own may be a custom one, which authorizers know by name only.
    if word == "*" || !group.is_empty() && !table.has_group(group) {
        return Ok(of(group, "", plural));
    }
    let whole = table.iter().filter(|row| row.subresource.is_empty());
    let known = whole.flat_map(|row| [&*row.name, &*row.singular]);
    Err(match nearest(word, known.chain(virtual_resources::all_named().map(|right| right.resource))) {
        Some(near) => format!("unknown resource `{word}`; did you mean `{near}`?"),
        None => {
            format!(
                "unknown resource `{word}`; a custom one is written with its group: `widgets.example.com`"
            )
        }
    })
}

//! Questions as after `kubectl auth can-i` (`kubectl/pkg/cmd/auth/cani.go`).

use super::{Place, Question, path, warnings};
use crate::api::resources::Resource;
use crate::api::virtual_resources;
use crate::api::{RequestInfo, Resources, User};
use crate::error::nearest;
use std::sync::Arc;

/// What stands before a question that was typed at kubectl.
const BEFORE: &str = "kubectl auth can-i ";

/// What is asked for a word that names no resource, by what is wrong with it.
pub(super) type Unknown<'u> = dyn FnMut(&str, String) -> Result<RequestInfo, String> + 'u;

/// What kubectl warns of before it asks that.
pub(super) fn warnings(words: &str, table: &Resources, place: Place<'_>) -> Vec<String> {
    let Ok(words) = Words::of(words.strip_prefix(BEFORE).unwrap_or(words)) else { return Vec::new() };
    let (verb, what) = match words.plain.as_slice() {
        [verb, what] | [verb, what, _] => (*verb, *what),
        _ => return Vec::new(),
    };
    if path::of_url(what).is_some() {
        return warnings::of_path(verb).into_iter().collect();
    }
    let word = what.split_once('/').map_or(what, |(word, _)| word);
    let found = table.lookup(word).map(|row| warnings::found(row));
    // What only authorizers know is asked for all the same.
    if word == "*" || found.is_none() && named(word, table, &mut |_, why| Err(why)).is_ok() {
        return Vec::new();
    }
    warnings::of_resource(verb, word, found, words.everywhere || place == Place::Everywhere)
}

/// The words of a question, taken apart.
#[derive(Default)]
struct Words<'a> {
    plain: Vec<&'a str>,
    namespace: Option<&'a str>,
    everywhere: bool,
    subresource: Option<&'a str>,
    user: Option<&'a str>,
    groups: Vec<&'a str>,
}

impl<'a> Words<'a> {
    fn of(words: &'a str) -> Result<Words<'a>, String> {
        let mut found = Words::default();
        let mut words = words.split_whitespace().map(|word| word.trim_matches(['"', '\'']));
        while let Some(word) = words.next() {
            let (flag, given) = match word.split_once('=') {
                Some((flag, value)) if flag.starts_with('-') => (flag, Some(value)),
                _ => (word, None),
            };
            let mut value = || given.or_else(|| words.next()).ok_or(format!("`{flag}` needs a value"));
            match flag {
                "-n" | "--namespace" => found.namespace = Some(value()?),
                "--subresource" => found.subresource = Some(value()?),
                "--as" => found.user = Some(value()?),
                "--as-group" => found.groups.push(value()?),
                "-A" | "--all-namespaces" => found.everywhere = true,
                "-q" | "--quiet" => {}
                flag if flag.starts_with('-') => {
                    return Err(format!(
                        "`{flag}`: only -n, -A, --subresource, --as and --as-group are known here"
                    ));
                }
                _ => found.plain.push(word),
            }
        }
        Ok(found)
    }
}

/// What is asked, where `unknown` says what is to be asked for a resource that nobody knows.
pub(super) fn read(
    words: &str,
    table: &Resources,
    place: Place<'_>,
    unknown: &mut Unknown<'_>,
) -> Result<Question, String> {
    let words = Words::of(words.strip_prefix(BEFORE).unwrap_or(words))?;
    let user = words.user.map(|name| {
        let mut user = User::named(name);
        user.groups.extend(words.groups.iter().map(|group| (*group).to_owned()));
        user
    });
    let place = match (words.everywhere, words.namespace) {
        (true, _) => Place::Everywhere,
        (false, Some(namespace)) => Place::Namespace(namespace),
        (false, None) => place,
    };
    let (verb, what, name) = match words.plain.as_slice() {
        // A path alone, as one has it from the browser or after curl.
        [path] if path::of_url(path).is_some() => ("get", *path, ""),
        ["curl", path] if path::of_url(path).is_some() => ("get", *path, ""),
        [verb, what] => (*verb, *what, ""),
        [verb, what, name] => (*verb, *what, *name),
        _ => return Err("a question is VERB RESOURCE [NAME]".to_owned()),
    };
    if let Some(path) = path::of_url(what) {
        return Ok(Question { user, info: path::read(verb, path) });
    }
    let mut info = resource(what, name, words.subresource, table, unknown)?;
    info.verb = verb.to_owned();
    info.namespace = match (is_namespaced(&info, table), place) {
        (Some(false), _) | (_, Place::Everywhere) => String::new(),
        (_, Place::Namespace(namespace)) => namespace.to_owned(),
        (Some(true), Place::Default) => "default".to_owned(),
        (None, Place::Default) => String::new(),
    };
    if info.group.is_empty() && info.resource == "namespaces" && !info.name.is_empty() {
        // A server takes a namespace for in itself (`requestinfo.go`): who may read it by a role of it may.
        info.namespace = info.name.clone();
    }
    Ok(Question { user, info })
}

/// Whether a resource's objects are in namespaces; none of one that nobody serves here.
fn is_namespaced(info: &RequestInfo, table: &Resources) -> Option<bool> {
    if let Some(right) = virtual_resources::named(&info.group, &info.resource) {
        return Some(right.namespaced);
    }
    table.preferred(&info.group, &info.resource).map(|row| row.namespaced)
}

/// `pods`, `po/web`, `pods/log`, `deployments.apps/web/scale`, `userextras.authentication.k8s.io/scopes`.
fn resource(
    what: &str,
    name: &str,
    part: Option<&str>,
    table: &Resources,
    unknown: &mut Unknown<'_>,
) -> Result<RequestInfo, String> {
    let (word, behind) = what.split_once('/').unwrap_or((what, ""));
    let info = named(word, table, unknown)?;
    let parts = subresources(&info, table);
    // Of what nobody serves, any word may be a subresource.
    let is_part = |text: &str| parts.as_ref().is_none_or(|parts| parts.contains(&text));
    let (own, subresource) = match (behind.rsplit_once('/'), part) {
        (_, Some(part)) => (behind, part),
        (Some((own, last)), None) => (own, last),
        (None, None) if is_part(behind) => ("", behind),
        (None, None) => (behind, ""),
    };
    // A slip is told; what is like no subresource is a name.
    let slip = if subresource.is_empty() { own } else { subresource };
    if !slip.is_empty() && !is_part(slip) {
        let near = nearest(slip, parts.iter().flatten().copied())
            .map(|near| format!("; did you mean `{word}/{near}`?"));
        if let Some(hint) = near.or_else(|| (slip == subresource).then(String::new)) {
            return Err(format!("{word} has no subresource `{slip}`{hint}"));
        }
    }
    match [own, name].into_iter().find(|name| name.contains('/')) {
        Some(name) => {
            let (object, part) = name.split_once('/').unwrap_or((name, ""));
            Err(format!("a name has no slash: did you mean `{word}/{part} {object}`?"))
        }
        None if !own.is_empty() && !name.is_empty() => Err(format!("two names: `{own}` and `{name}`")),
        None => {
            let name = if own.is_empty() { name } else { own };
            Ok(RequestInfo { subresource: subresource.to_owned(), name: name.to_owned(), ..info })
        }
    }
}

/// The subresources of a resource; none of one that nobody serves here.
fn subresources<'t>(info: &RequestInfo, table: &'t Resources) -> Option<Vec<&'t str>> {
    let of = |row: &&Arc<Resource>| *row.group == *info.group && *row.name == *info.resource;
    let parts = || table.iter().filter(of).map(|row| &*row.subresource);
    parts().next().is_some().then(|| parts().filter(|part| !part.is_empty()).collect())
}

/// The resource of a word.
fn named(word: &str, table: &Resources, unknown: &mut Unknown<'_>) -> Result<RequestInfo, String> {
    let (plural, group) = word.split_once('.').unwrap_or((word, ""));
    let of = |group: &str, version: &str, resource: &str| RequestInfo {
        is_resource: true,
        group: group.to_owned(),
        version: version.to_owned(),
        resource: resource.to_owned(),
        ..RequestInfo::default()
    };
    if let Some(row) = table.lookup(word) {
        return Ok(of(&row.group, &row.version, &row.name));
    }
    let alone = virtual_resources::all_named();
    if let Some(right) =
        { alone }.find(|right| right.resource == plural && (right.group == group || group.is_empty()))
    {
        return Ok(of(right.group, "", right.resource));
    }
    // A resource of a group that is not Kubernetes' own may be a custom one, which authorizers know by name only.
    if word == "*" || !group.is_empty() && !table.has_group(group) {
        return Ok(of(group, "", plural));
    }
    let why = match table.nearest(word) {
        Some(near) => format!("unknown resource `{word}`; did you mean `{near}`?"),
        None => {
            format!(
                "unknown resource `{word}`; a custom one is written with its group: `widgets.example.com`"
            )
        }
    };
    unknown(word, why)
}

//! Questions as after `kubectl auth can-i` (`kubectl/pkg/cmd/auth/cani.go`), and as this program itself tells of them.

use super::resource::{self, What};
use super::{Asked, Place, Question, Unknown, path, split, warnings};
use crate::api::rbac::{METHODS, VERBS, typed};
use crate::api::{RequestInfo, Resources, User, service_account, virtual_resources};

/// What stands before a question that was typed at kubectl.
const BEFORE: [&str; 3] = ["kubectl", "auth", "can-i"];

/// Flags of kubectl's that say which server it asks, and how: here the dump answers.
const ELSEWHERE: [&str; 8] =
    ["--context", "--kubeconfig", "--cluster", "--server", "-s", "--request-timeout", "-v", "--v"];

/// What is asked, with what kubectl warns of and what there is to say of the words.
pub(super) fn read(
    words: &str,
    table: &Resources,
    place: Place<'_>,
    unknown: Unknown,
) -> Result<Asked, String> {
    let pieces = split::pieces(words);
    let words = Words::of(&pieces)?.without_prose();
    let groups: Vec<String> = words.groups.iter().map(|group| (*group).to_owned()).collect();
    let user = words.user.map(|name| User::acted_as(name, &groups));
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
        let question = Question { user, info: path::read(verb, path) };
        // A log has the method in capitals; kubectl is typed the verb.
        let is_typed = words.plain.len() == 2 && verb.bytes().any(|byte| !byte.is_ascii_uppercase());
        let warnings = if is_typed { warnings::of_path(verb) } else { None };
        return Ok(Asked { question, warnings: warnings.into_iter().collect(), hints: Vec::new() });
    }
    let what = words.group.map_or(what.to_owned(), |group| typed(what, group));
    let asked =
        What { verb, what: &what, name, subresource: words.subresource, is_kubectls: words.is_kubectls };
    let mut hints = Vec::new();
    let mut info = resource::read(&asked, table, unknown, &mut hints)?;
    info.namespace = match (resource::is_namespaced(&info, table), place) {
        (Some(false), _) | (_, Place::Everywhere) => String::new(),
        (_, Place::Namespace(namespace)) => namespace.to_owned(),
        (Some(true), Place::Default) => "default".to_owned(),
        (None, Place::Default) => String::new(),
    };
    if info.group.is_empty() && info.resource == "namespaces" && !info.name.is_empty() {
        // A server takes a namespace for in itself (`requestinfo.go`): who may read it by a role of it may.
        info.namespace = info.name.clone();
    }
    hints.extend(of_method(verb).into_iter().chain(of_account(&info)));
    let warnings = warned_of(&asked, &info, table, place);
    Ok(Asked { question: Question { user, info }, warnings, hints })
}

/// Whether words are a question that was typed at kubectl.
pub(crate) fn is_typed(words: &str) -> bool {
    let mut before = words.split_whitespace().take_while(|word| *word != "--");
    let [kubectl, rest @ ..] = BEFORE;
    before.next() == Some(kubectl) && before.collect::<Vec<_>>().windows(rest.len()).any(|two| two == rest)
}

/// Whom a line of kubectl's names with `--as`.
pub(crate) fn named_in(line: &str) -> Option<String> {
    let pieces = split::pieces(line);
    let mut words = pieces.iter().map(String::as_str).take_while(|word| *word != "--");
    let named = words.find_map(|word| match word.strip_prefix("--as")? {
        "" => Some(None),
        rest => rest.strip_prefix('=').map(Some),
    })?;
    named.or_else(|| words.next()).map(str::to_owned)
}

/// Whether a line says with a flag in which namespace.
pub(crate) fn says_where(line: &str) -> bool {
    const WHERE: [&str; 4] = ["-n", "--namespace", "-A", "--all-namespaces"];
    let pieces = split::pieces(line);
    let mut flags = pieces.iter().take_while(|word| *word != "--");
    flags.any(|word| WHERE.contains(&word.split_once('=').map_or(word.as_str(), |(flag, _)| flag)))
}

/// What kubectl warns of before it asks that.
fn warned_of(asked: &What<'_>, info: &RequestInfo, table: &Resources, place: Place<'_>) -> Vec<String> {
    let word = asked.word();
    let found = table.lookup(word).map(|row| warnings::found(row));
    // What only authorizers know is asked for all the same.
    let is_right = virtual_resources::named(&info.group, &info.resource).is_some();
    let is_other = !info.group.is_empty() && !table.has_group(&info.group);
    if word == "*" || found.is_none() && (is_right || is_other) {
        return Vec::new();
    }
    warnings::of_resource(asked.verb, word, found, place == Place::Everywhere)
}

/// That a verb is a method of HTTP.
fn of_method(verb: &str) -> Option<String> {
    let method = verb.to_ascii_lowercase();
    if VERBS.contains(&verb) || !METHODS.contains(&method.as_str()) {
        return None;
    }
    let meant = match method.as_str() {
        "get" | "head" => "`get`, and `list` or `watch` without a name",
        "post" => "`create`",
        "put" => "`update`",
        "patch" => "`patch`",
        "delete" => "`delete`, and `deletecollection` without a name",
        _ => return None,
    };
    Some(format!("`{verb}` is a method of HTTP; on a resource that is the verb {meant}"))
}

/// That a service account is no user for those who ask whom somebody may act as.
fn of_account(info: &RequestInfo) -> Option<String> {
    let is_user = info.resource == "users" && info.verb.starts_with("impersonate");
    let (namespace, name) = service_account(&info.name).filter(|_| is_user)?;
    Some(format!(
        "who acts as {} needs it of the account: `{} serviceaccounts/{name} -n {namespace}`",
        info.name, info.verb
    ))
}

/// The words of a question, taken apart.
#[derive(Default)]
struct Words<'a> {
    plain: Vec<&'a str>,
    is_kubectls: bool,
    namespace: Option<&'a str>,
    everywhere: bool,
    subresource: Option<&'a str>,
    group: Option<&'a str>,
    user: Option<&'a str>,
    groups: Vec<&'a str>,
}

impl<'a> Words<'a> {
    fn of(pieces: &'a [String]) -> Result<Words<'a>, String> {
        let mut found = Words::default();
        let mut words = pieces.iter().map(String::as_str);
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
                "--list" => return Err("`--list` asks for all rights: `what-can` tells them".to_owned()),
                flag if ELSEWHERE.contains(&flag) => drop(value()?),
                flag if flag.starts_with('-') => {
                    return Err(format!(
                        "`{flag}`: only -n, -A, --subresource, --as and --as-group are known here"
                    ));
                }
                _ => found.plain.push(word),
            }
        }
        if found.plain.starts_with(&BEFORE) {
            found.is_kubectls = true;
            found.plain.drain(..BEFORE.len());
        }
        Ok(found)
    }

    /// The same with flags for what this program tells in words: `get pods named web of API group apps in namespace shop`.
    fn without_prose(mut self) -> Words<'a> {
        let place = match self.plain.as_slice() {
            [_, _, .., "in", "the", "whole", "cluster"] => Some((4, None)),
            [_, _, .., "in", "namespace", namespace] => Some((3, Some(*namespace))),
            [_, _, .., "in", namespace] => Some((2, Some(*namespace))),
            _ => None,
        };
        if let Some((words, namespace)) = place {
            self.plain.truncate(self.plain.len() - words);
            self.everywhere |= namespace.is_none();
            self.namespace = self.namespace.or(namespace);
        }
        if let [_, _, .., "of", "API", "group", group] = self.plain.as_slice() {
            self.group = Some(if *group == "core" { "" } else { *group });
            self.plain.truncate(self.plain.len() - 4);
        }
        if let [_, _, "named", _] = self.plain.as_slice() {
            self.plain.remove(2);
        }
        self
    }
}

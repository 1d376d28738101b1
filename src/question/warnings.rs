//! What kubectl warns of before it asks, in its own words (`kubectl/pkg/cmd/auth/cani.go`).

use crate::api::Resource;
use crate::api::rbac::VERBS;

/// The verbs on paths that it knows.
const URL_VERBS: [&str; 8] = ["get", "put", "post", "head", "options", "delete", "patch", "*"];

/// About a verb on a path.
pub(crate) fn of_path(verb: &str) -> Option<String> {
    (!URL_VERBS.contains(&verb)).then(|| unknown_verb(verb))
}

/// About a verb on a resource by its name, its group and whether its objects are in namespaces, if the server has it; `word` is
/// how it was asked for.
pub(crate) fn of_resource(
    verb: &str,
    word: &str,
    found: Option<(&str, &str, bool)>,
    everywhere: bool,
) -> Vec<String> {
    let within = |group: &str| if group.is_empty() { String::new() } else { format!(" in group '{group}'") };
    let mut all = Vec::new();
    if found.is_none() {
        let (plain, group) = word.split_once('.').unwrap_or((word, ""));
        all.push(format!("the server doesn't have a resource type '{plain}'{}", within(group)));
    }
    if verb != "*" && !VERBS.contains(&verb) {
        all.push(unknown_verb(verb));
    }
    if let Some((resource, group, false)) = found
        && !everywhere
    {
        all.push(format!("resource '{resource}' is not namespace scoped{}", within(group)));
    }
    all
}

/// A resource, as warnings speak of it.
pub(super) fn found(row: &Resource) -> (&str, &str, bool) {
    (&row.name, &row.group, row.namespaced)
}

fn unknown_verb(verb: &str) -> String {
    format!("verb '{verb}' is not a known verb")
}

//! Rules about resources: whether their verbs are asked for, and with names.

use super::super::{Findings, checks};
use super::resources::Meant;
use crate::api::rbac::{PolicyRule, VERBS, listed};
use crate::authorize::rbac::matching::{Flaw, Named, Thing, is_idle, named, of_verb};
use crate::error::nearest;

/// Looks at the verbs of a rule, and at its names.
pub(super) fn check(at: usize, rule: &PolicyRule, meant: &[Meant<'_>], findings: &mut Findings<'_>) {
    for (number, verb) in rule.verbs.iter().enumerate().filter(|(_, verb)| *verb != "*") {
        let field = format!("verbs[{number}]");
        if of_verb(verb) == Some(Flaw::Capital) {
            let text = format!("`{verb}` has capital letters: write `{}`", verb.to_lowercase());
            findings.add_to_rule(&checks::UPPER_CASE, at, &field, text);
        } else if of_verb(verb).is_some() {
            let text = format!("`{verb}` is compared letter by letter: only `*` alone stands for all verbs");
            findings.add_to_rule(&checks::PART_STAR, at, &field, text);
        } else if let Some(things) = all(meant).filter(|things| !things.iter().any(|thing| thing.has(verb))) {
            findings.add_to_rule(&checks::VERB_NOT_SERVED, at, &field, no_verb(verb, &things));
        }
    }
    idle_resources(at, rule, meant, findings);
    names(at, rule, meant, findings);
}

/// All that the rule is about, where that is known.
fn all<'k, 'm>(meant: &'m [Meant<'k>]) -> Option<Vec<&'m Thing<'k>>> {
    let mut things = Vec::new();
    for one in meant {
        match one {
            Meant::Open => return None,
            Meant::Nothing => {}
            Meant::Served(served) => things.extend(served),
        }
    }
    (!things.is_empty()).then_some(things)
}

/// What there is in place of a verb that nothing has.
fn no_verb(verb: &str, things: &[&Thing<'_>]) -> String {
    if let Some(thing) =
        things.iter().find(|thing| thing.part.is_empty() && thing.served.parts().any(|part| part == verb))
    {
        let verbs = listed(thing.served.verbs(verb));
        return format!("`{verb}` is no verb but a subresource: `{}/{verb}` has {verbs}", thing.resource);
    }
    let known: Vec<&str> = things.iter().flat_map(|thing| thing.served.verbs(thing.part)).collect();
    let name = |thing: &&Thing<'_>| {
        let slash = if thing.part.is_empty() { "" } else { "/" };
        format!("{}{slash}{}", thing.resource, thing.part)
    };
    let mut names: Vec<String> = things.iter().map(name).collect();
    names.dedup();
    let hint = nearest(verb, known.into_iter().chain(VERBS)).filter(|near| *near != verb);
    let hint = hint.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    format!("`{verb}` is no verb of {}{hint}", names.join(", "))
}

/// Tells of resources that have none of the verbs, where others have.
fn idle_resources(at: usize, rule: &PolicyRule, meant: &[Meant<'_>], findings: &mut Findings<'_>) {
    let idle = |things: &[Thing<'_>]| {
        !things.iter().any(|thing| rule.verbs.iter().any(|verb| verb == "*" || thing.has(verb)))
    };
    let is_idle = |one: &Meant<'_>| match one {
        Meant::Open => Some(false),
        Meant::Nothing => None,
        Meant::Served(things) => Some(idle(things)),
    };
    let told: Vec<Option<bool>> = meant.iter().map(is_idle).collect();
    if told.iter().all(|idle| *idle != Some(false)) {
        return;
    }
    for (number, (word, _)) in
        rule.resources.iter().zip(&told).enumerate().filter(|(_, (_, idle))| **idle == Some(true))
    {
        let has: Vec<&str> = match &meant[number] {
            Meant::Served(things) => things.iter().flat_map(|thing| thing.served.verbs(thing.part)).collect(),
            Meant::Open | Meant::Nothing => Vec::new(),
        };
        let verbs = listed(&rule.verbs);
        let text = format!("{word} has none of the verbs {verbs}; it has {}", listed(has));
        findings.add_to_rule(&checks::VERB_NOT_SERVED, at, &format!("resources[{number}]"), text);
    }
}

/// Tells of verbs that are asked for without a name, and of names that nothing can have.
fn names(at: usize, rule: &PolicyRule, meant: &[Meant<'_>], findings: &mut Findings<'_>) {
    // The names of signers and of roles may hold stars.
    const STARRED: [&str; 3] = ["signers", "roles", "clusterroles"];
    if rule.resource_names.is_empty() {
        return;
    }
    let plain = |word: &&String| *word != "*" && !word.contains('/');
    let whole: Vec<&str> = rule.resources.iter().filter(plain).map(String::as_str).collect();
    let (things, name) = (listed(&whole), rule.resource_names.iter().find(|name| !name.is_empty()));
    let has_empty = rule.resource_names.iter().any(String::is_empty);
    for (number, verb) in rule.verbs.iter().enumerate() {
        let field = format!("verbs[{number}]");
        let mut tell = |check, text| findings.add_to_rule(check, at, &field, text);
        // That nothing has the verb was told.
        let is_served = all(meant).is_none_or(|all| verb == "*" || all.iter().any(|thing| thing.has(verb)));
        if is_served && rule.resources.iter().all(|word| is_idle(verb, word, &rule.resource_names)) {
            match name {
                Some(_) => tell(
                    &checks::NAMED_DELETECOLLECTION,
                    format!("`{verb}` has no name when it is authorized: resourceNames leave nothing of it"),
                ),
                None => tell(
                    &checks::UNNAMED,
                    format!(
                        "`{verb}` always has a name, and resourceNames hold only the empty one, which is that of requests without any"
                    ),
                ),
            }
        }
        let (Some(name), Some(word)) = (name.filter(|_| !has_empty), whole.first()) else { continue };
        match named(verb, word) {
            Named::Anew if verb == "create" => tell(
                &checks::NAMED_CREATE,
                format!(
                    "`create` of {things} has no name when it is authorized, but for a PUT or server-side apply that creates"
                ),
            ),
            Named::Selected => tell(
                &checks::NAMED_LIST,
                format!("`{verb}` of {things} has a name only with --field-selector metadata.name={name}"),
            ),
            Named::Always | Named::Anew | Named::Never | Named::Open => {}
        }
    }
    let starred =
        all(meant).is_none_or(|things| things.iter().any(|thing| STARRED.contains(&thing.resource)));
    for (number, name) in rule.resource_names.iter().enumerate() {
        // Of what is asked for when others are impersonated, `*` is all (KEP-5284).
        if name.contains('*') && !starred && !rule.verbs.iter().any(|verb| verb.starts_with("impersonate")) {
            let text = format!("`{name}` is compared letter by letter: no star stands for other names");
            findings.add_to_rule(&checks::STAR_IN_NAME, at, &format!("resourceNames[{number}]"), text);
        }
    }
}

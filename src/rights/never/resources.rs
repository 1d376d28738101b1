//! Rules about resources: what their groups and resources mean.

use super::super::known::{Known, Served};
use super::super::{Findings, checks, listed};
use crate::api::Resources;
use crate::api::rbac::PolicyRule;
use crate::error::{nearest, nearest_slip};

/// What a word of `resources` means with the groups of its rule.
pub(super) enum Meant<'k> {
    /// Any resource, or what may be another server's.
    Open,
    /// Nothing, and that was told.
    Nothing,
    /// What is served.
    Served(Vec<Thing<'k>>),
}

/// A resource or a subresource of a group.
pub(super) struct Thing<'k> {
    pub(super) group: &'k str,
    pub(super) resource: &'k str,
    pub(super) part: &'k str,
    pub(super) served: &'k Served<'k>,
}

impl Thing<'_> {
    pub(super) fn has(&self, verb: &str) -> bool {
        self.served.has_verb(self.group, self.resource, self.part, verb)
    }

    /// Whether it is asked for in no namespace. A namespace counts as being in itself.
    fn of_cluster(&self) -> bool {
        !self.served.namespaced && self.resource != "namespaces"
    }
}

/// Resources that never were more than alpha, and of which the table of resources has nothing.
const NOT_IN_TABLE: [(&str, &str); 2] =
    [("networking.k8s.io", "clustercidrs"), ("coordination.k8s.io", "leasecandidates")];

/// A group whose resources moved to others before the first release that is modelled; roles name it beside these.
const RETIRED: &str = "extensions";

/// A rule, and what its groups mean.
struct Reading<'k> {
    known: &'k Known<'k>,
    at: usize,
    rule: &'k PolicyRule,
    /// The groups that are served.
    groups: Vec<&'k str>,
    /// Whether another server may have the rule's resources.
    open: bool,
}

/// Looks at the groups and the resources of a rule, and says what each resource means.
pub(super) fn check<'k>(
    known: &'k Known<'k>,
    at: usize,
    rule: &'k PolicyRule,
    findings: &mut Findings<'_>,
) -> Vec<Meant<'k>> {
    let star = rule.api_groups.iter().any(|group| group == "*");
    let groups = rule.api_groups.iter().map(String::as_str).filter(|group| known.has_group(group)).collect();
    let mut reading = Reading {
        known,
        at,
        rule,
        groups,
        open: star || rule.api_groups.iter().any(|group| group == RETIRED),
    };
    for (number, group) in rule.api_groups.iter().enumerate() {
        if group != "*" && !known.has_group(group) {
            // What is wrong with a group is said once, and not of each resource again.
            reading.open = true;
            unserved(&reading, number, group, findings);
        }
    }
    let told = rule.resources.iter().enumerate();
    let meant: Vec<Meant<'_>> =
        told.map(|(number, word)| reading.resource(number, word, star, findings)).collect();
    reading.idle_groups(&meant, findings);
    if findings.at.key.resource.starts_with("roles.") {
        for (number, (word, meant)) in rule.resources.iter().zip(&meant).enumerate() {
            if let Meant::Served(things) = meant
                && things.iter().all(Thing::of_cluster)
            {
                let text =
                    format!("{word} is in no namespace: it takes a ClusterRole and a ClusterRoleBinding");
                findings.add_to_rule(&checks::CLUSTER_SCOPED, at, &format!("resources[{number}]"), text);
            }
        }
    }
    meant
}

/// Whether each resource of a rule is in no namespace, so that a binding in one gives nothing of it.
pub(super) fn of_cluster(known: &Known<'_>, rule: &PolicyRule) -> bool {
    let of = |word: &String| {
        let (resource, _) = word.split_once('/').unwrap_or((word, ""));
        let all = rule.api_groups.iter();
        let served: Option<Vec<&Served<'_>>> = all.map(|group| known.get(group, resource)).collect();
        served.is_some_and(|all| resource != "namespaces" && all.iter().all(|served| !served.namespaced))
    };
    !rule.resources.is_empty() && !rule.api_groups.is_empty() && rule.resources.iter().all(of)
}

/// What is wrong with a group that is not served, or who may serve it.
fn unserved(reading: &Reading<'_>, number: usize, group: &str, findings: &mut Findings<'_>) {
    let Reading { known, at, .. } = *reading;
    let small = group.to_lowercase();
    let (check, text) = if let Some((plain, _)) = group.split_once('/') {
        (&checks::VERSION_IN_GROUP, format!("`{group}` is a group with its version: write `{plain}`"))
    } else if is_version(group) || group == "core" {
        (&checks::CORE_BY_NAME, format!("`{group}` is no group: the core group is written \"\""))
    } else if group.contains('*') {
        let text = format!("`{group}` is compared letter by letter: only `*` alone stands for all groups");
        (&checks::PART_STAR, text)
    } else if small != group {
        (&checks::UPPER_CASE, format!("`{group}` has capital letters: write `{small}`"))
    } else if let Some(text) = known.elsewhere(&format!("the group {group}"), |table| table.has_group(group))
    {
        (&checks::OTHER_RELEASE, text)
    } else {
        let meant = nearest_slip(group, known.table.groups().iter().map(|group| &*group.name));
        let hint = meant.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
        let version = known.table.version();
        let text = format!("neither Kubernetes {version} nor a definition here has the group {group}{hint}");
        (&checks::UNKNOWN_GROUP, text)
    };
    findings.add_to_rule(check, at, &format!("apiGroups[{number}]"), text);
}

/// `v1`, `v1beta1`.
fn is_version(word: &str) -> bool {
    word.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

impl<'k> Reading<'k> {
    /// What a word means, or what is wrong with it.
    fn resource(&self, number: usize, word: &'k str, star: bool, findings: &mut Findings<'_>) -> Meant<'k> {
        if word == "*" {
            return Meant::Open;
        }
        let (plain, part) = word.split_once('/').unwrap_or((word, ""));
        let field = format!("resources[{number}]");
        let mut wrong = |check, text| {
            findings.add_to_rule(check, self.at, &field, text);
            Meant::Nothing
        };
        if part == "*" {
            let any = if plain == "*" { "`*` alone is all of them" } else { "each is written out" };
            let text = format!("`{word}`: no star stands for subresources; {any}");
            return wrong(&checks::STAR_SUBRESOURCE, text);
        }
        if part.contains('*') || plain != "*" && plain.contains('*') {
            let text =
                format!("`{word}` is compared letter by letter: a star stands for a whole resource only");
            return wrong(&checks::PART_STAR, text);
        }
        if let Some((resource, group)) = plain.split_once('.') {
            let text = format!(
                "`{word}`: the group is written in apiGroups ({group}), the resource alone here ({resource})"
            );
            return wrong(&checks::GROUP_IN_RESOURCE, text);
        }
        if word.chars().any(char::is_uppercase) {
            let small = plain.to_lowercase();
            let right = self.known.meant(&small).map_or(small.as_str(), |(name, _)| name);
            let slash = if part.is_empty() { "" } else { "/" };
            let text = format!("`{word}` has capital letters: write `{right}{slash}{}`", part.to_lowercase());
            return wrong(&checks::UPPER_CASE, text);
        }
        if plain == "*" {
            return match self.has_part(part, star) {
                true => Meant::Open,
                false => {
                    let text = format!("no resource there has a subresource {part}");
                    wrong(&checks::UNKNOWN_SUBRESOURCE, text)
                }
            };
        }
        let of = |group: &'k str| {
            let served = self.known.get(group, plain)?;
            Some(Thing { group, resource: plain, part, served })
        };
        // With `*`, whatever group has it.
        let groups = if star { self.known.groups(plain) } else { self.groups.clone() };
        let whole: Vec<Thing<'k>> = groups.into_iter().filter_map(of).collect();
        if whole.is_empty() {
            return match self.open && !star {
                true => Meant::Open,
                false => self.unknown(word, plain, star, &mut wrong),
            };
        }
        let parts: Vec<&str> = whole.iter().flat_map(|thing| thing.served.parts()).collect();
        let things: Vec<Thing<'k>> =
            whole.into_iter().filter(|thing| thing.served.has_part(thing.group, plain, part)).collect();
        if !things.is_empty() {
            return Meant::Served(things);
        }
        if self.open && !star {
            return Meant::Open;
        }
        let other = |table: &Resources| {
            table
                .iter()
                .any(|row| row.name == plain && row.subresource == part && self.groups.contains(&&*row.group))
        };
        if let Some(text) = self.known.elsewhere(word, other) {
            wrong(&checks::OTHER_RELEASE, text);
            return Meant::Open;
        }
        let near = nearest(part, parts.iter().copied());
        let hint = near.map(|near| format!("; did you mean `{plain}/{near}`?")).unwrap_or_default();
        wrong(&checks::UNKNOWN_SUBRESOURCE, format!("{plain} has no subresource {part}{hint}"))
    }

    /// What is wrong with a word that the rule's groups don't have.
    fn unknown(
        &self,
        word: &str,
        plain: &str,
        star: bool,
        wrong: &mut dyn FnMut(&'static checks::Check, String) -> Meant<'k>,
    ) -> Meant<'k> {
        let elsewhere = self.known.groups(plain);
        if !elsewhere.is_empty() {
            let text = format!("{plain} is not in {}: it is of {}", self.places(), listed(elsewhere));
            return wrong(&checks::WRONG_GROUP, text);
        }
        if let Some((name, row)) = self.known.meant(plain) {
            let right = word.replacen(plain, name, 1);
            return match row.short_names.iter().any(|short| short == plain) {
                true => wrong(
                    &checks::SHORT_NAME,
                    format!("`{plain}` is a short name, which only kubectl knows: write `{right}`"),
                ),
                false => wrong(&checks::SINGULAR, format!("`{plain}` is a singular: write `{right}`")),
            };
        }
        let in_groups = |group: &str| star || self.groups.contains(&group);
        let has = |table: &Resources| {
            let unmodelled = NOT_IN_TABLE.iter().any(|(group, name)| *name == plain && in_groups(group));
            unmodelled || table.iter().any(|row| row.name == plain && in_groups(&row.group))
        };
        if let Some(text) = self.known.elsewhere(word, has) {
            wrong(&checks::OTHER_RELEASE, text);
            return Meant::Open;
        }
        if star {
            // Any server's group is meant, also one that nobody told of.
            return wrong(&checks::UNKNOWN_GROUP, format!("no group that is known here has {plain}"));
        }
        if let Some(group) = self.groups.iter().find(|group| self.known.table.is_custom(group)) {
            let text = format!(
                "no definition here is of {plain} in {group}, whose others are: if there is one, it is missing"
            );
            wrong(&checks::UNKNOWN_CUSTOM, text);
            return Meant::Open;
        }
        let hint = self.known.table.nearest(plain).map(|near| format!("; did you mean `{near}`?"));
        let text = format!("{plain} is not in {}{}", self.places(), hint.unwrap_or_default());
        wrong(&checks::UNKNOWN_RESOURCE, text)
    }

    /// Whether a resource of the rule's groups has a subresource.
    fn has_part(&self, part: &str, star: bool) -> bool {
        let any = if star { vec!["*"] } else { self.groups.clone() };
        self.open && !star || any.iter().any(|group| !self.known.with_part(group, part).is_empty())
    }

    /// Tells of groups that have nothing of what is asked for, where others have.
    fn idle_groups(&self, meant: &[Meant<'k>], findings: &mut Findings<'_>) {
        let mut things = Vec::new();
        for one in meant {
            match one {
                Meant::Open => return,
                Meant::Nothing => {}
                Meant::Served(served) => things.extend(served.iter().map(|thing| thing.group)),
            }
        }
        for (number, group) in self.rule.api_groups.iter().enumerate() {
            if group != RETIRED
                && self.groups.contains(&group.as_str())
                && !things.is_empty()
                && !things.contains(&group.as_str())
            {
                let all = listed(self.rule.resources.iter().map(String::as_str));
                let text = format!("the API group {} has none of {all}", listed([group.as_str()]));
                findings.add_to_rule(&checks::IDLE_GROUP, self.at, &format!("apiGroups[{number}]"), text);
            }
        }
    }

    /// The groups of the rule, as a reader has them.
    fn places(&self) -> String {
        let all = self.rule.api_groups.iter().map(String::as_str);
        match self.rule.api_groups.as_slice() {
            [one] if one == "*" => "any group".to_owned(),
            [one] if one.is_empty() => "the core group (\"\")".to_owned(),
            [one] => format!("the API group {one}"),
            _ => format!("the API groups {}", listed(all)),
        }
    }
}

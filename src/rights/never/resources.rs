//! Rules about resources: what their groups and resources mean.

use super::super::checks::{self, Check};
use super::super::{Findings, listed};
use crate::api::rbac::PolicyRule;
use crate::authorize::rbac::matching::{self, Flaw, Known, RETIRED, Served, Thing, of_group, of_resource};
use crate::error::{nearest, nearest_slip};

/// What a word of `resources` means with all groups of its rule.
pub(super) enum Meant<'k> {
    /// Any resource, or what may be another server's.
    Open,
    /// Nothing, and that was told.
    Nothing,
    /// What is served.
    Served(Vec<Thing<'k>>),
}

/// A rule, and what its groups mean.
struct Reading<'k> {
    known: &'k Known<'k>,
    at: usize,
    rule: &'k PolicyRule,
    /// The groups that are served.
    groups: Vec<&'k str>,
}

/// Looks at the groups and the resources of a rule, and says what each resource means.
pub(super) fn check<'k>(
    known: &'k Known<'k>,
    at: usize,
    rule: &'k PolicyRule,
    findings: &mut Findings<'_>,
) -> Vec<Meant<'k>> {
    let groups = rule.api_groups.iter().map(String::as_str).filter(|group| known.has_group(group)).collect();
    let reading = Reading { known, at, rule, groups };
    for (number, group) in rule.api_groups.iter().enumerate() {
        if group != "*" && !known.has_group(group) {
            // What is wrong with a group is said once, and not of each resource again.
            unserved(&reading, number, group, findings);
        }
    }
    let told = rule.resources.iter().enumerate();
    let meant: Vec<Meant<'_>> = told.map(|(number, word)| reading.resource(number, word, findings)).collect();
    reading.idle_groups(&meant, findings);
    meant
}

/// What is wrong with a group that is not served, or who may serve it.
fn unserved(reading: &Reading<'_>, number: usize, group: &str, findings: &mut Findings<'_>) {
    let Reading { known, at, .. } = *reading;
    let (check, text) = match of_group(group) {
        Some(Flaw::Version) => {
            let plain = group.split('/').next().unwrap_or_default();
            (&checks::VERSION_IN_GROUP, format!("`{group}` is a group with its version: write `{plain}`"))
        }
        Some(Flaw::Core) => {
            (&checks::CORE_BY_NAME, format!("`{group}` is no group: the core group is written \"\""))
        }
        Some(Flaw::Capital) => {
            let small = group.to_lowercase();
            (&checks::UPPER_CASE, format!("`{group}` has capital letters: write `{small}`"))
        }
        Some(_) => {
            let text =
                format!("`{group}` is compared letter by letter: only `*` alone stands for all groups");
            (&checks::PART_STAR, text)
        }
        None => match known.elsewhere(&format!("the group {group}"), |table| table.has_group(group)) {
            Some(text) => (&checks::OTHER_RELEASE, text),
            None => {
                let meant = nearest_slip(group, known.table.groups().iter().map(|group| &*group.name));
                let hint = meant.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
                let version = known.table.version();
                let text =
                    format!("neither Kubernetes {version} nor a definition here has the group {group}{hint}");
                (&checks::UNKNOWN_GROUP, text)
            }
        },
    };
    findings.add_to_rule(check, at, &format!("apiGroups[{number}]"), text);
}

/// Why a word means nothing in the groups that are known.
struct Nothing {
    check: &'static Check,
    text: String,
    /// Whether it is all but what one of the rule's groups has.
    is_slip: bool,
}

impl<'k> Reading<'k> {
    /// What a word means, or what is wrong with it.
    fn resource(&self, number: usize, word: &'k str, findings: &mut Findings<'_>) -> Meant<'k> {
        let field = format!("resources[{number}]");
        let mut tell = |check, text| findings.add_to_rule(check, self.at, &field, text);
        if let Some(flaw) = of_resource(word) {
            let (check, text) = self.flaw(flaw, word);
            tell(check, text);
            return Meant::Nothing;
        }
        let (mut things, mut open, mut elsewhere) = (Vec::new(), false, None);
        for group in &self.rule.api_groups {
            match self.known.meant(group, word) {
                matching::Meant::Served(served) => things.extend(served),
                matching::Meant::Open => open = true,
                matching::Meant::Elsewhere(text) => elsewhere = elsewhere.or(Some(text)),
                matching::Meant::Nothing => {}
            }
        }
        // What a known group has is what is meant.
        if !things.is_empty() {
            return Meant::Served(things);
        }
        if let Some(text) = elsewhere {
            tell(&checks::OTHER_RELEASE, text);
            return Meant::Open;
        }
        if word == "*" || word.starts_with("*/") && open {
            return Meant::Open;
        }
        let unknown = self.unknown_groups();
        let Nothing { check, text, is_slip } = self.nothing(word);
        // What is wrong with a group is said once, and not of each resource again.
        if !is_slip
            && (!unknown.is_empty() || self.rule.api_groups.iter().any(|group| of_group(group).is_some()))
        {
            return Meant::Open;
        }
        if !unknown.is_empty() {
            let text = format!("{text} (nothing is known of {})", listed(unknown));
            tell(&checks::DOUBTFUL_RESOURCE, text);
            return Meant::Open;
        }
        tell(check, text);
        if open { Meant::Open } else { Meant::Nothing }
    }

    /// What is wrong with a word, whatever is served.
    fn flaw(&self, flaw: Flaw, word: &str) -> (&'static Check, String) {
        let (plain, part) = word.split_once('/').unwrap_or((word, ""));
        match flaw {
            Flaw::StarPart => {
                let any = if plain == "*" { "`*` alone is all of them" } else { "each is written out" };
                (&checks::STAR_SUBRESOURCE, format!("`{word}`: no star stands for subresources; {any}"))
            }
            Flaw::Group => {
                let (resource, group) = plain.split_once('.').unwrap_or((plain, ""));
                let text = format!(
                    "`{word}`: the group is written in apiGroups ({group}), the resource alone here ({resource})"
                );
                (&checks::GROUP_IN_RESOURCE, text)
            }
            Flaw::Capital => {
                let small = plain.to_lowercase();
                let right = self.known.typed(&small).map_or(small.as_str(), |(name, _)| name);
                let slash = if part.is_empty() { "" } else { "/" };
                let text =
                    format!("`{word}` has capital letters: write `{right}{slash}{}`", part.to_lowercase());
                (&checks::UPPER_CASE, text)
            }
            _ => {
                let text =
                    format!("`{word}` is compared letter by letter: a star stands for a whole resource only");
                (&checks::PART_STAR, text)
            }
        }
    }

    /// Why none of the groups that are known has a word.
    fn nothing(&self, word: &str) -> Nothing {
        let (plain, part) = word.split_once('/').unwrap_or((word, ""));
        if plain == "*" {
            let text = format!("no resource there has a subresource {part}");
            return Nothing { check: &checks::UNKNOWN_SUBRESOURCE, text, is_slip: false };
        }
        let groups = if self.is_any() { self.known.groups(plain) } else { self.groups.clone() };
        let whole: Vec<&Served<'_>> =
            groups.iter().filter_map(|group| self.known.get(group, plain)).collect();
        if whole.is_empty() {
            return self.unknown(word, plain);
        }
        let parts = || whole.iter().flat_map(|served| served.parts());
        let hint = nearest(part, parts()).map(|near| format!("; did you mean `{plain}/{near}`?"));
        let text = format!("{plain} has no subresource {part}{}", hint.unwrap_or_default());
        let is_slip = nearest_slip(part, parts()).is_some();
        Nothing { check: &checks::UNKNOWN_SUBRESOURCE, text, is_slip }
    }

    /// Why none of the groups that are known has a resource.
    fn unknown(&self, word: &str, plain: &str) -> Nothing {
        let is_here = |group: &str| self.is_any() || self.groups.contains(&group);
        let elsewhere = self.known.groups(plain);
        if !elsewhere.is_empty() {
            let text = format!("{plain} is not in {}: it is of {}", self.places(), listed(elsewhere));
            return Nothing { check: &checks::WRONG_GROUP, text, is_slip: false };
        }
        if let Some((name, row)) = self.known.typed(plain) {
            let (right, is_slip) = (word.replacen(plain, name, 1), is_here(&row.group));
            return match row.short_names.iter().any(|short| short == plain) {
                true => {
                    let text =
                        format!("`{plain}` is a short name, which only kubectl knows: write `{right}`");
                    Nothing { check: &checks::SHORT_NAME, text, is_slip }
                }
                false => {
                    let text = format!("`{plain}` is a singular: write `{right}`");
                    Nothing { check: &checks::SINGULAR, text, is_slip }
                }
            };
        }
        let of_groups = self.known.table.iter().filter(|row| is_here(&row.group)).map(|row| &*row.name);
        let slip = nearest_slip(plain, of_groups);
        if self.is_any() {
            // Any server's group is meant, also one that nobody told of.
            let hint = slip.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            let text = format!("no group that is known here has {plain}{hint}");
            return Nothing { check: &checks::UNKNOWN_GROUP, text, is_slip: false };
        }
        if let Some(group) = self.groups.iter().find(|group| self.known.table.is_custom(group)) {
            let text = format!(
                "no definition here is of {plain} in {group}, whose others are: if there is one, it is missing"
            );
            return Nothing { check: &checks::UNKNOWN_CUSTOM, text, is_slip: slip.is_some() };
        }
        let hint = slip.or_else(|| self.known.table.nearest(plain));
        let hint = hint.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let text = format!("{plain} is not in {}{hint}", self.places());
        Nothing { check: &checks::UNKNOWN_RESOURCE, text, is_slip: slip.is_some() }
    }

    /// Whether the rule is of any group.
    fn is_any(&self) -> bool {
        self.rule.api_groups.iter().any(|group| group == "*")
    }

    /// The groups that may be another server's.
    fn unknown_groups(&self) -> Vec<&'k str> {
        let all = self.rule.api_groups.iter().map(String::as_str);
        all.filter(|group| {
            *group != "*" && of_group(group).is_none() && (*group == RETIRED || !self.known.has_group(group))
        })
        .collect()
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

    /// The groups of the rule that are known, as a reader has them.
    fn places(&self) -> String {
        match self.groups.as_slice() {
            [] => "any group".to_owned(),
            [""] => "the core group (\"\")".to_owned(),
            [one] => format!("the API group {one}"),
            all => format!("the API groups {}", listed(all.iter().copied())),
        }
    }
}

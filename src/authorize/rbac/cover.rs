//! Do the rules that somebody holds cover those that they want to hand out?
//! (`pkg/registry/rbac/validation/{policy_comparator,policy_compact}.go`)

use super::rule::url_matches;
use crate::api::field::quote_list;
use crate::api::rbac::PolicyRule;
use std::collections::{BTreeMap, BTreeSet};

/// So many verbs on things are told one by one at most: a real server works on more until the request times out.
const TOLD_MAX: usize = 2_000_000;

/// More is missing than a server could tell before the request times out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

/// The wanted rules that no single rule of the owner covers, broken down to one verb on one thing each; where that would be
/// too many, the wanted rules as they are.
pub(crate) fn missing(owner: &[PolicyRule], wanted: &[PolicyRule]) -> Vec<PolicyRule> {
    match lacking(owner, wanted) {
        Ok(lacking) => by_verb(&lacking).collect(),
        Err(TooMany) => wanted.to_vec(),
    }
}

/// Rules with one verb each.
pub(crate) fn by_verb(rules: &[PolicyRule]) -> impl Iterator<Item = PolicyRule> {
    let one = |rule: &PolicyRule, verb: &String| PolicyRule { verbs: vec![verb.clone()], ..rule.clone() };
    rules.iter().flat_map(move |rule| rule.verbs.iter().map(move |verb| one(rule, verb)))
}

/// What of the wanted rules no single rule of the owner covers: a rule for each thing, with the verbs that are missing.
///
/// A real server breaks every rule down to one verb on one thing and asks every rule of the owner about each. Here the words
/// of a field that the same rules of the owner cover are one class, and a class of each field is asked about once.
pub(crate) fn lacking(owner: &[PolicyRule], wanted: &[PolicyRule]) -> Result<Vec<PolicyRule>, TooMany> {
    let mut telling = Telling { owner, lacking: Vec::new(), told: 0 };
    for rule in wanted {
        telling.on_resources(rule)?;
        telling.on_urls(rule)?;
    }
    Ok(telling.lacking)
}

/// What is missing so far.
struct Telling<'a> {
    owner: &'a [PolicyRule],
    lacking: Vec<PolicyRule>,
    told: usize,
}

impl Telling<'_> {
    /// So many more verbs on things are missing.
    fn tell(&mut self, count: usize) -> Result<(), TooMany> {
        self.told = self.told.saturating_add(count);
        if self.told > TOLD_MAX { Err(TooMany) } else { Ok(()) }
    }

    fn on_resources(&mut self, rule: &PolicyRule) -> Result<(), TooMany> {
        let owner = self.owner;
        let verbs = Field::of(&rule.verbs, owner, |held| word_of(&held.verbs));
        let groups = Field::of(&rule.api_groups, owner, |held| word_of(&held.api_groups));
        let resources = Field::of(&rule.resources, owner, |held| resource_of(&held.resources));
        let names = match rule.resource_names.as_slice() {
            // All objects are more than some.
            [] => Field::of(&[String::new()], owner, |held| {
                let unnamed = held.resource_names.is_empty();
                Box::new(move |_| unnamed)
            }),
            names => Field::of(names, owner, |held| {
                let (held, all) = (words(&held.resource_names), held.resource_names.is_empty());
                Box::new(move |name| all || held.contains(name))
            }),
        };
        // By classes of group, resource and name: the classes of verbs that are missing.
        let mut open = BTreeMap::new();
        for (group, of_group) in groups.classes.iter().enumerate() {
            for (resource, of_resource) in resources.classes.iter().enumerate() {
                for (name, of_name) in names.classes.iter().enumerate() {
                    let thing = of_group.covers.both(&of_resource.covers).both(&of_name.covers);
                    let open_here: Vec<bool> =
                        verbs.classes.iter().map(|verb| thing.both(&verb.covers).is_none()).collect();
                    let count: usize = verbs
                        .classes
                        .iter()
                        .zip(&open_here)
                        .map(|(verb, open)| if *open { verb.size } else { 0 })
                        .sum();
                    let things = [of_resource.size, of_name.size, count];
                    let all =
                        things.iter().fold(of_group.size, |product, size| product.saturating_mul(*size));
                    self.tell(all)?;
                    if count > 0 {
                        open.insert((group, resource, name), open_here);
                    }
                }
            }
        }
        // What is covered whole is not looked at word by word.
        let open_groups: BTreeSet<usize> = open.keys().map(|(group, ..)| *group).collect();
        let open_pairs: BTreeSet<(usize, usize)> =
            open.keys().map(|(group, resource, _)| (*group, *resource)).collect();
        for (group, of_group) in rule.api_groups.iter().zip(&groups.class_of) {
            if !open_groups.contains(of_group) {
                continue;
            }
            for (resource, of_resource) in rule.resources.iter().zip(&resources.class_of) {
                if !open_pairs.contains(&(*of_group, *of_resource)) {
                    continue;
                }
                for (at, of_name) in names.class_of.iter().enumerate() {
                    let Some(open) = open.get(&(*of_group, *of_resource, *of_name)) else { continue };
                    let missing = rule.verbs.iter().zip(&verbs.class_of).filter(|(_, class)| open[**class]);
                    let verbs: Vec<String> = missing.map(|(verb, _)| verb.clone()).collect();
                    if !verbs.is_empty() {
                        self.lacking.push(PolicyRule {
                            verbs,
                            api_groups: vec![group.clone()],
                            resources: vec![resource.clone()],
                            resource_names: rule.resource_names.get(at).cloned().into_iter().collect(),
                            ..PolicyRule::default()
                        });
                    }
                }
            }
        }
        Ok(())
    }

    fn on_urls(&mut self, rule: &PolicyRule) -> Result<(), TooMany> {
        let owner = self.owner;
        let verbs = Field::of(&rule.verbs, owner, |held| word_of(&held.verbs));
        let urls = Field::of(&rule.non_resource_urls, owner, |held| {
            Box::new(|url| held.non_resource_urls.iter().any(|held| url_matches(held, url)))
        });
        // A piece about a URL has no names; a rule that holds only for names covers no piece without any.
        let unnamed = Covers::of(owner, |held| held.resource_names.is_empty());
        for (url, class) in rule.non_resource_urls.iter().zip(&urls.class_of) {
            let covers = urls.classes[*class].covers.both(&unnamed);
            let open = |class: &usize| covers.both(&verbs.classes[*class].covers).is_none();
            let missing = rule.verbs.iter().zip(&verbs.class_of).filter(|(_, class)| open(class));
            let verbs: Vec<String> = missing.map(|(verb, _)| verb.clone()).collect();
            self.tell(verbs.len())?;
            if !verbs.is_empty() {
                self.lacking.push(PolicyRule {
                    verbs,
                    non_resource_urls: vec![url.clone()],
                    ..PolicyRule::default()
                });
            }
        }
        Ok(())
    }
}

/// Which rules of the owner cover something, a bit each.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Covers(Vec<u64>);

impl Covers {
    fn of(owner: &[PolicyRule], covers: impl Fn(&PolicyRule) -> bool) -> Covers {
        Covers::by(owner.len(), |at| covers(&owner[at]))
    }

    fn by(rules: usize, covers: impl Fn(usize) -> bool) -> Covers {
        let mut bits = vec![0; rules.div_ceil(64)];
        (0..rules).filter(|at| covers(*at)).for_each(|at| bits[at / 64] |= 1 << (at % 64));
        Covers(bits)
    }

    fn both(&self, other: &Covers) -> Covers {
        Covers(self.0.iter().zip(&other.0).map(|(one, other)| one & other).collect())
    }

    fn is_none(&self) -> bool {
        self.0.iter().all(|bits| *bits == 0)
    }
}

/// The words of one field of a wanted rule.
struct Field {
    classes: Vec<Class>,
    /// The class of each word.
    class_of: Vec<usize>,
}

/// Words that the same rules of the owner cover.
struct Class {
    covers: Covers,
    size: usize,
}

/// Whether a word is covered.
type Holds<'a> = Box<dyn Fn(&str) -> bool + 'a>;

impl Field {
    fn of<'a>(
        asked: &[String],
        owner: &'a [PolicyRule],
        holds: impl Fn(&'a PolicyRule) -> Holds<'a>,
    ) -> Field {
        let holds: Vec<Holds<'a>> = owner.iter().map(holds).collect();
        let mut field = Field { classes: Vec::new(), class_of: Vec::new() };
        let mut known: BTreeMap<Covers, usize> = BTreeMap::new();
        for word in asked {
            let covers = Covers::by(owner.len(), |at| holds[at](word));
            let class = *known.entry(covers.clone()).or_insert_with(|| {
                field.classes.push(Class { covers, size: 0 });
                field.classes.len() - 1
            });
            field.classes[class].size += 1;
            field.class_of.push(class);
        }
        field
    }
}

fn words(list: &[String]) -> BTreeSet<&str> {
    list.iter().map(String::as_str).collect()
}

fn word_of(held: &[String]) -> Holds<'_> {
    let held = words(held);
    Box::new(move |word| held.contains("*") || held.contains(word))
}

/// `*` covers all, `*/scale` covers `deployments/scale`; `pods` does not cover `pods/log`.
fn resource_of(held: &[String]) -> Holds<'_> {
    let held = words(held);
    Box::new(move |wanted| {
        let of_any = || wanted.split_once('/').map(|(_, sub)| format!("*/{sub}"));
        held.contains("*") || held.contains(wanted) || of_any().is_some_and(|all| held.contains(all.as_str()))
    })
}

/// A rule as rules of one verb on one resource, of one name where it has names, or on one URL.
pub(crate) fn break_down(rule: &PolicyRule) -> Vec<PolicyRule> {
    let one = |word: &String| vec![word.clone()];
    let names: Vec<Vec<String>> = match rule.resource_names.as_slice() {
        [] => vec![Vec::new()],
        names => names.iter().map(one).collect(),
    };
    let mut pieces = Vec::new();
    for group in &rule.api_groups {
        for resource in &rule.resources {
            for verb in &rule.verbs {
                pieces.extend(names.iter().map(|names| PolicyRule {
                    verbs: one(verb),
                    api_groups: one(group),
                    resources: one(resource),
                    resource_names: names.clone(),
                    ..PolicyRule::default()
                }));
            }
        }
    }
    for url in &rule.non_resource_urls {
        pieces.extend(rule.verbs.iter().map(|verb| PolicyRule {
            verbs: one(verb),
            non_resource_urls: one(url),
            ..PolicyRule::default()
        }));
    }
    pieces
}

/// Rules as the server lists them: the verbs on one thing together, each rule on a line, sorted.
pub(crate) fn describe(rules: &[PolicyRule]) -> String {
    let mut lines: Vec<String> = joined(rules).iter().map(|(rule, verbs)| line(rule, verbs)).collect();
    lines.sort_unstable();
    lines.dedup();
    lines.join("\n")
}

/// Joins the rules that differ in their verbs alone. Rules about URLs stay apart.
pub(crate) fn compact(rules: &[PolicyRule]) -> Vec<PolicyRule> {
    let one = |(rule, verbs): (&PolicyRule, Vec<&str>)| PolicyRule {
        verbs: verbs.into_iter().map(str::to_owned).collect(),
        ..rule.clone()
    };
    joined(rules).into_iter().map(one).collect()
}

/// The same: the first of each kind, and all their verbs.
fn joined(rules: &[PolicyRule]) -> Vec<(&PolicyRule, Vec<&str>)> {
    let mut all: Vec<(&PolicyRule, Vec<&str>)> = Vec::new();
    let mut places = BTreeMap::new();
    for rule in rules {
        let verbs = rule.verbs.iter().map(String::as_str);
        let thing = (&rule.api_groups, &rule.resources, &rule.resource_names);
        match places.get(&thing) {
            Some(at) if rule.non_resource_urls.is_empty() => {
                let same: &mut (_, Vec<&str>) = &mut all[*at];
                same.1.extend(verbs);
            }
            _ => {
                if rule.non_resource_urls.is_empty() {
                    places.insert(thing, all.len());
                }
                all.push((rule, verbs.collect()));
            }
        }
    }
    all
}

/// `{APIGroups:["apps"], Resources:["deployments"], Verbs:["create" "get"]}`.
fn line(rule: &PolicyRule, verbs: &[&str]) -> String {
    let fields = [
        ("APIGroups", &rule.api_groups),
        ("Resources", &rule.resources),
        ("NonResourceURLs", &rule.non_resource_urls),
        ("ResourceNames", &rule.resource_names),
    ];
    let present = fields.iter().filter(|(_, words)| !words.is_empty());
    let mut parts: Vec<String> =
        present.map(|(name, words)| format!("{name}:{}", quote_list(words))).collect();
    if !verbs.is_empty() {
        parts.push(format!("Verbs:{}", quote_list(verbs)));
    }
    format!("{{{}}}", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `verbs groups resources names`, each comma-separated; `verbs /url,/url`. `core` is the empty group.
    fn rules(text: &str) -> Vec<PolicyRule> {
        let words = |w: &str| w.split(',').map(|w| w.replace("core", "")).collect::<Vec<_>>();
        let rule = |line: &str| match *line.split(' ').collect::<Vec<_>>() {
            [verbs, urls] => {
                PolicyRule { verbs: words(verbs), non_resource_urls: words(urls), ..PolicyRule::default() }
            }
            [verbs, groups, resources, ref names @ ..] => PolicyRule {
                verbs: words(verbs),
                api_groups: words(groups),
                resources: words(resources),
                resource_names: names.first().map(|names| words(names)).unwrap_or_default(),
                ..PolicyRule::default()
            },
            _ => panic!("{line}"),
        };
        text.split("; ").filter(|line| !line.is_empty()).map(rule).collect()
    }

    #[test]
    fn holders_cover_what_they_hold() {
        for (owner, wanted, missing_text) in [
            ("get core pods", "get core pods a,b", ""),
            ("get core pods a", "get core pods", r#"{APIGroups:[""], Resources:["pods"], Verbs:["get"]}"#),
            (
                "get core pods a",
                "get core pods a,b",
                r#"{APIGroups:[""], Resources:["pods"], ResourceNames:["b"], Verbs:["get"]}"#,
            ),
            ("* * *", "get,list apps,core pods,pods/log,*/scale", ""),
            ("get core pods; list core pods", "get,list core pods", ""),
            ("get apps */scale", "get apps deployments/scale,*/scale", ""),
            (
                "get apps pods",
                "get apps pods/log",
                r#"{APIGroups:["apps"], Resources:["pods/log"], Verbs:["get"]}"#,
            ),
            ("get,list apps pods", "* apps pods", r#"{APIGroups:["apps"], Resources:["pods"], Verbs:["*"]}"#),
            (
                "",
                "get,list apps,core pods; create core pods",
                "{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"get\" \"list\" \"create\"]}\n\
                 {APIGroups:[\"apps\"], Resources:[\"pods\"], Verbs:[\"get\" \"list\"]}",
            ),
            ("get /a/*", "get /a/b,/a/b/*,/a/", ""),
            (
                "get /a/*",
                "get,post /a,/a/b",
                "{NonResourceURLs:[\"/a\"], Verbs:[\"get\"]}\n{NonResourceURLs:[\"/a\"], Verbs:[\"post\"]}\n\
                 {NonResourceURLs:[\"/a/b\"], Verbs:[\"post\"]}",
            ),
            ("* /*", "get *", "{NonResourceURLs:[\"*\"], Verbs:[\"get\"]}"),
        ] {
            let text = describe(&missing(&rules(owner), &rules(wanted)));
            assert_eq!(text, missing_text, "{owner} against {wanted}");
        }
    }

    /// As the server itself decides: every verb on every thing by itself, against every rule of the owner.
    #[test]
    fn classes_of_words_decide_as_single_words_do() {
        fn covers(owner: &PolicyRule, piece: &PolicyRule) -> bool {
            let all = |held: &[String], asked: &[String]| asked.iter().all(|word| word_of(held)(word));
            let names = match (owner.resource_names.as_slice(), piece.resource_names.as_slice()) {
                ([], _) => true,
                (_, []) => false,
                (held, asked) => asked.iter().all(|name| held.contains(name)),
            };
            let url = |url: &String| owner.non_resource_urls.iter().any(|held| url_matches(held, url));
            names
                && all(&owner.verbs, &piece.verbs)
                && all(&owner.api_groups, &piece.api_groups)
                && piece.resources.iter().all(|resource| resource_of(&owner.resources)(resource))
                && piece.non_resource_urls.iter().all(url)
        }
        let some = [
            "get,list core,apps pods,*/scale,deployments/scale a,b",
            "get,watch core * b",
            "* apps pods,pods/log",
            "get,get core pods,pods",
            "get,post /a/*,/b",
            "* /b,/c",
            "list,watch core,apps,batch pods,jobs,deployments/scale a,b,c",
            "list * jobs c",
        ];
        for (first, second) in some.iter().flat_map(|first| some.map(|second| (*first, second))) {
            let owner = rules(&format!("{first}; {second}"));
            for wanted in some {
                let wanted = rules(wanted);
                let pieces = wanted.iter().flat_map(break_down);
                let expected = pieces.filter(|piece| !owner.iter().any(|rule| covers(rule, piece)));
                let text = describe(&expected.collect::<Vec<_>>());
                assert_eq!(describe(&missing(&owner, &wanted)), text, "{owner:?} against {wanted:?}");
            }
        }
    }

    /// A rule of thirty words in each of four fields is 810,000 verbs on things; one of a thousand is not told.
    #[test]
    fn a_rule_of_many_words_is_decided_in_no_time() {
        let many = |count: usize| (0..count).map(|at| format!("w{at}")).collect::<Vec<_>>();
        let wide = |count| PolicyRule {
            verbs: many(count),
            api_groups: many(count),
            resources: many(count),
            resource_names: many(count),
            ..PolicyRule::default()
        };
        let held = PolicyRule { verbs: many(29), ..wide(30) };
        let missing = lacking(&[held], &[wide(30)]).expect("it can be told");
        assert_eq!((missing.len(), &missing[0].verbs), (27_000, &vec!["w29".to_owned()]));
        assert_eq!(lacking(&[], &[wide(1000)]), Err(TooMany));
        assert_eq!(lacking(&PolicyRule::everything(), &[wide(1000)]), Ok(Vec::new()));
    }
}

//! What is told to be gained between any two worlds is what the decision says to be allowed in the second one and not in the
//! first: asked of everybody, each verb on each thing in each place.

use super::super::gains::{Gain, anybody, are_about, gains};
use super::super::*;
use super::worlds::{GROUPS, NAMESPACES, USERS, World, Write, rebuilt, write};
use crate::api::{Attributes, RequestInfo};
use proptest::prelude::*;

fn allowed(index: &Index, who: &Who, info: &RequestInfo) -> bool {
    let attributes = Attributes { user: anybody(who), info: info.clone() };
    matches!(decide(index, &attributes), Ruling::Granted(_))
}

/// Each verb on each thing of the worlds in each place, and what no rule names.
fn questions() -> Vec<RequestInfo> {
    let mut all = Vec::new();
    for verb in ["get", "list", "teg", "another"] {
        for path in ["/healthz", "/logs", "/logs/a", "another"] {
            all.push(RequestInfo { verb: verb.into(), path: path.into(), ..RequestInfo::default() });
        }
        for (group, thing, name) in things() {
            let (resource, subresource) = thing.split_once('/').unwrap_or((thing, ""));
            for namespace in ["", NAMESPACES[0], NAMESPACES[1]] {
                all.push(RequestInfo {
                    is_resource: true,
                    verb: verb.into(),
                    group: group.into(),
                    resource: resource.into(),
                    subresource: subresource.into(),
                    namespace: namespace.into(),
                    name: name.into(),
                    ..RequestInfo::default()
                });
            }
        }
    }
    all
}

fn things() -> Vec<(&'static str, &'static str, &'static str)> {
    let groups = ["", "apps", "another"];
    let things = ["pods", "pods/log", "things", "another/log", "gol/pods", "another"];
    let of_group = |group| things.map(|thing| ["", "p", "q"].map(|name| (group, thing, name))).concat();
    groups.map(of_group).concat()
}

/// Whether what is told says so, of somebody and of the groups that they are in.
fn told(all: &[Gain], who: &Who, info: &RequestInfo) -> bool {
    let is = |gain: &Gain| gain.who == *who || Who::of(&anybody(who)).any(|one| one == gain.who);
    let here = |gain: &Gain| gain.by.namespace.is_empty() || gain.by.namespace == info.namespace;
    all.iter().any(|gain| is(gain) && here(gain) && gain.new.iter().any(|rule| rule.allows(info)))
}

/// What a rule on one thing surely allows and no narrower one does: where it says `*`, a word that nobody else says.
fn widest(rule: &PolicyRule, verb: &str, namespace: &str) -> RequestInfo {
    let word = |text: &str| text.replace('*', "another");
    let resource = rule.resources.first().map(|resource| word(resource)).unwrap_or_default();
    let (resource, subresource) = resource.split_once('/').unwrap_or((&resource, ""));
    RequestInfo {
        is_resource: rule.non_resource_urls.is_empty(),
        verb: word(verb),
        group: rule.api_groups.first().map(|group| word(group)).unwrap_or_default(),
        resource: resource.to_owned(),
        subresource: subresource.to_owned(),
        namespace: namespace.to_owned(),
        name: rule.resource_names.first().cloned().unwrap_or_else(|| "another".to_owned()),
        path: rule.non_resource_urls.first().map(|url| word(url)).unwrap_or_default(),
        ..RequestInfo::default()
    }
}

fn check(before: &Index, after: &Index) {
    let all = gains(before, after);
    let whom = USERS.map(|name| Who::User(name.to_owned())).into_iter();
    for who in whom.chain(GROUPS.map(|name| Who::Group(name.to_owned()))) {
        for info in questions() {
            let gained = allowed(after, &who, &info) && !allowed(before, &who, &info);
            // A right to any verb, thing or name may have been held for some of them.
            let is_told = told(&all, &who, &info) && !allowed(before, &who, &info);
            assert_eq!(is_told, gained, "{who:?} {info:?}\n{all:#?}");
        }
    }
    for gain in &all {
        for (rule, verb) in gain.new.iter().flat_map(|rule| rule.verbs.iter().map(move |verb| (rule, verb))) {
            let info = widest(rule, verb, &gain.by.namespace);
            assert!(allowed(after, &gain.who, &info), "{gain:#?} {info:?}");
            assert!(!allowed(before, &gain.who, &info), "{gain:#?} {info:?}");
            assert!(are_about(&gain.new, before, &gain.who, &gain.by.namespace, &info), "{gain:#?} {info:?}");
        }
    }
}

fn world(writes: &[Write]) -> World {
    let mut world = World::new();
    for (resource, namespace, name, object) in writes {
        match object {
            Some(object) => drop(world.insert((resource, namespace, name), object.clone())),
            None => drop(world.remove(&(*resource, *namespace, *name))),
        }
    }
    world
}

proptest! {
    #![proptest_config(crate::testing::cases(150))]

    #[test]
    fn gained_is_what_is_allowed_now_and_was_not(
        (writes, at) in (prop::collection::vec(write(), 1..30), any::<prop::sample::Index>()),
    ) {
        let at = at.index(writes.len() + 1);
        let (before, after) = (rebuilt(&world(&writes[..at])), rebuilt(&world(&writes)));
        check(&before, &after);
        check(&after, &before);
    }
}

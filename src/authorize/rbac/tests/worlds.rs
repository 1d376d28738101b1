//! Any roles and bindings, written, changed and deleted in any order: the index says what a plain walk of the stored objects
//! says, which is written from https://kubernetes.io/docs/reference/access-authn-authz/rbac/ and knows nothing of the index.

use super::super::index::Grant;
use super::super::*;
use crate::api::{Attributes, RequestInfo};
use crate::json::{Value, json};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use std::collections::BTreeMap;

pub(crate) type World = BTreeMap<(&'static str, &'static str, &'static str), Value>;
pub(crate) type Write = (&'static str, &'static str, &'static str, Option<Value>);

pub(crate) const NAMESPACES: [&str; 2] = ["n", "m"];
/// `x` is a user as well as a group.
pub(crate) const USERS: [&str; 4] =
    ["x", "alice", "system:serviceaccount:n:app", "system:serviceaccount:m:app"];
pub(crate) const GROUPS: [&str; 3] = ["x", "team", "system:authenticated"];
const VERBS: [&str; 4] = ["get", "list", "teg", "*"];
const API_GROUPS: [&str; 3] = ["", "apps", "*"];
const RESOURCES: [&str; 6] = ["pods", "pods/log", "*/log", "things", "gol/pods", "*"];
const URLS: [&str; 4] = ["/healthz", "/logs/*", "/logs", "*"];

fn words<const N: usize>(of: [&'static str; N]) -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(of.to_vec(), 0..=N.min(3))
}

fn rule() -> impl Strategy<Value = Value> {
    let resources = (words(VERBS), words(API_GROUPS), words(RESOURCES), words(["p", "q"])).prop_map(
        |(verbs, groups, resources, names)| {
            json!({"verbs": verbs, "apiGroups": groups, "resources": resources, "resourceNames": names})
        },
    );
    let urls = (words(VERBS), words(URLS))
        .prop_map(|(verbs, urls)| json!({"verbs": verbs, "nonResourceURLs": urls}));
    prop_oneof![4 => resources, 1 => urls]
}

fn subject() -> impl Strategy<Value = Value> {
    let named = |kind: &'static str, name: &'static str| json!({"kind": kind, "name": name});
    prop_oneof![
        select(USERS.to_vec()).prop_map(move |name| named("User", name)),
        select(GROUPS.to_vec()).prop_map(move |name| named("Group", name)),
        select(vec!["", "n", "m"])
            .prop_map(|of| json!({"kind": "ServiceAccount", "name": "app", "namespace": of})),
        Just(json!({"kind": "Robot", "name": "x"})),
    ]
}

/// A write, or a deletion, of a few objects: most names come again and again.
pub(crate) fn write() -> impl Strategy<Value = Write> {
    let role = prop::collection::vec(rule(), 0..4).prop_map(|rules| json!({"rules": rules}));
    let reference =
        (select(vec!["ClusterRole", "ClusterRole", "Role", "Thing"]), select(vec!["r", "s", "gone"]));
    let subjects = prop::collection::vec(subject(), 0..4);
    let binding = (reference, subjects).prop_map(|((kind, role), subjects)| {
        json!({"roleRef": {"apiGroup": GROUP, "kind": kind, "name": role}, "subjects": subjects})
    });
    let place = |cluster: &'static str, own: &'static str| {
        prop_oneof![Just((cluster, "")), select(NAMESPACES.to_vec()).prop_map(move |of| (own, of))]
    };
    let some = |object: BoxedStrategy<Value>| prop_oneof![3 => object.prop_map(Some), 1 => Just(None)];
    let roles = (place("clusterroles", "roles"), select(vec!["r", "s"]), some(role.boxed()));
    let names = select(vec!["a", "b", "c", "d"]);
    let bindings = (place("clusterrolebindings", "rolebindings"), names, some(binding.boxed()));
    let write = |((resource, namespace), name, object)| (resource, namespace, name, object);
    prop_oneof![1 => roles.prop_map(write), 2 => bindings.prop_map(write)]
}

fn question() -> impl Strategy<Value = Attributes> {
    let info = (
        (
            select(vec!["get", "list", "watch"]),
            select(vec!["", "apps"]),
            select(vec!["pods", "things", "gol"]),
        ),
        (select(vec!["", "log", "pods"]), select(vec!["", "n", "m"]), select(vec!["", "p"])),
        prop::option::weighted(0.2, select(vec!["/healthz", "/logs/a", "/logs"])),
    );
    let info = info.prop_map(|((verb, group, resource), (subresource, namespace, name), path)| match path {
        Some(path) => RequestInfo { verb: verb.into(), path: path.into(), ..RequestInfo::default() },
        None => RequestInfo {
            is_resource: true,
            verb: verb.into(),
            group: group.into(),
            resource: resource.into(),
            subresource: subresource.into(),
            namespace: namespace.into(),
            name: name.into(),
            ..RequestInfo::default()
        },
    });
    let user = (select(USERS.to_vec()), words(GROUPS)).prop_map(|(name, groups)| User::new(name, &groups));
    (user, info).prop_map(|(user, info)| Attributes { user, info })
}

fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object[field].as_str().unwrap_or_default()
}

fn list<'a>(object: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    object[field].as_array().into_iter().flatten()
}

/// Whether a subject of a binding in that namespace is who asks.
fn is(subject: &Value, namespace: &str, user: &User) -> bool {
    let name = text(subject, "name");
    match text(subject, "kind") {
        "User" => name == user.name,
        "Group" => user.groups.iter().any(|group| group == name),
        "ServiceAccount" => {
            let of = Some(text(subject, "namespace")).filter(|of| !of.is_empty()).unwrap_or(namespace);
            !of.is_empty() && user.name == format!("system:serviceaccount:{of}:{name}")
        }
        _ => false,
    }
}

fn matches(rule: &Value, ask: &RequestInfo) -> bool {
    let any =
        |field: &str, fits: &dyn Fn(&str) -> bool| list(rule, field).filter_map(Value::as_str).any(fits);
    let word = |field: &str, word: &str| any(field, &|one| one == "*" || one == word);
    if !ask.is_resource {
        let path = ask.path.as_str();
        let covers = |url: &str| match url.strip_suffix('*') {
            Some(start) => path.starts_with(start),
            None => url == path,
        };
        return word("verbs", &ask.verb) && any("nonResourceURLs", &covers);
    }
    let resource = match ask.subresource.as_str() {
        "" => any("resources", &|one| one == "*" || one == ask.resource),
        sub => any("resources", &|one| {
            [String::from("*"), format!("*/{sub}"), format!("{}/{sub}", ask.resource)]
                .contains(&one.to_owned())
        }),
    };
    let named = list(rule, "resourceNames").next().is_none() || any("resourceNames", &|one| one == ask.name);
    word("verbs", &ask.verb) && word("apiGroups", &ask.group) && resource && named
}

/// Namespace and name of a binding, the first of its subjects that the user is, and its role's rules or why there are none.
type Found<'a> = (&'a str, &'a str, usize, Result<Vec<&'a Value>, String>);

/// The bindings that reach a user, all of them walked: those of the cluster, then those of the namespace.
fn walk<'a>(world: &'a World, user: &User, place: &str) -> Vec<Found<'a>> {
    let mut found = Vec::new();
    for (resource, of) in [("clusterrolebindings", ""), ("rolebindings", place)] {
        for ((_, namespace, name), binding) in
            world.iter().filter(|((r, n, _), _)| (*r, *n) == (resource, of))
        {
            let Some(subject) = list(binding, "subjects").position(|subject| is(subject, namespace, user))
            else {
                continue;
            };
            let (kind, role) = (text(&binding["roleRef"], "kind"), text(&binding["roleRef"], "name"));
            let role = |(r, n, named): &(&str, &str, &str)| match kind {
                "ClusterRole" => (*r, *named) == ("clusterroles", role),
                "Role" => (*r, n, *named) == ("roles", namespace, role),
                _ => false,
            };
            let error = || match kind {
                "Thing" => "unsupported role reference kind: \"Thing\"".to_owned(),
                kind => {
                    let name = text(&binding["roleRef"], "name");
                    format!("{}.{GROUP} \"{name}\" not found", kind.to_lowercase())
                }
            };
            let rules =
                world.iter().find(|(key, _)| role(key)).map(|(_, role)| list(role, "rules").collect());
            found.push((*namespace, *name, subject, rules.ok_or_else(error)));
        }
    }
    found
}

pub(crate) fn rebuilt(world: &World) -> Index {
    Index::rebuild(
        world.iter().map(|((resource, namespace, name), object)| (*resource, *namespace, *name, object)),
    )
}

fn check(world: &World, index: &Index, Attributes { user, info }: &Attributes) {
    let found = walk(world, user, &info.namespace);
    let allowed = found.iter().find_map(|(namespace, name, subject, rules)| {
        let number = rules.as_ref().ok()?.iter().position(|rule| matches(rule, info))? + 1;
        Some((*namespace, *name, *subject, number))
    });
    match (decide(index, &Attributes { user: user.clone(), info: info.clone() }), allowed) {
        (Ruling::Granted(granted), Some((namespace, name, subject, number))) => {
            let grounds = granted.grounds();
            assert_eq!((grounds.namespace.as_str(), grounds.binding.as_str()), (namespace, name));
            let resource = if namespace.is_empty() { "clusterrolebindings" } else { "rolebindings" };
            let binding = &world[&(resource, namespace, name)];
            assert_eq!(grounds.subject, Some(Subject::read(&binding["subjects"][subject])));
            assert_eq!(grounds.role, RoleRef::read(&binding["roleRef"]));
            let rule = grounds.rule.unwrap();
            assert_eq!(rule.number, number);
            assert!(rule.rule.allows(info));
        }
        (Ruling::NoOpinion(bindings), None) => {
            let errors: Vec<String> = found.iter().filter_map(|(.., rules)| rules.clone().err()).collect();
            assert_eq!(unread(&bindings), aggregate(&errors));
        }
        (ruling, allowed) => panic!("{ruling:?}, and not {allowed:?}"),
    }
    let rules = |rules: &Result<Vec<&Value>, String>| {
        rules.as_ref().ok().map(|rules| rules.iter().map(|rule| PolicyRule::read(rule)).collect::<Vec<_>>())
    };
    let walked: Vec<_> =
        found.iter().map(|(ns, name, subject, r)| (*ns, *name, *subject, rules(r))).collect();
    let grants = index.grants(user, &info.namespace);
    let kept = grants.iter().map(|Grant { binding, subject, rules }| {
        let at = binding.subjects.iter().position(|one| one == *subject).unwrap();
        (binding.namespace.as_str(), binding.name.as_str(), at, rules.map(<[PolicyRule]>::to_vec))
    });
    assert_eq!(kept.collect::<Vec<_>>(), walked);
}

/// Whoever is told to hold something is allowed it, and nobody else is: each user alone, and each in each group.
fn check_holders(index: &Index, info: &RequestInfo) {
    let holders = super::super::holders(index, info, false);
    for name in USERS {
        for group in GROUPS {
            let user = User::new(name, &[group]);
            let is = |subject: &Subject, namespace: &str| match subject.who(namespace) {
                Some(Who::User(held)) => held == user.name,
                Some(Who::Group(held)) => user.in_group(&held),
                None => false,
            };
            let told =
                holders.iter().any(|held| is(held.subject.as_ref().expect("a subject"), &held.namespace));
            let allowed = matches!(
                decide(index, &Attributes { user: user.clone(), info: info.clone() }),
                Ruling::Granted(_)
            );
            assert_eq!(told, allowed, "{user:?} {info:?}");
        }
    }
    // Left open, it is all that is held in any namespace.
    let within = NAMESPACES.map(|namespace| RequestInfo { namespace: namespace.to_owned(), ..info.clone() });
    let mut each: Vec<_> = within.iter().flat_map(|info| super::super::holders(index, info, false)).collect();
    let anywhere = super::super::holders(index, info, true);
    each.retain(|held| !anywhere.contains(held));
    assert_eq!(each, []);
}

proptest! {
    #![proptest_config(crate::testing::cases(10_000))]

    #[test]
    fn the_index_says_what_a_walk_says(
        writes in prop::collection::vec(write(), 1..40),
        questions in prop::collection::vec(question(), 12),
    ) {
        let (mut world, mut index) = (World::new(), Index::default());
        let mut earlier = None;
        for (n, (resource, namespace, name, object)) in writes.iter().enumerate() {
            if n == writes.len() / 2 {
                earlier = Some((world.clone(), index.clone()));
            }
            index.apply(resource, namespace, name, object.as_ref());
            match object {
                Some(object) => drop(world.insert((resource, namespace, name), object.clone())),
                None => drop(world.remove(&(*resource, *namespace, *name))),
            }
        }
        // What a fork had is not touched by what came after it.
        for (world, index) in [(world, index)].into_iter().chain(earlier) {
            prop_assert_eq!(&index, &rebuilt(&world));
            questions.iter().for_each(|question| check(&world, &index, question));
            questions.iter().for_each(|Attributes { info, .. }| check_holders(&index, info));
        }
    }
}

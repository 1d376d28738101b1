//! Any requests of an audit log, beside any roles: what is printed allows all of them, and nothing of it can be left out.

use super::super::*;
use crate::api::rbac::PolicyRule;
use crate::api::{Attributes, Decision, Dig, RequestInfo, User, Version};
use crate::authorize::rbac::cover::break_down;
use crate::explain::dump::Dump;
use crate::explain::source;
use crate::json::{Value, json};
use proptest::prelude::*;
use proptest::sample::select;

const USERS: [&str; 3] = ["jo", "system:serviceaccount:shop:app", "a/b"];

/// A request: who, by which method, for what.
type Sent = (&'static str, &'static str, &'static str);

fn sent() -> impl Strategy<Value = Sent> {
    let requests: Vec<(&str, &str)> = [
        ("GET", "/api/v1/namespaces/shop/pods"),
        ("GET", "/api/v1/namespaces/shop/pods?watch=1"),
        ("GET", "/api/v1/namespaces/shop/pods?fieldSelector=metadata.name%3Dweb"),
        ("GET", "/api/v1/pods"),
        ("GET", "/api/v1/namespaces/shop/pods/web"),
        ("GET", "/api/v1/namespaces/dev/pods/web"),
        ("GET", "/api/v1/namespaces/shop/pods/db/log"),
        ("POST", "/api/v1/namespaces/shop/pods/db/exec"),
        ("POST", "/api/v1/namespaces/shop/pods"),
        ("DELETE", "/api/v1/namespaces/shop/pods"),
        ("DELETE", "/api/v1/namespaces/shop/pods/db"),
        ("PATCH", "/apis/apps/v1/namespaces/shop/deployments/web"),
        ("PUT", "/apis/apps/v1/namespaces/shop/deployments/web/scale"),
        ("GET", "/api/v1/nodes/n1"),
        ("GET", "/api/v1/namespaces/shop"),
        ("GET", "/apis/example.com/v1/namespaces/shop/widgets/w"),
        ("GET", "/metrics"),
        ("POST", "/metrics"),
        ("GET", "/healthz"),
    ]
    .to_vec();
    (select(USERS.to_vec()), select(requests)).prop_map(|(user, (method, target))| (user, method, target))
}

/// A cluster role of one rule or none, bound to a user in a namespace or in the whole cluster.
fn held() -> impl Strategy<Value = Vec<Value>> {
    let rule = select(vec![
        json!({"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"]}),
        json!({"apiGroups": ["", "apps"], "resources": ["*"], "verbs": ["get"]}),
        json!({"apiGroups": [""], "resources": ["pods"], "resourceNames": ["web"], "verbs": ["*"]}),
        json!({"nonResourceURLs": ["/met*"], "verbs": ["get"]}),
    ]);
    let place = select(vec!["", "shop", "dev"]);
    let one = (rule, place, select(USERS.to_vec()));
    prop::collection::vec(one, 0..3).prop_map(|all| {
        let api = "rbac.authorization.k8s.io";
        let objects = all.into_iter().enumerate().flat_map(|(at, (rule, place, user))| {
            let kind = if place.is_empty() { "ClusterRoleBinding" } else { "RoleBinding" };
            let name = format!("held{at}");
            [
                json!({"apiVersion": format!("{api}/v1"), "kind": "ClusterRole", "metadata": {"name": name}, "rules": [rule]}),
                json!({"apiVersion": format!("{api}/v1"), "kind": kind, "metadata": {"name": name, "namespace": place},
                    "roleRef": {"apiGroup": api, "kind": "ClusterRole", "name": name},
                    "subjects": [{"kind": "User", "apiGroup": api, "name": user}]}),
            ]
        });
        objects.collect()
    })
}

fn cluster(objects: &[Value]) -> Dump {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
    let written = source::read("dump.json", list.to_string()).expect("objects");
    Dump::new(Version::DEFAULT, written, None).expect("a cluster")
}

/// As kube-apiserver writes it.
fn line((user, method, target): Sent) -> String {
    let info = RequestInfo::parse(method, target);
    let user = User::named(user).authenticated();
    json!({"kind": "Event", "apiVersion": "audit.k8s.io/v1", "stage": "ResponseComplete", "requestURI": target,
        "verb": info.verb, "user": user, "responseStatus": {"code": 200}})
    .to_string()
}

fn log(all: &[Sent]) -> Log {
    let mut log = Log::default();
    for sent in all {
        log.add(&line(*sent), Version::DEFAULT).expect("an event");
    }
    log
}

/// Those that are refused.
fn refused<'s>(dump: &Dump, all: &'s [Sent]) -> Vec<&'s Sent> {
    let is_refused = |(user, method, target): &&Sent| {
        let user = User::named(user).authenticated();
        let asked = Attributes { user, info: RequestInfo::parse(method, target) };
        dump.cluster.decide(&asked).decision != Decision::Allow
    };
    all.iter().filter(is_refused).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_that_was_seen_is_allowed_and_nothing_can_be_left_out(
        all in prop::collection::vec(sent(), 0..12), held in held(), names: bool,
    ) {
        let least = least(&cluster(&held), &log(&all), names, None);
        let both = |items: &[Value]| cluster(&[&held[..], items].concat());
        prop_assert_eq!(refused(&both(&least.items), &all), Vec::<&Sent>::new());
        for (at, role) in least.items.iter().enumerate().filter(|(_, object)| object.has("rules")) {
            let pieces: Vec<PolicyRule> = PolicyRule::list(role).iter().flat_map(break_down).collect();
            for left_out in 0..pieces.len() {
                let mut fewer = pieces.clone();
                let piece = fewer.remove(left_out);
                let mut items = least.items.clone();
                items[at]["rules"] = json!(fewer);
                prop_assert!(!refused(&both(&items), &all).is_empty(), "{:?} of {}", piece, role);
            }
        }
    }
}

/// The rules that are given to one user, a line each.
fn given(lines: &[&str], names: bool) -> String {
    let mut log = Log::default();
    lines.iter().for_each(|line| log.add(line, Version::NEWEST).expect("an event"));
    let least = least(&cluster(&[]), &log, names, None);
    let rules = |role: &Value| {
        let place = format!("{} {}/{}", role.text("kind"), role.namespace(), role.name());
        PolicyRule::list(role).into_iter().map(move |rule| {
            let PolicyRule { verbs, api_groups, resources, resource_names, non_resource_urls } = rule;
            let words = [verbs, api_groups, resources, resource_names, non_resource_urls]
                .map(|words| words.join(","));
            format!("{place}: {}", words.join(" ").trim_end())
        })
    };
    least.items.iter().filter(|object| object.has("rules")).flat_map(rules).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_a_log_tells_besides_is_needed_too() {
    let event = |rest: &str| format!(r#"{{"kind":"Event","stage":"ResponseComplete",{rest}}}"#);
    let one = |rest: &str| given(&[&event(rest)], false);
    // Server-side apply made it.
    assert_eq!(
        one(
            r#""requestURI":"/api/v1/namespaces/a/secrets/s","verb":"patch","user":{"username":"jo"},"responseStatus":{"code":201}"#
        ),
        "Role a/least:jo: create,patch  secrets"
    );
    // A WebSocket.
    assert_eq!(
        one(r#""requestURI":"/api/v1/namespaces/a/pods/p/exec","verb":"get","user":{"username":"jo"}"#),
        "Role a/least:jo: get,create  pods/exec"
    );
    let acting = r#""requestURI":"/api/v1/nodes","verb":"list","user":{"username":"jo"},
        "impersonatedUser":{"username":"system:serviceaccount:a:app","uid":"1",
            "groups":["system:serviceaccounts","system:serviceaccounts:a","system:authenticated","ops"]}"#;
    assert_eq!(
        one(acting),
        "ClusterRole /least:jo: impersonate  groups ops\n\
         ClusterRole /least:jo: impersonate authentication.k8s.io uids 1\n\
         Role a/least:jo: impersonate  serviceaccounts app\n\
         ClusterRole /least:a:app: list  nodes"
    );
    // Who was not let act as somebody else asked for nothing else.
    assert_eq!(
        one(
            r#""requestURI":"/api/v1/nodes","verb":"list","user":{"username":"jo"},"responseStatus":{"code":403,
            "message":"users \"al\" is forbidden: User \"jo\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope"}"#
        ),
        "ClusterRole /least:jo: impersonate  users al"
    );
    let token = event(
        r#""requestURI":"/api/v1/namespaces/a/serviceaccounts/s/token","verb":"create","user":{"username":"jo"}"#,
    );
    let made = event(
        r#""requestURI":"/api/v1/namespaces/a/serviceaccounts","verb":"create","user":{"username":"jo"}"#,
    );
    assert_eq!(
        given(&[&token, &made], true),
        "Role a/least:jo: create  serviceaccounts\nRole a/least:jo: create  serviceaccounts/token s"
    );
}

#[test]
fn a_name_that_is_taken_is_not_taken_again() {
    let seen = [("jo", "GET", "/api/v1/nodes")];
    let first = least(&cluster(&[]), &log(&seen), false, None).items;
    let names = |items: &[Value]| items.iter().map(|item| item.name().to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&first), ["least:jo", "least:jo"]);
    let again = [("jo", "GET", "/api/v1/nodes"), ("jo", "DELETE", "/api/v1/nodes/n")];
    let more = least(&cluster(&first), &log(&again), false, None);
    assert_eq!(names(&more.items), ["least:jo-2", "least:jo-2"]);
    assert_eq!(more.notes, ["jo: 2 asked for, 1 held already; 1 given here"]);
}

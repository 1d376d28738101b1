//! Tables of roles and bindings, and what they let whom do.

mod gains;
mod matching;
pub(crate) mod worlds;

use super::*;
use crate::api::fact::Why;
use crate::api::rbac::Field;
use crate::api::{Attributes, RequestInfo};
use crate::json::{Value, json};

fn objects(roles: Value, bindings: Value) -> Vec<(&'static str, String, String, Value)> {
    let (mut all, text) = (Vec::new(), |v: &Value| v.as_str().unwrap_or_default().to_owned());
    for role in roles.as_array().unwrap() {
        let resource = if role[0] == "" { "clusterroles" } else { "roles" };
        all.push((resource, text(&role[0]), text(&role[1]), json!({"rules": role[2]})));
    }
    for (i, binding) in bindings.as_array().unwrap().iter().enumerate() {
        let namespace = text(&binding[0]);
        let resource = if namespace.is_empty() { "clusterrolebindings" } else { "rolebindings" };
        let subjects: Vec<Value> = (binding.as_array().unwrap()[3..].iter())
            .map(|subject| {
                let (kind, name) = subject.as_str().unwrap().split_once(' ').unwrap();
                let (name, of) = name.split_once('/').unwrap_or((name, ""));
                json!({"kind": kind, "name": name, "namespace": of})
            })
            .collect();
        let reference = json!({"apiGroup": GROUP, "kind": binding[1], "name": binding[2]});
        all.push((resource, namespace, format!("b{i}"), json!({"roleRef": reference, "subjects": subjects})));
    }
    all
}

impl Index {
    /// The index of objects given as resource, namespace, name and object.
    pub(crate) fn rebuild<'a>(
        objects: impl IntoIterator<Item = (&'a str, &'a str, &'a str, &'a Value)>,
    ) -> Index {
        let mut index = Index::default();
        for (resource, namespace, name, object) in objects {
            index.apply(resource, namespace, name, Some(object));
        }
        index
    }
}

fn index(objects: &[(&'static str, String, String, Value)]) -> Index {
    Index::rebuild(objects.iter().map(|(r, ns, n, o)| (*r, ns.as_str(), n.as_str(), o)))
}

/// `user,group,… METHOD target`.
fn question(text: &str) -> Attributes {
    let words: Vec<&str> = text.split(' ').collect();
    let names: Vec<&str> = words[0].split(',').collect();
    Attributes { user: User::new(names[0], &names[1..]), info: RequestInfo::parse(words[1], words[2]) }
}

#[test]
fn rules_reach_as_far_as_their_bindings() {
    let admin = json!([{"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}, {"verbs": ["*"], "nonResourceURLs": ["*"]}]);
    let named = json!([{"verbs": ["get", "list"], "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["s"]}]);
    let scale = json!([{"verbs": ["update"], "apiGroups": ["apps"], "resources": ["*/scale"]}]);
    let urls = json!([{"verbs": ["get"], "nonResourceURLs": ["/healthz", "/logs/*"]}]);
    let objects = objects(
        json!([
            ["", "admin", admin],
            ["", "named", named],
            ["", "scale", scale],
            ["", "urls", urls],
            ["a", "own", admin]
        ]),
        json!([
            ["", "ClusterRole", "admin", "Group root", "ServiceAccount nowhere"],
            ["a", "ClusterRole", "admin", "User alice", "ServiceAccount here", "ServiceAccount there/b"],
            ["a", "ClusterRole", "named", "Group named"],
            ["", "ClusterRole", "scale", "User scaler"],
            ["", "ClusterRole", "urls", "Group web"],
            ["a", "ClusterRole", "urls", "Group local"],
            ["", "Role", "own", "Group roleless"],
            ["a", "Role", "own", "Group owners"],
            ["b", "Role", "own", "Group owners"],
            ["a", "ClusterRole", "gone", "Group gone"],
            ["a", "Thing", "own", "Group gone"],
            ["", "ClusterRole", "admin", "Robot root2"],
        ]),
    );
    let index = index(&objects);
    let (secret, pods) = ("/api/v1/namespaces/a/secrets/s", "/api/v1/namespaces/a/pods");
    let account = |name: &str| format!("system:serviceaccount:{name}");
    for (allowed, ask) in [
        (true, "x,root DELETE /apis/apps/v1/deployments".to_owned()),
        (true, "x,root GET /anything".to_owned()),
        (true, format!("alice POST {pods}")),
        (false, "alice POST /api/v1/namespaces/b/pods".to_owned()),
        (false, "alice GET /api/v1/pods".to_owned()),
        (false, "alice GET /healthz".to_owned()),
        (true, format!("{} GET {pods}", account("a:here"))),
        (false, format!("{} GET {pods}", account("b:here"))),
        (true, format!("{} GET {pods}", account("b:there"))),
        (false, format!("{} GET {pods}", account(":nowhere"))),
        (true, format!("x,named GET {secret}")),
        (false, "x,named GET /api/v1/namespaces/a/secrets".to_owned()),
        (true, "x,named GET /api/v1/namespaces/a/secrets?fieldSelector=metadata.name=s".to_owned()),
        (false, format!("x,named GET {secret}/status")),
        (true, "scaler PUT /apis/apps/v1/namespaces/a/deployments/d/scale".to_owned()),
        (false, "scaler PUT /apis/apps/v1/namespaces/a/deployments/d".to_owned()),
        (true, "x,web GET /logs/kubelet".to_owned()),
        (true, "x,web GET /logs/".to_owned()),
        (false, "x,web GET /logs".to_owned()),
        (false, "x,web POST /healthz".to_owned()),
        (false, "x,local GET /healthz".to_owned()),
        (false, format!("x,roleless GET {pods}")),
        (true, format!("x,owners GET {pods}")),
        (false, "x,owners GET /api/v1/namespaces/b/pods".to_owned()),
        (false, "root2 GET /x".to_owned()),
        (false, "root GET /x".to_owned()),
    ] {
        let granted = matches!(decide(&index, &question(&ask)), Ruling::Granted(..));
        assert_eq!(granted, allowed, "{ask}");
    }
    for (ask, reason) in [
        (
            format!("x,root GET {pods}"),
            r#"allowed by ClusterRoleBinding "b0" of ClusterRole "admin" to Group "root""#,
        ),
        (
            format!("{} GET {pods}", account("a:here")),
            r#"allowed by RoleBinding "b1/a" of ClusterRole "admin" to ServiceAccount "here/a""#,
        ),
        (
            format!("x,gone GET {pods}"),
            r#"[clusterrole.rbac.authorization.k8s.io "gone" not found, unsupported role reference kind: "Thing"]"#,
        ),
    ] {
        let told = match decide(&index, &question(&ask)) {
            Ruling::Granted(granted) => granted.words(),
            Ruling::NoOpinion(bindings) => unread(&bindings).unwrap_or_default(),
        };
        assert_eq!(told, reason);
    }
}

#[test]
fn an_index_kept_equals_one_rebuilt() {
    let objects = objects(
        json!([["", "r", [{"verbs": ["get"], "nonResourceURLs": ["/a"]}]]]),
        json!([["", "ClusterRole", "r", "User x", "User x", "Group g"], ["a", "ClusterRole", "r", "User x"]]),
    );
    let mut kept = index(&objects);
    let moved = json!({"roleRef": {"kind": "ClusterRole", "name": "r"}, "subjects": [{"kind": "Group", "name": "h"}]});
    kept.apply("clusterrolebindings", "", "b0", Some(&moved));
    let fresh =
        Index::rebuild([("clusterroles", "", "r", &objects[0].3), ("clusterrolebindings", "", "b0", &moved)]);
    assert_ne!(kept, fresh);
    kept.apply("rolebindings", "a", "b1", None);
    assert_eq!(kept, fresh);
}

#[test]
fn a_refusal_names_what_came_nearest() {
    let rules = json!([{"verbs": ["create"], "apiGroups": ["apps"], "resources": ["deployments"]},
        {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"], "resourceNames": ["p"]}]);
    let index = index(&objects(
        json!([["", "r", rules]]),
        json!([["a", "ClusterRole", "r", "User alice"], ["b", "ClusterRole", "r", "User bob"]]),
    ));
    let rule = |field| Why::Rule { field };
    for (ask, want) in [
        ("alice GET /api/v1/namespaces/a/pods/q", vec![("a", vec![rule(Field::ResourceNames)])]),
        ("alice DELETE /api/v1/namespaces/a/pods/p", vec![("a", vec![rule(Field::Verbs)])]),
        ("bob GET /api/v1/namespaces/a/pods/p", vec![("b", vec![Why::Namespace])]),
        ("carol GET /api/v1/namespaces/a/pods/p", vec![]),
    ] {
        let near = near::near_misses(&index, &question(ask), 9);
        let near: Vec<_> = near.iter().map(|m| (m.grounds.namespace.as_str(), m.why.clone())).collect();
        assert_eq!(near, want, "{ask}");
    }
    let one = near::one_step_away(&index, &question("bob GET /api/v1/namespaces/a/pods/p"), 9);
    let others = Why::Subject { mistake: None };
    let one: Vec<_> = one.iter().map(|m| (m.grounds.namespace.as_str(), m.why.as_slice())).collect();
    assert_eq!(one, [("b", [Why::Namespace].as_slice()), ("a", [others].as_slice())]);
}

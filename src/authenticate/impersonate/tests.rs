use super::mode::Mode;
use super::mode::first;
use super::*;
use crate::api::{RequestInfo, User};

/// Who may act as whom by which verbs: what is told, and by which mode it was allowed.
#[test]
fn modes_of_impersonation() {
    let pod = User {
        extra: [("authentication.kubernetes.io/node-name".to_owned(), vec!["n1".to_owned()])].into(),
        ..User::new("system:serviceaccount:red:agent", &[])
    };
    let alice = User::new("alice", &[]);
    let with = |name: &str, groups: &[&str]| User::new(name, groups);
    let on = "impersonate-on:user-info:list pods ";
    for (by, wanted, allowed, want) in [
        (
            &alice,
            with("bob", &[]),
            vec![on, "impersonate:user-info users bob"],
            "UserInfo bob system:authenticated",
        ),
        (&alice, with("bob", &[]), vec!["impersonate users bob"], "Legacy bob system:authenticated"),
        (
            &alice,
            with("bob", &[]),
            vec![on, "impersonate users carol"],
            r#"User "alice" cannot impersonate:user-info resource "users" in API group "authentication.k8s.io" at the cluster scope"#,
        ),
        (
            &alice,
            with("bob", &["system:masters"]),
            vec![on, "impersonate:user-info users bob"],
            "impersonating the system:masters group is not allowed",
        ),
        (
            &alice,
            with("system:node:n1", &[]),
            vec!["impersonate-on:arbitrary-node:list pods ", "impersonate:arbitrary-node nodes n1"],
            "ArbitraryNode system:node:n1 system:nodes,system:authenticated",
        ),
        (
            &pod,
            with("system:node:n1", &[]),
            vec!["impersonate-on:associated-node:list pods ", "impersonate:associated-node nodes *"],
            "AssociatedNode system:node:n1 system:nodes,system:authenticated",
        ),
        (
            &pod,
            with("system:node:n2", &[]),
            vec!["impersonate-on:associated-node:list pods ", "impersonate:associated-node nodes *"],
            "cannot impersonate-on:arbitrary-node:list resource \"pods\"",
        ),
        (
            &alice,
            with("system:serviceaccount:red:x", &[]),
            vec!["impersonate-on:serviceaccount:list pods ", "impersonate:serviceaccount serviceaccounts x"],
            "ServiceAccount system:serviceaccount:red:x system:serviceaccounts,system:serviceaccounts:red,system:authenticated",
        ),
        (
            &alice,
            with("bob", &["a", "b", "c", "d"]),
            vec![on, "impersonate:user-info users bob", "impersonate:user-info groups *"],
            "UserInfo bob a,b,c,d,system:authenticated",
        ),
    ] {
        let asked = Attributes { user: by.clone(), info: RequestInfo::parse("GET", "/api/v1/pods") };
        let mut ask = |attributes: &Attributes| {
            let info = &attributes.info;
            let words = format!("{} {} {}", info.verb, info.resource, info.name);
            (if allowed.contains(&&*words) { Decision::Allow } else { Decision::NoOpinion }, String::new())
        };
        let told = match first(Version::NEWEST, &asked, &wanted, &mut Memory::default(), &mut ask) {
            Ok((mode, user)) => format!("{mode:?} {} {}", user.name, user.groups.join(",")),
            Err(refused) => refused.status.message,
        };
        assert!(told.contains(want), "{told}\n{want}");
    }
}

/// Whoever succeeded by a mode is told that mode's error.
#[test]
fn the_last_mode_is_tried_first() {
    let mut memory = Memory::default();
    let mut ask =
        |attributes: &Attributes| match (attributes.info.verb.as_str(), attributes.info.name.as_str()) {
            ("impersonate", "bob") => (Decision::Allow, String::new()),
            _ => (Decision::NoOpinion, String::new()),
        };
    let asked =
        Attributes { user: User::new("alice", &[]), info: RequestInfo::parse("GET", "/api/v1/nodes") };
    let mut told = |name: &str| {
        let wanted = User::new(name, &[]);
        first(Version::NEWEST, &asked, &wanted, &mut memory, &mut ask)
            .map(|(mode, _)| mode)
            .map_err(|refused| refused.status.message)
    };
    assert!(told("carol").is_err_and(|text| text.starts_with("nodes is forbidden")));
    assert_eq!(told("bob"), Ok(Mode::Legacy));
    assert!(told("carol").is_err_and(|text| text.starts_with("users \"carol\" is forbidden")));
}

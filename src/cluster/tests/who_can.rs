//! On any cluster, who can is whom the pipeline lets: each user alone and in a group sends the request itself.

use super::*;
use crate::api::RequestInfo;
use crate::api::rbac::Who;
use crate::authorize::rbac::tests::worlds::{GROUPS, NAMESPACES, USERS, Write, write};
use proptest::prelude::*;
use proptest::sample::select;

/// A path that is read, with what is asked for of it.
fn path() -> impl Strategy<Value = String> {
    let resource = (
        (select(vec!["/api/v1", "/apis/apps/v1"]), select(vec!["", "n", "m"])),
        select(vec!["pods", "things", "gol"]),
        select(vec!["", "/p", "/p/log", "/p/pods", "?watch=1"]),
    );
    let resource = resource.prop_map(|((root, namespace), resource, rest)| match namespace {
        "" => format!("{root}/{resource}{rest}"),
        namespace => format!("{root}/namespaces/{namespace}/{resource}{rest}"),
    });
    let urls = select(vec!["/healthz", "/logs/a", "/logs"]).prop_map(str::to_owned);
    prop_oneof![4 => resource, 1 => urls]
}

/// A cluster with the namespaces of the worlds, and nobody in it who acts by himself.
fn empty() -> Cluster {
    let mut config = Config::new(Version::DEFAULT);
    let none = |_: &str| Err(std::io::Error::other("no file is read"));
    config.apply([("controllers", "-*")], &none).expect("flags");
    let mut cluster =
        Cluster::new(config, Timestamp::from_second(START).expect("a time")).expect("a cluster");
    let namespaces = NAMESPACES.map(|name| {
        let object = json!({
            "apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}, "status": {"phase": "Active"},
        });
        (Key::new("namespaces", "", name), object)
    });
    cluster.restore(namespaces);
    cluster
}

fn fill(cluster: &mut Cluster, writes: &[Write]) {
    for (resource, namespace, name, object) in writes {
        let key = Key::new(&format!("{resource}.rbac.authorization.k8s.io"), namespace, name);
        let Some(object) = object else {
            cluster.forget(&[key]);
            continue;
        };
        let mut object = object.clone();
        object["metadata"] = json!({"name": name, "namespace": namespace});
        cluster.restore([(key, object)]);
    }
}

proptest! {
    #![proptest_config(crate::testing::cases(10_000))]

    #[test]
    fn who_can_is_whom_the_pipeline_lets(writes in prop::collection::vec(write(), 1..24), path in path()) {
        thread_local!(static EMPTY: Cluster = empty());
        let mut cluster = EMPTY.with(Cluster::fork);
        fill(&mut cluster, &writes);
        let info = RequestInfo::parse("GET", &path);
        let holders = cluster.who_can(&info, false);
        for name in USERS {
            for group in GROUPS {
                let user = User::new(name, &[group]).authenticated();
                let told = holders.iter().any(|held| {
                    match held.subject.as_ref().and_then(|subject| subject.who(&held.namespace)) {
                        Some(Who::User(held)) => held == user.name,
                        Some(Who::Group(held)) => user.in_group(&held),
                        None => false,
                    }
                });
                let reply = cluster.handle_now(Request::new("GET", &path).by(user.clone()));
                prop_assert_eq!(told, reply.response.code != 403, "{} {:?}", &path, user);
            }
        }
    }
}

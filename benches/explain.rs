//! `explain -f` on a dump of 10,000 bindings: reading it, and the answer to one question with its near misses and its
//! proven cures.

use divan::Bencher;
use kubeverdict::api::{User, Version};
use kubeverdict::explain::dump::Dump;
use kubeverdict::explain::source;
use kubeverdict::question::{self, Place};
use std::fmt::Write;

fn main() {
    divan::main();
}

/// Roles that 1,000 users and 500 accounts hold in 500 namespaces.
fn dump() -> String {
    let mut text = String::new();
    for role in 0..100 {
        let _ = writeln!(
            text,
            "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: role-{role}\nrules:\n\
             - apiGroups:\n  - apps\n  resources:\n  - deployments\n  verbs:\n  - get\n  - list\n\
             - apiGroups:\n  - \"\"\n  resources:\n  - pods\n  verbs:\n  - get"
        );
    }
    for binding in 0..10_000 {
        let (namespace, role, user) = (binding % 500, binding % 100, binding % 1000);
        let _ = writeln!(
            text,
            "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata:\n  name: b-{binding}\n  \
             namespace: ns-{namespace}\nroleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: ClusterRole\n  \
             name: role-{role}\nsubjects:\n- apiGroup: rbac.authorization.k8s.io\n  kind: User\n  name: user-{user}\n\
             - kind: ServiceAccount\n  name: ci\n  namespace: ns-{namespace}"
        );
    }
    text
}

fn load(text: &str) -> Dump {
    let written = source::read("dump.yaml", text.to_owned()).expect("it is a dump");
    Dump::new(Version::NEWEST, written, None).expect("it is a cluster")
}

#[divan::bench(sample_count = 10)]
fn read(bencher: Bencher<'_, '_>) {
    let text = dump();
    bencher.bench_local(|| load(&text));
}

#[divan::bench(sample_count = 20)]
fn answer(bencher: Bencher<'_, '_>) {
    let mut dump = load(&dump());
    let asked = "get pods/log -n ns-7";
    let info =
        question::read(asked, dump.cluster.resources(), Place::Default).expect("it is a question").info;
    bencher.bench_local(|| {
        let explanation = dump.explain(User::new("user-7", &[]), info.clone(), asked);
        assert_eq!(explanation.code, 403);
        explanation
    });
}

mod standards;

use super::*;
use super::{details, evaluate};
use crate::admit::pod_security::policy::{LevelVersion, PolicyVersion};
use crate::json::json;

#[test]
fn checks_stand_by_level_and_id_and_their_versions_rise() {
    let order: Vec<_> = CHECKS.iter().map(|check| (check.level, check.id)).collect();
    assert!(order.is_sorted(), "{order:?}");
    for check in CHECKS {
        let since: Vec<u8> = check.versions.iter().map(|version| version.since).collect();
        assert!(since.is_sorted() && !since.is_empty(), "{}", check.id);
        for id in check.versions.iter().filter_map(|version| version.overrides) {
            let overridden = CHECKS.iter().find(|check| check.id == id);
            assert_eq!(overridden.map(|check| check.level), Some(Level::Baseline), "{id}");
        }
    }
}

/// A policy, the server's release, a pod, and what it violates.
type Case = (&'static str, u8, Value, &'static str);

fn check((policy, server, object, want): Case) {
    let (level, version) = policy.split_once(':').expect("LEVEL:VERSION");
    let policy = LevelVersion {
        level: Level::parse(level).expect("a level"),
        version: PolicyVersion::parse(version).expect("a version"),
    };
    let pod = Pod {
        metadata: object.at("metadata"),
        spec: object.at("spec"),
        server: Version::minor(server),
        user_namespaces_gate: object.flag("gate"),
    };
    assert_eq!(details(&evaluate(policy, &pod)), want, "{policy} on 1.{server}: {object}");
}

/// A pod that violates nothing but what is set over it.
fn hardened(context: Value, more: Value) -> Value {
    let mut pod = json!({"spec": {
        "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [{"name": "c", "securityContext": {
            "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]},
        }}],
    }});
    crate::api::json_patch::merge(
        pod.at_mut("spec.containers.0.securityContext").expect("it is there"),
        &context,
    );
    crate::api::json_patch::merge(&mut pod, &more);
    pod
}

#[test]
fn a_policy_is_that_of_its_version_and_never_later_than_the_server() {
    let sysctl = |name: &str| json!({"spec": {"securityContext": {"sysctls": [{"name": name}]}}});
    let selinux =
        json!({"spec": {"securityContext": {"seLinuxOptions": {"type": "container_engine_t", "role": "r"}}}});
    let probe = json!({"spec": {"containers": [
        {"name": "b", "lifecycle": {"preStop": {"tcpSocket": {"host": "h"}}}},
        {"name": "a", "livenessProbe": {"httpGet": {"host": "g"}}},
    ]}});
    let seccomp = json!({
        "metadata": {"annotations": {"seccomp.security.alpha.kubernetes.io/pod": "unconfined"}},
        "spec": {"securityContext": {"seccompProfile": {"type": "Unconfined"}}},
    });
    let rmem = "forbidden sysctls (net.ipv4.tcp_rmem)";
    let hosts = "probe or lifecycle host (containers \"a\", \"b\" use probe or lifecycle hosts \"g\", \"h\")";
    let options = "pod set forbidden securityContext.seLinuxOptions";
    let old_options = format!("seLinuxOptions ({options}: type \"container_engine_t\"; role may not be set)");
    let new_options = format!("seLinuxOptions ({options}: role may not be set)");
    [
        ("privileged:latest", 36, sysctl("net.ipv4.tcp_rmem"), ""),
        ("baseline:v1.31", 36, sysctl("net.ipv4.tcp_rmem"), rmem),
        ("baseline:v1.32", 36, sysctl("net.ipv4.tcp_rmem"), ""),
        ("baseline:v1.99", 31, sysctl("net.ipv4.tcp_rmem"), rmem),
        ("baseline:latest", 30, selinux.clone(), old_options.leak()),
        ("baseline:latest", 31, selinux, new_options.leak()),
        ("baseline:latest", 33, probe.clone(), ""),
        ("baseline:latest", 34, probe, hosts),
        (
            "baseline:v1.18",
            36,
            seccomp.clone(),
            "seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod=\"unconfined\")",
        ),
        (
            "baseline:v1.19",
            36,
            seccomp,
            "seccompProfile (pod must not set securityContext.seccompProfile.type to \"Unconfined\")",
        ),
    ]
    .into_iter()
    .for_each(check);
}

#[test]
fn restricted_overrides_what_it_repeats_and_spares_windows_and_user_namespaces() {
    let host_path = |more: Value| json!({"spec": {"volumes": [{"name": "v", "hostPath": {}}, more]}});
    let bare = json!({"spec": {"containers": [{"name": "c"}], "os": {"name": "windows"}}});
    let root = |gate: bool| {
        hardened(
            json!({"runAsUser": 0, "procMount": "Unmasked"}),
            json!({"gate": gate, "spec": {"hostUsers": false}}),
        )
    };
    let user = "runAsUser=0 (container \"c\" must not set runAsUser=0)";
    let masks = "procMount (container \"c\" must not set securityContext.procMount to \"Unmasked\")";
    let both = format!("{masks}, {user}");
    [
        ("restricted:latest", 36, hardened(json!({}), json!({})), ""),
        (
            "baseline:latest",
            36,
            host_path(json!({"name": "i", "image": {}})),
            "hostPath volumes (volume \"v\")",
        ),
        (
            "restricted:latest",
            36,
            host_path(json!({"name": "i", "image": {}})),
            "restricted volume types (volume \"v\" uses restricted volume type \"hostPath\")",
        ),
        (
            "restricted:latest",
            32,
            host_path(json!({"name": "i", "image": {}})),
            "restricted volume types (volumes \"v\", \"i\" use restricted volume types \"hostPath\", \"unknown\")",
        ),
        (
            "restricted:latest",
            36,
            bare,
            "runAsNonRoot != true (pod or container \"c\" must set securityContext.runAsNonRoot=true)",
        ),
        (
            "restricted:latest",
            36,
            hardened(json!({"capabilities": {"add": ["KILL", "CHOWN"], "drop": ["KILL"]}}), json!({})),
            "unrestricted capabilities (container \"c\" must set securityContext.capabilities.drop=[\"ALL\"]; \
             container \"c\" must not include \"CHOWN\", \"KILL\" in securityContext.capabilities.add)",
        ),
        ("restricted:latest", 34, root(false), both.clone().leak()),
        ("restricted:latest", 34, root(true), ""),
        ("restricted:v1.34", 36, root(true), both.leak()),
        ("restricted:latest", 36, root(false), masks),
        ("baseline:latest", 36, root(false), ""),
    ]
    .into_iter()
    .for_each(check);
}

#[test]
fn app_armor_is_told_in_the_words_of_the_release() {
    let pod = json!({
        "metadata": {"annotations": {"container.apparmor.security.beta.kubernetes.io/c": "unconfined"}},
        "spec": {"containers": [{"name": "c", "securityContext": {"appArmorProfile": {"type": "Unconfined"}}}]},
    });
    let annotation = "container.apparmor.security.beta.kubernetes.io/c=\"unconfined\"";
    let old = format!("forbidden AppArmor profile ({annotation})");
    let new = format!(
        "forbidden AppArmor profiles (container \"c\" and annotation must not set AppArmor profile type to \
         \"Unconfined\", \"{annotation}\")"
    );
    check(("baseline:latest", 29, pod.clone(), old.leak()));
    check(("baseline:v1.0", 30, pod, new.leak()));
}

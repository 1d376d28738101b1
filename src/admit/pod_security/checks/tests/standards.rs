//! Any pods: what the checks say is what the tables of the Pod Security Standards say, walked field by field.
//!
//! <https://kubernetes.io/docs/concepts/security/pod-security-standards/>

mod pods;
mod table;

use super::super::*;
use crate::admit::pod_security::policy::{LevelVersion, PolicyVersion};
use crate::testing::cases;
use pods::{mended, pod};
use proptest::prelude::*;
use std::collections::BTreeSet;
use table::Allowed::{Containing, Parts, Required, Values};
use table::Word::{self, Flag, Not, Number, Text};
use table::{B, R, REPLACED, Row, TABLE};

/// What stands at a path, `[*]` being each item of a list.
fn walk<'a>(of: &'a Value, path: &str) -> Vec<&'a Value> {
    let mut here = vec![of];
    for step in path.split('.') {
        let (name, each) = step.strip_suffix("[*]").map_or((step, false), |name| (name, true));
        here = here.into_iter().filter_map(|value| value.get(name)).collect();
        if each {
            here = here.into_iter().filter_map(Value::as_array).flatten().collect();
        }
    }
    here
}

fn containers(pod: &Value) -> Vec<&Value> {
    ["spec.containers[*]", "spec.initContainers[*]", "spec.ephemeralContainers[*]"]
        .into_iter()
        .flat_map(|path| walk(pod, path))
        .collect()
}

fn found<'a>(pod: &'a Value, field: &str) -> Vec<&'a Value> {
    match field.split_once('.').unwrap() {
        ("P", path) => walk(pod, &format!("spec.securityContext.{path}")),
        ("C", path) => {
            containers(pod).into_iter().flat_map(|of| walk(of, &format!("securityContext.{path}"))).collect()
        }
        ("A", path) => containers(pod).into_iter().flat_map(|of| walk(of, path)).collect(),
        ("metadata", path) => {
            let key = path.strip_prefix("annotations.").unwrap();
            let annotations = pod["metadata"]["annotations"].as_object().into_iter().flatten();
            annotations.filter(|(name, _)| fits(name, key)).map(|(_, value)| value).collect()
        }
        _ => walk(pod, field),
    }
}

fn fits(text: &str, pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => text.starts_with(start),
        None => text == pattern,
    }
}

fn is_one(value: &Value, of: &[Word]) -> bool {
    of.iter().any(|one| match one {
        Text(pattern) => value.as_str().is_some_and(|text| fits(text, pattern)),
        Flag(flag) => value == flag,
        Number(number) => value == number,
        Not(number) => value != number,
    })
}

impl Row {
    fn allows(&self, pod: &Value) -> bool {
        match self.allowed {
            Values(allowed) => {
                self.fields.iter().all(|field| found(pod, field).iter().all(|value| is_one(value, allowed)))
            }
            Required(allowed) => {
                let (_, path) = self.fields.last().unwrap().split_once('.').unwrap();
                let path = format!("securityContext.{path}");
                let of_pod = self.fields.len() > 1;
                let of_pod = if of_pod { walk(&pod["spec"], &path) } else { Vec::new() };
                let own = |container| walk(container, &path);
                // A wrong word of the pod is wrong, whatever the containers say.
                of_pod.iter().all(|value| is_one(value, allowed))
                    && containers(pod).into_iter().all(|container| match own(container)[..] {
                        [] => !of_pod.is_empty(),
                        [value, ..] => is_one(value, allowed),
                    })
            }
            Parts(allowed) => walk(pod, "spec.volumes[*]")
                .iter()
                .all(|volume| allowed.iter().any(|part| volume.get(part).is_some())),
            Containing(item) => containers(pod).into_iter().all(|container| {
                walk(container, "securityContext.capabilities.drop[*]").iter().any(|name| *name == item)
            }),
        }
    }

    fn spares(&self, minor: u8, restricted: bool, pod: &Value) -> bool {
        let users = minor >= 35 && pod["spec"]["hostUsers"] == false;
        match self.spares {
            "linux" => minor >= 25 && pod["spec"]["os"]["name"] == "windows",
            "users" => users,
            "users, but not restricted" => users && !restricted,
            _ => false,
        }
    }
}

/// The words of the controls that a pod is not allowed by.
fn refused(level: Level, minor: u8, pod: &Value) -> BTreeSet<&'static str> {
    let restricted = level == R;
    let replaced = |row: &Row| {
        restricted
            && row.level == B
            && REPLACED.iter().any(|(reason, since)| *reason == row.reason && *since <= minor)
    };
    let asked =
        TABLE.iter().filter(|row| (row.releases.0..=row.releases.1).contains(&minor) && row.level <= level);
    let bad = asked.filter(|row| !replaced(row) && !row.spares(minor, restricted, pod) && !row.allows(pod));
    bad.map(|row| row.reason).collect()
}

proptest! {
    #![proptest_config(cases(10_000))]

    #[test]
    fn the_checks_say_what_the_tables_say(
        object in pod(),
        keep in prop::option::weighted(0.9, any::<u32>()),
        restricted in any::<bool>(),
        minor in prop_oneof![1 => 0..=36_u8, 1 => 18..=36_u8],
    ) {
        let level = if restricted { R } else { B };
        let object = match keep {
            Some(keep) => mended(object, keep),
            None => object,
        };
        let version = PolicyVersion::parse(&format!("v1.{minor}")).unwrap();
        let pod = Pod {
            metadata: object.at("metadata"),
            spec: object.at("spec"),
            server: Version::minor(36),
            user_namespaces_gate: false,
        };
        let told = evaluate(LevelVersion { level, version }, &pod);
        let told: BTreeSet<&str> = told
            .iter()
            .map(|violation| match violation.reason {
                "forbidden AppArmor profiles" => "forbidden AppArmor profile",
                reason => reason,
            })
            .collect();
        prop_assert_eq!(told, refused(level, minor, &object), "1.{}: {}", minor, object);
    }
}

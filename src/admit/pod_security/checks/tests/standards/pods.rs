//! Pods of which any part may be forbidden.

use super::table::Allowed::{self, Containing, Parts, Required, Values};
use super::table::Word::{Flag, Text};
use super::table::{Row, SYSCTLS, TABLE};
use crate::api::Dig;
use crate::json::{Map, Value, json};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// A value that is not there as often as it is.
fn maybe(values: Vec<Value>) -> impl Strategy<Value = Option<Value>> {
    prop_oneof![2 => Just(None), 1 => select(values).prop_map(Some)]
}

/// An object of these fields, each with one of its values.
fn object(fields: Vec<(&'static str, Vec<Value>)>) -> impl Strategy<Value = Value> {
    let (names, values): (Vec<_>, Vec<_>) =
        fields.into_iter().map(|(name, values)| (name, maybe(values))).unzip();
    values.prop_map(move |values| {
        let set = names.iter().zip(values).filter_map(|(name, value)| Some(((*name).to_owned(), value?)));
        Value::Object(set.collect::<Map>())
    })
}

/// What a pod's and a container's contexts have in common.
fn shared() -> Vec<(&'static str, Vec<Value>)> {
    let kinds = |kinds: &[&str]| kinds.iter().map(|kind| json!({"type": kind})).collect::<Vec<_>>();
    let mut selinux = kinds(&["container_t", "container_engine_t", "spc_t", ""]);
    selinux.extend([
        json!({"user": "u"}),
        json!({"role": "r", "type": "container_t"}),
        json!({"level": "s0"}),
    ]);
    vec![
        ("windowsOptions", vec![json!({"hostProcess": true}), json!({"hostProcess": false}), json!({})]),
        ("seLinuxOptions", selinux),
        ("seccompProfile", kinds(&["RuntimeDefault", "RuntimeDefault", "Localhost", "Unconfined"])),
        ("appArmorProfile", kinds(&["RuntimeDefault", "Localhost", "Unconfined"])),
        ("runAsNonRoot", vec![json!(true), json!(true), json!(false)]),
        ("runAsUser", vec![json!(0), json!(1000)]),
    ]
}

fn container() -> impl Strategy<Value = Value> {
    let adds = [json!(["CHOWN"]), json!(["NET_BIND_SERVICE"]), json!(["SYS_ADMIN", "KILL"]), json!([])];
    let mut capabilities: Vec<Value> = adds.iter().map(|add| json!({"add": add, "drop": ["ALL"]})).collect();
    capabilities.extend(adds.iter().map(|add| json!({"add": add})));
    capabilities.extend([json!({"drop": ["KILL"]}), json!({"drop": ["ALL"]})]);
    let own = vec![
        ("privileged", vec![json!(true), json!(false), json!(false)]),
        ("capabilities", capabilities),
        ("procMount", vec![json!("Default"), json!("Unmasked")]),
        ("allowPrivilegeEscalation", vec![json!(true), json!(false), json!(false), json!(false)]),
    ];
    let handlers = || {
        let hosts = ["", "h"].map(|host| json!({"httpGet": {"host": host}, "tcpSocket": {"port": 1}}));
        let mut all = hosts.to_vec();
        all.extend([
            json!({"tcpSocket": {"host": "h"}}),
            json!({"exec": {}}),
            json!({"exec": {}}),
            json!({"httpGet": {}}),
        ]);
        all
    };
    let hooks: Vec<Value> =
        handlers().into_iter().flat_map(|of| [json!({"postStart": of}), json!({"preStop": of})]).collect();
    let around = object(vec![
        ("ports", vec![json!([{"hostPort": 80}]), json!([{"hostPort": 0}, {"containerPort": 1}]), json!([])]),
        ("livenessProbe", handlers()),
        ("readinessProbe", handlers()),
        ("startupProbe", handlers()),
        ("lifecycle", hooks),
    ]);
    (object([shared(), own].concat()), around).prop_map(|(context, mut container)| {
        container.set("name", "c");
        container.set("securityContext", context);
        container
    })
}

fn volumes() -> impl Strategy<Value = Vec<Value>> {
    let kinds = [
        "emptyDir",
        "configMap",
        "secret",
        "projected",
        "csi",
        "ephemeral",
        "image",
        "hostPath",
        "nfs",
        "flexVolume",
    ];
    subsequence(kinds.to_vec(), 0..=2).prop_map(|kinds| {
        kinds.iter().enumerate().map(|(i, kind)| json!({"name": format!("v{i}"), (*kind): {}})).collect()
    })
}

fn annotations() -> impl Strategy<Value = Value> {
    let profiles =
        ["runtime/default", "docker/default", "localhost/x", "unconfined", ""].map(Value::from).to_vec();
    object(vec![
        ("container.apparmor.security.beta.kubernetes.io/c", profiles.clone()),
        ("seccomp.security.alpha.kubernetes.io/pod", profiles.clone()),
        ("container.seccomp.security.alpha.kubernetes.io/c", profiles),
        ("note", vec![json!("x")]),
    ])
}

pub(super) fn pod() -> impl Strategy<Value = Value> {
    let flags = || vec![json!(true), json!(false)];
    let names = |names: &[&str]| json!(names.iter().map(|name| json!({"name": name})).collect::<Vec<_>>());
    let sysctls: Vec<Value> = SYSCTLS
        .iter()
        .map(|name| if let Text(name) = name { names(&[name]) } else { json!([]) })
        .chain([names(&["kernel.msgmax"]), names(&["net.ipv4.tcp_syncookies", "kernel.sem"])])
        .collect();
    let context = object([shared(), vec![("sysctls", sysctls)]].concat());
    let spec = object(vec![
        ("hostNetwork", flags()),
        ("hostPID", flags()),
        ("hostIPC", flags()),
        ("hostUsers", flags()),
        ("os", vec![json!({"name": "windows"}), json!({"name": "linux"})]),
    ]);
    let lists = (
        prop::collection::vec(container(), 1..3),
        prop::collection::vec(container(), 0..2),
        prop::collection::vec(container(), 0..2),
    );
    (spec, context, lists, volumes(), annotations()).prop_map(
        |(mut spec, context, (containers, inits, ephemerals), volumes, annotations)| {
            spec.set("securityContext", context);
            spec.set("containers", containers);
            spec.set("initContainers", inits);
            spec.set("ephemeralContainers", ephemerals);
            spec.set("volumes", volumes);
            json!({"metadata": {"annotations": annotations}, "spec": spec})
        },
    )
}

/// The pod less what is forbidden for a part of the controls, so that few are told of at once.
pub(super) fn mended(mut pod: Value, keep: u32) -> Value {
    let mut rows: Vec<&Row> = TABLE.iter().collect();
    rows.rotate_left(keep as usize % TABLE.len());
    for row in &rows[..TABLE.len() - 3] {
        if row.allows(&pod) {
            continue;
        }
        for field in row.fields {
            mend(&mut pod, field, &row.allowed);
        }
    }
    pod
}

/// Takes a field away, or sets what is required of it.
fn mend(pod: &mut Value, field: &str, allowed: &Allowed) {
    let spec = &mut pod["spec"];
    let lists = ["containers", "initContainers", "ephemeralContainers"];
    let (place, path) = field.split_once('.').unwrap();
    let first = path.split(['.', '[']).next().unwrap().to_owned();
    let value = match allowed {
        Required([Flag(flag), ..]) => Some(json!(flag)),
        Required(_) => Some(json!({"type": "RuntimeDefault"})),
        Containing(_) => Some(json!({"drop": ["ALL"]})),
        Values(_) | Parts(_) => None,
    };
    let put = |of: &mut Value| {
        let of = of.as_object_mut().unwrap();
        match &value {
            Some(value) => drop(of.insert(first.clone(), value.clone())),
            None => drop(of.remove(&first)),
        }
    };
    match place {
        "P" => put(&mut spec["securityContext"]),
        "spec" => put(spec),
        "C" => lists.iter().for_each(|list| {
            spec[list].as_array_mut().unwrap().iter_mut().for_each(|of| put(&mut of["securityContext"]));
        }),
        "A" => lists.iter().for_each(|list| spec[list].as_array_mut().unwrap().iter_mut().for_each(put)),
        _ => pod["metadata"]["annotations"] = json!({}),
    }
}

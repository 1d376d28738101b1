//! What real servers made of pods and workloads, and how they refused others.

use crate::api::value::Dig;
use crate::api::version::Version;
use crate::json::{Value, json};
use crate::kinds::{Strategy, When, named};

const OLD: Version = Version::minor(20);
const NEW: Version = Version::minor(36);

fn pod(spec: Value) -> Value {
    let mut pod = json!({"kind": "Pod", "metadata": {"name": "p", "namespace": "x"}, "spec": spec});
    pod.set_default("spec.containers", json!([{"name": "c", "image": "busybox:1"}]));
    pod
}

fn workload(kind: &str, spec: Value) -> Value {
    let template =
        json!({"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}});
    let mut workload = json!({"kind": kind, "metadata": {"name": "w", "uid": "u"}, "spec": spec});
    workload.set_default("spec.template", template);
    workload
}

/// The object as it would be stored, or the text after `is invalid: `.
fn create(version: Version, group: &str, resource: &str, mut object: Value) -> Result<Value, String> {
    let kind = named(group, resource);
    (kind.defaults)(&mut object, version);
    kind.prepare(&mut object, None, "", version);
    let errors = kind.errors_of_create(&object, version);
    if errors.is_empty() { Ok(object) } else { Err(errors.summary()) }
}

#[test]
fn pods_are_refused_in_the_words_of_the_release() {
    let contexts = |first: Value, second: Value| {
        json!({"containers": [
            {"name": "a", "image": "i", "securityContext": first},
            {"name": "b", "image": "i", "securityContext": second},
        ]})
    };
    let cases = [
        (OLD, json!({"containers": []}), "spec.containers: Required value"),
        (NEW, json!({"containers": [{"name": "c"}]}), "spec.containers[0].image: Required value"),
        (
            OLD,
            json!({"initContainers": [{"name": "c", "image": "i"}]}),
            "spec.initContainers[0].name: Duplicate value: \"c\"",
        ),
        (
            NEW,
            json!({"initContainers": [{"name": "i", "image": "i", "livenessProbe": {"httpGet": {"port": 80}}}]}),
            "spec.initContainers[0].livenessProbe: Forbidden: may not be set for init containers without restartPolicy=Always",
        ),
        (
            NEW,
            contexts(json!({"windowsOptions": {"hostProcess": true}}), json!({})),
            "[spec: Invalid value: \"\": If pod contains any hostProcess containers then all containers must be HostProcess containers, \
             spec.hostNetwork: Invalid value: false: hostNetwork must be true if pod contains any hostProcess containers]",
        ),
        (
            NEW,
            json!({"hostIPC": true, "securityContext": {"sysctls": [{"name": "kernel.msgmax", "value": "1"}]}}),
            "spec.securityContext.sysctls[0].name: Invalid value: \"kernel.msgmax\": may not be specified when 'hostIPC' is true",
        ),
        (
            NEW,
            contexts(json!({"procMount": "Unmasked"}), json!({})),
            "spec.containers[0].securityContext.procMount: Invalid value: \"Unmasked\": `hostUsers` must be false to use `Unmasked`",
        ),
        (
            NEW,
            contexts(json!({"privileged": true, "allowPrivilegeEscalation": false}), json!({})),
            "spec.containers[0].securityContext: Invalid value: {\"Capabilities\":null,\"Privileged\":true,\"SELinuxOptions\":null,\
             \"WindowsOptions\":null,\"RunAsUser\":null,\"RunAsGroup\":null,\"RunAsNonRoot\":null,\"ReadOnlyRootFilesystem\":null,\
             \"AllowPrivilegeEscalation\":false,\"ProcMount\":null,\"SeccompProfile\":null,\"AppArmorProfile\":null}: \
             cannot set `allowPrivilegeEscalation` to false and `privileged` to true",
        ),
        (
            NEW,
            json!({"containers": [{"name": "c", "image": "i", "resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}}]}),
            "spec.containers[0].resources.requests: Invalid value: \"2\": must be less than or equal to cpu limit of 1",
        ),
        (
            OLD,
            json!({"containers": [{"name": "c", "image": "i", "volumeMounts": [{"name": "v", "mountPath": "/v"}]}]}),
            "spec.containers[0].volumeMounts[0].name: Not found: \"v\"",
        ),
    ];
    for (version, spec, text) in cases {
        assert_eq!(create(version, "", "pods", pod(spec)).unwrap_err(), text);
    }
}

#[test]
fn pods_are_filled_in() {
    let spec = json!({
        "serviceAccount": "robot",
        "hostNetwork": true,
        "containers": [
            {"name": "a", "image": "registry:5000/a", "ports": [{"containerPort": 80}]},
            {"name": "b", "image": "b:1", "resources": {"limits": {"cpu": "1", "memory": "1Gi"}},
             "readinessProbe": {"httpGet": {"port": 80}}},
        ],
        "volumes": [{"name": "e"}, {"name": "s", "secret": {"secretName": "s"}}, {"name": "h", "hostPath": {"path": "/"}}],
    });
    let pod = create(NEW, "", "pods", pod(spec)).unwrap();
    for (path, value) in [
        ("spec.serviceAccountName", json!("robot")),
        ("spec.securityContext", json!({})),
        ("spec.enableServiceLinks", json!(true)),
        ("spec.terminationGracePeriodSeconds", json!(30)),
        ("spec.containers.0.imagePullPolicy", json!("Always")),
        ("spec.containers.0.ports.0", json!({"containerPort": 80, "hostPort": 80, "protocol": "TCP"})),
        ("spec.containers.1.imagePullPolicy", json!("IfNotPresent")),
        ("spec.containers.1.resources.requests", json!({"cpu": "1", "memory": "1Gi"})),
        ("spec.containers.1.readinessProbe.httpGet", json!({"port": 80, "path": "/", "scheme": "HTTP"})),
        ("spec.containers.1.readinessProbe.failureThreshold", json!(3)),
        ("spec.volumes.0.emptyDir", json!({})),
        ("spec.volumes.1.secret.defaultMode", json!(420)),
        ("spec.volumes.2.hostPath.type", json!("")),
        ("status", json!({"phase": "Pending", "qosClass": "Burstable"})),
        ("metadata.generation", json!(1)),
    ] {
        assert_eq!(*pod.at(path), value, "{path}");
    }
}

#[test]
fn profiles_of_old_annotations_become_fields() {
    let annotated = |key: &str, value: &str| {
        let mut pod = pod(json!({}));
        pod.make("metadata.annotations")[key] = value.into();
        pod
    };
    let old = annotated("seccomp.security.alpha.kubernetes.io/pod", "docker/default");
    let old = create(OLD, "", "pods", old).unwrap();
    assert_eq!(*old.at("spec.securityContext.seccompProfile"), json!({"type": "RuntimeDefault"}));

    let new = annotated("container.apparmor.security.beta.kubernetes.io/c", "localhost/x");
    let warned = (named("", "pods").warn)(&new, When::Arrived, NEW);
    assert!(warned[0].ends_with("deprecated since v1.30; use the \"appArmorProfile\" field instead"));
    let new = create(NEW, "", "pods", new).unwrap();
    let profile = json!({"type": "Localhost", "localhostProfile": "x"});
    assert_eq!(*new.at("spec.containers.0.securityContext.appArmorProfile"), profile);
}

#[test]
fn few_fields_of_a_pod_change() {
    for (version, list) in [
        (
            OLD,
            "`spec.containers[*].image`, `spec.initContainers[*].image`, `spec.activeDeadlineSeconds` or `spec.tolerations` (only additions to existing tolerations)",
        ),
        (
            NEW,
            "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
        ),
    ] {
        let mut old = create(version, "", "pods", pod(json!({"serviceAccountName": "one"}))).unwrap();
        old.set("metadata.resourceVersion", "1");
        let update = |path: &str, value: Value| {
            let mut new = old.clone();
            new.set(path, value);
            let kind = named("", "pods");
            (kind.defaults)(&mut new, version);
            kind.prepare(&mut new, Some(&old), "", version);
            let errors = kind.errors_of_update(&new, &old, "", version);
            errors.into_status("", "Pod", "p").map_err(|status| status.message)
        };
        assert_eq!(update("spec.containers.0.image", json!("busybox:2")), Ok(()));
        let refused = update("spec.serviceAccountName", json!("two")).unwrap_err();
        let first = format!(
            "Pod \"p\" is invalid: spec: Forbidden: pod updates may not change fields other than {list}"
        );
        assert_eq!(refused.lines().next(), Some(first.as_str()));
    }
}

#[test]
fn workloads_select_their_own_pods() {
    let selects = |value: &str| json!({"selector": {"matchLabels": {"app": value}}});
    let unmatched = "spec.template.metadata.labels: Invalid value: ";
    for (version, group, resource, kind, spec, text) in [
        (NEW, "apps", "deployments", "Deployment", json!({}), "[spec.selector: Required value, spec.template.metadata.labels: Invalid value: {\"app\":\"a\"}: `selector` does not match template `labels`]".to_owned()),
        (NEW, "apps", "replicasets", "ReplicaSet", selects("b"), format!("{unmatched}{{\"app\":\"b\"}}").replace("\"b\"", "\"a\"") + ": `selector` does not match template `labels`"),
        (OLD, "apps", "daemonsets", "DaemonSet", selects("b"), format!("{unmatched}map[string]string{{\"app\":\"a\"}}: `selector` does not match template `labels`")),
        (NEW, "batch", "jobs", "Job", json!({}), "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\"".to_owned()),
        (OLD, "batch", "jobs", "Job", json!({}), "spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\"".to_owned()),
    ] {
        assert_eq!(create(version, group, resource, workload(kind, spec)).unwrap_err(), text);
    }
    let deployment = create(OLD, "apps", "deployments", workload("Deployment", selects("a"))).unwrap();
    assert_eq!(*deployment.at("spec.strategy.rollingUpdate.maxSurge"), json!("25%"));
    assert_eq!(*deployment.at("metadata.generation"), json!(1));
    let spec = json!({"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i"}]}}});
    let job = create(NEW, "batch", "jobs", workload("Job", spec)).unwrap();
    assert_eq!(*job.at("spec.selector.matchLabels"), json!({"batch.kubernetes.io/controller-uid": "u"}));
    assert_eq!(job.at("spec.template.metadata.labels").entry("", "job-name"), Some("w"));
}

#[test]
fn what_a_pod_brings_along_is_checked() {
    let rules = json!([{"action": "Restart"}]);
    let cases = [
        (
            json!({"containers": [{"name": "c", "image": "i", "restartPolicyRules": rules}]}),
            "[spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used, \
             spec.containers[0].restartPolicyRules[0].exitCodes: Required value: must be specified]",
        ),
        (
            json!({"resourceClaims": [{"name": "r"}]}),
            "spec.resourceClaims[0]: Invalid value: {\"Name\":\"r\",\"ResourceClaimName\":null,\
             \"ResourceClaimTemplateName\":null}: must specify one of: `resourceClaimName`, `resourceClaimTemplateName`",
        ),
        (
            json!({"hostnameOverride": "a.b", "hostNetwork": true}),
            "spec.hostnameOverride: Forbidden: may not be specified when hostNetwork is true",
        ),
        (
            json!({"resources": {"requests": {"cpu": "1"}}, "containers": [
                {"name": "a", "image": "i", "resources": {"requests": {"cpu": "1"}}},
                {"name": "b", "image": "i", "resources": {"requests": {"cpu": "500m"}}},
            ]}),
            "spec.resources.requests[cpu]: Invalid value: \"1\": must be greater than or equal to aggregate container \
             requests of 1500m",
        ),
    ];
    for (spec, message) in cases {
        assert_eq!(create(NEW, "", "pods", pod(spec)).expect_err(message), message);
    }
}

#[test]
fn what_is_on_its_way_out_is_warned_of() {
    let spec = json!({
        "nodeSelector": {"beta.kubernetes.io/os": "linux"},
        "volumes": [{"name": "g", "gitRepo": {"repository": "r"}}],
    });
    let pod = create(NEW, "", "pods", pod(spec)).unwrap();
    assert_eq!(
        named("", "pods").warnings(&pod, When::Created, NEW),
        [
            "spec.nodeSelector[beta.kubernetes.io/os]: deprecated since v1.14; use \"kubernetes.io/os\" instead",
            "spec.volumes[0].gitRepo: deprecated in v1.11, and disabled by default in v1.33+",
        ]
    );
}

//! What the chain says of writes, plugin by plugin.

use super::testing::{World, pod, stored};
use crate::api::Dig;
use crate::json::{Value, json};

const PODS: &str = "/api/v1/namespaces/red/pods";

/// Checks writes of pods against the answers: empty for a pod that is let through.
fn check(world: &World, cases: &[(Value, &str)]) {
    for (spec, want) in cases {
        let said = world.write("POST", PODS, pod("p", spec.clone())).err().unwrap_or_default();
        let text = said.strip_prefix("403 pods \"p\" is forbidden: ").unwrap_or(&said);
        assert_eq!(text, *want, "{spec}");
    }
}

#[test]
fn namespaces_come_and_go() {
    let mut world = World::new(36, &[]);
    world.put("namespaces", "", "going", json!({"status": {"phase": "Terminating"}}));
    let map = || json!({"metadata": {"name": "c"}});
    for (method, path, want) in [
        ("POST", "/api/v1/namespaces/red/configmaps", ""),
        ("POST", "/api/v1/namespaces/nosuch/configmaps", "404 namespaces \"nosuch\" not found"),
        (
            "POST",
            "/api/v1/namespaces/going/configmaps",
            "403 configmaps \"c\" is forbidden: unable to create new content in namespace going because it is being \
             terminated",
        ),
        ("PUT", "/api/v1/namespaces/going/configmaps/c", ""),
        ("DELETE", "/api/v1/namespaces/nosuch/configmaps/c", ""),
        (
            "DELETE",
            "/api/v1/namespaces/kube-system",
            "403 namespaces \"kube-system\" is forbidden: this namespace may not be deleted",
        ),
        ("POST", "/apis/authorization.k8s.io/v1/namespaces/nosuch/localsubjectaccessreviews", ""),
    ] {
        let said = world.write(method, path, map()).err().unwrap_or_default();
        assert_eq!(said, want, "{method} {path}");
    }
}

#[test]
fn a_pod_gets_its_accounts_token() {
    let mut world = World::new(36, &[]);
    world.put(
        "serviceaccounts",
        "red",
        "strict",
        json!({
            "metadata": {"annotations": {"kubernetes.io/enforce-mountable-secrets": "true"}},
            "secrets": [{"name": "ok"}],
            "imagePullSecrets": [{"name": "reg"}],
        }),
    );
    let review = world.write("POST", PODS, pod("p", json!({}))).unwrap();
    let spec = review.object.at("spec");
    assert_eq!(spec.text("serviceAccountName"), "default");
    let volume = spec.text("volumes.0.name");
    assert!(volume.starts_with("kube-api-access-"), "{volume}");
    assert_eq!(spec.text("containers.0.volumeMounts.0.name"), volume);
    let refused = "is not allowed because service account strict does not reference that";
    let with = |field: &str, value: Value| json!({"serviceAccountName": "strict", field: value});
    let volume = |name: &str| json!([{"name": "v", "secret": {"secretName": name}}]);
    check(
        &world,
        &[
            (with("volumes", volume("ok")), ""),
            (
                with("volumes", volume("other")),
                &format!("volume with secret.secretName=\"other\" {refused} secret"),
            ),
            (
                with("imagePullSecrets", json!([{"name": "mine"}])),
                &format!("imagePullSecrets[0].name=\"mine\" {refused} imagePullSecret"),
            ),
            (
                with("initContainers", json!([{"name": "i", "envFrom": [{"secretRef": {"name": "other"}}]}])),
                &format!(
                    "init container i with envFrom referencing secret.secretName=\"other\" {refused} secret"
                ),
            ),
            (
                json!({"serviceAccountName": "ghost"}),
                "error looking up service account red/ghost: serviceaccount \"ghost\" not found",
            ),
        ],
    );
}

#[test]
fn of_old_the_token_is_a_secret() {
    let mut world = World::new(20, &["SecurityContextDeny"]);
    let why = "No API token found for service account \"default\", retry after the token is automatically created and \
               added to the service account";
    check(
        &world,
        &[
            (json!({}), &format!("500 {why}")),
            (json!({"automountServiceAccountToken": false}), ""),
            (
                json!({"automountServiceAccountToken": false, "securityContext": {"runAsUser": 0}}),
                "pod.Spec.SecurityContext.RunAsUser is forbidden",
            ),
        ],
    );
    let account = json!({"metadata": {"uid": "u"}, "secrets": [{"name": "default-token-a"}]});
    world.put("serviceaccounts", "red", "default", account);
    let annotations =
        json!({"kubernetes.io/service-account.name": "default", "kubernetes.io/service-account.uid": "u"});
    let secret =
        json!({"type": "kubernetes.io/service-account-token", "metadata": {"annotations": annotations}});
    world.put("secrets", "red", "default-token-a", secret);
    let review = world.write("POST", PODS, pod("p", json!({}))).unwrap();
    assert_eq!(review.object.text("spec.volumes.0.secret.secretName"), "default-token-a");
}

#[test]
fn limits_fill_in_and_refuse() {
    let mut world = World::new(36, &[]);
    let container = json!({
        "type": "Container", "default": {"cpu": "500m", "memory": "256Mi"}, "defaultRequest": {"cpu": "100m"},
        "max": {"cpu": "1"}, "min": {"cpu": "50m"}, "maxLimitRequestRatio": {"cpu": "10"},
    });
    let limits = json!({"spec": {"limits": [container, {"type": "Pod", "max": {"cpu": "2"}}]}});
    world.put("limitranges", "red", "l", limits);
    let review = world.write("POST", PODS, pod("p", json!({}))).unwrap();
    assert_eq!(
        review.object.annotation("kubernetes.io/limit-ranger"),
        Some(
            "LimitRanger plugin set: cpu, memory request for container c; cpu, memory limit for container c"
        )
    );
    let of = |requests: &str, limits: &str, n: usize| {
        let list = |cpu: &str| {
            if cpu.is_empty() { json!({}) } else { json!({"cpu": cpu}) }
        };
        let one = json!({"name": "c", "resources": {"requests": list(requests), "limits": list(limits)}});
        json!({"containers": vec![one; n]})
    };
    check(
        &world,
        &[
            (
                of("3", "3", 1),
                "[maximum cpu usage per Container is 1, but limit is 3, maximum cpu usage per Pod is 2, but limit is 3]",
            ),
            (
                of("10m", "", 1),
                "[minimum cpu usage per Container is 50m, but request is 10m, cpu max limit to request ratio per \
                 Container is 10, but provided ratio is 50.000000]",
            ),
            (of("900m", "900m", 3), "maximum cpu usage per Pod is 2, but limit is 2700m"),
        ],
    );
}

#[test]
fn quotas_are_charged() {
    let mut world = World::new(36, &[]);
    let status = json!({
        "hard": {"pods": "2", "requests.cpu": "1", "count/roles.rbac.authorization.k8s.io": "0"},
        "used": {"pods": "0", "requests.cpu": "0", "count/roles.rbac.authorization.k8s.io": "0"},
    });
    world.put("resourcequotas", "red", "q", json!({"status": status}));
    let asks = |cpu: &str| json!({"containers": [{"name": "c", "resources": {"requests": {"cpu": cpu}}}]});
    check(&world, &[(json!({}), "failed quota: q: must specify requests.cpu for: c")]);
    let review = world.write("POST", PODS, pod("p", asks("600m"))).unwrap();
    world.charge(review);
    let used = stored(&world, "resourcequotas", "q");
    assert_eq!(used.at("status.used.requests"), &Value::Null);
    assert_eq!(used.entry("status.used", "requests.cpu"), Some("600m"));
    let why =
        "exceeded quota: q, requested: requests.cpu=600m, used: requests.cpu=600m, limited: requests.cpu=1";
    check(&world, &[(asks("600m"), why), (asks("100m"), "")]);
    let roles = "/apis/rbac.authorization.k8s.io/v1/namespaces/red/roles";
    let said = world.write("POST", roles, json!({"metadata": {"name": "r"}})).unwrap_err();
    let count = "count/roles.rbac.authorization.k8s.io";
    assert_eq!(
        said,
        format!(
            "403 roles.rbac.authorization.k8s.io \"r\" is forbidden: exceeded quota: q, requested: {count}=1, used: \
             {count}=0, limited: {count}=0"
        )
    );
}

#[test]
fn optional_plugins_change_and_refuse() {
    let mut world = World::new(
        36,
        &[
            "AlwaysPullImages",
            "DenyServiceExternalIPs",
            "LimitPodHardAntiAffinityTopology",
            "PodNodeSelector",
            "ExtendedResourceToleration",
        ],
    );
    let annotations = json!({"scheduler.alpha.kubernetes.io/node-selector": "env=prod"});
    let active = json!({"metadata": {"annotations": annotations}, "status": {"phase": "Active"}});
    world.put("namespaces", "", "red", active);
    let devices = json!([{"name": "c", "resources": {"requests": {"example.com/gpu": "1"}}}]);
    let review = world.write("POST", PODS, pod("p", json!({"containers": devices}))).unwrap();
    let spec = review.object.at("spec");
    assert_eq!(spec.text("containers.0.imagePullPolicy"), "Always");
    assert_eq!(spec.text("nodeSelector.env"), "prod");
    let keys: Vec<&str> = spec.list("tolerations").iter().map(|t| t.text("key")).collect();
    assert_eq!(keys, ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable", "example.com/gpu"]);
    assert_eq!((spec.at("priority"), spec.text("preemptionPolicy")), (&json!(0), "PreemptLowerPriority"));
    let term = json!({"requiredDuringSchedulingIgnoredDuringExecution": [{"topologyKey": "zone"}]});
    check(
        &world,
        &[
            (
                json!({"affinity": {"podAntiAffinity": term}}),
                "affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey zone but only key \
                 kubernetes.io/hostname is allowed",
            ),
            (
                json!({"nodeSelector": {"env": "dev"}}),
                "pod node label selector conflicts with its namespace node label selector",
            ),
            (json!({"priorityClassName": "no"}), "no PriorityClass with name no was found"),
            (
                json!({"priority": 5}),
                "the integer value of priority (5) must not be provided in pod spec; priority admission controller \
                 computed 0 from the given PriorityClass name",
            ),
            (json!({"runtimeClassName": "slow"}), "pod rejected: RuntimeClass \"slow\" not found"),
            (
                json!({"overhead": {"cpu": "1"}}),
                "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead",
            ),
        ],
    );
    let service = json!({"metadata": {"name": "s"}, "spec": {"externalIPs": ["1.2.3.4"]}});
    assert_eq!(
        world.write("POST", "/api/v1/namespaces/red/services", service).unwrap_err(),
        "403 services \"s\" is forbidden: Use of external IPs is denied by admission control"
    );
}

#[test]
fn tolerations_are_restricted() {
    let mut world = World::new(36, &["PodTolerationRestriction"]);
    let list = "[{\"key\":\"a\",\"operator\":\"Exists\",\"effect\":\"NoSchedule\"}]";
    let annotations = json!({"scheduler.alpha.kubernetes.io/tolerationsWhitelist": list});
    world.put("namespaces", "", "red", json!({"metadata": {"annotations": annotations}}));
    let why = "500 pod tolerations (possibly merged with namespace default tolerations) conflict with its namespace whitelist";
    check(&world, &[(json!({}), why)]);
    world.config.disable_admission_plugins = vec!["DefaultTolerationSeconds".to_owned()];
    let tolerates =
        |key: &str| json!({"tolerations": [{"key": key, "operator": "Exists", "effect": "NoSchedule"}]});
    check(&world, &[(json!({}), ""), (tolerates("a"), ""), (tolerates("b"), why)]);
}

#[test]
fn rights_that_plugins_ask_for() {
    let mut world = World::new(36, &["OwnerReferencesPermissionEnforcement"]);
    let request = json!({"spec": {"signerName": "example.com/x"}});
    world.put("certificatesigningrequests.certificates.k8s.io", "", "exp", request.clone());
    let approval = "/apis/certificates.k8s.io/v1/certificatesigningrequests/exp/approval";
    let owned = |block: bool| {
        let owner = json!({"apiVersion": "v1", "kind": "ConfigMap", "name": "o", "uid": "u", "blockOwnerDeletion": block});
        json!({"metadata": {"name": "c", "ownerReferences": [owner]}})
    };
    let maps = "/api/v1/namespaces/red/configmaps";
    let why = "cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: , <nil>";
    for (allowed, method, path, object, want) in [
        (
            "",
            "PUT",
            approval,
            request.clone(),
            "certificatesigningrequests.certificates.k8s.io \"exp\" is forbidden: user not permitted to approve \
             requests with signerName \"example.com/x\"",
        ),
        ("approve signers example.com/*", "PUT", approval, request.clone(), ""),
        ("approve signers example.com/x", "PUT", approval, request.clone(), ""),
        ("", "POST", maps, owned(false), ""),
        ("", "POST", maps, owned(true), &format!("configmaps \"c\" is forbidden: {why}")),
        ("update configmaps/finalizers o", "POST", maps, owned(true), ""),
    ] {
        world.allowed = vec![allowed];
        let said = world.write(method, path, object).err().unwrap_or_default();
        assert_eq!(said.trim_start_matches("403 "), want, "{allowed}");
    }
}

#[test]
fn kubelets_write_their_own() {
    let mut world = World::new(36, &["NodeRestriction"]);
    world.user = crate::api::User::new("system:node:n1", &["system:nodes"]);
    world.put("nodes", "", "n1", json!({"metadata": {"uid": "node-uid"}}));
    let at = |node: &str| {
        json!({"metadata": {"uid": "pod-uid"}, "spec": {"nodeName": node, "volumes": [
            {"projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}},
        ]}})
    };
    world.put("pods", "red", "p1", at("n1"));
    world.put("pods", "red", "p2", at("n2"));
    let node = |field: &str, value: Value| json!({"metadata": {"name": "n1"}, field: value});
    let mirror = json!({
        "metadata": {
            "name": "m",
            "annotations": {"kubernetes.io/config.mirror": "x"},
            "ownerReferences": [{"apiVersion": "v1", "kind": "Node", "name": "n1", "uid": "u", "controller": true}],
        },
        "spec": {"nodeName": "n1"},
    });
    let token = |audience: &str, uid: &str| {
        let audiences = if audience.is_empty() { json!([]) } else { json!([audience]) };
        let bound = json!({"apiVersion": "v1", "kind": "Pod", "name": "p1", "uid": uid});
        json!({"spec": {"audiences": audiences, "boundObjectRef": bound}})
    };
    let tokens = "/api/v1/namespaces/red/serviceaccounts/default/token";
    for (method, path, object, want) in [
        (
            "POST",
            "/api/v1/nodes",
            json!({"metadata": {"name": "n2"}}),
            "node \"n1\" is not allowed to modify node \"n2\"",
        ),
        (
            "PUT",
            "/api/v1/nodes/n1",
            node("spec", json!({"taints": [{"key": "a"}]})),
            "node \"n1\" is not allowed to modify taints",
        ),
        (
            "PUT",
            "/api/v1/nodes/n1",
            json!({"metadata": {"name": "n1", "labels": {"node-role.kubernetes.io/master": ""}}}),
            "is not allowed to modify labels: node-role.kubernetes.io/master",
        ),
        ("DELETE", "/api/v1/namespaces/red/pods/p1", Value::Null, ""),
        (
            "DELETE",
            "/api/v1/namespaces/red/pods/p2",
            Value::Null,
            "node \"n1\" can only delete pods with spec.nodeName set to itself",
        ),
        ("POST", PODS, mirror, "node n1 UID mismatch: expected u got node-uid"),
        (
            "POST",
            PODS,
            pod("p", json!({})),
            "pod does not have \"kubernetes.io/config.mirror\" annotation, node \"n1\" can only create mirror pods",
        ),
        ("POST", tokens, token("", "pod-uid"), ""),
        ("POST", tokens, token("", ""), "node requested token with a pod binding without a uid"),
        (
            "POST",
            tokens,
            token("vault", "pod-uid"),
            "audience \"vault\" not found in pod spec volume, system:node:n1 is not authorized to request tokens for \
             this audience",
        ),
    ] {
        let said = world.write(method, path, object).err().unwrap_or_default();
        let text = said.split_once("is forbidden: ").map_or(said.as_str(), |(_, text)| text);
        assert_eq!(text, want, "{method} {path}");
    }
}

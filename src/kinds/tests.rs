//! What real servers said about invalid objects, and what they made of valid ones.

use super::*;
use crate::api::value::Dig;
use crate::json::json;

const RBAC: &str = "rbac.authorization.k8s.io";
const ADMISSION: &str = "admissionregistration.k8s.io";

const OLD: Version = Version::minor(20);
const NEW: Version = Version::minor(36);

fn object(kind: &str, name: &str, rest: Value) -> Value {
    let mut object = rest;
    object["kind"] = kind.into();
    object.set_default("metadata.name", name);
    object
}

/// Creates an object, and gives the whole text and the fields of the causes, or the object.
fn create(
    version: Version,
    group: &str,
    resource: &str,
    mut object: Value,
) -> Result<Value, (String, Vec<String>)> {
    let kind = named(group, resource);
    (kind.defaults)(&mut object, version);
    kind.prepare(&mut object, None, "", version);
    let errors = kind.errors_of_create(&object, version);
    refused(errors.into_status(group, object.text("kind"), object.name()))?;
    Ok(object)
}

fn update(
    version: Version,
    group: &str,
    resource: &str,
    old: &Value,
    mut new: Value,
) -> Result<Value, (String, Vec<String>)> {
    let kind = named(group, resource);
    (kind.defaults)(&mut new, version);
    kind.prepare(&mut new, Some(old), "", version);
    let rows = crate::api::resources(version);
    let row = rows.iter().find(|row| (&*row.group, &*row.name) == (group, resource)).unwrap();
    refused(kind.check_condition(&new, row, version))?;
    let errors = kind.errors_of_update(&new, old, "", version);
    refused(errors.into_status(group, new.text("kind"), new.name()))?;
    Ok(new)
}

fn refused(verdict: Result<(), Status>) -> Result<(), (String, Vec<String>)> {
    verdict.map_err(|status| {
        let causes = status.details.list("causes").iter();
        let fields = causes.map(|cause| cause.text("field").to_owned()).collect();
        (status.message, fields)
    })
}

#[test]
fn invalid_objects_are_refused_in_the_words_of_the_release() {
    let urls = json!({"rules": [{"nonResourceURLs": ["/x"], "verbs": []}]});
    let selector = json!({"aggregationRule": {"clusterRoleSelectors": [{"matchExpressions": [{"key": "t", "operator": "Near"}]}]}});
    let keys = json!({"type": "kubernetes.io/ssh-auth", "stringData": {"a b": "x"}});
    let request = json!({"spec": {"usages": ["client auth", "client auth"], "signerName": "nodomain"}});
    let cases = [
        (
            OLD,
            RBAC,
            "roles",
            object("Role", "r", urls.clone()),
            r#"Role.rbac.authorization.k8s.io "r" is invalid: [rules[0].verbs: Required value: verbs must contain at least one value, rules[0].nonResourceURLs: Invalid value: []string{"/x"}: namespaced rules cannot apply to non-resource URLs]"#,
        ),
        (
            NEW,
            RBAC,
            "roles",
            object("Role", "r", urls),
            r#"Role.rbac.authorization.k8s.io "r" is invalid: [rules[0].verbs: Required value: verbs must contain at least one value, rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs]"#,
        ),
        (
            OLD,
            RBAC,
            "clusterroles",
            object("ClusterRole", "c", selector.clone()),
            r#"ClusterRole.rbac.authorization.k8s.io "c" is invalid: [aggregationRule.clusterRoleSelectors[0].matchExpressions[0].operator: Invalid value: "Near": not a valid selector operator, aggregationRule.clusterRoleSelectors[0]: Invalid value: "null": invalid label selector.]"#,
        ),
        (
            NEW,
            RBAC,
            "clusterroles",
            object("ClusterRole", "a%b", json!({})),
            r#"ClusterRole.rbac.authorization.k8s.io "a%b" is invalid: metadata.name: Invalid value: "a%b": may not contain '%'"#,
        ),
        (
            NEW,
            RBAC,
            "clusterrolebindings",
            object(
                "ClusterRoleBinding",
                "b",
                json!({"roleRef": {}, "subjects": [{"kind": "ServiceAccount", "name": "a"}]}),
            ),
            r#"ClusterRoleBinding.rbac.authorization.k8s.io "b" is invalid: [roleRef.kind: Unsupported value: "": supported values: "ClusterRole", roleRef.name: Required value, subjects[0].namespace: Required value]"#,
        ),
        (
            OLD,
            "",
            "namespaces",
            object("Namespace", "a.b", json!({})),
            r#"Namespace "a.b" is invalid: metadata.name: Invalid value: "a.b": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"#,
        ),
        (
            NEW,
            "",
            "namespaces",
            object("Namespace", "a.b", json!({})),
            r#"Namespace "a.b" is invalid: metadata.name: Invalid value: "a.b": must not contain dots"#,
        ),
        (
            OLD,
            "",
            "secrets",
            object("Secret", "s", keys.clone()),
            r#"Secret "s" is invalid: [data[a b]: Invalid value: "a b": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+'), data[%s][ssh-privatekey]: Required value]"#,
        ),
        (
            NEW,
            "",
            "configmaps",
            object("ConfigMap", "", json!({"metadata": {"finalizers": ["nodomain"]}})),
            r#"ConfigMap "" is invalid: [metadata.name: Required value: name or generateName is required, metadata.finalizers[0]: Invalid value: "nodomain": name is neither a standard finalizer name nor is it fully qualified]"#,
        ),
        (
            OLD,
            "certificates.k8s.io",
            "certificatesigningrequests",
            object("CertificateSigningRequest", "c", request.clone()),
            r#"CertificateSigningRequest.certificates.k8s.io "c" is invalid: [spec.request: Invalid value: []byte(nil): PEM block type must be CERTIFICATE REQUEST, spec.usages[1]: Duplicate value: "client auth", spec.signerName: Invalid value: "nodomain": must be a fully qualified domain and path of the form 'example.com/signer-name']"#,
        ),
        (
            NEW,
            "scheduling.k8s.io",
            "priorityclasses",
            object("PriorityClass", "system-x", json!({"value": 1})),
            r#"PriorityClass.scheduling.k8s.io "system-x" is invalid: metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error: system-x is not a known system priority class"#,
        ),
        (
            NEW,
            ADMISSION,
            "validatingwebhookconfigurations",
            object(
                "ValidatingWebhookConfiguration",
                "w",
                json!({"webhooks": [{"name": "x", "clientConfig": {}, "sideEffects": "Some"}]}),
            ),
            r#"ValidatingWebhookConfiguration.admissionregistration.k8s.io "w" is invalid: [webhooks[0].name: Invalid value: "x": should be a domain with at least three segments separated by dots, webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun", webhooks[0].clientConfig: Required value: exactly one of url or service is required, webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1]"#,
        ),
        (
            NEW,
            "",
            "limitranges",
            object(
                "LimitRange",
                "l",
                json!({"spec": {"limits": [{"type": "Container", "min": {"cpu": "2"}, "max": {"cpu": "1"}, "default": {"cpu": "1"}, "defaultRequest": {"cpu": "2"}}]}}),
            ),
            r#"LimitRange "l" is invalid: [spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1, spec.limits[0].defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than max value 1, spec.limits[0].defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than default limit value 1, spec.limits[0].default[cpu]: Invalid value: "2": min value 2 is greater than default value 1]"#,
        ),
        (
            OLD,
            "",
            "resourcequotas",
            object("ResourceQuota", "q", json!({"spec": {"hard": {"pods": "500m", "cats": "1"}}})),
            r#"ResourceQuota "q" is invalid: [spec.hard[cats]: Invalid value: "cats": must be a standard resource type or fully qualified, spec.hard[cats]: Invalid value: "cats": must be a standard resource for quota, spec.hard[pods]: Invalid value: resource.Quantity{i:resource.int64Amount{value:500, scale:-3}, d:resource.infDecAmount{Dec:(*inf.Dec)(nil)}, s:"500m", Format:"DecimalSI"}: must be an integer]"#,
        ),
    ];
    for (version, group, resource, object, message) in cases {
        let (text, _) = create(version, group, resource, object).expect_err(message);
        assert_eq!(text, message, "{version}");
    }
}

#[test]
fn what_is_left_out_is_filled_in() {
    let binding = json!({"roleRef": {"kind": "ClusterRole", "name": "view"}, "subjects": [{"kind": "User", "name": "a"}]});
    let cases = [
        ("", "namespaces", object("Namespace", "red", json!({})), "spec.finalizers", json!(["kubernetes"])),
        (
            "",
            "namespaces",
            object("Namespace", "red", json!({})),
            "metadata.labels",
            json!({"kubernetes.io/metadata.name": "red"}),
        ),
        (
            "",
            "secrets",
            object("Secret", "s", json!({"stringData": {"a": "b"}})),
            "data",
            json!({"a": "Yg=="}),
        ),
        ("", "secrets", object("Secret", "s", json!({})), "type", json!("Opaque")),
        (
            "",
            "services",
            object("Service", "s", json!({"spec": {"ports": [{"port": 80}]}})),
            "spec.ports",
            json!([{"port": 80, "protocol": "TCP", "targetPort": 80}]),
        ),
        (
            RBAC,
            "rolebindings",
            object("RoleBinding", "b", binding),
            "subjects",
            json!([{"kind": "User", "name": "a", "apiGroup": RBAC}]),
        ),
    ];
    for (group, resource, object, path, filled) in cases {
        let made = create(NEW, group, resource, object).expect("valid");
        assert_eq!(made.at(path), &filled, "{resource} {path}");
    }
}

#[test]
fn an_update_may_not_change_everything() {
    let meta = |uid: &str| json!({"name": "c", "uid": uid, "resourceVersion": "1", "deletionTimestamp": "t"});
    let role = |name: &str| json!({"roleRef": {"kind": "ClusterRole", "name": name}});
    let mut dying = meta("u");
    dying["finalizers"] = json!(["x.io/g"]);
    let frozen = |data: &str| json!({"immutable": true, "data": {"a": data}});
    let with = |metadata: Value, mut rest: Value, kind: &str| {
        rest["metadata"] = metadata;
        object(kind, "c", rest)
    };
    let cases = [
        (
            OLD,
            "",
            "configmaps",
            with(meta("u"), json!({}), "ConfigMap"),
            with(meta("nope"), json!({}), "ConfigMap"),
            r#"ConfigMap "c" is invalid: metadata.uid: Invalid value: "nope": field is immutable"#,
            2,
        ),
        (
            NEW,
            "",
            "configmaps",
            with(meta("u"), json!({}), "ConfigMap"),
            with(dying, json!({}), "ConfigMap"),
            r#"ConfigMap "c" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"x.io/g"}"#,
            2,
        ),
        (
            NEW,
            "",
            "configmaps",
            with(meta("u"), frozen("1"), "ConfigMap"),
            with(meta("u"), frozen("2"), "ConfigMap"),
            "ConfigMap \"c\" is invalid: data: Forbidden: field is immutable when `immutable` is set",
            1,
        ),
        (
            OLD,
            RBAC,
            "rolebindings",
            with(meta("u"), role("view"), "RoleBinding"),
            with(meta("u"), role("edit"), "RoleBinding"),
            r#"RoleBinding.rbac.authorization.k8s.io "c" is invalid: roleRef: Invalid value: rbac.RoleRef{APIGroup:"rbac.authorization.k8s.io", Kind:"ClusterRole", Name:"edit"}: cannot change roleRef"#,
            1,
        ),
        (
            NEW,
            "coordination.k8s.io",
            "leases",
            with(meta("u"), json!({}), "Lease"),
            with(json!({"name": "c"}), json!({}), "Lease"),
            r#"leases.coordination.k8s.io "c" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update"#,
            1,
        ),
    ];
    for (version, group, resource, mut old, new, message, causes) in cases {
        (named(group, resource).defaults)(&mut old, version);
        let (text, fields) = update(version, group, resource, &old, new).expect_err(message);
        assert_eq!((text.as_str(), fields.len()), (message, causes), "{version}");
    }
}

#[test]
fn rows_are_sorted_and_of_served_resources() {
    let names: Vec<_> = ALL.iter().map(|kind| (kind.group, kind.plural)).collect();
    assert!(names.is_sorted(), "looked up by halves");
    for (group, plural) in names {
        let served = |minor: u8| {
            let all = crate::api::resources::chosen(Version::minor(minor), &|_, _| true);
            all.preferred(group, plural).is_some()
        };
        assert!((20..=37).any(served), "{plural}.{group}");
    }
}

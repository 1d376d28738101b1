use super::*;
use crate::api::resources;
use crate::json::json;

fn read(minor: u8, path: &str, body: &str, validation: &str) -> Result<Decoded, Status> {
    let version = Version::minor(minor);
    let parts: Vec<&str> = path.split('/').collect();
    let resource = match parts[..] {
        [version, name] => (("", version), name),
        [group, version, name] => ((group, version), name),
        _ => panic!("{path}"),
    };
    let ((group, group_version), name) = resource;
    let resource = resources(version).find(group, group_version, name, "").unwrap();
    decode(&body.as_bytes().into(), "", resource, version, FieldValidation::of(version, validation))
}

#[test]
fn objects_lose_what_is_empty_or_unknown() {
    let body = r#"{"metadata": {"name": "p", "labels": {}, "annotations": null}, "spec": {"hostNetwork": false, "foo": 1,
        "automountServiceAccountToken": false, "containers": [{"name": "c", "image": "", "resources": {"limits": {"cpu": 0.5, "memory": "1024Mi"}}}]}}"#;
    let expected = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "status": {}, "spec": {
        "automountServiceAccountToken": false,
        "containers": [{"name": "c", "resources": {"limits": {"cpu": "500m", "memory": "1Gi"}}}],
    }});
    for (minor, warnings) in [(20, vec![]), (36, vec!["unknown field \"spec.foo\""])] {
        let decoded = read(minor, "v1/pods", body, "").unwrap();
        assert_eq!(decoded.object, expected);
        assert_eq!(decoded.warnings, warnings);
    }
}

#[test]
fn what_may_be_a_schema_is_read_as_one() {
    let body = r#"{"spec": {"versions": [{"name": "v1", "schema": {"openAPIV3Schema": {"x": 1, "properties": {
        "a": {"items": {"type": "string", "enum": [], "y": 1}}, "b": {"additionalProperties": false},
        "c": {"additionalProperties": {"default": null, "z": 1}}, "d": {"items": [{"title": ""}]}}}}}]}}"#;
    let decoded = read(36, "apiextensions.k8s.io/v1/customresourcedefinitions", body, "").unwrap();
    let expected = json!({"properties": {"a": {"items": {"type": "string"}}, "b": {"additionalProperties": false},
        "c": {"additionalProperties": {}}, "d": {"items": [{}]}}});
    assert_eq!(decoded.object["spec"]["versions"][0]["schema"]["openAPIV3Schema"], expected);
    assert_eq!(decoded.warnings, ["unknown field \"spec.versions[0].schema.openAPIV3Schema.x\""]);
}

#[test]
fn refusals() {
    const ROLES: &str = "rbac.authorization.k8s.io/v1/clusterroles";
    let pod = "Pod in version \"v1\" cannot be handled as a Pod: ";
    let role = "ClusterRole in version \"v1\" cannot be handled as a ClusterRole: ";
    let unrecognized = "the object provided is unrecognized (must be of type ClusterRole): couldn't get version/kind; json parse error: ";
    for (minor, path, body, expected) in [
        (36, ROLES, "{", format!("{unrecognized}unexpected end of JSON input ({{)")),
        (20, ROLES, "", format!("{unrecognized}unexpected end of JSON input (<empty>)")),
        (36, ROLES, "{\"kind\": 1}", format!("{unrecognized}json: cannot unmarshal number into Go struct field .kind of type string ({{\"kind\": 1}})")),
        (36, ROLES, r#"{"rules": "all"}"#, format!("{role}json: cannot unmarshal string into Go struct field ClusterRole.rules of type []v1.PolicyRule")),
        (36, ROLES, r#"{"rulez": [], "rules": [{"a": 1}], "rulez": 2}"#, format!("{role}strict decoding error: unknown field \"rulez\", unknown field \"rules[0].a\", duplicate field \"rulez\"")),
        (36, "v1/pods", r#"{"spec": {"containers": [{"image": 1}]}}"#, format!("{pod}json: cannot unmarshal number into Go struct field Container.spec.containers.image of type string")),
        (20, "v1/pods", r#"{"spec": {"containers": [{"image": 1}]}}"#, format!("{pod}v1.Pod.Spec: v1.PodSpec.Containers: []v1.Container: v1.Container.Image: ReadString: expects \" or n, but found 1, error found in #10 byte of ...|\"image\": 1}}]}}}}|..., bigger context ...|{{\"spec\": {{\"containers\": [{{\"image\": 1}}]}}}}|...")),
        (36, "v1/pods", r#"{"spec": {"activeDeadlineSeconds": 1.5}}"#, format!("{pod}json: cannot unmarshal number 1.5 into Go struct field PodSpec.spec.activeDeadlineSeconds of type int64")),
        (36, "v1/pods", r#"{"spec": {"overhead": {"cpu": "x"}}}"#, format!("{pod}quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")),
        (36, "v1/secrets", r#"{"data": {"a": "%%%"}}"#, "Secret in version \"v1\" cannot be handled as a Secret: illegal base64 data at input byte 0".to_owned()),
        (36, ROLES, r#"{"kind": "Role"}"#, "Role in version \"v1\" cannot be handled as a ClusterRole: converting (v1.Role) to (rbac.ClusterRole): unknown conversion".to_owned()),
        (36, ROLES, r#"{"apiVersion": "rbac.authorization.k8s.io/v9"}"#, "ClusterRole in version \"v9\" cannot be handled as a ClusterRole: no kind \"ClusterRole\" is registered for version \"rbac.authorization.k8s.io/v9\" in scheme \"pkg/runtime/scheme.go:111\"".to_owned()),
        (36, "apiextensions.k8s.io/v1/customresourcedefinitions", r#"{"apiVersion": "v1", "kind": "ConfigMap"}"#, "ConfigMap in version \"v1\" cannot be handled as a CustomResourceDefinition: no kind \"ConfigMap\" is registered for version \"v1\" in scheme \"k8s.io/apiextensions-apiserver/pkg/apiserver/apiserver.go:55\"".to_owned()),
        (20, ROLES, r#"{"apiVersion": "rbac.authorization.k8s.io/v1beta1"}"#, "the API version in the data (rbac.authorization.k8s.io/v1beta1) does not match the expected API version (rbac.authorization.k8s.io/v1)".to_owned()),
    ] {
        let refusal = read(minor, path, body, "Strict").unwrap_err();
        assert_eq!((refusal.code, refusal.message), (400, expected), "1.{minor} {body}");
    }
}

#[test]
fn formats() {
    let version = Version::NEWEST;
    let resource = resources(version).find("", "v1", "configmaps", "").unwrap();
    let read = |body: &str, kind: &str| {
        decode(&body.as_bytes().into(), kind, resource, version, FieldValidation::Warn)
    };
    let yaml = read("metadata:\n  name: c\ndata: {a: b}\n", "application/yaml; charset=utf-8").unwrap();
    assert_eq!(yaml.object, read(r#"{"metadata": {"name": "c"}, "data": {"a": "b"}}"#, "").unwrap().object);
    assert_eq!(read("<a/>", "application/xml").unwrap_err().code, 415);
    assert_eq!(read("{}", "what ever").unwrap().object["kind"], "ConfigMap");
}

#[test]
fn deletions() {
    let read = |minor, body: &[u8]| delete_options(&body.into(), "", Version::minor(minor));
    assert_eq!(read(20, b"").unwrap(), json!({}));
    let options = read(36, br#"{"gracePeriodSeconds": 0, "dryRun": [], "x": 1}"#).unwrap();
    assert_eq!(options, json!({"gracePeriodSeconds": 0}));
    assert_eq!((read(20, b"{").unwrap_err().code, read(36, b"{").unwrap_err().code), (500, 400));
}

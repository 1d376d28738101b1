//! `upgrade-check`, as a person uses it: on a dump, on manifests, on scenarios, and on what is none of these.

use kubeverdict::api::Dig;
use kubeverdict::explain::source;
use kubeverdict::json::Value;
use std::path::Path;
use std::process::Command;

/// Runs the command in the repository's folder; the exit code and what it wrote.
fn upgrade_check(arguments: &[&str], stdin: &str) -> (i32, String) {
    use std::io::Write;
    let mut child = Command::new(env!("CARGO_BIN_EXE_kubeverdict"))
        .arg("upgrade-check")
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it runs");
    // A command that refuses its arguments reads nothing.
    let _ = child.stdin.take().expect("it is piped").write_all(stdin.as_bytes());
    let output = child.wait_with_output().expect("it ends");
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().expect("it ended"), String::from_utf8(text).expect("it is text"))
}

#[test]
fn a_dump_of_an_old_cluster() {
    let (code, text) =
        upgrade_check(&["-f", "tests/upgrade/dump.yaml", "--from", "1.20", "--to", "1.36"], "");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/upgrade/dump.txt");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, &text).expect("it can be written");
    }
    assert_eq!(text, std::fs::read_to_string(path).unwrap_or_default());
    assert_eq!(code, 1);
}

/// What is printed for a text on standard input.
fn of_text(text: &str, from: &str, to: &str) -> (i32, String) {
    upgrade_check(&["-f", "-", "--from", from, "--to", to], text)
}

#[test]
fn what_changes_nothing_ends_with_0() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {k: v}\n";
    let told = "From Kubernetes 1.29 to 1.35: 1 object and 0 rights asked of both: nothing changes\n";
    assert_eq!(of_text(map, "1.29", "1.35"), (0, told.to_owned()));
}

#[test]
fn what_neither_release_knows_or_accepts_is_no_silent_success() {
    for (text, why) in [
        (
            "apiVersion: example.com/v1\nkind: Crontab\nmetadata: {name: a}\n",
            "Crontab a: not looked at: neither 1.29 nor 1.35 serves \"Crontab\" of \"example.com/v1\" by itself: a \
             custom resource whose definition is not among these objects, or a slip of the pen",
        ),
        (
            "apiVersion: apps/v1beta1\nkind: Deployment\nmetadata: {name: a}\n",
            "Deployment a: not looked at: neither 1.29 nor 1.35 serves apps/v1beta1; 1.35 serves Deployment as apps/v1",
        ),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: []}\n",
            "Pod a: not looked at: both releases refuse it: 422 Invalid: Pod \"a\" is invalid: spec.containers: \
             Required value",
        ),
    ] {
        let (code, told) = of_text(text, "1.29", "1.35");
        assert!(code == 0 && told.contains(&format!("standard input:1: {why}")), "{code} {told}");
        assert!(told.ends_with("nothing changes; 1 not looked at\n"), "{told}");
    }
}

#[test]
fn custom_resources_are_asked_about_where_their_definition_is_there() {
    let text = "apiVersion: example.com/v1\nkind: Crontab\nmetadata: {name: a}\nspec: {replicas: 1}\n---\n\
                apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
                metadata: {name: crontabs.example.com}\nspec:\n  group: example.com\n  scope: Namespaced\n  \
                names: {plural: crontabs, singular: crontab, kind: Crontab, listKind: CrontabList}\n  versions:\n  - \
                name: v1\n    served: true\n    storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        \
                properties: {spec: {type: object, properties: {replicas: {type: integer}}}}\n";
    let told = "From Kubernetes 1.29 to 1.35: 2 objects and 0 rights asked of both: nothing changes\n";
    assert_eq!(of_text(text, "1.29", "1.35"), (0, told.to_owned()));
}

/// Common changes, one each: the text, the releases, what is told.
#[test]
fn one_change_each() {
    for (text, from, to, told) in [
        (
            "apiVersion: autoscaling/v2beta2\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\n\
             spec: {maxReplicas: 2, scaleTargetRef: {kind: Deployment, name: a}}\n",
            "1.24",
            "1.25",
            "nothing changes",
        ),
        (
            "apiVersion: autoscaling/v2beta2\nkind: HorizontalPodAutoscaler\nmetadata: {name: a}\n\
             spec: {maxReplicas: 2, scaleTargetRef: {kind: Deployment, name: a}}\n",
            "1.22",
            "1.23",
            "warned of: autoscaling/v2beta2 HorizontalPodAutoscaler is deprecated in v1.23+, unavailable in v1.26+; use \
             autoscaling/v2 HorizontalPodAutoscaler",
        ),
        (
            "apiVersion: networking.k8s.io/v1beta1\nkind: Ingress\nmetadata: {name: a}\nspec:\n  backend:\n    \
             serviceName: a\n    servicePort: 80\n",
            "1.21",
            "1.36",
            "standard input:5: Ingress a: dropped: as networking.k8s.io/v1 it must be written otherwise: unknown field \
             \"spec.backend\"",
        ),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: c\n    image: i\n    \
             securityContext:\n      appArmorProfile: {type: RuntimeDefault}\n",
            "1.29",
            "1.35",
            "standard input:9: Pod a: answered otherwise: `spec.containers[0].securityContext.appArmorProfile` is kept, \
             which 1.29 drops",
        ),
        (
            "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec:\n  ports: [{port: 80}]\n  externalIPs: [192.0.2.1]\n",
            "1.35",
            "1.36",
            "because of EXTERNAL_IPS_DEPRECATED since 1.36: external IPs of a service are warned of (KEP-5707)",
        ),
    ] {
        let (code, all) = of_text(text, from, to);
        assert!(all.contains(told), "{told}\nis not in\n{all}");
        assert_eq!(code, i32::from(!told.contains("nothing")), "{all}");
    }
}

#[test]
fn bad_input_is_told_with_its_place_and_a_hint() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n";
    for (text, from, to, told) in [
        (
            pod,
            "1.29",
            "1.40",
            "error: --to: unknown Kubernetes version `1.40`: modelled are 1.20 to 1.37\nhint: the nearest is 1.37\n",
        ),
        (
            pod,
            "1.18",
            "1.30",
            "error: --from: unknown Kubernetes version `1.18`: modelled are 1.20 to 1.37\nhint: the nearest is 1.20\n",
        ),
        (
            pod,
            "latest",
            "1.30",
            "error: --from: unknown Kubernetes version `latest`: modelled are 1.20 to 1.37\n\
             hint: a release is written as in 1.36\n",
        ),
        (
            pod,
            "1.35",
            "1.29",
            "error: 1.35 is no older than 1.29\n\
             hint: `--from` names the release that runs today, `--to` the one to come\n",
        ),
        (
            "a: 1\n",
            "1.29",
            "1.35",
            "error: standard input:1:1: this is no Kubernetes object: it has no `kind`\n\
             hint: a dump is what `kubectl get … -o yaml` or `-o json` prints\n",
        ),
        (
            "kind: List\nitems:\n- {a: 1}\n",
            "1.29",
            "1.35",
            "error: standard input:3:1: this is no Kubernetes object: it has no `kind`\n\
             hint: a dump is what `kubectl get … -o yaml` or `-o json` prints\n",
        ),
        (
            "",
            "1.29",
            "1.35",
            "error: there is no object in these files\nhint: give manifests, or what `kubectl get -o yaml` prints\n",
        ),
    ] {
        assert_eq!(of_text(text, from, to), (2, told.to_owned()));
    }
    let (code, text) = of_text("a: [1\nb: 2\n", "1.29", "1.35");
    assert!(code == 2 && text.starts_with("error: standard input:"), "{text}");
    let (code, text) =
        upgrade_check(&["-f", "tests/upgrade/dupm.yaml", "--from", "1.29", "--to", "1.35"], "");
    assert_eq!(code, 2);
    assert!(text.ends_with("hint: did you mean `tests/upgrade/dump.yaml`?\n"), "{text}");
}

/// Scenarios are clusters of their own; the manifests beside them are one.
#[test]
fn the_manifests_of_scenarios() {
    let arguments = ["-f", "scenarios", "-f", "tests/upgrade/dump.yaml", "--no-causes", "--json"];
    let (code, text) = upgrade_check(&[&arguments[..], &["--from", "1.20", "--to", "1.36"]].concat(), "");
    assert_eq!(code, 1);
    let (text, notes) = text.split_once("\nnote: ").expect("what holds no object is told beside");
    assert!(notes.contains("kustomization.yaml left out"), "{notes}");
    let printed: Value = serde_json::from_str(text).expect("it is JSON");
    let objects = source_objects();
    assert_eq!(
        printed.number("objects") + unknown(&printed),
        objects,
        "each object is asked about, or told not to be"
    );
    let told = |path: &str, kind: &str, what: &str| {
        let all = printed.list("changes").iter().filter(|change| change.text("path") == path);
        all.filter(|change| change.text("kind") == kind && change.text("what") == what).count()
    };
    assert_eq!(told("tests/upgrade/dump.yaml", "PodSecurityPolicy", "refused"), 1);
    assert_eq!(told("scenarios/admission/deny-service-external-ips.yaml", "Service", "warned"), 2);
    assert_eq!(told("scenarios/admission/default-ingress-class.yaml", "Ingress", "otherwise"), 2);
    let schema = Command::new(env!("CARGO_BIN_EXE_kubeverdict"))
        .args(["schema", "upgrade-check"])
        .output()
        .expect("it runs");
    let schema = serde_json::from_slice(&schema.stdout).expect("it is JSON");
    let schema = jsonschema::validator_for(&schema).expect("it is a schema");
    let printed = serde_json::from_str(text).expect("it is JSON");
    let wrong: Vec<String> = schema.iter_errors(&printed).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// How many are of kinds that neither release serves.
fn unknown(printed: &Value) -> i64 {
    let unseen = printed.list("notLookedAt").iter().map(|unseen| unseen.text("why"));
    i64::try_from(unseen.filter(|why| why.starts_with("neither ")).count()).expect("it is small")
}

/// How many objects the scenarios, the manifests beside them and the dump hold.
fn source_objects() -> i64 {
    fn of(path: &Path) -> usize {
        if path.is_dir() {
            return std::fs::read_dir(path)
                .expect("it is there")
                .flatten()
                .map(|entry| of(&entry.path()))
                .sum();
        }
        let is_kustomization = path.file_name().is_some_and(|name| name == "kustomization.yaml");
        if is_kustomization || path.extension().is_none_or(|ending| ending != "yaml") {
            return 0;
        }
        let text = std::fs::read_to_string(path).expect("it can be read");
        let name = path.display().to_string();
        let scenario = source::of_scenario(&name, &text).expect("it is YAML");
        scenario.unwrap_or_else(|| source::read(&name, text.clone()).expect("they are objects")).len()
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let all = of(&root.join("scenarios")) + of(&root.join("tests/upgrade/dump.yaml"));
    i64::try_from(all).expect("it is small")
}

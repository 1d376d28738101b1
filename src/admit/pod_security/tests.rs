use super::*;
use crate::admit::{Chain, Stop};
use crate::api::{Attributes, Decision, RequestInfo, User, Version, resources};
use crate::config::{Config, File};
use crate::json::json;
use crate::random::Random;
use crate::store::{Key, Store};
use std::sync::Arc;

/// A server with one namespace `n`, and what it says of one write there.
struct Server {
    config: Config,
    labels: Value,
    pods: Vec<Value>,
}

impl Server {
    fn new(minor: u8, labels: Value) -> Server {
        let config = Config::new(Version::minor(minor));
        Server { config, labels, pods: Vec::new() }
    }

    fn configured(mut self, configuration: &str) -> Server {
        let file = format!(
            "apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\nplugins:\n- name: PodSecurity\n  \
             configuration:\n    apiVersion: pod-security.admission.config.k8s.io/v1\n    \
             kind: PodSecurityConfiguration\n    {configuration}\n"
        );
        self.config.admission_config =
            Some(File { path: "admission.yaml".to_owned(), text: file.into_bytes().into() });
        self
    }

    fn namespace(&self) -> Value {
        let labels: crate::json::Map =
            self.labels.entries("").map(|(key, value)| (format!("{LABELS}{key}"), value.clone())).collect();
        json!({"metadata": {"name": "n", "labels": labels}})
    }

    /// The refusal, if any, the warnings, and the annotations, each a line.
    fn says(&self, operation: Operation, target: &str, object: Value, old: Option<Value>) -> Vec<String> {
        let mut store = Store::default();
        let now = jiff::Timestamp::UNIX_EPOCH;
        store.load(Key::new("namespaces", "", "n"), self.namespace(), now);
        for pod in &self.pods {
            store.load(Key::new("pods", "n", pod.name()), pod.clone(), now);
        }
        let version = self.config.version;
        let info = RequestInfo::parse("POST", target);
        let row = resources(version).find(&info.group, &info.version, &info.resource, &info.subresource);
        let mut review = Review {
            user: User::new("alice", &[]),
            info,
            resource: row.expect("a resource").clone(),
            operation,
            name: object.name().to_owned(),
            object,
            old: old.map(Arc::new),
            options: Value::Null,
            dry_run: false,
            warnings: Vec::new(),
            audit: Vec::new(),
            along: Vec::new(),
            reinvocation: Default::default(),
        };
        let authorize = |_: &Attributes| (Decision::NoOpinion, String::new());
        let plugins = Chain::new(&self.config).expect("flags of this release");
        let mut cx = Cx {
            version,
            config: &self.config,
            resources: resources(version),
            now,
            cache: store.objects(),
            live: store.objects(),
            authorize: &authorize,
            random: &mut Random::new(0),
            delays: &mut Random::new(0),
            ids: &mut Random::new(0),
            memory: &mut Default::default(),
            answers: &mut Default::default(),
            plugins: &plugins,
        };
        let said = match (RUN.sees)(&cx, &review) {
            true => validate(&mut cx, &mut review),
            false => Ok(Verdict::Skipped),
        };
        let refused = match said {
            Ok(_) => None,
            Err(Stop::Refused(Refusal { status, .. })) => Some(format!("{} {}", status.code, status.message)),
            Err(Stop::Wait(effects)) => Some(format!("{effects:?}")),
        };
        let audit = review.audit.iter().map(|(key, text)| format!("{key}: {text}"));
        refused.into_iter().chain(review.warnings).chain(audit).collect()
    }

    fn says_of_pod(&self, spec: Value) -> Vec<String> {
        let pod = json!({"metadata": {"name": "p", "namespace": "n"}, "spec": spec});
        self.says(Operation::Create, "/api/v1/namespaces/n/pods", pod, None)
    }

    fn says_of_job(&self, spec: Value) -> Vec<String> {
        let job = json!({"metadata": {"name": "j", "namespace": "n"}, "spec": {"template": {"spec": spec}}});
        self.says(Operation::Create, "/apis/batch/v1/namespaces/n/jobs", job, None)
    }

    fn says_of_labels(&self, old: Value) -> Vec<String> {
        let before = Server::new(36, old).namespace();
        self.says(Operation::Update, "/api/v1/namespaces/n", self.namespace(), Some(before))
    }
}

fn host_network() -> Value {
    json!({"hostNetwork": true, "runtimeClassName": "vm"})
}

const VIOLATES: &str = "violate PodSecurity \"baseline:latest\": host namespaces (hostNetwork=true)";

#[test]
fn each_mode_has_its_own_say() {
    let refused = "403 pods \"p\" is forbidden: violates PodSecurity \"baseline:latest\": host namespaces (hostNetwork=true)";
    let enforced = &*format!("{LABELS}enforce-policy: baseline:latest");
    let nothing = &*format!("{LABELS}enforce-policy: privileged:latest");
    let would = &*format!("would {VIOLATES}");
    let audited = &*format!("{LABELS}audit-violations: would {VIOLATES}");
    let enforce = json!({"enforce": "baseline", "audit": "baseline"});
    let warn = json!({"warn": "baseline"});

    let server = Server::new(36, enforce.clone());
    assert_eq!(server.says_of_pod(host_network()), [refused, enforced, audited]);
    assert_eq!(server.says_of_job(host_network()), [would, audited]);
    // Before 1.26 a client was warned only where a label asked for it.
    assert_eq!(Server::new(25, enforce.clone()).says_of_job(host_network()), [audited]);
    assert_eq!(Server::new(36, warn).says_of_pod(host_network()), [would, nothing]);
    assert_eq!(Server::new(36, json!({})).says_of_pod(host_network()), [nothing]);
    // The labels mean nothing before 1.23.
    assert!(Server::new(20, enforce).says_of_pod(host_network()).is_empty());
}

#[test]
fn an_update_matters_by_its_images_and_new_containers() {
    let server = Server::new(36, json!({"enforce": "baseline"}));
    let pod = |image: &str, containers: Value| {
        json!({"metadata": {"name": "p"}, "spec": {"hostNetwork": true,
            "containers": [{"name": "c", "image": image}], "ephemeralContainers": containers}})
    };
    let refuses = |target: &str, new: Value| {
        let old = Some(pod("a", json!([])));
        !server.says(Operation::Update, target, new, old).is_empty()
    };
    let (whole, status) = ("/api/v1/namespaces/n/pods/p", "/api/v1/namespaces/n/pods/p/status");
    assert!(!refuses(whole, pod("a", json!([]))));
    assert!(refuses(whole, pod("b", json!([]))));
    assert!(refuses(whole, pod("a", json!([{"name": "e"}]))));
    assert!(!refuses(status, pod("b", json!([]))));
}

#[test]
fn labels_are_checked_and_pods_that_are_there_warned_of() {
    let pod = |name: &str, spec: Value| json!({"metadata": {"name": name, "namespace": "n"}, "spec": spec});
    let mut server = Server::new(36, json!({"enforce": "baseline"}));
    server.pods = ["c", "a", "b"].map(|name| pod(name, host_network())).to_vec();
    server
        .pods
        .push(pod("d", json!({"hostPID": true, "containers": [{"name": "c", "ports": [{"hostPort": 1}]}]})));
    let heading =
        "existing pods in namespace \"n\" violate the new PodSecurity enforce level \"baseline:latest\"";
    let lines = [heading, "a (and 2 other pods): host namespaces", "d: host namespaces, hostPort"];
    assert_eq!(server.says_of_labels(json!({})), lines);
    assert!(server.says_of_labels(json!({"enforce": "restricted"})).is_empty());

    let wrong = json!({"enforce": "strict"});
    let refused = "422 Namespace \"n\" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: \
                   Invalid value: \"strict\": must be one of privileged, baseline, restricted";
    assert_eq!(Server::new(36, wrong.clone()).says_of_labels(json!({})), [refused]);
    assert!(Server::new(36, wrong.clone()).says_of_labels(wrong).is_empty());
}

#[test]
fn the_configuration_sets_defaults_and_exempts() {
    let defaults = "defaults: {enforce: baseline, enforce-version: v1.30}";
    let refused = "403 pods \"p\" is forbidden: violates PodSecurity \"baseline:v1.30\": host namespaces (hostNetwork=true)";
    let said = Server::new(36, json!({})).configured(defaults).says_of_pod(host_network());
    assert_eq!(said.first().map(String::as_str), Some(refused));

    for (exemptions, why) in [
        ("namespaces: [\"n\"]", "namespace"),
        ("usernames: [alice]", "user"),
        ("runtimeClasses: [vm]", "runtimeClass"),
    ] {
        let server = Server::new(36, json!({"enforce": "baseline"}))
            .configured(&format!("exemptions: {{{exemptions}}}"));
        assert_eq!(server.says_of_pod(host_network()), [format!("{LABELS}exempt: {why}")]);
    }
    let exempt =
        Server::new(36, json!({"enforce": "baseline"})).configured("exemptions: {namespaces: [\"n\"]}");
    let ignored = "namespace \"n\" is exempt from Pod Security, and the policy (enforce=baseline:latest) will be ignored";
    assert_eq!(exempt.says_of_labels(json!({})), [ignored]);

    for (configuration, why) in [
        (
            "defaults: {enforce: strict}",
            "defaults.enforce: Invalid value: \"strict\": must be one of privileged, baseline, restricted",
        ),
        ("defaults: {enfroce: baseline}", "unknown default `enfroce`"),
        ("exemptions: {namespaces: [a, a]}", "exemptions.namespaces[1]: Duplicate value: \"a\""),
    ] {
        let error = Chain::new(&Server::new(36, json!({})).configured(configuration).config).unwrap_err();
        assert_eq!(error.to_string(), format!("admission.yaml: plugin `PodSecurity`: {why}"));
    }
}

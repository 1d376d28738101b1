//! Ways through pods: new ones, by oneself or by a controller, and those that run.

use super::{Done, Hop, Run, Stopped};
use crate::api::{Dig, User};
use crate::json::{Value, json};
use crate::paths::need::{PODS, making};

/// Runs a pod as an account.
pub(in crate::paths) fn create(run: &mut Run, hop: &Hop<'_>) -> Done {
    let Some((namespace, account)) = hop.account() else { return Ok(()) };
    let (namespace, account) = (namespace.to_owned(), account.to_owned());
    let name = run.name();
    let pod = pod(&name, &namespace, harmless(&account));
    run.ask("POST", &format!("/api/v1/namespaces/{namespace}/pods"), Some(&pod))?;
    run.token_of_pod(&namespace, &name)
}

/// Has a controller run a pod as an account.
pub(in crate::paths) fn by_controller(run: &mut Run, hop: &Hop<'_>) -> Done {
    let Some((namespace, account)) = hop.account() else { return Ok(()) };
    let made = run.workload((hop.group, hop.resource, namespace), harmless(account))?;
    run.token_of_pod(namespace, &made)
}

/// Runs a pod, or has a controller run one, that mounts what is asked about: its kubelet gets it.
///
/// Differs from Kubernetes: of a namespace of which the dump holds no such object, one is made by an administrator first. Of one
/// that only a list would tell of, the name is taken for known.
pub(in crate::paths) fn mounting(run: &mut Run, hop: &Hop<'_>) -> Done {
    let info = hop.info;
    let namespace = info.namespace.as_str();
    let namespace =
        if namespace.is_empty() { run.candidates("").swap_remove(0) } else { namespace.to_owned() };
    let name = run.wanted(&info.resource, &namespace, &info.name)?;
    let mut spec = harmless("default");
    spec["automountServiceAccountToken"] = json!(false);
    spec["volumes"] = match info.resource.as_str() {
        "secrets" => json!([{"name": "wanted", "secret": {"secretName": name}}]),
        _ => json!([{"name": "wanted", "configMap": {"name": name}}]),
    };
    spec["containers"][0]["volumeMounts"] = json!([{"name": "wanted", "mountPath": "/wanted"}]);
    let may = |(group, resource): &(&str, &str)| {
        making(resource).iter().any(|verb| run.may_do(verb, group, resource, &namespace, ""))
    };
    let Some((group, resource)) = PODS.into_iter().find(may) else {
        return Err(run.stopped("the authorizers", "no pod may be made there"));
    };
    let made = match resource {
        "pods" => {
            let made = run.name();
            let path = format!("/api/v1/namespaces/{namespace}/pods");
            run.ask("POST", &path, Some(&pod(&made, &namespace, spec)))?;
            made
        }
        _ => run.workload((group, resource, &namespace), spec)?,
    };
    let node = run.place(&namespace, &made, None)?;
    let kubelet = User::new(format!("system:node:{node}"), &["system:nodes"]).authenticated();
    let path = format!("/api/v1/namespaces/{namespace}/{}/{name}", info.resource);
    run.ask_as(kubelet, "GET", &path, None).map(drop)
}

/// Opens a stream into a pod that runs.
pub(in crate::paths) fn stream(run: &mut Run, hop: &Hop<'_>) -> Done {
    let Some((namespace, name)) = hop.pod() else { return Ok(()) };
    let pod = run.stored("pods", namespace, name).unwrap_or_default();
    let container = pod.list("spec.containers").first().map_or("", |first| first.text("name"));
    let sub = hop.resource.split_once('/').map_or("exec", |(_, sub)| sub);
    let command = if sub == "exec" { "&command=cat&command=token" } else { "" };
    let path = format!(
        "/api/v1/namespaces/{namespace}/pods/{name}/{sub}?container={container}&stdout=true{command}"
    );
    let method = if run.may_do("create", "", hop.resource, namespace, name) { "POST" } else { "GET" };
    run.stream(method, &path)?;
    run.token_of_pod(namespace, name)
}

/// Puts a container into a pod that runs.
pub(in crate::paths) fn ephemeral(run: &mut Run, hop: &Hop<'_>) -> Done {
    let Some((namespace, name)) = hop.pod() else { return Ok(()) };
    let container = json!({
        "name": run.name(), "image": IMAGE, "terminationMessagePolicy": "File",
        "securityContext": {
            "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]},
            "runAsNonRoot": true, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"},
        },
    });
    let path = format!("/api/v1/namespaces/{namespace}/pods/{name}/ephemeralcontainers");
    if run.may_do("patch", "", "pods/ephemeralcontainers", namespace, name) {
        let patch = json!({"spec": {"ephemeralContainers": [container]}});
        run.ask("PATCH", &path, Some(&patch))?;
    } else {
        let mut pod = run.stored("pods", namespace, name).unwrap_or_default();
        pod.push("spec.ephemeralContainers", container);
        run.ask("PUT", &path, Some(&pod))?;
    }
    run.token_of_pod(namespace, name)
}

/// Changes the image of a pod that runs: the field of its containers that may change.
pub(in crate::paths) fn image(run: &mut Run, hop: &Hop<'_>) -> Done {
    let Some((namespace, name)) = hop.pod() else { return Ok(()) };
    let mut pod = run.stored("pods", namespace, name).unwrap_or_default();
    if let Some(first) = pod.at_mut("spec.containers").and_then(|all| all.get_mut(0)) {
        first["image"] = json!(IMAGE);
    }
    let path = format!("/api/v1/namespaces/{namespace}/pods/{name}");
    match run.may_do("patch", "", "pods", namespace, name) {
        true => {
            let patch = json!({"spec": {"containers": pod.at("spec.containers")}});
            run.ask("PATCH", &path, Some(&patch))?
        }
        false => run.ask("PUT", &path, Some(&pod))?,
    };
    run.token_of_pod(namespace, name)
}

/// How many namespaces are tried for a pod that may run in any.
const TRIED: usize = 20;

/// Runs a privileged pod beside another, and reads that one's token.
pub(in crate::paths) fn privileged(run: &mut Run, hop: &Hop<'_>) -> Done {
    let (Some(machine), Some((namespace, name))) = (hop.machine(), hop.pod()) else { return Ok(()) };
    let mut stopped = Ok(());
    for own in run.candidates(hop.place) {
        let mut attempt = run.clone();
        match attempt.run_privileged(&own, machine) {
            Ok(()) => {
                *run = attempt;
                return run.token_of_pod(namespace, name);
            }
            Err(why) => stopped = Err(why),
        }
    }
    stopped
}

/// Speaks to a kubelet, and reads the token of a pod of its node.
pub(in crate::paths) fn kubelet(run: &mut Run, hop: &Hop<'_>) -> Done {
    let (Some(machine), Some((namespace, name))) = (hop.machine(), hop.pod()) else { return Ok(()) };
    let verbs =
        [("create", "POST"), ("get", "GET"), ("update", "PUT"), ("patch", "PATCH"), ("delete", "DELETE")];
    let may = |verb: &str| run.may_do(verb, "", "nodes/proxy", "", machine);
    let method = verbs.iter().find(|(verb, _)| may(verb)).map_or("GET", |(_, method)| method);
    run.stream(method, &format!("/api/v1/nodes/{machine}/proxy/exec/{namespace}/{name}/main"))?;
    run.token_of_pod(namespace, name)
}

/// Any image will do.
const IMAGE: &str = "registry.k8s.io/pause:3.10";

fn resources() -> Value {
    json!({"requests": {"cpu": "10m", "memory": "16Mi"}, "limits": {"cpu": "10m", "memory": "16Mi"}})
}

/// What a pod is that Pod Security takes at its most restricted level: a token needs no more.
pub(super) fn harmless(account: &str) -> Value {
    json!({
        "serviceAccountName": account,
        "automountServiceAccountToken": true,
        "securityContext": {
            "runAsNonRoot": true, "runAsUser": 1000, "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [{
            "name": "main", "image": IMAGE, "resources": resources(),
            "securityContext": {"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}},
        }],
    })
}

pub(super) fn pod(name: &str, namespace: &str, spec: Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": Run::metadata(name, namespace), "spec": spec})
}

impl Run {
    /// The namespaces in which a pod may be tried: the one of the rights, or where they count everywhere, those first of
    /// which nothing is demanded.
    pub(super) fn candidates(&self, place: &str) -> Vec<String> {
        if !place.is_empty() {
            return vec![place.to_owned()];
        }
        let all = self.cluster.store().objects().all("namespaces");
        let level =
            |namespace: &Value| namespace.label("pod-security.kubernetes.io/enforce").map(str::to_owned);
        let mut names: Vec<(bool, String)> = all
            .map(|namespace| {
                let demands = level(namespace).is_some_and(|level| level != "privileged");
                (demands, namespace.name().to_owned())
            })
            .collect();
        names.sort();
        names.into_iter().map(|(_, name)| name).take(TRIED).collect()
    }

    /// Has a controller run a pod: its name.
    fn workload(
        &mut self,
        (group, resource, namespace): (&str, &str, &str),
        mut spec: Value,
    ) -> Result<String, Box<Stopped>> {
        let name = self.name();
        let labels = json!({"made-by": "kubeverdict"});
        if matches!(resource, "jobs" | "cronjobs") {
            spec["restartPolicy"] = json!("Never");
        }
        let template = json!({"metadata": {"labels": labels}, "spec": spec});
        let selected = json!({"selector": {"matchLabels": labels}, "template": template});
        let (kind, version, body) = match resource {
            "deployments" => ("Deployment", "apps/v1", selected),
            "daemonsets" => ("DaemonSet", "apps/v1", selected),
            "replicasets" => ("ReplicaSet", "apps/v1", selected),
            "statefulsets" => {
                let mut set = selected;
                set["serviceName"] = json!("kubeverdict");
                ("StatefulSet", "apps/v1", set)
            }
            "jobs" => ("Job", "batch/v1", json!({"template": template})),
            "cronjobs" => {
                let job = json!({"schedule": "* * * * *", "jobTemplate": {"spec": {"template": template}}});
                ("CronJob", "", job)
            }
            _ => ("ReplicationController", "v1", json!({"selector": labels, "template": template})),
        };
        let path = self.collection(group, resource, namespace);
        let version = match version {
            "" => path.split('/').nth(3).map(|version| format!("batch/{version}")).unwrap_or_default(),
            version => version.to_owned(),
        };
        let object = json!({
            "apiVersion": version, "kind": kind, "metadata": Run::metadata(&name, namespace), "spec": body,
        });
        if self.may_do("create", group, resource, namespace, "") {
            self.ask("POST", &path, Some(&object))?;
        } else {
            let at = match resource {
                "cronjobs" => "spec.jobTemplate.spec.template.spec",
                _ => "spec.template.spec",
            };
            let spec = object.at(at).clone();
            self.changes_one((group, resource, namespace), |_| true, |there| there.set(at, spec))?;
        }
        let made = self.name();
        let pod = pod(&made, namespace, template["spec"].clone());
        let controller = match resource {
            // A deployment's pods are made by that of its replica set, a cron job's by that of its job.
            "deployments" | "replicasets" => "replicaset-controller",
            "daemonsets" => "daemon-set-controller",
            "statefulsets" => "statefulset-controller",
            "jobs" | "cronjobs" => "job-controller",
            _ => "replication-controller",
        };
        let pods = format!("/api/v1/namespaces/{namespace}/pods");
        self.ask_as(Run::controller(controller), "POST", &pods, Some(&pod))?;
        Ok(made)
    }

    /// The name of a secret or a config map that somebody wants to read.
    pub(super) fn wanted(
        &mut self,
        resource: &str,
        namespace: &str,
        name: &str,
    ) -> Result<String, Box<Stopped>> {
        let there = self.cluster.store().objects().list(resource, namespace).map(|object| object.name());
        let found = there.into_iter().find(|there| name.is_empty() || *there == name).map(str::to_owned);
        if let Some(found) = found {
            return Ok(found);
        }
        let name = if name.is_empty() { self.name() } else { name.to_owned() };
        let kind = if resource == "secrets" { "Secret" } else { "ConfigMap" };
        let object = json!({"apiVersion": "v1", "kind": kind, "metadata": Run::metadata(&name, namespace)});
        let path = format!("/api/v1/namespaces/{namespace}/{resource}");
        self.ask_as(Run::administrator(), "POST", &path, Some(&object))?;
        Ok(name)
    }

    fn run_privileged(&mut self, own: &str, machine: &str) -> Done {
        let made = self.name();
        let spec = json!({
            "automountServiceAccountToken": false,
            "hostPID": true,
            "containers": [{
                "name": "main", "image": IMAGE, "securityContext": {"privileged": true},
                "resources": resources(),
                "volumeMounts": [{"name": "host", "mountPath": "/host"}],
            }],
            "volumes": [{"name": "host", "hostPath": {"path": "/"}}],
        });
        let path = format!("/api/v1/namespaces/{own}/pods");
        self.ask("POST", &path, Some(&pod(&made, own, spec)))?;
        self.place(own, &made, Some(machine)).map(drop)
    }
}

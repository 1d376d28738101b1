//! Ways through pods: new ones, by oneself or by a controller, and those that run.

use super::{Done, Hop, Run, Stopped};
use crate::api::{Dig, GroupResource, RequestInfo};
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

/// Runs a pod, or has a controller run one, that mounts what is asked about: its kubelet gets it. Who would list or watch has all
/// of the namespace mounted.
///
/// Differs from Kubernetes: of a namespace of which the dump holds no such object, one is made by an administrator first. Of one
/// that only a list would tell of, the name is taken for known.
pub(in crate::paths) fn mounting(run: &mut Run, hop: &Hop<'_>) -> Done {
    let info = hop.info;
    let namespace = info.namespace.as_str();
    let namespace =
        if namespace.is_empty() { run.candidates("").swap_remove(0) } else { namespace.to_owned() };
    let names = run.wanted(info, &namespace)?;
    let mut spec = harmless("default");
    spec["automountServiceAccountToken"] = json!(false);
    let volume = |(number, name): (usize, &String)| match info.resource.as_str() {
        "secrets" => json!({"name": format!("wanted-{number}"), "secret": {"secretName": name}}),
        _ => json!({"name": format!("wanted-{number}"), "configMap": {"name": name}}),
    };
    let mount =
        |number| json!({"name": format!("wanted-{number}"), "mountPath": format!("/wanted/{number}")});
    spec["volumes"] = names.iter().enumerate().map(volume).collect();
    spec["containers"][0]["volumeMounts"] = (0..names.len()).map(mount).collect();
    let mut stopped = Err(run.stopped("the authorizers", "no pod may be made there"));
    for (group, resource) in PODS {
        if !run.may_make(group, resource, &namespace) {
            continue;
        }
        let mut attempt = run.clone();
        match attempt.mounts((group, resource, &namespace), &spec, &info.resource, &names) {
            Ok(()) => {
                *run = attempt;
                return Ok(());
            }
            Err(why) => stopped = Err(why),
        }
    }
    stopped
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
    let (own, made) = run.runs_privileged(hop.place)?;
    run.place(&own, &made, Some(machine))?;
    run.token_of_pod(namespace, name)
}

/// Makes a privileged pod, wherever it would run.
pub(in crate::paths) fn takes_privileged(run: &mut Run, place: &str) -> Done {
    run.runs_privileged(place).map(drop)
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

    /// Whether one of these may be made, or one that is there changed, so that it runs another pod.
    fn may_make(&self, group: &str, resource: &str, namespace: &str) -> bool {
        let stored = GroupResource::new(group, resource).to_string();
        let there = self.cluster.store().objects().list(&stored, namespace).map(|object| object.name());
        let names: Vec<&str> = std::iter::once("").chain(there).collect();
        making(resource).iter().any(|verb| match *verb {
            "create" => self.may_do(verb, group, resource, namespace, ""),
            verb => names.iter().any(|name| self.may_do(verb, group, resource, namespace, name)),
        })
    }

    /// Has a pod run of that specification, whose kubelet gets what it mounts.
    fn mounts(
        &mut self,
        (group, resource, namespace): (&str, &str, &str),
        spec: &Value,
        mounted: &str,
        names: &[String],
    ) -> Done {
        let made = match resource {
            "pods" => {
                let made = self.name();
                let path = format!("/api/v1/namespaces/{namespace}/pods");
                self.ask("POST", &path, Some(&pod(&made, namespace, spec.clone())))?;
                made
            }
            _ => self.workload((group, resource, namespace), spec.clone())?,
        };
        let node = self.place(namespace, &made, None)?;
        let kubelet = Run::kubelet(&node);
        for name in names {
            let path = format!("/api/v1/namespaces/{namespace}/{mounted}/{name}");
            self.ask_as(kubelet.clone(), "GET", &path, None)?;
        }
        Ok(())
    }

    /// The names of the secrets or config maps of a namespace that somebody wants to read: one, or whoever would list or watch
    /// them, all that the request is about.
    pub(super) fn wanted(
        &mut self,
        info: &RequestInfo,
        namespace: &str,
    ) -> Result<Vec<String>, Box<Stopped>> {
        let RequestInfo { resource, name, .. } = info;
        let there = self.cluster.store().objects().list(resource, namespace).map(|object| object.name());
        let found = there.filter(|there| name.is_empty() || there == name).map(str::to_owned);
        let found: Vec<String> = found.take(if info.verb == "get" { 1 } else { usize::MAX }).collect();
        if !found.is_empty() {
            return Ok(found);
        }
        let name = if name.is_empty() { self.name() } else { name.to_owned() };
        let kind = if resource == "secrets" { "Secret" } else { "ConfigMap" };
        let object = json!({"apiVersion": "v1", "kind": kind, "metadata": Run::metadata(&name, namespace)});
        let path = format!("/api/v1/namespaces/{namespace}/{resource}");
        self.ask_as(Run::administrator(), "POST", &path, Some(&object))?;
        Ok(vec![name])
    }

    /// Makes a privileged pod in the first namespace that takes one: the namespace and the pod.
    fn runs_privileged(&mut self, place: &str) -> Result<(String, String), Box<Stopped>> {
        let mut stopped = self.stopped("there is none", "no namespace");
        for own in self.candidates(place) {
            let mut attempt = self.clone();
            match attempt.makes_privileged(&own) {
                Ok(made) => {
                    *self = attempt;
                    return Ok((own, made));
                }
                Err(why) => stopped = why,
            }
        }
        Err(stopped)
    }

    fn makes_privileged(&mut self, own: &str) -> Result<String, Box<Stopped>> {
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
        Ok(made)
    }
}

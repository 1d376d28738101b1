//! The variables that a container sees (`makeEnvironmentVariables`, `pkg/kubelet/envvars`).

use super::super::Mounts;
use super::sources::{self, data};
use crate::api::Dig;
use crate::json::Value;
use crate::store::Objects;

const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

type Variables = Vec<(String, String)>;

/// The environment of a pod's container, in order; the first container unless one is named.
///
/// Differs from a node: services are those of now, not those of the container's start, and come in the order of names.
pub(crate) fn environment(
    pod: &Value,
    container: Option<&str>,
    objects: &Objects,
    mounts: &Mounts,
) -> Variables {
    let mut all: Variables =
        vec![("PATH".to_owned(), PATH.to_owned()), ("HOSTNAME".to_owned(), pod.name().to_owned())];
    let services = services(pod, objects);
    if let Some(container) = super::container(pod, container) {
        own(pod, container, mounts, &services, &mut all);
    }
    for (name, value) in services {
        set_default(&mut all, name, value);
    }
    set_default(&mut all, "HOME".to_owned(), "/root".to_owned());
    all
}

fn set(all: &mut Variables, name: String, value: String) {
    match all.iter_mut().find(|(known, _)| *known == name) {
        Some(known) => known.1 = value,
        None => all.push((name, value)),
    }
}

fn set_default(all: &mut Variables, name: String, value: String) {
    if all.iter().all(|(known, _)| *known != name) {
        all.push((name, value));
    }
}

/// `envFrom`, then `env`, which may refer to what stands before it and to services.
fn own(pod: &Value, container: &Value, mounts: &Mounts, services: &Variables, all: &mut Variables) {
    let held = |place: String| {
        mounts.get(&(pod.uid().to_owned(), place)).map(|object| data(object)).unwrap_or_default()
    };
    for from in container.list("envFrom") {
        let data = match from.has("secretRef") {
            true => held(sources::secret(from.text("secretRef.name"))),
            false => held(sources::config_map(from.text("configMapRef.name"))),
        };
        for (key, value) in data {
            set(all, format!("{}{key}", from.text("prefix")), value);
        }
    }
    for variable in container.list("env") {
        let from = variable.at("valueFrom");
        let key = |reference: &str, place: fn(&str) -> String| {
            let reference = from.at(reference);
            held(place(reference.text("name"))).get(reference.text("key")).cloned()
        };
        let value = if from.has("fieldRef") {
            Some(field(pod, from.text("fieldRef.fieldPath")))
        } else if from.has("secretKeyRef") {
            key("secretKeyRef", sources::secret)
        } else if from.has("configMapKeyRef") {
            key("configMapKeyRef", sources::config_map)
        } else if from.has("resourceFieldRef") {
            let amount = container.at("resources").text(from.text("resourceFieldRef.resource"));
            Some(if amount.is_empty() { "0".to_owned() } else { amount.to_owned() })
        } else {
            Some(expand(variable.text("value"), all, services))
        };
        if let Some(value) = value {
            set(all, variable.text("name").to_owned(), value);
        }
    }
}

/// Replaces `$(NAME)`; `$$` is a dollar, and what is not known stays (`third_party/forked/golang/expansion`).
fn expand(text: &str, all: &Variables, services: &Variables) -> String {
    let known =
        |name: &str| all.iter().chain(services).find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if let Some(after) = after.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        match after.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
            Some((name, after)) => {
                match known(name) {
                    Some(value) => out.push_str(value),
                    None => out.push_str(&format!("$({name})")),
                }
                rest = after;
            }
            None => {
                out.push('$');
                rest = after;
            }
        }
    }
    out + rest
}

/// What a `fieldRef` reads.
pub(super) fn field(pod: &Value, path: &str) -> String {
    let of_key = |map: &str, rest: &str| {
        let key = rest.trim_start_matches("['").trim_end_matches("']");
        pod.entry(map, key).unwrap_or_default().to_owned()
    };
    if let Some(rest) = path.strip_prefix("metadata.labels[") {
        return of_key("metadata.labels", &format!("[{rest}"));
    }
    if let Some(rest) = path.strip_prefix("metadata.annotations[") {
        return of_key("metadata.annotations", &format!("[{rest}"));
    }
    match path {
        "metadata.labels" | "metadata.annotations" => {
            let lines: Vec<String> = pod.entries(path).map(|(key, value)| format!("{key}={value}")).collect();
            lines.join("\n")
        }
        "status.podIPs" | "status.hostIPs" => {
            let all: Vec<&str> = pod.list(path).iter().map(|one| one.text("ip")).collect();
            all.join(",")
        }
        _ => pod.text(path).to_owned(),
    }
}

/// The variables of the services of the pod's namespace, and of the API server's own.
fn services(pod: &Value, objects: &Objects) -> Variables {
    let mut all = Variables::new();
    let links = pod.at("spec.enableServiceLinks").as_bool() != Some(false);
    let master = objects.get("services", "default", "kubernetes").into_iter();
    let own = objects
        .list("services", pod.namespace())
        .filter(|service| links && !(service.namespace() == "default" && service.name() == "kubernetes"));
    for service in master.chain(own) {
        of_service(service, &mut all);
    }
    all
}

fn of_service(service: &Value, all: &mut Variables) {
    let ip = service.text("spec.clusterIP");
    let ports = service.list("spec.ports");
    let (Some(first), false) = (ports.first(), matches!(ip, "" | "None")) else { return };
    let upper = |text: &str| text.to_uppercase().replace(['-', '.'], "_");
    let prefix = upper(service.name());
    let number = |port: &Value| port.at("port").to_string();
    all.push((format!("{prefix}_SERVICE_HOST"), ip.to_owned()));
    all.push((format!("{prefix}_SERVICE_PORT"), number(first)));
    for port in ports.iter().filter(|port| !port.text("name").is_empty()) {
        all.push((format!("{prefix}_SERVICE_PORT_{}", upper(port.text("name"))), number(port)));
    }
    let protocol = |port: &Value| {
        if port.text("protocol").is_empty() { "TCP".to_owned() } else { port.text("protocol").to_owned() }
    };
    let url = |port: &Value| format!("{}://{ip}:{}", protocol(port).to_lowercase(), number(port));
    all.push((format!("{prefix}_PORT"), url(first)));
    for port in ports {
        let name = format!("{prefix}_PORT_{}_{}", number(port), protocol(port));
        all.push((name.clone(), url(port)));
        all.push((format!("{name}_PROTO"), protocol(port).to_lowercase()));
        all.push((format!("{name}_PORT"), number(port)));
        all.push((format!("{name}_ADDR"), ip.to_owned()));
    }
}

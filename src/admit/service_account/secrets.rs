//! Which secrets a pod may name when its account limits them (`kubernetes.io/enforce-mountable-secrets`).

use crate::api::differences::ENV_FROM_SECRETS;
use crate::api::{Dig, Version};
use crate::json::Value;

/// Why the pod may not name one of its secrets, if so.
pub(super) fn of_pod(version: Version, account: &Value, pod: &Value) -> Option<String> {
    let mountable = names(account, "secrets");
    let tail = format!("is not allowed because service account {} does not reference that", account.name());
    for volume in pod.list("spec.volumes").iter().filter(|volume| volume.has("secret")) {
        let secret = volume.text("secret.secretName");
        if !mountable.contains(&secret) {
            return Some(format!("volume with secret.secretName=\"{secret}\" {tail} secret"));
        }
    }
    for (list, word) in [("spec.initContainers", "init container"), ("spec.containers", "container")] {
        for container in pod.list(list) {
            let env_from = version.has(ENV_FROM_SECRETS);
            if let Some(why) = of_container(account, container, word, env_from) {
                return Some(why);
            }
        }
    }
    let pull = names(account, "imagePullSecrets");
    for (i, reference) in pod.list("spec.imagePullSecrets").iter().enumerate() {
        let name = reference.text("name");
        if !pull.contains(&name) {
            return Some(format!("imagePullSecrets[{i}].name=\"{name}\" {tail} imagePullSecret"));
        }
    }
    None
}

/// Why an ephemeral container may not name one of its secrets, if so.
pub(super) fn of_ephemeral_containers(account: &Value, pod: &Value) -> Option<String> {
    let mut containers = pod.list("spec.ephemeralContainers").iter();
    containers.find_map(|container| of_container(account, container, "ephemeral container", true))
}

fn of_container(account: &Value, container: &Value, word: &str, env_from: bool) -> Option<String> {
    let mountable = names(account, "secrets");
    let refuse = |how: String, secret: &str| {
        format!(
            "{word} {} with {how} referencing secret.secretName=\"{secret}\" is not allowed because service account {} \
             does not reference that secret",
            container.text("name"),
            account.name()
        )
    };
    let mut env = container.list("env").iter();
    let by_env = env.find_map(|env| {
        let reference = env.at("valueFrom.secretKeyRef");
        let secret = reference.text("name");
        (!reference.is_null() && !mountable.contains(&secret))
            .then(|| refuse(format!("envVar {}", env.text("name")), secret))
    });
    if by_env.is_some() || !env_from {
        return by_env;
    }
    container.list("envFrom").iter().find_map(|source| {
        let secret = source.text("secretRef.name");
        (source.has("secretRef") && !mountable.contains(&secret))
            .then(|| refuse("envFrom".to_owned(), secret))
    })
}

fn names<'a>(account: &'a Value, list: &str) -> Vec<&'a str> {
    account.list(list).iter().map(|reference| reference.text("name")).collect()
}

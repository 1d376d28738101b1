//! How a pod gets its account's token: a projected volume, or of old the account's token secret.
//!
//! Source of the switch: KEP-1205; `BoundServiceAccountTokenVolume` is on since 1.21 (changelog of 1.21) and cannot be
//! switched off from 1.22 on.

use super::super::{Cx, Stop};
use crate::api::{Dig, Status};
use crate::json::{Value, json};

/// Where containers find the token.
const MOUNT_PATH: &str = "/var/run/secrets/kubernetes.io/serviceaccount";

/// How the names of projected volumes begin.
const PROJECTED: &str = "kube-api-access-";

/// How long a projected token is good for, in seconds; the odd seven tell that the plugin asked for it.
const EXPIRATION: u64 = 3607;

/// Mounts the token into every container that has nothing at its place yet, and says so.
pub(super) fn mount(cx: &mut Cx<'_>, account: &Value, pod: &mut Value) -> Result<Option<String>, Stop> {
    let secret = match cx.config.feature("BoundServiceAccountTokenVolume") {
        true => None,
        false => Some(token_secret(cx, account).ok_or_else(|| no_token(account.name()))?),
    };
    let (volume, is_there) = volume_name(cx, secret.as_deref(), pod);
    let mut mounted = 0;
    for list in ["spec.initContainers", "spec.containers"] {
        let containers = pod.at_mut(list).and_then(Value::as_array_mut);
        for container in containers.into_iter().flatten() {
            mounted += usize::from(mount_into(container, &volume));
        }
    }
    if mounted > 0 && !is_there {
        let source = match &secret {
            Some(secret) => ("secret", json!({"secretName": secret, "defaultMode": 0o644})),
            None => ("projected", projected()),
        };
        pod.push("spec.volumes", json!({"name": volume, (source.0): source.1}));
    }
    Ok((mounted > 0).then(|| format!("its token is mounted from volume {volume}")))
}

/// The account's token secret: referred to by the account, of the right type, and about this account.
fn token_secret(cx: &Cx<'_>, account: &Value) -> Option<String> {
    let references = account.list("secrets");
    let is_token = |secret: &Value| {
        secret.text("type") == "kubernetes.io/service-account-token"
            && secret.annotation("kubernetes.io/service-account.name") == Some(account.name())
            && secret.annotation("kubernetes.io/service-account.uid") == Some(account.uid())
            && references.iter().any(|reference| reference.text("name") == secret.name())
    };
    let mut secrets = cx.cache.list("secrets", account.namespace());
    Some(secrets.find(|secret| is_token(secret))?.name().to_owned())
}

fn no_token(account: &str) -> Stop {
    let mut status = Status::plain(
        500,
        "ServerTimeout",
        format!(
            "No API token found for service account \"{account}\", retry after the token is automatically created and \
             added to the service account"
        ),
    );
    status.details = json!({"name": "create pod", "kind": "serviceaccounts", "retryAfterSeconds": 1});
    status.into()
}

/// The volume's name, and whether the pod has it already.
fn volume_name(cx: &mut Cx<'_>, secret: Option<&str>, pod: &Value) -> (String, bool) {
    let volumes = pod.list("spec.volumes");
    let holds_token = |volume: &&Value| match secret {
        Some(secret) => volume.text("secret.secretName") == secret,
        None => volume.text("name").starts_with(PROJECTED),
    };
    if let Some(volume) = volumes.iter().find(holds_token) {
        return (volume.text("name").to_owned(), true);
    }
    let name = match secret {
        Some(secret) if volumes.iter().all(|volume| volume.text("name") != secret) => secret.to_owned(),
        Some(secret) => format!("{secret}-{}", cx.random.suffix(5)),
        None => format!("{PROJECTED}{}", cx.random.suffix(5)),
    };
    (name, false)
}

fn mount_into(container: &mut Value, volume: &str) -> bool {
    let taken = |mount: &Value| mount.text("mountPath") == MOUNT_PATH;
    if container.list("volumeMounts").iter().any(taken) {
        return false;
    }
    let mount = json!({"name": volume, "readOnly": true, "mountPath": MOUNT_PATH});
    container.push("volumeMounts", mount);
    true
}

fn projected() -> Value {
    json!({
        "sources": [
            {"serviceAccountToken": {"expirationSeconds": EXPIRATION, "path": "token"}},
            {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
            {"downwardAPI": {"items": [
                {"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}},
            ]}},
        ],
        "defaultMode": 0o644,
    })
}

//! The cluster of a dump, as paths are carried out on it: what a dump may leave out and every cluster has.

use super::world::World;
use crate::api::rbac::Who;
use crate::api::{Dig, service_account};
use crate::cluster::Cluster;
use crate::error::Error;
use crate::explain::dump::{Dump, missing_namespaces};
use crate::json::{Value, json};
use crate::kinds;
use crate::store::Key;
use crate::tokens::{Claims, unsigned};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::collections::BTreeSet;

/// The cluster of a dump with what a dump may leave out: the account `default` of each namespace, the accounts of which pods
/// speak, and those of which bindings speak, in namespaces whose accounts it does not tell; the token secrets of accounts, in
/// releases that make them; uids, and the defaults of pods; and the authority of client certificates, which is the cluster's
/// own unless a flag says otherwise.
///
/// # Errors
///
/// A set-up that cannot be made.
pub fn prepared(dump: &Dump) -> Result<Cluster, Error> {
    let mut cluster = dump.cluster.fork();
    let bound = unheard_accounts(&cluster);
    let homes: BTreeSet<&str> = bound.iter().map(|(namespace, _)| namespace.as_str()).collect();
    let homes = missing_namespaces(&cluster, homes.into_iter());
    cluster.restore(homes);
    let accounts = missing_accounts(&cluster, bound);
    cluster.restore(accounts);
    let pods = with_defaults(&cluster);
    cluster.restore(pods);
    let nameless = without_uid(&cluster);
    cluster.restore(nameless);
    // Up to 1.23 each account has a secret with its token.
    if !cluster.config().feature("LegacyServiceAccountTokenNoAutoGeneration") {
        let secrets = token_secrets(&cluster);
        cluster.restore(secrets);
    }
    if cluster.config().client_ca.is_none() {
        let authority = cluster.authority().certificate().pem();
        let mut config = cluster.config().clone();
        config.apply([("client-ca-file", "ca.crt")], &|_| Ok(authority.clone().into_bytes()))?;
        cluster.restart(config)?;
    }
    cluster.catch_up();
    Ok(cluster)
}

/// The accounts of which only bindings speak. Each namespace has an account `default`: where a dump has that one, it tells of
/// all that are there. Where it has others only, as manifests do, those that come with a server are there all the same; where
/// it has none, so is whoever is bound.
fn unheard_accounts(cluster: &Cluster) -> BTreeSet<(String, String)> {
    let objects = cluster.store().objects();
    let tells: BTreeSet<&str> = objects.all("serviceaccounts").map(|account| account.namespace()).collect();
    let tells_all = |namespace: &str| objects.get("serviceaccounts", namespace, "default").is_some();
    let mut named: BTreeSet<(String, String)> = BTreeSet::new();
    for binding in cluster.knowledge().rbac().bindings() {
        let comes_with_server = World::is_default(cluster, binding);
        for (who, _) in binding.reach() {
            if let Who::User(name) = who
                && let Some((namespace, name)) = service_account(&name)
                && !tells_all(namespace)
                && (comes_with_server || !tells.contains(namespace))
            {
                named.insert((namespace.to_owned(), name.to_owned()));
            }
        }
    }
    named
}

fn missing_accounts(cluster: &Cluster, mut named: BTreeSet<(String, String)>) -> Vec<(Key, Value)> {
    let objects = cluster.store().objects();
    let default = || "default".to_owned();
    named.extend(objects.all("namespaces").map(|namespace| (namespace.name().to_owned(), default())));
    named.extend(objects.all("pods").map(|pod| {
        let account = pod.text("spec.serviceAccountName");
        let account = if account.is_empty() { default() } else { account.to_owned() };
        (pod.namespace().to_owned(), account)
    }));
    let missing = named
        .into_iter()
        .filter(|(namespace, name)| objects.get("serviceaccounts", namespace, name).is_none());
    let made = missing.map(|(namespace, name)| {
        let metadata = json!({"name": name, "namespace": namespace});
        let object = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata});
        (Key::new("serviceaccounts", &namespace, &name), object)
    });
    made.collect()
}

/// The secrets of accounts that refer to none, and the accounts that refer to them.
fn token_secrets(cluster: &Cluster) -> Vec<(Key, Value)> {
    let mut made = Vec::new();
    for account in cluster.store().objects().all("serviceaccounts") {
        if !account.list("secrets").is_empty() {
            continue;
        }
        let (namespace, name) = (account.namespace(), format!("{}-token-known", account.name()));
        let annotations = json!({
            "kubernetes.io/service-account.name": account.name(), "kubernetes.io/service-account.uid": account.uid(),
        });
        let mut secret = json!({
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
            "metadata": {"name": name, "namespace": namespace, "annotations": annotations},
        });
        let number = made.len() / 2 + 1;
        secret.set("metadata.uid", format!("00000000-0000-4000-a000-{number:012}"));
        let token = unsigned(&Claims::legacy(account, &secret), cluster.token_key());
        secret.make("data")["token"] = STANDARD.encode(token).into();
        let mut referring = (**account).clone();
        referring.push("secrets", json!({"name": name}));
        made.push((Key::new("serviceaccounts", namespace, account.name()), referring));
        made.push((Key::new("secrets", namespace, &name), secret));
    }
    made
}

/// Pods as they are stored: manifests leave defaults to the server, which of a change would take them for a part of it.
fn with_defaults(cluster: &Cluster) -> Vec<(Key, Value)> {
    let Some(row) = cluster.resources().preferred("", "pods") else { return Vec::new() };
    let pods = cluster.store().objects().all("pods").map(|pod| {
        let mut filled = (**pod).clone();
        kinds::of(row).fill(&mut filled, cluster.version());
        (pod, filled)
    });
    let changed = pods.filter(|(pod, filled)| pod.as_ref() != filled);
    changed.map(|(pod, filled)| (Key::new("pods", pod.namespace(), pod.name()), filled)).collect()
}

/// Tokens are bound to uids, which manifests leave to the server.
fn without_uid(cluster: &Cluster) -> Vec<(Key, Value)> {
    const BOUND: [&str; 4] = ["nodes", "pods", "secrets", "serviceaccounts"];
    let objects = cluster.store().objects().iter();
    let nameless = objects.filter(|(key, object)| BOUND.contains(&&*key.resource) && object.uid().is_empty());
    let named = nameless.zip(1..).map(|((key, object), number): (_, u64)| {
        let mut object = (**object).clone();
        object.set("metadata.uid", format!("00000000-0000-4000-9000-{number:012}"));
        (key, object)
    });
    named.collect()
}

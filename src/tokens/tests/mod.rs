//! A small world to mint and check tokens in.

mod checking;
mod minting;
mod requesting;
mod static_csv;

use super::claims::{Bound, Private};
use super::refusal::What;
use super::request::{Asked, Policy};
use super::*;
use crate::api::differences::TOKEN_ACCOUNT_CHECKED_FIRST;
use crate::api::{Dig, Version};
use crate::config::Config;
use crate::json::{Value, json};
use base64::{Engine, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::Arc;

const ISSUER: &str = "https://kubernetes.default.svc";
const ACCOUNT_UID: &str = "fd6706d8-ff10-4ae1-90e9-f45539aa01fb";
const OLD: Version = Version::OLDEST;
const NEW: Version = Version::NEWEST;

fn start() -> Timestamp {
    "2026-01-01T00:00:00Z".parse().unwrap()
}

fn after(seconds: i64) -> Timestamp {
    start() + SignedDuration::from_secs(seconds)
}

/// Stored objects by `resource/namespace/name`.
#[derive(Clone, Default)]
struct World(BTreeMap<String, Arc<Value>>);

impl World {
    fn new() -> World {
        let mut world = World::default();
        let meta = |name: &str, uid: &str| json!({"name": name, "namespace": "red", "uid": uid});
        world.put("serviceaccounts", json!({"metadata": meta("robot", ACCOUNT_UID)}));
        world.put("secrets", json!({"metadata": meta("s1", "uid-s1")}));
        world.put(
            "pods",
            json!({"metadata": meta("p1", "uid-p1"), "spec": {"serviceAccountName": "robot", "nodeName": "n1"}}),
        );
        world.put("pods", json!({"metadata": meta("p2", "uid-p2"), "spec": {"serviceAccountName": "other"}}));
        world.put("nodes", json!({"metadata": {"name": "n1", "uid": "uid-n1"}}));
        world
    }

    fn put(&mut self, resource: &str, object: Value) {
        let key = format!("{resource}/{}/{}", object.namespace(), object.name());
        self.0.insert(key, Arc::new(object));
    }

    fn change(&mut self, key: &str, path: &str, value: impl Into<Value>) {
        let object = Arc::make_mut(self.0.get_mut(key).unwrap());
        object.set(path, value);
    }
}

impl Lookup for World {
    fn object(&self, resource: &str, namespace: &str, name: &str) -> Option<Arc<Value>> {
        self.0.get(&format!("{resource}/{namespace}/{name}")).cloned()
    }
}

fn keys() -> [(SigningKey, &'static str); 3] {
    [
        (SigningKey::test_only(), "xtUtpIT4dZOmJs9R8TpN9EL8VlMR_0vdIvDIP5DdrFw"),
        (
            SigningKey::from_pem(include_str!("../test_data/p256.key")).unwrap(),
            "lsvkeRVvpTY01YAGK_4BcX3nJgELMVCbStkRroh-M2E",
        ),
        (
            SigningKey::from_pem(include_str!("../test_data/p384.key")).unwrap(),
            "HG-cwaBm4-lPEnmwg0HkQZxnJIideN7siZowBVBhIkE",
        ),
    ]
}

fn verifier(version: Version, key: &SigningKey) -> Verifier {
    Verifier {
        version,
        keys: vec![key.public().clone()],
        issuers: vec![ISSUER.to_owned()],
        audiences: vec![ISSUER.to_owned()],
        improvements: Improvements::of(&Config::new(version)),
        lookup: true,
    }
}

fn ask(version: Version, body: &Value, world: &World) -> Result<request::Granted, crate::api::Status> {
    ask_of(&Config::new(version), body, world)
}

fn ask_of(config: &Config, body: &Value, world: &World) -> Result<request::Granted, crate::api::Status> {
    let version = config.version;
    let audiences = [ISSUER.to_owned()];
    let policy = Policy {
        version,
        issuer: ISSUER,
        audiences: &audiences,
        max_seconds: 0,
        extend: version.has(TOKEN_ACCOUNT_CHECKED_FIRST),
        improvements: Improvements::of(config),
    };
    let asked = Asked { namespace: "red", account: "robot", id: "the-jti", now: start() };
    let request = request::prepare(&policy, &asked, body, world)?;
    request::grant(&policy, &asked, request, world)
}

fn pod_ref() -> Value {
    json!({"spec": {"boundObjectRef": {"kind": "Pod", "apiVersion": "v1", "name": "p1"}}})
}

fn claims(version: Version, body: &Value) -> Claims {
    ask(version, body, &World::new()).unwrap().claims
}

/// A token as it travels.
fn minted(claims: &Claims, key: &SigningKey) -> String {
    signed(&unsigned(claims, key), key).into_owned()
}

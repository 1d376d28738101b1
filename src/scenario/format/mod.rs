//! The scenario file: what a teacher would type, with what the server should say.
//!
//! The types here are the format; `kubeverdict schema scenario` prints their JSON Schema. A step is a line (an administrator types it) or a map.

mod actor;
mod expect;
mod property;
mod releases;
mod schema;

pub use actor::{Actor, Retry};
pub use expect::{Expect, Expected, Wanted};
pub use property::{Claim, Mode, Property, When};
pub use releases::{Release, Releases};

use super::place::Source;
use crate::cluster::{Deviation, Fault, Issuers, Webhooks};
use crate::golang::yaml::custom;
use crate::json::Value;
use schemars::JsonSchema;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// One scenario file.
#[derive(Clone, Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Scenario {
    /// A short name.
    pub scenario: String,
    /// What a learner sees here, in a sentence or two.
    #[serde(default)]
    pub about: String,
    /// Further prose, shown above the steps.
    #[serde(default)]
    pub story: String,
    /// The question or symptom that leads people here.
    #[serde(default)]
    pub symptom: Option<String>,
    /// The cluster that it plays in.
    #[serde(default)]
    pub cluster: ClusterSpec,
    /// What is done, in order.
    pub steps: Vec<Step>,
    /// Who acts beside one another once these steps are done, each with steps of their own; usually one after the other, in the
    /// order in which they are written.
    #[serde(default)]
    pub actors: Vec<Actor>,
    /// What may go wrong, each at most once and one as a step comes; nothing does in `run`, unless `schedule` says so.
    #[serde(default)]
    pub faults: Vec<Fault>,
    /// What must never be so, asked before the first step and after every step.
    #[serde(default)]
    pub never: Vec<Property>,
    /// What must always be so, asked likewise.
    #[serde(default)]
    pub always: Vec<Property>,
    /// What must be so once, at the latest when nothing more happens by itself after the last step.
    #[serde(default)]
    pub eventually: Vec<Property>,
    /// Where its replay leaves the usual order, as `explore` found it.
    #[serde(default)]
    pub schedule: Vec<Deviation>,
    /// What the learner is asked to do at the end.
    #[serde(default)]
    pub exercise: Option<Exercise>,
    /// The text that it was read from.
    #[serde(skip)]
    #[schemars(skip)]
    pub source: Arc<Source>,
}

/// A task for the learner, with a solution that is proven by replaying it.
///
/// The check is replayed twice, on forks of the cluster as the last step left it: without the solution at least one of
/// its steps must not be as expected, with the solution all of them must be.
#[derive(Clone, Debug, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exercise {
    /// What is to be done.
    pub task: String,
    /// A hint.
    #[serde(default)]
    pub hint: Option<String>,
    /// One solution.
    pub solution: Vec<Step>,
    /// What must come out once it is solved.
    pub check: Vec<Step>,
}

/// The cluster that a scenario plays in.
#[derive(Clone, Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ClusterSpec {
    /// Which Kubernetes; the newest unless given.
    #[serde(default)]
    pub version: Option<Release>,
    /// A dump that it holds at first, as `kubectl get -o yaml` prints it: a file beside the scenario.
    #[serde(default)]
    pub from: Option<String>,
    /// Several releases, or ranges of them (`1.24..1.36`): the scenario is replayed under each.
    #[serde(default)]
    pub versions: Vec<Releases>,
    /// kube-apiserver's flags, and the few of kube-controller-manager, by name and without dashes.
    #[serde(default)]
    pub flags: BTreeMap<String, FlagValue>,
    /// How many nodes there are.
    #[serde(default)]
    pub nodes: Option<usize>,
    /// Whether a DNS service runs.
    #[serde(default)]
    pub dns: Option<bool>,
    /// What webhooks answer, by URL, or by the webhook's name where it admits writes.
    #[serde(default)]
    pub webhooks: Webhooks,
    /// Issuers of tokens outside, by URL.
    #[serde(default)]
    pub issuers: Issuers,
    /// How far caches are behind.
    #[serde(default)]
    pub lag: Lag,
    /// The seed of everything that is by chance.
    #[serde(default)]
    pub seed: Option<u64>,
}

/// How far caches are behind.
#[derive(Clone, Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lag {
    /// The authorizer's view of roles and bindings.
    #[serde(default)]
    pub authorizer: Option<Span>,
}

/// A span of virtual time: `500ms`, `10m`, `1h30m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(pub jiff::SignedDuration);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Span, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = || match text.as_str() {
            "" => "how long? Such as 2s, 10m or 1h30m".to_owned(),
            text => format!("`{text}` is no duration such as 2s, 10m or 1h30m"),
        };
        let span: jiff::SignedDuration = text.parse().map_err(|_| de::Error::custom(wrong()))?;
        match span.is_negative() {
            true => Err(de::Error::custom(format!("`{text}` is negative: time only moves on"))),
            false => Ok(Span(span)),
        }
    }
}

impl serde::Serialize for Span {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{:#}", self.0).replace(' ', ""))
    }
}

/// A flag's value, as YAML has it.
#[derive(Clone, Debug, PartialEq, serde::Deserialize, serde::Serialize, JsonSchema)]
#[serde(untagged, expecting = "a flag's value is a text, a number, true or false, or a list of them")]
pub enum FlagValue {
    /// `true`, `false`.
    Bool(bool),
    /// A number.
    Number(i64),
    /// Text.
    Text(String),
    /// A flag given several times.
    List(Vec<String>),
}

impl FlagValue {
    /// The values as on a command line.
    pub fn words(&self) -> Vec<String> {
        match self {
            FlagValue::Bool(on) => vec![on.to_string()],
            FlagValue::Number(n) => vec![n.to_string()],
            FlagValue::Text(text) => vec![text.clone()],
            FlagValue::List(list) => list.clone(),
        }
    }
}

/// A step: a line, or a map.
#[derive(Clone, Debug, Default)]
pub struct Step {
    /// The fields of the map; a line stands as `run`.
    pub fields: StepFields,
}

/// The fields of a step's map.
#[derive(Clone, Debug, Default, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct StepFields {
    /// What `explain` and a person call it.
    #[serde(default)]
    pub name: Option<String>,
    /// Prose for the learner.
    #[serde(default)]
    pub about: Option<String>,
    /// A line to run: kubectl, or in a pod one of its commands.
    #[serde(default)]
    pub run: Option<String>,
    /// In which pod: `NAMESPACE/pod/NAME` or `NAMESPACE/deployment/NAME`.
    #[serde(default, rename = "in")]
    pub inside: Option<String>,
    /// A manifest's file, or the manifest itself.
    #[serde(default)]
    pub apply: Option<Value>,
    /// A raw request.
    #[serde(default)]
    pub request: Option<RawRequest>,
    /// Virtual time to pass.
    #[serde(default)]
    pub wait: Option<Span>,
    /// Steps on a fork; nothing of them remains.
    #[serde(default)]
    pub what_if: Option<Vec<Step>>,
    /// What webhooks answer from now on, those that are named.
    #[serde(default)]
    pub webhooks: Option<Changed<Webhooks>>,
    /// What issuers of tokens publish from now on, those that are named.
    #[serde(default)]
    pub issuers: Option<Changed<Issuers>>,
    /// A token of an issuer, which is printed.
    #[serde(default)]
    pub token: Option<TokenOf>,
    /// Flags that the API server and the controllers are restarted with.
    #[serde(default)]
    pub restart: Option<BTreeMap<String, FlagValue>>,
    /// Who does it; an administrator unless given.
    #[serde(default, rename = "as")]
    pub by: Option<Who>,
    /// What should come of it.
    #[serde(default)]
    pub expect: Option<Expect>,
    /// Who should have decided: an authenticator, an authorizer, a plugin, `validation`; or, of a request that was let
    /// through, a plugin that changed the object.
    #[serde(default)]
    pub because: Option<String>,
    /// Whether things settle before the next step.
    #[serde(default)]
    pub settle: Option<bool>,
    /// What later steps of the same scenario call `$NAME`.
    #[serde(default)]
    pub save: Option<Save>,
    /// Of an actor's step: where it is answered so, it is tried again.
    #[serde(default)]
    pub retry: Option<Retry>,
}

impl StepFields {
    /// Whether somebody asks the API server something.
    pub(super) fn asks(&self) -> bool {
        self.run.is_some() || self.apply.is_some() || self.request.is_some()
    }
}

impl<'de> Deserialize<'de> for Step {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Step, D::Error> {
        struct StepVisitor;
        impl<'de> Visitor<'de> for StepVisitor {
            type Value = Step;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a step: a line such as `kubectl get pods`, or a map")
            }

            fn visit_str<E: de::Error>(self, line: &str) -> Result<Step, E> {
                Ok(Step { fields: StepFields { run: Some(line.to_owned()), ..StepFields::default() } })
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Step, A::Error> {
                let fields = StepFields::deserialize(MapAccessDeserializer::new(map))?;
                let kinds = [
                    fields.run.is_some(),
                    fields.apply.is_some(),
                    fields.request.is_some(),
                    fields.wait.is_some(),
                    fields.what_if.is_some(),
                    fields.webhooks.is_some(),
                    fields.issuers.is_some(),
                    fields.token.is_some(),
                    fields.restart.is_some(),
                ];
                match kinds.iter().filter(|given| **given).count() {
                    1 => Ok(Step { fields }),
                    0 => Err(de::Error::custom(
                        "a step does nothing: give it one of `run`, `apply`, `request`, `wait`, `what-if`, `webhooks`, `issuers`, `token`, `restart`",
                    )),
                    _ => Err(de::Error::custom(
                        "a step does one thing: only one of `run`, `apply`, `request`, `wait`, `what-if`, `webhooks`, `issuers`, `token`, `restart`",
                    )),
                }
            }
        }
        deserializer.deserialize_any(StepVisitor)
    }
}

/// How the world outside is from now on.
#[derive(Clone, Debug, PartialEq)]
pub struct Changed<T> {
    /// As it was written.
    pub written: Value,
    /// The same, as it is meant.
    pub to: T,
}

impl<'de, T: de::DeserializeOwned> Deserialize<'de> for Changed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Changed<T>, D::Error> {
        let written = Value::deserialize(deserializer)?;
        let to = T::deserialize(written.clone()).map_err(de::Error::custom)?;
        Ok(Changed { written, to })
    }
}

/// A token that an issuer gives.
#[derive(Clone, Debug, PartialEq, serde::Deserialize, serde::Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenOf {
    /// The issuer's URL.
    pub issuer: String,
    /// Another key than the issuer's first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The claims; `iss`, `iat` and `exp` are filled in unless given, and what is null is left out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub claims: BTreeMap<String, Value>,
    /// How long it lasts; an hour unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lasts: Option<Span>,
}

/// What a step leaves for later ones.
#[derive(Clone, Debug, PartialEq, serde::Deserialize, serde::Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Save {
    /// What is printed, under a name.
    Printed(String),
    /// Fields of the answer, each under a name.
    Fields(BTreeMap<String, String>),
}

/// A raw request.
#[derive(Clone, Debug, serde::Deserialize, serde::Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawRequest {
    /// Who asks.
    #[serde(default, rename = "as", skip_serializing_if = "Option::is_none")]
    pub by: Option<Who>,
    /// `METHOD /path`.
    #[serde(rename = "do")]
    pub what: String,
    /// A JSON body, as YAML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// The content type; JSON unless given.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub media: Option<String>,
    /// Further headers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
}

/// Somebody.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[serde(untagged)]
pub enum Who {
    /// By name: `admin`, `none`, a user, `system:serviceaccount:NS:NAME`.
    Name(String),
    /// With groups and more.
    Full(WhoFields),
}

/// Somebody in full.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize, serde::Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WhoFields {
    /// The user name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// The uid.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub uid: String,
    /// Further facts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub extra: BTreeMap<String, Vec<String>>,
    /// A bearer token instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// A client certificate's identity instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certificate: Option<CertificateFields>,
}

/// The identity in a client certificate that the cluster's authority signed.
#[derive(Clone, Debug, Default, PartialEq, serde::Deserialize, serde::Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateFields {
    /// The common name: the user.
    pub cn: String,
    /// The organizations: the groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub o: Vec<String>,
}

impl<'de> Deserialize<'de> for Who {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Who, D::Error> {
        struct WhoVisitor;
        impl<'de> Visitor<'de> for WhoVisitor {
            type Value = Who;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name, or a map with `user`, `groups`, `token` or `certificate`")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Who, E> {
                Ok(Who::Name(name.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Who, A::Error> {
                WhoFields::deserialize(MapAccessDeserializer::new(map)).map(Who::Full)
            }
        }
        deserializer.deserialize_any(WhoVisitor)
    }
}

//! The modes in order, what they know, and the stage that asks them.

use super::{Mode, abac, node, rbac};
use crate::api::{
    Attributes, Decision, Finding, Outcome, Request, RequestInfo, Response, Stage, Status, Trace, User,
    Version, broken, refusal,
};
use crate::authenticate::Authenticated;
use crate::bootstrap;
use crate::config::Config;
use crate::delegate::{Client, Questions};
use crate::error::Error;
use crate::store::{Remembered, Store, View};
use jiff::Timestamp;
use serde_json::Value;
use std::sync::Arc;

/// A request that may be made. Only [`authorize`] makes one.
#[derive(Clone, Debug)]
pub struct Authorized(Authenticated);

impl Authorized {
    /// Who asks, or whom they act as.
    pub fn user(&self) -> &User {
        self.0.user()
    }

    /// The request in the server's words.
    pub fn info(&self) -> &RequestInfo {
        self.0.info()
    }

    /// The request as it came.
    pub fn request(&self) -> &Request {
        self.0.request()
    }

    /// Warnings for the client so far.
    pub fn warnings(&self) -> &[String] {
        self.0.warnings()
    }
}

/// The authorizers of one cluster, in order.
#[derive(Clone, Debug)]
pub struct Authorizers {
    modes: Vec<Mode>,
    policies: abac::Policies,
    node: node::Authorizer,
    webhook: Option<Arc<Client>>,
}

/// What every kubelet may do: `bootstrappolicy.NodeRules`, which are the rules of the cluster role system:node.
pub(super) fn node_rules(version: Version) -> Vec<rbac::PolicyRule> {
    bootstrap::cluster_role(version, "system:node")
        .map(|role| rbac::PolicyRule::list(&role))
        .unwrap_or_default()
}

/// What authorizers know: the objects as their informers have them, the index over roles and bindings, and the graph of
/// what nodes need.
#[derive(Clone, Debug, Default)]
pub struct Knowledge {
    view: View,
    rbac: rbac::Index,
    nodes: node::Graph,
}

impl Knowledge {
    /// The index over roles and bindings.
    pub fn rbac(&self) -> &rbac::Index {
        &self.rbac
    }

    /// The objects that authorizers know of.
    pub fn view(&self) -> &View {
        &self.view
    }

    /// Learns of all writes until an instant.
    pub fn catch_up(&mut self, store: &Store, until: Timestamp) {
        let (rbac, nodes) = (&mut self.rbac, &mut self.nodes);
        let relisted = self.view.catch_up(store, until, |event| {
            nodes.apply(event);
            let key = &event.key;
            if let Some(resource) = key.resource.strip_suffix(".rbac.authorization.k8s.io") {
                rbac.apply(resource, &key.namespace, &key.name, event.new.as_deref());
            }
        });
        if relisted {
            self.rbac = rbac::Index::of(self.view.objects());
            self.nodes = node::Graph::of(self.view.objects());
        }
    }
}

/// What a chain of authorizers says, and which of them said it.
#[derive(Clone, Debug)]
pub struct Said {
    /// Allowed, denied, or no opinion (which is a no).
    pub decision: Decision,
    /// Who decided; empty where nobody did.
    pub by: &'static str,
    /// Why, in the server's words.
    pub reason: String,
    /// What kept authorizers from an opinion; only where nobody allowed it.
    pub error: Option<String>,
    /// That an authorizer outside had said so before.
    pub cached: Option<Remembered>,
    /// Facts behind it.
    pub evidence: Value,
}

/// What somebody may do in a namespace.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// The rules, in no particular order.
    pub rules: Vec<rbac::PolicyRule>,
    /// What could not be evaluated.
    pub errors: Vec<String>,
    /// Whether a mode could not list what it allows.
    pub incomplete: bool,
}

impl Authorizers {
    /// The authorizers that the flags name.
    pub fn new(config: &Config) -> Result<Authorizers, Error> {
        let modes =
            config.authorization_modes.iter().map(|word| word.parse()).collect::<Result<Vec<Mode>, _>>()?;
        let webhook = Client::authorizer(config);
        match (modes.contains(&Mode::Webhook), &webhook) {
            (true, None) => {
                return Err(Error::new("authorization-mode Webhook's authorization config file not passed")
                    .hint("name it with `authorization-webhook-config-file`"));
            }
            (false, Some(_)) => {
                let why = "cannot specify --authorization-webhook-config-file without mode Webhook";
                return Err(Error::new(why));
            }
            (true, Some(_)) | (false, None) => {}
        }
        let policies = match &config.authorization_policy {
            Some(file) => abac::Policies::parse(&file.path, &String::from_utf8_lossy(&file.text))?,
            None => abac::Policies::default(),
        };
        let node = node::Authorizer::new(config.version, node_rules(config.version));
        Ok(Authorizers { modes, policies, node, webhook })
    }

    /// The modes in order.
    pub fn modes(&self) -> &[Mode] {
        &self.modes
    }

    /// The policies of the policy file.
    pub fn policies(&self) -> &abac::Policies {
        &self.policies
    }

    /// Asks one after the other, until somebody has an opinion.
    pub fn decide(&self, knowledge: &Knowledge, outside: &Questions, attributes: &Attributes) -> Said {
        if attributes.user.in_group("system:masters") {
            return Said::of("system:masters", Decision::Allow, String::new());
        }
        let mut reasons = Vec::new();
        let mut errors = Vec::new();
        let mut evidence = Value::Null;
        let mut cached = None;
        for mode in &self.modes {
            let said = self.ask(*mode, knowledge, outside, attributes);
            if said.decision != Decision::NoOpinion {
                return said;
            }
            errors.extend(said.error);
            cached = cached.or(said.cached);
            reasons.extend(Some(said.reason).filter(|reason| !reason.is_empty()));
            if !said.evidence.is_null() {
                evidence = said.evidence;
            }
        }
        let error = rbac::aggregate(&errors);
        Said { decision: Decision::NoOpinion, by: "", reason: reasons.join("\n"), error, cached, evidence }
    }

    /// What somebody may do in a namespace, as far as the modes can list it.
    pub fn rules(&self, knowledge: &Knowledge, user: &User, namespace: &str) -> Rules {
        let mut found = Rules::default();
        for mode in &self.modes {
            match mode {
                Mode::Rbac => {
                    let (rules, errors) = rbac::rules_for(&knowledge.rbac, user, namespace);
                    found.rules.extend(rules);
                    found.errors.extend(errors);
                }
                Mode::Abac => found.rules.extend(self.policies.rules_for(user, namespace)),
                Mode::Node => {
                    if node::node_of(user).is_some() {
                        found.incomplete = true;
                        found.errors.push("node authorizer does not support user rule resolution".to_owned());
                    }
                }
                Mode::Webhook => {
                    found.incomplete = true;
                    found.errors.push("webhook authorizer does not support user rule resolution".to_owned());
                }
                Mode::AlwaysAllow => found.rules.extend(rbac::PolicyRule::everything()),
                Mode::AlwaysDeny => {}
            }
        }
        found
    }

    fn ask(&self, mode: Mode, knowledge: &Knowledge, outside: &Questions, attributes: &Attributes) -> Said {
        match mode {
            Mode::Rbac => {
                let said = rbac::decide(&knowledge.rbac, attributes);
                Said {
                    evidence: serde_json::to_value(&said.evidence).unwrap_or_default(),
                    ..Said::of("RBAC", said.decision, said.reason)
                }
            }
            Mode::Abac => {
                let (decision, reason) = self.policies.decide(attributes);
                Said::of("ABAC", decision, reason)
            }
            Mode::Node => {
                let (decision, reason) = self.node.decide(&knowledge.nodes, attributes);
                Said::of("Node", decision, reason)
            }
            Mode::Webhook => {
                let decide = |client: &Arc<Client>| client.decide(outside, attributes);
                let said = self.webhook.as_ref().map(decide).unwrap_or_default();
                Said {
                    error: said.error,
                    cached: said.cached,
                    ..Said::of("Webhook", said.decision, said.reason)
                }
            }
            Mode::AlwaysAllow => Said::of("AlwaysAllow", Decision::Allow, String::new()),
            Mode::AlwaysDeny => {
                Said::of("AlwaysDeny", Decision::NoOpinion, "Everything is forbidden.".to_owned())
            }
        }
    }
}

impl Said {
    fn of(by: &'static str, decision: Decision, reason: String) -> Said {
        Said { decision, by, reason, error: None, cached: None, evidence: Value::Null }
    }
}

/// May they do this?
pub fn authorize(
    by: &Authorizers,
    knowledge: &Knowledge,
    outside: &Questions,
    request: Authenticated,
    trace: &mut Trace,
) -> Result<Authorized, Response> {
    let attributes = Attributes { user: request.user().clone(), info: request.info().clone() };
    match ask(by, knowledge, outside, &attributes, trace) {
        Ok(()) => Ok(Authorized(request)),
        Err(Refused::Forbidden(status)) => Err(status.into()),
        Err(Refused::Error(why)) => Err(broken(&request.request().target, &why)),
    }
}

/// Why something is not allowed.
#[derive(Clone, Debug)]
pub enum Refused {
    /// Nobody allows it, or somebody denies it.
    Forbidden(Status),
    /// Nobody allows it, and somebody who might could not say.
    Error(String),
}

impl From<Refused> for Status {
    fn from(refused: Refused) -> Status {
        match refused {
            Refused::Forbidden(status) => status,
            Refused::Error(why) => Status::internal(why),
        }
    }
}

/// Asks whether somebody may, and leaves the finding in the trace.
pub fn ask(
    by: &Authorizers,
    knowledge: &Knowledge,
    outside: &Questions,
    attributes: &Attributes,
    trace: &mut Trace,
) -> Result<(), Refused> {
    let said = by.decide(knowledge, outside, attributes);
    let allowed = said.decision == Decision::Allow;
    // Where nobody has an opinion, whoever could have allowed it speaks for the refusal.
    let name = match said.by {
        "" if said.error.is_some() => Mode::Webhook.name(),
        "" => by.modes.last().map_or("authorization", |mode| mode.name()),
        name => name,
    };
    let refused = match &said.error {
        _ if allowed => None,
        Some(why) => Some(Refused::Error(why.clone())),
        None => Some(Refused::Forbidden(refusal(attributes, &said.reason))),
    };
    let (outcome, text) = match &refused {
        Some(Refused::Forbidden(status)) => {
            let why = status.message.split_once("forbidden: ").map_or(&*status.message, |(_, why)| why);
            (Outcome::Refused, why.to_owned())
        }
        Some(Refused::Error(why)) => (Outcome::Refused, why.clone()),
        None => (Outcome::Passed, said.reason.trim_start_matches("RBAC: ").to_owned()),
    };
    let cached = said.cached.map(|remembered| remembered.told("asked", outside.now()));
    let told: Vec<String> = [text].into_iter().filter(|text| !text.is_empty()).chain(cached).collect();
    trace.add(Finding {
        stage: Stage::Authorize,
        by: name.to_owned(),
        outcome,
        text: told.join("; "),
        evidence: said.evidence,
    });
    let mut note = |key: &str, text: &str| {
        trace.audit.push((format!("authorization.k8s.io/{key}"), text.to_owned()));
    };
    if let Some(Refused::Error(_)) = &refused {
        note("reason", "internal error");
    } else {
        note("decision", if allowed { "allow" } else { "forbid" });
        note("reason", &said.reason);
    }
    refused.map_or(Ok(()), Err)
}

//! The modes in order, what they know, and the stage that asks them.

use super::said::{Basis, RBAC, Said};
use super::webhook::Webhook;
use super::{Mode, abac, flags, node, rbac};
use crate::api::fact::SaidOutside;
use crate::api::{
    Attributes, By, Decision, Finding, Outcome, Request, RequestInfo, Response, Stage, Status, Trace, User,
    broken, refusal,
};
use crate::authenticate::Authenticated;
use crate::bootstrap;
use crate::config::{Authorizer, Config};
use crate::delegate::{Opinion, Questions};
use crate::error::Error;
use crate::store::{Event, Remembered, Store, View};
use jiff::Timestamp;

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
    members: Vec<Member>,
    policies: abac::Policies,
    node: node::Authorizer,
}

/// One of them.
#[derive(Clone, Debug)]
struct Member {
    mode: Mode,
    /// Who is asked, of mode Webhook.
    webhook: Option<Webhook>,
}

/// What every kubelet may do: `bootstrappolicy.NodeRules`, which are the rules of the cluster role system:node.
pub(super) fn node_rules(config: &Config) -> Vec<rbac::PolicyRule> {
    bootstrap::cluster_role(config.version, "system:node", &|gate| config.feature_or_default(gate))
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

    /// Whether what authorizers know hangs on a write; on what nodes need only where there is an authorizer for nodes.
    pub fn hangs_on(event: &Event, nodes: bool) -> bool {
        event.key.resource.ends_with(".rbac.authorization.k8s.io") || nodes && node::Graph::hangs_on(event)
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
    ///
    /// # Errors
    /// A mode is unknown, or what it needs is missing or wrong.
    pub fn new(config: &Config) -> Result<Authorizers, Error> {
        if let Some(error) = flags::refused(config) {
            return Err(error);
        }
        let member = |authorizer: Authorizer| {
            let mode: Mode = authorizer.mode.parse()?;
            let webhook = authorizer.webhook.as_ref();
            let webhook = webhook.map(|webhook| Webhook::new(config, &authorizer, webhook)).transpose()?;
            Ok(Member { mode, webhook })
        };
        let members = config.authorizers().into_iter().map(member).collect::<Result<_, Error>>()?;
        let policies = match &config.authorization_policy {
            Some(file) => abac::Policies::parse(&file.path, &String::from_utf8_lossy(&file.text))?,
            None => abac::Policies::default(),
        };
        let node = node::Authorizer::new(config.version, node_rules(config));
        Ok(Authorizers { members, policies, node })
    }

    /// The modes in order.
    pub fn modes(&self) -> impl Iterator<Item = Mode> {
        self.members.iter().map(|member| member.mode)
    }

    /// Asks one after the other, until somebody has an opinion.
    pub fn decide(&self, knowledge: &Knowledge, outside: &Questions, attributes: &Attributes) -> Said {
        if attributes.user.in_group("system:masters") {
            return answer(Decision::Allow, By::SystemMasters, Some(Basis::Superuser));
        }
        let mut errors = Vec::new();
        let mut basis = Vec::new();
        let mut cached = None;
        for member in &self.members {
            let said = self.ask(member, knowledge, outside, attributes);
            if said.decision != Decision::NoOpinion {
                return said;
            }
            errors.extend(said.error);
            cached = cached.or(said.cached);
            basis.extend(said.basis);
        }
        let error = rbac::aggregate(&errors);
        let by = match error {
            Some(_) => By::Webhook,
            None => self.modes().last().map_or(By::Authorization, Mode::by),
        };
        Said { decision: Decision::NoOpinion, by, error, cached, basis }
    }

    /// What somebody may do in a namespace, as far as the modes can list it.
    pub fn rules(&self, knowledge: &Knowledge, user: &User, namespace: &str) -> Rules {
        let mut found = Rules::default();
        for mode in self.modes() {
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

    fn ask(
        &self,
        Member { mode, webhook }: &Member,
        knowledge: &Knowledge,
        outside: &Questions,
        attributes: &Attributes,
    ) -> Said {
        let (decision, basis) = match mode {
            Mode::Rbac => match rbac::decide(&knowledge.rbac, attributes) {
                rbac::Ruling::Granted(granted) => (Decision::Allow, Some(Basis::Granted(granted))),
                rbac::Ruling::NoOpinion(unread) => {
                    let unread = Some(unread).filter(|unread| !unread.is_empty());
                    (Decision::NoOpinion, unread.map(Basis::Unread))
                }
            },
            Mode::Abac => {
                let (decision, fact) = self.policies.decide(attributes);
                (decision, Some(Basis::Policy(Box::new(fact))))
            }
            Mode::Node => {
                let (decision, edge) = self.node.decide(&knowledge.nodes, attributes);
                (decision, edge.map(|edge| Basis::NodeEdge(Box::new(edge))))
            }
            Mode::Webhook => {
                let decide = |webhook: &Webhook| webhook.decide(outside, attributes);
                let Opinion { decision, reason, error, cached } =
                    webhook.as_ref().map(decide).unwrap_or_default();
                let told = SaidOutside { error: error.clone(), remembered: cached.map(Remembered::fact) };
                let said = answer(decision, mode.by(), Some(Basis::Outside(Box::new((told, reason)))));
                return Said { error, cached, ..said };
            }
            Mode::AlwaysAllow => (Decision::Allow, Some(Basis::AllowsAll)),
            Mode::AlwaysDeny => (Decision::NoOpinion, Some(Basis::AllowsNothing)),
        };
        answer(decision, mode.by(), basis)
    }
}

/// An answer that no trouble and no memory is part of.
fn answer(decision: Decision, by: By, basis: Option<Basis>) -> Said {
    Said { decision, by, error: None, cached: None, basis: basis.into_iter().collect() }
}

/// May they do this?
///
/// # Errors
/// 403, or 500 if an authorizer that might allow it could not say.
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
///
/// # Errors
/// Nobody allows it, or somebody denies it.
pub fn ask(
    by: &Authorizers,
    knowledge: &Knowledge,
    outside: &Questions,
    attributes: &Attributes,
    trace: &mut Trace,
) -> Result<(), Refused> {
    let said = by.decide(knowledge, outside, attributes);
    let reason = said.reason();
    let allowed = said.decision == Decision::Allow;
    let refused = match &said.error {
        _ if allowed => None,
        Some(why) => Some(Refused::Error(why.clone())),
        None => Some(Refused::Forbidden(refusal::refusal(attributes, &reason).status)),
    };
    let (outcome, text) = match &refused {
        Some(Refused::Forbidden(_)) => (Outcome::Refused, refusal::why(attributes, &reason)),
        Some(Refused::Error(why)) => (Outcome::Refused, why.clone()),
        None => (Outcome::Passed, reason.trim_start_matches(RBAC).to_owned()),
    };
    let cached = said.cached.map(|remembered| remembered.told("asked", outside.now()));
    let told: Vec<String> = [text].into_iter().filter(|text| !text.is_empty()).chain(cached).collect();
    let text = told.join("; ");
    trace.add(Finding { stage: Stage::Authorize, by: said.by, outcome, text, facts: said.facts() });
    let mut note = |key: &str, text: &str| {
        trace.audit.push((format!("authorization.k8s.io/{key}"), text.to_owned()));
    };
    if let Some(Refused::Error(_)) = &refused {
        note("reason", "internal error");
    } else {
        note("decision", if allowed { "allow" } else { "forbid" });
        note("reason", &reason);
    }
    refused.map_or(Ok(()), Err)
}

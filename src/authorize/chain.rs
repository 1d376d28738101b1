//! The modes in order, what they know, and the stage that asks them.

use super::{Mode, abac, node, rbac};
use crate::api::{
    Attributes, By, Decision, Fact, Finding, Outcome, Request, RequestInfo, Stage, Status, Trace, User,
    Version, refusal,
};
use crate::authenticate::Authenticated;
use crate::bootstrap;
use crate::config::Config;
use crate::error::Error;
use crate::store::{Store, View};
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
    modes: Vec<Mode>,
    policies: abac::Policies,
    node: node::Authorizer,
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
    /// Who decided; where nobody did, whoever could have allowed it speaks for the refusal.
    pub by: By,
    /// Why, in the server's words.
    pub reason: String,
    /// What is behind it, as far as the decision itself tells; of a refusal see [`super::explain()`].
    pub facts: Vec<Fact>,
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
        let policies = match &config.authorization_policy {
            Some(file) => abac::Policies::parse(&file.path, &String::from_utf8_lossy(&file.text))?,
            None => abac::Policies::default(),
        };
        let node = node::Authorizer::new(config.version, node_rules(config.version));
        Ok(Authorizers { modes, policies, node })
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
    pub fn decide(&self, knowledge: &Knowledge, attributes: &Attributes) -> Said {
        if attributes.user.in_group("system:masters") {
            return Said {
                decision: Decision::Allow,
                by: By::SystemMasters,
                reason: String::new(),
                facts: vec![Fact::Superuser],
            };
        }
        let mut reasons = Vec::new();
        let mut facts = Vec::new();
        for mode in &self.modes {
            let said = self.ask(*mode, knowledge, attributes);
            if said.decision != Decision::NoOpinion {
                return said;
            }
            reasons.extend(Some(said.reason).filter(|reason| !reason.is_empty()));
            facts.extend(said.facts);
        }
        let by = self.modes.last().map_or(By::Authorization, |mode| mode.by());
        Said { decision: Decision::NoOpinion, by, reason: reasons.join("\n"), facts }
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
                Mode::AlwaysAllow => found.rules.extend(rbac::PolicyRule::everything()),
                Mode::AlwaysDeny => {}
            }
        }
        found
    }

    fn ask(&self, mode: Mode, knowledge: &Knowledge, attributes: &Attributes) -> Said {
        let (decision, reason, fact) = match mode {
            Mode::Rbac => match rbac::decide(&knowledge.rbac, attributes) {
                rbac::Ruling::Granted(grounds, words) => {
                    (Decision::Allow, format!("{RBAC}{words}"), Some(Fact::Granted(*grounds)))
                }
                rbac::Ruling::NoOpinion(errors) => {
                    let why = rbac::aggregate(&errors).map(|text| format!("{RBAC}{text}"));
                    (Decision::NoOpinion, why.unwrap_or_default(), None)
                }
            },
            Mode::Abac => {
                let (decision, fact) = self.policies.decide(attributes);
                let none = decision == Decision::NoOpinion;
                let why = if none { "No policy matched." } else { "" };
                (decision, why.to_owned(), Some(fact))
            }
            Mode::Node => {
                let (decision, edge) = self.node.decide(&knowledge.nodes, attributes);
                let why = edge.as_ref().map(|edge| edge.why.clone()).unwrap_or_default();
                (decision, why, edge.map(Fact::NodeEdge))
            }
            Mode::AlwaysAllow => (Decision::Allow, String::new(), Some(Fact::AllowsAll)),
            Mode::AlwaysDeny => {
                let why = "Everything is forbidden.".to_owned();
                (Decision::NoOpinion, why, Some(Fact::AllowsNothing))
            }
        };
        Said { decision, by: mode.by(), reason, facts: fact.into_iter().collect() }
    }
}

/// What the reasons of RBAC begin with.
const RBAC: &str = "RBAC: ";

/// May they do this?
pub fn authorize(
    by: &Authorizers,
    knowledge: &Knowledge,
    request: Authenticated,
    trace: &mut Trace,
) -> Result<Authorized, Status> {
    let attributes = Attributes { user: request.user().clone(), info: request.info().clone() };
    ask(by, knowledge, &attributes, trace).map(|()| Authorized(request))
}

/// Asks whether somebody may, and leaves the finding in the trace.
pub fn ask(
    by: &Authorizers,
    knowledge: &Knowledge,
    attributes: &Attributes,
    trace: &mut Trace,
) -> Result<(), Status> {
    let said = by.decide(knowledge, attributes);
    let allowed = said.decision == Decision::Allow;
    let (outcome, text) = match allowed {
        true => (Outcome::Passed, said.reason.trim_start_matches(RBAC).to_owned()),
        false => (Outcome::Refused, refusal::why(attributes, &said.reason)),
    };
    trace.add(Finding { stage: Stage::Authorize, by: said.by, outcome, text, facts: said.facts });
    let decision = if allowed { "allow" } else { "forbid" };
    trace.audit.push(("authorization.k8s.io/decision".to_owned(), decision.to_owned()));
    let ended = if allowed { Ok(()) } else { Err(refusal::refusal(attributes, &said.reason).status) };
    trace.audit.push(("authorization.k8s.io/reason".to_owned(), said.reason));
    ended
}

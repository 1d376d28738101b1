//! What a chain of authorizers says. The words of an answer and its facts are made where somebody reads them.

use super::rbac::{self, Binding, Granted};
use crate::api::fact::{NodeEdge, SaidOutside};
use crate::api::{By, Decision, Fact};
use crate::store::Remembered;
use std::sync::Arc;

/// What the reasons of RBAC begin with.
pub(super) const RBAC: &str = "RBAC: ";

/// What a chain of authorizers says, and which of them said it.
#[derive(Clone, Debug)]
pub struct Said {
    /// Allowed, denied, or no opinion (which is a no).
    pub decision: Decision,
    /// Who decided; where nobody did, whoever could have allowed it speaks for the refusal.
    pub by: By,
    /// What kept authorizers from an opinion; only where nobody allowed it.
    pub error: Option<String>,
    /// That an authorizer outside had said so before.
    pub cached: Option<Remembered>,
    /// What the answer rests on; where nobody decided, what each had to say.
    pub(super) basis: Vec<Basis>,
}

impl Said {
    /// Why, in the server's words.
    pub fn reason(&self) -> String {
        let reasons: Vec<String> = self.basis.iter().filter_map(Basis::reason).collect();
        reasons.join("\n")
    }

    /// What is behind it, as far as the decision itself tells; of a refusal see [`super::explain()`].
    pub fn facts(&self) -> Vec<Fact> {
        self.basis.iter().filter_map(Basis::fact).collect()
    }
}

/// What one authorizer's answer rests on.
#[derive(Clone, Debug)]
pub(super) enum Basis {
    /// The group system:masters.
    Superuser,
    /// A rule of RBAC.
    Granted(Granted),
    /// Bindings whose roles RBAC could not read.
    Unread(Vec<Arc<Binding>>),
    /// A line of the policy file, or that there is none.
    Policy(Box<Fact>),
    /// What a node has to do with an object.
    NodeEdge(Box<NodeEdge>),
    /// Somebody outside, and their reason.
    Outside(Box<(SaidOutside, String)>),
    /// The mode that allows everything.
    AllowsAll,
    /// The mode that allows nothing.
    AllowsNothing,
}

impl Basis {
    fn reason(&self) -> Option<String> {
        let reason = match self {
            Basis::Superuser | Basis::AllowsAll => String::new(),
            Basis::Granted(granted) => format!("{RBAC}{}", granted.words()),
            Basis::Unread(bindings) => format!("{RBAC}{}", rbac::unread(bindings)?),
            Basis::Policy(fact) => match **fact {
                Fact::NoPolicyLine { .. } => "No policy matched.".to_owned(),
                _ => String::new(),
            },
            Basis::NodeEdge(edge) => edge.why.clone(),
            Basis::Outside(said) => said.1.clone(),
            Basis::AllowsNothing => "Everything is forbidden.".to_owned(),
        };
        Some(reason).filter(|reason| !reason.is_empty())
    }

    fn fact(&self) -> Option<Fact> {
        Some(match self {
            Basis::Superuser => Fact::Superuser,
            Basis::Granted(granted) => Fact::Granted(granted.grounds()),
            Basis::Unread(_) => return None,
            Basis::Policy(fact) => (**fact).clone(),
            Basis::NodeEdge(edge) => Fact::NodeEdge((**edge).clone()),
            Basis::Outside(said) => Fact::SaidOutside(said.0.clone()),
            Basis::AllowsAll => Fact::AllowsAll,
            Basis::AllowsNothing => Fact::AllowsNothing,
        })
    }
}

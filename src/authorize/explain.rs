//! Why a question to the authorizers came out as it did: looked up once, and only where somebody wants to read of it.
//!
//! The configured modes alone are asked, and the store is looked at beside what the authorizers know, so that "no binding
//! gives it" is said only where none is stored.

use super::chain::{Authorizers, Knowledge};
use super::mode::Mode;
use super::rbac;
use super::said::Said;
use crate::api::fact::{Hint, Lag, NotYet, Nothing, Thing};
use crate::api::rbac::{METHODS, VERBS};
use crate::api::virtual_resources;
use crate::api::{Attributes, Decision, Dig, Fact, GroupResource, Resources, service_account};
use crate::delegate::Questions;
use crate::error::{nearest, nearest_slip};
use crate::store::Store;
use jiff::{SignedDuration, Timestamp};

/// How many bindings that come near are told of.
const NEAREST: usize = 4;

/// What authorizers know, and what they do not know yet.
pub struct Sight<'a> {
    /// What is served.
    pub resources: &'a Resources,
    /// The authorizers.
    pub authorizers: &'a Authorizers,
    /// What those outside say.
    pub outside: &'a Questions,
    /// What they know.
    pub knowledge: &'a Knowledge,
    /// What is stored.
    pub store: &'a Store,
    /// The time.
    pub now: Timestamp,
    /// How far the authorizers' knowledge is behind.
    pub lag: SignedDuration,
}

/// What is to be known of an answer besides what its decision told: the facts of a refusal, or that a grant is gone.
pub fn explain(sight: &Sight<'_>, attributes: &Attributes, allowed: bool) -> Vec<Fact> {
    let settled = sight.caught_up();
    let then = settled.as_ref().map(|knowledge| sight.decide(knowledge, attributes));
    match then.filter(|then| (then.decision == Decision::Allow) != allowed) {
        Some(_) if allowed => vec![Fact::NotForgottenYet(sight.learned(attributes, allowed))],
        Some(then) => {
            let grounds = then.facts().into_iter().find_map(|fact| match fact {
                Fact::Granted(grounds) => Some(grounds),
                _ => None,
            });
            let lag = sight.learned(attributes, allowed);
            vec![Fact::NotKnownYet(NotYet { by: then.by, grounds, lag })]
        }
        None if !allowed && sight.authorizers.modes().any(|mode| mode == Mode::Rbac) => {
            let index = settled.as_ref().unwrap_or(sight.knowledge).rbac();
            vec![Fact::NothingGrants(Nothing {
                nearest: rbac::near::near_misses(index, attributes, NEAREST),
                hints: hints(sight.resources, sight.store, index, attributes),
            })]
        }
        None => Vec::new(),
    }
}

impl Sight<'_> {
    fn decide(&self, knowledge: &Knowledge, attributes: &Attributes) -> Said {
        self.authorizers.decide(knowledge, self.outside, attributes)
    }

    /// What the authorizers will know once they have seen every write; none if they have.
    fn caught_up(&self) -> Option<Knowledge> {
        (self.knowledge.view().revision() != self.store.revision()).then(|| {
            let mut knowledge = self.knowledge.clone();
            knowledge.catch_up(self.store, Timestamp::MAX);
            knowledge
        })
    }

    /// When the authorizers will have learned enough to decide otherwise.
    fn learned(&self, attributes: &Attributes, allowed: bool) -> Lag {
        let mut knowledge = self.knowledge.clone();
        let unseen = self.store.since(knowledge.view().revision()).into_iter().flatten();
        let mut at: Vec<Timestamp> = unseen.map(|event| event.at).collect();
        at.dedup();
        let decisive = at.into_iter().find(|at| {
            knowledge.catch_up(self.store, *at);
            (self.decide(&knowledge, attributes).decision == Decision::Allow) != allowed
        });
        let left = decisive.map_or(SignedDuration::ZERO, |at| (at + self.lag).duration_since(self.now));
        Lag { learned_in: u64::try_from(left.as_millis()).unwrap_or_default() }
    }
}

/// What looks like a mistake in who asks, or in what is asked for.
pub(crate) fn hints(
    table: &Resources,
    store: &Store,
    index: &rbac::Index,
    attributes: &Attributes,
) -> Vec<Hint> {
    let Attributes { user, info } = attributes;
    let objects = store.objects();
    let mut hints = Vec::new();
    let mut unknown = |what: Thing, name: &str, known: &mut dyn Iterator<Item = &str>| {
        let known: Vec<&str> = known.collect();
        let is_told = |hint: &Hint| matches!(hint, Hint::Unknown { what: of, name: told, .. } if (*of, told.as_str()) == (what, name));
        if !known.contains(&name) && !hints.iter().any(is_told) {
            let nearest = nearest(name, known).map(str::to_owned);
            hints.push(Hint::Unknown { what, name: name.to_owned(), nearest });
        }
    };
    let custom = |verb: &str| index.names_verb(verb) || verb.contains(':');
    if !custom(&info.verb) {
        let verbs: &[&str] = if info.is_resource { &VERBS } else { &METHODS };
        unknown(Thing::Verb, &info.verb, &mut verbs.iter().copied());
    }
    let namespaces = || objects.list("namespaces", "").map(|namespace| namespace.name());
    if info.is_resource {
        if info.group.is_empty() || table.has_group(&info.group) {
            let of = |group: &str, name: &str| GroupResource::new(group, name).to_string();
            let known: Vec<String> = table.iter().map(|row| of(&row.group, &row.name)).collect();
            let asked = of(&info.group, &info.resource);
            if virtual_resources::named(&info.group, &info.resource).is_none() {
                unknown(Thing::Resource, &asked, &mut known.iter().map(String::as_str));
            }
        }
        if !info.namespace.is_empty() {
            unknown(Thing::Namespace, &info.namespace, &mut namespaces());
        }
    }
    if let Some((namespace, name)) = service_account(&user.name) {
        let mut accounts =
            objects.list("serviceaccounts", namespace).map(|account| account.name()).peekable();
        // A dump of roles and bindings alone holds no accounts.
        if accounts.peek().is_some() {
            unknown(Thing::Account, name, &mut accounts);
        }
        unknown(Thing::Namespace, namespace, &mut namespaces());
    }
    let all = std::iter::once(&user.name).chain(&user.groups);
    hints.extend(all.filter(|name| *name == "*").map(|name| Hint::NotEverybody { name: name.clone() }));
    let is_signer = info.group == "certificates.k8s.io" && info.resource == "signers";
    if let Some((domain, signer)) = info.name.split_once('/').filter(|_| is_signer)
        && signer != "*"
    {
        hints.push(Hint::OrItsDomain { name: format!("{domain}/*") });
    }
    if let Some(meant) = rbac::account_meant(&user.name) {
        hints.push(Hint::LooksLikeAccount { meant });
        return hints;
    }
    let groups = rbac::groups_meant(&user.name, index);
    if !groups.is_empty() {
        hints.push(Hint::LooksLikeGroup { groups });
    } else if !user.in_group("system:unauthenticated") && !index.names(user) {
        let is_account =
            |account: &&str| service_account(account).is_some_and(|(_, account)| account == user.name);
        let nearest = nearest_slip(&user.name, index.users());
        let nearest = nearest.or_else(|| index.users().into_iter().find(is_account)).map(str::to_owned);
        hints.push(Hint::InNoBinding { name: user.name.clone(), nearest });
    }
    hints
}

//! A role's rules, and a sieve beside each: what a rule surely does not allow is known without looking at its words.

use crate::api::RequestInfo;
use crate::api::rbac::PolicyRule;

/// The rules of a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Role {
    rules: Box<[PolicyRule]>,
    sieves: Box<[Sieve]>,
}

impl Role {
    /// A role of these rules.
    pub(super) fn of(rules: Vec<PolicyRule>) -> Role {
        Role { sieves: rules.iter().map(Sieve::of_rule).collect(), rules: rules.into() }
    }

    /// The rules.
    pub(super) fn rules(&self) -> &[PolicyRule] {
        &self.rules
    }

    /// The place of the first rule that allows a request; `asked` is the request's own sieve.
    pub(super) fn allows(&self, ask: &RequestInfo, asked: Sieve) -> Option<usize> {
        let mut tried = self.sieves.iter().zip(&self.rules);
        tried.position(|(sieve, rule)| sieve.passes(asked) && rule.allows(ask))
    }
}

/// A bit for each word of a rule, or for each word that would match a request: without one in common there is no match.
/// Words may share a bit, so that what passes must still be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sieve {
    verbs: u64,
    groups: u64,
    resources: u64,
}

/// What shares a bit with every word.
const ANY: u64 = u64::MAX;

/// A word's bit: by the sum of its bytes, which is also known of words in several pieces.
fn bit(pieces: &[&str]) -> u64 {
    let sum = |piece: &&str| piece.bytes().map(u32::from).fold(0, u32::wrapping_add);
    1 << (pieces.iter().map(sum).fold(0, u32::wrapping_add) % u64::BITS)
}

impl Sieve {
    fn of_rule(rule: &PolicyRule) -> Sieve {
        let bits = |words: &[String]| {
            let bit = |word: &String| if word == "*" { ANY } else { bit(&[word]) };
            words.iter().map(bit).fold(0, |all, one| all | one)
        };
        // Of paths, the verb alone is compared.
        let paths = if rule.non_resource_urls.is_empty() { 0 } else { ANY };
        Sieve {
            verbs: bits(&rule.verbs),
            groups: bits(&rule.api_groups) | paths,
            resources: bits(&rule.resources) | paths,
        }
    }

    /// What a rule must have something in common with to allow a request.
    pub(super) fn of(ask: &RequestInfo) -> Sieve {
        let (groups, resources) = match (ask.is_resource, ask.subresource.as_str()) {
            (false, _) => (ANY, ANY),
            (true, "") => (bit(&[&ask.group]), bit(&[&ask.resource])),
            (true, sub) => (bit(&[&ask.group]), bit(&[&ask.resource, "/", sub]) | bit(&["*/", sub])),
        };
        Sieve { verbs: bit(&[&ask.verb]), groups, resources }
    }

    fn passes(self, asked: Sieve) -> bool {
        self.verbs & asked.verbs != 0
            && self.groups & asked.groups != 0
            && self.resources & asked.resources != 0
    }
}

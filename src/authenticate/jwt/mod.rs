//! Tokens of issuers outside: JSON Web Tokens of OpenID Connect, by `--oidc-*` or `jwt` of `--authentication-config`
//! (`apiserver/plugin/pkg/authenticator/token/oidc`, over `coreos/go-oidc`).
//!
//! An authenticator is one issuer's. It is set up once (`validate.rs`, with all its expressions compiled), believes a token
//! (`verify.rs`) whose issuer, audience, time, algorithm and signature are good, in this order, and then finds in its claims
//! who that is (`map.rs`): name, groups, uid and extra first, then the rules over claims, then those over the user. Only one
//! authenticator can know a token: no issuer stands twice.
//!
//! The issuer's keys are read through [`Questions`](crate::delegate::Questions), as webhooks are asked.
//!
//! # Differs from Kubernetes
//!
//! A real server reads the discovery document at its start, and every ten seconds until it has it; here whoever comes first
//! with a token of the issuer waits for it, and after a failure the next try is made no sooner than after ten seconds.
//! Distributed claims (`_claim_names`) are refused by name, and so is `egressSelectorType`. ES512 is not known: such a
//! signature never holds.

mod expression;
mod map;
#[cfg(test)]
mod tests;
mod validate;
mod verify;

use crate::api::jwt::JwtRefusal;
use crate::api::{Fact, User, Version};
use crate::config::Config;
use crate::delegate::{Document, Questions};
use crate::error::Error;
use crate::json::Value;
use crate::tokens::claims_of;
use expression::Expression;
use std::collections::BTreeMap;

/// Google's issuer, which calls itself so in some tokens.
const GOOGLE: (&str, &str) = ("accounts.google.com", "https://accounts.google.com");

/// The JWT authenticators of one cluster.
#[derive(Clone, Debug, Default)]
pub(crate) struct Jwt(Vec<Authenticator>);

/// One issuer's authenticator.
#[derive(Clone, Debug)]
struct Authenticator {
    version: Version,
    /// The issuer: its URL.
    issuer: String,
    /// For whom a token may be.
    audiences: Vec<String>,
    /// The algorithms that it may be signed with.
    algorithms: Vec<String>,
    /// Where it is told where the keys are.
    discovery: Document,
    username: Source,
    groups: Source,
    uid: Source,
    /// Further facts, by key.
    extra: Vec<(String, Expression)>,
    /// Claims that must have a value.
    required: BTreeMap<String, String>,
    /// Expressions over the claims, each with what is said where it is false.
    claim_rules: Vec<(Expression, String)>,
    /// The same over the user.
    user_rules: Vec<(Expression, String)>,
}

/// Where something of a user is found.
#[derive(Clone, Debug)]
enum Source {
    /// Nowhere.
    Nowhere,
    /// In a claim; what is put before it.
    Claim { claim: String, prefix: String },
    /// In what an expression makes of all claims.
    Expression(Expression),
}

/// A token that is not accepted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refused {
    issuer: String,
    refusal: JwtRefusal,
}

impl Refused {
    /// Why, in the server's words.
    pub(crate) fn told(&self) -> String {
        self.refusal.to_string()
    }

    /// The same as a fact.
    pub(crate) fn fact(&self) -> Fact {
        Fact::JwtRefused { issuer: self.issuer.clone(), refusal: self.refusal.clone() }
    }
}

impl Jwt {
    /// The authenticators that flags or a file set up.
    ///
    /// # Errors
    /// What is wrong with them, in a server's words.
    pub(crate) fn new(config: &Config) -> Result<Jwt, Error> {
        validate::authenticators(config).map(Jwt)
    }

    /// Whose token it is; none where no authenticator is for its issuer, or where that must be asked first.
    pub(crate) fn recognise(&self, questions: &Questions, token: &str) -> Option<Result<User, Refused>> {
        let issuer = issuer(&claims_of(token)?)?;
        let by = self.0.iter().find(|by| by.issuer == issuer)?;
        let found = by.recognise(questions, token)?;
        Some(found.map_err(|refusal| Refused { issuer, refusal }))
    }
}

impl Authenticator {
    fn recognise(&self, questions: &Questions, token: &str) -> Option<Result<User, JwtRefusal>> {
        match self.verify(questions, token)? {
            Ok(claims) => Some(self.user(&claims)),
            Err(refusal) => Some(Err(refusal)),
        }
    }
}

/// The issuer that a token names, unbelieved.
fn issuer(claims: &Value) -> Option<String> {
    let issuer = match claims.get("iss") {
        None | Some(Value::Null) => "",
        Some(issuer) => issuer.as_str()?,
    };
    Some(if issuer == GOOGLE.0 { GOOGLE.1 } else { issuer }.to_owned())
}

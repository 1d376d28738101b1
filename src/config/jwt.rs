//! JWT authenticators as they are configured: `jwt` of `AuthenticationConfiguration` (`apiserver/pkg/apis/apiserver/types.go`),
//! and the flags `--oidc-*`, which come to one of them (`BuiltInAuthenticationOptions.ToAuthenticationConfig`).
//!
//! What is wrong with one is said where it is set up (`authenticate/jwt/validate.rs`): its expressions are compiled there.

use super::{Config, File, Given};
use crate::error::Error;
use serde::Deserialize;
use std::collections::BTreeMap;

/// The algorithms that a token may be signed with, sorted (`oidc.AllValidSigningAlgorithms`).
pub(crate) const ALGORITHMS: [&str; 9] =
    ["ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512"];

/// Whom a server outside says that a token is of, and when that is believed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct JwtAuthenticator {
    /// Whose tokens it takes.
    pub issuer: Issuer,
    /// What must hold of a token's claims.
    pub claim_validation_rules: Vec<ClaimValidationRule>,
    /// Who the claims say that somebody is.
    pub claim_mappings: ClaimMappings,
    /// What must hold of that user.
    pub user_validation_rules: Vec<UserValidationRule>,
}

/// Whose tokens an authenticator takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct Issuer {
    /// The issuer: the claim `iss`, and where its keys are found.
    pub url: String,
    /// Where its discovery document is, if not below its URL.
    #[serde(rename = "discoveryURL")]
    pub discovery_url: String,
    /// The authorities (PEM) that its server's certificate is checked by.
    pub certificate_authority: String,
    /// For whom a token may be.
    pub audiences: Vec<String>,
    /// `MatchAny`: a token for one of them is enough.
    pub audience_match_policy: String,
    /// Which way its server is reached.
    pub egress_selector_type: String,
}

/// What must hold of a token's claims: one has a value, or an expression over all is true.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct ClaimValidationRule {
    /// The claim.
    pub claim: String,
    /// Its value.
    pub required_value: String,
    /// The expression, over `claims`.
    pub expression: String,
    /// What is said where it is false.
    pub message: String,
}

/// What must hold of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct UserValidationRule {
    /// The expression, over `user`.
    pub expression: String,
    /// What is said where it is false.
    pub message: String,
}

/// Who the claims say that somebody is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct ClaimMappings {
    /// The name.
    pub username: PrefixedClaimOrExpression,
    /// The groups.
    pub groups: PrefixedClaimOrExpression,
    /// The uid.
    pub uid: ClaimOrExpression,
    /// Further facts.
    pub extra: Vec<ExtraMapping>,
}

/// A claim after a prefix, or an expression over all claims.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct PrefixedClaimOrExpression {
    /// The claim.
    pub claim: String,
    /// What is put before it.
    pub prefix: Option<String>,
    /// The expression.
    pub expression: String,
}

/// A claim, or an expression over all claims.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct ClaimOrExpression {
    /// The claim.
    pub claim: String,
    /// The expression.
    pub expression: String,
}

/// A fact about a user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
pub struct ExtraMapping {
    /// What it is called.
    pub key: String,
    /// The expression, over all claims.
    pub value_expression: String,
}

/// The flags `--oidc-*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OidcFlags {
    /// `--oidc-issuer-url`.
    pub issuer_url: String,
    /// `--oidc-client-id`.
    pub client_id: String,
    /// `--oidc-username-claim`.
    pub username_claim: String,
    /// `--oidc-username-prefix`.
    pub username_prefix: String,
    /// `--oidc-groups-claim`.
    pub groups_claim: String,
    /// `--oidc-groups-prefix`.
    pub groups_prefix: String,
    /// `--oidc-required-claim`.
    pub required_claims: BTreeMap<String, String>,
    /// The contents of `--oidc-ca-file`, with its path.
    pub ca: Option<File>,
    /// `--oidc-signing-algs`.
    pub signing_algs: Vec<String>,
}

impl Default for OidcFlags {
    fn default() -> OidcFlags {
        OidcFlags {
            issuer_url: String::new(),
            client_id: String::new(),
            username_claim: "sub".to_owned(),
            username_prefix: String::new(),
            groups_claim: String::new(),
            groups_prefix: String::new(),
            required_claims: BTreeMap::new(),
            ca: None,
            signing_algs: vec!["RS256".to_owned()],
        }
    }
}

impl OidcFlags {
    /// The authenticator that they come to; none without an issuer.
    fn authenticator(&self) -> Option<JwtAuthenticator> {
        if self.issuer_url.is_empty() || self.client_id.is_empty() {
            return None;
        }
        // Claims other than `email` might be those of anybody.
        let prefix = match self.username_prefix.as_str() {
            "" if self.username_claim != "email" => format!("{}#", self.issuer_url),
            "-" => String::new(),
            given => given.to_owned(),
        };
        let groups = match self.groups_claim.as_str() {
            "" => PrefixedClaimOrExpression::default(),
            claim => PrefixedClaimOrExpression::of(claim, &self.groups_prefix),
        };
        let ca = self.ca.as_ref().map(|file| String::from_utf8_lossy(&file.text).into_owned());
        let required = self.required_claims.iter().map(|(claim, value)| ClaimValidationRule {
            claim: claim.clone(),
            required_value: value.clone(),
            ..ClaimValidationRule::default()
        });
        Some(JwtAuthenticator {
            issuer: Issuer {
                url: self.issuer_url.clone(),
                certificate_authority: ca.unwrap_or_default(),
                audiences: vec![self.client_id.clone()],
                ..Issuer::default()
            },
            claim_validation_rules: required.collect(),
            claim_mappings: ClaimMappings {
                username: PrefixedClaimOrExpression::of(&self.username_claim, &prefix),
                groups,
                ..ClaimMappings::default()
            },
            user_validation_rules: Vec::new(),
        })
    }
}

impl PrefixedClaimOrExpression {
    fn of(claim: &str, prefix: &str) -> PrefixedClaimOrExpression {
        let (claim, prefix) = (claim.to_owned(), Some(prefix.to_owned()));
        PrefixedClaimOrExpression { claim, prefix, expression: String::new() }
    }
}

impl Config {
    /// The JWT authenticators of the file, or the one of the flags.
    pub fn jwt_authenticators(&self) -> Vec<JwtAuthenticator> {
        match &self.jwt {
            Some(authenticators) => authenticators.clone(),
            None => self.oidc.authenticator().into_iter().collect(),
        }
    }

    /// The algorithms that their tokens may be signed with: with a file, all.
    pub fn signing_algorithms(&self) -> Vec<String> {
        match self.jwt {
            Some(_) => ALGORITHMS.map(str::to_owned).to_vec(),
            None => self.oidc.signing_algs.clone(),
        }
    }
}

impl Given<'_> {
    /// Takes a `--oidc-required-claim`; each further one adds to those before it (`MapStringStringNoSplit`).
    pub(super) fn required_claim(&self, claims: &mut BTreeMap<String, String>) -> Result<(), Error> {
        if !self.again {
            claims.clear();
        }
        let (claim, value) =
            self.value.split_once('=').ok_or_else(|| self.wrong("malformed pair, expect string=string"))?;
        claims.insert(claim.trim().to_owned(), value.trim().to_owned());
        Ok(())
    }
}

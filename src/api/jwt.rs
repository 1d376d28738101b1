//! Why a JWT of an issuer outside is not accepted: typed, and in the words that a server logs and a `TokenReview` tells
//! (`apiserver/plugin/pkg/authenticator/token/oidc`, `coreos/go-oidc`).

use super::field::{quote, quote_list};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use std::fmt;

/// Why a JWT is not accepted, though its issuer is one that an authenticator is configured for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "why", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum JwtRefusal {
    /// The issuer's discovery document could not be had so far.
    NotInitialized {
        /// What went wrong.
        error: String,
    },
    /// It has not the form of a token.
    Malformed {
        /// What is wrong.
        error: String,
    },
    /// A claim that every token has is of another form.
    BadClaims {
        /// What is wrong.
        error: String,
    },
    /// It is for somebody else.
    Audience {
        /// For whom it may be.
        expected: Vec<String>,
        /// For whom it is.
        got: Vec<String>,
    },
    /// Its time is over; no leeway is given.
    Expired {
        /// When it ended, as Go writes times; one that says nothing of it ended before all time.
        at: String,
    },
    /// Its time has not come, even with a minute's leeway.
    NotYetValid {
        /// When it begins.
        from: String,
        /// When it came.
        now: String,
    },
    /// It is signed in a way that is not taken.
    Algorithm {
        /// The ways that are.
        expected: Vec<String>,
        /// The way that it names.
        got: String,
    },
    /// The issuer's keys could not be had.
    Keys {
        /// What went wrong.
        error: String,
    },
    /// No key of the issuer made its signature.
    Signature {
        /// The key that it names.
        key: String,
        /// Whether the issuer publishes a key of that name.
        published: bool,
    },
    /// A claim is kept elsewhere (a distributed claim), which is not modelled.
    Elsewhere {
        /// The claim.
        claim: String,
    },
    /// A claim that says something of the user is missing or of another form.
    Claim {
        /// What it is to say: `username`, `groups`, `uid`, `email_verified`.
        of: &'static str,
        /// The claim.
        claim: String,
        /// What is wrong with it.
        error: String,
    },
    /// The user's email is not verified.
    EmailNotVerified,
    /// An expression gives no user name.
    NoName,
    /// A claim has not the value that is required.
    Required {
        /// The claim.
        claim: String,
        /// What is required.
        want: String,
        /// What it is; none where it is missing.
        #[serde(skip_serializing_if = "Option::is_none")]
        got: Option<String>,
        /// What is wrong with it, where it is no text.
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<String>,
    },
    /// An expression could not be evaluated, or its value is of another type.
    Expression {
        /// What for: `username`, `group`, `uid`, `extra`, `claim validation`, `user validation`.
        of: &'static str,
        /// The expression.
        expression: String,
        /// What is wrong.
        error: String,
    },
    /// A rule is false.
    Rule {
        /// Over what: `claims` or `user`.
        over: &'static str,
        /// The rule.
        expression: String,
        /// What whoever wrote it has to say of it.
        message: String,
    },
}

impl fmt::Display for JwtRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use JwtRefusal as R;
        match self {
            R::NotInitialized { .. } => f.write_str("oidc: authenticator not initialized"),
            R::Malformed { error } => write!(f, "oidc: verify token: oidc: malformed jwt: {error}"),
            R::BadClaims { error } => write!(f, "oidc: verify token: {error}"),
            R::Audience { expected, got } => {
                let got = quote_list(got);
                match expected.as_slice() {
                    [one] => {
                        write!(f, "oidc: verify token: oidc: expected audience {} got {got}", quote(one))
                    }
                    several => {
                        let several = quote_list(several);
                        write!(f, "oidc: verify token: oidc: expected audience in {several} got {got}")
                    }
                }
            }
            R::Expired { at } => {
                write!(f, "oidc: verify token: oidc: token is expired (Token Expiry: {at})")
            }
            R::NotYetValid { from, now } => {
                write!(
                    f,
                    "oidc: verify token: oidc: current time {now} before the nbf (not before) time: {from}"
                )
            }
            R::Algorithm { expected, got } => write!(
                f,
                "oidc: verify token: oidc: id token signed with unsupported algorithm, expected {} got {}",
                quote_list(expected),
                quote(got)
            ),
            R::Keys { error } => {
                write!(f, "oidc: verify token: failed to verify signature: fetching keys {error}")
            }
            R::Signature { .. } => f.write_str(
                "oidc: verify token: failed to verify signature: failed to verify id token signature",
            ),
            R::Elsewhere { claim } => write!(
                f,
                "oidc: could not expand distributed claims: where {} is kept is not asked: distributed claims are not modelled",
                quote(claim)
            ),
            R::Claim { of: "username", claim, error } => {
                write!(f, "oidc: parse username claims {}: {error}", quote(claim))
            }
            R::Claim { of: "email_verified", error, .. } => {
                write!(f, "oidc: parse 'email_verified' claim: {error}")
            }
            R::Claim { of, claim, error } => write!(f, "oidc: parse {of} claim {}: {error}", quote(claim)),
            R::EmailNotVerified => f.write_str("oidc: email not verified"),
            R::NoName => f.write_str("oidc: empty username via CEL expression is not allowed"),
            R::Required { claim, error: Some(error), .. } => write!(f, "oidc: parse claim {claim}: {error}"),
            R::Required { claim, got: None, .. } => {
                write!(f, "oidc: required claim {claim} not present in ID token")
            }
            R::Required { claim, want, got: Some(got), .. } => {
                write!(f, "oidc: required claim {claim} value does not match. Got = {got}, want = {want}")
            }
            // What is wrong with one fact among several says itself which.
            R::Expression { of: "extra", error, .. } => f.write_str(error),
            R::Expression { of: of @ ("username" | "group" | "uid"), error, .. } => {
                write!(f, "oidc: error evaluating {of} claim expression: {error}")
            }
            R::Expression { of: "user validation", error, .. } => {
                write!(f, "oidc: error evaluating user info validation rule: {error}")
            }
            R::Expression { of, error, .. } => write!(f, "oidc: error evaluating {of} expression: {error}"),
            R::Rule { over, expression, message } => {
                let of = match *over {
                    "user" => "user info validation rule",
                    _ => "claim validation expression",
                };
                write!(
                    f,
                    "oidc: error evaluating {of}: validation expression '{expression}' failed: {message}"
                )
            }
        }
    }
}

/// An instant as Go writes it.
pub(crate) fn go_time(at: Timestamp) -> String {
    let fraction = at.strftime("%f").to_string();
    let fraction = fraction.trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{}{point}{fraction} +0000 UTC", at.strftime("%Y-%m-%d %H:%M:%S"))
}

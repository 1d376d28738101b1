//! Why a token is not believed, as data; and the words a real server has for it.

use crate::api::Version;
use crate::api::differences::{JOSE_RENAMED, NEW_TOKEN_WORDS};
use crate::api::field::quote_list;

/// The label that the legacy token cleaner marks unused token secrets with.
pub(crate) const INVALID_SINCE_LABEL: &str = "kubernetes.io/legacy-token-invalid-since";

/// Why a token does not make a user. A `legacy` one lives in a secret; times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It has not the form of a signed token: the next authenticator is asked.
    NotAToken,
    /// Somebody else issued it: the next authenticator is asked.
    UnknownIssuer(String),
    /// No key has the id that the token names.
    NoKey(String),
    /// No key made this signature.
    BadSignature,
    /// A claim is of a wrong type.
    BadClaims(String),
    /// The token is for others.
    Audience {
        /// For whom it is.
        token: Vec<String>,
        /// Who was asked for.
        target: Vec<String>,
    },
    /// Its time is over.
    Expired { at: i64 },
    /// Its time has not come.
    NotYetValid { from: i64 },
    /// It was issued later than now.
    FromTheFuture { issued: i64 },
    /// A claim that a token of a secret needs is not there.
    MissingClaim(&'static str),
    /// `sub` is not the account that the other claims name.
    BadSubject,
    /// The account is not there.
    NoAccount { namespace: String, name: String },
    /// The account is being deleted.
    AccountDeleted { namespace: String, name: String, legacy: bool },
    /// An object of that name is there, but another one than the token was bound to.
    OtherUid {
        what: What,
        /// The uid of the object that is there.
        stored: String,
        /// The uid that the token says.
        claim: String,
        legacy: bool,
    },
    /// The object that the token dies with is not there, or is being deleted.
    Invalidated {
        what: What,
        name: String,
        /// Whether it is still there, being deleted.
        deleting: bool,
        legacy: bool,
    },
    /// The secret holds another token.
    NotTheServersCopy { secret: String },
    /// The legacy token cleaner marked the secret.
    MarkedInvalid { namespace: String, secret: String, account: String },
}

/// What a token may be bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Account,
    Secret,
    Pod,
    Node,
}

impl Refusal {
    /// The server's own words.
    ///
    /// Releases before 1.22 word the refusals of requested tokens differently.
    pub(crate) fn message(&self, version: Version) -> String {
        let new = version.has(NEW_TOKEN_WORDS);
        let either = |new_words: &str, old_words: &str| if new { new_words } else { old_words }.to_owned();
        match self {
            Refusal::NotAToken | Refusal::UnknownIssuer(_) => "invalid bearer token".to_owned(),
            Refusal::NoKey(_) => "invalid signature, no keys found".to_owned(),
            Refusal::BadSignature if version.has(JOSE_RENAMED) => {
                "go-jose/go-jose: error in cryptographic primitive".to_owned()
            }
            Refusal::BadSignature => "square/go-jose: error in cryptographic primitive".to_owned(),
            Refusal::BadClaims(why) => why.clone(),
            Refusal::Audience { token, target } => format!(
                "token audiences {} is invalid for the target audiences {}",
                quote_list(token),
                quote_list(target)
            ),
            Refusal::Expired { .. } => either("service account token has expired", "Token has expired."),
            Refusal::NotYetValid { .. } => {
                either("service account token is not valid yet", "Token could not be validated.")
            }
            Refusal::FromTheFuture { .. } => {
                either("service account token is issued in the future", "Token could not be validated.")
            }
            Refusal::MissingClaim(claim) => format!("{claim} claim is missing"),
            Refusal::BadSubject => "sub claim is invalid".to_owned(),
            Refusal::NoAccount { name, .. } => format!("serviceaccounts \"{name}\" not found"),
            Refusal::AccountDeleted { namespace, name, legacy } => match new && !legacy {
                true => format!("service account {namespace}/{name} has been deleted"),
                false => format!("ServiceAccount {namespace}/{name} has been deleted"),
            },
            Refusal::OtherUid { what, stored, claim, legacy } => {
                let (object, said) = what.uid_words(new && !legacy);
                format!("{object} UID ({stored}) does not match {said} ({claim})")
            }
            Refusal::Invalidated { legacy: true, .. } => "Token has been invalidated".to_owned(),
            Refusal::Invalidated { .. } => {
                either("service account token has been invalidated", "Token has been invalidated")
            }
            Refusal::NotTheServersCopy { .. } => "Token does not match server's copy".to_owned(),
            Refusal::MarkedInvalid { namespace, secret, account } => format!(
                "the token in secret {namespace}/{secret} for service account {namespace}/{account} has been marked \
                 invalid. Use tokens from the TokenRequest API or manually created secret-based tokens, or remove the \
                 '{INVALID_SINCE_LABEL}' label from the secret to temporarily allow use of this token"
            ),
        }
    }
}

impl What {
    fn uid_words(self, new: bool) -> (&'static str, &'static str) {
        match (self, new) {
            (What::Account, true) => ("service account", "claim"),
            (What::Account, false) => ("ServiceAccount", "claim"),
            (What::Secret, true) => ("secret", "service account secret ref claim"),
            (What::Secret, false) => ("Secret", "claim"),
            (What::Pod, true) => ("pod", "service account pod ref claim"),
            (What::Pod, false) => ("Pod", "claim"),
            (What::Node, _) => ("node", "service account node ref claim"),
        }
    }
}

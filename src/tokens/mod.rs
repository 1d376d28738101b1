//! Service account tokens: keys, claims, minting, checking, and the static token file.
//!
//! Models `pkg/serviceaccount` (claims.go, legacy.go, jwt.go, openidmetadata.go), the token subresource
//! (`pkg/registry/core/serviceaccount/storage/token.go`) and `apiserver/pkg/authentication/token/tokenfile`.
//! Nothing here knows of a cluster: time, ids and stored objects are arguments.
//!
//! A token goes round like this: [`request::grant`] (or [`Claims::legacy`] for a token secret) makes [`Claims`];
//! [`unsigned`] writes them down, and [`signed`] signs the text only when somebody looks at it; [`Verifier::verify`]
//! turns a text back into a user, or into a [`Refusal`] that says why not.

mod check;
pub(crate) mod claims;
#[cfg(feature = "serve")]
mod fast;
#[cfg(not(feature = "serve"))]
#[path = "slow.rs"]
mod fast;
pub(crate) mod jwk;
pub(crate) mod keys;
pub(crate) mod openid;
pub(crate) mod pem;
pub(crate) mod refusal;
pub(crate) mod request;
pub(crate) mod static_file;
pub(crate) mod token;
pub(crate) mod verify;

pub(crate) use check::Lookup;
pub(crate) use claims::{Claims, Improvements};
pub(crate) use jwk::Jwk;
pub use keys::{PublicKey, SigningKey};
pub(crate) use refusal::Refusal;
pub(crate) use static_file::StaticTokens;
pub(crate) use token::{Parts, claims_of, is_unsigned, signed, signed_claims, unsigned};
pub(crate) use verify::Verifier;

#[cfg(test)]
mod tests;

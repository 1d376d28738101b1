//! Service account tokens: keys, claims, minting, checking, and the static token file.
//!
//! Models `pkg/serviceaccount` (claims.go, legacy.go, jwt.go, openidmetadata.go), the token subresource
//! (`pkg/registry/core/serviceaccount/storage/token.go`) and `apiserver/pkg/authentication/token/tokenfile`.
//! Nothing here knows of a cluster: time, ids and stored objects are arguments.
//!
//! A token goes round like this: [`request::grant`] (or [`Claims::legacy`] for a token secret) makes [`Claims`];
//! [`Token::mint`] keeps them with the key and signs only when the text is looked at; [`Verifier::verify`] turns a text
//! back into a user, or into a [`Refusal`] that says why not.

mod check;
pub(crate) mod claims;
pub(crate) mod keys;
pub(crate) mod openid;
pub(crate) mod pem;
pub(crate) mod refusal;
pub(crate) mod request;
pub(crate) mod static_file;
pub(crate) mod token;
pub(crate) mod verify;

pub use claims::{Claims, Improvements, ObjectRef, Private};
pub use keys::{PublicKey, SigningKey};
pub use refusal::Refusal;
pub use static_file::StaticTokens;
pub use token::{Token, is_unsigned, signed, unsigned};
pub use verify::{Lookup, Recognised, Verifier};

#[cfg(test)]
mod tests;

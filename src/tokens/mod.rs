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
pub mod claims;
pub mod keys;
pub mod openid;
pub mod pem;
pub mod refusal;
pub mod request;
pub mod static_file;
pub mod token;
pub mod verify;

pub use claims::{Claims, Improvements, ObjectRef, Private};
pub use keys::{PublicKey, SigningKey};
pub use refusal::Refusal;
pub use static_file::StaticTokens;
pub use token::{Token, is_unsigned, signed, unsigned};
pub use verify::{Lookup, Recognised, Verifier};

#[cfg(test)]
mod tests;

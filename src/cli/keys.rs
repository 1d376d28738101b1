//! The keys of a served cluster: fresh ones, unless a seed is given, whose keys anybody can make again.

use crate::config::File;
use crate::error::Error;
use crate::tokens::SigningKey;
use ring::rand::{SecureRandom, SystemRandom};

/// How errors call a key of this run.
const OWN_KEY: &str = "a key of this run";

/// Who signs what.
pub(super) struct Keys {
    /// Certificates; none where the shipped key does.
    pub(super) authority: Option<SigningKey>,
    /// Account tokens; none where the shipped key does.
    pub(super) tokens: Option<SigningKey>,
    /// The server's own handshakes.
    pub(super) serving: SigningKey,
    /// The administrator's handshakes.
    pub(super) admin: SigningKey,
}

impl Keys {
    /// Draws keys from the system's randomness, or makes those of a seed.
    ///
    /// # Errors
    /// The system has no randomness.
    pub(super) fn draw(seed: Option<u64>) -> Result<Keys, Error> {
        let Some(seed) = seed else {
            let (authority, tokens) = (Some(fresh()?), Some(fresh()?));
            return Ok(Keys { authority, tokens, serving: fresh()?, admin: fresh()? });
        };
        let mut serving = [0; 32];
        serving[..8].copy_from_slice(&seed.to_be_bytes());
        let [serving, admin] = [serving, [1; 32]].map(SigningKey::from_seed);
        Ok(Keys { authority: None, tokens: None, serving, admin })
    }
}

fn fresh() -> Result<SigningKey, Error> {
    let mut seed = [0; 32];
    SystemRandom::new()
        .fill(&mut seed)
        .map_err(|_| Error::new("the system has no random bytes for a key"))?;
    Ok(SigningKey::from_seed(seed))
}

/// A key as if a flag named its file.
pub(super) fn file_of(key: &SigningKey) -> Result<File, Error> {
    let text = key.to_pem().map_err(Error::new)?.into_bytes().into();
    Ok(File { path: OWN_KEY.to_owned(), text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_fresh_unless_a_seed_is_given() {
        let drawn = |seed| Keys::draw(seed).expect("there is randomness");
        let public = |keys: &Keys| (keys.serving.public().clone(), keys.admin.public().clone());
        let (one, other) = (drawn(None), drawn(None));
        assert_ne!(public(&one), public(&other));
        assert_ne!(
            one.authority.map(|key| key.public().clone()),
            other.authority.map(|key| key.public().clone())
        );
        assert!(one.tokens.is_some());
        assert_eq!(public(&drawn(Some(7))), public(&drawn(Some(7))));
        assert!(drawn(Some(7)).tokens.is_none());
    }
}

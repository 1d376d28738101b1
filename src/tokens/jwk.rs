//! Keys of an issuer outside, as it publishes them (`go-jose.JSONWebKeySet`).
//!
//! # Differs from Kubernetes
//! A key of another kind, or of a curve that is not known here (P-521), is passed over: no token is found to be signed
//! with it.

use super::keys::PublicKey;
use crate::api::Dig;
use crate::json::Value;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rsa::pkcs8::EncodePublicKey;
use rsa::{BigUint, RsaPublicKey};

/// A published key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Jwk {
    /// Its name.
    pub(crate) id: String,
    /// The key.
    pub(crate) key: PublicKey,
}

impl Jwk {
    /// The keys of a set.
    pub(crate) fn all(set: &Value) -> Vec<Jwk> {
        let read = |jwk: &Value| Some(Jwk { id: jwk.text("kid").to_owned(), key: key(jwk)? });
        set.list("keys").iter().filter_map(read).collect()
    }
}

fn key(jwk: &Value) -> Option<PublicKey> {
    let bytes = |field: &str| URL_SAFE_NO_PAD.decode(jwk.text(field)).ok();
    // An uncompressed point: a tag, then both coordinates.
    let point = || Some([vec![4], bytes("x")?, bytes("y")?].concat());
    let der = match (jwk.text("kty"), jwk.text("crv")) {
        ("RSA", _) => {
            let number = |field: &str| Some(BigUint::from_bytes_be(&bytes(field)?));
            RsaPublicKey::new(number("n")?, number("e")?).ok()?.to_public_key_der()
        }
        ("EC", "P-256") => p256::PublicKey::from_sec1_bytes(&point()?).ok()?.to_public_key_der(),
        ("EC", "P-384") => p384::PublicKey::from_sec1_bytes(&point()?).ok()?.to_public_key_der(),
        _ => return None,
    };
    PublicKey::from_der(der.ok()?.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::json;
    use crate::tokens::{SigningKey, openid};

    #[test]
    fn what_we_publish_we_read() {
        let p384 = SigningKey::from_pem(include_str!("test_data/p384.key")).unwrap();
        let keys =
            [SigningKey::test_only(), SigningKey::from_seed([1; 32]), p384].map(|key| key.public().clone());
        let set: Value = serde_json::from_str(&openid::jwks(&keys).unwrap()).unwrap();
        let read = Jwk::all(&set);
        assert_eq!(read.len(), 3);
        for (read, key) in read.iter().zip(&keys) {
            assert_eq!((read.id.as_str(), &read.key), (key.id(), key));
        }
        let other = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AA"}, {"kty": "EC", "crv": "P-256", "x": "AA"}]});
        assert_eq!(Jwk::all(&other), []);
    }
}

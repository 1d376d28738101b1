//! Keys of service account tokens and of certificates (`client-go/util/keyutil`, `pkg/serviceaccount.keyIDFromPublicKey`).
//!
//! INVARIANT (determinism): a key signs the same bytes with the same signature: PKCS#1 v1.5 for RSA, RFC 6979 for ECDSA.
//!
//! # Differs from Kubernetes
//! P-521 keys are not read: no well-kept crate in the tree signs with them.

use super::fast::{self, Fast};
use super::pem::{self, Block};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use p256::ecdsa::signature::{Signer, hazmat::PrehashVerifier};
use rsa::pkcs1::{DecodeRsaPrivateKey, DecodeRsaPublicKey, EncodeRsaPrivateKey};
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey};
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey};
use sha2::{Digest, Sha256, Sha384, Sha512};
use std::collections::VecDeque;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use x509_cert::der::{Decode, Encode};

/// What an RSA key may verify; it signs with the first.
const RSA_ALGORITHMS: [Algorithm; 6] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
];

/// What was signed, and the signature; the last one first.
type Signatures = VecDeque<(Vec<u8>, String)>;

/// How many signatures are remembered.
const RECENT: usize = 64;

/// A private key that signs tokens or certificates.
#[derive(Clone)]
pub struct SigningKey {
    private: Private,
    encoding: EncodingKey,
    /// An RSA key for whoever signs faster.
    fast: Option<Fast>,
    /// The last signatures: a pod reads its token again and again, and signing is dear.
    recent: Arc<Mutex<Signatures>>,
    public: PublicKey,
    /// What marks of unsigned tokens are made with.
    marking: [u8; 32],
    /// The key that signed before this one: what it left unsigned is still its own.
    former: Option<Arc<SigningKey>>,
}

#[derive(Clone)]
enum Private {
    Rsa(Box<RsaPrivateKey>),
    P256(p256::SecretKey),
    P384(p384::SecretKey),
}

/// The key of marks, drawn from a private key (DER).
fn marking(private: &[u8]) -> [u8; 32] {
    Sha256::new()
        .chain_update(b"kubeverdict: marks of unsigned tokens")
        .chain_update(private)
        .finalize()
        .into()
}

impl SigningKey {
    /// The RSA key that tokens are signed with unless a key file is given. It is public, hence for tests only.
    pub fn test_only() -> SigningKey {
        static KEY: LazyLock<SigningKey> = LazyLock::new(|| {
            SigningKey::from_pem(include_str!("test-only.key")).expect("the shipped test key is a key")
        });
        KEY.clone()
    }

    /// Reads the first private key of a PEM text: RSA (PKCS #1, PKCS #8) or EC on P-256 or P-384 (SEC 1, PKCS #8).
    ///
    /// # Errors
    /// There is none.
    pub fn from_pem(text: &str) -> Result<SigningKey, String> {
        pem::blocks(text)
            .iter()
            .find_map(Private::read)
            .ok_or("data does not contain a valid RSA or ECDSA private key".to_owned())
            .and_then(SigningKey::new)
    }

    /// A P-256 key made from 32 random bytes; the same bytes give the same key.
    pub fn from_seed(seed: [u8; 32]) -> SigningKey {
        // One seed in 2^32 is no scalar of the curve: its digest is the next try.
        let mut seed = seed;
        let secret = loop {
            match p256::SecretKey::from_slice(&seed) {
                Ok(secret) => break secret,
                Err(_) => seed = Sha256::digest(seed).into(),
            }
        };
        SigningKey::new(Private::P256(secret)).expect("a scalar of the curve is a key")
    }

    fn new(private: Private) -> Result<SigningKey, String> {
        let mut fast = None;
        let (der, spki, encoding): (_, _, fn(&[u8]) -> EncodingKey) = match &private {
            Private::Rsa(key) => {
                let der = key.to_pkcs1_der().map_err(text)?;
                fast = Fast::of(der.as_bytes());
                (der, key.to_public_key().to_public_key_der(), EncodingKey::from_rsa_der)
            }
            Private::P256(key) => (
                key.to_pkcs8_der().map_err(text)?,
                key.public_key().to_public_key_der(),
                EncodingKey::from_ec_der,
            ),
            Private::P384(key) => (
                key.to_pkcs8_der().map_err(text)?,
                key.public_key().to_public_key_der(),
                EncodingKey::from_ec_der,
            ),
        };
        Ok(SigningKey {
            private,
            encoding: encoding(der.as_bytes()),
            fast,
            recent: Arc::default(),
            public: PublicKey::from_der(spki.map_err(text)?.as_bytes())?,
            marking: marking(der.as_bytes()),
            former: None,
        })
    }

    /// This key in the place of another one, which still completes the tokens that it left unsigned.
    pub fn after(self, former: &Arc<SigningKey>) -> Arc<SigningKey> {
        match self.public == former.public {
            true => former.clone(),
            false => Arc::new(SigningKey { former: Some(former.clone()), ..self }),
        }
    }

    /// The key that signed before this one.
    pub(super) fn former(&self) -> Option<&SigningKey> {
        self.former.as_deref()
    }

    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The key in PKCS #8 armour.
    ///
    /// # Errors
    /// The key cannot be written.
    pub fn to_pem(&self) -> Result<String, String> {
        let der = match &self.private {
            Private::Rsa(key) => key.to_pkcs8_der(),
            Private::P256(key) => key.to_pkcs8_der(),
            Private::P384(key) => key.to_pkcs8_der(),
        };
        Ok(pem::encode("PRIVATE KEY", der.map_err(text)?.as_bytes()))
    }

    /// A mark that only the holder of the key can make (HMAC-SHA256, in base64url).
    pub(super) fn mark(&self, message: &str) -> String {
        let key = EncodingKey::from_secret(&self.marking);
        jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256).unwrap_or_default()
    }

    /// The signature of a JWS, in base64url.
    pub(super) fn sign_jws(&self, message: &[u8]) -> Result<String, String> {
        let recent = || self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let known = recent().iter().find(|(of, _)| of == message).map(|(_, signature)| signature.clone());
        if let Some(signature) = known {
            return Ok(signature);
        }
        let signature = match &self.private {
            // What jsonwebtoken signs with RSA it blinds with the system's randomness.
            Private::Rsa(_) => URL_SAFE_NO_PAD.encode(self.sign(message)),
            Private::P256(_) | Private::P384(_) => {
                jsonwebtoken::crypto::sign(message, &self.encoding, self.public.algorithm()).map_err(text)?
            }
        };
        let mut recent = recent();
        recent.push_front((message.to_vec(), signature.clone()));
        recent.truncate(RECENT);
        Ok(signature)
    }

    /// Signs as X.509 has it: PKCS #1 v1.5 with SHA-256, or a DER-encoded ECDSA signature with the curve's digest.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.private {
            Private::Rsa(key) => {
                if let Some(signature) = self.fast.as_ref().and_then(|fast| fast.sign(message)) {
                    return signature;
                }
                let key = rsa::pkcs1v15::SigningKey::<Sha256>::new((**key).clone());
                Box::<[u8]>::from(key.sign(message)).into_vec()
            }
            Private::P256(key) => {
                let signature: p256::ecdsa::Signature = p256::ecdsa::SigningKey::from(key).sign(message);
                signature.to_der().as_bytes().to_vec()
            }
            Private::P384(key) => {
                let signature: p384::ecdsa::Signature = p384::ecdsa::SigningKey::from(key).sign(message);
                signature.to_der().as_bytes().to_vec()
            }
        }
    }
}

/// Shows which key it is, never the key.
impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({:?})", self.public)
    }
}

impl Private {
    fn read(block: &Block) -> Option<Private> {
        let der = block.bytes.as_slice();
        match block.label.as_str() {
            "RSA PRIVATE KEY" => RsaPrivateKey::from_pkcs1_der(der).ok().map(Private::rsa),
            "EC PRIVATE KEY" => p256::SecretKey::from_sec1_der(der)
                .map(Private::P256)
                .or_else(|_| p384::SecretKey::from_sec1_der(der).map(Private::P384))
                .ok(),
            "PRIVATE KEY" => RsaPrivateKey::from_pkcs8_der(der)
                .map(Private::rsa)
                .or_else(|_| p256::SecretKey::from_pkcs8_der(der).map(Private::P256))
                .or_else(|_| p384::SecretKey::from_pkcs8_der(der).map(Private::P384))
                .ok(),
            _ => None,
        }
    }

    fn rsa(key: RsaPrivateKey) -> Private {
        Private::Rsa(Box::new(key))
    }
}

/// A public key that tokens or certificates are checked with.
#[derive(Clone)]
pub struct PublicKey {
    der: Vec<u8>,
    id: String,
    public: Public,
    decoding: DecodingKey,
}

#[derive(Clone)]
enum Public {
    Rsa(RsaPublicKey),
    P256(p256::PublicKey),
    P384(p384::PublicKey),
}

/// The parameters of a public key as a JSON Web Key names them.
pub(super) enum JwkParts {
    /// Modulus and exponent.
    Rsa([String; 2]),
    /// Curve and coordinates.
    Ec(&'static str, [String; 2]),
}

impl PublicKey {
    /// Reads a DER-encoded SubjectPublicKeyInfo.
    ///
    /// # Errors
    /// It is no RSA, P-256 or P-384 key.
    pub fn from_der(der: &[u8]) -> Result<PublicKey, String> {
        let public = RsaPublicKey::from_public_key_der(der)
            .map(Public::Rsa)
            .or_else(|_| p256::PublicKey::from_public_key_der(der).map(Public::P256))
            .or_else(|_| p384::PublicKey::from_public_key_der(der).map(Public::P384))
            .map_err(|_| "not an RSA, P-256 or P-384 public key".to_owned())?;
        let decoding = match &public {
            Public::Rsa(key) => {
                DecodingKey::from_rsa_raw_components(&key.n().to_bytes_be(), &key.e().to_bytes_be())
            }
            Public::P256(key) => DecodingKey::from_ec_der(&key.to_sec1_bytes()),
            Public::P384(key) => DecodingKey::from_ec_der(&key.to_sec1_bytes()),
        };
        Ok(PublicKey { der: der.to_vec(), id: URL_SAFE_NO_PAD.encode(Sha256::digest(der)), public, decoding })
    }

    /// Reads all keys of a PEM text: public keys, the public halves of private keys, and those of certificates.
    ///
    /// # Errors
    /// There is none.
    pub fn all_from_pem(text: &str) -> Result<Vec<PublicKey>, String> {
        let keys: Vec<PublicKey> = pem::blocks(text).iter().filter_map(PublicKey::read).collect();
        if keys.is_empty() {
            return Err("data does not contain any valid RSA or ECDSA public keys".to_owned());
        }
        Ok(keys)
    }

    fn read(block: &Block) -> Option<PublicKey> {
        match block.label.as_str() {
            "PUBLIC KEY" => PublicKey::from_der(&block.bytes).ok(),
            "RSA PUBLIC KEY" => {
                let key = RsaPublicKey::from_pkcs1_der(&block.bytes).ok()?;
                PublicKey::from_der(key.to_public_key_der().ok()?.as_bytes()).ok()
            }
            "CERTIFICATE" => {
                let certificate = x509_cert::Certificate::from_der(&block.bytes).ok()?;
                let spki = certificate.tbs_certificate.subject_public_key_info;
                PublicKey::from_der(&spki.to_der().ok()?).ok()
            }
            _ => Some(SigningKey::new(Private::read(block)?).ok()?.public),
        }
    }

    /// The key id: the unpadded base64url of the SHA-256 of the DER form.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The DER-encoded SubjectPublicKeyInfo.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The algorithm of tokens under this key.
    pub fn algorithm(&self) -> Algorithm {
        match self.public {
            Public::Rsa(_) => Algorithm::RS256,
            Public::P256(_) => Algorithm::ES256,
            Public::P384(_) => Algorithm::ES384,
        }
    }

    /// Whether this key made the (base64url) signature of a token's first two parts.
    ///
    /// INVARIANT (no confusion): the key, not the token, says which algorithms count.
    pub(super) fn verifies_token(&self, signature: &str, message: &[u8], algorithm: Algorithm) -> bool {
        let fits = match self.public {
            Public::Rsa(_) => RSA_ALGORITHMS.contains(&algorithm),
            Public::P256(_) | Public::P384(_) => algorithm == self.algorithm(),
        };
        if let (Public::Rsa(key), Algorithm::RS256) = (&self.public, algorithm)
            && let Ok(bytes) = URL_SAFE_NO_PAD.decode(signature)
            && let Some(verified) = fast::verifies(key, message, &bytes)
        {
            return verified;
        }
        fits && jsonwebtoken::crypto::verify(signature, message, &self.decoding, algorithm).unwrap_or(false)
    }

    /// Whether this key made a signature of X.509; `algorithm` is the dotted object identifier.
    pub fn verifies(&self, algorithm: &str, message: &[u8], signature: &[u8]) -> bool {
        match (&self.public, algorithm) {
            (Public::Rsa(key), "1.2.840.113549.1.1.11") => rsa_verifies::<Sha256>(key, message, signature),
            (Public::Rsa(key), "1.2.840.113549.1.1.12") => rsa_verifies::<Sha384>(key, message, signature),
            (Public::Rsa(key), "1.2.840.113549.1.1.13") => rsa_verifies::<Sha512>(key, message, signature),
            (Public::P256(key), _) => ecdsa_digest(algorithm, message).is_some_and(|digest| {
                p256::ecdsa::Signature::from_der(signature)
                    .is_ok_and(|s| p256::ecdsa::VerifyingKey::from(key).verify_prehash(&digest, &s).is_ok())
            }),
            (Public::P384(key), _) => ecdsa_digest(algorithm, message).is_some_and(|digest| {
                p384::ecdsa::Signature::from_der(signature)
                    .is_ok_and(|s| p384::ecdsa::VerifyingKey::from(key).verify_prehash(&digest, &s).is_ok())
            }),
            (Public::Rsa(_), _) => false,
        }
    }

    pub(super) fn jwk_parts(&self) -> JwkParts {
        let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        // An uncompressed point: a tag, then both coordinates.
        let halves = |point: &[u8]| {
            let (x, y) = point[1..].split_at(point.len() / 2);
            [encode(x), encode(y)]
        };
        match &self.public {
            Public::Rsa(key) => {
                JwkParts::Rsa([encode(&key.n().to_bytes_be()), encode(&key.e().to_bytes_be())])
            }
            Public::P256(key) => JwkParts::Ec("P-256", halves(&key.to_sec1_bytes())),
            Public::P384(key) => JwkParts::Ec("P-384", halves(&key.to_sec1_bytes())),
        }
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &PublicKey) -> bool {
        self.der == other.der
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {}", self.algorithm(), self.id)
    }
}

fn rsa_verifies<D: Digest + rsa::pkcs8::AssociatedOid>(
    key: &RsaPublicKey,
    message: &[u8],
    signature: &[u8],
) -> bool {
    key.verify(Pkcs1v15Sign::new::<D>(), &D::digest(message), signature).is_ok()
}

/// The digest that an X.509 algorithm signs with ECDSA.
fn ecdsa_digest(algorithm: &str, message: &[u8]) -> Option<Vec<u8>> {
    Some(match algorithm {
        "1.2.840.10045.4.3.2" => Sha256::digest(message).to_vec(),
        "1.2.840.10045.4.3.3" => Sha384::digest(message).to_vec(),
        "1.2.840.10045.4.3.4" => Sha512::digest(message).to_vec(),
        _ => return None,
    })
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

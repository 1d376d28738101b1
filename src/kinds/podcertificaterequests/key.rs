//! Public keys as `x509.ParsePKIXPublicKey` takes them, and whether somebody has the other half.

use p256::ecdsa::signature::Verifier;
use rsa::pkcs8::DecodePublicKey;
use rsa::traits::PublicKeyParts;
use rsa::{Pss, RsaPublicKey};
use sha2::{Digest, Sha256};
use x509_cert::der::Decode;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::spki::SubjectPublicKeyInfoOwned;

/// Why a key can't be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It is none, or one of a strange kind.
    Key(&'static str),
    /// An RSA key of so many bits.
    Size(usize),
}

const NONE: Unfit = Unfit::Key("must be a valid PKIX-serialized public key");
const STRANGE: Unfit = Unfit::Key("unknown public key type; supported types are Ed25519, ECDSA, and RSA");

/// Whether a signature of a text is by the owner of a key.
pub(super) fn proves(key: &[u8], text: &[u8], signature: &[u8]) -> Result<bool, Unfit> {
    let info = SubjectPublicKeyInfoOwned::from_der(key).map_err(|_| NONE)?;
    let point = info.subject_public_key.raw_bytes();
    match info.algorithm.oid.to_string().as_str() {
        "1.3.101.112" => {
            let point: &[u8; 32] = point.try_into().map_err(|_| NONE)?;
            let signature = ed25519_dalek::Signature::from_slice(signature);
            Ok(ed25519_dalek::VerifyingKey::from_bytes(point)
                .is_ok_and(|key| signature.is_ok_and(|signature| key.verify(text, &signature).is_ok())))
        }
        "1.2.840.113549.1.1.1" => {
            let key = RsaPublicKey::from_public_key_der(key).map_err(|_| NONE)?;
            match key.size() * 8 {
                3072 | 4096 => Ok(pss(&key, text, signature)),
                bits => Err(Unfit::Size(bits)),
            }
        }
        "1.2.840.10045.2.1" => {
            let curve = {
                let parameters = info.algorithm.parameters.as_ref().ok_or(NONE)?;
                parameters.decode_as::<ObjectIdentifier>().map_err(|_| NONE)?.to_string()
            };
            // Points stand there whole, never compressed.
            let point = if point.first() == Some(&4) { point } else { &[] };
            match curve.as_str() {
                "1.2.840.10045.3.1.7" => {
                    Ok(p256::ecdsa::DerSignature::from_bytes(signature).is_ok_and(|signed| {
                        p256::ecdsa::VerifyingKey::from_sec1_bytes(point)
                            .is_ok_and(|key| key.verify(text, &signed).is_ok())
                    }))
                }
                "1.3.132.0.34" => Ok(p384::ecdsa::DerSignature::from_bytes(signature).is_ok_and(|signed| {
                    p384::ecdsa::VerifyingKey::from_sec1_bytes(point)
                        .is_ok_and(|key| key.verify(text, &signed).is_ok())
                })),
                // P-521: nobody here can say.
                "1.3.132.0.35" => Ok(true),
                "1.3.132.0.33" => Err(Unfit::Key("elliptic public keys must use curve P256 or P384")),
                _ => Err(NONE),
            }
        }
        _ => Err(STRANGE),
    }
}

/// A signature of RSA-PSS, with a salt as long as the digest or as long as it can be.
fn pss(key: &RsaPublicKey, text: &[u8], signature: &[u8]) -> bool {
    let digest = Sha256::digest(text);
    [digest.len(), key.size() - digest.len() - 2]
        .into_iter()
        .any(|salt| key.verify(Pss::new_with_salt::<Sha256>(salt), &digest, signature).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::{Signer, SigningKey};

    #[test]
    fn only_the_owner_proves_it() {
        let pair = SigningKey::from_bytes(&[7; 32]);
        let mut key = vec![0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
        key.extend_from_slice(pair.verifying_key().as_bytes());
        let signature = pair.sign(b"uid");
        assert_eq!(proves(&key, b"uid", &signature.to_bytes()), Ok(true));
        assert_eq!(proves(&key, b"other", &signature.to_bytes()), Ok(false));
        // X25519 is a key, but none that signs.
        key[8] = 0x6e;
        assert_eq!(proves(&key, b"uid", &signature.to_bytes()), Err(STRANGE));
        assert_eq!(proves(&[0, 0, 0], b"uid", &signature.to_bytes()), Err(NONE));
    }
}

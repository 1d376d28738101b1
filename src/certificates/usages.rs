//! Key usages by the names that certificates.k8s.io has for them (`authority/policies.go`).

use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::flagset::FlagSet;
use x509_cert::ext::pkix::{KeyUsage, KeyUsages};

/// `server auth`.
pub(crate) const SERVER_AUTH: &str = "server auth";
/// `client auth`.
pub(crate) const CLIENT_AUTH: &str = "client auth";
/// `digital signature`.
pub(crate) const DIGITAL_SIGNATURE: &str = "digital signature";
/// `key encipherment`.
pub(crate) const KEY_ENCIPHERMENT: &str = "key encipherment";

/// What the key may do (the bits of the key usage extension).
const BITS: [(&str, KeyUsages); 10] = [
    ("signing", KeyUsages::DigitalSignature),
    (DIGITAL_SIGNATURE, KeyUsages::DigitalSignature),
    ("content commitment", KeyUsages::NonRepudiation),
    (KEY_ENCIPHERMENT, KeyUsages::KeyEncipherment),
    ("key agreement", KeyUsages::KeyAgreement),
    ("data encipherment", KeyUsages::DataEncipherment),
    ("cert sign", KeyUsages::KeyCertSign),
    ("crl sign", KeyUsages::CRLSign),
    ("encipher only", KeyUsages::EncipherOnly),
    ("decipher only", KeyUsages::DecipherOnly),
];

/// What the certificate is for (the purposes of the extended key usage extension).
const PURPOSES: [(&str, &str); 13] = [
    ("any", "2.5.29.37.0"),
    (SERVER_AUTH, "1.3.6.1.5.5.7.3.1"),
    (CLIENT_AUTH, "1.3.6.1.5.5.7.3.2"),
    ("code signing", "1.3.6.1.5.5.7.3.3"),
    ("email protection", "1.3.6.1.5.5.7.3.4"),
    ("s/mime", "1.3.6.1.5.5.7.3.4"),
    ("ipsec end system", "1.3.6.1.5.5.7.3.5"),
    ("ipsec tunnel", "1.3.6.1.5.5.7.3.6"),
    ("ipsec user", "1.3.6.1.5.5.7.3.7"),
    ("timestamping", "1.3.6.1.5.5.7.3.8"),
    ("ocsp signing", "1.3.6.1.5.5.7.3.9"),
    ("microsoft sgc", "1.3.6.1.4.1.311.10.3.3"),
    ("netscape sgc", "2.16.840.1.113730.4.1"),
];

/// The key usage bits of a list of usages.
pub(super) fn bits(usages: &[&str]) -> KeyUsage {
    let mut bits = FlagSet::default();
    for (name, bit) in BITS {
        if usages.contains(&name) {
            bits |= bit;
        }
    }
    KeyUsage(bits)
}

/// The purposes of a list of usages, each once, in the list's order.
pub(super) fn purposes(usages: &[&str]) -> Vec<ObjectIdentifier> {
    let mut purposes = Vec::new();
    for usage in usages {
        let purpose = purpose(usage).filter(|oid| !purposes.contains(oid));
        purposes.extend(purpose);
    }
    purposes
}

/// The purpose of a usage, if it is one.
pub(super) fn purpose(usage: &str) -> Option<ObjectIdentifier> {
    let (_, oid) = PURPOSES.iter().find(|(name, _)| *name == usage)?;
    ObjectIdentifier::new(oid).ok()
}

//! X.509: an authority, the certificates it issues, client certificates as credentials, and signing requests.
//!
//! Models what kubeadm's authority, `apiserver/pkg/authentication/request/x509` and the signer of
//! `pkg/controller/certificates` (with `authority/policies.go`) do. Keys, serials and times are arguments: the same
//! arguments make the same bytes.

pub(crate) mod authority;
pub(crate) mod client;
pub(crate) mod request;
pub(crate) mod usages;

pub use authority::{Authority, Terms};
pub(crate) use client::Bundle;
pub(crate) use request::SigningRequest;

use crate::tokens::{PublicKey, SigningKey, pem};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::net::IpAddr;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::asn1::{Any, Null, ObjectIdentifier, PrintableStringRef, SetOfVec, Utf8StringRef};
use x509_cert::der::{Decode, Encode, Tag, Tagged};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};
use x509_cert::spki::AlgorithmIdentifierOwned;

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const ORGANIZATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
const USER_UID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.57683.2");

/// Who a certificate or a request is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subject {
    /// The common name: a user.
    pub common_name: String,
    /// The organizations: groups.
    pub organizations: Vec<String>,
    /// The uids that Kubernetes' own attribute carries.
    pub uids: Vec<String>,
}

impl Subject {
    /// A common name and organizations.
    pub fn new(common_name: &str, organizations: &[&str]) -> Subject {
        Subject {
            common_name: common_name.to_owned(),
            organizations: organizations.iter().map(|o| (*o).to_owned()).collect(),
            uids: Vec::new(),
        }
    }

    /// All organizations, however they are grouped; the last common name, as Go has it.
    fn read(name: &Name) -> Subject {
        let mut subject = Subject::default();
        for attribute in name.0.iter().flat_map(|part| part.0.iter()) {
            let text = string(&attribute.value);
            match attribute.oid {
                COMMON_NAME => subject.common_name = text,
                ORGANIZATION => subject.organizations.push(text),
                USER_UID => subject.uids.push(text),
                _ => {}
            }
        }
        subject
    }

    fn to_name(&self) -> Result<Name, String> {
        let common_name = std::slice::from_ref(&self.common_name).iter();
        let parts = (self.organizations.iter().map(|o| (ORGANIZATION, o)))
            .chain(common_name.filter(|n| !n.is_empty()).map(|n| (COMMON_NAME, n)))
            .chain(self.uids.iter().map(|u| (USER_UID, u)))
            .map(|(oid, text)| relative(oid, text));
        Ok(RdnSequence(parts.collect::<Result<_, _>>()?))
    }
}

fn relative(oid: ObjectIdentifier, text: &str) -> Result<RelativeDistinguishedName, String> {
    let value = match PrintableStringRef::new(text) {
        Ok(printable) => Any::encode_from(&printable),
        Err(_) => Utf8StringRef::new(text).and_then(|text| Any::encode_from(&text)),
    };
    let value = value.map_err(words)?;
    let attribute = AttributeTypeAndValue { oid, value };
    SetOfVec::try_from(vec![attribute]).map(RelativeDistinguishedName).map_err(words)
}

/// A string of any ASN.1 type; the wide ones are rare and read as UTF-16.
fn string(value: &Any) -> String {
    match value.tag() {
        Tag::BmpString => {
            let units = value.value().chunks(2).map(|pair| match pair {
                [high, low] => u16::from_be_bytes([*high, *low]),
                _ => 0,
            });
            String::from_utf16_lossy(&units.collect::<Vec<_>>())
        }
        _ => String::from_utf8_lossy(value.value()).into_owned(),
    }
}

/// Names that a certificate or a request is for, beside its subject.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct AltNames {
    pub dns: Vec<String>,
    pub ips: Vec<IpAddr>,
    pub emails: Vec<String>,
    pub uris: Vec<String>,
}

impl AltNames {
    /// Sorts names into addresses and domain names.
    pub(crate) fn of(names: &[&str]) -> AltNames {
        let mut all = AltNames::default();
        for name in names {
            match name.parse() {
                Ok(ip) => all.ips.push(ip),
                Err(_) => all.dns.push((*name).to_owned()),
            }
        }
        all
    }

    fn read(names: &[GeneralName]) -> AltNames {
        let mut all = AltNames::default();
        for name in names {
            match name {
                GeneralName::DnsName(dns) => all.dns.push(dns.to_string()),
                GeneralName::Rfc822Name(email) => all.emails.push(email.to_string()),
                GeneralName::UniformResourceIdentifier(uri) => all.uris.push(uri.to_string()),
                GeneralName::IpAddress(bytes) => all.ips.extend(address(bytes.as_bytes())),
                // Kubernetes neither reads nor copies the rest.
                GeneralName::OtherName(_)
                | GeneralName::DirectoryName(_)
                | GeneralName::EdiPartyName(_)
                | GeneralName::RegisteredId(_) => {}
            }
        }
        all
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

/// A certificate, read but not believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    parsed: x509_cert::Certificate,
}

impl Certificate {
    /// Reads a DER-encoded certificate.
    ///
    /// # Errors
    /// It is no X.509 certificate.
    pub fn from_der(der: &[u8]) -> Result<Certificate, String> {
        let parsed = x509_cert::Certificate::from_der(der).map_err(words)?;
        Ok(Certificate { der: der.to_vec(), parsed })
    }

    /// Reads all certificates of a PEM text.
    ///
    /// # Errors
    /// There is none, or one of them is no X.509 certificate.
    pub fn all_from_pem(text: &str) -> Result<Vec<Certificate>, String> {
        let blocks = pem::blocks(text).into_iter();
        let mut certificates = blocks.filter(|block| block.label == "CERTIFICATE").peekable();
        if certificates.peek().is_none() {
            return Err("data does not contain any valid RSA or ECDSA certificates".to_owned());
        }
        certificates.map(|block| Certificate::from_der(&block.bytes)).collect()
    }

    /// The DER form.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The PEM form.
    pub fn pem(&self) -> String {
        pem::encode("CERTIFICATE", &self.der)
    }

    /// Whom it is for.
    pub fn subject(&self) -> Subject {
        Subject::read(&self.parsed.tbs_certificate.subject)
    }

    /// Who issued it.
    pub fn issuer(&self) -> Subject {
        Subject::read(&self.parsed.tbs_certificate.issuer)
    }

    /// From when on it counts.
    pub fn not_before(&self) -> Timestamp {
        timestamp(self.parsed.tbs_certificate.validity.not_before)
    }

    /// Until when it counts.
    pub fn not_after(&self) -> Timestamp {
        timestamp(self.parsed.tbs_certificate.validity.not_after)
    }

    /// Its public key.
    ///
    /// # Errors
    /// It is none of the kinds that [`PublicKey`] knows.
    pub fn public_key(&self) -> Result<PublicKey, String> {
        let spki = &self.parsed.tbs_certificate.subject_public_key_info;
        PublicKey::from_der(&spki.to_der().map_err(words)?)
    }

    /// The lower-case hexadecimal SHA-256 of the DER form.
    pub fn sha256(&self) -> String {
        Sha256::digest(&self.der).iter().fold(String::new(), |mut text, byte| {
            // Writing into a string does not fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    fn extension<'a, T: Decode<'a> + x509_cert::der::oid::AssociatedOid>(&'a self) -> Option<T> {
        self.parsed.tbs_certificate.get::<T>().ok().flatten().map(|(_, extension)| extension)
    }
}

fn timestamp(time: x509_cert::time::Time) -> Timestamp {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX)
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests;

/// How a key signs.
fn signature_algorithm(key: &SigningKey) -> Result<AlgorithmIdentifierOwned, String> {
    let (oid, parameters) = match key.public().algorithm() {
        jsonwebtoken::Algorithm::ES256 => ("1.2.840.10045.4.3.2", None),
        jsonwebtoken::Algorithm::ES384 => ("1.2.840.10045.4.3.3", None),
        _ => ("1.2.840.113549.1.1.11", Some(Any::from(Null))),
    };
    Ok(AlgorithmIdentifierOwned { oid: ObjectIdentifier::new(oid).map_err(words)?, parameters })
}

//! A certificate authority: its own certificate, serving and client certificates, and signed requests.

use super::request::SigningRequest;
use super::usages::{self, CLIENT_AUTH, DIGITAL_SIGNATURE, KEY_ENCIPHERMENT, SERVER_AUTH};
use super::{AltNames, Certificate, Subject, signature_algorithm, words};
use crate::tokens::{PublicKey, SigningKey};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;
use std::time::Duration;
use x509_cert::der::asn1::{BitString, GeneralizedTime, Ia5String, OctetString, UtcTime};
use x509_cert::der::oid::AssociatedOid;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, SubjectAltName, SubjectKeyIdentifier,
};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::SubjectPublicKeyInfoOwned;
use x509_cert::time::{Time, Validity};

/// How far back a signer dates what it signs.
const BACKDATE_SECONDS: i64 = 5 * 60;
/// What lives shorter than this is not shortened by the back-dating.
const SHORT_SECONDS: i64 = 8 * 60 * 60;
/// No request is signed for a shorter time.
const MIN_SECONDS: i64 = 10 * 60;

/// The common name of a cluster's authority.
const NAME: &str = "kubernetes";

/// The number and the time of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The serial number, from the caller's generator.
    pub serial: u128,
    /// From when on the certificate counts.
    pub not_before: Timestamp,
    /// Until when it counts.
    pub not_after: Timestamp,
}

impl Terms {
    /// The terms of a signed request: `expirationSeconds` (where the release knows it) within ten minutes and the
    /// signer's own duration (`cluster-signing-duration`), dated back by five minutes.
    pub fn of_request(
        serial: u128,
        now: Timestamp,
        asked_seconds: Option<i64>,
        signer_seconds: i64,
    ) -> Terms {
        let seconds = match asked_seconds {
            Some(asked) => asked.max(MIN_SECONDS).min(signer_seconds),
            None => signer_seconds,
        };
        let now = now.as_second();
        let start = now - BACKDATE_SECONDS;
        let end = if seconds < SHORT_SECONDS { now } else { start }.saturating_add(seconds);
        let at = |second| Timestamp::from_second(second).unwrap_or(Timestamp::MAX);
        Terms { serial, not_before: at(start), not_after: at(end) }
    }
}

/// A certificate authority.
#[derive(Clone, Debug)]
pub struct Authority {
    key: SigningKey,
    certificate: Certificate,
}

impl Authority {
    /// An authority with the shipped RSA key, `CN=kubernetes`. The key is public, hence for tests only.
    pub fn test_only(terms: &Terms) -> Authority {
        static KEY: LazyLock<Result<SigningKey, String>> =
            LazyLock::new(|| SigningKey::from_pem(include_str!("test-only-ca.key")));
        let authority = KEY.clone().and_then(|key| Authority::self_signed(key, NAME, terms));
        authority.expect("the shipped test key makes an authority")
    }

    /// The authority of a cluster, by its key or the shipped one: good for ten years from its start.
    pub fn of_cluster(start: Timestamp, seed: u64, key: Option<SigningKey>) -> Authority {
        let day = jiff::SignedDuration::from_hours(24);
        let serial = u128::from(seed) + 1;
        let terms = Terms { serial, not_before: start - day, not_after: start + day * 3650 };
        match key {
            Some(key) => Authority::self_signed(key, NAME, &terms).expect("a key makes an authority"),
            None => Authority::test_only(&terms),
        }
    }

    /// An authority of its own.
    ///
    /// # Errors
    /// The name cannot stand in a certificate.
    pub fn self_signed(key: SigningKey, common_name: &str, terms: &Terms) -> Result<Authority, String> {
        let subject = Subject::new(common_name, &[]).to_name()?;
        let usages = &[DIGITAL_SIGNATURE, KEY_ENCIPHERMENT, "cert sign"];
        let draft = Draft { authority: true, ..Draft::new(subject.clone(), key.public(), usages, *terms) };
        let certificate = draft.named(AltNames::of(&[common_name])).sign(&key, subject)?;
        Ok(Authority { key, certificate })
    }

    /// The authority's own certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// A certificate for a server of those names and addresses.
    ///
    /// # Errors
    /// A name cannot stand in a certificate.
    pub fn serving(
        &self,
        key: &PublicKey,
        common_name: &str,
        names: &[&str],
        terms: &Terms,
    ) -> Result<Certificate, String> {
        let subject = Subject::new(common_name, &[]).to_name()?;
        let draft = Draft::new(subject, key, &[DIGITAL_SIGNATURE, KEY_ENCIPHERMENT, SERVER_AUTH], *terms);
        self.issue(draft.named(AltNames::of(names)))
    }

    /// A certificate for a client: the common name is the user, the organizations are the groups.
    ///
    /// # Errors
    /// A name cannot stand in a certificate.
    pub fn client(&self, key: &PublicKey, subject: &Subject, terms: &Terms) -> Result<Certificate, String> {
        let usages = &[DIGITAL_SIGNATURE, KEY_ENCIPHERMENT, CLIENT_AUTH];
        self.issue(Draft::new(subject.to_name()?, key, usages, *terms))
    }

    /// Signs a request: subject, key and names are the request's, usages and terms the caller's.
    pub(crate) fn sign(
        &self,
        request: &SigningRequest,
        usages: &[&str],
        terms: &Terms,
    ) -> Result<Certificate, String> {
        if !request.signature_is_valid() {
            return Err(
                "unable to verify certificate request signature: x509: signature verification failed"
                    .to_owned(),
            );
        }
        let terms = Terms { not_after: terms.not_after.min(self.certificate.not_after()), ..*terms };
        let draft = Draft::new(request.name().clone(), &request.public_key()?, usages, terms);
        self.issue(draft.named(request.alt_names()))
    }

    fn issue(&self, draft: Draft<'_>) -> Result<Certificate, String> {
        let issuer = self.certificate.parsed.tbs_certificate.subject.clone();
        draft.sign(&self.key, issuer)
    }
}

/// What a certificate will say.
struct Draft<'a> {
    subject: Name,
    key: Vec<u8>,
    alt_names: AltNames,
    usages: &'a [&'a str],
    authority: bool,
    terms: Terms,
}

impl<'a> Draft<'a> {
    fn new(subject: Name, key: &PublicKey, usages: &'a [&'a str], terms: Terms) -> Draft<'a> {
        let key = key.der().to_vec();
        Draft { subject, key, alt_names: AltNames::default(), usages, authority: false, terms }
    }

    fn named(self, alt_names: AltNames) -> Draft<'a> {
        Draft { alt_names, ..self }
    }

    fn sign(self, key: &SigningKey, issuer: Name) -> Result<Certificate, String> {
        let algorithm = signature_algorithm(key)?;
        let tbs = x509_cert::TbsCertificate {
            version: x509_cert::certificate::Version::V3,
            serial_number: SerialNumber::new(&self.terms.serial.max(1).to_be_bytes()).map_err(words)?,
            signature: algorithm.clone(),
            issuer,
            validity: Validity {
                not_before: time(self.terms.not_before)?,
                not_after: time(self.terms.not_after)?,
            },
            extensions: Some(self.extensions(key.public())?),
            subject: self.subject,
            subject_public_key_info: SubjectPublicKeyInfoOwned::from_der(&self.key).map_err(words)?,
            issuer_unique_id: None,
            subject_unique_id: None,
        };
        let signature = key.sign(&tbs.to_der().map_err(words)?);
        let signed = x509_cert::Certificate {
            tbs_certificate: tbs,
            signature_algorithm: algorithm,
            signature: BitString::from_bytes(&signature).map_err(words)?,
        };
        Certificate::from_der(&signed.to_der().map_err(words)?)
    }

    fn extensions(&self, issuer_key: &PublicKey) -> Result<Vec<Extension>, String> {
        let mut extensions = Vec::new();
        let bits = usages::bits(self.usages);
        if !bits.0.is_empty() {
            extensions.push(extension(true, &bits)?);
        }
        let purposes = usages::purposes(self.usages);
        if !purposes.is_empty() {
            extensions.push(extension(false, &ExtendedKeyUsage(purposes))?);
        }
        let constraints = BasicConstraints { ca: self.authority, path_len_constraint: None };
        extensions.push(extension(true, &constraints)?);
        if self.authority {
            extensions.push(extension(false, &SubjectKeyIdentifier(key_id(&self.key)?))?);
        } else {
            let authority = AuthorityKeyIdentifier {
                key_identifier: Some(key_id(issuer_key.der())?),
                ..AuthorityKeyIdentifier::default()
            };
            extensions.push(extension(false, &authority)?);
        }
        let names = general_names(&self.alt_names)?;
        if !names.is_empty() {
            extensions.push(extension(false, &SubjectAltName(names))?);
        }
        Ok(extensions)
    }
}

fn extension<T: AssociatedOid + Encode>(critical: bool, value: &T) -> Result<Extension, String> {
    Ok(Extension {
        extn_id: T::OID,
        critical,
        extn_value: OctetString::new(value.to_der().map_err(words)?).map_err(words)?,
    })
}

/// A key identifier: the first 160 bits of the SHA-256 of the key (RFC 7093).
fn key_id(der: &[u8]) -> Result<OctetString, String> {
    OctetString::new(&Sha256::digest(der)[..20]).map_err(words)
}

fn general_names(names: &AltNames) -> Result<Vec<GeneralName>, String> {
    let text = |text: &String| Ia5String::new(text).map_err(|_| format!("`{text}` is not ASCII"));
    let mut all = Vec::new();
    for dns in &names.dns {
        all.push(GeneralName::DnsName(text(dns)?));
    }
    for email in &names.emails {
        all.push(GeneralName::Rfc822Name(text(email)?));
    }
    all.extend(names.ips.iter().map(|ip| GeneralName::from(*ip)));
    for uri in &names.uris {
        all.push(GeneralName::UniformResourceIdentifier(text(uri)?));
    }
    Ok(all)
}

/// UTCTime until 2049, as RFC 5280 wants it.
fn time(at: Timestamp) -> Result<Time, String> {
    let since = u64::try_from(at.as_second()).map_err(|_| "certificates begin in 1970".to_owned())?;
    let since = Duration::from_secs(since);
    UtcTime::from_unix_duration(since)
        .map(Time::UtcTime)
        .or_else(|_| GeneralizedTime::from_unix_duration(since).map(Time::GeneralTime))
        .map_err(words)
}

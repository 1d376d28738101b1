//! Client certificates as credentials (`apiserver/pkg/authentication/request/x509`).
//!
//! # Differs from Kubernetes
//! A certificate must be signed by one of the bundle's own: intermediate certificates of the handshake are not read.

use super::{Certificate, usages};
use crate::api::differences::{CERTIFICATE_IDS, CERTIFICATE_UIDS};
use crate::api::field::quote;
use crate::api::{User, Version};
use jiff::Timestamp;
use x509_cert::der::Encode;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage};

/// The certificates that client certificates are checked against (`client-ca-file`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bundle(Vec<Certificate>);

/// Why a client certificate is not believed. Shown in Go's words, as the server's log has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It cannot be read.
    Malformed(String),
    /// Its time is over, or its authority's.
    Expired { now: Timestamp, at: Timestamp },
    /// Its time has not come.
    NotYetValid { now: Timestamp, from: Timestamp },
    /// No authority of the bundle has the issuer's name.
    UnknownAuthority,
    /// An authority of that name is there, but did not sign it.
    BadSignature { issuer: String },
    /// The issuer is in the bundle but is no authority.
    NotAnAuthority,
    /// It is not for clients.
    WrongUsage,
    /// It carries more than one uid.
    ManyUids(Vec<String>),
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let expired = "x509: certificate has expired or is not yet valid";
        match self {
            Refusal::Malformed(why) => write!(f, "x509: malformed certificate: {why}"),
            Refusal::Expired { now, at } => write!(f, "{expired}: current time {now} is after {at}"),
            Refusal::NotYetValid { now, from } => write!(f, "{expired}: current time {now} is before {from}"),
            Refusal::UnknownAuthority => write!(f, "x509: certificate signed by unknown authority"),
            Refusal::BadSignature { issuer } => write!(
                f,
                "x509: certificate signed by unknown authority (possibly because of \"verification error\" while trying \
                 to verify candidate authority certificate {})",
                quote(issuer)
            ),
            Refusal::NotAnAuthority => {
                write!(f, "x509: invalid signature: parent certificate cannot sign this kind of certificate")
            }
            Refusal::WrongUsage => write!(f, "x509: certificate specifies an incompatible key usage"),
            Refusal::ManyUids(uids) => write!(f, "expected 1 UID, but found multiple: [{}]", uids.join(" ")),
        }
    }
}

impl Bundle {
    /// Reads a PEM text.
    pub(crate) fn from_pem(text: &str) -> Result<Bundle, String> {
        Certificate::all_from_pem(text).map(Bundle)
    }

    /// Checks a DER-encoded client certificate.
    pub(crate) fn verify(&self, der: &[u8], now: Timestamp) -> Result<Certificate, Refusal> {
        let certificate = Certificate::from_der(der).map_err(Refusal::Malformed)?;
        in_time(&certificate, now)?;
        self.issuer_of(&certificate, now)?;
        match certificate.is_for_clients() {
            true => Ok(certificate),
            false => Err(Refusal::WrongUsage),
        }
    }

    /// The first authority that has the issuer's name, is one, and signed; otherwise what the last candidate lacks.
    fn issuer_of(&self, certificate: &Certificate, now: Timestamp) -> Result<(), Refusal> {
        let name = &certificate.parsed.tbs_certificate.issuer;
        let mut why = Refusal::UnknownAuthority;
        for candidate in &self.0 {
            if candidate.parsed.tbs_certificate.subject != *name {
                continue;
            }
            let verdict = match (candidate.is_authority(), certificate.is_signed_by(candidate)) {
                (false, _) => Err(Refusal::NotAnAuthority),
                (true, false) => Err(Refusal::BadSignature { issuer: certificate.issuer().common_name }),
                (true, true) => in_time(candidate, now),
            };
            match verdict {
                Ok(()) => return Ok(()),
                Err(refusal) => why = refusal,
            }
        }
        Err(why)
    }
}

fn in_time(certificate: &Certificate, now: Timestamp) -> Result<(), Refusal> {
    let (from, at) = (certificate.not_before(), certificate.not_after());
    if now < from {
        return Err(Refusal::NotYetValid { now, from });
    }
    if now > at {
        return Err(Refusal::Expired { now, at });
    }
    Ok(())
}

impl Certificate {
    /// Whether it may be used by a client: it says so, or says nothing.
    fn is_for_clients(&self) -> bool {
        match self.extension::<ExtendedKeyUsage>() {
            None => true,
            Some(ExtendedKeyUsage(purposes)) => ["any", usages::CLIENT_AUTH]
                .iter()
                .any(|usage| usages::purpose(usage).is_some_and(|oid| purposes.contains(&oid))),
        }
    }

    fn is_authority(&self) -> bool {
        self.extension::<BasicConstraints>().is_some_and(|c| c.ca)
    }

    fn is_signed_by(&self, issuer: &Certificate) -> bool {
        let (Ok(key), Ok(message)) = (issuer.public_key(), self.parsed.tbs_certificate.to_der()) else {
            return false;
        };
        let algorithm = self.parsed.signature_algorithm.oid.to_string();
        key.verifies(&algorithm, &message, self.parsed.signature.raw_bytes())
    }

    /// The user of a verified certificate; none if it has no common name, so that the next authenticator is asked.
    pub(crate) fn user(&self, version: Version) -> Result<Option<User>, Refusal> {
        let subject = self.subject();
        if subject.common_name.is_empty() {
            return Ok(None);
        }
        let mut user = User { name: subject.common_name, groups: subject.organizations, ..User::default() };
        // AllowParsingUserUIDFromCertAuth.
        if version.has(CERTIFICATE_UIDS) {
            match subject.uids.as_slice() {
                [] => {}
                [uid] => user.uid = uid.clone(),
                _ => return Err(Refusal::ManyUids(subject.uids)),
            }
        }
        if version.has(CERTIFICATE_IDS) {
            user.extra.insert(
                "authentication.kubernetes.io/credential-id".to_owned(),
                vec![format!("X509SHA256={}", self.sha256())],
            );
        }
        Ok(Some(user))
    }
}

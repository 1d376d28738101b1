//! Whom a certificate request asks a certificate for.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::Decode;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::request::CertReq;

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const ORGANIZATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");

/// A subject as far as Kubernetes reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Subject {
    /// The user's name.
    pub(crate) common_name: String,
    /// The user's groups.
    pub(crate) organizations: Vec<String>,
}

impl Subject {
    /// The subject of `spec.request`: PEM in base64.
    pub(crate) fn of_request(request: &str) -> Result<Subject, String> {
        let broken = || "PEM block type must be CERTIFICATE REQUEST".to_owned();
        let pem = STANDARD.decode(request).map_err(|_| broken())?;
        let pem = String::from_utf8_lossy(&pem);
        let body = pem
            .split_once("-----BEGIN CERTIFICATE REQUEST-----")
            .and_then(|(_, rest)| rest.split_once("-----END CERTIFICATE REQUEST-----"))
            .map(|(body, _)| body.split_whitespace().collect::<String>())
            .ok_or_else(broken)?;
        let der = STANDARD.decode(body).map_err(|_| broken())?;
        let request = CertReq::from_der(&der).map_err(|error| error.to_string())?;
        let names = request.info.subject.0.iter().flat_map(|set| set.0.iter());
        let mut subject = Subject::default();
        for attribute in names {
            if attribute.oid == COMMON_NAME {
                subject.common_name = text(attribute);
            } else if attribute.oid == ORGANIZATION {
                subject.organizations.push(text(attribute));
            }
        }
        Ok(subject)
    }
}

fn text(attribute: &AttributeTypeAndValue) -> String {
    String::from_utf8_lossy(attribute.value.value()).into_owned()
}

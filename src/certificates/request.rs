//! Certificate signing requests (PKCS #10) as certificates.k8s.io carries them (`pkg/apis/certificates.ParseCSR`).

use super::{AltNames, Subject, signature_algorithm, words};
use crate::tokens::{PublicKey, SigningKey, pem};
use x509_cert::attr::Attributes;
use x509_cert::der::asn1::BitString;
use x509_cert::der::oid::AssociatedOid;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::name::Name;
use x509_cert::request::{CertReq, CertReqInfo, ExtensionReq, Version};
use x509_cert::spki::SubjectPublicKeyInfoOwned;

/// A request for a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SigningRequest(CertReq);

impl SigningRequest {
    /// Reads the first block of a PEM text; an error is what a 422 says of `spec.request`.
    pub(crate) fn from_pem(text: &str) -> Result<SigningRequest, String> {
        match pem::blocks(text).first() {
            Some(block) if block.label == "CERTIFICATE REQUEST" => {
                CertReq::from_der(&block.bytes).map(SigningRequest).map_err(words)
            }
            _ => Err("PEM block type must be CERTIFICATE REQUEST".to_owned()),
        }
    }

    /// A request for a certificate of that subject and key, as PEM.
    ///
    /// # Errors
    /// A name cannot stand in a certificate.
    pub(crate) fn written(subject: &Subject, key: &SigningKey) -> Result<String, String> {
        let info = CertReqInfo {
            version: Version::V1,
            subject: subject.to_name()?,
            public_key: SubjectPublicKeyInfoOwned::from_der(key.public().der()).map_err(words)?,
            attributes: Attributes::new(),
        };
        let signature = key.sign(&info.to_der().map_err(words)?);
        let request = CertReq {
            info,
            algorithm: signature_algorithm(key)?,
            signature: BitString::from_bytes(&signature).map_err(words)?,
        };
        Ok(pem::encode("CERTIFICATE REQUEST", &request.to_der().map_err(words)?))
    }

    /// Whom the certificate shall be for.
    pub(crate) fn subject(&self) -> Subject {
        Subject::read(&self.0.info.subject)
    }

    /// The names that it asks for.
    pub(crate) fn alt_names(&self) -> AltNames {
        let requested = self.0.info.attributes.iter().filter(|a| a.oid == ExtensionReq::OID);
        let extensions = requested
            .flat_map(|attribute| attribute.values.iter())
            .filter_map(|value| ExtensionReq::from_der(&value.to_der().ok()?).ok())
            .flat_map(|request| request.0);
        extensions
            .filter(|extension| extension.extn_id == SubjectAltName::OID)
            .find_map(|extension| SubjectAltName::from_der(extension.extn_value.as_bytes()).ok())
            .map(|names| AltNames::read(&names.0))
            .unwrap_or_default()
    }

    /// The key that the certificate shall be for.
    pub(crate) fn public_key(&self) -> Result<PublicKey, String> {
        PublicKey::from_der(&self.0.info.public_key.to_der().map_err(words)?)
    }

    /// Whether whoever asks has the key.
    pub(crate) fn signature_is_valid(&self) -> bool {
        let (Ok(key), Ok(message)) = (self.public_key(), self.0.info.to_der()) else {
            return false;
        };
        key.verifies(&self.0.algorithm.oid.to_string(), &message, self.0.signature.raw_bytes())
    }

    pub(super) fn name(&self) -> &Name {
        &self.0.info.subject
    }
}

//! Whom a webhook's caller trusts: the certificates of `caBundle`, or nobody; and as whom it comes, if it shows a
//! certificate itself.
//!
//! A certificate that stands in the bundle itself is trusted as it is, as Go does; rustls alone would take it for an
//! authority and refuse it as a server.

use super::tls::signatures;
use crate::api::Dig;
use crate::json::Value;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::sync::Arc;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

/// A client's configuration: `caBundle` or `insecure`, and `certificate` with `key`, each PEM in base64.
pub(super) fn by(client: &Value) -> Result<ClientConfig, String> {
    let provider = Arc::new(ring::default_provider());
    let pem = |field: &str| STANDARD.decode(client.text(field)).unwrap_or_default();
    let certificates = |field: &str| -> Vec<CertificateDer<'static>> {
        CertificateDer::pem_slice_iter(&pem(field)).filter_map(Result::ok).collect()
    };
    let given = certificates("caBundle");
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(given.iter().cloned());
    let config = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Bundle {
            roots,
            given,
            anybody: client.flag("insecure"),
            provider,
        }));
    if !client.has("certificate") {
        return Ok(config.with_no_client_auth());
    }
    let key = PrivateKeyDer::from_pem_slice(&pem("key"))
        .map_err(|_| "tls: failed to find any PEM data in key input".to_owned())?;
    config.with_client_auth_cert(certificates("certificate"), key).map_err(|error| format!("tls: {error}"))
}

/// What went wrong in a handshake, in Go's words.
pub(super) fn words(error: &std::io::Error, host: &str) -> String {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
    let Some(Error::InvalidCertificate(wrong)) = inner else {
        return match inner {
            Some(other) => format!("tls: {other}"),
            None => "EOF".to_owned(),
        };
    };
    let why = match wrong {
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. } => {
            "certificate has expired or is not yet valid".to_owned()
        }
        CertificateError::NotValidForNameContext { presented, .. } => {
            let names =
                presented.iter().map(|name| name.split('"').nth(1).unwrap_or(name)).collect::<Vec<_>>();
            format!("certificate is valid for {}, not {host}", names.join(", "))
        }
        CertificateError::NotValidForName => {
            format!("certificate is not valid for any names, but wanted to match {host}")
        }
        _ => "certificate signed by unknown authority".to_owned(),
    };
    format!("tls: failed to verify certificate: x509: {why}")
}

#[derive(Debug)]
struct Bundle {
    roots: RootCertStore,
    given: Vec<CertificateDer<'static>>,
    /// Whether anybody is trusted.
    anybody: bool,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Bundle {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if self.anybody {
            return Ok(ServerCertVerified::assertion());
        }
        let parsed = ParsedCertificate::try_from(end_entity)?;
        if !self.given.iter().any(|given| given == end_entity) {
            let algorithms = self.provider.signature_verification_algorithms.all;
            verify_server_cert_signed_by_trust_anchor(&parsed, &self.roots, intermediates, now, algorithms)?;
        }
        verify_server_name(&parsed, server_name)?;
        Ok(ServerCertVerified::assertion())
    }

    signatures!();
}

//! Client certificates: the common name is the user, the organizations are the groups
//! (`authentication/request/x509`).

use crate::api::User;
use jiff::Timestamp;

/// What client certificates are judged by.
#[derive(Clone, Debug, Default)]
pub struct ClientCertificates {}

impl ClientCertificates {
    /// Recognises the user of a certificate (DER), or says what is wrong with it.
    pub fn recognise(&self, _der: &[u8], _now: Timestamp) -> Result<User, String> {
        Err("certificate signed by unknown authority".to_owned())
    }
}

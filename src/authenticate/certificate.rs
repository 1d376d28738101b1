//! Client certificates: the common name is the user, the organizations are the groups
//! (`authentication/request/x509`).

use super::Attempt;
use crate::api::{User, Version};
use crate::certificates::Bundle;
use crate::config::Config;
use crate::error::Error;
use jiff::Timestamp;

/// What client certificates are judged by; without `--client-ca-file` nobody looks at them.
#[derive(Clone, Debug)]
pub struct ClientCertificates {
    version: Version,
    bundle: Option<Bundle>,
}

impl ClientCertificates {
    /// The authorities that the flags name.
    pub fn new(config: &Config) -> Result<ClientCertificates, Error> {
        let bundle = match &config.client_ca {
            Some(file) => {
                let text = String::from_utf8_lossy(&file.text);
                Some(Bundle::from_pem(&text).map_err(|why| Error::new(why).in_file(&file.path))?)
            }
            None => None,
        };
        Ok(ClientCertificates { version: config.version, bundle })
    }

    /// Recognises the user of a certificate (DER), or says what is wrong with it.
    pub fn recognise(&self, der: &[u8], now: Timestamp) -> Attempt<User> {
        let Some(bundle) = &self.bundle else { return Ok(None) };
        let certificate = bundle.verify(der, now).map_err(|refusal| refusal.to_string())?;
        certificate.user(self.version).map_err(|refusal| refusal.to_string())
    }
}

//! From a URL to a connection that curl trusts.

use super::super::pod::Pod;
use super::Problem;
use super::options::Options;
use super::url::Url;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::net::IpAddr;
use std::sync::Arc;

/// The service whose names lead to the API server.
const SERVICE: &str = "kubernetes.default.svc.cluster.local";
const PORT: u16 = 443;

const UNTRUSTED: &str = "SSL certificate problem: unable to get local issuer certificate\n\
    More details here: https://curl.se/docs/sslcerts.html\n\n\
    curl failed to verify the legitimacy of the server and therefore could not\n\
    establish a secure connection to it. To learn more about this situation and\n\
    how to fix it, please visit the web page mentioned above.";

/// Whether a request may be sent to a URL: the name is known, somebody listens, the certificate is good.
pub(super) fn connect(url: &Url, options: &Options, pod: &dyn Pod) -> Result<(), Problem> {
    let address =
        resolve(&url.host, pod).ok_or_else(|| Problem(6, format!("Could not resolve host: {}", url.host)))?;
    let served = address.is_some_and(|a| pod.server_addresses().contains(&a)) && url.port == PORT;
    if !served {
        return Err(Problem(
            7,
            format!(
                "Failed to connect to {} port {} after 0 ms: Couldn't connect to server",
                url.host, url.port
            ),
        ));
    }
    if !url.https {
        return Err(Problem(
            1,
            "plain HTTP to the API server's port is not modelled: it answers 400, \"Client sent an HTTP request to an HTTPS server.\"".to_owned(),
        ));
    }
    if options.has("insecure") {
        return Ok(());
    }
    let trusted = match options.get("cacert") {
        None => false,
        Some(path) => {
            let text = pod.file(path);
            let text = text.ok_or_else(|| {
                Problem(
                    77,
                    format!("error setting certificate verify locations:  CAfile: {path} CApath: none"),
                )
            })?;
            let wanted = certificates(&pod.server_ca());
            certificates(&text).iter().any(|c| wanted.contains(c))
        }
    };
    if !trusted {
        return Err(Problem(60, UNTRUSTED.to_owned()));
    }
    if !pod.server_names().iter().any(|name| name.eq_ignore_ascii_case(&url.host)) {
        return Err(Problem(
            60,
            format!("SSL: no alternative certificate subject name matches target host name '{}'", url.host),
        ));
    }
    Ok(())
}

/// The address that a host leads to; the inner `None` is an address where nobody is.
fn resolve(host: &str, pod: &dyn Pod) -> Option<Option<String>> {
    if host.parse::<IpAddr>().is_ok() {
        return Some(Some(host.to_owned()));
    }
    if host == "localhost" {
        return Some(None);
    }
    if !pod.dns() {
        return None;
    }
    let search =
        ["", &format!(".{}.svc.cluster.local", pod.namespace()), ".svc.cluster.local", ".cluster.local"];
    let full = host.strip_suffix('.');
    let found = match full {
        Some(absolute) => absolute == SERVICE,
        None => search.iter().any(|domain| format!("{host}{domain}") == SERVICE),
    };
    found.then(|| pod.server_addresses().into_iter().next())
}

/// The certificates of a PEM text, as their base64.
fn certificates(pem: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = pem;
    while let Some((_, tail)) = rest.split_once("-----BEGIN CERTIFICATE-----") {
        let Some((inner, after)) = tail.split_once("-----END CERTIFICATE-----") else {
            break;
        };
        found.push(inner.split_whitespace().collect());
        rest = after;
    }
    found
}

/// The certificate (DER) that curl shows of itself.
pub(super) fn client_certificate(path: &str, options: &Options, pod: &dyn Pod) -> Result<Arc<[u8]>, Problem> {
    let unreadable = || {
        Problem(
            58,
            format!(
                "could not load PEM client certificate from {path}, (no key found, wrong pass phrase, or wrong file format?)"
            ),
        )
    };
    let text = pod.file(path).ok_or_else(unreadable)?;
    let der = certificates(&text).first().and_then(|c| STANDARD.decode(c).ok()).ok_or_else(unreadable)?;
    let key = match options.get("key") {
        Some(key) => pod.file(key).unwrap_or_default(),
        None => text,
    };
    if !key.contains("PRIVATE KEY-----") {
        let key = options.get("key").unwrap_or(path);
        return Err(Problem(58, format!("unable to set private key file: '{key}' type PEM")));
    }
    Ok(der.into())
}

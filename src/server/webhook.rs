//! Calls of webhooks over HTTPS, and the reading of what issuers publish; errors have the words of Go's `net`, `tls` and
//! `x509`.
//!
//! # Differs from Kubernetes
//! There is no cluster network: nobody listens at a service's address. Whom this machine trusts counts for nothing: an issuer
//! without authorities of its own (`certificateAuthority`) is not trusted.

use super::trust;
use crate::admit::{Heard, Post};
use crate::api::Get;
use crate::json::Value;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

/// The longest answer that is read (`webhook.maxResponseBytes`).
const ANSWER: usize = 3 * 1024 * 1024;

/// Calls webhooks, all at the same time.
pub(super) async fn perform(posts: Vec<Post>) -> Vec<Heard> {
    let calls: Vec<_> = posts.into_iter().map(|post| tokio::spawn(call(post))).collect();
    let mut heard = Vec::new();
    for call in calls {
        heard.push(call.await.unwrap_or_else(|_| Heard::Failed("EOF".to_owned())));
    }
    heard
}

async fn call(call: Post) -> Heard {
    heard(call.timeout, post(&call)).await.0
}

/// Reads a document; and for how long it counts.
pub(super) async fn read(document: &Get) -> (Heard, Duration) {
    let to = To { url: &document.url, dial: None, client_config: &document.client_config };
    heard(
        document.timeout,
        exchange(to, Request::builder().header(USER_AGENT, "Go-http-client/1.1"), String::new()),
    )
    .await
}

async fn heard(
    timeout: Duration,
    exchange: impl Future<Output = Result<(Heard, Duration), String>>,
) -> (Heard, Duration) {
    match tokio::time::timeout(timeout, exchange).await {
        Ok(Ok(heard)) => heard,
        Ok(Err(why)) => (Heard::Failed(why), Duration::ZERO),
        Err(_) => (Heard::TimedOut, Duration::ZERO),
    }
}

async fn post(call: &Post) -> Result<(Heard, Duration), String> {
    let to = To { url: &call.target(), dial: call.dial.as_deref(), client_config: &call.client_config };
    let agent = if call.webhook.is_empty() { "kube-apiserver" } else { "kube-apiserver-admission" };
    let mut request = Request::builder()
        .method("POST")
        .header(CONTENT_TYPE, "application/json")
        .header(ACCEPT, "application/json, */*")
        .header(USER_AGENT, agent);
    if let Some(credential) = call.client_config.get("authorization").and_then(Value::as_str) {
        request = request.header(AUTHORIZATION, credential);
    }
    exchange(to, request, call.review.to_string()).await
}

/// Where a request goes, and whom its server is trusted by.
struct To<'a> {
    url: &'a str,
    dial: Option<&'a str>,
    client_config: &'a Value,
}

/// A request and its answer; and for how long that counts.
async fn exchange(
    to: To<'_>,
    request: hyper::http::request::Builder,
    body: String,
) -> Result<(Heard, Duration), String> {
    let uri: Uri = to.url.parse().map_err(|error: hyper::http::uri::InvalidUri| error.to_string())?;
    let host = uri.host().unwrap_or_default();
    let stream = match to.dial {
        Some(address) => return Err(format!("dial tcp {address}: connect: connection refused")),
        None => dial(host, uri.port_u16().unwrap_or(443)).await?,
    };
    let bare = host.trim_matches(['[', ']']);
    let name =
        ServerName::try_from(bare.to_owned()).map_err(|_| format!("tls: invalid server name {bare}"))?;
    let config = trust::by(to.client_config)?;
    let connected = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    let stream = connected.map_err(|error| trust::words(&error, bare))?;
    let broken = |_: hyper::Error| "EOF".to_owned();
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    let connection = tokio::spawn(connection);
    let request = request
        .uri(uri.path_and_query().map_or("/", |target| target.as_str()))
        .header(HOST, uri.authority().map_or(host, |authority| authority.as_str()))
        .body(Full::new(Bytes::from(body)))
        .map_err(|error| error.to_string())?;
    let response = sender.send_request(request).await.map_err(broken)?;
    let code = response.status().as_u16();
    let header =
        |name| response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (media, fresh) = (header(CONTENT_TYPE).to_owned(), freshness(header(CACHE_CONTROL)));
    let body = Limited::new(response.into_body(), ANSWER)
        .collect()
        .await
        .map_err(|_| "unexpected EOF".to_owned())?;
    connection.abort();
    Ok((Heard::Http { code, media, body: Arc::from(body.to_bytes().as_ref()) }, fresh))
}

/// For how long a shared cache may keep what comes with a `Cache-Control` (`pquerna/cachecontrol`); `Expires` is not looked
/// at.
fn freshness(control: &str) -> Duration {
    let directives: Vec<(String, &str)> = control
        .split(',')
        .map(|directive| directive.split_once('=').unwrap_or((directive, "")))
        .map(|(name, value)| (name.trim().to_ascii_lowercase(), value.trim().trim_matches('"')))
        .collect();
    let value = |wanted: &str| directives.iter().find(|(name, _)| name == wanted).map(|(_, value)| *value);
    if ["no-store", "no-cache", "private"].into_iter().any(|never| value(never).is_some()) {
        return Duration::ZERO;
    }
    let seconds = value("s-maxage").or(value("max-age")).and_then(|text| text.parse().ok());
    Duration::from_secs(seconds.unwrap_or_default())
}

#[expect(clippy::disallowed_methods, reason = "the server's way out, to webhooks")]
async fn dial(host: &str, port: u16) -> Result<TcpStream, String> {
    let bare = host.trim_matches(['[', ']']);
    let found = tokio::net::lookup_host((bare, port))
        .await
        .map_err(|_| format!("dial tcp: lookup {bare}: no such host"))?;
    let mut failed = format!("dial tcp: lookup {bare}: no such host");
    for address in found {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => failed = format!("dial tcp {address}: connect: {}", words(error.kind())),
        }
    }
    Err(failed)
}

fn words(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::ConnectionRefused => "connection refused",
        ErrorKind::HostUnreachable => "no route to host",
        ErrorKind::NetworkUnreachable => "network is unreachable",
        ErrorKind::ConnectionReset => "connection reset by peer",
        _ => "connection timed out",
    }
}

#[cfg(test)]
mod tests {
    use super::freshness;

    #[test]
    fn a_cache_control_says_how_long_a_document_counts() {
        for (control, seconds) in [
            ("", 0),
            ("public, max-age=3600", 3600),
            ("Max-Age=\"60\", must-revalidate", 60),
            ("s-maxage=5, max-age=3600", 5),
            ("no-store, max-age=3600", 0),
            ("private, max-age=3600", 0),
            ("max-age=-1", 0),
        ] {
            assert_eq!(freshness(control).as_secs(), seconds, "{control}");
        }
    }
}

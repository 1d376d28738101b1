//! Calls of webhooks over HTTPS; errors have the words of Go's `net`, `tls` and `x509`.
//!
//! # Differs from Kubernetes
//! There is no cluster network: nobody listens at a service's address.

use super::trust;
use crate::admit::{Heard, Post};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Request, Uri};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::io::ErrorKind;
use std::sync::Arc;
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
    match tokio::time::timeout(call.timeout, post(&call)).await {
        Ok(Ok(heard)) => heard,
        Ok(Err(why)) => Heard::Failed(why),
        Err(_) => Heard::TimedOut,
    }
}

async fn post(call: &Post) -> Result<Heard, String> {
    let uri: Uri = call.target().parse().map_err(|error: hyper::http::uri::InvalidUri| error.to_string())?;
    let host = uri.host().unwrap_or_default();
    let stream = match &call.dial {
        Some(address) => return Err(format!("dial tcp {address}: connect: connection refused")),
        None => dial(host, uri.port_u16().unwrap_or(443)).await?,
    };
    let bare = host.trim_matches(['[', ']']);
    let name =
        ServerName::try_from(bare.to_owned()).map_err(|_| format!("tls: invalid server name {bare}"))?;
    let config = trust::by(&call.client_config)?;
    let connected = TlsConnector::from(Arc::new(config)).connect(name, stream).await;
    let stream = connected.map_err(|error| trust::words(&error, bare))?;
    let broken = |_: hyper::Error| "EOF".to_owned();
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(broken)?;
    let connection = tokio::spawn(connection);
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let mut request = Request::post(target)
        .header(HOST, uri.authority().map_or(host, |authority| authority.as_str()))
        .header(CONTENT_TYPE, "application/json")
        .header(ACCEPT, "application/json, */*")
        .header(
            USER_AGENT,
            if call.webhook.is_empty() { "kube-apiserver" } else { "kube-apiserver-admission" },
        );
    if let Some(credential) = call.client_config.get("authorization").and_then(Value::as_str) {
        request = request.header(AUTHORIZATION, credential);
    }
    let request =
        request.body(Full::new(Bytes::from(call.review.to_string()))).map_err(|error| error.to_string())?;
    let response = sender.send_request(request).await.map_err(broken)?;
    let code = response.status().as_u16();
    let media = response
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let body = Limited::new(response.into_body(), ANSWER)
        .collect()
        .await
        .map_err(|_| "unexpected EOF".to_owned())?;
    connection.abort();
    Ok(Heard::Http { code, media, body: Arc::from(body.to_bytes().as_ref()) })
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

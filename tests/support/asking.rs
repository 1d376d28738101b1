//! Somebody who asks a server over HTTP/1.1, request by request, on one connection.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use kubeverdict::json::Value;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// A connection, and the token that goes with each request.
pub(crate) struct Asker {
    at: SocketAddr,
    connector: TlsConnector,
    token: &'static str,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Asker {
    /// Of somebody with a token, who trusts a certificate (DER).
    pub(crate) fn new(at: SocketAddr, root: &[u8], token: &'static str) -> Asker {
        let mut roots = RootCertStore::empty();
        roots.add(root.to_vec().into()).expect("a root");
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Asker { at, connector: TlsConnector::from(Arc::new(config)), token, sender: None }
    }

    /// Sends a request; the answer may still be under way.
    pub(crate) async fn send(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> Result<hyper::Response<Incoming>, String> {
        if self.sender.as_ref().is_none_or(SendRequest::is_closed) {
            let stream = TcpStream::connect(self.at).await.map_err(|error| error.to_string())?;
            let name = ServerName::try_from("localhost").expect("a name");
            let stream = self.connector.connect(name, stream).await.map_err(|error| error.to_string())?;
            let (sender, connection) =
                handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
            tokio::spawn(connection.with_upgrades());
            self.sender = Some(sender);
        }
        let sender = self.sender.as_mut().expect("it was made");
        sender.ready().await.map_err(|error| error.to_string())?;
        let mut request = hyper::Request::builder().method(method).uri(path).header("Host", "localhost");
        if !self.token.is_empty() {
            request = request.header("Authorization", format!("Bearer {}", self.token));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body)).map_err(|error| error.to_string())?;
        sender.send_request(request).await.map_err(|error| error.to_string())
    }

    /// One request with a JSON body, or none: the code, and the answer's body.
    pub(crate) async fn ask(&mut self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        let (code, text) = self.read(method, path, &[("Content-Type", "application/json")], body).await;
        (code, serde_json::from_slice(&text).unwrap_or_default())
    }

    /// One request, and its answer as it came.
    pub(crate) async fn read(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> (u16, Bytes) {
        let answer = self.send(method, path, headers, body).await;
        let answer = answer.unwrap_or_else(|why| panic!("{method} {path}: {why}"));
        let code = answer.status().as_u16();
        let body = answer.into_body().collect().await;
        (code, body.unwrap_or_else(|why| panic!("{method} {path}: {why}")).to_bytes())
    }
}

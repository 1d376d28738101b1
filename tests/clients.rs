//! Many clients at once, well-behaved, hasty and hostile: no panic, no wrong answer, memory steady.

#[path = "support/serving.rs"]
mod serving;

use kubeverdict::api::Version;
use kubeverdict::config::Config;
use kubeverdict::server::Server;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};

const CLIENTS: usize = 200;
const REQUESTS: usize = 200;

type Connection = BufReader<TlsStream<TcpStream>>;

#[test]
fn two_hundred_clients_at_once() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (server, connector) = server().await;
        let at = server.address().expect("an address");
        let serving = tokio::spawn(server.run(std::future::pending()));
        // The first round fills caches and allocator; memory must not grow with the second.
        round(at, &connector, 0).await;
        let before = resident();
        round(at, &connector, 1).await;
        let grown = resident().saturating_sub(before);
        assert!(grown < 256 << 20, "memory grew by {grown} bytes in one round");
        serving.abort();
    });
}

/// All clients once; every one has a namespace's config map of its own.
async fn round(at: SocketAddr, connector: &TlsConnector, round: usize) {
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let connector = connector.clone();
            tokio::spawn(async move {
                match number % 10 {
                    7 => hasty(at, &connector).await,
                    8 => hostile(at, &connector).await,
                    _ => well_behaved(at, &connector, &format!("c{round}-{number}")).await,
                }
            })
        })
        .collect();
    for client in clients {
        client.await.expect("no client panics");
    }
}

async fn well_behaved(at: SocketAddr, connector: &TlsConnector, name: &str) {
    let mut connection = connect(at, connector).await;
    let body = format!(
        r#"{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"{name}"}},"data":{{"who":"{name}"}}}}"#
    );
    let maps = "/api/v1/namespaces/default/configmaps";
    let one = format!("{maps}/{name}");
    for turn in 0..REQUESTS / 8 {
        let (code, _) = ask(&mut connection, "GET", "/healthz", "", "").await;
        assert_eq!(code, 200);
        let (code, text) = ask(&mut connection, "GET", "/api/v1/nodes", "alice-token", "").await;
        assert_eq!(code, 403, "{text}");
        let (code, _) = ask(&mut connection, "GET", "/api/v1/nodes", "wrong", "").await;
        assert_eq!(code, 401);
        let (code, text) = ask(&mut connection, "POST", maps, "admin-token", &body).await;
        assert_eq!(code, 201, "turn {turn}: {text}");
        let (code, text) = ask(&mut connection, "GET", &one, "admin-token", "").await;
        assert!(code == 200 && text.contains(&format!("\"who\":\"{name}\"")), "{text}");
        let (code, _) = ask(&mut connection, "POST", maps, "admin-token", "{").await;
        assert_eq!(code, 400);
        let (code, text) = ask(&mut connection, "DELETE", &one, "admin-token", "").await;
        assert_eq!(code, 200, "{text}");
        let (code, _) = ask(&mut connection, "GET", &one, "admin-token", "").await;
        assert_eq!(code, 404);
    }
}

/// Goes away in the middle of a request, again and again.
async fn hasty(at: SocketAddr, connector: &TlsConnector) {
    for _ in 0..REQUESTS / 20 {
        let mut connection = connect(at, connector).await;
        let half = "POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n{\"kind\"";
        let _ = connection.write_all(half.as_bytes()).await;
        let _ = connection.flush().await;
    }
}

/// Sends ten megabytes of garbage.
async fn hostile(at: SocketAddr, connector: &TlsConnector) {
    let mut connection = connect(at, connector).await;
    let head = "POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer admin-token\r\n\
                Content-Type: application/json\r\nContent-Length: 10485760\r\n\r\n";
    let _ = connection.write_all(head.as_bytes()).await;
    let garbage = vec![b'x'; 64 * 1024];
    for _ in 0..160 {
        if connection.write_all(&garbage).await.is_err() {
            break;
        }
    }
    let mut line = String::new();
    if connection.read_line(&mut line).await.is_ok() && !line.is_empty() {
        assert!(line.contains(" 413 "), "{line}");
    }
}

/// One request on a connection that stays; its code and body.
async fn ask(
    connection: &mut Connection,
    method: &str,
    path: &str,
    token: &str,
    body: &str,
) -> (u16, String) {
    let authorization =
        if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") };
    let text = format!(
        "{method} {path} HTTP/1.1\r\nHost: kubernetes\r\n{authorization}Accept: application/json\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(text.as_bytes()).await.expect("the server reads");
    connection.flush().await.expect("the server reads");
    let mut line = String::new();
    connection.read_line(&mut line).await.expect("the server answers");
    let code = line.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status line");
    let mut length = 0;
    loop {
        let mut header = String::new();
        connection.read_line(&mut header).await.expect("the server answers");
        if header.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().expect("a length");
        }
    }
    let mut bytes = vec![0; length];
    connection.read_exact(&mut bytes).await.expect("the server answers");
    (code, String::from_utf8_lossy(&bytes).into_owned())
}

async fn connect(at: SocketAddr, connector: &TlsConnector) -> Connection {
    let stream = TcpStream::connect(at).await.expect("the server listens");
    let name = ServerName::try_from("localhost").expect("a name");
    BufReader::new(connector.connect(name, stream).await.expect("a handshake"))
}

async fn server() -> (Server, TlsConnector) {
    let (server, root) = serving::start(Config::new(Version::NEWEST)).await;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(root)).expect("a root");
    let client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    (server, TlsConnector::from(Arc::new(client)))
}

/// The memory that this process holds, in bytes; 0 where the system does not tell.
fn resident() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    text.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or_default() * 4096
}

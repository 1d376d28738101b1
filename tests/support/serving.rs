//! A server that listens, for clients of this process.

use jiff::SignedDuration;
use kubeverdict::certificates::{Authority, Terms};
use kubeverdict::cluster::Cluster;
use kubeverdict::config::{Config, File};
use kubeverdict::server::{Identity, Server, Wall};
use kubeverdict::tokens::SigningKey;
use std::net::SocketAddr;

/// A server of that set-up for `localhost`, with the static tokens of an administrator and of alice; and the certificate (DER) to
/// trust.
pub(crate) async fn start(mut config: Config) -> (Server, Vec<u8>) {
    let wall = Wall::new();
    let now = wall.now();
    let day = SignedDuration::from_hours(24);
    let terms = Terms { serial: 1, not_before: now - day, not_after: now + day };
    let authority = Authority::test_only(&terms);
    let key = SigningKey::from_seed([1; 32]);
    let serving =
        authority.serving(key.public(), "kube-apiserver", &["localhost"], &terms).expect("a certificate");
    let identity = Identity { certificates: serving.pem(), key: key.to_pem().expect("a key") };
    let tokens: &[u8] = b"admin-token,admin,admin-uid,\"system:masters\"\nalice-token,alice,alice-uid\n";
    config.token_auth = Some(File { path: "tokens.csv".to_owned(), text: tokens.into() });
    let cluster = Cluster::new(config, now).expect("a cluster");
    let server = Server::bind(SocketAddr::from(([127, 0, 0, 1], 0)), &identity, cluster, wall, false)
        .await
        .expect("a port");
    (server, authority.certificate().der().to_vec())
}

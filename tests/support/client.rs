//! A real client library (kube-rs), at a server of this process.

use super::serving;
use kube::{Client, Config, Error};
use kubeverdict::api::Version;
use kubeverdict::json::Value;
use serde::de::DeserializeOwned;
use std::time::Duration;

/// Runs a story against a server of either end of the releases.
pub(crate) fn with_servers<F: Future<Output = ()>>(story: impl Fn(Server) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    for version in [Version::OLDEST, Version::NEWEST] {
        runtime.block_on(async {
            let (server, root) = serving::start(kubeverdict::config::Config::new(version)).await;
            let port = server.address().expect("an address").port();
            let serving = tokio::spawn(server.run(std::future::pending()));
            story(Server { port, root }).await;
            serving.abort();
        });
    }
}

/// Where a server is, and whom it is certified by.
pub(crate) struct Server {
    port: u16,
    root: Vec<u8>,
}

impl Server {
    pub(crate) fn client(&self, token: &str) -> Client {
        let mut config = Config::new(format!("https://localhost:{}", self.port).parse().expect("a URL"));
        config.root_cert = Some(vec![self.root.clone()]);
        config.auth_info.token = Some(token.to_owned().into());
        Client::try_from(config).expect("a client")
    }

    pub(crate) fn admin(&self) -> Client {
        self.client("admin-token")
    }
}

pub(crate) fn object<T: DeserializeOwned>(value: Value) -> T {
    kubeverdict::json::from_value(value).expect("an object of that kind")
}

/// A refusal's code, reason and message.
pub(crate) fn refused<T>(result: Result<T, Error>) -> (u16, String, String) {
    match result {
        Err(Error::Api(status)) => (status.code, status.reason, status.message),
        Err(error) => panic!("not refused, but {error}"),
        Ok(_) => panic!("not refused"),
    }
}

/// Waits until what was written has reached whoever looks, a minute at most: the garbage collector sees new
/// kinds after half of one.
pub(crate) async fn settled<F: Future<Output = bool>>(attempt: impl Fn() -> F) {
    for _ in 0..600 {
        if attempt().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not so in a minute");
}

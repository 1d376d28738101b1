//! `kubeverdict serve`: a cluster behind HTTPS.

use super::Exit;
use crate::api::{Dig, Version};
use crate::certificates::{Authority, Terms};
use crate::cluster::Cluster;
use crate::config::Config;
use crate::error::Error;
use crate::server::{Identity, Server, Wall};
use crate::tokens::SigningKey;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Serve a cluster over HTTPS, to any Kubernetes client
///
/// Flags are kube-apiserver's own (and `--controllers` and `--use-service-account-credentials` of
/// kube-controller-manager), given as `--name=value` or `--name value`. A flag that isn't modelled is an error.
/// Besides: `--kubernetes-version 1.36`, `--nodes N`, `--seed N`, `--kubeconfig-out FILE`, `--bind-address`,
/// `--secure-port`, `--tls-cert-file`, `--tls-private-key-file`.
#[derive(clap::Args)]
pub(super) struct ServeArgs {
    /// The flags
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "FLAGS")]
    flags: Vec<String>,
}

/// What is ours to set up, besides the cluster's flags.
struct Options {
    version: Version,
    address: IpAddr,
    port: u16,
    certificate: Option<String>,
    key: Option<String>,
    kubeconfig: Option<String>,
    nodes: usize,
    seed: u64,
    flags: Vec<(String, String)>,
}

pub(super) fn cmd_serve(args: ServeArgs) -> Result<Exit, Error> {
    let options = Options::parse(&args.flags)?;
    let mut config = Config::new(options.version);
    let flags = options.flags.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    config.apply(flags, &|path| std::fs::read(path))?;
    config.nodes = options.nodes;
    config.seed = options.seed;
    if !options.address.is_loopback() && config.service_account_signing_key.is_none() {
        return Err(Error::new(format!(
            "`--bind-address {}` is not loopback, and the shipped signing key is public",
            options.address
        ))
        .hint("give a key of your own by --service-account-signing-key-file"));
    }
    let wall = Wall::new();
    let start = wall.now();
    let authority = Authority::of_cluster(start, options.seed);
    let identity = identity(&options, &authority, start)?;
    let cluster = Cluster::new(config, start)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new(format!("cannot start: {error}")))?;
    runtime.block_on(async {
        let at = SocketAddr::new(options.address, options.port);
        let server = Server::bind(at, &identity, cluster, wall)
            .await
            .map_err(|error| Error::new(format!("cannot listen on {at}: {error}")))?;
        let at = server.address().map_err(|error| Error::new(error.to_string()))?;
        if let Some(path) = &options.kubeconfig {
            let text = kubeconfig(&at, &authority).to_string();
            std::fs::write(path, text).map_err(|error| Error::new(error.to_string()).in_file(path))?;
        }
        {
            use std::io::Write;
            let mut out = std::io::stdout().lock();
            let _ = writeln!(out, "kubeverdict serves Kubernetes {} on https://{at}", options.version);
            let _ = out.flush();
        }
        server.run(stopped()).await;
        Ok(Exit::Fine)
    })
}

impl Options {
    fn parse(words: &[String]) -> Result<Options, Error> {
        let mut options = Options {
            version: Version::NEWEST,
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 6443,
            certificate: None,
            key: None,
            kubeconfig: None,
            nodes: 0,
            seed: 0,
            flags: Vec::new(),
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let Some(flag) = word.strip_prefix("--") else {
                return Err(Error::new(format!("unexpected argument `{word}`")));
            };
            let (name, value) = match flag.split_once('=') {
                Some((name, value)) => (name, value.to_owned()),
                None => {
                    let value =
                        words.next().ok_or_else(|| Error::new(format!("`--{flag}` needs a value")))?;
                    (flag, value.clone())
                }
            };
            options.set(name, value)?;
        }
        Ok(options)
    }

    fn set(&mut self, name: &str, value: String) -> Result<(), Error> {
        let wrong = |why: &str| Error::new(format!("invalid value `{value}` for `--{name}`: {why}"));
        match name {
            "kubernetes-version" => self.version = value.parse().map_err(Error::new)?,
            "bind-address" => self.address = value.parse().map_err(|_| wrong("an IP address is wanted"))?,
            "secure-port" => self.port = value.parse().map_err(|_| wrong("a port is wanted"))?,
            "tls-cert-file" => self.certificate = Some(value),
            "tls-private-key-file" => self.key = Some(value),
            "kubeconfig-out" => self.kubeconfig = Some(value),
            "nodes" => self.nodes = value.parse().map_err(|_| wrong("a number is wanted"))?,
            "seed" => self.seed = value.parse().map_err(|_| wrong("a number is wanted"))?,
            _ => self.flags.push((name.to_owned(), value)),
        }
        Ok(())
    }
}

fn terms(start: Timestamp, serial: u128) -> Terms {
    let day = SignedDuration::from_hours(24);
    Terms { serial, not_before: start - day, not_after: start + day * 365 }
}

/// The certificate and key of the user's files, or of this run's own authority.
fn identity(options: &Options, authority: &Authority, start: Timestamp) -> Result<Identity, Error> {
    let read = |path: &str| {
        std::fs::read_to_string(path).map_err(|error| Error::new(error.to_string()).in_file(path))
    };
    match (&options.certificate, &options.key) {
        (Some(certificate), Some(key)) => Ok(Identity { certificates: read(certificate)?, key: read(key)? }),
        (None, None) => {
            let mut seed = [0; 32];
            seed[..8].copy_from_slice(&options.seed.to_be_bytes());
            let key = SigningKey::from_seed(seed);
            let address = options.address.to_string();
            let names = [
                "kubernetes",
                "kubernetes.default",
                "kubernetes.default.svc",
                "kubernetes.default.svc.cluster.local",
                "localhost",
                "10.0.0.1",
                "10.96.0.1",
                &address,
            ];
            let certificate = authority
                .serving(key.public(), "kube-apiserver", &names, &terms(start, u128::from(options.seed) + 2))
                .map_err(Error::new)?;
            Ok(Identity {
                certificates: certificate.pem() + &authority.certificate().pem(),
                key: key.to_pem().map_err(Error::new)?,
            })
        }
        (Some(_), None) | (None, Some(_)) => {
            Err(Error::new("`--tls-cert-file` and `--tls-private-key-file` come together"))
        }
    }
}

/// A kubeconfig for an administrator with a client certificate.
fn kubeconfig(at: &SocketAddr, authority: &Authority) -> Value {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let mut config = json!({"apiVersion": "v1", "kind": "Config", "current-context": "kubeverdict"});
    config.set(
        "clusters",
        json!([{"name": "kubeverdict", "cluster": {
            "server": format!("https://{at}"),
            "certificate-authority-data": STANDARD.encode(authority.certificate().pem()),
        }}]),
    );
    config.set("users", json!([{"name": "admin", "user": {}}]));
    config.set(
        "contexts",
        json!([{"name": "kubeverdict", "context": {"cluster": "kubeverdict", "user": "admin"}}]),
    );
    config
}

/// Done when the process is told to stop.
async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
        (Ok(mut terminate), Ok(mut interrupt)) => {
            tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
        }
        _ => std::future::pending().await,
    }
}

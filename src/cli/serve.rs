//! `kubeverdict serve`: a cluster behind HTTPS.

use super::Exit;
use super::keys::{Keys, file_of};
use super::out::Out;
use super::scenarios::{self, Loaded};
use super::words;
use crate::api::{Dig, Version};
use crate::certificates::{Authority, Subject, Terms};
use crate::cluster::Cluster;
use crate::config::{Config, File};
use crate::error::Error;
use crate::files;
use crate::json::{Value, json};
use crate::limits::{NAMED_BYTES, NODES};
use crate::scenario::run as runner;
use crate::server::{Identity, Server, Wall};
use crate::tokens::SigningKey;
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::{SignedDuration, Timestamp};
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// Serve a cluster over HTTPS, to any Kubernetes client
///
/// Flags are kube-apiserver's own (and `--controllers` and `--use-service-account-credentials` of
/// kube-controller-manager), given as `--name=value` or `--name value`. A flag that isn't modelled is an error. With a
/// scenario, its steps are replayed first, and the cluster is served as they leave it. Besides:
/// `--kubernetes-version 1.36`, `--nodes N` (1 if not given; with 0 pods stay Pending), `--seed N` (the same names, and keys
/// that anybody can make again; without it keys are fresh), `--kubeconfig-out FILE`, `--bind-address`, `--secure-port`,
/// `--tls-cert-file`, `--tls-private-key-file`, `--root DIR` (the folder that the scenario may read in), and `--explain`: a refusal says in its
/// header Kubeverdict-Explanation where it is explained, to whoever reaches the port. Webhooks that flags and objects name are called, and
/// the keys of issuers (`--oidc-*`, `jwt` of `--authentication-config`) are read, over HTTPS.
#[derive(clap::Args)]
pub(super) struct ServeArgs {
    /// A scenario's file, and flags
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "SCENARIO FLAGS")]
    flags: Vec<String>,
}

/// What is ours to set up, besides the cluster's flags.
struct Options {
    scenario: Option<String>,
    root: Option<PathBuf>,
    version: Option<Version>,
    address: IpAddr,
    port: u16,
    certificate: Option<String>,
    key: Option<String>,
    kubeconfig: Option<String>,
    nodes: Option<usize>,
    explain: bool,
    seed: Option<u64>,
    flags: Vec<(String, String)>,
}

pub(super) fn cmd_serve(args: ServeArgs) -> Result<Exit, Error> {
    let options = Options::parse(&args.flags)?;
    let wall = Wall::new();
    let start = wall.now();
    let keys = Keys::draw(options.seed)?;
    let authority = Authority::of_cluster(start, options.seed.unwrap_or_default(), keys.authority.clone());
    let identity = identity(&options, &authority, &keys.serving, start)?;
    let loaded =
        options.scenario.as_ref().map(|path| scenarios::one(path, options.root.as_deref())).transpose()?;
    let loaded = loaded.as_ref();
    let config = config(&options, loaded, &authority, &keys)?;
    let version = config.version;
    let vouches = config.client_ca.as_ref().is_some_and(|file| file.path == OWN_AUTHORITY);
    if config.audit_log_path.is_some() && config.audit_policy.is_none() {
        super::warn("no audit policy file provided, no events will be recorded for log backend");
    }
    if config.nodes == 0 {
        super::warn("without nodes there is neither scheduler nor kubelet, and pods stay Pending");
    }
    config.unmodelled().iter().for_each(|why| super::warn(why));
    let cluster = match loaded {
        None => Cluster::new(config, start)?,
        Some(loaded) => played(loaded, config, start)?,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new(format!("cannot start: {error}")))?;
    runtime.block_on(async {
        let at = SocketAddr::new(options.address, options.port);
        let server = Server::bind(at, &identity, cluster, wall, options.explain)
            .await
            .map_err(|error| Error::new(format!("cannot listen on {at}: {error}")))?;
        let at = server.address().map_err(Error::of)?;
        if let Some(path) = &options.kubeconfig {
            let text = kubeconfig(&at, &authority, vouches.then_some(&keys.admin), start)?.to_string();
            files::write(Path::new(path), text.as_bytes()).map_err(Error::of_file(path))?;
        }
        let mut out = Out::open();
        let _ = writeln!(out, "kubeverdict serves Kubernetes {version} on https://{at}");
        out.end(Exit::Fine)?;
        server.run(super::stopped()).await;
        Ok(Exit::Fine)
    })
}

/// How errors and we ourselves call the authority of this run.
const OWN_AUTHORITY: &str = "the authority of this run";

/// A file, or the names of what is in a folder.
fn read(path: &str) -> std::io::Result<Vec<u8>> {
    let path = Path::new(path);
    match files::is_folder(path) {
        true => Ok(files::names(path)?.join("\n").into_bytes()),
        false => files::read(path, &NAMED_BYTES),
    }
}

/// The cluster's set-up: the scenario's, if there is one, and the flags on top.
fn config(
    options: &Options,
    loaded: Option<&Loaded>,
    authority: &Authority,
    keys: &Keys,
) -> Result<Config, Error> {
    let mut config = match loaded {
        None => Config { nodes: 1, ..Config::new(options.version.unwrap_or(Version::DEFAULT)) },
        Some(loaded) => {
            let known = runner::versions(&loaded.scenario);
            let version = options.version.or(known.last().copied()).unwrap_or(Version::DEFAULT);
            let seed = runner::Options { seed: options.seed, ..runner::Options::default() };
            runner::config(&loaded.scenario, version, seed, &loaded.files())?
        }
    };
    let flags = options.flags.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    config.apply(flags, &read)?;
    config.nodes = options.nodes.unwrap_or(config.nodes);
    config.seed = options.seed.unwrap_or(config.seed);
    NODES.check(config.nodes as u64).map_err(|why| Error::new(format!("`--nodes`: {why}")))?;
    if options.port != 0 {
        config.address = SocketAddr::new(options.address, options.port);
    }
    config.cluster_signing_key = keys.authority.as_ref().map(file_of).transpose()?;
    if config.service_account_signing_key.is_none() {
        config.service_account_signing_key = keys.tokens.as_ref().map(file_of).transpose()?;
    }
    let loopback = options.address.is_loopback();
    if !loopback && config.service_account_signing_key.is_none() {
        let why = format!(
            "`--bind-address {}` is not loopback, and the keys of a seed are public",
            options.address
        );
        let hint = "leave --seed out, or give a key of your own by --service-account-signing-key-file";
        return Err(Error::new(why).hint(hint));
    }
    // An authority whose key is public may vouch for clients of this machine only.
    if (loopback || keys.authority.is_some()) && config.client_ca.is_none() {
        let text = authority.certificate().pem().into_bytes().into();
        config.client_ca = Some(File { path: OWN_AUTHORITY.to_owned(), text });
    }
    Ok(config)
}

/// The cluster that a scenario's steps leave behind, its virtual clock at now.
fn played(loaded: &Loaded, config: Config, now: Timestamp) -> Result<Cluster, Error> {
    let files = loaded.files();
    let play =
        |start| runner::play(&loaded.scenario, config.clone(), &files, start, runner::Options::default());
    // The first time shows how long the steps take.
    let (_, cluster) = play(now).map_err(|error| error.in_file(&loaded.path))?;
    let took = cluster.now().duration_since(now);
    let (_, cluster) = play(now - took).map_err(|error| error.in_file(&loaded.path))?;
    Ok(cluster)
}

impl Options {
    fn parse(words: &[String]) -> Result<Options, Error> {
        let mut options = Options {
            scenario: None,
            root: None,
            version: None,
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 6443,
            certificate: None,
            key: None,
            kubeconfig: None,
            nodes: None,
            explain: false,
            seed: None,
            flags: Vec::new(),
        };
        let words::Words { scenario, flags } = words::read(words)?;
        options.scenario = scenario;
        for (name, value) in flags {
            options.set(&name, value)?;
        }
        Ok(options)
    }

    fn set(&mut self, name: &str, value: String) -> Result<(), Error> {
        let wrong = |why: &str| Error::new(format!("invalid value `{value}` for `--{name}`: {why}"));
        match name {
            "kubernetes-version" => self.version = Some(value.parse().map_err(Error::new)?),
            "bind-address" => self.address = value.parse().map_err(|_| wrong("an IP address is wanted"))?,
            "secure-port" => self.port = value.parse().map_err(|_| wrong("a port is wanted"))?,
            "tls-cert-file" => self.certificate = Some(value),
            "tls-private-key-file" => self.key = Some(value),
            "kubeconfig-out" => self.kubeconfig = Some(value),
            "nodes" => self.nodes = Some(value.parse().map_err(|_| wrong("a number is wanted"))?),
            "explain" => self.explain = value.parse().map_err(|_| wrong("true or false is wanted"))?,
            "root" => self.root = Some(value.into()),
            "seed" => self.seed = Some(value.parse().map_err(|_| wrong("a number is wanted"))?),
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
fn identity(
    options: &Options,
    authority: &Authority,
    key: &SigningKey,
    start: Timestamp,
) -> Result<Identity, Error> {
    let read = |path: &str| files::text(Path::new(path), &NAMED_BYTES).map_err(Error::of_file(path));
    match (&options.certificate, &options.key) {
        (Some(certificate), Some(key)) => Ok(Identity { certificates: read(certificate)?, key: read(key)? }),
        (None, None) => {
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
                .serving(
                    key.public(),
                    "kube-apiserver",
                    &names,
                    &terms(start, u128::from(options.seed.unwrap_or_default()) + 2),
                )
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

/// A kubeconfig; with a client certificate for an administrator, where our authority vouches for clients.
fn kubeconfig(
    at: &SocketAddr,
    authority: &Authority,
    client: Option<&SigningKey>,
    start: Timestamp,
) -> Result<Value, Error> {
    let mut user = json!({});
    if let Some(key) = client {
        let subject = Subject::new("kubernetes-admin", &["system:masters"]);
        let certificate = authority.client(key.public(), &subject, &terms(start, 3)).map_err(Error::new)?;
        user.set("client-certificate-data", STANDARD.encode(certificate.pem()));
        user.set("client-key-data", STANDARD.encode(key.to_pem().map_err(Error::new)?));
    }
    let mut config = json!({"apiVersion": "v1", "kind": "Config", "current-context": "kubeverdict"});
    let cluster = json!({
        "server": format!("https://{at}"),
        "certificate-authority-data": STANDARD.encode(authority.certificate().pem()),
    });
    config.set("clusters", json!([{"name": "kubeverdict", "cluster": cluster}]));
    config.set("users", json!([{"name": "admin", "user": user}]));
    config.set(
        "contexts",
        json!([{"name": "kubeverdict", "context": {"cluster": "kubeverdict", "user": "admin"}}]),
    );
    Ok(config)
}

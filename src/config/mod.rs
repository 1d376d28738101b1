//! How a cluster is set up: kube-apiserver's flags, and the few of kube-controller-manager that matter here.
//!
//! The table [`FLAGS`] is all there is: a flag that isn't in it is an error, never ignored. Values are those of the
//! real flags; of a flag that is given twice the last one wins, unless the real one adds up.

mod authentication;
mod authorization;
mod contradictions;
pub(crate) mod gates;
pub(crate) mod jwt;
mod kubeconfig;
pub(crate) mod manifests;
mod runtime;

pub use authorization::{AuthorizationWebhook, Authorizer};
pub use jwt::{JwtAuthenticator, OidcFlags};
pub use kubeconfig::Kubeconfig;
pub use runtime::RuntimeConfig;

use crate::api::field::quote;
use crate::api::{Resources, Version};
use crate::error::Error;
use crate::golang::yaml;
use jiff::SignedDuration;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

/// Reads a file that a flag names; of a folder, the names of what is in it, sorted, a line each.
pub type ReadFile<'a> = &'a dyn Fn(&str) -> std::io::Result<Vec<u8>>;

/// A cluster's set-up.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Which Kubernetes.
    pub version: Version,
    /// `--anonymous-auth`, or what `--authentication-config` says of it.
    pub anonymous: Anonymous,
    /// The authorizers of `--authorization-config`, in the place of all other flags about them.
    pub authorization_config: Option<Vec<Authorizer>>,
    /// `--authorization-mode`, in order.
    pub authorization_modes: Vec<String>,
    /// The contents of `--authorization-policy-file`, with its path.
    pub authorization_policy: Option<File>,
    /// `--authorization-webhook-…`: the authorizer outside, if there is one.
    pub authorization_webhook: Webhook<AuthorizedTtls>,
    /// The JWT authenticators of `--authentication-config`, in the place of `--oidc-…`.
    pub jwt: Option<Vec<JwtAuthenticator>>,
    /// `--oidc-…`: the one JWT authenticator that flags set up, if they do.
    pub oidc: OidcFlags,
    /// `--authentication-token-webhook-…`: the authenticator outside, if there is one.
    pub authentication_token_webhook: Webhook<SignedDuration>,
    /// The contents of `--token-auth-file`, with its path.
    pub token_auth: Option<File>,
    /// The contents of `--client-ca-file`, with its path.
    pub client_ca: Option<File>,
    /// `--enable-admission-plugins`.
    pub enable_admission_plugins: Vec<String>,
    /// `--disable-admission-plugins`.
    pub disable_admission_plugins: Vec<String>,
    /// `--admission-control`: the whole list, in the user's order, in place of the two above.
    pub admission_control: Option<Vec<String>>,
    /// The contents of `--admission-control-config-file`, with its path.
    pub admission_config: Option<File>,
    /// The files in the folders that it names, each with its plugin.
    pub manifest_files: Vec<(String, File)>,
    /// `--feature-gates`, as given.
    pub feature_gates: BTreeMap<String, bool>,
    /// `--runtime-config`.
    pub runtime_config: RuntimeConfig,
    /// `--service-account-issuer`; the first one is written into tokens.
    pub service_account_issuers: Vec<String>,
    /// `--api-audiences`; without it the issuers.
    pub api_audiences: Vec<String>,
    /// The contents of `--service-account-signing-key-file`, with its path.
    pub service_account_signing_key: Option<File>,
    /// The contents of `--service-account-key-file`, with their paths.
    pub service_account_keys: Vec<File>,
    /// `--service-account-lookup`: whether a token's account and secret must still exist.
    pub service_account_lookup: bool,
    /// `--service-account-extend-token-expiration`.
    pub service_account_extend_token_expiration: bool,
    /// `--service-account-max-token-expiration`, in seconds.
    pub service_account_max_token_expiration: Option<u64>,
    /// The contents of `--audit-policy-file`, with its path.
    pub audit_policy: Option<File>,
    /// `--audit-log-path`.
    pub audit_log_path: Option<String>,
    /// How many seconds an event is kept after its last write (`--event-ttl`); with 0 for ever.
    pub event_ttl: u64,
    /// The key of the cluster's authority (PEM), where it is not the shipped one (kube-controller-manager's
    /// `--cluster-signing-key-file`; its certificate is made from it).
    pub cluster_signing_key: Option<File>,
    /// `--controllers` of kube-controller-manager.
    pub controllers: Vec<String>,
    /// `--use-service-account-credentials` of kube-controller-manager.
    pub use_service_account_credentials: bool,
    /// `--enable-bootstrap-token-auth`.
    pub enable_bootstrap_token_auth: bool,
    /// Where the server is reached (`--advertise-address` and `--secure-port` of kube-apiserver).
    pub address: SocketAddr,
    /// The flags as they were given, by name.
    pub given: BTreeMap<String, String>,
    /// How many nodes there are; with none there is no scheduler and no kubelet.
    pub nodes: usize,
    /// The first seed of everything that is by chance.
    pub seed: u64,
    /// Whether the order of what is due at the same time is drawn from the seed, too.
    pub shuffle: bool,
    /// Whether a DNS service runs in the cluster.
    pub dns: bool,
    /// How far behind the authorizer's view is, in milliseconds; none: it has caught up whenever things settle.
    pub authorizer_lag: Option<u64>,
}

/// Whether a request without a credential is `system:anonymous`'s.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anonymous {
    /// Whether there is somebody anonymous at all.
    pub enabled: bool,
    /// The only paths where it is so; none: everywhere.
    pub paths: Vec<String>,
}

/// How a webhook is asked, and for how long its answers are remembered.
#[derive(Clone, Debug, PartialEq)]
pub struct Webhook<Ttl> {
    /// `…-config-file`: where it is.
    pub client: Option<Kubeconfig>,
    /// `…-version` of the review.
    pub version: String,
    /// `…-cache-…ttl`.
    pub ttl: Ttl,
}

/// For how long an authorizer's answers are remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthorizedTtls {
    /// `--authorization-webhook-cache-authorized-ttl`.
    pub authorized: SignedDuration,
    /// `--authorization-webhook-cache-unauthorized-ttl`.
    pub unauthorized: SignedDuration,
}

/// A file that a flag named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path as given.
    pub path: String,
    /// What it holds.
    pub text: Arc<[u8]>,
}

impl Config {
    /// The defaults of a release, as kube-apiserver has them without flags but for RBAC, which everybody turns on.
    pub fn new(version: Version) -> Config {
        Config {
            version,
            anonymous: Anonymous { enabled: true, paths: Vec::new() },
            authorization_config: None,
            authorization_modes: vec!["Node".to_owned(), "RBAC".to_owned()],
            authorization_policy: None,
            authorization_webhook: Webhook {
                client: None,
                version: "v1beta1".to_owned(),
                ttl: AuthorizedTtls {
                    authorized: SignedDuration::from_mins(5),
                    unauthorized: SignedDuration::from_secs(30),
                },
            },
            jwt: None,
            oidc: OidcFlags::default(),
            authentication_token_webhook: Webhook {
                client: None,
                version: "v1beta1".to_owned(),
                ttl: SignedDuration::from_mins(2),
            },
            token_auth: None,
            client_ca: None,
            enable_admission_plugins: Vec::new(),
            disable_admission_plugins: Vec::new(),
            admission_control: None,
            admission_config: None,
            manifest_files: Vec::new(),
            feature_gates: BTreeMap::new(),
            runtime_config: RuntimeConfig::default(),
            service_account_issuers: vec!["https://kubernetes.default.svc".to_owned()],
            api_audiences: Vec::new(),
            service_account_signing_key: None,
            service_account_keys: Vec::new(),
            service_account_lookup: true,
            service_account_extend_token_expiration: true,
            service_account_max_token_expiration: None,
            audit_policy: None,
            audit_log_path: None,
            event_ttl: 60 * 60,
            cluster_signing_key: None,
            controllers: vec!["*".to_owned()],
            use_service_account_credentials: false,
            enable_bootstrap_token_auth: false,
            address: SocketAddr::from(([127, 0, 0, 1], 6443)),
            given: BTreeMap::new(),
            nodes: 0,
            seed: 0,
            shuffle: false,
            dns: true,
            authorizer_lag: None,
        }
    }

    /// Applies flags in order, feature gates first; names come without their dashes.
    ///
    /// # Errors
    /// A flag that the release does not have, or a value that is wrong; the flags before it are applied.
    pub fn apply<'a>(
        &mut self,
        flags: impl IntoIterator<Item = (&'a str, &'a str)>,
        read: ReadFile<'_>,
    ) -> Result<(), Error> {
        let mut seen = Vec::new();
        // Gates are known before whatever needs one is looked at.
        let mut flags: Vec<(&str, &str)> = flags.into_iter().collect();
        flags.sort_by_key(|(name, _)| *name != "feature-gates");
        for (name, value) in flags {
            let flag = FLAGS.iter().find(|flag| flag.name == name && flag.known_in(self.version));
            let Some(flag) = flag else {
                let known = FLAGS.iter().filter(|flag| flag.known_in(self.version)).map(|flag| flag.name);
                return Err(Error::new(format!("unknown flag `--{name}` in Kubernetes {}", self.version))
                    .nearest(name, known));
            };
            let again = seen.contains(&name);
            seen.push(name);
            (flag.set)(self, &Given { name, value, again, read })?;
            self.given.insert(name.to_owned(), value.to_owned());
        }
        contradictions::of(&seen, self).map_or(Ok(()), Err)
    }

    /// The audiences of the API server itself.
    pub fn audiences(&self) -> &[String] {
        if self.api_audiences.is_empty() { &self.service_account_issuers } else { &self.api_audiences }
    }

    /// Whether a feature gate is on: as given, or as the release has it.
    pub fn feature(&self, gate: &str) -> bool {
        gates::is_on(gate, self.version, &self.feature_gates)
    }

    /// The same of any gate; one that the model does not ask for is as the release has it.
    pub(crate) fn feature_or_default(&self, gate: &str) -> bool {
        match gates::is_asked(gate) {
            true => self.feature(gate),
            false => gates::is_on_by_default(gate, self.version),
        }
    }

    /// What the server serves by itself.
    pub fn resources(&self) -> Arc<Resources> {
        self.runtime_config.resources(self.version, &|gate| self.feature_or_default(gate))
    }

    /// What the release or the flags ask for and the model does not know, a line each.
    pub fn unmodelled(&self) -> Vec<String> {
        let said = |(gate, on): (&str, bool)| {
            format!("`--feature-gates={gate}={on}` makes no difference here: what it turns is not modelled")
        };
        let newer = (self.version > Version::RECORDED).then(|| {
            format!(
                "of Kubernetes {} only the published types are known: feature gates, admission plugins, default \
                 roles and rules are those of {}",
                self.version,
                Version::RECORDED
            )
        });
        let flags = gates::unmodelled(self.version, &self.feature_gates).map(said);
        newer.into_iter().chain(flags).collect()
    }

    /// Whether a controller runs, by its name of today; `--controllers` knows `*`, names, and `-name`.
    pub fn runs_controller(&self, name: &str) -> bool {
        let means = |word: &str| {
            word == name || CONTROLLER_ALIASES.iter().any(|(old, new)| *old == word && *new == name)
        };
        let mut star = false;
        for word in &self.controllers {
            match word.strip_prefix('-') {
                Some(off) if means(off) => return false,
                Some(_) => {}
                None if means(word) => return true,
                None => star |= word == "*",
            }
        }
        star && !matches!(name, "bootstrap-signer-controller" | "token-cleaner-controller")
    }
}

/// The group of the files' kinds.
const GROUP: &str = "apiserver.config.k8s.io";

/// Reads a file of configuration, strictly.
fn decode<T: serde::de::DeserializeOwned>(file: &File) -> Result<T, Error> {
    let text = String::from_utf8_lossy(&file.text);
    yaml::typed(&text).map_err(|error| {
        let wrong = error.in_file(&file.path, &text);
        Error { message: format!("strict decoding error: {}", wrong.message), ..wrong }
    })
}

/// Whether a file of this kind and version is one that the release reads.
fn known(
    api_version: &str,
    kind: &str,
    wanted: &str,
    versions: &[(&str, u8)],
    release: Version,
) -> Result<(), String> {
    let mut known = versions.iter().filter(|(_, since)| release.at_least(*since));
    if kind == wanted && known.any(|(version, _)| format!("{GROUP}/{version}") == api_version) {
        return Ok(());
    }
    Err(format!("no kind {} is registered for version {}", quote(kind), quote(api_version)))
}

/// kube-controller-manager's controllers were renamed in 1.28; the old names stay aliases.
pub const CONTROLLER_ALIASES: &[(&str, &str)] = &[
    ("serviceaccount", "serviceaccount-controller"),
    ("serviceaccount-token", "serviceaccount-token-controller"),
    ("root-ca-cert-publisher", "root-ca-certificate-publisher-controller"),
    ("clusterrole-aggregation", "clusterrole-aggregation-controller"),
    ("namespace", "namespace-controller"),
    ("garbagecollector", "garbage-collector-controller"),
    ("resourcequota", "resourcequota-controller"),
    ("deployment", "deployment-controller"),
    ("replicaset", "replicaset-controller"),
    ("replicationcontroller", "replicationcontroller-controller"),
    ("statefulset", "statefulset-controller"),
    ("daemonset", "daemonset-controller"),
    ("job", "job-controller"),
    ("cronjob", "cronjob-controller"),
    ("csrsigning", "certificatesigningrequest-signing-controller"),
    ("csrapproving", "certificatesigningrequest-approving-controller"),
    ("csrcleaner", "certificatesigningrequest-cleaner-controller"),
    ("podgc", "pod-garbage-collector-controller"),
    ("endpoint", "endpoints-controller"),
    ("endpointslice", "endpointslice-controller"),
    ("pvc-protection", "persistentvolumeclaim-protection-controller"),
    ("pv-protection", "persistentvolume-protection-controller"),
    ("bootstrapsigner", "bootstrap-signer-controller"),
    ("tokencleaner", "token-cleaner-controller"),
    ("legacy-service-account-token-cleaner", "legacy-serviceaccount-token-cleaner-controller"),
    ("disruption", "disruption-controller"),
    ("ttl", "ttl-controller"),
    ("ttl-after-finished", "ttl-after-finished-controller"),
];

struct Given<'a> {
    name: &'a str,
    value: &'a str,
    again: bool,
    read: ReadFile<'a>,
}

impl Given<'_> {
    fn wrong(&self, why: &str) -> Error {
        Error::new(format!("invalid value `{}` for `--{}`: {why}", self.value, self.name))
    }

    fn boolean(&self) -> Result<bool, Error> {
        match self.value {
            "true" | "1" | "t" | "T" | "True" | "TRUE" | "" => Ok(true),
            "false" | "0" | "f" | "F" | "False" | "FALSE" => Ok(false),
            _ => Err(self.wrong("true or false is wanted")),
        }
    }

    fn words(&self) -> Vec<String> {
        self.value.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    }

    fn file(&self) -> Result<Option<File>, Error> {
        let text = (self.read)(self.value).map_err(|error| self.wrong(&error.to_string()))?;
        Ok(Some(File { path: self.value.to_owned(), text: text.into() }))
    }

    fn span(&self) -> Result<SignedDuration, Error> {
        let span: SignedDuration =
            self.value.parse().map_err(|_| self.wrong("a duration such as 1h30m is wanted"))?;
        if span.is_negative() { Err(self.wrong("it must not be negative")) } else { Ok(span) }
    }

    fn seconds(&self) -> Result<u64, Error> {
        self.span().map(|span| span.as_secs().unsigned_abs())
    }

    fn kubeconfig(&self) -> Result<Option<Kubeconfig>, Error> {
        self.file()?.map(|file| Kubeconfig::read(&file, self.read)).transpose()
    }

    /// Takes the file of `--authorization-config`.
    fn authorization(&self, config: &mut Config) -> Result<(), Error> {
        self.needs(config, "StructuredAuthorizationConfiguration")?;
        let file = self.file()?;
        let read = |file: File| authorization::read(&file, config.version, self.read);
        put(&mut config.authorization_config, file.map(read).transpose()?)
    }

    /// Takes the file of `--authentication-config`.
    fn authentication(&self, config: &mut Config) -> Result<(), Error> {
        self.needs(config, "StructuredAuthenticationConfiguration")?;
        let Some(file) = self.file()? else { return Ok(()) };
        let said = authentication::read(&file, config.version, |gate| config.feature(gate))?;
        config.anonymous = said.anonymous.unwrap_or_else(|| config.anonymous.clone());
        put(&mut config.jwt, Some(said.jwt))
    }

    fn needs(&self, config: &Config, gate: &str) -> Result<(), Error> {
        match config.feature(gate) {
            true => Ok(()),
            false => {
                let why = format!("--{} cannot be used without enabling {gate} feature flag", self.name);
                Err(Error::new(why))
            }
        }
    }

    /// A version of a webhook's review; `what` is how the refusal calls it.
    fn review_version(&self, what: &str) -> Result<String, Error> {
        match self.value {
            "v1" | "v1beta1" => Ok(self.value.to_owned()),
            other => Err(self.wrong(&format!(
                "unsupported {what} version \"{other}\", supported versions are \"v1\", \"v1beta1\""
            ))),
        }
    }

    /// Sets a list, to which a further flag of the same name adds.
    fn add<T>(&self, list: &mut Vec<T>, words: impl IntoIterator<Item = T>) -> Result<(), Error> {
        if !self.again {
            list.clear();
        }
        list.extend(words);
        Ok(())
    }
}

struct Flag {
    name: &'static str,
    since: u8,
    until: u8,
    set: fn(&mut Config, &Given<'_>) -> Result<(), Error>,
}

impl Flag {
    fn known_in(&self, version: Version) -> bool {
        version.at_least(self.since) && version.before(self.until)
    }
}

fn put<T>(place: &mut T, value: T) -> Result<(), Error> {
    *place = value;
    Ok(())
}

const fn flag(name: &'static str, set: fn(&mut Config, &Given<'_>) -> Result<(), Error>) -> Flag {
    Flag { name, since: 0, until: u8::MAX, set }
}

/// Every flag that is modelled.
const FLAGS: &[Flag] = &[
    flag("anonymous-auth", |c, g| put(&mut c.anonymous.enabled, g.boolean()?)),
    Flag { since: 29, ..flag("authentication-config", |c, g| g.authentication(c)) },
    Flag { since: 29, ..flag("authorization-config", |c, g| g.authorization(c)) },
    flag("authorization-mode", |c, g| put(&mut c.authorization_modes, g.words())),
    flag("authorization-policy-file", |c, g| put(&mut c.authorization_policy, g.file()?)),
    flag("authorization-webhook-config-file", |c, g| {
        put(&mut c.authorization_webhook.client, g.kubeconfig()?)
    }),
    flag("authorization-webhook-version", |c, g| {
        put(&mut c.authorization_webhook.version, g.review_version("webhook authorizer")?)
    }),
    flag("authorization-webhook-cache-authorized-ttl", |c, g| {
        put(&mut c.authorization_webhook.ttl.authorized, g.span()?)
    }),
    flag("authorization-webhook-cache-unauthorized-ttl", |c, g| {
        put(&mut c.authorization_webhook.ttl.unauthorized, g.span()?)
    }),
    flag("authentication-token-webhook-config-file", |c, g| {
        put(&mut c.authentication_token_webhook.client, g.kubeconfig()?)
    }),
    flag("authentication-token-webhook-version", |c, g| {
        put(&mut c.authentication_token_webhook.version, g.review_version("authentication webhook")?)
    }),
    flag("authentication-token-webhook-cache-ttl", |c, g| {
        put(&mut c.authentication_token_webhook.ttl, g.span()?)
    }),
    flag("oidc-issuer-url", |c, g| put(&mut c.oidc.issuer_url, g.value.to_owned())),
    flag("oidc-client-id", |c, g| put(&mut c.oidc.client_id, g.value.to_owned())),
    flag("oidc-username-claim", |c, g| put(&mut c.oidc.username_claim, g.value.to_owned())),
    flag("oidc-username-prefix", |c, g| put(&mut c.oidc.username_prefix, g.value.to_owned())),
    flag("oidc-groups-claim", |c, g| put(&mut c.oidc.groups_claim, g.value.to_owned())),
    flag("oidc-groups-prefix", |c, g| put(&mut c.oidc.groups_prefix, g.value.to_owned())),
    flag("oidc-required-claim", |c, g| g.required_claim(&mut c.oidc.required_claims)),
    flag("oidc-ca-file", |c, g| put(&mut c.oidc.ca, g.file()?)),
    flag("oidc-signing-algs", |c, g| g.add(&mut c.oidc.signing_algs, g.words())),
    flag("token-auth-file", |c, g| put(&mut c.token_auth, g.file()?)),
    flag("client-ca-file", |c, g| put(&mut c.client_ca, g.file()?)),
    flag("enable-admission-plugins", |c, g| g.add(&mut c.enable_admission_plugins, g.words())),
    flag("disable-admission-plugins", |c, g| g.add(&mut c.disable_admission_plugins, g.words())),
    Flag { until: 33, ..flag("admission-control", |c, g| put(&mut c.admission_control, Some(g.words()))) },
    flag("admission-control-config-file", |c, g| {
        let file = g.file()?;
        c.manifest_files = file.as_ref().map_or(Ok(Vec::new()), |file| manifests::files(file, g.read))?;
        put(&mut c.admission_config, file)
    }),
    flag("feature-gates", |c, g| {
        let refuse = |refused: gates::Refused| Error { hint: refused.hint, ..g.wrong(&refused.why) };
        c.feature_gates.extend(gates::parse(g.value, c.version).map_err(refuse)?);
        Ok(())
    }),
    flag("runtime-config", |c, g| c.runtime_config.add(g.value, c.version).map_err(|why| g.wrong(&why))),
    flag("service-account-issuer", |c, g| g.add(&mut c.service_account_issuers, [g.value.to_owned()])),
    flag("api-audiences", |c, g| put(&mut c.api_audiences, g.words())),
    flag("service-account-signing-key-file", |c, g| put(&mut c.service_account_signing_key, g.file()?)),
    flag("service-account-key-file", |c, g| g.add(&mut c.service_account_keys, g.file()?)),
    flag("service-account-lookup", |c, g| put(&mut c.service_account_lookup, g.boolean()?)),
    flag("service-account-extend-token-expiration", |c, g| {
        put(&mut c.service_account_extend_token_expiration, g.boolean()?)
    }),
    flag("service-account-max-token-expiration", |c, g| {
        put(&mut c.service_account_max_token_expiration, Some(g.seconds()?).filter(|s| *s > 0))
    }),
    flag("audit-policy-file", |c, g| put(&mut c.audit_policy, g.file()?)),
    flag("audit-log-path", |c, g| put(&mut c.audit_log_path, Some(g.value.to_owned()))),
    flag("event-ttl", |c, g| put(&mut c.event_ttl, g.seconds()?)),
    flag("audit-log-mode", |_, g| match g.value {
        "batch" | "blocking" | "blocking-strict" => Ok(()),
        _ => Err(g.wrong("batch, blocking or blocking-strict is wanted")),
    }),
    flag("enable-bootstrap-token-auth", |c, g| put(&mut c.enable_bootstrap_token_auth, g.boolean()?)),
    flag("controllers", |c, g| put(&mut c.controllers, g.words())),
    flag("use-service-account-credentials", |c, g| put(&mut c.use_service_account_credentials, g.boolean()?)),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_release_without_a_server_says_so() {
        assert!(Config::new(Version::RECORDED).unmodelled().is_empty());
        let said = Config::new(Version::NEWEST).unmodelled();
        assert!(said.iter().any(|why| why.contains("rules are those of 1.36")), "{said:?}");
    }

    #[test]
    fn flags_are_kube_apiservers() {
        let nothing: ReadFile<'_> = &|_| Err(std::io::Error::from(std::io::ErrorKind::NotFound));
        let mut config = Config::new(Version::OLDEST);
        let flags = [("anonymous-auth", "false"), ("controllers", "*,-serviceaccount-token")];
        config.apply(flags, nothing).unwrap();
        assert!(!config.anonymous.enabled);
        assert!(!config.runs_controller("serviceaccount-token-controller"));
        assert!(config.runs_controller("namespace-controller"));
        let error = config.apply([("anonymous-aut", "")], nothing).unwrap_err();
        assert_eq!(error.hint.as_deref(), Some("did you mean `anonymous-auth`?"));
        let error = Config::new(Version::NEWEST).apply([("admission-control", "A")], nothing).unwrap_err();
        assert!(error.message.starts_with("unknown flag `--admission-control`"), "{error}");
        for (flag, why) in [
            (
                ("authorization-webhook-version", "v2"),
                "unsupported webhook authorizer version \"v2\", supported versions are \"v1\", \"v1beta1\"",
            ),
            (("authentication-token-webhook-cache-ttl", "-1s"), "it must not be negative"),
            (
                ("service-account-max-token-expiration", "10m"),
                "the service-account-max-token-expiration must be between 1 hour and 2^32 seconds",
            ),
            (("service-account-issuer", ""), "service-account-issuer should not be an empty string"),
        ] {
            let error = config.clone().apply([flag], nothing).unwrap_err();
            assert!(error.message.ends_with(why), "{error}");
        }
        let twice = [("service-account-issuer", "https://a"), ("service-account-issuer", "https://a")];
        let error = config.apply(twice, nothing).unwrap_err();
        assert_eq!(error.message, "service-account-issuer \"https://a\" is already specified");
    }
}

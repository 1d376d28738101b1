//! The plugins in their order, and which of them run.

use super::*;
use crate::api::field::{aggregate, quote};
use crate::config::Config;
use crate::config::manifests::Manifests;
use crate::error::Error;
use std::collections::{BTreeMap, BTreeSet};

/// A plugin: a row of the chain.
#[derive(Debug)]
pub struct Plugin {
    /// The name that the flags use.
    pub name: &'static str,
    /// The first minor release that knows it; 0: as far back as is modelled.
    pub since: u8,
    /// The last minor release that knows it; 255: as far as is modelled.
    pub until: u8,
    /// The first minor release that has it on without a flag; 255 for never.
    pub on_since: u8,
    /// What it does. None: known by name, but not modelled; where a release has it on by default, nothing that is
    /// modelled depends on it, so that only a flag that asks for it is refused.
    pub run: Option<Run>,
}

/// A plugin's two functions, and which writes it looks at.
#[derive(Clone, Copy, Debug)]
pub struct Run {
    /// Whether it has anything to say to a write.
    pub sees: fn(&Cx<'_>, &Review) -> bool,
    /// Changes a write, or refuses it at once.
    pub admit: Option<fn(&mut Cx<'_>, &mut Review) -> Outcome>,
    /// Refuses a write, or lets it through.
    pub validate: Option<fn(&mut Cx<'_>, &mut Review) -> Outcome>,
}

impl Run {
    /// It sees every write, and says nothing.
    pub(super) const NOTHING: Run = Run { sees: |_, _| true, admit: None, validate: None };
}

impl Plugin {
    const fn since(mut self, minor: u8) -> Plugin {
        self.since = minor;
        self
    }

    const fn until(mut self, minor: u8) -> Plugin {
        self.until = minor;
        self
    }

    /// On by default from a release on.
    const fn on(mut self, minor: u8) -> Plugin {
        self.on_since = minor;
        self
    }

    /// Whether a release knows the plugin.
    fn known_in(&self, version: Version) -> bool {
        (self.since..=self.until).contains(&version.number())
    }
}

const fn modelled(name: &'static str, run: Run) -> Plugin {
    Plugin { run: Some(run), ..named(name) }
}

const fn named(name: &'static str) -> Plugin {
    Plugin { name, since: 0, until: u8::MAX, on_since: u8::MAX, run: None }
}

/// Every plugin that a release knows, in the order in which they run: what the servers of 1.20, 1.21 and 1.23 to 1.36 list.
/// 1.22 is taken to have the API that 1.23 has of [`pod_security`], and otherwise as 1.21; 1.37 is taken as 1.36.
pub const CHAIN: &[Plugin] = &[
    modelled("AlwaysAdmit", always::ADMIT),
    modelled("NamespaceAutoProvision", namespace_autoprovision::RUN),
    modelled("NamespaceLifecycle", namespace_lifecycle::RUN).on(0),
    modelled("NamespaceExists", namespace_exists::RUN),
    modelled("SecurityContextDeny", security_context_deny::RUN).until(29),
    modelled("LimitPodHardAntiAffinityTopology", anti_affinity::RUN),
    modelled("LimitRanger", limit_ranger::RUN).on(0),
    modelled("ServiceAccount", service_account::RUN).on(0),
    modelled("NodeRestriction", node_restriction::RUN),
    modelled("TaintNodesByCondition", taint_nodes_by_condition::RUN).on(0),
    modelled("AlwaysPullImages", always_pull_images::RUN),
    named("ImagePolicyWebhook"),
    modelled(pod_security::NAME, pod_security::RUN).since(22).on(22),
    named("PodSecurityPolicy").until(24),
    modelled("PodNodeSelector", pod_node_selector::RUN),
    modelled("Priority", priority::RUN).on(0),
    modelled("DefaultTolerationSeconds", default_toleration_seconds::RUN).on(0),
    modelled("PodTolerationRestriction", pod_toleration_restriction::RUN),
    named("DenyEscalatingExec").until(20),
    named("DenyExecOnPrivileged").until(20),
    modelled(event_rate_limit::NAME, event_rate_limit::RUN),
    modelled("ExtendedResourceToleration", extended_resource_toleration::RUN),
    named("PersistentVolumeLabel").until(30),
    modelled("DefaultStorageClass", storage::default_class::RUN).on(0),
    modelled("StorageObjectInUseProtection", storage::in_use::RUN).on(0),
    modelled("PodGroupProtection", pod_groups::RUN).since(36).on(36),
    modelled("OwnerReferencesPermissionEnforcement", owner_references::RUN),
    modelled("PersistentVolumeClaimResize", storage::resize::RUN).on(0),
    modelled("RuntimeClass", runtime_class::RUN).on(0),
    modelled("CertificateApproval", certificates::APPROVAL).on(0),
    modelled("CertificateSigning", certificates::SIGNING).on(0),
    modelled("ClusterTrustBundleAttest", certificates::ATTEST).since(27).on(27),
    modelled("CertificateSubjectRestriction", certificates::SUBJECT_RESTRICTION).on(0),
    modelled("DefaultIngressClass", storage::default_class::INGRESS).on(0),
    modelled("DenyServiceExternalIPs", deny_service_external_ips::RUN).since(21),
    modelled("PodTopologyLabels", pod_topology_labels::RUN).since(33).on(33),
    modelled("PodGroupWorkloadExists", pod_groups::RUN).since(36).on(36),
    modelled("NodeDeclaredFeatureValidator", pod_resize::FEATURES).since(35).on(35),
    modelled("JobValidation", pod_groups::RUN).since(36).on(36),
    modelled("PodResizeValidator", pod_resize::CAPACITY).since(36).on(36),
    modelled("MutatingAdmissionPolicy", policy::ADMIT).since(32).on(32),
    modelled(webhook::MUTATING, webhook::ADMIT).on(0),
    modelled("ValidatingAdmissionPolicy", policy::VALIDATE).since(26).on(26),
    modelled(webhook::VALIDATING, webhook::VALIDATE).on(0),
    modelled("ResourceQuota", resource_quota::RUN).on(0),
    modelled("AlwaysDeny", always::DENY),
];

/// The plugins that a release knows, and whether they are on by default.
pub(crate) fn of_release(version: Version) -> impl Iterator<Item = (&'static str, bool)> {
    let known = CHAIN.iter().filter(move |plugin| plugin.known_in(version));
    known.map(move |plugin| (plugin.name, version.at_least(plugin.on_since)))
}

/// Says what is wrong with a plugin's configuration; null for none.
type Check = fn(Version, &Value) -> Result<(), Error>;

/// The plugins that read a configuration.
const CONFIGURED: &[(&str, Check)] = &[
    (pod_security::NAME, |version, written| pod_security::Settings::read(version, written).map(drop)),
    (event_rate_limit::NAME, |version, written| event_rate_limit::Settings::read(version, written).map(drop)),
];

/// The plugins of one cluster, in order.
#[derive(Clone, Debug)]
pub struct Chain {
    plugins: Vec<&'static Plugin>,
    configuration: Arc<BTreeMap<String, Value>>,
    manifests: Arc<Manifests>,
}

impl Chain {
    /// Selects by the flags: those of the release's defaults and of `--enable-admission-plugins`, less those of
    /// `--disable-admission-plugins`; or exactly those of `--admission-control`. The order is always that of [`CHAIN`].
    ///
    /// # Errors
    /// A flag names a plugin that the release does not have or the model does not know, or a configuration is wrong.
    pub fn new(config: &Config) -> Result<Chain, Error> {
        let enabled = &config.enable_admission_plugins;
        let disabled = &config.disable_admission_plugins;
        refused(config)?;
        let wanted = config.admission_control.as_ref().unwrap_or(enabled);
        for name in wanted {
            let plugin = known(name, config.version, "")?;
            if plugin.run.is_none() {
                return Err(Error::new(format!("admission plugin `{name}` is not modelled"))
                    .hint("take it out of the flag"));
            }
        }
        let runs = |plugin: &&Plugin| {
            let by_default = config.admission_control.is_none()
                && config.version.at_least(plugin.on_since)
                && !disabled.iter().any(|name| name == plugin.name);
            by_default || wanted.iter().any(|name| name == plugin.name)
        };
        let configuration = configuration::of_all(config)?;
        for name in configuration.keys() {
            known(name, config.version, "")?;
        }
        let of_release = CHAIN.iter().filter(|plugin| plugin.known_in(config.version));
        let modelled = |plugin: &&Plugin| plugin.run.is_some();
        let plugins: Vec<&'static Plugin> = of_release.filter(runs).filter(modelled).collect();
        for (name, check) in CONFIGURED {
            let written = configuration.get(*name);
            // What is wrong with it keeps a server from starting, whether its plugin runs or not.
            if written.is_some() || plugins.iter().any(|plugin| plugin.name == *name) {
                let checked = check(config.version, written.unwrap_or(&Value::Null));
                checked.map_err(|error| match &config.admission_config {
                    Some(file) => error.in_file(&file.path),
                    None => error,
                })?;
            }
        }
        Ok(Chain {
            plugins,
            configuration: Arc::new(configuration),
            manifests: Arc::new(config.manifests()?),
        })
    }

    /// The plugins in order.
    pub fn iter(&self) -> impl Iterator<Item = &'static Plugin> + '_ {
        self.plugins.iter().copied()
    }

    /// The policies or bindings that stand in files, by the name under which their like are stored.
    pub(crate) fn manifests(&self, resource: &str) -> &[Arc<Value>] {
        self.manifests.get(resource).map_or(&[], Vec::as_slice)
    }

    /// What `--admission-control-config-file` says to a plugin; null for nothing.
    pub fn configuration(&self, name: &str) -> &Value {
        self.configuration.get(name).unwrap_or(&Value::Null)
    }
}

/// Which flags about plugins keep a server from starting, all in one error (`AdmissionOptions.Validate`).
fn refused(config: &Config) -> Result<(), Error> {
    let (enabled, disabled) = (&config.enable_admission_plugins, &config.disable_admission_plugins);
    let mut wrong: Vec<Error> = Vec::new();
    if config.admission_control.is_some() && !(enabled.is_empty() && disabled.is_empty()) {
        wrong.push(Error::new(
            "admission-control and enable-admission-plugins/disable-admission-plugins flags are mutually exclusive",
        ));
    }
    for (flag, names) in [
        ("admission-control", config.admission_control.as_ref().unwrap_or(&Vec::new())),
        ("enable-admission-plugins", enabled),
        ("disable-admission-plugins", disabled),
    ] {
        wrong.extend(names.iter().filter_map(|name| known(name, config.version, flag).err()));
    }
    let both: BTreeSet<&str> =
        enabled.iter().filter(|name| disabled.contains(name)).map(String::as_str).collect();
    if !both.is_empty() {
        let both = Vec::from_iter(both).join(" ");
        wrong.push(Error::new(format!(
            "[{both}] in enable-admission-plugins and disable-admission-plugins overlapped"
        )));
    }
    match wrong.len() {
        0 => Ok(()),
        1 => Err(wrong.remove(0)),
        _ => {
            let all: Vec<&str> = wrong.iter().map(|error| error.message.as_str()).collect();
            Err(Error::new(aggregate(&all).unwrap_or_default()))
        }
    }
}

/// The plugin of a name that a flag tells, or a file.
fn known(name: &str, version: Version, flag: &str) -> Result<&'static Plugin, Error> {
    let of_release = || CHAIN.iter().filter(|plugin| plugin.known_in(version));
    of_release().find(|plugin| plugin.name == name).ok_or_else(|| {
        let error = Error::new(match flag {
            "" => format!("unknown admission plugin `{name}` in Kubernetes {version}"),
            flag => format!("{flag} plugin {} is unknown", quote(name)),
        });
        match CHAIN.iter().find(|plugin| plugin.name == name) {
            Some(plugin) if version.before(plugin.since) => {
                error.hint(format!("Kubernetes 1.{} was the first to know it", plugin.since))
            }
            Some(plugin) => error.hint(format!("Kubernetes 1.{} was the last to know it", plugin.until)),
            None => error.nearest(name, of_release().map(|plugin| plugin.name)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::File;

    /// Each release with its plugins in their order (`AllOrderedPlugins`), `+` on by default, as its server lists them.
    fn listed() -> Vec<(Version, Vec<&'static str>)> {
        let mut listed: Vec<(Version, Vec<&'static str>)> = Vec::new();
        let text = include_str!("../../tests/releases/plugins.tsv");
        for (version, plugins) in text.lines().filter_map(|line| line.split_once('\t')) {
            let plugins = match (plugins, listed.last()) {
                ("as before", Some((_, plugins))) => plugins.clone(),
                _ => plugins.split(' ').collect(),
            };
            listed.push((version.parse().unwrap(), plugins));
        }
        listed
    }

    /// What a plugin that can't do without is configured with.
    const CONFIGURATION: &[u8] = br#"
apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: EventRateLimit
  configuration:
    apiVersion: eventratelimit.admission.k8s.io/v1alpha1
    kind: Configuration
    limits: [{type: Server, qps: 1, burst: 1}]
"#;

    fn chain(minor: u8, change: impl FnOnce(&mut Config)) -> Result<String, Error> {
        let mut config = Config::new(Version::minor(minor));
        change(&mut config);
        let names: Vec<&str> = Chain::new(&config)?.iter().map(|plugin| plugin.name).collect();
        Ok(names.join(" "))
    }

    fn words(text: &str) -> Vec<String> {
        text.split(',').map(str::to_owned).collect()
    }

    fn file(text: &[u8]) -> Option<File> {
        Some(File { path: "admission.yaml".to_owned(), text: text.into() })
    }

    #[test]
    fn flags_select() {
        let old =
            "ResourceQuota,SecurityContextDeny,LimitRanger,ServiceAccount,NamespaceExists,NamespaceLifecycle";
        assert_eq!(
            chain(20, |config| config.admission_control = Some(words(old))).unwrap(),
            "NamespaceLifecycle NamespaceExists SecurityContextDeny LimitRanger ServiceAccount ResourceQuota"
        );
        let without = chain(36, |config| config.disable_admission_plugins = words("ServiceAccount")).unwrap();
        assert!(!without.contains("ServiceAccount") && without.contains("LimitRanger"), "{without}");
    }

    #[test]
    fn plugins_and_defaults_are_those_that_servers_list() {
        let all = listed();
        assert_eq!(all.len(), 16);
        for (version, listed) in all {
            let ours = CHAIN.iter().filter(|plugin| plugin.known_in(version));
            let sign = |plugin: &Plugin| if version.at_least(plugin.on_since) { '+' } else { '-' };
            let ours: Vec<String> = ours.map(|plugin| format!("{}{}", sign(plugin), plugin.name)).collect();
            assert_eq!(ours, listed, "{version}");
        }
    }

    #[test]
    fn every_plugin_of_a_release_runs_or_is_refused_by_name() {
        for version in [Version::OLDEST, Version::NEWEST] {
            for plugin in CHAIN.iter().filter(|plugin| plugin.known_in(version)) {
                let name = plugin.name;
                let on = chain(version.number(), |config| {
                    config.enable_admission_plugins = words(name);
                    config.admission_config = file(CONFIGURATION);
                });
                match (plugin.run, on) {
                    (Some(_), on) => assert!(on.unwrap().split(' ').any(|runs| runs == name), "{name}"),
                    (None, on) => {
                        let why = format!("admission plugin `{name}` is not modelled");
                        assert_eq!(on.unwrap_err().message, why);
                    }
                }
                let off = chain(version.number(), |config| config.disable_admission_plugins = words(name));
                assert!(off.unwrap().split(' ').all(|runs| runs != name), "{name}");
            }
        }
    }

    #[test]
    fn flags_that_keep_a_server_from_starting() {
        for (control, on, off, why) in [
            (
                None,
                "NodeRestriction,A",
                "B,NodeRestriction",
                "[enable-admission-plugins plugin \"A\" is unknown, disable-admission-plugins plugin \"B\" is unknown, \
                 [NodeRestriction] in enable-admission-plugins and disable-admission-plugins overlapped]",
            ),
            (
                None,
                "ServiceAccount,LimitRanger",
                "LimitRanger,ServiceAccount",
                "[LimitRanger ServiceAccount] in enable-admission-plugins and disable-admission-plugins overlapped",
            ),
            (
                Some("LimitRanger"),
                "ServiceAccount",
                "LimitRanger",
                "admission-control and enable-admission-plugins/disable-admission-plugins flags are mutually exclusive",
            ),
            (
                Some("A"),
                "LimitRanger",
                "ServiceAccount",
                "[admission-control and enable-admission-plugins/disable-admission-plugins \
                flags are mutually exclusive, admission-control plugin \"A\" is unknown]",
            ),
        ] {
            let error = chain(32, |config| {
                config.admission_control = control.map(words);
                config.enable_admission_plugins = words(on);
                config.disable_admission_plugins = words(off);
            });
            assert_eq!(error.unwrap_err().message, why);
        }
    }

    #[test]
    fn a_plugin_of_another_release_is_unknown() {
        for (minor, name, hint) in [
            (36, "SecurityContextDeny", "Kubernetes 1.29 was the last to know it"),
            (36, "PodSecurityPolicy", "Kubernetes 1.24 was the last to know it"),
            (20, "PodSecurity", "Kubernetes 1.22 was the first to know it"),
            (36, "EventRatelimits", "did you mean `EventRateLimit`?"),
            (20, "namespacelifecycle", "did you mean `NamespaceLifecycle`?"),
        ] {
            for on in [true, false] {
                let error = chain(minor, |config| match on {
                    true => config.enable_admission_plugins = words(name),
                    false => config.disable_admission_plugins = words(name),
                });
                let error = error.unwrap_err();
                let flag = if on { "enable" } else { "disable" };
                let why = format!("{flag}-admission-plugins plugin \"{name}\" is unknown");
                assert_eq!((error.message, error.hint.as_deref()), (why, Some(hint)));
            }
        }
    }

    #[test]
    fn limits_of_events_must_be_right() {
        let text = String::from_utf8_lossy(CONFIGURATION);
        let with = |limits: &str| text.replace("{type: Server, qps: 1, burst: 1}", limits);
        for (text, why) in [
            (String::new(), "limits: Invalid value: null: must not be empty"),
            (with(""), "limits: Invalid value: null: must not be empty"),
            (
                with("{type: Pod, qps: 0, burst: -1, cacheSize: -1}"),
                "[limits[0].type: Unsupported value: \"Pod\": supported values: \"Namespace\", \"Server\", \
                 \"SourceAndObject\", \"User\", limits[0].burst: Invalid value: -1: must be positive, limits[0].qps: \
                 Invalid value: 0: must be positive, limits[0].cacheSize: Invalid value: -1: must not be negative]",
            ),
            (with("{type: User, qps: 1, burst: 1}").replace("v1alpha1", "v1"), "`Configuration` of"),
        ] {
            let error = chain(36, |config| {
                config.enable_admission_plugins = words("EventRateLimit");
                config.admission_config = file(text.as_bytes()).filter(|_| !text.is_empty());
            });
            let error = error.unwrap_err();
            assert!(error.message.starts_with(&format!("plugin `EventRateLimit`: {why}")), "{error}");
            assert_eq!(error.at.is_some(), !text.is_empty(), "{error}");
        }
    }
}

//! The Pod Security Standards: one file a check (`pod-security-admission/policy/check_*.go`), and how a pod fares under
//! a level (`…/registry.go`).
//!
//! A check's versions are data: which function applies from which release's policy on. What a later server decides
//! differently whatever version a namespace asks for stands in the functions, by [`Pod::server`].

mod allow_privilege_escalation;
mod app_armor_profile;
mod capabilities_baseline;
mod capabilities_restricted;
mod host_namespaces;
mod host_path_volumes;
mod host_ports;
mod host_probes_and_host_lifecycle;
mod privileged;
mod proc_mount;
mod proc_mount_restricted;
mod restricted_volumes;
mod run_as_non_root;
mod run_as_user;
mod se_linux_options;
mod seccomp_profile_baseline;
mod seccomp_profile_restricted;
mod sysctls;
mod windows_host_process;
mod words;

use super::policy::{Level, LevelVersion};
use crate::api::differences::{Difference, USER_NAMESPACES_BY_POLICY};
use crate::api::{Dig, Version};
use crate::json::Value;
use std::fmt;

/// A check.
pub(crate) struct Check {
    /// Its name in Kubernetes' source; it decides the order of violations in a message.
    pub id: &'static str,
    /// The lowest level that has it.
    pub level: Level,
    /// What it looks for, from which release's policy on; oldest first.
    pub versions: &'static [Versioned],
}

/// A check from one release's policy on.
pub(crate) struct Versioned {
    /// The minor release.
    pub since: u8,
    /// What the pod does wrong, if anything.
    run: fn(&Pod<'_>) -> Option<Violation>,
    /// The baseline check that needs no asking where this one is asked.
    pub overrides: Option<&'static str>,
    /// The pods that it lets be.
    spares: Option<fn(&Pod<'_>) -> bool>,
}

impl Check {
    /// What applies in the policy of a minor release.
    pub(crate) fn at(&self, minor: u8) -> Option<&'static Versioned> {
        self.versions.iter().rev().find(|version| version.since <= minor)
    }
}

const fn since(minor: u8, run: fn(&Pod<'_>) -> Option<Violation>) -> Versioned {
    Versioned { since: minor, run, overrides: None, spares: None }
}

impl Versioned {
    const fn overriding(mut self, id: &'static str) -> Versioned {
        self.overrides = Some(id);
        self
    }

    const fn sparing(mut self, pods: fn(&Pod<'_>) -> bool) -> Versioned {
        self.spares = Some(pods);
        self
    }

    /// What a pod does wrong by it.
    pub(crate) fn violation(&self, pod: &Pod<'_>) -> Option<Violation> {
        match self.spares {
            Some(spares) if spares(pod) => None,
            Some(_) | None => (self.run)(pod),
        }
    }
}

/// Every check, by level and id.
pub(crate) const CHECKS: &[Check] = &[
    app_armor_profile::CHECK,
    capabilities_baseline::CHECK,
    host_namespaces::CHECK,
    host_path_volumes::CHECK,
    host_ports::CHECK,
    host_probes_and_host_lifecycle::CHECK,
    privileged::CHECK,
    proc_mount::CHECK,
    se_linux_options::CHECK,
    seccomp_profile_baseline::CHECK,
    sysctls::CHECK,
    windows_host_process::CHECK,
    allow_privilege_escalation::CHECK,
    capabilities_restricted::CHECK,
    proc_mount_restricted::CHECK,
    restricted_volumes::CHECK,
    run_as_non_root::CHECK,
    run_as_user::CHECK,
    seccomp_profile_restricted::CHECK,
];

/// A pod, or a template of one, as the checks see it.
pub(crate) struct Pod<'a> {
    /// Its metadata.
    pub metadata: &'a Value,
    /// Its spec.
    pub spec: &'a Value,
    /// The server's release.
    pub server: Version,
    /// Whether `UserNamespacesPodSecurityStandards` is on, a gate of 1.29 to 1.34.
    pub user_namespaces_gate: bool,
}

impl<'a> Pod<'a> {
    /// Init containers, containers, ephemeral containers.
    pub(crate) fn containers(&self) -> impl Iterator<Item = &'a Value> + use<'a> {
        let spec = self.spec;
        let lists = ["initContainers", "containers", "ephemeralContainers"];
        lists.into_iter().flat_map(move |list| spec.list(list))
    }

    /// The names of the containers that a condition holds for.
    fn containers_where(&self, mut condition: impl FnMut(&Value) -> bool) -> Vec<&'a str> {
        let chosen = self.containers().filter(|container| condition(container));
        chosen.map(|container| container.text("name")).collect()
    }

    /// The containers that a condition holds for, in words; none if it holds for none.
    fn who(&self, condition: impl FnMut(&Value) -> bool) -> Option<String> {
        words::setters(false, &self.containers_where(condition))
    }

    /// Whether the gate spares it a check, on a server whose gate knows of that check.
    fn is_relaxed_by_gate(&self, spares: Difference) -> bool {
        let known = self.server.has(spares) && !self.server.has(USER_NAMESPACES_BY_POLICY);
        known && self.user_namespaces_gate && has_user_namespace(self)
    }
}

/// Whether a pod says that it runs on Windows.
fn is_windows(pod: &Pod<'_>) -> bool {
    pod.spec.text("os.name") == "windows"
}

/// Whether root inside a pod is nobody on the node.
fn has_user_namespace(pod: &Pod<'_>) -> bool {
    pod.spec.at("hostUsers") == &Value::Bool(false)
}

/// What a pod does wrong by one check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// In a few words.
    pub reason: &'static str,
    /// Which part of the pod does it.
    pub detail: String,
}

impl Violation {
    fn new(reason: &'static str, detail: impl Into<String>) -> Option<Violation> {
        Some(Violation { reason, detail: detail.into() })
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.detail.as_str() {
            "" => write!(f, "{}", self.reason),
            detail => write!(f, "{} ({detail})", self.reason),
        }
    }
}

/// What a pod violates, in order: the baseline checks by id, then the restricted ones by id.
pub(crate) fn evaluate(policy: LevelVersion, pod: &Pod<'_>) -> Vec<Violation> {
    let minor = policy.version.on(pod.server);
    let in_force = |level: Level| {
        let of_level = CHECKS.iter().filter(move |check| check.level == level);
        of_level.filter_map(move |check| Some((check, check.at(minor)?)))
    };
    let baseline: Vec<(&Check, &Versioned)> = in_force(Level::Baseline).collect();
    let checks = match policy.level {
        Level::Privileged => Vec::new(),
        Level::Baseline => baseline,
        Level::Restricted => {
            let restricted: Vec<_> = in_force(Level::Restricted).collect();
            let is_overridden = |id: &str| restricted.iter().any(|(_, check)| check.overrides == Some(id));
            let kept = baseline.into_iter().filter(|(check, _)| !is_overridden(check.id));
            kept.chain(restricted.iter().copied()).collect()
        }
    };
    checks.iter().filter_map(|(_, check)| check.violation(pod)).collect()
}

/// The violations with their details, as a refusal and a warning tell them.
pub(crate) fn details(violations: &[Violation]) -> String {
    let texts: Vec<String> = violations.iter().map(Violation::to_string).collect();
    texts.join(", ")
}

/// The violations without their details.
pub(crate) fn reasons(violations: &[Violation]) -> String {
    let texts: Vec<&str> = violations.iter().map(|violation| violation.reason).collect();
    texts.join(", ")
}

#[cfg(test)]
mod tests;

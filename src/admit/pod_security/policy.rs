//! Levels, versions and the policy that a namespace's labels ask for (`pod-security-admission/api/helpers.go`).

use crate::api::differences::WARN_FOLLOWS_ENFORCE;
use crate::api::{Dig, Errors, Version};
use crate::json::Value;
use std::fmt;

/// How strict a policy is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// Nothing is checked.
    Privileged,
    /// Known ways to take over a node are closed.
    Baseline,
    /// A pod must be hardened.
    Restricted,
}

impl Level {
    const ALL: [Level; 3] = [Level::Privileged, Level::Baseline, Level::Restricted];

    /// The level of that name, or what is wrong with the name.
    pub(crate) fn parse(name: &str) -> Result<Level, &'static str> {
        let found = Level::ALL.into_iter().find(|level| level.name() == name);
        found.ok_or("must be one of privileged, baseline, restricted")
    }

    /// The name in labels and messages.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Level::Privileged => "privileged",
            Level::Baseline => "baseline",
            Level::Restricted => "restricted",
        }
    }
}

/// Of which release the checks are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PolicyVersion {
    /// Those of 1.`minor`.
    Minor(u32),
    /// Those of the server.
    Latest,
}

impl PolicyVersion {
    /// The version of that text, or what is wrong with the text.
    pub(crate) fn parse(text: &str) -> Result<PolicyVersion, &'static str> {
        if text == "latest" {
            return Ok(PolicyVersion::Latest);
        }
        let minor = text.strip_prefix("v1.").and_then(|minor| {
            let plain =
                minor.bytes().all(|b| b.is_ascii_digit()) && (minor == "0" || !minor.starts_with('0'));
            minor.parse().ok().filter(|_| plain)
        });
        minor.map(PolicyVersion::Minor).ok_or("must be \"latest\" or \"v1.x\"")
    }

    /// The minor release whose checks apply on a server: never a later one than its own.
    pub(super) fn on(self, server: Version) -> u8 {
        match self {
            PolicyVersion::Minor(minor) => u8::try_from(minor).unwrap_or(u8::MAX).min(server.number()),
            PolicyVersion::Latest => server.number(),
        }
    }
}

impl fmt::Display for PolicyVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PolicyVersion::Minor(minor) => write!(f, "v1.{minor}"),
            PolicyVersion::Latest => write!(f, "latest"),
        }
    }
}

/// A level in a version: `restricted:latest`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LevelVersion {
    /// How strict.
    pub level: Level,
    /// Of which release.
    pub version: PolicyVersion,
}

impl LevelVersion {
    /// What holds where nobody said anything.
    pub(crate) const PRIVILEGED: LevelVersion =
        LevelVersion { level: Level::Privileged, version: PolicyVersion::Latest };

    fn is_equivalent(self, other: LevelVersion) -> bool {
        self == other || (self.level == Level::Privileged && other.level == Level::Privileged)
    }
}

impl fmt::Display for LevelVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.level.name(), self.version)
    }
}

/// What a violation leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The pod is refused.
    Enforce,
    /// The audit event says so.
    Audit,
    /// The client is warned.
    Warn,
}

impl Mode {
    /// In the order in which labels are read.
    pub(crate) const ALL: [Mode; 3] = [Mode::Enforce, Mode::Audit, Mode::Warn];

    /// The name in labels and in the configuration.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Mode::Enforce => "enforce",
            Mode::Audit => "audit",
            Mode::Warn => "warn",
        }
    }

    /// The label that holds the level.
    pub(crate) fn level_label(self) -> String {
        format!("{LABELS}{}", self.name())
    }

    /// The label that holds the version.
    pub(crate) fn version_label(self) -> String {
        format!("{LABELS}{}-version", self.name())
    }
}

/// The prefix of labels, and of annotations of audit events.
pub(crate) const LABELS: &str = "pod-security.kubernetes.io/";

/// What a namespace asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Policy {
    /// A pod that violates it is refused.
    pub enforce: LevelVersion,
    /// A violation is noted in the audit event.
    pub audit: LevelVersion,
    /// A violation is told to the client.
    pub warn: LevelVersion,
}

impl Policy {
    /// What holds where nobody said anything.
    pub(crate) const PRIVILEGED: Policy = Policy {
        enforce: LevelVersion::PRIVILEGED,
        audit: LevelVersion::PRIVILEGED,
        warn: LevelVersion::PRIVILEGED,
    };

    /// The policy of a namespace, and what is wrong with its labels. A wrong enforce level is taken as `restricted`, a
    /// wrong one of the other modes as `privileged`, a wrong version as `latest`.
    pub(crate) fn of(namespace: &Value, defaults: Policy, server: Version) -> (Policy, Errors) {
        let mut policy = defaults;
        let errors = Errors::new(server);
        for mode in Mode::ALL {
            let at = policy.of_mode_mut(mode);
            let label = mode.level_label();
            if let Some(text) = namespace.label(&label) {
                at.level = Level::parse(text).unwrap_or_else(|why| {
                    errors.invalid(format!("metadata.labels[{label}]"), text, why);
                    if mode == Mode::Enforce { Level::Restricted } else { Level::Privileged }
                });
            }
            let label = mode.version_label();
            if let Some(text) = namespace.label(&label) {
                at.version = PolicyVersion::parse(text).unwrap_or_else(|why| {
                    errors.invalid(format!("metadata.labels[{label}]"), text, why);
                    PolicyVersion::Latest
                });
            }
        }
        if server.has(WARN_FOLLOWS_ENFORCE) {
            policy.warn_of_what_is_enforced(namespace);
        }
        (policy, errors)
    }

    /// Without a label of its own, warn is at least as strict as an enforce label.
    fn warn_of_what_is_enforced(&mut self, namespace: &Value) {
        let has = |label: String| namespace.label(&label).is_some();
        let follows = has(Mode::Enforce.level_label()) && !has(Mode::Warn.level_label());
        if follows && self.enforce.level > self.warn.level {
            self.warn.level = self.enforce.level;
            if !has(Mode::Warn.version_label()) {
                self.warn.version = self.enforce.version;
            }
        }
    }

    /// The level and version of a mode.
    pub(crate) const fn of_mode(&self, mode: Mode) -> LevelVersion {
        match mode {
            Mode::Enforce => self.enforce,
            Mode::Audit => self.audit,
            Mode::Warn => self.warn,
        }
    }

    /// The place of a mode's level and version.
    pub(crate) const fn of_mode_mut(&mut self, mode: Mode) -> &mut LevelVersion {
        match mode {
            Mode::Enforce => &mut self.enforce,
            Mode::Audit => &mut self.audit,
            Mode::Warn => &mut self.warn,
        }
    }

    /// Whether no mode checks anything.
    pub(crate) fn is_fully_privileged(&self) -> bool {
        self.is_equivalent(&Policy::PRIVILEGED)
    }

    /// Whether both treat every pod alike.
    pub(crate) fn is_equivalent(&self, other: &Policy) -> bool {
        Mode::ALL.into_iter().all(|mode| self.of_mode(mode).is_equivalent(other.of_mode(mode)))
    }
}

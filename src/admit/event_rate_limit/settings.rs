//! The plugin's `Configuration` (`eventratelimit/apis/eventratelimit`, `…/validation`).

use super::NAME;
use crate::api::{Errors, Version};
use crate::error::Error;
use crate::json::Value;
use serde::Deserialize;

/// What events are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    /// All of them together.
    Server,
    /// Those of each namespace.
    Namespace,
    /// Those of each user.
    User,
    /// Those of each source about each object.
    SourceAndObject,
}

impl Type {
    const ALL: [Type; 4] = [Type::Namespace, Type::Server, Type::SourceAndObject, Type::User];

    /// The name in a configuration.
    pub(super) fn name(self) -> &'static str {
        match self {
            Type::Server => "Server",
            Type::Namespace => "Namespace",
            Type::User => "User",
            Type::SourceAndObject => "SourceAndObject",
        }
    }
}

/// How many events there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    /// By what they are counted.
    pub of: Type,
    /// How many a second, in the long run.
    pub qps: u32,
    /// How many at once.
    pub burst: u32,
    /// How many namespaces, users or sources are remembered.
    pub cache_size: usize,
}

/// The plugin's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    /// The limits, each of which must be kept.
    pub limits: Vec<Limit>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Configuration {
    api_version: String,
    kind: String,
    #[serde(default)]
    limits: Vec<Written>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[derive(Default)]
struct Written {
    r#type: String,
    qps: i32,
    burst: i32,
    cache_size: i32,
}

const API_VERSION: &str = "eventratelimit.admission.k8s.io/v1alpha1";

/// How many are remembered where the configuration says nothing.
const CACHE_SIZE: usize = 4096;

impl Settings {
    /// What the admission configuration file says to the plugin, which can't do without (null).
    pub(crate) fn read(version: Version, written: &Value) -> Result<Settings, Error> {
        let mut limits = Vec::new();
        if !written.is_null() {
            let read = Configuration::deserialize(written.clone())
                .map_err(|error| Error::new(format!("plugin `{NAME}`: {error}")))?;
            if (read.kind.as_str(), read.api_version.as_str()) != ("Configuration", API_VERSION) {
                let why = format!(
                    "plugin `{NAME}`: `{}` of `{}` is no configuration of it",
                    read.kind, read.api_version
                );
                return Err(Error::new(why).hint(format!("kind: Configuration, apiVersion: {API_VERSION}")));
            }
            limits = read.limits;
        }
        let errors = Errors::new(version);
        if limits.is_empty() {
            errors.invalid("limits", Value::Null, "must not be empty");
        }
        let limits = limits.iter().enumerate().filter_map(|(i, limit)| limit.check(i, &errors)).collect();
        match errors.is_empty() {
            true => Ok(Settings { limits }),
            false => Err(Error::new(format!("plugin `{NAME}`: {}", errors.summary()))
                .hint("its limits stand in the file of `admission-control-config-file`")),
        }
    }
}

impl Written {
    /// `ValidateConfiguration`.
    fn check(&self, index: usize, errors: &Errors) -> Option<Limit> {
        let at = |field: &str| format!("limits[{index}].{field}");
        let of = Type::ALL.into_iter().find(|of| of.name() == self.r#type);
        if of.is_none() {
            errors.not_supported(at("type"), &self.r#type, &Type::ALL.map(Type::name));
        }
        if self.burst <= 0 {
            errors.invalid(at("burst"), self.burst, "must be positive");
        }
        if self.qps <= 0 {
            errors.invalid(at("qps"), self.qps, "must be positive");
        }
        if self.cache_size < 0 && of != Some(Type::Server) {
            errors.invalid(at("cacheSize"), self.cache_size, "must not be negative");
        }
        let cache_size = match usize::try_from(self.cache_size) {
            Ok(size) if size > 0 => size,
            Ok(_) | Err(_) => CACHE_SIZE,
        };
        let positive = |number: i32| u32::try_from(number).ok();
        Some(Limit { of: of?, qps: positive(self.qps)?, burst: positive(self.burst)?, cache_size })
    }
}

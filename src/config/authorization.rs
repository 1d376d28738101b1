//! Which authorizers there are, in order: by the flags `--authorization-mode` and `--authorization-webhook-…`, or by the
//! `AuthorizationConfiguration` of `--authorization-config` (`pkg/kubeapiserver/options/authorization.go`,
//! `apiserver/pkg/apis/apiserver/validation`). Errors have the words of that validation.
//!
//! # Differs from Kubernetes
//!
//! The file is read once, at the start: a real server reads it again whenever it changes. `InClusterConfig` is refused.

use super::{AuthorizedTtls, Config, File, Kubeconfig, ReadFile};
use crate::api::names::dns1123_subdomain;
use crate::api::{Errors, Version};
use crate::error::Error;
use jiff::SignedDuration;
use serde::Deserialize;

/// The longest that a webhook may be waited for.
const LONGEST: SignedDuration = SignedDuration::from_secs(30);
/// `MaxMatchConditions`.
const CONDITIONS: usize = 64;

/// One authorizer.
#[derive(Clone, Debug, PartialEq)]
pub struct Authorizer {
    /// `Node`, `RBAC`, `ABAC`, `Webhook`, `AlwaysAllow` or `AlwaysDeny`.
    pub mode: String,
    /// What the file calls it.
    pub name: String,
    /// Who is asked; of mode Webhook alone.
    pub webhook: Option<AuthorizationWebhook>,
}

/// An authorizer outside.
#[derive(Clone, Debug, PartialEq)]
pub struct AuthorizationWebhook {
    /// Where it is.
    pub client: Kubeconfig,
    /// The version of the review.
    pub version: String,
    /// How long it is waited for.
    pub timeout: SignedDuration,
    /// How long its answers are remembered.
    pub ttl: AuthorizedTtls,
    /// Whether one that could not be asked denies (`failurePolicy: Deny`).
    pub denies: bool,
    /// Expressions over the review's spec, all of which must hold for it to be asked.
    pub conditions: Vec<String>,
}

impl Config {
    /// The authorizers in order.
    pub fn authorizers(&self) -> Vec<Authorizer> {
        if let Some(authorizers) = &self.authorization_config {
            return authorizers.clone();
        }
        let flags = &self.authorization_webhook;
        let webhook = || {
            Some(AuthorizationWebhook {
                client: flags.client.clone()?,
                version: flags.version.clone(),
                timeout: LONGEST,
                ttl: flags.ttl,
                denies: false,
                conditions: Vec::new(),
            })
        };
        let modes = self.authorization_modes.iter();
        modes
            .map(|mode| Authorizer {
                mode: mode.clone(),
                name: mode.to_lowercase(),
                webhook: if mode == "Webhook" { webhook() } else { None },
            })
            .collect()
    }

    /// Whether an authorizer of a mode is asked.
    pub fn has_authorizer(&self, mode: &str) -> bool {
        match &self.authorization_config {
            Some(authorizers) => authorizers.iter().any(|authorizer| authorizer.mode == mode),
            None => self.authorization_modes.iter().any(|one| one == mode),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Written {
    api_version: String,
    kind: String,
    #[serde(default)]
    authorizers: Vec<WrittenAuthorizer>,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
#[derive(Default)]
struct WrittenAuthorizer {
    r#type: String,
    name: String,
    webhook: Option<WrittenWebhook>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct WrittenWebhook {
    #[serde(rename = "authorizedTTL")]
    authorized_ttl: Option<String>,
    cache_authorized_requests: Option<bool>,
    #[serde(rename = "unauthorizedTTL")]
    unauthorized_ttl: Option<String>,
    cache_unauthorized_requests: Option<bool>,
    timeout: Option<String>,
    subject_access_review_version: String,
    match_condition_subject_access_review_version: String,
    failure_policy: String,
    connection_info: ConnectionInfo,
    match_conditions: Vec<MatchCondition>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "camelCase")]
struct ConnectionInfo {
    r#type: String,
    kube_config_file: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct MatchCondition {
    expression: String,
}

/// Reads an `AuthorizationConfiguration`.
///
/// # Errors
/// It is no such file in a version that the release reads, or its validation fails.
pub(super) fn read(file: &File, version: Version, read: ReadFile<'_>) -> Result<Vec<Authorizer>, Error> {
    let written: Written = super::decode(file)?;
    let wrong = |why: String| Error::new(why).in_file(&file.path);
    let kind = "AuthorizationConfiguration";
    super::known(&written.api_version, &written.kind, kind, VERSIONS, version).map_err(wrong)?;
    let errors = Errors::new(version);
    let found = checked(&written, &errors, &|path| Kubeconfig::named(path, read));
    match errors.is_empty() {
        true => found.map_err(|error| error.in_file(&file.path)),
        false => Err(wrong(errors.summary())),
    }
}

/// Versions of the file, each with the release that first reads it.
const VERSIONS: &[(&str, u8)] = &[("v1alpha1", 29), ("v1beta1", 30), ("v1", 32)];

/// Modes that may stand once, in the order of a list of them, and the one that may stand more often.
const MODES: [&str; 6] = ["ABAC", "AlwaysAllow", "AlwaysDeny", "Node", "RBAC", "Webhook"];

type Open<'a> = &'a dyn Fn(&str) -> Result<Kubeconfig, Error>;

fn checked(written: &Written, errors: &Errors, open: Open<'_>) -> Result<Vec<Authorizer>, Error> {
    if written.authorizers.is_empty() {
        errors.required("authorizers", "at least one authorization mode must be defined");
    }
    let (mut modes, mut names) = (Vec::new(), Vec::new());
    let mut found = Vec::new();
    for (i, one) in written.authorizers.iter().enumerate() {
        let path = format!("authorizers[{i}]");
        let mode = one.r#type.as_str();
        if mode.is_empty() {
            errors.required(format_args!("{path}.type"), "");
        } else if !MODES.contains(&mode) {
            errors.not_supported(format_args!("{path}.type"), mode, &MODES);
        } else if mode != "Webhook" && modes.contains(&mode) {
            errors.duplicate(format_args!("{path}.type"), mode);
        }
        modes.push(mode);
        let name = one.name.as_str();
        if name.is_empty() {
            errors.required(format_args!("{path}.name"), "");
        } else if names.contains(&name) {
            errors.duplicate(format_args!("{path}.name"), name);
        } else {
            errors.invalid_each(format_args!("{path}.name"), name, dns1123_subdomain(name));
        }
        names.push(name);
        let webhook = match (mode, &one.webhook) {
            ("Webhook", None) => {
                errors.required(format_args!("{path}.webhook"), "required when type=Webhook");
                None
            }
            ("Webhook", Some(webhook)) => webhook.checked(&format!("{path}.webhook"), errors, open)?,
            (_, Some(_)) => {
                let why = "may only be specified when type=Webhook";
                errors.invalid(format_args!("{path}.webhook"), "non-null", why);
                None
            }
            (_, None) => None,
        };
        found.push(Authorizer { mode: mode.to_owned(), name: name.to_owned(), webhook });
    }
    Ok(found)
}

impl WrittenWebhook {
    fn checked(
        &self,
        path: &str,
        errors: &Errors,
        open: Open<'_>,
    ) -> Result<Option<AuthorizationWebhook>, Error> {
        let field = |name: &str| format!("{path}.{name}");
        let span = |name: &str, text: &Option<String>, or: Option<SignedDuration>| {
            let parsed = text.as_deref().map(str::parse::<SignedDuration>);
            match (parsed, or) {
                (Some(Ok(span)), _) if span > SignedDuration::ZERO => span,
                (Some(parsed), _) => {
                    let why = if parsed.is_ok() { "must be > 0s" } else { "must be a duration" };
                    errors.invalid(field(name), text.as_deref().unwrap_or_default(), why);
                    LONGEST
                }
                (None, Some(or)) => or,
                (None, None) => {
                    errors.required(field(name), "");
                    LONGEST
                }
            }
        };
        let timeout = span("timeout", &self.timeout, None);
        if timeout > LONGEST {
            let text = self.timeout.as_deref().unwrap_or_default();
            errors.invalid(field("timeout"), text, "must be <= 30s");
        }
        let remembered =
            |cached: Option<bool>, ttl| if cached == Some(false) { SignedDuration::ZERO } else { ttl };
        let authorized = span("authorizedTTL", &self.authorized_ttl, Some(SignedDuration::from_mins(5)));
        let unauthorized =
            span("unauthorizedTTL", &self.unauthorized_ttl, Some(SignedDuration::from_secs(30)));
        let ttl = AuthorizedTtls {
            authorized: remembered(self.cache_authorized_requests, authorized),
            unauthorized: remembered(self.cache_unauthorized_requests, unauthorized),
        };
        let one_of = |name: &str, value: &str, allowed: &[&str]| match value {
            "" => errors.required(field(name), ""),
            _ if allowed.contains(&value) => {}
            _ => errors.not_supported(field(name), value, allowed),
        };
        one_of("subjectAccessReviewVersion", &self.subject_access_review_version, &["v1", "v1beta1"]);
        let of_conditions = &self.match_condition_subject_access_review_version;
        if !(of_conditions.is_empty() && self.match_conditions.is_empty()) {
            one_of("matchConditionSubjectAccessReviewVersion", of_conditions, &["v1"]);
        }
        one_of("failurePolicy", &self.failure_policy, &["NoOpinion", "Deny"]);
        self.conditions(&field("matchConditions"), errors);
        let client = self.connection(&field("connectionInfo"), errors, open)?;
        Ok(client.map(|client| AuthorizationWebhook {
            client,
            version: self.subject_access_review_version.clone(),
            timeout,
            ttl,
            denies: self.failure_policy == "Deny",
            conditions: self.match_conditions.iter().map(|one| one.expression.clone()).collect(),
        }))
    }

    fn conditions(&self, path: &str, errors: &Errors) {
        if self.match_conditions.len() > CONDITIONS {
            errors.too_many(path, self.match_conditions.len(), CONDITIONS);
            return;
        }
        let mut seen = Vec::new();
        for (i, one) in self.match_conditions.iter().enumerate() {
            let expression = one.expression.trim();
            if expression.is_empty() {
                errors.required(format_args!("{path}[{i}].expression"), "");
            } else if seen.contains(&expression) {
                errors.duplicate(format_args!("{path}[{i}].expression"), expression);
            }
            seen.push(expression);
        }
    }

    fn connection(&self, path: &str, errors: &Errors, open: Open<'_>) -> Result<Option<Kubeconfig>, Error> {
        let at = format!("{path}.kubeConfigFile");
        match (self.connection_info.r#type.as_str(), self.connection_info.kube_config_file.as_deref()) {
            ("", _) => errors.required(format_args!("{path}.type"), ""),
            ("KubeConfigFile", None | Some("")) => errors.required(at, ""),
            ("KubeConfigFile", Some(file)) => return open(file).map(Some),
            ("InClusterConfig", None) => {
                let why =
                    "connectionInfo.type: InClusterConfig is not modelled: this server runs in no cluster";
                return Err(Error::new(why).hint("name a kubeconfig with type: KubeConfigFile"));
            }
            ("InClusterConfig", Some(file)) => {
                errors.invalid(at, file, "can only be set when type=KubeConfigFile");
            }
            (other, _) => errors.not_supported(
                format_args!("{path}.type"),
                other,
                &["InClusterConfig", "KubeConfigFile"],
            ),
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(authorizers: &str) -> Result<Vec<Authorizer>, Error> {
        let text = format!(
            "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\nauthorizers: {authorizers}\n"
        );
        let kubeconfig = "clusters: [{name: c, cluster: {server: 'https://a.example.com/x'}}]\n\
                          contexts: [{name: x, context: {cluster: c}}]\ncurrent-context: x\n";
        let files: ReadFile<'_> = &|path| match path {
            "/hook" => Ok(kubeconfig.into()),
            _ => Err(std::io::Error::from(std::io::ErrorKind::NotFound)),
        };
        let file = File { path: "authz.yaml".to_owned(), text: text.into_bytes().into() };
        super::read(&file, Version::RECORDED, files)
    }

    fn hook(more: &str) -> String {
        format!(
            "[{{type: Webhook, name: h, webhook: {{timeout: 1s, subjectAccessReviewVersion: v1, failurePolicy: Deny, \
             connectionInfo: {{type: KubeConfigFile, kubeConfigFile: /hook}}{more}}}}}]"
        )
    }

    #[test]
    fn a_file_says_who_is_asked() {
        let found = of(&hook(", authorizedTTL: 1s, cacheUnauthorizedRequests: false")).expect("it is good");
        let webhook = found[0].webhook.as_ref().expect("one is asked");
        assert_eq!((found[0].mode.as_str(), webhook.denies), ("Webhook", true));
        let seconds = |span: SignedDuration| span.as_secs();
        assert_eq!((seconds(webhook.ttl.authorized), seconds(webhook.ttl.unauthorized)), (1, 0));
    }

    #[test]
    fn what_is_wrong_has_the_servers_words() {
        for (authorizers, why) in [
            ("[]".to_owned(), "authorizers: Required value: at least one authorization mode must be defined"),
            ("[{type: Nod, name: n}]".to_owned(), "authorizers[0].type: Unsupported value: \"Nod\""),
            (
                "[{type: RBAC, name: a}, {type: RBAC, name: b}]".to_owned(),
                "authorizers[1].type: Duplicate value",
            ),
            ("[{type: RBAC}]".to_owned(), "authorizers[0].name: Required value"),
            (
                "[{type: Webhook, name: w}]".to_owned(),
                "authorizers[0].webhook: Required value: required when",
            ),
            ("[{type: RBAC, name: r, webhook: {}}]".to_owned(), "may only be specified when type=Webhook"),
            ("[{type: RBAC, name: r, wehbook: {}}]".to_owned(), "unknown key `wehbook`"),
            (hook(", authorizedTTL: 0s"), "webhook.authorizedTTL: Invalid value: \"0s\": must be > 0s"),
            (hook(", matchConditions: [{expression: ''}]"), "matchConditions[0].expression: Required value"),
            (
                hook("").replace("timeout: 1s", "timeout: 31s"),
                "webhook.timeout: Invalid value: \"31s\": must be <= 30s",
            ),
            (hook("").replace("Deny", "Fail"), "failurePolicy: Unsupported value: \"Fail\""),
            (hook("").replace("/hook", "/nowhere"), "entity not found"),
        ] {
            let error = of(&authorizers).expect_err(&authorizers).to_string();
            assert!(error.contains(why), "{authorizers}: {error}");
        }
    }
}

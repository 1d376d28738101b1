//! What is wrong with JWT authenticators, in the order and the words of a server's start
//! (`apiserver/pkg/apis/apiserver/validation`); what is right comes out with its expressions compiled.
//!
//! # Differs from Kubernetes
//!
//! Of a URL the parts are looked at, not how its host is spelled. Where `anonymous` is wrong as well, only that is told.

use super::expression::{Expression, Over};
use super::{Authenticator, Source};
use crate::api::differences::{
    JWT_EXTRA_RESERVED, JWT_ISSUERS_OF_OTHERS, JWT_NAMES_GUARDED, JWT_SEVERAL, OIDC_FLAGS_VALIDATED,
};
use crate::api::field::quote;
use crate::api::names::domain_prefixed_path;
use crate::api::{Errors, Version};
use crate::certificates::Certificate;
use crate::config::Config;
use crate::config::jwt::{
    ALGORITHMS, ClaimMappings, ClaimValidationRule, Issuer, JwtAuthenticator, PrefixedClaimOrExpression,
    UserValidationRule,
};
use crate::delegate::Document;
use crate::error::Error;
use crate::json::{Value, json};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::SignedDuration;
use std::fmt::Display;

/// The most authenticators.
const AUTHENTICATORS: usize = 64;
/// After what time an issuer is asked again that did not answer (`oidc.New`).
const AGAIN: SignedDuration = SignedDuration::from_secs(10);
/// The gate without which nothing is said of the way to an issuer.
const EGRESS: &str = "StructuredAuthenticationConfigurationEgressSelector";
/// What a text about a certificate that can't be read says (`client-go/util/cert`).
const NO_CERTIFICATE: &str = "data does not contain any valid RSA or ECDSA certificates";

/// The authenticators that flags or a file configure.
pub(super) fn authenticators(config: &Config) -> Result<Vec<Authenticator>, Error> {
    let written = config.jwt_authenticators();
    let version = config.version;
    let algorithms = config.signing_algorithms();
    let is_file = config.jwt.is_some();
    if !written.is_empty() && !is_file && !version.has(OIDC_FLAGS_VALIDATED) {
        flags(&written, config)?;
    }
    let errors = Errors::new(version);
    let own = match version.has(JWT_ISSUERS_OF_OTHERS) {
        true => config.service_account_issuers.clone(),
        false => Vec::new(),
    };
    let check = Check { config, errors: &errors, own, algorithms: &algorithms };
    let found = if is_file || !written.is_empty() { check.all(&written) } else { Vec::new() };
    if !errors.is_empty() {
        let wrong = Error::new(format!("invalid authentication configuration: {}", errors.summary()));
        return Err(match config.given.get("authentication-config") {
            Some(path) if is_file => wrong.in_file(path),
            _ => wrong,
        });
    }
    if !written.is_empty()
        && let Some(unknown) = algorithms.iter().find(|known| !ALGORITHMS.contains(&known.as_str()))
    {
        return Err(Error::new(format!("oidc: unsupported signing alg: {}", quote(unknown))));
    }
    if let Some(i) = written.iter().position(|one| !one.issuer.egress_selector_type.is_empty()) {
        let why =
            format!("jwt[{i}].issuer.egressSelectorType is not modelled: there is one way to an issuer here");
        return Err(Error::new(why).hint("take it out"));
    }
    Ok(found)
}

/// What releases say of the flags that know of no file (`oidc.New`).
fn flags(written: &[JwtAuthenticator], config: &Config) -> Result<(), Error> {
    let Some(JwtAuthenticator { issuer, claim_mappings, .. }) = written.first() else { return Ok(()) };
    let scheme = issuer.url.split_once("://").map_or("", |(scheme, _)| scheme);
    if scheme != "https" {
        return Err(Error::new(format!(
            "'oidc-issuer-url' ({}) has invalid scheme ({}), require 'https'",
            quote(&issuer.url),
            quote(scheme)
        )));
    }
    if claim_mappings.username.claim.is_empty() {
        return Err(Error::new("no username claim provided"));
    }
    match &config.oidc.ca {
        Some(file) if Certificate::all_from_pem(&issuer.certificate_authority).is_err() => {
            Err(Error::new(format!("Failed to read the CA contents: {NO_CERTIFICATE}")).in_file(&file.path))
        }
        _ => Ok(()),
    }
}

/// Checks authenticators and collects what is wrong.
struct Check<'a> {
    config: &'a Config,
    errors: &'a Errors,
    /// The issuers of account tokens, which are nobody else's.
    own: Vec<String>,
    algorithms: &'a [String],
}

/// Which of two claims that go together expressions look at.
#[derive(Default)]
struct Email {
    named: bool,
    verified: bool,
}

impl Check<'_> {
    fn version(&self) -> Version {
        self.config.version
    }

    fn all(&self, written: &[JwtAuthenticator]) -> Vec<Authenticator> {
        let several = self.version().has(JWT_SEVERAL);
        if written.is_empty() && !several {
            self.errors.required("jwt", "at least one jwt is required");
        }
        let most = if several { AUTHENTICATORS } else { 1 };
        if written.len() > most {
            self.errors.too_many("jwt", written.len(), most);
            return Vec::new();
        }
        let mut found = Vec::new();
        for (i, one) in written.iter().enumerate() {
            let path = format!("jwt[{i}]");
            found.extend(self.one(one, &path));
            let before = || written.iter().take(i).map(|other| &other.issuer);
            if before().any(|other| other.url == one.issuer.url) {
                self.errors.duplicate(format_args!("{path}.issuer.url"), &one.issuer.url);
            }
            let discovery = &one.issuer.discovery_url;
            if !discovery.is_empty() && before().any(|other| other.discovery_url == *discovery) {
                self.errors.duplicate(format_args!("{path}.issuer.discoveryURL"), discovery);
            }
        }
        found
    }

    fn one(&self, written: &JwtAuthenticator, path: &str) -> Option<Authenticator> {
        let mut email = Email::default();
        self.issuer(&written.issuer, &format!("{path}.issuer"));
        let claim_rules = self.claim_rules(
            &written.claim_validation_rules,
            &format!("{path}.claimValidationRules"),
            &mut email,
        );
        let mappings = self.mappings(&written.claim_mappings, &format!("{path}.claimMappings"), email);
        let user_rules =
            self.user_rules(&written.user_validation_rules, &format!("{path}.userValidationRules"));
        let [username, groups, uid] = mappings.sources;
        let required = written.claim_validation_rules.iter().filter(|rule| !rule.claim.is_empty());
        let mut audiences = written.issuer.audiences.clone();
        audiences.sort();
        Some(Authenticator {
            version: self.version(),
            issuer: written.issuer.url.clone(),
            audiences,
            algorithms: self.algorithms.to_vec(),
            discovery: discovery(&written.issuer),
            username,
            groups,
            uid,
            extra: mappings.extra,
            required: required.map(|rule| (rule.claim.clone(), rule.required_value.clone())).collect(),
            claim_rules,
            user_rules,
        })
    }

    fn issuer(&self, issuer: &Issuer, path: &str) {
        let at = format!("{path}.url");
        match issuer.url.as_str() {
            "" => self.errors.required(at, ""),
            url => self.url(url, &at, &self.own),
        }
        let at = format!("{path}.discoveryURL");
        let discovery = issuer.discovery_url.as_str();
        if !discovery.is_empty() {
            let bare = |url: &str| url.trim_end_matches('/').to_owned();
            if !issuer.url.is_empty() && bare(&issuer.url) == bare(discovery) {
                self.errors.invalid(&at, discovery, "discoveryURL must be different from URL");
            }
            self.url(discovery, &at, &[]);
        }
        self.audiences(issuer, path);
        if !issuer.certificate_authority.is_empty()
            && Certificate::all_from_pem(&issuer.certificate_authority).is_err()
        {
            self.errors.invalid(format_args!("{path}.certificateAuthority"), "<omitted>", NO_CERTIFICATE);
        }
        self.egress(&issuer.egress_selector_type, &format!("{path}.egressSelectorType"));
    }

    fn url(&self, url: &str, path: &str, own: &[String]) {
        if own.iter().any(|own| own == url) {
            let mut own = own.to_vec();
            own.sort();
            let why = format!("URL must not overlap with disallowed issuers: [{}]", own.join(" "));
            self.errors.invalid(path, url, why);
        }
        let (address, fragment) = url.split_once('#').unwrap_or((url, ""));
        let (address, query) = address.split_once('?').unwrap_or((address, ""));
        let (scheme, rest) = address.split_once("://").unwrap_or(("", ""));
        let authority = rest.split('/').next().unwrap_or_default();
        for (wrong, why) in [
            (!scheme.eq_ignore_ascii_case("https"), "URL scheme must be https"),
            (authority.contains('@'), "URL must not contain a username or password"),
            (!query.is_empty(), "URL must not contain a query"),
            (!fragment.is_empty(), "URL must not contain a fragment"),
        ] {
            if wrong {
                self.errors.invalid(path, url, why);
            }
        }
    }

    fn audiences(&self, issuer: &Issuer, path: &str) {
        let at = format!("{path}.audiences");
        let audiences = &issuer.audiences;
        if audiences.is_empty() {
            return self.errors.required(&at, format_args!("at least one {at} is required"));
        }
        if audiences.len() > 1 && !self.version().has(JWT_SEVERAL) {
            return self.errors.too_many(&at, audiences.len(), 1);
        }
        for (i, audience) in audiences.iter().enumerate() {
            if audience.is_empty() {
                self.errors.required(format_args!("{at}[{i}]"), "");
            }
            if audiences.iter().take(i).any(|before| before == audience) {
                self.errors.duplicate(format_args!("{at}[{i}]"), audience);
            }
        }
        let policy = issuer.audience_match_policy.as_str();
        let why = match (audiences.len(), policy) {
            (_, "MatchAny") | (1, "") => return,
            (1, _) => "audienceMatchPolicy must be empty or MatchAny for single audience",
            _ => "audienceMatchPolicy must be MatchAny for multiple audiences",
        };
        self.errors.invalid(format_args!("{path}.audienceMatchPolicy"), policy, why);
    }

    fn egress(&self, kind: &str, path: &str) {
        if kind.is_empty() {
            return;
        }
        if !self.config.feature_or_default(EGRESS) {
            let why = format!("egress selector is not supported when {EGRESS} feature gate is disabled");
            self.errors.invalid(path, kind, why);
        }
        if !["controlplane", "cluster"].contains(&kind) {
            self.errors.invalid(path, kind, "egress selector must be either controlplane or cluster");
        }
    }

    /// An expression, if it compiles.
    fn compiled(&self, text: &str, over: Over, is_rule: bool, path: impl Display) -> Option<Expression> {
        let compiled = Expression::compile(text, over, is_rule, self.version());
        compiled.map_err(|why| self.errors.invalid(path, text, why)).ok()
    }

    fn claim_rules(
        &self,
        rules: &[ClaimValidationRule],
        path: &str,
        email: &mut Email,
    ) -> Vec<(Expression, String)> {
        let mut found = Vec::new();
        for (i, rule) in rules.iter().enumerate() {
            let at = format!("{path}[{i}]");
            let twice = |of: fn(&ClaimValidationRule) -> &String| {
                rules.iter().take(i).any(|before| of(before) == of(rule))
            };
            match (rule.claim.as_str(), rule.expression.as_str()) {
                ("", "") => self.errors.required(at, "claim or expression is required"),
                (claim, "") => {
                    if !rule.message.is_empty() {
                        let why = "may not be specified when claim is set";
                        self.errors.invalid(format_args!("{at}.message"), &rule.message, why);
                    }
                    if twice(|rule| &rule.claim) {
                        self.errors.duplicate(format_args!("{at}.claim"), claim);
                    }
                }
                ("", expression) => {
                    if !rule.required_value.is_empty() {
                        let why = "may not be specified when expression is set";
                        self.errors.invalid(format_args!("{at}.requiredValue"), &rule.required_value, why);
                    }
                    if twice(|rule| &rule.expression) {
                        self.errors.duplicate(format_args!("{at}.expression"), expression);
                        continue;
                    }
                    let compiled =
                        self.compiled(expression, Over::Claims, true, format_args!("{at}.expression"));
                    found.extend(compiled.map(|compiled| (compiled, rule.message.clone())));
                }
                (claim, _) => self.errors.invalid(at, claim, "claim and expression can't both be set"),
            }
        }
        email.verified |= found.iter().any(|(rule, _)| rule.uses_claim("email_verified"));
        found
    }

    fn mappings(&self, written: &ClaimMappings, path: &str, mut email: Email) -> Mappings {
        let username = self.prefixed(&written.username, &format!("{path}.username"), true);
        if let Source::Expression(name) = &username {
            email.named |= name.uses_claim("email");
            email.verified |= name.uses_claim("email_verified");
        }
        let groups = self.prefixed(&written.groups, &format!("{path}.groups"), false);
        let uid = match (written.uid.claim.as_str(), written.uid.expression.as_str()) {
            ("", "") => Source::Nowhere,
            (claim, "") => Source::Claim { claim: claim.to_owned(), prefix: String::new() },
            ("", text) => self.expression(text, format_args!("{path}.uid.expression")),
            _ => {
                let why = "claim and expression can't both be set";
                self.errors.invalid(format_args!("{path}.uid"), "", why);
                Source::Nowhere
            }
        };
        let extra = self.extra(written, &format!("{path}.extra"));
        email.verified |= extra.iter().any(|(_, value)| value.uses_claim("email_verified"));
        if email.named && !email.verified && self.version().has(JWT_NAMES_GUARDED) {
            let why = "claims.email_verified must be used in claimMappings.username.expression or \
                       claimMappings.extra[*].valueExpression or claimValidationRules[*].expression when claims.email is \
                       used in claimMappings.username.expression";
            self.errors.invalid(
                format_args!("{path}.username.expression"),
                &written.username.expression,
                why,
            );
        }
        Mappings { sources: [username, groups, uid], extra }
    }

    fn expression(&self, text: &str, path: impl Display) -> Source {
        self.compiled(text, Over::Claims, false, path).map_or(Source::Nowhere, Source::Expression)
    }

    fn prefixed(&self, written: &PrefixedClaimOrExpression, path: &str, must: bool) -> Source {
        match (written.claim.as_str(), written.expression.as_str()) {
            ("", "") => {
                if must {
                    self.errors.required(path, "claim or expression is required");
                }
                Source::Nowhere
            }
            ("", text) => {
                if let Some(prefix) = &written.prefix {
                    let why = "may not be specified when expression is set";
                    self.errors.invalid(format_args!("{path}.prefix"), prefix, why);
                }
                self.expression(text, format_args!("{path}.expression"))
            }
            (claim, "") => {
                if written.prefix.is_none() {
                    let why = "prefix is required when claim is set. It can be set to an empty string to disable prefixing";
                    self.errors.required(format_args!("{path}.prefix"), why);
                }
                let prefix = written.prefix.clone().unwrap_or_default();
                Source::Claim { claim: claim.to_owned(), prefix }
            }
            _ => {
                self.errors.invalid(path, "", "claim and expression can't both be set");
                Source::Nowhere
            }
        }
    }

    fn extra(&self, written: &ClaimMappings, path: &str) -> Vec<(String, Expression)> {
        let mut found = Vec::new();
        for (i, mapping) in written.extra.iter().enumerate() {
            let (at, key) = (format!("{path}[{i}].key"), mapping.key.as_str());
            match key {
                "" => self.errors.required(&at, ""),
                key => domain_prefixed_path(key)
                    .into_iter()
                    .for_each(|(part, why)| self.errors.invalid(&at, part, why)),
            }
            if key != key.to_lowercase() {
                self.errors.invalid(&at, key, "must be lowercase");
            }
            if is_kubernetes(key) && self.version().has(JWT_EXTRA_RESERVED) {
                let why = "k8s.io, kubernetes.io and their subdomains are reserved for Kubernetes use";
                self.errors.invalid(&at, key, why);
            }
            if written.extra.iter().take(i).any(|before| before.key == mapping.key) {
                self.errors.duplicate(&at, key);
                continue;
            }
            let at = format!("{path}[{i}].valueExpression");
            match mapping.value_expression.as_str() {
                "" => self.errors.required(at, ""),
                text => found.extend(
                    self.compiled(text, Over::Claims, false, at).map(|value| (key.to_owned(), value)),
                ),
            }
        }
        found
    }

    fn user_rules(&self, rules: &[UserValidationRule], path: &str) -> Vec<(Expression, String)> {
        let mut found = Vec::new();
        for (i, rule) in rules.iter().enumerate() {
            let at = format!("{path}[{i}].expression");
            if rule.expression.is_empty() {
                self.errors.required(at, "");
            } else if rules.iter().take(i).any(|before| before.expression == rule.expression) {
                self.errors.duplicate(at, &rule.expression);
            } else if let Some(compiled) = self.compiled(&rule.expression, Over::User, true, at) {
                found.push((compiled, rule.message.clone()));
            }
        }
        found
    }
}

/// Where name, groups and uid are found, and what else there is.
struct Mappings {
    sources: [Source; 3],
    extra: Vec<(String, Expression)>,
}

fn is_kubernetes(key: &str) -> bool {
    let domain = key.split_once('/').map_or("", |(domain, _)| domain);
    let below = |of: &str| domain == of || domain.strip_suffix(of).is_some_and(|sub| sub.ends_with('.'));
    below("kubernetes.io") || below("k8s.io")
}

/// Where an issuer says where its keys are.
fn discovery(issuer: &Issuer) -> Document {
    let url = match issuer.discovery_url.as_str() {
        "" => {
            let base = issuer.url.strip_suffix('/').unwrap_or(&issuer.url);
            format!("{base}/.well-known/openid-configuration")
        }
        url => url.to_owned(),
    };
    let client_config = match issuer.certificate_authority.as_str() {
        "" => Value::Null,
        pem => json!({"caBundle": STANDARD.encode(pem)}),
    };
    Document { url, client_config, again: AGAIN, issuer: Some(issuer.url.clone()) }
}

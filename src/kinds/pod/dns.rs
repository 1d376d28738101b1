//! How a pod resolves names (`validatePodDNSConfig`, `ValidateHostAliases`).

use crate::api::Path;
use crate::api::differences::{LONG_SEARCHES, ONE_ADDRESS_CHECK, RELAXED_SEARCHES};
use crate::api::field::Errors;
use crate::api::names;
use crate::api::value::Dig;
use crate::api::version::Version;
use serde_json::Value;
use std::net::IpAddr;

fn address(text: &str, path: impl std::fmt::Display, errors: &mut Errors) {
    if text.parse::<IpAddr>().is_err() {
        let detail = match errors.version().has(ONE_ADDRESS_CHECK) {
            true => "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)",
            false => "must be valid IP address",
        };
        errors.invalid(path, text, detail);
    }
}

/// Checks `dnsConfig` and whether `dnsPolicy` needs one.
pub(super) fn validate(spec: &Value, path: &Path<'_>, errors: &mut Errors) {
    let config = spec.at("dnsConfig");
    let servers = config.list("nameservers");
    if spec.text("dnsPolicy") == "None" {
        if config.is_null() {
            errors.required(path, "must provide `dnsConfig` when `dnsPolicy` is None");
            return;
        }
        if servers.is_empty() {
            let detail = "must provide at least one DNS nameserver when `dnsPolicy` is None";
            errors.required(path.child("nameservers"), detail);
            return;
        }
    }
    let at = path.child("nameservers");
    if servers.len() > 3 {
        errors.invalid(at, servers, "must not have more than 3 nameservers");
    }
    for (i, server) in servers.iter().filter_map(Value::as_str).enumerate() {
        address(server, at.index(i), errors);
    }
    validate_searches(config.list("searches"), &path.child("searches"), errors);
    let options = path.child("options");
    for (i, option) in config.list("options").iter().enumerate() {
        if option.text("name").is_empty() {
            errors.required(options.index(i), "must not be empty");
        }
    }
}

fn validate_searches(searches: &[Value], path: &Path<'_>, errors: &mut Errors) {
    let (most, length) = match errors.version().has(LONG_SEARCHES) {
        true => (32, 2048),
        false => (6, 256),
    };
    if searches.len() > most {
        let detail = format!("must not have more than {most} search paths");
        errors.invalid(path, searches, detail);
    }
    let texts: Vec<&str> = searches.iter().filter_map(Value::as_str).collect();
    if texts.join(" ").len() > length {
        let detail =
            format!("must not have more than {length} characters (including spaces) in the search list");
        errors.invalid(path, searches, detail);
    }
    for (i, text) in texts.into_iter().enumerate() {
        let domain = text.strip_suffix('.').unwrap_or(text);
        if text == "." && errors.version().has(RELAXED_SEARCHES) {
            continue;
        }
        errors.invalid_each(path.index(i), domain, search_domain(domain, errors.version()));
    }
}

fn search_domain(domain: &str, version: Version) -> Vec<String> {
    if !version.has(RELAXED_SEARCHES) || !domain.contains('_') {
        return names::dns1123_subdomain(domain);
    }
    let label = |label: &str| {
        let label = label.strip_prefix('_').unwrap_or(label);
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        label.starts_with(plain)
            && label.ends_with(plain)
            && label.chars().all(|c| plain(c) || matches!(c, '-' | '_'))
    };
    if domain.len() <= 253 && domain.split('.').all(label) {
        return Vec::new();
    }
    let words = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-', '_', or '.', \
                 and must start and end with an alphanumeric character";
    let part = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
    let pattern = format!("{part}(\\.{part})*");
    vec![names::regex_error(words, &pattern, &["example.com"])]
}

/// Checks the lines that a pod's hosts file gets.
pub(super) fn validate_host_aliases(aliases: &[Value], path: &Path<'_>, errors: &mut Errors) {
    let indexed = errors.version().has(ONE_ADDRESS_CHECK);
    for (i, alias) in aliases.iter().enumerate() {
        let one = path.index(i);
        let at = if indexed { &one } else { path };
        address(alias.text("ip"), at.child("ip"), errors);
        let names = at.child("hostnames");
        for (j, name) in alias.list("hostnames").iter().filter_map(Value::as_str).enumerate() {
            let wrong = names::dns1123_subdomain(name);
            match indexed {
                true => errors.invalid_each(names.index(j), name, wrong),
                false => errors.invalid_each(names, name, wrong),
            }
        }
    }
}

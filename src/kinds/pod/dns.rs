//! How a pod resolves names (`validatePodDNSConfig`, `ValidateHostAliases`).

use crate::api::differences::{LONG_SEARCHES, ONE_ADDRESS_CHECK, RELAXED_SEARCHES, SEARCH_PATTERN_TOLD};
use crate::api::{Version, names};
use crate::json::Value;
use crate::kinds::field::Field;
use crate::kinds::parts::addresses;
use std::net::IpAddr;

fn validate_address(address: Field<'_>) {
    if address.version().has(ONE_ADDRESS_CHECK) {
        addresses::legacy(address, &[]);
    } else if address.text("").parse::<IpAddr>().is_err() {
        address.invalid("must be valid IP address");
    }
}

/// Checks `dnsConfig` and whether the policy needs one.
pub(super) fn validate(config: Field<'_>, policy: &str) {
    let servers = config.child("nameservers");
    if policy == "None" {
        if config.is_null() {
            return config.required("must provide `dnsConfig` when `dnsPolicy` is None");
        }
        if servers.list("").is_empty() {
            return servers.required("must provide at least one DNS nameserver when `dnsPolicy` is None");
        }
    }
    if servers.list("").len() > 3 {
        servers.invalid("must not have more than 3 nameservers");
    }
    servers.items("").for_each(validate_address);
    validate_searches(config.child("searches"));
    for option in config.items("options").filter(|option| option.text("name").is_empty()) {
        option.required("must not be empty");
    }
}

fn validate_searches(searches: Field<'_>) {
    let version = searches.version();
    let (most, length) = if version.has(LONG_SEARCHES) { (32, 2048) } else { (6, 256) };
    if searches.list("").len() > most {
        searches.invalid(format_args!("must not have more than {most} search paths"));
    }
    let texts: Vec<&str> = searches.list("").iter().filter_map(Value::as_str).collect();
    if texts.join(" ").len() > length {
        searches.invalid(format_args!(
            "must not have more than {length} characters (including spaces) in the search list"
        ));
    }
    for search in searches.items("") {
        let text = search.text("");
        if text == "." && version.has(RELAXED_SEARCHES) {
            continue;
        }
        let domain = text.strip_suffix('.').unwrap_or(text);
        search.errors.invalid_each(search.path, domain, search_domain(domain, version));
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
    let words = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', \
                 and must start and end with an alphanumeric character";
    let part = match version.has(SEARCH_PATTERN_TOLD) {
        true => "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?",
        false => "[a-z0-9]([-a-z0-9]*[a-z0-9])?",
    };
    let pattern = format!("{part}(\\.{part})*");
    vec![names::regex_error(words, &pattern, &["example.com"])]
}

/// The longest name that a host may have.
const HOST_NAME_MAX: usize = 64;

/// Checks the name that a pod gives its host (`validateHostnameOverride`).
pub(super) fn validate_hostname(spec: Field<'_>) {
    let name = spec.child("hostnameOverride");
    if name.is_null() {
        return;
    }
    for flag in ["setHostnameAsFQDN", "hostNetwork"].into_iter().filter(|flag| spec.flag(flag)) {
        name.forbidden(format_args!("may not be specified when {flag} is true"));
    }
    name.invalid_each(names::dns1123_subdomain(name.text("")));
    if name.text("").len() > HOST_NAME_MAX {
        name.errors.too_long(name.path, HOST_NAME_MAX);
    }
}

/// Checks the lines that a pod's hosts file gets.
pub(super) fn validate_host_aliases(aliases: Field<'_>) {
    let indexed = aliases.version().has(ONE_ADDRESS_CHECK);
    for alias in aliases.items("") {
        // Earlier releases told of the list.
        let alias = Field { path: if indexed { alias.path } else { aliases.path }, ..alias };
        validate_address(alias.string("ip"));
        let hostnames = alias.child("hostnames");
        for name in hostnames.items("") {
            let name = Field { path: if indexed { name.path } else { hostnames.path }, ..name };
            name.invalid_each(names::dns1123_subdomain(name.text("")));
        }
    }
}

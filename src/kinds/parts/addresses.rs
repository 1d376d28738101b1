//! IP addresses and blocks of them in fields (`apimachinery/pkg/util/validation/ip.go`, `pkg/apis/core/validation/names.go`).
//!
//! Go once read addresses with zeros before the digits, and IPv4 addresses in the clothes of IPv6. Fields of that time
//! take both until [`STRICT_ADDRESSES`]; younger fields never did.

use crate::api::Version;
use crate::api::differences::{
    ADDRESSES_WARNED_OF, BLOCKS_WORDED, LEADING_ZEROS, ONE_ADDRESS_CHECK, SPECIAL_ADDRESSES_OF_IPV6,
    STRICT_ADDRESSES,
};
use crate::api::field::quote;
use crate::kinds::field::Field;
use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const NO_ADDRESS: &str = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
const NO_BLOCK: &str = "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";

/// A block of addresses: an address in it, and the length of its prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) address: IpAddr,
    prefix: u8,
}

impl Block {
    /// The block that text names, with zeros before the digits (`netutils.ParseCIDRSloppy`).
    pub(crate) fn sloppy(text: &str) -> Option<Block> {
        let (address, prefix) = text.split_once('/')?;
        let address = sloppy(address)?;
        let prefix = Some(prefix).filter(|p| p.len() < 4 && p.bytes().all(|b| b.is_ascii_digit()))?;
        let prefix: u8 = prefix.parse().ok()?;
        (prefix <= if address.is_ipv4() { 32 } else { 128 }).then_some(Block { address, prefix })
    }

    /// Its first address.
    pub(crate) fn first(self) -> IpAddr {
        match self.address {
            IpAddr::V4(address) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.prefix)).unwrap_or_default();
                Ipv4Addr::from_bits(address.to_bits() & mask).into()
            }
            IpAddr::V6(address) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix)).unwrap_or_default();
                Ipv6Addr::from_bits(address.to_bits() & mask).into()
            }
        }
    }

    /// Whether an address is in it.
    pub(crate) fn contains(self, address: IpAddr) -> bool {
        self.address.is_ipv4() == address.is_ipv4() && Block { address, ..self }.first() == self.first()
    }

    /// Whether another block is in it and smaller.
    pub(crate) fn is_more_than(self, other: Block) -> bool {
        self.contains(other.first()) && self.prefix < other.prefix
    }

    /// How many bits an address in it is free to choose.
    pub(crate) fn free_bits(self) -> u8 {
        let bits = if self.address.is_ipv4() { 32 } else { 128 };
        bits - self.prefix
    }

    /// As it should be written.
    fn canonical(self) -> String {
        format!("{}/{}", self.first(), self.prefix)
    }
}

/// The address that text names, with zeros before the digits (`netutils.ParseIPSloppy`).
pub(crate) fn sloppy(text: &str) -> Option<IpAddr> {
    let octet = |part: &str| -> Option<u8> {
        (!part.is_empty() && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok())?
    };
    let octets: Option<Vec<u8>> = text.split('.').map(octet).collect();
    match octets.and_then(|octets| <[u8; 4]>::try_from(octets).ok()) {
        Some(octets) => Some(octets.into()),
        None => text.parse().ok(),
    }
}

/// The address that text names in a release: zeros before the digits came and went with Go.
fn read(text: &str, version: Version) -> Option<IpAddr> {
    if version.has(LEADING_ZEROS) { sloppy(text) } else { text.parse().ok() }
}

/// An address as Go shows it: an IPv4 address whatever its clothes.
pub(crate) fn plain(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

/// Whether text is an IPv6 address.
pub(crate) fn is_ipv6(text: &str) -> bool {
    sloppy(text).is_some_and(|address| plain(address).is_ipv6())
}

fn is_mapped(address: IpAddr) -> bool {
    plain(address) != address
}

/// Checks an address (`parseIP`), strictly or as Go once read them.
fn parse(field: Field<'_>, strict: bool) -> Option<IpAddr> {
    let text = field.text("");
    let Some(address) = read(text, field.version()) else {
        field.invalid_as(text, NO_ADDRESS);
        return None;
    };
    if strict && text.parse::<IpAddr>().is_err() {
        field.invalid("must not have leading 0s");
        return None;
    }
    if strict && is_mapped(address) {
        field.invalid("must not be an IPv4-mapped IPv6 address");
        return None;
    }
    Some(address)
}

/// Checks an address in a field that was there before [`STRICT_ADDRESSES`] (`IsValidIPForLegacyField`); what `stored`
/// has may stay.
pub(crate) fn legacy(field: Field<'_>, stored: &[&str]) -> Option<IpAddr> {
    match stored.contains(&field.text("")) {
        true => sloppy(field.text("")),
        false => parse(field, field.version().has(STRICT_ADDRESSES)),
    }
}

/// Checks an address of a load balancer's, of which old releases said less.
pub(crate) fn balanced(field: Field<'_>, stored: &[&str]) {
    match field.version().has(ONE_ADDRESS_CHECK) || sloppy(field.text("")).is_some() {
        true => drop(legacy(field, stored)),
        false => field.invalid_as(field.text(""), "must be a valid IP address"),
    }
}

/// Checks an address that must be written as it should be (`IsValidIP`).
pub(crate) fn canonical(field: Field<'_>) -> Option<IpAddr> {
    let address = parse(field, true)?;
    if address.to_string() != field.text("") {
        field.invalid(format_args!("must be in canonical form ({})", quote(&address.to_string())));
        return None;
    }
    Some(address)
}

/// Checks that an address is one under which something may be reached (`ValidateNonSpecialIP`).
pub(crate) fn not_special(field: Field<'_>) {
    let text = field.text("");
    let Some(address) = read(text, field.version()).map(plain) else {
        return field.invalid_as(text, "must be a valid IP address");
    };
    let range = |kind: &str, v4: &str, v6: &str| {
        let v6 =
            if field.version().has(SPECIAL_ADDRESSES_OF_IPV6) { format!(", {v6}") } else { String::new() };
        field.invalid(format_args!("may not be in the {kind} range ({v4}{v6})"));
    };
    if address.is_unspecified() {
        field.invalid(format_args!("may not be unspecified ({text})"));
    }
    if address.is_loopback() {
        range("loopback", "127.0.0.0/8", "::1/128");
    }
    let (local, multicast) = match address {
        IpAddr::V4(a) => (a.is_link_local(), a.octets().starts_with(&[224, 0, 0])),
        IpAddr::V6(a) => (a.is_unicast_link_local(), a.segments()[0] & 0xff0f == 0xff02),
    };
    if local {
        range("link-local", "169.254.0.0/16", "fe80::/10");
    }
    if multicast {
        range("link-local multicast", "224.0.0.0/24", "ff02::/10");
    }
}

/// Checks a block (`parseCIDR`), strictly or as Go once read them.
fn parse_block(field: Field<'_>, strict: bool) -> Option<Block> {
    let text = field.text("");
    let exact = text.split_once('/').and_then(|(ip, bits)| Some((ip.parse::<IpAddr>().ok()?, bits)));
    let exact = exact.filter(|(_, bits)| bits.len() == 1 || !bits.starts_with('0'));
    let known = field.version().has(LEADING_ZEROS) || exact.is_some();
    let Some(block) = Block::sloppy(text).filter(|_| known) else {
        let worded = field.version().has(BLOCKS_WORDED);
        field.invalid_as(text, if worded { NO_BLOCK } else { "not a valid CIDR" });
        return None;
    };
    let wrong = match exact {
        None => "must not have leading 0s in IP or prefix length",
        Some(_) if is_mapped(block.address) => "must not have an IPv4-mapped IPv6 address",
        Some(_) if block.first() != block.address => "must not have bits set beyond the prefix length",
        Some(_) => return Some(block),
    };
    if strict {
        field.invalid(wrong);
    }
    Some(block)
}

/// Checks a block in a field that was there before [`STRICT_ADDRESSES`] (`IsValidCIDRForLegacyField`); what `stored`
/// has may stay.
pub(crate) fn legacy_block(field: Field<'_>, stored: &[&str]) -> Option<Block> {
    match stored.contains(&field.text("")) {
        true => Block::sloppy(field.text("")),
        false => parse_block(field, field.version().has(STRICT_ADDRESSES)),
    }
}

/// Checks a block that must be written as it should be (`IsValidCIDR`).
pub(crate) fn canonical_block(field: Field<'_>) {
    let before = field.errors.len();
    let Some(block) = parse_block(field, true).filter(|_| field.errors.len() == before) else { return };
    if block.canonical() != field.text("") {
        field.invalid(format_args!("must be in canonical form ({})", quote(&block.canonical())));
    }
}

/// Checks an address with the length of its network's prefix (`IsValidInterfaceAddress`).
pub(crate) fn interface(field: Field<'_>) {
    let text = field.text("");
    let Some(block) = Block::sloppy(text) else {
        return field
            .invalid_as(text, "must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)");
    };
    let address = plain(block.address);
    // An IPv4 address in the clothes of IPv6 loses those bits of the prefix, too.
    let prefix = i32::from(block.prefix);
    let prefix = if address.is_ipv4() && prefix > 32 { prefix - 96 } else { prefix };
    let canonical = format!("{address}/{prefix}");
    if canonical != text {
        field.invalid(format_args!("must be in canonical form ({})", quote(&canonical)));
    }
}

/// Whether two blocks are of different families (`IsDualStackCIDRStrings`).
pub(crate) fn are_dual(one: &str, other: &str) -> bool {
    let is_ipv4 = |text| Block::sloppy(text).map(|block| plain(block.address).is_ipv4());
    matches!((is_ipv4(one), is_ipv4(other)), (Some(one), Some(other)) if one != other)
}

fn doomed(version: Version) -> &'static str {
    match version.has(STRICT_ADDRESSES) {
        true => "is invalid",
        false => "will be considered invalid in a future Kubernetes release",
    }
}

/// What is odd in an address that is taken (`GetWarningsForIP`).
pub(crate) fn warn(path: impl Display, text: &str, version: Version) -> Option<String> {
    let address = sloppy(text).filter(|_| version.has(ADDRESSES_WARNED_OF))?;
    let told = quote(text);
    if text.parse::<IpAddr>().is_err() || is_mapped(address) {
        let better = quote(&plain(address).to_string());
        let doomed = doomed(version);
        return Some(format!("{path}: non-standard IP address {told} {doomed}: use {better}"));
    }
    let better = address.to_string();
    (address.is_ipv6() && better != text).then(|| {
        format!("{path}: IPv6 address {told} should be in RFC 5952 canonical format ({})", quote(&better))
    })
}

/// What is odd in a block that is taken (`GetWarningsForCIDR`).
pub(crate) fn warn_block(path: impl Display, text: &str, version: Version) -> Vec<String> {
    let Some(block) = Block::sloppy(text).filter(|_| version.has(ADDRESSES_WARNED_OF)) else {
        return Vec::new();
    };
    let (told, better) = (quote(text), quote(&block.canonical()));
    let mut warnings = Vec::new();
    if block.first() != block.address {
        let bits = if block.address.is_ipv4() { 32 } else { 128 };
        let single = quote(&format!("{}/{bits}", block.address));
        warnings.push(format!(
            "{path}: CIDR value {told} is ambiguous in this context (should be {better} or {single}?)"
        ));
    }
    let exact = text.split_once('/').is_some_and(|(ip, bits)| {
        ip.parse::<IpAddr>().is_ok() && (bits.len() == 1 || !bits.starts_with('0'))
    });
    if !exact || is_mapped(block.address) {
        warnings.push(format!("{path}: non-standard CIDR value {told} {}: use {better}", doomed(version)));
    } else if block.address.is_ipv6() && warnings.is_empty() && block.canonical() != text {
        warnings.push(format!(
            "{path}: IPv6 CIDR value {told} should be in RFC 5952 canonical format ({better})"
        ));
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Errors;
    use crate::json::json;

    fn told(check: impl Fn(Field<'_>), text: &str, minor: u8) -> String {
        let (value, errors) = (json!(text), Errors::new(Version::minor(minor)));
        check(Field::of(&value, &errors));
        errors.list().into_iter().map(|error| error.message).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn old_fields_became_strict() {
        let old = |field: Field<'_>| {
            legacy(field, &["10.0.0.02"]);
        };
        assert_eq!(told(old, "10.0.0.01", 33), "");
        assert_eq!(told(old, "10.0.0.01", 36), "Invalid value: \"10.0.0.01\": must not have leading 0s");
        assert_eq!(told(old, "10.0.0.02", 36), "");
        assert_eq!(
            told(old, "::ffff:10.0.0.1", 36),
            "Invalid value: \"::ffff:10.0.0.1\": must not be an IPv4-mapped IPv6 address"
        );
        assert_eq!(
            told(
                |field| {
                    canonical(field);
                },
                "2001:DB8::1",
                33
            ),
            "Invalid value: \"2001:DB8::1\": must be in canonical form (\"2001:db8::1\")"
        );
        assert_eq!(
            told(not_special, "169.254.1.1", 20),
            "Invalid value: \"169.254.1.1\": may not be in the link-local range (169.254.0.0/16)"
        );
    }

    #[test]
    fn odd_blocks_are_warned_of() {
        let path = "spec";
        let told = |text, minor| warn_block(path, text, Version::minor(minor)).join("; ");
        assert_eq!(
            told("10.0.0.1/8", 33),
            "spec: CIDR value \"10.0.0.1/8\" is ambiguous in this context (should be \"10.0.0.0/8\" or \"10.0.0.1/32\"?)"
        );
        assert_eq!(told("10.0.0.1/8", 25), "");
        assert_eq!(told("fd00::/8", 33), "");
    }
}

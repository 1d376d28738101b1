//! Addresses and ranges of addresses (`apiserver/pkg/cel/library.IP`, `CIDR`).

use super::{Row, netip, no_overload, text};
use crate::api::field::quote;
use crate::cel::opaque::Opaque;
use crate::cel::value::Val;
use std::net::IpAddr;

pub(super) const ROWS: &[Row] = &[
    ("ip(string) -> net.IP", |_, a| address(text(&a[0])).map(|ip| Val::opaque(Opaque::Ip(ip)))),
    ("isIP(string) -> bool", |_, a| Ok(Val::Bool(address(text(&a[0])).is_ok()))),
    ("ip.isCanonical(string) -> bool", |_, a| {
        address(text(&a[0])).map(|ip| Val::Bool(ip.to_string() == text(&a[0])))
    }),
    ("string(net.IP) -> string", |_, a| ip(&a[0]).map(|ip| Val::text(ip.to_string()))),
    ("(net.IP).family() -> int", |_, a| ip(&a[0]).map(|ip| Val::Int(if ip.is_ipv4() { 4 } else { 6 }))),
    ("(net.IP).isUnspecified() -> bool", |_, a| ip(&a[0]).map(|ip| Val::Bool(ip.is_unspecified()))),
    ("(net.IP).isLoopback() -> bool", |_, a| ip(&a[0]).map(|ip| Val::Bool(ip.is_loopback()))),
    ("(net.IP).isLinkLocalMulticast() -> bool", |_, a| {
        ip(&a[0]).map(|ip| {
            Val::Bool(match ip {
                IpAddr::V4(ip) => ip.octets().starts_with(&[224, 0, 0]),
                IpAddr::V6(ip) => ip.segments()[0] & 0xff0f == 0xff02,
            })
        })
    }),
    ("(net.IP).isLinkLocalUnicast() -> bool", |_, a| ip(&a[0]).map(|ip| Val::Bool(is_link_local(ip)))),
    ("(net.IP).isGlobalUnicast() -> bool", |_, a| {
        ip(&a[0]).map(|ip| {
            let broadcast = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
            let other = ip.is_unspecified() || ip.is_loopback() || ip.is_multicast();
            Val::Bool(!broadcast && !is_link_local(ip) && !other)
        })
    }),
    ("cidr(string) -> net.CIDR", |_, a| {
        range(text(&a[0])).map(|(ip, bits)| Val::opaque(Opaque::Cidr(ip, bits)))
    }),
    ("isCIDR(string) -> bool", |_, a| Ok(Val::Bool(range(text(&a[0])).is_ok()))),
    ("string(net.CIDR) -> string", |_, a| cidr(&a[0]).map(|(ip, bits)| Val::text(format!("{ip}/{bits}")))),
    ("(net.CIDR).containsIP(string) -> bool", |_, a| {
        // What is no address is told as if nothing took it.
        let ip = address(text(&a[1])).or_else(|_| no_overload())?;
        Ok(Val::Bool(holds(cidr(&a[0])?, ip)))
    }),
    ("(net.CIDR).containsIP(net.IP) -> bool", |_, a| Ok(Val::Bool(holds(cidr(&a[0])?, ip(&a[1])?)))),
    ("(net.CIDR).containsCIDR(string) -> bool", |_, a| {
        Ok(Val::Bool(covers(cidr(&a[0])?, range(text(&a[1]))?)))
    }),
    ("(net.CIDR).containsCIDR(net.CIDR) -> bool", |_, a| Ok(Val::Bool(covers(cidr(&a[0])?, cidr(&a[1])?)))),
    ("(net.CIDR).ip() -> net.IP", |_, a| cidr(&a[0]).map(|(ip, _)| Val::opaque(Opaque::Ip(ip)))),
    ("(net.CIDR).masked() -> net.CIDR", |_, a| {
        cidr(&a[0]).map(|(ip, bits)| Val::opaque(Opaque::Cidr(masked(ip, bits), bits)))
    }),
    ("(net.CIDR).prefixLength() -> int", |_, a| cidr(&a[0]).map(|(_, bits)| Val::Int(bits.into()))),
];

/// Strictly read: no zone, no IPv4 in IPv6.
fn address(text: &str) -> Result<IpAddr, String> {
    let quoted = quote(text);
    let (ip, zone) = netip::address(text)
        .map_err(|why| format!("IP Address {quoted} parse error during conversion from string: {why}"))?;
    match ip {
        _ if zone => Err(format!("IP address {quoted} with zone value is not allowed")),
        IpAddr::V6(six) if six.to_ipv4_mapped().is_some() => {
            Err(format!("IPv4-mapped IPv6 address {quoted} is not allowed"))
        }
        ip => Ok(ip),
    }
}

/// What is told of a range twice.
const RANGE: &str = "network address parse error during conversion from string";

fn range(text: &str) -> Result<(IpAddr, u8), String> {
    let (ip, bits) = netip::prefix(text).map_err(|why| format!("{RANGE}: {RANGE}: {why}"))?;
    match ip {
        IpAddr::V6(six) if six.to_ipv4_mapped().is_some() => {
            Err(format!("{RANGE}: IPv4-mapped IPv6 address {} is not allowed", quote(text)))
        }
        ip => Ok((ip, bits)),
    }
}

fn ip(value: &Val) -> Result<IpAddr, String> {
    match value.library() {
        Some(Opaque::Ip(ip)) => Ok(*ip),
        _ => no_overload(),
    }
}

fn cidr(value: &Val) -> Result<(IpAddr, u8), String> {
    match value.library() {
        Some(Opaque::Cidr(ip, bits)) => Ok((*ip, *bits)),
        _ => no_overload(),
    }
}

fn is_link_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

fn bits_of(ip: IpAddr) -> (u128, u32) {
    match ip {
        IpAddr::V4(ip) => (u128::from(ip.to_bits()), 32),
        IpAddr::V6(ip) => (ip.to_bits(), 128),
    }
}

fn masked(ip: IpAddr, bits: u8) -> IpAddr {
    let (number, width) = bits_of(ip);
    let host = width - u32::from(bits);
    let kept = number.checked_shr(host).and_then(|n| n.checked_shl(host)).unwrap_or(0);
    match ip {
        IpAddr::V4(_) => IpAddr::V4((kept as u32).into()),
        IpAddr::V6(_) => IpAddr::V6(kept.into()),
    }
}

fn holds((range, bits): (IpAddr, u8), ip: IpAddr) -> bool {
    range.is_ipv4() == ip.is_ipv4() && masked(range, bits) == masked(ip, bits)
}

fn covers(outer: (IpAddr, u8), inner: (IpAddr, u8)) -> bool {
    inner.1 >= outer.1 && holds(outer, inner.0)
}

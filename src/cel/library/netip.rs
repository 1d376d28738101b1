//! Addresses and ranges as Go reads them, and what it tells of what is none (`net/netip`).

use crate::api::field::quote;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address, and whether it names a zone.
pub(super) fn address(text: &str) -> Result<(IpAddr, bool), String> {
    let told = |(why, at): (&str, &str)| {
        let at = if at.is_empty() { String::new() } else { format!(" (at {})", quote(at)) };
        format!("ParseAddr({}): {why}{at}", quote(text))
    };
    match text.find(['.', ':', '%']).map(|at| text.as_bytes()[at]) {
        Some(b'.') => four(text).map(|ip| (IpAddr::V4(ip), false)).map_err(told),
        Some(b':') => six(text).map(|(ip, zone)| (IpAddr::V6(ip), zone)).map_err(told),
        Some(_) => Err(told(("missing IPv6 address", ""))),
        None => Err(told(("unable to parse IP", ""))),
    }
}

/// An address, and how many of its bits say which network it is in.
pub(super) fn prefix(text: &str) -> Result<(IpAddr, u8), String> {
    let wrong = |why: &str| format!("netip.ParsePrefix({}): {why}", quote(text));
    let (ip, bits) = text.rsplit_once('/').ok_or_else(|| wrong("no '/'"))?;
    let (ip, zone) = address(ip).map_err(|why| wrong(&why))?;
    if zone {
        return Err(wrong("IPv6 zones cannot be present in a prefix"));
    }
    let bad = || wrong(&format!("bad bits after slash: {}", quote(bits)));
    let leads = bits.len() > 1 && !bits.starts_with(|c: char| matches!(c, '1'..='9'));
    if leads || bits.is_empty() || !bits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(bad());
    }
    let most = if ip.is_ipv4() { 32 } else { 128 };
    match bits.parse::<u64>() {
        Ok(bits) if bits <= most => Ok((ip, u8::try_from(bits).unwrap_or(u8::MAX))),
        Ok(_) => Err(wrong("prefix length out of range")),
        Err(_) => Err(bad()),
    }
}

/// Why, and at which rest of the text.
type Wrong<'a> = (&'static str, &'a str);

fn four(text: &str) -> Result<Ipv4Addr, Wrong<'_>> {
    let mut fields = [0u8; 4];
    let (mut value, mut position, mut digits) = (0u32, 0, 0);
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                if digits == 1 && value == 0 {
                    return Err(("IPv4 field has octet with leading zero", ""));
                }
                value = value * 10 + u32::from(byte - b'0');
                digits += 1;
                if value > 255 {
                    return Err(("IPv4 field has value >255", ""));
                }
            }
            b'.' => {
                if at == 0 || at == bytes.len() - 1 || bytes[at - 1] == b'.' {
                    return Err(("IPv4 field must have at least one digit", &text[at..]));
                }
                if position == 3 {
                    return Err(("IPv4 address too long", ""));
                }
                fields[position] = value as u8;
                (value, digits) = (0, 0);
                position += 1;
            }
            _ => return Err(("unexpected character", &text[at..])),
        }
    }
    if position < 3 {
        return Err(("IPv4 address too short", ""));
    }
    fields[3] = value as u8;
    Ok(fields.into())
}

fn six(whole: &str) -> Result<(Ipv6Addr, bool), Wrong<'_>> {
    let (text, zone) = match whole.split_once('%') {
        Some((_, "")) => return Err(("zone must be a non-empty string", "")),
        Some((text, _)) => (text, true),
        None => (whole, false),
    };
    let mut fields = [0u8; 16];
    let mut ellipsis = None;
    let mut rest = text;
    if let Some(after) = rest.strip_prefix("::") {
        ellipsis = Some(0);
        rest = after;
        if rest.is_empty() {
            return Ok((Ipv6Addr::UNSPECIFIED, zone));
        }
    }
    let mut filled = 0;
    while filled < 16 {
        let end = rest.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(rest.len());
        if end > 4 {
            return Err(("each group must have 4 or less digits", rest));
        }
        if end == 0 {
            return Err(("each colon-separated field must have at least one digit", rest));
        }
        if rest[end..].starts_with('.') {
            if ellipsis.is_none() && filled != 12 {
                return Err(("embedded IPv4 address must replace the final 2 fields of the address", rest));
            }
            if filled + 4 > 16 {
                return Err(("too many hex fields to fit an embedded IPv4 at the end of the address", rest));
            }
            let ip = four(rest).map_err(|(why, _)| (why, rest))?;
            fields[filled..filled + 4].copy_from_slice(&ip.octets());
            rest = "";
            filled += 4;
            break;
        }
        let value = u16::from_str_radix(&rest[..end], 16).unwrap_or_default();
        fields[filled..filled + 2].copy_from_slice(&value.to_be_bytes());
        filled += 2;
        rest = &rest[end..];
        if rest.is_empty() {
            break;
        }
        let Some(after) = rest.strip_prefix(':') else {
            return Err(("unexpected character, want colon", rest));
        };
        if after.is_empty() {
            return Err(("colon must be followed by more characters", rest));
        }
        rest = after;
        if let Some(after) = rest.strip_prefix(':') {
            if ellipsis.is_some() {
                return Err(("multiple :: in address", rest));
            }
            ellipsis = Some(filled);
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
    }
    if !rest.is_empty() {
        return Err(("trailing garbage after address", rest));
    }
    match ellipsis {
        Some(at) if filled < 16 => {
            let tail = fields[at..filled].to_vec();
            fields[at..].fill(0);
            fields[16 - tail.len()..].copy_from_slice(&tail);
        }
        Some(_) => return Err(("the :: must expand to at least one field of zeros", "")),
        None if filled < 16 => return Err(("address string too short", "")),
        None => {}
    }
    Ok((fields.into(), zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_of_as_go_does() {
        for (text, want) in [
            ("192.168.0.1.0", "IPv4 address too long"),
            ("2001:db8:::68", "each colon-separated field must have at least one digit (at \":68\")"),
            ("010.0.0.1", "IPv4 field has octet with leading zero"),
            ("1:2", "address string too short"),
            ("1.2.3.4/8", "unexpected character (at \"/8\")"),
            ("nope", "unable to parse IP"),
        ] {
            assert_eq!(address(text), Err(format!("ParseAddr({text:?}): {want}")));
        }
        assert_eq!(address("fe80::1%eth0").map(|(_, zone)| zone), Ok(true));
        for text in ["::", "::1", "1::", "2001:db8::68", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:8"] {
            assert_eq!(address(text).map(|(ip, _)| ip), Ok(text.parse().expect(text)));
        }
    }
}

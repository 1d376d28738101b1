//! `fmt.Sprintf`.

use super::held::Thing;
use crate::golang::fmt::{quote, syntax};
use crate::json::Value;

/// What a directive asks for beside its verb.
#[derive(Clone, Copy, Debug, Default)]
struct Flags {
    minus: bool,
    plus: bool,
    sharp: bool,
    space: bool,
    zero: bool,
    width: Option<usize>,
    precision: Option<usize>,
}

/// No width and no precision is larger (`tooLarge`).
const MAX: usize = 1_000_000;

/// Values as a format has them.
pub(super) fn sprintf(format: &str, things: &[Thing<'_>]) -> String {
    let (mut out, mut used, mut rest) = (String::new(), 0, format.chars().peekable());
    while let Some(c) = rest.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        let mut flags = Flags::default();
        while let Some(c) = rest.next_if(|c| "-+# 0".contains(*c)) {
            match c {
                '-' => flags.minus = true,
                '+' => flags.plus = true,
                '#' => flags.sharp = true,
                ' ' => flags.space = true,
                _ => flags.zero = true,
            }
        }
        flags.width = size(&mut rest, things, &mut used, "%!(BADWIDTH)", &mut out);
        if rest.next_if_eq(&'.').is_some() {
            let size = size(&mut rest, things, &mut used, "%!(BADPREC)", &mut out);
            flags.precision = Some(size.unwrap_or_default());
        }
        flags.zero &= !flags.minus;
        match rest.next() {
            None => out.push_str("%!(NOVERB)"),
            Some('%') => out.push('%'),
            Some(verb) => {
                match things.get(used) {
                    Some(thing) => out.push_str(&shown(verb, thing, flags)),
                    None => out.push_str(&format!("%!{verb}(MISSING)")),
                }
                used += 1;
            }
        }
    }
    if let Some(extra) = things.get(used..).filter(|extra| !extra.is_empty()) {
        let extra: Vec<String> = extra
            .iter()
            .map(|thing| match thing {
                Thing::Nothing | Thing::Null => "<nil>".to_owned(),
                thing => format!("{}={}", thing.type_name(), thing.plain()),
            })
            .collect();
        out.push_str(&format!("%!(EXTRA {})", extra.join(", ")));
    }
    out
}

/// A width or a precision, or the argument that has it.
fn size(
    rest: &mut std::iter::Peekable<std::str::Chars<'_>>,
    things: &[Thing<'_>],
    used: &mut usize,
    bad: &str,
    out: &mut String,
) -> Option<usize> {
    if rest.next_if_eq(&'*').is_some() {
        let found = match things.get(*used) {
            Some(Thing::Int(size) | Thing::Int64(size)) => {
                usize::try_from(*size).ok().filter(|size| *size <= MAX)
            }
            _ => None,
        };
        *used += 1;
        if found.is_none() {
            out.push_str(bad);
        }
        return found;
    }
    let mut found = None;
    while let Some(digit) = rest.next_if(char::is_ascii_digit) {
        let digit = digit.to_digit(10).unwrap_or_default() as usize;
        found = Some(found.unwrap_or(0) * 10 + digit).filter(|size| *size <= MAX);
    }
    found
}

/// A value as a verb alone prints it.
pub(super) fn directive(verb: char, thing: &Thing<'_>) -> String {
    shown(verb, thing, Flags::default())
}

fn shown(verb: char, thing: &Thing<'_>, flags: Flags) -> String {
    if verb == 'T' {
        return pad(thing.type_name().to_owned(), Flags { zero: false, ..flags });
    }
    if verb == 'v' && flags.sharp {
        return pad(in_syntax(thing), flags);
    }
    // `%+v` names the fields of structs, which there are none of; a whole number's precision is its zeros.
    let is_whole = matches!(thing, Thing::Int(_) | Thing::Int64(_) | Thing::Byte(_));
    let flags = Flags {
        plus: flags.plus && verb != 'v',
        zero: flags.zero && !(is_whole && flags.precision.is_some()),
        ..flags
    };
    let text = match thing {
        Thing::List(items) => return format!("[{}]", each(verb, items.iter(), flags).join(" ")),
        Thing::Map(fields) => {
            let keys: Vec<String> =
                fields.keys().map(|key| shown(verb, &Thing::Text(key.as_str().into()), flags)).collect();
            let pairs = keys.into_iter().zip(each(verb, fields.values(), flags));
            let pairs: Vec<String> = pairs.map(|(key, value)| format!("{key}:{value}")).collect();
            return format!("map[{}]", pairs.join(" "));
        }
        Thing::Nothing | Thing::Null if verb == 'v' => Some("<nil>".to_owned()),
        Thing::Nothing | Thing::Null => return format!("%!{verb}(<nil>)"),
        Thing::Bool(value) => "tv".contains(verb).then(|| value.to_string()),
        Thing::Int(value) | Thing::Int64(value) => whole(verb, *value, flags),
        Thing::Byte(value) => whole(verb, i64::from(*value), flags),
        Thing::Float(value) => float(verb, *value, flags),
        Thing::Text(text) => written(verb, text, flags),
    };
    let number = is_whole || matches!(thing, Thing::Float(_));
    match text {
        Some(text) => pad(text, Flags { zero: flags.zero && number, ..flags }),
        None => {
            let value = shown('v', thing, Flags { sharp: false, ..flags });
            format!("%!{verb}({}={value})", thing.type_name())
        }
    }
}

fn each<'a>(verb: char, items: impl Iterator<Item = &'a Value>, flags: Flags) -> Vec<String> {
    items
        .map(|item| match Thing::of(item) {
            Thing::Null => pad("<nil>".to_owned(), flags),
            thing => shown(verb, &thing, flags),
        })
        .collect()
}

fn in_syntax(thing: &Thing<'_>) -> String {
    match thing {
        Thing::Nothing | Thing::Null => "<nil>".to_owned(),
        Thing::Text(text) => quote(text),
        Thing::Byte(value) => format!("{value:#x}"),
        Thing::List(items) => syntax(&items.to_vec().into()),
        Thing::Map(fields) => syntax(&Value::Object((*fields).clone())),
        Thing::Bool(_) | Thing::Int(_) | Thing::Int64(_) | Thing::Float(_) => thing.plain(),
    }
}

fn whole(verb: char, value: i64, flags: Flags) -> Option<String> {
    let size = value.unsigned_abs();
    let (digits, prefix) = match verb {
        'd' | 'v' => (size.to_string(), ""),
        'b' => (format!("{size:b}"), if flags.sharp { "0b" } else { "" }),
        'o' => (format!("{size:o}"), if flags.sharp { "0" } else { "" }),
        'O' => (format!("{size:o}"), "0o"),
        'x' => (format!("{size:x}"), if flags.sharp { "0x" } else { "" }),
        'X' => (format!("{size:X}"), if flags.sharp { "0X" } else { "" }),
        'c' | 'q' | 'U' => {
            let c = u32::try_from(value).ok().and_then(char::from_u32).unwrap_or('\u{fffd}');
            return Some(match verb {
                'c' => c.to_string(),
                'q' if c == '\'' => r"'\''".to_owned(),
                'q' if c == '"' => "'\"'".to_owned(),
                'q' => format!("'{}'", quote(&c.to_string()).trim_matches('"')),
                _ => format!("U+{size:04X}"),
            });
        }
        _ => return None,
    };
    let digits = format!("{digits:0>width$}", width = flags.precision.unwrap_or_default());
    Some(format!("{}{prefix}{digits}", sign(value < 0, flags)))
}

fn sign(negative: bool, flags: Flags) -> &'static str {
    match negative {
        true => "-",
        false if flags.plus => "+",
        false if flags.space => " ",
        false => "",
    }
}

fn float(verb: char, value: f64, flags: Flags) -> Option<String> {
    let size = value.abs();
    let text = match (verb, flags.precision) {
        ('e' | 'E', precision) => exponent(size, precision.unwrap_or(6)),
        ('f' | 'F', precision) => format!("{size:.*}", precision.unwrap_or(6)),
        ('v' | 'g' | 'G', None) => crate::golang::fmt::float(size),
        ('v' | 'g' | 'G', Some(digits)) => {
            let digits = digits.max(1);
            let long = exponent(size, digits - 1);
            let power =
                long.split_once('e').and_then(|(_, power)| power.parse::<i64>().ok()).unwrap_or_default();
            let trimmed = |text: &str| match text.contains('.') {
                true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
                false => text.to_owned(),
            };
            match usize::try_from(digits as i64 - 1 - power) {
                Ok(after) if power >= -4 => trimmed(&format!("{size:.after$}")),
                _ => match long.split_once('e') {
                    Some((digits, power)) => format!("{}e{power}", trimmed(digits)),
                    None => long,
                },
            }
        }
        _ => return None,
    };
    let text = if verb.is_ascii_uppercase() { text.to_uppercase() } else { text };
    Some(format!("{}{text}", sign(value.is_sign_negative(), flags)))
}

/// A number with an exponent of two digits or more.
fn exponent(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$e}");
    match text.split_once('e').map(|(digits, power)| (digits, power.parse::<i64>())) {
        Some((digits, Ok(power))) => {
            format!("{digits}e{}{:02}", if power < 0 { '-' } else { '+' }, power.abs())
        }
        _ => text,
    }
}

fn written(verb: char, text: &str, flags: Flags) -> Option<String> {
    let cut: String = match flags.precision {
        Some(most) if matches!(verb, 's' | 'v' | 'q') => text.chars().take(most).collect(),
        _ => text.to_owned(),
    };
    let hex = |upper: bool| {
        let bytes = text.bytes().take(flags.precision.unwrap_or(usize::MAX));
        bytes.map(|byte| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") }).collect()
    };
    Some(match verb {
        's' | 'v' => cut,
        'q' if flags.sharp && !cut.contains(|c: char| c == '`' || c.is_control() && c != '\t') => {
            format!("`{cut}`")
        }
        'q' => quote(&cut),
        'x' => hex(false),
        'X' => hex(true),
        _ => return None,
    })
}

/// Fills up to the width: with spaces, or with zeros behind the sign.
fn pad(text: String, flags: Flags) -> String {
    let missing = flags.width.unwrap_or_default().saturating_sub(text.chars().count());
    if missing == 0 {
        return text;
    }
    match (flags.minus, flags.zero) {
        (true, _) => text + &" ".repeat(missing),
        (false, false) => " ".repeat(missing) + &text,
        (false, true) => {
            let digits = text.trim_start_matches(['+', '-', ' ']);
            let sign = &text[..text.len() - digits.len()];
            format!("{sign}{}{digits}", "0".repeat(missing))
        }
    }
}

//! Texts with places to fill (`string.format`; `cel-go/ext/formatting.go`).

use crate::api::field::quote;
use crate::cel::types::Type;
use crate::cel::value::{Val, number, text_of};

/// How one place of a format is filled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clause {
    verb: Verb,
    /// The digits after the point.
    precision: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Text,
    Decimal,
    Fixed,
    Scientific,
    Binary,
    Octal,
    Hex,
    UpperHex,
}

const PRECISION: usize = 6;
/// The most digits that Go writes (`fmt.tooLarge`).
const PRECISION_MAX: usize = 1_000_000;
/// A number has no more digits after the point than these: the rest are zeros.
const FRACTION_MAX: usize = 1_100;

/// A format, filled: `write` is asked for each place, in order, of `count` arguments. Of an expression that is not
/// evaluated yet (`ahead`) the format's end is told before a missing argument.
pub(crate) fn filled(
    pattern: &str,
    count: usize,
    ahead: bool,
    mut write: impl FnMut(usize, &Clause) -> Result<String, String>,
) -> Result<String, String> {
    let (mut out, mut rest, mut index) = (String::new(), pattern, 0);
    let missing = |index: usize| Err(format!("index {index} out of range"));
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        if !ahead && index >= count {
            return missing(index);
        }
        if after.is_empty() {
            return Err("unexpected end of string".to_owned());
        }
        if index >= count {
            return missing(index);
        }
        let (clause, after) =
            Clause::parse(after).map_err(|why| format!("could not parse formatting clause: {why}"))?;
        out.push_str(&write(index, &clause).map_err(|why| format!("error during formatting: {why}"))?);
        index += 1;
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}

/// Fills a format with values.
pub(super) fn format(pattern: &str, values: &[Val]) -> Result<String, String> {
    filled(pattern, values.len(), false, |index, clause| clause.write(&values[index]))
}

impl Clause {
    fn parse(text: &str) -> Result<(Clause, &str), String> {
        let (precision, text) = match text.strip_prefix('.') {
            None => (PRECISION, text),
            Some(rest) => {
                let end = rest.find(|c: char| !c.is_ascii_digit());
                let end =
                    end.ok_or("error while parsing precision: could not find end of precision specifier")?;
                let precision: i64 = rest[..end].parse().map_err(|_| {
                    let why = if end == 0 { "invalid syntax" } else { "value out of range" };
                    format!(
                        "error while parsing precision: error while converting precision to integer: \
                         strconv.Atoi: parsing {}: {why}",
                        quote(&rest[..end])
                    )
                })?;
                (usize::try_from(precision).unwrap_or(usize::MAX), &rest[end..])
            }
        };
        let verb = match text.bytes().next() {
            Some(b's') => Verb::Text,
            Some(b'd') => Verb::Decimal,
            Some(b'f') => Verb::Fixed,
            Some(b'e') => Verb::Scientific,
            Some(b'b') => Verb::Binary,
            Some(b'o') => Verb::Octal,
            Some(b'x') => Verb::Hex,
            Some(b'X') => Verb::UpperHex,
            other => {
                let letter = other.map(char::from).unwrap_or_default();
                return Err(format!("unrecognized formatting clause \"{letter}\""));
            }
        };
        Ok((Clause { verb, precision }, &text[1..]))
    }

    /// Whether it writes anything as text.
    pub(crate) fn is_text(&self) -> bool {
        self.verb == Verb::Text
    }

    /// Whether it can write a value of a type.
    pub(crate) fn takes(&self, of: &Type) -> bool {
        match (self.verb, of) {
            (_, Type::Dyn | Type::Wrong) => true,
            (Verb::Text, of) => !matches!(of, Type::Optional(_) | Type::Named(_) | Type::Object(_)),
            (Verb::Decimal | Verb::Octal, of) => matches!(of, Type::Int | Type::Uint),
            (Verb::Fixed | Verb::Scientific, of) => matches!(of, Type::Double | Type::String),
            (Verb::Binary, of) => matches!(of, Type::Int | Type::Uint | Type::Bool),
            (Verb::Hex | Verb::UpperHex, of) => {
                matches!(of, Type::Int | Type::Uint | Type::String | Type::Bytes)
            }
        }
    }

    /// What is told of a type that it can't write.
    pub(crate) fn refusal(&self, name: &str) -> String {
        let what = match self.verb {
            Verb::Text => {
                "string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps"
            }
            Verb::Decimal => "decimal clause can only be used on integers",
            Verb::Fixed => "fixed-point clause can only be used on doubles",
            Verb::Scientific => "scientific clause can only be used on doubles",
            Verb::Binary => "only integers and bools can be formatted as binary",
            Verb::Octal => "octal clause can only be used on integers",
            Verb::Hex | Verb::UpperHex => "only integers, byte buffers, and strings can be formatted as hex",
        };
        format!("{what}, was given {name}")
    }

    fn write(&self, value: &Val) -> Result<String, String> {
        let refused = || Err(self.refusal(&value.type_of().name()));
        match self.verb {
            Verb::Text => text(value).or_else(|why| why.map_or_else(refused, Err)),
            Verb::Decimal => match value {
                Val::Int(i) => Ok(i.to_string()),
                Val::Uint(u) => Ok(u.to_string()),
                _ => refused(),
            },
            Verb::Fixed => double(value).map_or_else(refused, |d| Ok(fixed(d, self.precision))),
            Verb::Scientific => double(value).map_or_else(refused, |d| Ok(scientific(d))),
            Verb::Binary => match value {
                Val::Bool(b) => Ok(u8::from(*b).to_string()),
                value => digits(value, |n| format!("{n:b}")).map_or_else(refused, Ok),
            },
            Verb::Octal => digits(value, |n| format!("{n:o}")).map_or_else(refused, Ok),
            Verb::Hex => hex(value, |n| format!("{n:x}"), |b| format!("{b:02x}")).map_or_else(refused, Ok),
            Verb::UpperHex => {
                hex(value, |n| format!("{n:X}"), |b| format!("{b:02X}")).map_or_else(refused, Ok)
            }
        }
    }
}

/// A number with a fraction, or one of the texts for those that are no numbers.
fn double(value: &Val) -> Option<f64> {
    match value {
        Val::Double(d) => Some(*d),
        Val::String(text) if matches!(&**text, "NaN" | "Infinity" | "-Infinity") => number::parse(text),
        _ => None,
    }
}

fn digits(value: &Val, write: fn(u64) -> String) -> Option<String> {
    match value {
        Val::Int(i) if *i < 0 => Some(format!("-{}", write(i.unsigned_abs()))),
        Val::Int(i) => Some(write(i.unsigned_abs())),
        Val::Uint(u) => Some(write(*u)),
        _ => None,
    }
}

fn hex(value: &Val, write: fn(u64) -> String, byte: fn(u8) -> String) -> Option<String> {
    match value {
        Val::String(text) => Some(text.bytes().map(byte).collect()),
        Val::Bytes(bytes) => Some(bytes.iter().copied().map(byte).collect()),
        value => digits(value, write),
    }
}

/// What is no number, as English has it.
fn special(number: f64) -> Option<&'static str> {
    match number {
        number if number.is_nan() => Some("NaN"),
        f64::INFINITY => Some("∞"),
        f64::NEG_INFINITY => Some("-∞"),
        _ => None,
    }
}

/// A number as English writes it: with commas between thousands.
fn fixed(number: f64, precision: usize) -> String {
    if let Some(word) = special(number) {
        return word.to_owned();
    }
    if precision > PRECISION_MAX {
        return format!("%!(BADPREC){}", fixed(number, PRECISION));
    }
    let digits = precision.min(FRACTION_MAX);
    let zeros = "0".repeat(precision - digits);
    let written = format!("{number:.digits$}{zeros}");
    let (sign, unsigned) = written.strip_prefix('-').map_or(("", written.as_str()), |rest| ("-", rest));
    let (whole, fraction) = unsigned.split_at(unsigned.find('.').unwrap_or(unsigned.len()));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}{fraction}")
}

/// A number with a power of ten; the precision is taken for a width.
fn scientific(number: f64) -> String {
    if let Some(word) = special(number) {
        return word.to_owned();
    }
    const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let written = format!("{number:.PRECISION$e}");
    let (mantissa, exponent) = written.split_once('e').unwrap_or((&written, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let sign = if exponent < 0 { "⁻" } else { "" };
    let raised: String = format!("{:02}", exponent.unsigned_abs())
        .chars()
        .filter_map(|digit| RAISED.get(digit.to_digit(10)? as usize))
        .collect();
    format!("{mantissa}×10{sign}{raised}")
}

/// A value as text; none within the error where texts do not know its type.
fn text(value: &Val) -> Result<String, Option<String>> {
    match value {
        Val::Null => Ok("null".to_owned()),
        Val::List(list) => {
            let items: Vec<String> = list.iter().map(literal).collect::<Result<_, _>>()?;
            Ok(format!("[{}]", items.join(", ")))
        }
        Val::Map(map) => {
            let entry = |(key, value): (&crate::cel::Key, &Val)| {
                Ok::<_, Option<String>>(format!("{}:{}", literal(&key.value())?, literal(value)?))
            };
            let mut entries: Vec<String> = map.iter().map(entry).collect::<Result<_, _>>()?;
            entries.sort();
            Ok(format!("{{{}}}", entries.join(", ")))
        }
        Val::Optional(_) | Val::Object(..) | Val::Opaque(_) => Err(None),
        other => text_of(other).map(|text| text.to_string()).map_err(Some),
    }
}

/// A value within a list or a map, as an expression spells it.
fn literal(value: &Val) -> Result<String, Option<String>> {
    match value {
        Val::String(text) => Ok(quote(text)),
        Val::Bytes(_) => Ok(format!("b{}", quote(&text(value)?))),
        Val::Double(d) => Ok(match special(*d) {
            Some(_) => quote(&number::shortest(*d)),
            None => format!("{d:.PRECISION$}"),
        }),
        Val::Timestamp(_) => Ok(format!("timestamp({})", quote(&text(value)?))),
        Val::Duration(_) => Ok(format!("duration({})", quote(&text(value)?))),
        Val::Optional(_) | Val::Object(..) | Val::Opaque(_) => {
            Err(Some(format!("no formatting function for {}", value.type_of().name())))
        }
        other => text(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_in_english() {
        let shown = |pattern: &str, value: Val| format(pattern, &[value]).unwrap_or_else(|why| why);
        assert_eq!(shown("%.2f", Val::Double(1_234_567.891)), "1,234,567.89");
        assert_eq!(shown("%e", Val::Double(1234.5)), "1.234500×10⁰³");
        assert_eq!(shown("%f", Val::text("-Infinity")), "-∞");
        assert_eq!(shown("%.100000f", Val::Double(1.5)).len(), 100_002);
        assert_eq!(shown("%.1000001f", Val::Double(1.5)), "%!(BADPREC)1.500000");
        assert_eq!(shown("%x", Val::Int(-255)), "-ff");
        assert_eq!(
            shown("%q", Val::Int(1)),
            "could not parse formatting clause: unrecognized formatting clause \"q\""
        );
    }
}

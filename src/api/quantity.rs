//! Amounts of resources: `100m`, `1Gi`, `1e3` (`apimachinery/pkg/api/resource.Quantity`).
//!
//! Exact: a whole number of billionths, as the real type keeps no more either. An amount remembers its format, so that a
//! sum of binary amounts is written as one.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

const NANO: i128 = 1_000_000_000;
/// No binary amount is larger: what is, becomes this (2^63 - 1).
const MAX: i128 = i64::MAX as i128 * NANO;

/// How an amount is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// `12e6`
    DecimalExponent,
    /// `12Mi`
    BinarySi,
    /// `12M`
    DecimalSi,
}

/// An amount. Equal amounts are equal however they are written.
#[derive(Clone, Debug)]
pub struct Quantity {
    nano: i128,
    format: Format,
    /// Whether Go keeps it as an `int64` and a power of ten, of which a number that is too large is 0.
    narrow: bool,
    /// The text that was read, where the real type gives it back unchanged.
    written: Option<String>,
    /// Whether the real type holds it as a whole number.
    whole: bool,
}

/// Why a text is no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuantityError {
    /// The text as a whole.
    Format,
    /// The digits.
    Numeric,
    /// The suffix.
    Suffix,
}

impl fmt::Display for QuantityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            QuantityError::Format => {
                "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
            }
            QuantityError::Numeric => "unable to parse numeric part of quantity",
            QuantityError::Suffix => "unable to parse quantity's suffix",
        })
    }
}

/// Suffix and power of ten.
const DECIMAL: [(&str, i32); 10] =
    [("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];

/// Suffix and power of two.
const BINARY: [(&str, u32); 6] = [("Ki", 10), ("Mi", 20), ("Gi", 30), ("Ti", 40), ("Pi", 50), ("Ei", 60)];

/// Base, exponent and format of a suffix.
fn suffix(text: &str) -> Option<(i32, i32, Format)> {
    if let Some((_, power)) = DECIMAL.iter().find(|(s, _)| *s == text) {
        return Some((10, *power, Format::DecimalSi));
    }
    if let Some((_, power)) = BINARY.iter().find(|(s, _)| *s == text) {
        return Some((2, i32::try_from(*power).ok()?, Format::BinarySi));
    }
    let power = text.strip_prefix(['e', 'E'])?.parse().ok()?;
    Some((10, power, Format::DecimalExponent))
}

impl FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Quantity, QuantityError> {
        if text.is_empty() {
            return Err(QuantityError::Format);
        }
        let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
        let number_end = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(unsigned.len());
        let (number, tail) = unsigned.split_at(number_end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let letters = tail.trim_start_matches(|c: char| "eEinumkKMGTP".contains(c));
        let digits = letters.strip_prefix(['-', '+']).unwrap_or(letters);
        if fraction.contains('.') || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(QuantityError::Format);
        }
        let (base, power, format) = suffix(tail).ok_or(QuantityError::Suffix)?;
        if number.is_empty() {
            return Err(QuantityError::Numeric);
        }
        let whole = whole.trim_start_matches('0');
        let mut nano = scale(whole, fraction, base, power);
        if format == Format::BinarySi {
            nano = nano.min(MAX);
        }
        let format = match format {
            Format::BinarySi if 0 < nano && nano < NANO => Format::DecimalSi,
            Format::BinarySi | Format::DecimalExponent | Format::DecimalSi => format,
        };
        if text.starts_with('-') {
            nano = -nano;
        }
        let written = is_written_as_read(whole, fraction, base, power).then(|| text.to_owned());
        let narrow = base == 10 && whole.len() + fraction.len() <= 18;
        let whole = is_held_whole(whole, fraction, base, power);
        Ok(Quantity { nano, format, narrow, written, whole })
    }
}

/// The billionths of an unsigned number; a smaller rest is rounded away from zero.
fn scale(whole: &str, fraction: &str, base: i32, power: i32) -> i128 {
    let digits = || whole.bytes().chain(fraction.bytes()).map(|b| i128::from(b - b'0'));
    let mut value: i128 = 0;
    for digit in digits() {
        value = value.saturating_mul(10).saturating_add(digit);
    }
    let places = i32::try_from(fraction.len()).unwrap_or(i32::MAX);
    if base == 2 {
        value = value.saturating_mul(1_i128 << power);
    }
    let exponent = 9_i32.saturating_sub(places).saturating_add(if base == 10 { power } else { 0 });
    match (value, u32::try_from(exponent)) {
        (0, _) => 0,
        (_, Ok(up)) => 10_i128.checked_pow(up).map_or(i128::MAX, |m| value.saturating_mul(m)),
        (_, Err(_)) => match 10_i128.checked_pow(exponent.unsigned_abs()) {
            Some(divisor) => value / divisor + i128::from(value % divisor != 0),
            None => 1,
        },
    }
}

/// Whether the real type hands the text on as it was read, without looking for a shorter form.
fn is_written_as_read(whole: &str, fraction: &str, base: i32, power: i32) -> bool {
    let digits = format!("{}{fraction}", if whole.is_empty() { "0" } else { whole });
    let length = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let places = i32::try_from(fraction.len()).unwrap_or(i32::MAX);
    let Ok(value) = digits.parse::<i64>() else {
        return false;
    };
    if base == 2 {
        return fraction.is_empty() && length + power * 3 / 10 < 15 && value & 7 != 0;
    }
    let scale = power.saturating_sub(places);
    length <= 18 && scale >= -9 && scale % 3 == 0 && !digits.ends_with("000") && !digits.starts_with('0')
}

/// Whether the real type holds a number as a whole one: neither with decimals nor with more digits than it counts.
fn is_held_whole(whole: &str, fraction: &str, base: i32, power: i32) -> bool {
    let length = i32::try_from(whole.len().max(1) + fraction.len()).unwrap_or(i32::MAX);
    let places = i32::try_from(fraction.len()).unwrap_or(i32::MAX);
    match base {
        2 => places == 0 && length.saturating_add(power * 3 / 10) < 15,
        _ => length <= 18 && power >= places && length.saturating_add(power.saturating_sub(places)) <= 19,
    }
}

impl Quantity {
    /// A whole number.
    pub fn whole(value: i64) -> Quantity {
        let nano = i128::from(value) * NANO;
        Quantity { nano, format: Format::DecimalSi, narrow: true, written: None, whole: true }
    }

    /// Whether it is nothing.
    pub fn is_zero(&self) -> bool {
        self.nano == 0
    }

    /// -1, 0 or 1.
    pub fn sign(&self) -> i32 {
        match self.nano {
            0 => 0,
            nano if nano < 0 => -1,
            _ => 1,
        }
    }

    /// The number, a fraction rounded away from zero.
    pub fn value(&self) -> i64 {
        self.rounded_up(NANO)
    }

    /// The number of thousandths, a fraction rounded away from zero.
    pub fn milli_value(&self) -> i64 {
        self.rounded_up(NANO / 1000)
    }

    /// The whole number that it is, if the real type holds it as one (`AsInt64`).
    pub(crate) fn as_integer(&self) -> Option<i64> {
        (self.whole && self.nano % NANO == 0).then(|| i64::try_from(self.nano / NANO).ok()).flatten()
    }

    /// The number, as near as one with a fraction comes (`AsApproximateFloat64`).
    pub(crate) fn approximate(&self) -> f64 {
        self.nano as f64 / NANO as f64
    }

    /// Of what is too large, the low 64 bits, as in Go (`scaledValue`).
    fn rounded_up(&self, unit: i128) -> i64 {
        let rest = if self.nano % unit == 0 { 0 } else { self.nano.signum() };
        let rounded = self.nano / unit + rest;
        match i64::try_from(rounded) {
            Err(_) if self.narrow => 0,
            Ok(_) | Err(_) => rounded as i64,
        }
    }

    /// Without what is less than a thousandth, which is rounded away from zero (`RoundUp`).
    pub(crate) fn in_thousandths(&self) -> Quantity {
        let unit = NANO / 1000;
        match self.nano % unit {
            0 => self.clone(),
            rest => {
                let nano = (self.nano - rest).saturating_add(self.nano.signum() * unit);
                Quantity { nano, written: None, ..self.clone() }
            }
        }
    }

    /// Adds an amount; nothing takes the other's format.
    pub fn add(&mut self, other: &Quantity) {
        self.set(self.nano.saturating_add(other.nano), other);
    }

    /// Takes an amount away; may become negative.
    pub fn subtract(&mut self, other: &Quantity) {
        self.set(self.nano.saturating_sub(other.nano), other);
    }

    fn set(&mut self, nano: i128, other: &Quantity) {
        if self.nano == 0 {
            self.format = other.format;
            self.whole = other.whole;
        }
        self.whole &= other.whole;
        self.nano = nano;
        self.narrow = false;
        self.written = None;
    }

    /// Digits and power of ten (a multiple of three) with the fewest digits.
    fn decimal(&self) -> (i128, i32) {
        let (mut number, mut power) = (self.nano, -9);
        while number % 1000 == 0 && power < 18 {
            number /= 1000;
            power += 3;
        }
        (number, power)
    }

    /// Digits and binary suffix, for a whole number that is large enough to have one.
    fn binary(&self) -> Option<(i128, &'static str)> {
        if self.format != Format::BinarySi || self.nano % NANO != 0 || self.nano.abs() < 1024 * NANO {
            return None;
        }
        let mut number = self.nano / NANO;
        let mut unit = "";
        for (suffix, _) in BINARY {
            if number % 1024 != 0 {
                break;
            }
            number /= 1024;
            unit = suffix;
        }
        Some((number, unit))
    }
}

/// The canonical form: no fraction, the largest suffix that keeps the amount exact.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(written) = &self.written {
            return f.write_str(written);
        }
        if self.nano == 0 {
            return f.write_str("0");
        }
        if let Some((number, unit)) = self.binary() {
            return write!(f, "{number}{unit}");
        }
        let (number, power) = self.decimal();
        if self.format == Format::DecimalExponent && power != 0 {
            return write!(f, "{number}e{power}");
        }
        let unit = DECIMAL.iter().find(|(_, p)| *p == power).map_or("", |(s, _)| s);
        write!(f, "{number}{unit}")
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Quantity) -> bool {
        self.nano == other.nano
    }
}

impl Eq for Quantity {}

impl PartialOrd for Quantity {
    fn partial_cmp(&self, other: &Quantity) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Quantity {
    fn cmp(&self, other: &Quantity) -> Ordering {
        self.nano.cmp(&other.nano)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Quantity {
        text.parse().unwrap()
    }

    #[test]
    fn canonical_forms() {
        for (text, canonical) in [
            ("0", "0"),
            ("0Mi", "0"),
            ("0.5", "500m"),
            (".5", "500m"),
            ("1000m", "1"),
            ("100m", "100m"),
            ("1.5Gi", "1536Mi"),
            ("1024Mi", "1Gi"),
            ("1025Mi", "1025Mi"),
            ("1024", "1024"),
            ("0.5Ki", "512"),
            ("1000k", "1M"),
            ("1e3", "1e3"),
            ("1000e3", "1e6"),
            ("12e6", "12e6"),
            ("-1500m", "-1500m"),
            ("0.0000000001", "1n"),
            ("1.500", "1.500"),
            ("2Ki", "2Ki"),
            ("8Ki", "8Ki"),
            ("512Ki", "512Ki"),
            ("9223372036854775808", "9223372036854775808"),
            ("16Ei", "9223372036854775807"),
        ] {
            assert_eq!(parse(text).to_string(), canonical, "{text}");
        }
        for (text, rounded) in
            [("500u", "1m"), ("-1n", "-1m"), ("1500m", "1500m"), ("0.10001", "101m"), ("1Mi", "1Mi")]
        {
            assert_eq!(parse(text).in_thousandths().to_string(), rounded, "{text}");
        }
        for (text, error) in [
            ("", QuantityError::Format),
            ("1x", QuantityError::Format),
            ("1.2.3", QuantityError::Format),
            ("1mm", QuantityError::Suffix),
            ("m", QuantityError::Numeric),
        ] {
            assert_eq!(text.parse::<Quantity>().unwrap_err(), error, "{text}");
        }
    }

    #[test]
    fn arithmetic() {
        let mut sum = Quantity::whole(0);
        sum.add(&parse("512Mi"));
        sum.add(&parse("512Mi"));
        assert_eq!(sum.to_string(), "1Gi");
        sum.subtract(&parse("1Gi"));
        assert!(sum.is_zero());
        assert!(parse("1100m") > parse("1") && parse("1Ki") == parse("1024"));
        assert_eq!(
            (parse("1100m").value(), parse("1100m").milli_value(), parse("-1100m").value()),
            (2, 1100, -2)
        );
    }
}

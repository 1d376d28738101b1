//! Amounts of resources: `100m`, `1Gi`, `1e3` (`apimachinery/pkg/api/resource.Quantity`).
//!
//! Exact: a whole number of billionths, as the real type keeps no more either. An amount remembers its format, so that a
//! sum of binary amounts is written as one.
//!
//! Differs from Kubernetes: an amount beyond some 1.7e29 is that much, where the real type goes on counting.

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
    let power: i64 = text.strip_prefix(['e', 'E'])?.parse().ok()?;
    // The low 32 bits, as in Go.
    Some((10, power as i32, Format::DecimalExponent))
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
        let any_digit = number.bytes().any(|b| b != b'.');
        let whole = whole.trim_start_matches('0');
        // The real reader takes no digits for 0, but for those that are too many.
        let narrow = is_narrow(whole, fraction, base, power);
        if !narrow && !any_digit {
            return Err(QuantityError::Numeric);
        }
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
        let written = narrow && is_canonical(whole, fraction, base, power);
        let written = written.then(|| text.to_owned());
        let whole = narrow && usize::try_from(power).is_ok_and(|power| power >= fraction.len());
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

/// The digits before the point: at least one.
fn digits_of(whole: &str) -> &str {
    if whole.is_empty() { "0" } else { whole }
}

/// Whether the real type keeps a number as an `int64` and a power of ten: one of few digits, also below the point.
fn is_narrow(whole: &str, fraction: &str, base: i32, power: i32) -> bool {
    let length = i32::try_from(digits_of(whole).len() + fraction.len()).unwrap_or(i32::MAX);
    let places = i32::try_from(fraction.len()).unwrap_or(i32::MAX);
    match base {
        2 => places == 0 && length.saturating_add(power * 3 / 10) < 15,
        _ => length <= 18 && power.saturating_sub(places) >= -9,
    }
}

/// Whether the real type hands such a number's text on as it was read, without looking for a shorter form.
fn is_canonical(whole: &str, fraction: &str, base: i32, power: i32) -> bool {
    let digits = format!("{}{fraction}", digits_of(whole));
    let places = i32::try_from(fraction.len()).unwrap_or(i32::MAX);
    match base {
        2 => digits.parse::<i64>().is_ok_and(|value| value & 7 != 0),
        _ => power.saturating_sub(places) % 3 == 0 && !digits.ends_with("000") && !digits.starts_with('0'),
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
        while number % 1000 == 0 && number != 0 {
            number /= 1000;
            power += 3;
        }
        (number, power)
    }

    /// Digits and binary suffix, for a whole number that is large enough to have one; above the largest suffix the real type
    /// writes none.
    fn binary(&self) -> Option<(i128, &'static str)> {
        if self.format != Format::BinarySi || self.nano % NANO != 0 || self.nano.abs() < 1024 * NANO {
            return None;
        }
        let mut number = self.nano / NANO;
        let mut power = 0;
        while number % 1024 == 0 {
            number /= 1024;
            power += 10;
        }
        let unit = BINARY.iter().find(|(_, of)| *of == power).map_or("", |(suffix, _)| suffix);
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
        // Above the largest suffix the real type writes none.
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
mod tests;

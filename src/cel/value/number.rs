//! Numbers with a fraction, as Go reads and writes them (`strconv.ParseFloat`, `FormatFloat` of `'g'`).

use crate::api::field::go_float;

/// The shortest text that is read as the same number.
pub(crate) fn shortest(number: f64) -> String {
    match number {
        f64::INFINITY => "+Inf".to_owned(),
        f64::NEG_INFINITY => "-Inf".to_owned(),
        finite => go_float(finite),
    }
}

/// A number; none if it is none, or too large.
pub(crate) fn parse(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let lower = unsigned.to_ascii_lowercase();
    if let Some(hexadecimal) = lower.strip_prefix("0x") {
        let number = hexadecimal_number(hexadecimal)?;
        return Some(if text.starts_with('-') { -number } else { number });
    }
    match lower.as_str() {
        "nan" if unsigned.len() < text.len() => None,
        "nan" | "inf" | "infinity" => text.parse().ok(),
        _ => text.parse().ok().filter(|number: &f64| number.is_finite()),
    }
}

/// Digits, and the power of two that they are multiplied with.
fn hexadecimal_number(text: &str) -> Option<f64> {
    let (digits, power) = text.split_once('p')?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut number = 0.0;
    for digit in whole.chars().chain(fraction.chars()) {
        number = number * 16.0 + f64::from(digit.to_digit(16)?);
    }
    let places = i32::try_from(fraction.len()).ok()?.checked_mul(4)?;
    let power: i32 = power.parse().ok()?;
    let scaled = number * 2f64.powi(power.checked_sub(places)?);
    scaled.is_finite().then_some(scaled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_go_does() {
        for (number, want) in [
            (1.0, "1"),
            (0.30000000000000004, "0.30000000000000004"),
            (100000.0, "100000"),
            (123456.0, "123456"),
            (123456.7, "123456.7"),
            (1234567.0, "1.234567e+06"),
            (123456789.0, "1.23456789e+08"),
            (1234567.5, "1.2345675e+06"),
            (1000000.0, "1e+06"),
            (1e21, "1e+21"),
            (1e100, "1e+100"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (-0.5, "-0.5"),
            (0.0, "0"),
            (f64::INFINITY, "+Inf"),
        ] {
            assert_eq!(shortest(number), want);
        }
    }

    #[test]
    fn numbers_are_read_as_go_does() {
        for (text, want) in [
            ("0x1p-2", Some(0.25)),
            ("1e400", None),
            ("inf", Some(f64::INFINITY)),
            ("-Infinity", Some(f64::NEG_INFINITY)),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(parse(text), want, "{text}");
        }
    }
}

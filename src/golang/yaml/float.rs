//! `strconv.ParseFloat` and `FormatFloat` for what YAML has of them.

/// A number with a point or an exponent, or both; not one that is larger than any `float64`.
pub(super) fn parse(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (number, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let is_number = digits(whole) && digits(fraction) && !(whole.is_empty() && fraction.is_empty());
    let is_float = is_number && digits(exponent) && !exponent.is_empty();
    text.parse().ok().filter(|value: &f64| is_float && value.is_finite())
}

/// A key as `sigs.k8s.io/yaml` writes a number with a fraction: the shortest form of a `float32` (`'g'`).
pub(super) fn key(value: f64) -> String {
    if value.is_nan() {
        return ".nan".to_owned();
    }
    match value.is_infinite() {
        true => if value > 0.0 { ".inf" } else { "-.inf" }.to_owned(),
        false => general(&format!("{:e}", value as f32)),
    }
}

/// The shortest form (`%v`).
pub(super) fn shortest(value: f64) -> String {
    match value {
        value if value.is_nan() => "NaN".to_owned(),
        value if value.is_infinite() => if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned(),
        value => general(&format!("{value:e}")),
    }
}

/// `'g'` of digits and an exponent (`1.5e-7`), which stays where it is below -4, or from 6 on.
fn general(scientific: &str) -> String {
    let (digits, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", digits),
    };
    let significant = digits.replace('.', "");
    if !(-4..6).contains(&exponent) {
        let mark = if exponent < 0 { '-' } else { '+' };
        return format!("{sign}{digits}e{mark}{:02}", exponent.abs());
    }
    let places = usize::try_from(exponent).unwrap_or(0);
    match usize::try_from(-exponent) {
        Ok(zeros @ 1..) => format!("{sign}0.{}{significant}", "0".repeat(zeros - 1)),
        _ => match significant.split_at_checked(places + 1) {
            Some((whole, "")) => format!("{sign}{whole}"),
            Some((whole, fraction)) => format!("{sign}{whole}.{fraction}"),
            None => format!("{sign}{significant:0<width$}", width = places + 1),
        },
    }
}

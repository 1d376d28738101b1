//! Any amounts: what they are worth and how they are written is what numbers without an end say, by the grammar and the rules
//! that stand over `Quantity` (`apimachinery/pkg/api/resource/quantity.go`): exact, a rest below a billionth rounded up,
//! binary amounts capped at 2^63 - 1, the suffix' kind remembered, the largest suffix that keeps all digits.
//!
//! Beside those rules, the source's: a number that has at most 18 digits (with a binary suffix, about 15) is kept as an `int64`
//! and a power of ten, and its text with it where that is canonical; a number without digits is 0.

use super::super::*;
use crate::testing::cases;
use num_bigint::{BigInt, Sign};
use proptest::prelude::*;
use proptest::sample::select;
use regex::Regex;
use std::sync::LazyLock;

/// An amount by the documentation: `number` times ten to the `power`.
#[derive(Clone, Debug)]
struct Plain {
    number: BigInt,
    power: i32,
    kind: char,
    /// Whether it is an `int64` and a power of ten.
    small: bool,
    kept: Option<String>,
}

fn ten(power: u32) -> BigInt {
    BigInt::from(10).pow(power)
}

fn read(text: &str) -> Result<Plain, QuantityError> {
    static FORM: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^([+-]?)(0*)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$").unwrap()
    });
    let parts = FORM.captures(text).filter(|_| !text.is_empty()).ok_or(QuantityError::Format)?;
    let part = |i: usize| parts.get(i).map_or("", |part| part.as_str());
    let (zeros, whole, fraction) = (part(2), part(3), part(4));
    let (factor, power, kind) = match part(5) {
        "" => (1, 0, 'd'),
        "n" => (1, -9, 'd'),
        "u" => (1, -6, 'd'),
        "m" => (1, -3, 'd'),
        "k" => (1, 3, 'd'),
        "M" => (1, 6, 'd'),
        "G" => (1, 9, 'd'),
        "T" => (1, 12, 'd'),
        "P" => (1, 15, 'd'),
        "E" => (1, 18, 'd'),
        "Ki" => (1_u64 << 10, 0, 'b'),
        "Mi" => (1 << 20, 0, 'b'),
        "Gi" => (1 << 30, 0, 'b'),
        "Ti" => (1 << 40, 0, 'b'),
        "Pi" => (1 << 50, 0, 'b'),
        "Ei" => (1 << 60, 0, 'b'),
        other => {
            let exponent = other.strip_prefix(['e', 'E']).ok_or(QuantityError::Suffix)?;
            (1, exponent.parse().map_err(|_| QuantityError::Suffix)?, 'e')
        }
    };
    let digits = format!("{}{fraction}", if whole.is_empty() { "0" } else { whole });
    let count = i32::try_from(digits.len()).unwrap();
    let places = i32::try_from(fraction.len()).unwrap();
    let small = match kind {
        // Two to the tenth is three digits.
        'b' => fraction.is_empty() && count + (factor.ilog2() as i32) * 3 / 10 <= 14,
        _ => count <= 18 && power - places >= -9,
    };
    if !small && zeros.is_empty() && whole.is_empty() && fraction.is_empty() {
        return Err(QuantityError::Numeric);
    }
    let read: BigInt = digits.parse().unwrap();
    let canonical = match kind {
        'b' => &read % 8 != BigInt::ZERO,
        _ => (power - places) % 3 == 0 && !digits.ends_with("000") && !digits.starts_with('0'),
    };
    let mut amount = Plain {
        number: read * factor,
        power: power - places,
        kind,
        small,
        kept: (small && canonical).then(|| text.to_owned()),
    };
    if !small {
        let nano = amount.at(-9);
        let most = BigInt::from(i64::MAX) * ten(9);
        if kind == 'b' && nano < ten(9) && nano.sign() == Sign::Plus {
            amount.kind = 'd';
        }
        amount.number = if kind == 'b' { nano.min(most) } else { nano };
        amount.power = -9;
    }
    if part(1) == "-" {
        amount.number = -amount.number;
    }
    Ok(amount)
}

impl Plain {
    /// The number at a power of ten, what is less rounded away from zero.
    fn at(&self, power: i32) -> BigInt {
        let by = ten((self.power - power).unsigned_abs());
        match self.power >= power {
            true => &self.number * by,
            false if &self.number % &by == BigInt::ZERO => &self.number / by,
            false if self.number.sign() == Sign::Minus => &self.number / by - 1,
            false => &self.number / by + 1,
        }
    }

    fn is_zero(&self) -> bool {
        self.number.sign() == Sign::NoSign
    }

    fn plus(&self, other: &Plain, sign: i32) -> Plain {
        let kind = if self.is_zero() { other.kind } else { self.kind };
        let number = self.at(-9) + other.at(-9) * sign;
        Plain { number, power: -9, kind, small: false, kept: None }
    }

    fn written(&self) -> String {
        if let Some(kept) = &self.kept {
            return kept.clone();
        }
        if self.is_zero() {
            return "0".to_owned();
        }
        let (mut number, mut power) = (self.at(-9), -9);
        let whole = &number % ten(9) == BigInt::ZERO;
        let large = number.magnitude() >= (BigInt::from(1024) * ten(9)).magnitude();
        if self.kind == 'b' && whole && large {
            let mut number = number / ten(9);
            let mut steps = 0;
            while &number % 1024 == BigInt::ZERO {
                number /= 1024;
                steps += 1;
            }
            // Beyond the largest suffix the real type writes none.
            let suffix = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"].get(steps).unwrap_or(&"");
            return format!("{number}{suffix}");
        }
        while &number % 1000 == BigInt::ZERO {
            number /= 1000;
            power += 3;
        }
        let known =
            [(-9, "n"), (-6, "u"), (-3, "m"), (3, "k"), (6, "M"), (9, "G"), (12, "T"), (15, "P"), (18, "E")];
        match (self.kind, power) {
            ('e', power) if power != 0 => format!("{number}e{power}"),
            // Beyond the largest suffix the real type writes none.
            (_, power) => {
                format!("{number}{}", known.iter().find(|(at, _)| *at == power).map_or("", |(_, s)| s))
            }
        }
    }

    /// Whether it is one of those that are counted here: below 2^125 billionths.
    fn is_counted(&self) -> bool {
        self.at(-9).magnitude().bits() <= 125
    }
}

const ENDINGS: [&str; 32] = [
    "", "", "", "n", "u", "m", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Mi", "Gi", "Ti", "Pi", "Ei",
    "e3", "e0", "e-3", "E4", "e+5", "e9", "e-10", "e-", "e1e", "mi", "i", "KM",
];

/// Texts that are amounts, most of them.
fn text() -> impl Strategy<Value = String> {
    let digits = prop_oneof![
        4 => "[0-9]{0,4}",
        1 => "[0-9]{12,19}",
        1 => select(vec!["9223372036854775807", "9223372036854775808", "1024", "1000", "1024000", "512", "8", "000"])
            .prop_map(str::to_owned),
    ];
    let fraction = prop_oneof![3 => Just(String::new()), 2 => r"\.[0-9]{0,4}", 1 => r"\.0{0,9}[0-9]{0,3}"];
    let number = (prop_oneof![4 => Just(""), 1 => Just("-"), 1 => Just("+")], digits, fraction);
    prop_oneof![
        12 => (number, select(ENDINGS.to_vec())).prop_map(|((sign, whole, fraction), ending)| {
            format!("{sign}{whole}{fraction}{ending}")
        }),
        1 => "[-+.0-9eEimkKM ]{0,6}",
    ]
}

proptest! {
    #![proptest_config(cases(10_000))]

    #[test]
    fn amounts_are_what_numbers_without_an_end_say(texts in prop::array::uniform3(text())) {
        let mut sums: Option<(Quantity, Plain)> = None;
        for (i, text) in texts.iter().enumerate() {
            let (ours, plain) = (text.parse::<Quantity>(), read(text));
            let (Ok(ours), Ok(plain)) = (&ours, &plain) else {
                prop_assert_eq!(ours.err(), plain.err(), "{}", text);
                continue;
            };
            if !plain.is_counted() {
                continue;
            }
            prop_assert_eq!(ours.to_string(), plain.written(), "{}", text);
            prop_assert_eq!(ours.sign() < 0, plain.number.sign() == Sign::Minus, "{}", text);
            prop_assert_eq!(ours.is_zero(), plain.is_zero(), "{}", text);
            for (ours, power) in [(ours.value(), 0), (ours.milli_value(), -3)] {
                if let Ok(plain) = i64::try_from(plain.at(power)) {
                    prop_assert_eq!(ours, plain, "{} at {}", text, power);
                }
            }
            let whole = (plain.small && plain.power >= 0).then(|| i64::try_from(plain.at(0)).ok()).flatten();
            prop_assert_eq!(ours.as_integer(), whole, "{}", text);
            sums = Some(match sums.take() {
                None => (ours.clone(), plain.clone()),
                Some((mut sum, by)) => {
                    prop_assert_eq!(sum.cmp(ours), by.at(-9).cmp(&plain.at(-9)), "{:?}", texts);
                    let by = by.plus(plain, if i == 1 { 1 } else { -1 });
                    if i == 1 { sum.add(ours) } else { sum.subtract(ours) }
                    if by.is_counted() {
                        prop_assert_eq!(sum.to_string(), by.written(), "{:?}", texts);
                    }
                    (sum, by)
                }
            });
        }
    }
}

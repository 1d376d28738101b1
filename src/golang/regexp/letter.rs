//! Letters that are written with a backslash, and how they are written anew.

use std::fmt::Write as _;

/// What is wrong, and the part of the pattern that is.
pub(super) type Refused<'p> = (&'static str, &'p str);

pub(super) const BAD_ESCAPE: &str = "invalid escape sequence";

/// The letter of an escape, and what follows (`parseEscape`).
pub(super) fn letter(text: &str) -> Result<(u32, &str), Refused<'_>> {
    let mut letters = text.char_indices().skip(1);
    let Some((_, first)) = letters.next() else {
        return Err(("trailing backslash at end of expression", ""));
    };
    let behind = |at: usize| text.get(at..).unwrap_or_default();
    let rest = behind(1 + first.len_utf8());
    let octal = |text: &str| text.bytes().take_while(|byte| matches!(byte, b'0'..=b'7')).count();
    // How far Go had read when it gave up.
    let mut read = text.len() - rest.len();
    let found = match first {
        '0' | '1'..='7' if first == '0' || octal(rest) > 0 => {
            let length = 1 + octal(rest).min(2);
            let digits = behind(1).get(..length).unwrap_or_default();
            u32::from_str_radix(digits, 8).ok().map(|value| (value, behind(1 + length)))
        }
        'x' => {
            let (found, after) = hexadecimal(rest);
            read = text.len() - after.len();
            found.map(|value| (value, after))
        }
        'a' => Some((7, rest)),
        'f' => Some((12, rest)),
        'n' => Some((10, rest)),
        'r' => Some((13, rest)),
        't' => Some((9, rest)),
        'v' => Some((11, rest)),
        first if first.is_ascii() && !first.is_ascii_alphanumeric() => Some((first.into(), rest)),
        _ => None,
    };
    found.ok_or((BAD_ESCAPE, text.get(..read).unwrap_or(text)))
}

/// What stands behind `\x`: two digits, or any number of them in braces; and what was not read.
fn hexadecimal(text: &str) -> (Option<u32>, &str) {
    let mut letters = text.chars();
    let Some(first) = letters.next() else { return (None, text) };
    if first != '{' {
        let second = letters.next();
        let value = first.to_digit(16).zip(second.and_then(|second| second.to_digit(16)));
        return (value.map(|(high, low)| high * 16 + low), letters.as_str());
    }
    let (mut value, mut digits) = (0_u32, 0);
    while let Some(letter) = letters.next() {
        match letter.to_digit(16) {
            Some(digit) if value * 16 + digit <= char::MAX.into() => {
                value = value * 16 + digit;
                digits += 1;
            }
            None if letter == '}' && digits > 0 => return (Some(value), letters.as_str()),
            _ => break,
        }
    }
    (None, letters.as_str())
}

/// Writes a letter by its number.
pub(super) fn write_letter(out: &mut String, letter: u32) {
    // Writing to a string does not fail.
    let _ = write!(out, r"\x{{{letter:X}}}");
}

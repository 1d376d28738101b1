//! `encoding/base64`: line breaks don't count, and bits that are left over are dropped.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// The digits, and what fills the last four.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    /// `StdEncoding`
    Standard,
    /// `RawURLEncoding`
    RawUrl,
}

impl Encoding {
    fn digit(self, byte: u8) -> Option<u32> {
        Some(match (byte, self) {
            (b'A'..=b'Z', _) => u32::from(byte - b'A'),
            (b'a'..=b'z', _) => u32::from(byte - b'a') + 26,
            (b'0'..=b'9', _) => u32::from(byte - b'0') + 52,
            (b'+', Encoding::Standard) | (b'-', Encoding::RawUrl) => 62,
            (b'/', Encoding::Standard) | (b'_', Encoding::RawUrl) => 63,
            _ => return None,
        })
    }

    fn is_padded(self) -> bool {
        self == Encoding::Standard
    }
}

/// The bytes of a text.
///
/// # Errors
/// `illegal base64 data at input byte 3`.
pub(crate) fn decode(text: &str, encoding: Encoding) -> Result<Vec<u8>, String> {
    // What is regular, as nearly every text is, is read several digits at a time.
    let regular = match encoding {
        Encoding::Standard => STANDARD.decode(text),
        Encoding::RawUrl => URL_SAFE_NO_PAD.decode(text),
    };
    if let Ok(bytes) = regular {
        return Ok(bytes);
    }
    let illegal = |at: usize| format!("illegal base64 data at input byte {at}");
    let mut bytes = text.bytes().enumerate().filter(|(_, byte)| !matches!(byte, b'\r' | b'\n')).peekable();
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut value, mut digits) = (0_u32, 0_usize);
    while let Some((at, byte)) = bytes.next() {
        match encoding.digit(byte) {
            Some(digit) => {
                value = value << 6 | digit;
                digits += 1;
            }
            None if byte != b'=' || !encoding.is_padded() || digits < 2 => return Err(illegal(at)),
            None => {
                if digits == 2 {
                    match bytes.next() {
                        None => return Err(illegal(text.len())),
                        Some((_, b'=')) => {}
                        Some((second, _)) => return Err(illegal(second - 1)),
                    }
                }
                return match bytes.next() {
                    Some((behind, _)) => Err(illegal(behind)),
                    None => Ok(finish(out, value, digits)),
                };
            }
        }
        if digits == 4 {
            out.extend(value.to_be_bytes().into_iter().skip(1));
            (value, digits) = (0, 0);
        }
    }
    match digits {
        0 => Ok(out),
        1 => Err(illegal(text.len() - 1)),
        _ if encoding.is_padded() => Err(illegal(text.len() - digits)),
        _ => Ok(finish(out, value, digits)),
    }
}

/// Bytes as text.
pub(crate) fn encode(bytes: &[u8], encoding: Encoding) -> String {
    match encoding {
        Encoding::Standard => STANDARD.encode(bytes),
        Encoding::RawUrl => URL_SAFE_NO_PAD.encode(bytes),
    }
}

/// The bytes of the last two or three digits.
fn finish(mut out: Vec<u8>, value: u32, digits: usize) -> Vec<u8> {
    let bits = value << (6 * (4 - digits));
    out.extend(bits.to_be_bytes().into_iter().skip(1).take(digits - 1));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_as_go_does() {
        let read = |text: &str, encoding| {
            decode(text, encoding).map_err(|why| why.replace("illegal base64 data at input byte ", ""))
        };
        for (text, want) in [
            ("", Ok("")),
            ("aGk=", Ok("hi")),
            ("aG\nk=\r\n", Ok("hi")),
            ("aGl=", Ok("hi")),
            ("aA==", Ok("h")),
            ("aGkh", Ok("hi!")),
            ("aG k=", Err("2")),
            ("-_-_", Err("0")),
            ("a", Err("0")),
            ("aGk", Err("0")),
            ("aA=", Err("3")),
            ("aA=b", Err("2")),
            ("aGk=x", Err("4")),
            ("=", Err("0")),
        ] {
            let want = want.map(|text| text.as_bytes().to_vec()).map_err(str::to_owned);
            assert_eq!(read(text, Encoding::Standard), want, "{text:?}");
        }
        assert_eq!(read("aGk", Encoding::RawUrl), Ok(b"hi".to_vec()));
        assert_eq!(read("x", Encoding::RawUrl), Err("0".to_owned()));
    }
}

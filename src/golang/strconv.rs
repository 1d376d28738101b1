//! `strconv`: quoted texts and numbers as flags have them.

/// The text within quotes, single or double, with Go's escapes (`jsonpath.UnquoteExtend` over `strconv.UnquoteChar`).
pub(crate) fn unquote(quoted: &str) -> Option<String> {
    let quote = quoted.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let text = quoted.strip_prefix(quote)?.strip_suffix(quote)?;
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => plain.push(escape(&mut chars, quote)?),
            c if c == quote => return None,
            c => plain.push(c),
        }
    }
    Some(plain)
}

/// What stands behind a backslash.
fn escape(chars: &mut std::str::Chars<'_>, quote: char) -> Option<char> {
    Some(match chars.next()? {
        'a' => '\u{7}',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\u{b}',
        '\\' => '\\',
        c if c == quote => c,
        'x' => code(chars, 2, 16)?,
        'u' => code(chars, 4, 16)?,
        'U' => code(chars, 8, 16)?,
        c @ '0'..='7' => {
            let rest: String = chars.by_ref().take(2).collect();
            if rest.len() != 2 {
                return None;
            }
            char::from(u8::from_str_radix(&format!("{c}{rest}"), 8).ok()?)
        }
        _ => return None,
    })
}

fn code(chars: &mut std::str::Chars<'_>, digits: usize, radix: u32) -> Option<char> {
    let text: String = chars.by_ref().take(digits).collect();
    let whole = text.len() == digits && text.chars().all(|c| c.is_digit(radix));
    whole.then(|| u32::from_str_radix(&text, radix).ok().and_then(char::from_u32)).flatten()
}

/// Why a text is no whole number of 64 bits (`strconv.ParseInt`, base 10 or by its prefix).
pub(crate) fn wrong_int(text: &str, bits: u32) -> Option<&'static str> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some("invalid syntax");
    }
    let (least, most) = if bits == 32 { (i32::MIN.into(), i32::MAX.into()) } else { (i64::MIN, i64::MAX) };
    match text.parse::<i64>() {
        Ok(number) if (least..=most).contains(&number) => None,
        _ => Some("value out of range"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_and_numbers() {
        assert_eq!(unquote("'it\\'s \\x41\\u00e9\\n'").as_deref(), Some("it's A\u{e9}\n"));
        for wrong in ["'a\\q'", "'a'b'", "'\\x4'", "\"\\'\"", "'a"] {
            assert_eq!(unquote(wrong), None, "{wrong}");
        }
        assert_eq!(wrong_int("-7", 32), None);
        assert_eq!(wrong_int("x", 64), Some("invalid syntax"));
        assert_eq!(wrong_int("4294967296", 32), Some("value out of range"));
    }
}

//! `time.Parse` with the layouts of RFC 3339: capitals, a colon in the offset, an hour may have one digit.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;

/// How a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// `time.RFC3339`; a fraction of a second is read, too.
    Rfc3339,
    /// `metav1.RFC3339Micro`: six digits at least.
    Micro,
}

impl Layout {
    fn text(self) -> &'static str {
        match self {
            Layout::Rfc3339 => "2006-01-02T15:04:05Z07:00",
            Layout::Micro => "2006-01-02T15:04:05.000000Z07:00",
        }
    }

    /// The layout in its parts.
    fn parts(self) -> &'static [&'static str] {
        match self {
            Layout::Rfc3339 => &["2006", "-", "01", "-", "02", "T", "15", ":", "04", ":", "05", "Z07:00"],
            Layout::Micro => {
                &["2006", "-", "01", "-", "02", "T", "15", ":", "04", ":", "05", ".000000", "Z07:00"]
            }
        }
    }
}

/// What is wrong with a part.
enum Misfit {
    /// It is not there.
    Shape,
    /// Its number is too large or too small.
    Range(&'static str),
}

/// The parts that were read.
#[derive(Default)]
struct Read {
    year: i16,
    month: i8,
    day: i8,
    hour: i8,
    minute: i8,
    second: i8,
    nanosecond: i32,
    offset: i32,
}

/// Reads a time.
///
/// # Errors
/// In Go's words.
pub(crate) fn parse(text: &str, layout: Layout) -> Result<Timestamp, String> {
    let whole = quote(text);
    let out_of_range = |what: &str| format!("parsing time {whole}: {what} out of range");
    let mut read = Read::default();
    let mut rest = text;
    for part in layout.parts() {
        let before = rest;
        read.part(part, &mut rest, layout).map_err(|misfit| match misfit {
            Misfit::Range(what) => out_of_range(what),
            Misfit::Shape => {
                let (layout, before, part) = (quote(layout.text()), quote(before), quote(part));
                format!("parsing time {whole} as {layout}: cannot parse {before} as {part}")
            }
        })?;
    }
    if !rest.is_empty() {
        return Err(format!("parsing time {whole}: extra text: {}", quote(rest)));
    }
    let date = Date::new(read.year, read.month, read.day).map_err(|_| out_of_range("day"))?;
    let time = date.at(read.hour, read.minute, read.second, read.nanosecond);
    let offset = Offset::from_seconds(read.offset).map_err(|_| out_of_range("time zone offset hour"))?;
    offset.to_timestamp(time).map_err(|_| out_of_range("year"))
}

impl Read {
    fn part(&mut self, part: &str, rest: &mut &str, layout: Layout) -> Result<(), Misfit> {
        match part {
            "2006" => self.year = digits(rest, 4, 4)?,
            "01" => self.month = within(digits(rest, 2, 2)?, 1, 12, "month")?,
            "02" => self.day = digits(rest, 2, 2)?,
            "15" => self.hour = within(digits(rest, 1, 2)?, 0, 23, "hour")?,
            "04" => self.minute = within(digits(rest, 2, 2)?, 0, 59, "minute")?,
            "05" => {
                self.second = within(digits(rest, 2, 2)?, 0, 59, "second")?;
                if layout == Layout::Rfc3339 && fraction(rest) > 0 {
                    self.nanosecond = nanoseconds(take(rest, fraction(rest) + 1)?);
                }
            }
            ".000000" if fraction(rest) >= 6 => self.nanosecond = nanoseconds(take(rest, 7)?),
            ".000000" => return Err(Misfit::Shape),
            "Z07:00" => self.offset = offset(rest)?,
            literal => *rest = rest.strip_prefix(literal).ok_or(Misfit::Shape)?,
        }
        Ok(())
    }
}

fn within(value: i8, least: i8, most: i8, what: &'static str) -> Result<i8, Misfit> {
    if (least..=most).contains(&value) { Ok(value) } else { Err(Misfit::Range(what)) }
}

fn take<'a>(rest: &mut &'a str, length: usize) -> Result<&'a str, Misfit> {
    let (taken, behind) = rest.split_at_checked(length).ok_or(Misfit::Shape)?;
    *rest = behind;
    Ok(taken)
}

/// A number of so many digits.
fn digits<N: std::str::FromStr>(rest: &mut &str, least: usize, most: usize) -> Result<N, Misfit> {
    let found = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if found < least {
        return Err(Misfit::Shape);
    }
    take(rest, found)?.parse().map_err(|_| Misfit::Shape)
}

/// The number of digits behind a point or a comma.
fn fraction(rest: &str) -> usize {
    match rest.strip_prefix(['.', ',']) {
        Some(rest) => rest.bytes().take_while(u8::is_ascii_digit).count(),
        None => 0,
    }
}

/// The billionths that a point and digits say; what is smaller is cut.
fn nanoseconds(text: &str) -> i32 {
    let digits = text.bytes().skip(1).chain(std::iter::repeat(b'0')).take(9);
    digits.fold(0, |value, digit| value * 10 + i32::from(digit.wrapping_sub(b'0')))
}

/// `Z`, or `+02:00`; in seconds.
fn offset(rest: &mut &str) -> Result<i32, Misfit> {
    if let Some(behind) = rest.strip_prefix('Z') {
        *rest = behind;
        return Ok(0);
    }
    let mut taken = take(rest, 6)?;
    let sign = match take(&mut taken, 1)? {
        "+" => 1,
        "-" => -1,
        _ => return Err(Misfit::Shape),
    };
    let hours: i32 = digits(&mut taken, 2, 2)?;
    taken = taken.strip_prefix(':').ok_or(Misfit::Shape)?;
    let minutes: i32 = digits(&mut taken, 2, 2)?;
    match (hours, minutes) {
        (25.., _) => Err(Misfit::Range("time zone offset hour")),
        (_, 61..) => Err(Misfit::Range("time zone offset minute")),
        _ => Ok(sign * (hours * 3600 + minutes * 60)),
    }
}

/// A text as the errors quote it: bytes that are no printable ASCII by their number.
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            b' '..=b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_go_does() {
        for (text, layout, want) in [
            ("2026-01-02T03:04:05Z", Layout::Rfc3339, Ok("2026-01-02T03:04:05Z")),
            ("2026-01-02T3:04:05Z", Layout::Rfc3339, Ok("2026-01-02T03:04:05Z")),
            ("2026-01-02T03:04:05.5Z", Layout::Rfc3339, Ok("2026-01-02T03:04:05.5Z")),
            ("2026-01-02T03:04:05,25+02:00", Layout::Rfc3339, Ok("2026-01-02T01:04:05.25Z")),
            ("2026-01-02T03:04:05.678901-01:30", Layout::Micro, Ok("2026-01-02T04:34:05.678901Z")),
            ("2026-01-02T03:04:05Z", Layout::Micro, Err("cannot parse \"Z\" as \".000000\"")),
            ("2026-01-02T03:04:05.6789012345Z", Layout::Micro, Err("cannot parse \"2345Z\" as \"Z07:00\"")),
            ("2026-01-02T03:04:05+0200", Layout::Micro, Err("cannot parse \"+0200\" as \".000000\"")),
            ("2026-01-02T03:04:05+0200", Layout::Rfc3339, Err("cannot parse \"+0200\" as \"Z07:00\"")),
            ("2026-01-02t03:04:05z", Layout::Rfc3339, Err("cannot parse \"t03:04:05z\" as \"T\"")),
            ("2026-01-02", Layout::Rfc3339, Err("cannot parse \"\" as \"T\"")),
            ("", Layout::Rfc3339, Err("cannot parse \"\" as \"2006\"")),
            ("2026-01-02T24:00:00Z", Layout::Rfc3339, Err("hour out of range")),
            ("2026-02-30T00:00:00Z", Layout::Rfc3339, Err("day out of range")),
            ("2026-01-02T03:04:05Zx", Layout::Rfc3339, Err("extra text: \"x\"")),
            ("\u{e9}", Layout::Rfc3339, Err("cannot parse \"\\xc3\\xa9\" as \"2006\"")),
        ] {
            match (parse(text, layout), want) {
                (Ok(time), want) => assert_eq!(Ok(time.to_string().as_str()), want, "{text}"),
                (Err(why), Ok(want)) => panic!("{text}: {why}, not {want}"),
                (Err(why), Err(end)) => assert!(why.ends_with(&format!(": {end}")), "{why}"),
            }
        }
    }
}

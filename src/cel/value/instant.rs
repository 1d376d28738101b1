//! Instants, with the offset from UTC under which they were written (`types.Timestamp`, Go's `time.Time`).

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};
use std::cmp::Ordering;
use std::fmt;
use std::sync::LazyLock;

/// The first second of the year 1.
const LEAST: i64 = -62_135_596_800;
/// The last second of the year 9999.
const MOST: i64 = 253_402_300_799;

/// The time zones by name, the same on every machine.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// An instant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instant {
    seconds: i64,
    nanos: i32,
    /// Seconds east of UTC.
    offset: i32,
}

impl From<Timestamp> for Instant {
    fn from(at: Timestamp) -> Instant {
        let nanos = at.as_nanosecond();
        let (seconds, nanos) = (nanos.div_euclid(1_000_000_000), nanos.rem_euclid(1_000_000_000));
        Instant { seconds: seconds as i64, nanos: nanos as i32, offset: 0 }
    }
}

impl Instant {
    /// The instant so many seconds after 1970; none outside of the years 1 to 9999.
    pub(crate) fn of_seconds(seconds: i64) -> Option<Instant> {
        Instant { seconds, nanos: 0, offset: 0 }.in_range()
    }

    fn in_range(self) -> Option<Instant> {
        (LEAST..=MOST).contains(&self.seconds).then_some(self)
    }

    /// Reads RFC 3339 as Go does: none if it is not that, and none within if its year can't be.
    pub(crate) fn parse(text: &str) -> Option<Option<Instant>> {
        let (date, rest) = text.split_once('T')?;
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let [year, month, day] = date.split('-').collect::<Vec<_>>()[..] else { return None };
        if (year.len(), month.len(), day.len()) != (4, 2, 2)
            || !digits(year)
            || !digits(month)
            || !digits(day)
        {
            return None;
        }
        let zone = rest.find(['Z', '+', '-'])?;
        let (time, zone) = rest.split_at(zone);
        let (time, fraction) = time.split_once(['.', ',']).map_or((time, None), |(time, f)| (time, Some(f)));
        let [hour, minute, second] = time.split(':').collect::<Vec<_>>()[..] else { return None };
        let whole = matches!(hour.len(), 1 | 2) && minute.len() == 2 && second.len() == 2;
        if !whole || !digits(hour) || !digits(minute) || !digits(second) {
            return None;
        }
        let nanos: i32 = match fraction {
            None => 0,
            Some(fraction) if fraction.is_empty() || !digits(fraction) => return None,
            Some(fraction) => format!("{:0<9}", &fraction[..fraction.len().min(9)]).parse().ok()?,
        };
        let offset = zone_offset(zone)?;
        let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
        let time = Time::new(hour.parse().ok()?, minute.parse().ok()?, second.parse().ok()?, 0).ok()?;
        let seconds = date.to_datetime(time).duration_since(EPOCH).as_secs();
        Some(Instant { seconds: seconds - i64::from(offset), nanos, offset }.in_range())
    }

    /// Seconds since 1970.
    pub(crate) fn seconds(self) -> i64 {
        self.seconds
    }

    /// The instant so much later; none outside of the years 1 to 9999.
    pub(crate) fn plus(self, span: SignedDuration) -> Option<Instant> {
        let nanos = i64::from(self.nanos) + i64::from(span.subsec_nanos());
        let carried = nanos.div_euclid(1_000_000_000);
        let seconds = self.seconds.checked_add(span.as_secs())?.checked_add(carried)?;
        Instant { seconds, nanos: nanos.rem_euclid(1_000_000_000) as i32, ..self }.in_range()
    }

    /// The time since another instant.
    pub(crate) fn since(self, other: Instant) -> SignedDuration {
        SignedDuration::new(self.seconds - other.seconds, self.nanos - other.nanos)
    }

    /// What clocks show in a time zone, by its name or its offset; or why there is none.
    pub(crate) fn within(self, zone: &str) -> Result<DateTime, String> {
        let offset = match zone.split_once(':') {
            Some((hours, minutes)) => {
                let (hours, minutes) = (atoi(hours)?, atoi(minutes)?);
                let back = zone.starts_with('-');
                60 * if back { hours * 60 - minutes } else { hours * 60 + minutes }
            }
            None => i64::from(named_offset(zone, self)?),
        };
        Ok(self.shown(offset))
    }

    /// What clocks show in UTC.
    pub(crate) fn utc(self) -> DateTime {
        self.shown(0)
    }

    fn shown(self, offset: i64) -> DateTime {
        EPOCH.saturating_add(SignedDuration::new(self.seconds.saturating_add(offset), self.nanos))
    }
}

const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// `Z`, or `+01:00`.
fn zone_offset(zone: &str) -> Option<i32> {
    if zone == "Z" {
        return Some(0);
    }
    let (sign, rest) = zone.split_at(1);
    let (hours, minutes) = rest.split_once(':')?;
    if hours.len() != 2 || minutes.len() != 2 || !rest.bytes().all(|b| b.is_ascii_digit() || b == b':') {
        return None;
    }
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    if hours > 24 || minutes > 60 {
        return None;
    }
    let offset = hours * 3600 + minutes * 60;
    Some(if sign == "-" { -offset } else { offset })
}

/// The offset at an instant in a zone that has a name (`time.LoadLocation`).
fn named_offset(name: &str, at: Instant) -> Result<i32, String> {
    if matches!(name, "" | "UTC" | "Local") {
        return Ok(0);
    }
    if name.contains("..") || name.starts_with(['/', '\\']) {
        return Err("time: invalid location name".to_owned());
    }
    let zone = ZONES.get(name).ok().filter(|zone| zone.iana_name() == Some(name));
    let zone = zone.ok_or_else(|| format!("unknown time zone {name}"))?;
    let at = Timestamp::from_second(at.seconds).unwrap_or(if at.seconds < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    });
    let offset: Offset = zone.to_offset(at);
    Ok(offset.seconds())
}

/// A decimal number as Go's `strconv.Atoi` reads one.
fn atoi(text: &str) -> Result<i64, String> {
    let quoted = crate::api::field::quote(text);
    text.parse::<i32>().map(i64::from).map_err(|_| format!("strconv.Atoi: parsing {quoted}: invalid syntax"))
}

impl PartialEq for Instant {
    fn eq(&self, other: &Instant) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Instant {}

impl PartialOrd for Instant {
    fn partial_cmp(&self, other: &Instant) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Instant {
    fn cmp(&self, other: &Instant) -> Ordering {
        (self.seconds, self.nanos).cmp(&(other.seconds, other.nanos))
    }
}

/// RFC 3339, under the offset that it was written with.
impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.shown(self.offset.into());
        let (date, time) = (at.date(), at.time());
        write!(f, "{:04}-{:02}-{:02}", date.year(), date.month(), date.day())?;
        write!(f, "T{:02}:{:02}:{:02}", time.hour(), time.minute(), time.second())?;
        if self.nanos != 0 {
            let digits = format!("{:09}", self.nanos);
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        let minutes = self.offset.unsigned_abs() / 60;
        match self.offset {
            0 => f.write_str("Z"),
            offset => {
                let sign = if offset < 0 { '-' } else { '+' };
                write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for (text, want) in [
            ("2009-02-13T23:31:30.500+02:00", Some("2009-02-13T23:31:30.5+02:00")),
            ("9999-12-31T23:59:59.999999999Z", Some("9999-12-31T23:59:59.999999999Z")),
            ("0000-01-01T00:00:00Z", None),
        ] {
            let read = Instant::parse(text).expect(text);
            assert_eq!(read.map(|at| at.to_string()).as_deref(), want, "{text}");
        }
        for text in [
            "2020-01-01t00:00:00z",
            "2020-02-30T00:00:00Z",
            "2020-01-01T23:59:60Z",
            "2020-01-01T00:00:00+25:00",
        ] {
            assert_eq!(Instant::parse(text), None, "{text}");
        }
    }

    #[test]
    fn zones_have_names_and_offsets() {
        let at = Instant::of_seconds(1_234_567_890).expect("in range");
        let hour = |zone: &str| at.within(zone).map(|at| at.hour());
        assert_eq!(hour("US/Central"), Ok(17));
        assert_eq!((hour("+25:00"), hour("-02:30"), hour("")), (Ok(0), Ok(21), Ok(23)));
        assert_eq!(hour("us/central"), Err("unknown time zone us/central".to_owned()));
        assert_eq!(hour("1:2:3"), Err("strconv.Atoi: parsing \"2:3\": invalid syntax".to_owned()));
    }
}

//! Schedules of cron jobs, as their parser reads them (`robfig/cron` v3: `ParseStandard`, `SpecSchedule.Next`,
//! `ConstantDelaySchedule`), and time zones by name (Go's `time.LoadLocation`).

use super::go_duration;
use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp, ToSpan};
use std::fmt::Display;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const MINUTES: Bounds = Bounds { least: 0, most: 59, names: &[] };
const HOURS: Bounds = Bounds { least: 0, most: 23, names: &[] };
const DAYS: Bounds = Bounds { least: 1, most: 31, names: &[] };
const MONTHS_OF_YEAR: Bounds = Bounds { least: 1, most: 12, names: &MONTHS };
const DAYS_OF_WEEK: Bounds = Bounds { least: 0, most: 6, names: &WEEKDAYS };

/// How far ahead a time is looked for.
const DAYS_MAX: usize = 366 * 5;

/// How many hours of a day come again at most, where clocks are set back.
const SET_BACK: i8 = 3;

/// What a field may hold.
struct Bounds {
    least: u64,
    most: u64,
    /// Names for the numbers from `least` on.
    names: &'static [&'static str],
}

/// The numbers that a field allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Allowed {
    bits: u64,
    /// Whether it is a star, one by one.
    star: bool,
}

impl Allowed {
    const fn has(self, number: i8) -> bool {
        self.bits >> number & 1 == 1
    }
}

/// When something is due.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Times {
    /// By minutes, hours, days of the month, months and days of the week.
    Calendar([Allowed; 5]),
    /// Every so many seconds.
    Every(i64),
}

/// A schedule that was read.
#[derive(Clone, Debug)]
pub(crate) struct Schedule {
    times: Times,
    zone: Option<TimeZone>,
}

/// A time zone by its name; an error is Go's text.
pub(crate) fn zone(name: &str) -> Result<TimeZone, String> {
    if matches!(name, "" | "UTC" | "Local") {
        return Ok(TimeZone::UTC);
    }
    if name.contains("..") || name.starts_with('/') || name.contains('\\') {
        return Err("time: invalid location name".to_owned());
    }
    let found = TimeZoneDatabase::bundled().get(name).ok();
    // Go finds zones by the names of files: capitals count.
    let exact = found.filter(|zone| zone.iana_name() == Some(name));
    exact.ok_or_else(|| format!("unknown time zone {name}"))
}

impl Schedule {
    /// Reads a schedule; an error is the parser's text.
    pub(crate) fn parse(text: &str) -> Result<Schedule, String> {
        if text.is_empty() {
            return Err("empty spec string".to_owned());
        }
        let (own, rest) = own_zone(text)?;
        let times = match rest.starts_with('@') {
            true => descriptor(rest)?,
            false => calendar(rest)?,
        };
        Ok(Schedule { times, zone: own })
    }

    /// The first time after an instant, within five years; `zone` counts where the schedule names none.
    pub(crate) fn after(&self, at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let zone = self.zone.as_ref().unwrap_or(zone);
        match &self.times {
            Times::Every(seconds) => Timestamp::from_second(at.as_second().checked_add(*seconds)?).ok(),
            Times::Calendar(fields) => next(fields, at, zone),
        }
    }
}

/// A time zone before the schedule, and the schedule.
fn own_zone(text: &str) -> Result<(Option<TimeZone>, &str), String> {
    if !text.starts_with("TZ=") && !text.starts_with("CRON_TZ=") {
        return Ok((None, text));
    }
    let from = text.find('=').map_or(0, |at| at + 1);
    let Some(end) = text.find(' ') else {
        return Err("invalid schedule format: runtime error: slice bounds out of range [:-1]".to_owned());
    };
    let name = text.get(from..end).unwrap_or_default();
    let zone = zone(name).map_err(|why| format!("provided bad location {name}: {why}"))?;
    Ok((Some(zone), text.get(end..).unwrap_or_default().trim()))
}

fn descriptor(text: &str) -> Result<Times, String> {
    let standard = match text {
        "@yearly" | "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" | "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        _ => {
            let Some(duration) = text.strip_prefix("@every ") else {
                return Err(format!("unrecognized descriptor: {text}"));
            };
            let nanos = go_duration::parse(duration)
                .map_err(|why| format!("failed to parse duration {text}: {why}"))?;
            return Ok(Times::Every((nanos / 1_000_000_000).max(1)));
        }
    };
    calendar(standard)
}

fn calendar(text: &str) -> Result<Times, String> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minutes, hours, days, months, weekdays] = fields[..] else {
        return Err(format!("expected exactly 5 fields, found {}: [{}]", fields.len(), fields.join(" ")));
    };
    Ok(Times::Calendar([
        allowed(minutes, &MINUTES)?,
        allowed(hours, &HOURS)?,
        allowed(days, &DAYS)?,
        allowed(months, &MONTHS_OF_YEAR)?,
        allowed(weekdays, &DAYS_OF_WEEK)?,
    ]))
}

fn allowed(field: &str, bounds: &Bounds) -> Result<Allowed, String> {
    let mut all = Allowed { bits: 0, star: false };
    for part in field.split(',').filter(|part| !part.is_empty()) {
        let one = range(part, bounds)?;
        all = Allowed { bits: all.bits | one.bits, star: all.star | one.star };
    }
    Ok(all)
}

fn range(text: &str, bounds: &Bounds) -> Result<Allowed, String> {
    let parts: Vec<&str> = text.split('/').collect();
    let ends: Vec<&str> = parts.first().copied().unwrap_or_default().split('-').collect();
    let mut star = false;
    let (start, mut end) = match ends[..] {
        ["*" | "?", ..] => {
            star = true;
            (bounds.least, bounds.most)
        }
        [only] => {
            let number = number_or_name(only, bounds)?;
            (number, number)
        }
        [from, to] => (number_or_name(from, bounds)?, number_or_name(to, bounds)?),
        _ => {
            number_or_name(ends.first().copied().unwrap_or_default(), bounds)?;
            return Err(format!("too many hyphens: {text}"));
        }
    };
    let step = match parts[..] {
        [_] => 1,
        [_, step] => {
            let step = number(step)?;
            if ends.len() == 1 {
                end = bounds.most;
            }
            star &= step <= 1;
            step
        }
        _ => return Err(format!("too many slashes: {text}")),
    };
    let (least, most) = (bounds.least, bounds.most);
    if start < least {
        return Err(format!("beginning of range ({start}) below minimum ({least}): {text}"));
    }
    if end > most {
        return Err(format!("end of range ({end}) above maximum ({most}): {text}"));
    }
    if start > end {
        return Err(format!("beginning of range ({start}) beyond end of range ({end}): {text}"));
    }
    if step == 0 {
        return Err(format!("step of range should be a positive number: {text}"));
    }
    let step = usize::try_from(step).unwrap_or(usize::MAX);
    let bits = (start..=end).step_by(step).fold(0, |bits, number| bits | 1 << number);
    Ok(Allowed { bits, star })
}

fn number_or_name(text: &str, bounds: &Bounds) -> Result<u64, String> {
    let named = bounds.names.iter().position(|name| name.eq_ignore_ascii_case(text));
    match named.and_then(|place| u64::try_from(place).ok()) {
        Some(place) => Ok(bounds.least + place),
        None => number(text),
    }
}

/// A number as Go's `strconv.Atoi` reads it.
fn number(text: &str) -> Result<u64, String> {
    let failed = |why: &dyn Display| {
        format!("failed to parse int from {text}: strconv.Atoi: parsing \"{text}\": {why}")
    };
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(failed(&"invalid syntax"));
    }
    let number: i64 = text.parse().map_err(|_| failed(&"value out of range"))?;
    u64::try_from(number).map_err(|_| format!("negative number ({number}) not allowed: {text}"))
}

fn next(fields: &[Allowed; 5], at: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let [minutes, hours, ..] = *fields;
    let from = (at + SignedDuration::from_secs(1)).to_zoned(zone.clone());
    let mut day = from.date();
    // Where clocks are set back, hours come again that have passed.
    let mut first = from.hour().saturating_sub(SET_BACK).max(0);
    for _ in 0..DAYS_MAX {
        if has_day(fields, day) {
            let of_hour = |hour| {
                // An hour whose last minute has passed has passed.
                if instants(day, hour, 59, zone).last().is_some_and(|last| last <= at) {
                    return None;
                }
                // Each time the hour comes, its minutes are in order.
                let times = (0..60).filter(|minute| minutes.has(*minute));
                let first = |time: usize| {
                    let mut dues =
                        times.clone().filter_map(|minute| instants(day, hour, minute, zone).nth(time));
                    dues.find(|due| *due > at)
                };
                first(0).into_iter().chain(first(1)).min()
            };
            let due = (first..24).filter(|hour| hours.has(*hour)).filter_map(of_hour);
            // An hour that comes twice ends after the next one has begun.
            if let Some(due) = due.take(2).min() {
                return Some(due);
            }
        }
        (day, first) = (day.checked_add(1.day()).ok()?, 0);
    }
    None
}

/// When a clock on the wall shows a time: never or twice where it is changed.
fn instants(day: Date, hour: i8, minute: i8, zone: &TimeZone) -> impl Iterator<Item = Timestamp> {
    let found = zone.to_ambiguous_timestamp(day.at(hour, minute, 0, 0));
    let shown = !matches!(found.offset(), AmbiguousOffset::Gap { .. });
    let both = [found.earlier(), found.later()];
    both.into_iter().flatten().filter(move |_| shown)
}

fn has_day(fields: &[Allowed; 5], day: Date) -> bool {
    let [_, _, days, months, weekdays] = *fields;
    let by_date = days.has(day.day());
    let by_week = weekdays.has(day.weekday().to_sunday_zero_offset());
    let chosen = if days.star || weekdays.star { by_date && by_week } else { by_date || by_week };
    chosen && months.has(day.month())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_time_of_a_schedule() {
        for (schedule, zone_name, after, next) in [
            ("* * * * *", "UTC", "2024-01-01T00:00:30Z", "2024-01-01T00:01:00Z"),
            ("*/15 3 * * *", "UTC", "2024-01-01T03:15:00Z", "2024-01-01T03:30:00Z"),
            ("0 0 1 1 *", "UTC", "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"),
            ("30 8 * * mon-FRI", "UTC", "2024-01-05T09:00:00Z", "2024-01-08T08:30:00Z"),
            // The thirteenth, or a Friday.
            ("0 0 13 * 5", "UTC", "2024-09-01T00:00:00Z", "2024-09-06T00:00:00Z"),
            // A star, one by one, leaves the other to decide; every second day doesn't.
            ("0 0 13 * */1", "UTC", "2024-09-01T00:00:00Z", "2024-09-13T00:00:00Z"),
            ("0 0 13 * */2", "UTC", "2024-09-01T00:00:00Z", "2024-09-03T00:00:00Z"),
            ("@hourly", "UTC", "2024-02-28T23:30:00Z", "2024-02-29T00:00:00Z"),
            ("@every 1h30m", "UTC", "2024-02-28T23:30:00Z", "2024-02-29T01:00:00Z"),
            ("@every 10ms", "UTC", "2024-02-28T23:30:00Z", "2024-02-28T23:30:01Z"),
            ("0 9 * * *", "Asia/Tokyo", "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"),
            ("TZ=Asia/Tokyo 0 9 * * *", "UTC", "2023-12-31T00:00:00Z", "2024-01-01T00:00:00Z"),
            // The clocks are changed: half past two is not there on one day, and twice on another.
            ("30 2 * * *", "Europe/Berlin", "2024-03-30T12:00:00Z", "2024-04-01T00:30:00Z"),
            ("30 2 * * *", "Europe/Berlin", "2024-10-27T00:30:00Z", "2024-10-27T01:30:00Z"),
        ] {
            let zone = zone(zone_name).unwrap();
            let found = Schedule::parse(schedule).unwrap().after(after.parse().unwrap(), &zone).unwrap();
            assert_eq!(found.to_string(), next, "{schedule}");
        }
        let never = Schedule::parse("0 0 30 2 *").unwrap();
        assert!(never.after("2024-01-01T00:00:00Z".parse().unwrap(), &TimeZone::UTC).is_none());
    }

    #[test]
    fn what_the_parser_says() {
        for (schedule, told) in [
            ("", "empty spec string"),
            ("bad", "expected exactly 5 fields, found 1: [bad]"),
            ("60 * * * *", "end of range (60) above maximum (59): 60"),
            ("0 0 0 * *", "beginning of range (0) below minimum (1): 0"),
            ("0 0 * * fri-mon", "beginning of range (5) beyond end of range (1): fri-mon"),
            ("-1 * * * *", "failed to parse int from : strconv.Atoi: parsing \"\": invalid syntax"),
            ("1-2-3 * * * *", "too many hyphens: 1-2-3"),
            ("*/2/3 * * * *", "too many slashes: */2/3"),
            ("*/0 * * * *", "step of range should be a positive number: */0"),
            ("*/-2 * * * *", "negative number (-2) not allowed: -2"),
            ("@reboot", "unrecognized descriptor: @reboot"),
            ("@every 1d", "failed to parse duration @every 1d: time: unknown unit \"d\" in duration \"1d\""),
            ("TZ=Mars/Base * * * * *", "provided bad location Mars/Base: unknown time zone Mars/Base"),
        ] {
            assert_eq!(Schedule::parse(schedule).unwrap_err(), told);
        }
        for fine in ["*/100 * * * *", "1,2,,3 * * * *", "? * ? * ?", "0 0 30 2 *", "*\t* * * SUN,sat"] {
            assert!(Schedule::parse(fine).is_ok(), "{fine}");
        }
    }

    #[test]
    fn zones_by_name() {
        assert!(zone("UTC").is_ok() && zone("Etc/GMT+5").is_ok() && zone("Europe/Berlin").is_ok());
        assert_eq!(zone("utc").unwrap_err(), "unknown time zone utc");
        assert_eq!(zone("europe/berlin").unwrap_err(), "unknown time zone europe/berlin");
        assert_eq!(zone("../etc/x").unwrap_err(), "time: invalid location name");
    }
}

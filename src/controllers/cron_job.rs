//! A cron job makes a job whenever its schedule says so (`pkg/controller/cronjob`).
//!
//! Differs from Kubernetes: finished jobs beyond the history limits stay, and time zones are UTC.

use super::{ActsAs, Controller, Cx, Plan, calls};
use crate::api::differences::CRON_JOBS_COUNTED;
use crate::api::{Dig, Response, time};
use crate::store::Key;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan, tz::TimeZone};
use serde_json::{Value, json};

const RESOURCE: &str = "cronjobs.batch";
const COMPONENT: &str = "cronjob-controller";

/// The cron job controller.
pub(super) const CONTROLLER: Controller = Controller::new(
    COMPONENT,
    ActsAs::Account("cronjob-controller"),
    |event, objects| calls::wakes(event, objects, "CronJob", RESOURCE, "jobs.batch"),
    reconcile,
);

fn reconcile(cx: Cx<'_>, key: &Key) -> Plan {
    let mut plan = Plan::default();
    let Some(cron) = cx.cache.of(key).cloned() else { return plan };
    let Some(schedule) = Schedule::parse(cron.text("spec.schedule")) else { return plan };
    if cron.has("metadata.deletionTimestamp") || cron.flag("spec.suspend") {
        return plan;
    }
    let mine: Vec<_> = cx
        .cache
        .list("jobs.batch", &key.namespace)
        .filter(|job| calls::is_controlled_by(job, &cron))
        .cloned()
        .collect();
    let finished = |job: &Value| calls::end_of_job(job).is_some();
    let active: Vec<_> = mine.iter().filter(|job| !finished(job)).collect();
    let since = match cron.text("status.lastScheduleTime") {
        "" => cron.text("metadata.creationTimestamp"),
        last => last,
    };
    let mut due = None;
    let mut next = since.parse().ok().and_then(|since| schedule.after(since));
    // The last time that has come counts; a schedule that was missed for long is not made up for.
    for _ in 0..100 {
        let Some(at) = next.filter(|at| *at <= cx.now) else { break };
        due = Some(at);
        next = schedule.after(at);
    }
    if let Some(at) = due {
        let policy = cron.text("spec.concurrencyPolicy");
        if policy == "Replace" {
            active.iter().for_each(|job| plan.call(calls::delete("jobs", job)));
        }
        if policy != "Forbid" || active.is_empty() {
            plan.call_then(calls::create("jobs", &job(&cx, &cron, at)), created);
        }
    }
    let mut status = cron.at("status").clone();
    if !status.is_object() {
        status = json!({});
    }
    if let Some(at) = due {
        status.set("lastScheduleTime", time(at));
    }
    let references: Vec<Value> = active
        .iter()
        .map(|job| {
            json!({
                "apiVersion": "batch/v1", "kind": "Job", "name": job.name(), "namespace": job.namespace(),
                "uid": job.uid(), "resourceVersion": job.text("metadata.resourceVersion"),
            })
        })
        .collect();
    let names = |list: &[Value]| list.iter().map(|job| job.text("name").to_owned()).collect::<Vec<_>>();
    if names(&references) != names(status.list("active")) {
        match references.is_empty() {
            true => drop(status.take_out("active")),
            false => status.set("active", references),
        }
    }
    if cron.has("status") || status != json!({}) {
        calls::report(&mut plan, "cronjobs", &cron, status);
    }
    if let Some(next) = schedule.after(cx.now) {
        plan.look_again_before(next.duration_since(cx.now));
    }
    plan
}

fn created(cx: Cx<'_>, key: &Key, response: &Response) -> Plan {
    let text = format!("Created job {}", response.object().name());
    calls::told(cx, key, COMPONENT, "Normal", "SuccessfulCreate", &text)
}

fn job(cx: &Cx<'_>, cron: &Value, at: Timestamp) -> Value {
    // Named after the minute since 1.21, after the second before.
    let stamp = if cx.version.has(CRON_JOBS_COUNTED) { at.as_second() / 60 } else { at.as_second() };
    let mut job = calls::of_template("batch/v1", "Job", cron.at("spec.jobTemplate"), cron);
    job.take_out("metadata.finalizers");
    job.set("metadata.name", format!("{}-{stamp}", cron.name()));
    job
}

/// A cron schedule: the allowed minutes, hours, days, months and weekdays, as bits.
struct Schedule {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Whether day and weekday are both restricted: then either suffices.
    either: bool,
}

impl Schedule {
    fn parse(text: &str) -> Option<Schedule> {
        let text = match text {
            "@hourly" => "0 * * * *",
            "@daily" | "@midnight" => "0 0 * * *",
            "@weekly" => "0 0 * * 0",
            "@monthly" => "0 0 1 * *",
            "@yearly" | "@annually" => "0 0 1 1 *",
            other => other,
        };
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields[..] else { return None };
        let restricted = |field: &str| !field.starts_with(['*', '?']);
        let week = bits(weekdays, 0, 7)?;
        Some(Schedule {
            minutes: bits(minutes, 0, 59)?,
            hours: bits(hours, 0, 23)?,
            days: bits(days, 1, 31)?,
            months: bits(months, 1, 12)?,
            weekdays: week | week >> 7 & 1,
            either: restricted(days) && restricted(weekdays),
        })
    }

    /// The first time after an instant, within five years.
    fn after(&self, at: Timestamp) -> Option<Timestamp> {
        let next = (at + SignedDuration::from_secs(60)).to_zoned(TimeZone::UTC);
        let mut day = next.date();
        let (mut hour, mut minute) = (next.hour(), next.minute());
        for _ in 0..366 * 5 {
            if self.has_day(day) {
                for h in hour..24 {
                    let from = if h == hour { minute } else { 0 };
                    if self.hours >> h & 1 == 1
                        && let Some(m) = (from..60).find(|m| self.minutes >> m & 1 == 1)
                    {
                        return day.at(h, m, 0, 0).to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp());
                    }
                }
            }
            day = day.checked_add(1.day()).ok()?;
            (hour, minute) = (0, 0);
        }
        None
    }

    fn has_day(&self, day: Date) -> bool {
        let by_date = self.days >> day.day() & 1 == 1;
        let by_week = self.weekdays >> day.weekday().to_sunday_zero_offset() & 1 == 1;
        let chosen = if self.either { by_date || by_week } else { by_date && by_week };
        chosen && self.months >> day.month() & 1 == 1
    }
}

/// `*`, numbers, ranges and steps, joined by commas.
fn bits(field: &str, least: u32, most: u32) -> Option<u64> {
    let mut all = 0;
    for part in field.split(',') {
        let (range, step) = part.split_once('/').unwrap_or((part, "1"));
        let step: usize = step.parse().ok().filter(|step| *step > 0)?;
        let (from, to) = match range.split_once('-') {
            Some((from, to)) => (from.parse().ok()?, to.parse().ok()?),
            None if matches!(range, "*" | "?") => (least, most),
            None if part.contains('/') => (range.parse().ok()?, most),
            None => (range.parse().ok()?, range.parse().ok()?),
        };
        for n in (from..=to).step_by(step).filter(|n| (least..=most).contains(n)) {
            all |= 1 << n;
        }
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_time_of_a_schedule() {
        for (schedule, after, next) in [
            ("* * * * *", "2024-01-01T00:00:30Z", "2024-01-01T00:01:00Z"),
            ("*/15 3 * * *", "2024-01-01T03:15:00Z", "2024-01-01T03:30:00Z"),
            ("0 0 1 1 *", "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"),
            ("30 8 * * 1-5", "2024-01-05T09:00:00Z", "2024-01-08T08:30:00Z"),
            ("0 0 13 * 5", "2024-09-01T00:00:00Z", "2024-09-06T00:00:00Z"),
            ("@hourly", "2024-02-28T23:30:00Z", "2024-02-29T00:00:00Z"),
        ] {
            let found = Schedule::parse(schedule).unwrap().after(after.parse().unwrap()).unwrap();
            assert_eq!(found.to_string(), next, "{schedule}");
        }
        assert!(
            Schedule::parse("0 0 30 2 *").unwrap().after("2024-01-01T00:00:00Z".parse().unwrap()).is_none()
        );
        assert!(Schedule::parse("bad").is_none());
    }
}

//! `kubectl wait`.

use super::Ctx;
use super::condition::Condition;
use super::error::{Done, Failure, fail};
use super::flags::duration;
use super::send::query;
use super::target::Target;
use crate::api::Dig;
use crate::json::Value;
use std::time::Duration;

/// The longest wait, in virtual time.
const PATIENCE: Duration = Duration::from_secs(3600);

/// `kubectl wait --for=… TYPE/NAME`: one condition after the other, that something is there first of all.
pub(super) fn wait(ctx: &mut Ctx<'_>) -> Done {
    let old = ctx.old();
    let wanted = match ctx.flags.all("for") {
        [] if !old => fail!("unrecognized condition: []"),
        [] => &[String::new()][..],
        [.., last] if old => std::slice::from_ref(last),
        all => all,
    };
    let conditions: Vec<Condition> =
        wanted.iter().map(|text| Condition::read(text, old)).collect::<Done<_>>()?;
    let gone = conditions.iter().any(|condition| matches!(condition, Condition::Gone));
    let targets = ctx.all_targets()?;
    if targets.is_empty() && (old || !gone) {
        fail!("no matching resources found");
    }
    if conditions.iter().any(|condition| matches!(condition, Condition::There)) {
        all_there(ctx, &targets)?;
    }
    ctx.each(targets, |ctx, target| {
        for condition in &conditions {
            one(ctx, &target, condition)?;
        }
        Ok(())
    })
}

/// Waits for one condition of one object.
fn one(ctx: &mut Ctx<'_>, target: &Target, condition: &Condition) -> Done {
    let (old, name) = (ctx.old(), format!("{}/{}", target.mapping.resource, target.name));
    let there = match ctx.get(target) {
        Ok(there) => there,
        Err(failure) if matches!(condition, Condition::Gone) && failure.is("NotFound") => match old {
            true => fail!("no matching resources found"),
            false => return Ok(()),
        },
        Err(failure) => return Err(failure),
    };
    let met = match ctx.flags.get("timeout").and_then(duration) {
        // Nothing is waited for.
        Some(Duration::ZERO) if !ctx.flags.text("timeout").starts_with('-') => {
            if !condition.met(Some(&there))? && !old {
                fail!("condition not met for {name}");
            }
            condition.met(Some(&there))?
        }
        _ if matches!(condition, Condition::There) => true,
        _ => until(ctx, target, patience(ctx, 30), |_, object| condition.met(object))?,
    };
    if !met {
        let text = format!("timed out waiting for the condition on {name}");
        return Err(Failure::plain(text));
    }
    ctx.tell(&there, format!("{}/{} condition met", target.mapping.kind_name(), target.name))
}

/// Asks twice a second until all objects are there.
fn all_there(ctx: &mut Ctx<'_>, targets: &[Target]) -> Done {
    const EVERY: Duration = Duration::from_millis(500);
    let patience = match ctx.flags.duration("timeout") {
        None => Duration::from_secs(30),
        Some(given) => given.min(PATIENCE),
    };
    let mut waited = Duration::ZERO;
    loop {
        match targets.iter().find_map(|target| ctx.get(target).err()) {
            None => return Ok(()),
            Some(failure) if !failure.is("NotFound") => return Err(failure),
            Some(_) => {}
        }
        let step = EVERY.min(patience - waited);
        ctx.client.advance(step);
        waited += step;
        if waited >= patience {
            fail!("timed out waiting for the condition");
        }
    }
}

/// How long a command waits; zero and less mean as long as it takes.
pub(super) fn patience(ctx: &Ctx<'_>, default: u64) -> Duration {
    match ctx.flags.duration("timeout") {
        None if default > 0 => Duration::from_secs(default),
        None | Some(Duration::ZERO) => PATIENCE,
        Some(given) => given.min(PATIENCE),
    }
}

impl Ctx<'_> {
    /// Looks each second, until something is so or the patience is at an end; whether it is so.
    pub(super) fn poll(
        &mut self,
        patience: Duration,
        mut is_so: impl FnMut(&mut Self) -> Done<bool>,
    ) -> Done<bool> {
        let mut waited = Duration::ZERO;
        while !is_so(self)? {
            if waited >= patience {
                return Ok(false);
            }
            let step = Duration::from_secs(1).min(patience - waited);
            self.client.advance(step);
            waited += step;
        }
        Ok(true)
    }

    /// What `--timeout` says, where nothing is as long as it takes.
    pub(super) fn timeout(&self) -> Duration {
        self.flags.duration("timeout").filter(|span| !span.is_zero()).unwrap_or(PATIENCE)
    }
}

/// Looks at an object each second until it is as wished. A missing object is `None`.
pub(super) fn until(
    ctx: &mut Ctx<'_>,
    target: &Target,
    patience: Duration,
    mut met: impl FnMut(&mut Ctx<'_>, Option<&Value>) -> Done<bool>,
) -> Done<bool> {
    let selector = format!("metadata.name={}", target.name);
    let path = query(&target.mapping.path(&target.namespace, ""), &[("fieldSelector", &selector)]);
    ctx.poll(patience, |ctx| {
        let mut found = ctx.fetch(&path)?.list("items").first().cloned();
        if let Some(object) = &mut found {
            object.set_default("kind", target.mapping.kind.clone());
        }
        met(ctx, found.as_ref())
    })
}

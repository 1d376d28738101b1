//! `kubectl wait`.

use super::Ctx;
use super::error::{Done, fail};
use super::send::query;
use super::target::Target;
use crate::api::Dig;
use crate::api::jsonpath;
use serde_json::Value;
use std::time::Duration;

/// The longest wait, in virtual time.
const PATIENCE: Duration = Duration::from_secs(3600);

/// What is waited for.
enum Condition {
    There,
    Gone,
    Status(String, String),
    Path(String, Option<String>),
}

impl Condition {
    fn read(text: &str, old: bool) -> Done<Condition> {
        if text == "delete" {
            return Ok(Condition::Gone);
        }
        if text.eq_ignore_ascii_case("create") && !old {
            return Ok(Condition::There);
        }
        if let Some(name) = text.strip_prefix("condition=") {
            let (name, value) = name.split_once('=').unwrap_or((name, "true"));
            return Ok(Condition::Status(name.to_owned(), value.to_owned()));
        }
        if let Some(rest) = text.strip_prefix("jsonpath=").filter(|_| !old) {
            let close = rest.rfind('}').map_or(0, |i| i + 1);
            let (path, value) = rest.split_at(close);
            return Ok(Condition::Path(
                jsonpath::relaxed(path),
                value.strip_prefix('=').map(|v| v.trim_matches(['\'', '"']).to_owned()),
            ));
        }
        fail!("unrecognized condition: \"{text}\"")
    }

    fn met(&self, object: Option<&Value>) -> bool {
        let Some(object) = object else {
            return matches!(self, Condition::Gone);
        };
        match self {
            Condition::There => true,
            Condition::Gone => false,
            Condition::Status(name, value) => object.list("status.conditions").iter().any(|c| {
                let current = c.at("observedGeneration").as_i64().is_none_or(|seen| {
                    object.at("metadata.generation").as_i64().is_none_or(|made| seen >= made)
                });
                current
                    && c.text("type").eq_ignore_ascii_case(name)
                    && c.text("status").eq_ignore_ascii_case(value)
            }),
            Condition::Path(path, value) => {
                let found = jsonpath::find(path, object).unwrap_or_default();
                match value {
                    Some(value) => found.len() == 1 && found.iter().all(|v| jsonpath::show(v) == *value),
                    None => !found.is_empty(),
                }
            }
        }
    }
}

/// `kubectl wait --for=… TYPE/NAME`.
pub(super) fn wait(ctx: &mut Ctx<'_>) -> Done {
    let old = ctx.old();
    let condition = Condition::read(ctx.flags.text("for"), old)?;
    let gone = matches!(condition, Condition::Gone);
    let targets = ctx.all_targets()?;
    if targets.is_empty() && (old || !gone) {
        fail!("no matching resources found");
    }
    if matches!(condition, Condition::There) {
        all_there(ctx, &targets)?;
    }
    for target in targets {
        match ctx.get(&target) {
            Ok(_) if matches!(condition, Condition::There) => {
                ctx.say(format!("{}/{} condition met", target.mapping.kind_name(), target.name));
                continue;
            }
            Ok(_) => {}
            Err(failure) if gone && failure.is("NotFound") => match old {
                true => fail!("no matching resources found"),
                false => continue,
            },
            Err(failure) => return Err(failure),
        }
        let patience = patience(ctx, 30);
        let met = until(ctx, &target, patience, |_, object| Ok(condition.met(object)))?;
        if !met {
            fail!("timed out waiting for the condition on {}/{}", target.mapping.resource, target.name);
        }
        ctx.say(format!("{}/{} condition met", target.mapping.kind_name(), target.name));
    }
    Ok(())
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

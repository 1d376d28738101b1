//! What a scenario says twice, or not at all, though each part by itself reads well.

use super::format::{Actor, Expect, Retry, Save, Scenario, Step};
use super::place::{Key, Source};
use super::properties;
use super::run::versions;
use crate::admit::CHAIN;
use crate::api::{By, Version};
use crate::clients::shell;
use crate::cluster::{Choice, Fault};
use crate::error::Error;
use crate::registry::STREAMS;

/// Checks a scenario that was read.
pub(super) fn scenario(scenario: &Scenario) -> Result<(), Error> {
    releases(scenario)?;
    let versions = versions(scenario);
    let check = |steps: &[Step], prefix: &str| all(steps, prefix, &versions, &scenario.source, false);
    check(&scenario.steps, "")?;
    for (index, Actor { actor, steps, .. }) in scenario.actors.iter().enumerate() {
        let earlier = scenario.actors.iter().take(index).map(|other| other.actor.as_str());
        name(actor, earlier).map_err(|error| {
            scenario.source.locate(&[Key::Name("actors"), Key::Item(index), Key::Name("actor")], error)
        })?;
        if steps.is_empty() {
            let keys = [Key::Name("actors"), Key::Item(index), Key::Name("steps")];
            let error = Error::new(format!("the actor `{actor}` has no steps"));
            return Err(scenario.source.locate(&keys, error));
        }
        all(steps, &format!("{actor}."), &versions, &scenario.source, true)?;
    }
    schedule(scenario)?;
    if let Some(exercise) = &scenario.exercise {
        check(&exercise.solution, "solution.")?;
        check(&exercise.check, "check.")?;
    }
    properties::check(scenario)
}

/// What an actor may be called: steps are numbered by it.
fn name<'a>(name: &str, mut earlier: impl Iterator<Item = &'a str>) -> Result<(), Error> {
    let is_word = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if !is_word || ["solution", "check"].contains(&name) {
        return Err(Error::new(format!("`{name}` is no actor's name"))
            .hint("it has small letters, digits and dashes, and begins with a letter; `solution` and `check` are taken"));
    }
    match earlier.any(|other| other == name) {
        true => Err(Error::new(format!("two actors are called `{name}`"))),
        false => Ok(()),
    }
}

/// What a schedule says of actors and faults that there are.
fn schedule(scenario: &Scenario) -> Result<(), Error> {
    let actors = || scenario.actors.iter().map(|actor| actor.actor.as_str());
    let faults: Vec<String> = scenario.faults.iter().map(Fault::to_string).collect();
    let times = |fault: &Fault| scenario.faults.iter().filter(|other| *other == fault).count();
    let so_far = |index: usize| {
        let chosen = scenario.schedule.get(index).map(|deviation| &deviation.choice);
        scenario.schedule.iter().take(index + 1).filter(|other| Some(&other.choice) == chosen).count()
    };
    for (index, deviation) in scenario.schedule.iter().enumerate() {
        let (key, error) = match &deviation.choice {
            Choice::Turn(name) if actors().all(|actor| actor != name) => {
                let error = Error::new(format!("schedule: there is no actor `{name}`"));
                ("actor", error.nearest(name, actors()))
            }
            Choice::Fault(fault) if !scenario.faults.contains(fault) => {
                let name = fault.to_string();
                let error = Error::new(format!("schedule: `faults` has no `{name}`"));
                let near = error.nearest(&name, faults.iter().map(String::as_str));
                let hint = || format!("write it there, too: `faults: [{name}]`");
                ("fault", Error { hint: near.hint.clone().or_else(|| Some(hint())), ..near })
            }
            Choice::Fault(fault) if so_far(index) > times(fault) => {
                let error =
                    Error::new(format!("schedule: `{fault}` happens more often than it stands in `faults`"));
                ("fault", error.hint("each of them happens once: write it there again"))
            }
            Choice::Lags { steps: 0, .. } => ("steps", Error::new("schedule: `steps` is at least 1")),
            Choice::Turn(_)
            | Choice::Fault(_)
            | Choice::Lags { .. }
            | Choice::Next(_)
            | Choice::First { .. } => continue,
        };
        let keys = [Key::Name("schedule"), Key::Item(index), Key::Name(key)];
        return Err(scenario.source.locate(&keys, error));
    }
    Ok(())
}

/// What an actor's step of that number may say of being tried again.
fn retried(Retry { on, from, times }: Retry, number: usize) -> Result<(), Error> {
    if !(400..600).contains(&on) {
        return Err(Error::new(format!("retry: {on} is no answer after which one tries again"))
            .hint("409 is that of an object that somebody else has changed"));
    }
    if from.is_some_and(|from| from == 0 || from > number) {
        let error = Error::new("retry: `from` is one of the actor's steps, up to this one");
        return Err(error.hint(format!("this is step {number}, and steps count from 1")));
    }
    match times {
        Some(0) => Err(Error::new("retry: `times` is at least 1")),
        Some(_) | None => Ok(()),
    }
}

/// No release twice.
fn releases(scenario: &Scenario) -> Result<(), Error> {
    let (spec, source) = (&scenario.cluster, &scenario.source);
    if spec.version.is_some() && !spec.versions.is_empty() {
        let error = Error::new("either `version` or `versions`, not both");
        return Err(source.locate(&[Key::Name("cluster"), Key::Name("version")], error));
    }
    for (index, releases) in spec.versions.iter().enumerate() {
        if let Some(other) = spec.versions.iter().take(index).find(|other| other.overlap(*releases)) {
            let error = Error::new(format!("`{other}` and `{releases}` overlap"))
                .hint("a scenario is replayed once in a release");
            return Err(
                source.locate(&[Key::Name("cluster"), Key::Name("versions"), Key::Item(index)], error)
            );
        }
    }
    Ok(())
}

fn all(
    steps: &[Step],
    prefix: &str,
    versions: &[Version],
    source: &Source,
    of_actor: bool,
) -> Result<(), Error> {
    for (index, step) in steps.iter().enumerate() {
        let number = format!("{prefix}{}", index + 1);
        one(step, versions).map_err(|error| source.at_step(&number, error))?;
        let retry = match (step.fields.retry, of_actor) {
            (Some(retry), true) => retried(retry, index + 1),
            (Some(_), false) => {
                Err(Error::new("`retry` is for the steps of actors, who come between each other"))
            }
            (None, _) => Ok(()),
        };
        retry.map_err(|error| source.at_step(&number, error))?;
        if let Some(inner) = &step.fields.what_if {
            all(inner, &format!("{number}."), versions, source, false)?;
        }
    }
    Ok(())
}

fn one(step: &Step, versions: &[Version]) -> Result<(), Error> {
    let fields = &step.fields;
    if let Some(expect @ Expect::ByRelease(known)) = &fields.expect
        && let Some(version) = versions.iter().find(|version| expect.of(**version).is_none())
    {
        let known: Vec<String> = known.iter().map(|(releases, _)| releases.to_string()).collect();
        return Err(Error::new(format!(
            "`expect` says nothing of {version}, which the scenario is replayed in"
        ))
        .hint(format!("it says something of {}", known.join(", "))));
    }
    if (fields.expect.is_some() || fields.because.is_some())
        && (fields.wait.is_some()
            || fields.restart.is_some()
            || fields.what_if.is_some()
            || fields.webhooks.is_some()
            || fields.issuers.is_some())
    {
        return Err(Error::new(
            "nothing comes of `wait`, `restart`, `webhooks`, `issuers` and `what-if` that could be expected",
        )
        .hint("of a fork, expect something of its steps"));
    }
    fields.because.as_deref().map_or(Ok(()), decider)?;
    let names: Vec<&String> = match &fields.save {
        Some(Save::Printed(name)) => vec![name],
        Some(Save::Fields(paths)) => paths.keys().collect(),
        None => Vec::new(),
    };
    match names.into_iter().find(|name| !shell::is_name(name)) {
        Some(name) => Err(Error::new(format!("`{name}` is no variable's name"))
            .hint("it has letters, digits and `_`, and begins with no digit")),
        None => Ok(()),
    }
}

/// Whom `because` may name.
fn decider(name: &str) -> Result<(), Error> {
    let known = By::OWN.iter().copied().chain(STREAMS).chain(CHAIN.iter().map(|plugin| plugin.name));
    if known.clone().any(|known| known == name) {
        return Ok(());
    }
    let wrong = Error::new(format!("because: nobody who decides is called `{name}`")).nearest(name, known);
    Err(match wrong.hint {
        Some(_) => wrong,
        None => wrong.hint(
            "it names a mode (RBAC), an admission plugin (PodSecurity) or a check of the server's own (authentication, \
             impersonation, escalation, validation)",
        ),
    })
}

//! Properties of a scenario, asked of the cluster before the first step and after each, and of what steps were answered.
//!
//! What is asked after a step is what whoever comes next would find. So a state between two steps is looked at where a
//! [schedule](crate::cluster::Deviation) has the next step come there; of `eventually` the last look is at rest.

use super::format::{Claim, Mode, Property, Scenario, When, Who};
use super::person::Identity;
use super::place::Key;
use super::report::StepReport;
use super::variables::Variables;
use crate::api::rbac::{METHODS, VERBS};
use crate::api::{Attributes, Decision, Dig, GroupResource, RequestInfo, User};
use crate::cluster::{Cluster, RequestReport};
use crate::error::{Error, nearest};
use crate::json::Value;
use crate::question::{self, Place};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// What is known of a scenario's properties so far.
#[derive(Clone)]
pub(super) struct Properties<'a> {
    scenario: &'a Scenario,
    /// How they were broken before the first step, until that is done.
    before: Vec<String>,
    /// Those of `eventually` that have held, by number.
    held: BTreeSet<usize>,
}

/// A look at one property.
struct Look {
    holds: bool,
    /// What was seen: `alice can get pods`.
    seen: String,
}

impl Scenario {
    /// Its properties, each with its mode and its number among those of the mode.
    pub(super) fn properties(&self) -> impl Iterator<Item = (Mode, usize, &Property)> {
        let lists =
            [(Mode::Never, &self.never), (Mode::Always, &self.always), (Mode::Eventually, &self.eventually)];
        lists.into_iter().flat_map(|(mode, list)| {
            list.iter().enumerate().map(move |(index, property)| (mode, index, property))
        })
    }
}

impl fmt::Debug for Properties<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (&self.before, &self.held).fmt(f)
    }
}

impl<'a> Properties<'a> {
    /// Asks a cluster before the first step: a mistake in a property is one before any step, and what it forbids may be
    /// there from the start.
    pub(super) fn of(scenario: &'a Scenario, cluster: &Cluster) -> Result<Properties<'a>, Error> {
        let mut properties = Properties { scenario, before: Vec::new(), held: BTreeSet::new() };
        let no_step = scenario.steps.is_empty() && scenario.actors.iter().all(|actor| actor.steps.is_empty());
        if let (true, Some((mode, ..))) = (no_step, scenario.properties().next()) {
            let error = Error::new(format!("`{}` is asked around steps, and there is none", mode.name()));
            let error = error.hint("`- wait: 1s` is a step that does nothing");
            return Err(scenario.source.locate(&[Key::Name("steps")], error));
        }
        properties.before = properties.broken(cluster, None)?;
        Ok(properties)
    }

    /// Of each property, whether a step finds the cluster so that it is claimed.
    pub(super) fn claimed(&self, cluster: &Cluster) -> Result<Vec<bool>, Error> {
        let all = self.scenario.properties();
        all.map(|(mode, index, property)| {
            is_claimed(cluster, &property.when).map_err(|why| self.wrong(mode, index, &why))
        })
        .collect()
    }

    /// How properties are broken once a step is done, which found them `claimed` so.
    pub(super) fn after(
        &mut self,
        cluster: &Cluster,
        step: &StepReport,
        claimed: &[bool],
    ) -> Result<Vec<String>, Error> {
        let after = self.broken(cluster, Some((step, claimed)))?;
        let since = self.before.drain(..).filter(|broken| !after.contains(broken)).collect::<Vec<_>>();
        Ok(since.into_iter().chain(after).collect())
    }

    /// Which of `eventually` have never held, now that nothing more happens by itself.
    pub(super) fn at_the_end(&mut self, cluster: &Cluster) -> Result<Vec<String>, Error> {
        let last = self.scenario.properties().filter(|(mode, ..)| *mode == Mode::Eventually);
        let mut broken = Vec::new();
        for (mode, index, property) in last {
            if self.held.contains(&index) {
                continue;
            }
            let looks = self.looks(cluster, None, (mode, index, property))?;
            if !looks.iter().any(|look| look.holds) {
                let seen = looks.into_iter().last().map(|look| look.seen);
                broken.push(format!("eventually: {}", seen.unwrap_or_else(|| never_came(&property.claim))));
            }
        }
        Ok(broken)
    }

    fn broken(
        &mut self,
        cluster: &Cluster,
        step: Option<(&StepReport, &[bool])>,
    ) -> Result<Vec<String>, Error> {
        let mut broken: Vec<String> = Vec::new();
        for (number, (mode, index, property)) in self.scenario.properties().enumerate() {
            let step = step.map(|(step, claimed)| (step, claimed.get(number).copied().unwrap_or(true)));
            for Look { holds, seen } in self.looks(cluster, step, (mode, index, property))? {
                let told = format!("{}: {seen}", mode.name());
                match (mode, holds) {
                    (Mode::Eventually, true) => drop(self.held.insert(index)),
                    (Mode::Never, true) | (Mode::Always, false) if !broken.contains(&told) => {
                        broken.push(told)
                    }
                    (Mode::Never | Mode::Always | Mode::Eventually, _) => {}
                }
            }
        }
        Ok(broken)
    }

    fn looks(
        &self,
        cluster: &Cluster,
        step: Option<(&StepReport, bool)>,
        (mode, index, property): (Mode, usize, &Property),
    ) -> Result<Vec<Look>, Error> {
        looks(cluster, step, property).map_err(|why| self.wrong(mode, index, &why))
    }

    fn wrong(&self, mode: Mode, index: usize, why: &str) -> Error {
        let keys = [Key::Name(mode.name()), Key::Item(index)];
        self.scenario.source.locate(&keys, Error::new(format!("{}: {why}", mode.name())))
    }
}

/// How properties are broken in a cluster as it is; or why that cannot be asked.
pub(crate) fn broken_now(scenario: &Scenario, cluster: &Cluster) -> Vec<String> {
    let mut properties = Properties { scenario, before: Vec::new(), held: BTreeSet::new() };
    properties.broken(cluster, None).unwrap_or_else(|why| vec![why.to_string()])
}

/// A name in a property that no step can have saved: properties are asked before the first step.
pub(super) fn check(scenario: &Scenario) -> Result<(), Error> {
    let nothing = Variables::default();
    for (mode, index, Property { claim, when }) in scenario.properties() {
        let (who, texts) = match claim {
            Claim::Can(who, can) => (Some(who), vec![Some(can)]),
            Claim::Answered { who, asks, .. } => (who.as_ref(), vec![asks.as_ref()]),
            Claim::Stored { object, .. } => (None, vec![Some(object)]),
        };
        let texts = texts.into_iter().chain([when.stored.as_ref(), when.missing.as_ref()]).flatten();
        let filled = who.map_or(Ok(()), |who| nothing.who(who).map(drop));
        let filled = texts.fold(filled, |so_far, text| so_far.and_then(|()| nothing.fill(text).map(drop)));
        filled.map_err(|error| scenario.source.locate(&[Key::Name(mode.name()), Key::Item(index)], error))?;
    }
    Ok(())
}

fn looks(
    cluster: &Cluster,
    step: Option<(&StepReport, bool)>,
    property: &Property,
) -> Result<Vec<Look>, String> {
    match &property.claim {
        Claim::Answered { who, asks, code } => {
            let who = who.as_ref().map(user).transpose()?;
            let asks = asks.as_ref().map(|asks| question(cluster, asks)).transpose()?;
            let Some((step, true)) = step else { return Ok(Vec::new()) };
            let meant = step.requests.iter().filter(|request| is_meant(request, who.as_ref(), asks.as_ref()));
            Ok(meant.map(|request| answered(request, *code)).collect())
        }
        Claim::Can(who, can) => {
            let look = can_do(cluster, user(who)?, can)?;
            Ok(is_claimed(cluster, &property.when)?.then_some(look).into_iter().collect())
        }
        Claim::Stored { object, fields } => {
            let found = stored(cluster, object)?;
            let wrong = fields.iter().find_map(|(path, wanted)| {
                let got = found.as_ref()?.at(path);
                (got != wanted).then(|| format!(" with {got} at `{path}`"))
            });
            let there = if found.is_some() { "is stored" } else { "is not stored" };
            let holds = found.is_some() && wrong.is_none();
            let look = Look { holds, seen: format!("{object} {there}{}", wrong.unwrap_or_default()) };
            Ok(is_claimed(cluster, &property.when)?.then_some(look).into_iter().collect())
        }
    }
}

fn is_claimed(cluster: &Cluster, When { stored: there, missing, caught_up }: &When) -> Result<bool, String> {
    let is_there = |object: &String| stored(cluster, object).map(|object| object.is_some());
    let there = there.as_ref().map(is_there).transpose()?;
    let missing = missing.as_ref().map(is_there).transpose()?;
    let heard = caught_up.is_none_or(|wanted| cluster.has_caught_up() == wanted);
    Ok(there.unwrap_or(true) && !missing.unwrap_or(false) && heard)
}

fn user(who: &Who) -> Result<User, String> {
    match Identity::of(who) {
        Identity::User(user) => Ok(user),
        Identity::Nobody => Ok(User::anonymous()),
        Identity::Token(_) => Err("a property is about somebody by name, not by token".to_owned()),
    }
}

fn question(cluster: &Cluster, words: &str) -> Result<RequestInfo, String> {
    let info = question::read(words, cluster.resources(), Place::Default)?.info;
    known(&info, cluster)?;
    Ok(info)
}

fn can_do(cluster: &Cluster, user: User, can: &str) -> Result<Look, String> {
    let attributes = Attributes { user: user.authenticated(), info: question(cluster, can)? };
    let said = cluster.decide(&attributes);
    let name = &attributes.user.name;
    Ok(match said.decision == Decision::Allow {
        true => Look { holds: true, seen: format!("{name} can {can} ({})", said.reason()) },
        false => Look { holds: false, seen: format!("{name} cannot {can}") },
    })
}

/// Whether a request is somebody's, and for what is meant.
fn is_meant(request: &RequestReport, who: Option<&User>, asks: Option<&RequestInfo>) -> bool {
    let by = |who: &User| match &request.trace.user {
        Some(user) => user.name == who.name,
        None => who.name == User::anonymous().name,
    };
    let is_for = |asks: &RequestInfo| {
        let info = &request.trace.info;
        let parts = |info: &RequestInfo| {
            let of = [&info.verb, &info.group, &info.resource, &info.subresource, &info.namespace];
            of.map(String::clone)
        };
        match asks.is_resource {
            true => {
                info.is_resource
                    && parts(info) == parts(asks)
                    && (asks.name.is_empty() || info.name == asks.name)
            }
            false => !info.is_resource && info.verb == asks.verb && info.path == asks.path,
        }
    };
    who.is_none_or(by) && asks.is_none_or(is_for)
}

fn answered(request: &RequestReport, code: u16) -> Look {
    let by = request.trace.user.as_ref().map_or("nobody", |user| user.name.as_str());
    Look {
        holds: request.code == code,
        seen: format!("{} by {by} is answered {}", request.request, request.code),
    }
}

/// An object by words: `pods/web -n shop`.
fn stored(cluster: &Cluster, words: &str) -> Result<Option<Arc<Value>>, String> {
    let info = question::read(&format!("get {words}"), cluster.resources(), Place::Default)?.info;
    if info.name.is_empty() {
        return Err(format!("`{words}` names no object; write `pods/web -n shop`"));
    }
    let resource = GroupResource::new(&info.group, &info.resource).to_string();
    let namespaced = cluster
        .resources()
        .iter()
        .any(|row| row.namespaced && row.group == info.group.as_str() && row.name == info.resource.as_str());
    let namespace = if namespaced { info.namespace.as_str() } else { "" };
    Ok(cluster.store().objects().get(&resource, namespace, &info.name).cloned())
}

fn never_came(claim: &Claim) -> String {
    match claim {
        Claim::Answered { code, .. } => format!("no such request is answered {code}"),
        Claim::Can(..) | Claim::Stored { .. } => "it was never claimed".to_owned(),
    }
}

/// A verb that nobody asks for is never allowed, whatever is granted: that would hold of anything.
///
/// Resources that are not Kubernetes' own, and paths with verbs of their own, may have any.
fn known(info: &RequestInfo, cluster: &Cluster) -> Result<(), String> {
    let custom = info.is_resource && !cluster.resources().has_group(&info.group);
    let verbs: &[&str] = if info.is_resource { &VERBS } else { &METHODS };
    if custom || verbs.contains(&info.verb.as_str()) || info.verb.contains(':') || info.verb == "*" {
        return Ok(());
    }
    Err(match nearest(&info.verb, verbs.iter().copied()) {
        Some(near) => format!("there is no verb `{}`; did you mean `{near}`?", info.verb),
        None => format!("there is no verb `{}`; there are {}", info.verb, verbs.join(", ")),
    })
}

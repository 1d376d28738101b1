//! What goes wrong with steps: which of it a scenario allows, and what it does.

use super::format::{Scenario, StepFields};
use super::person::Identity;
use super::place::Key;
use super::session::{Done, Session};
use crate::cluster::{Choice, Cluster, Fault};
use crate::error::Error;
use std::collections::BTreeSet;

/// That a controller runs.
fn runs(cluster: &Cluster, controller: &str, field: &str) -> Result<(), Error> {
    cluster.runs(controller).map_err(|known| {
        Error::new(format!("{field}: no controller `{controller}` runs here")).nearest(controller, known)
    })
}

/// That the controllers run which a schedule has go first.
pub(super) fn check(scenario: &Scenario, cluster: &Cluster) -> Result<(), Error> {
    for (index, deviation) in scenario.schedule.iter().enumerate() {
        if let Choice::First { work, .. } = &deviation.choice {
            let controller = work.split_whitespace().next().unwrap_or_default();
            let keys = [Key::Name("schedule"), Key::Item(index), Key::Name("first")];
            let checked = runs(cluster, controller, "schedule");
            checked.map_err(|error| scenario.source.locate(&keys, error))?;
        }
    }
    Ok(())
}

/// What may go wrong in a replay, and what of it has.
#[derive(Clone)]
pub(super) struct Faults<'a> {
    scenario: &'a Scenario,
    /// By number.
    happened: BTreeSet<usize>,
}

impl<'a> Faults<'a> {
    /// Nothing has gone wrong so far; the cluster has what it takes.
    pub(super) fn of(scenario: &'a Scenario, cluster: &mut Cluster) -> Result<Faults<'a>, Error> {
        for (index, fault) in scenario.faults.iter().enumerate() {
            let wrong =
                |error: Error| scenario.source.locate(&[Key::Name("faults"), Key::Item(index)], error);
            match fault {
                Fault::Down { controller, .. } => runs(cluster, controller, "faults").map_err(wrong)?,
                Fault::TimesOut(webhook) => {
                    let known = || scenario.cluster.webhooks.names();
                    if known().all(|name| name != webhook) {
                        let error = Error::new(format!("faults: `cluster.webhooks` has no `{webhook}`"));
                        return Err(wrong(error.nearest(webhook, known())));
                    }
                }
                Fault::Skew { node, .. } => cluster.has_node(node).map_err(|known| {
                    let error = Error::new(format!("faults: no kubelet runs on a node `{node}`"));
                    wrong(match known.is_empty() {
                        true => error.hint("`cluster.nodes` says that there are none"),
                        false => error.nearest(node, known.iter().map(String::as_str)),
                    })
                })?,
                Fault::OtherServer => cluster.have_two_servers(),
                Fault::LostAnswer | Fault::Restart => {}
            }
        }
        Ok(Faults { scenario, happened: BTreeSet::new() })
    }

    /// What may go wrong as a step comes, by number; of what is written several times the first that is left.
    pub(super) fn may_hit(&self, step: &StepFields) -> Vec<(usize, &'a Fault)> {
        let left =
            || self.scenario.faults.iter().enumerate().filter(|(number, _)| !self.happened.contains(number));
        let is_first = |(number, fault): &(usize, &Fault)| {
            left().find(|(_, other)| other == fault).is_some_and(|(first, _)| first == *number)
        };
        let hits = |(_, fault): &(usize, &Fault)| match fault {
            Fault::LostAnswer | Fault::OtherServer | Fault::TimesOut(_) => step.asks(),
            Fault::Restart | Fault::Down { .. } | Fault::Skew { .. } => true,
        };
        left().filter(is_first).filter(hits).collect()
    }

    /// One of them happened.
    pub(super) fn happens(&mut self, number: usize) -> Option<&'a Fault> {
        self.happened.insert(number);
        self.scenario.faults.get(number)
    }

    /// What of it bears on what comes.
    pub(super) fn state(&self) -> impl std::fmt::Debug {
        &self.happened
    }
}

impl Session<'_> {
    /// Does it, with what goes wrong.
    pub(super) fn act_under(
        &mut self,
        fault: Option<&Fault>,
        fields: &StepFields,
        identity: Identity,
        number: &str,
    ) -> Result<Done, Error> {
        match fault {
            None => self.act(fields, identity, number),
            Some(Fault::LostAnswer) => {
                let lost = self.act(fields, identity.clone(), number)?.exchanges;
                let mut done = self.act(fields, identity, number)?;
                done.lost = lost.len();
                done.exchanges.splice(..0, lost);
                Ok(done)
            }
            Some(Fault::Restart) => {
                let config = self.cluster().config().clone();
                self.cluster_mut().restart(config)?;
                self.act(fields, identity, number)
            }
            Some(Fault::OtherServer) => {
                self.cluster_mut().turn_to_other_server();
                let done = self.act(fields, identity, number);
                self.cluster_mut().turn_to_other_server();
                done
            }
            Some(Fault::Down { controller, lasts }) => {
                self.cluster_mut().stop(controller, *lasts);
                self.act(fields, identity, number)
            }
            Some(Fault::Skew { node, ahead }) => {
                self.cluster_mut().skew(node, *ahead);
                self.act(fields, identity, number)
            }
            Some(Fault::TimesOut(webhook)) => {
                let before = self.cluster_mut().slow_down(webhook);
                let done = self.act(fields, identity, number);
                self.cluster_mut().change_webhooks(&before);
                done
            }
        }
    }
}

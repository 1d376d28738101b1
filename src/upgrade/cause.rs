//! Which difference between two releases is the cause: the newer release is asked again, without one difference at a time.
//!
//! Where something no longer comes otherwise then, that difference is proven to be the cause. Where several must come
//! together, or what is otherwise is data (kinds and fields by release), none is told.

use super::found::Found;
use super::machine::{Machine, config};
use super::{Because, Releases, What};
use crate::admit;
use crate::api::differences;
use crate::config::{Config, gates};
use std::collections::BTreeMap;

/// The newer release, without one difference.
struct Suspect {
    because: Because,
    config: Config,
}

/// All differences between two releases.
pub(super) struct Suspects {
    suspects: Vec<Suspect>,
    /// What was proven, by what came otherwise.
    proven: BTreeMap<String, Vec<Because>>,
}

impl Suspects {
    /// None of them: nothing is proven.
    pub(super) fn none() -> Suspects {
        Suspects { suspects: Vec::new(), proven: BTreeMap::new() }
    }

    pub(super) fn new(Releases { from, to }: Releases) -> Suspects {
        let rules = differences::ALL.iter().filter(|rule| !from.has(**rule) && to.has(**rule));
        let rules = rules.map(|rule| Suspect {
            because: Because {
                name: rule.name.to_owned(),
                since: Some(rule.since.to_string()),
                what: rule.what.to_owned(),
                source: rule.source.to_owned(),
            },
            config: config(to.without(*rule)),
        });
        let on = |on| if on { "on" } else { "off" };
        let gates = gates::turned(from, to).map(|(gate, was)| {
            let mut config = config(to);
            config.feature_gates.insert(gate.to_owned(), was);
            let what = format!("the feature gate is {} by default", on(!was));
            Suspect { because: Because::of(gate, what, "feature gates"), config }
        });
        let before: BTreeMap<&str, bool> = admit::of_release(from).collect();
        let plugins = admit::of_release(to).filter(|(name, on)| *on && before.get(name) != Some(&true));
        let plugins = plugins.map(|(name, _)| {
            let mut config = config(to);
            config.disable_admission_plugins.push(name.to_owned());
            let what = "the admission plugin is on by default".to_owned();
            Suspect { because: Because::of(name, what, "admission plugins"), config }
        });
        Suspects { suspects: rules.chain(gates).chain(plugins).collect(), proven: BTreeMap::new() }
    }

    /// Says of what was found what is the cause. What was said of the like is not asked again: `name` is what differs
    /// between the two.
    pub(super) fn prove(
        &mut self,
        before: &Machine,
        name: &str,
        found: &mut [Found],
        again: impl Fn(&mut Machine) -> Vec<Found>,
    ) {
        let like = |found: &Found| {
            let text = if name.is_empty() { found.text.clone() } else { found.text.replace(name, "*") };
            format!("{:?} {} {text}", found.what, found.field)
        };
        if found.iter().any(|found| !self.proven.contains_key(&like(found))) {
            for suspect in &self.suspects {
                // Flags that do not go together are no state of any release.
                let Some(mut machine) = before.restarted(suspect.config.clone()) else { continue };
                let still = again(&mut machine);
                let is_new = |other: &Found| !found.iter().any(|found| found.is_like(other));
                if still.iter().any(|other| other.what == What::Refused && is_new(other)) {
                    // Of what is refused for another reason, nothing else is seen.
                    continue;
                }
                for found in found.iter_mut().filter(|found| !still.iter().any(|other| other.is_like(found)))
                {
                    // A gate that a difference names is the same once more.
                    let names_it = |known: &Because| known.source.contains(&suspect.because.name);
                    if !found.because.iter().any(names_it) {
                        found.because.push(suspect.because.clone());
                    }
                }
            }
            self.proven.extend(found.iter().map(|found| (like(found), found.because.clone())));
        }
        for found in found {
            found.because = self.proven.get(&like(found)).cloned().unwrap_or_default();
        }
    }
}

//! What an upgrade does to objects: two releases are asked the same about them, and their answers compared.
//!
//! Each object is given to a fresh cluster of either release as an administrator's `kubectl apply` would, namespaces
//! first. What the older release stores and the newer one refuses stays stored there beside the rest, as in an
//! upgrade. Then whoever is bound to roles asks both for what those allow. A role that comes with a server keeps, when
//! upgraded, what the older release gave it.
//!
//! # Differs from Kubernetes
//!
//! Webhooks and aggregated servers are not asked; custom resources are, as far as their definitions are among the
//! objects. Objects come from nowhere: what is checked only on
//! updates, against what was there, is not looked at; nor is how a client's own version differs. The status of an
//! object is not compared.

mod cause;
mod compare;
mod fields;
mod found;
mod machine;
mod order;
mod rights;
mod sent;

use crate::api::{Dig, Resource, Version};
use crate::bootstrap;
use crate::error::Error;
use crate::explain::source::Written;
use crate::json::Value;
use cause::Suspects;
use found::Found;
use machine::{Answer, Machine};
use rights::Both;
use schemars::JsonSchema;
use serde::Serialize;

pub use crate::explain::source::Place;

/// What an upgrade does to objects.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Upgrade {
    /// The older release: `1.29`.
    pub from: String,
    /// The newer release: `1.35`.
    pub to: String,
    /// How many objects were given to both releases.
    pub objects: usize,
    /// How many questions about rights both releases were asked.
    pub questions: usize,
    /// What comes otherwise, by file and line.
    pub changes: Vec<Change>,
    /// The objects of which nothing can be said, by file and line.
    pub not_looked_at: Vec<Unseen>,
    #[serde(skip)]
    releases: Releases,
}

/// What happens to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// It is no longer accepted, or its kind no longer served, or a right is lost.
    Refused,
    /// A field that it has is no longer stored.
    Dropped,
    /// Clients are warned.
    Warned,
    /// It is accepted, and something else comes of it.
    Otherwise,
}

impl What {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            What::Refused => "refused",
            What::Dropped => "dropped",
            What::Warned => "warned of",
            What::Otherwise => "answered otherwise",
        }
    }
}

/// Something that comes otherwise.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// What happens.
    pub what: What,
    /// The field that it is about; none where it is the object.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub field: String,
    /// What the newer release says, or does.
    pub text: String,
    /// The differences between the releases of which each is proven to be a cause: without it, nothing changes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<Because>,
}

/// A difference between releases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Because {
    /// Its name: a rule of this machine, a feature gate or an admission plugin.
    pub name: String,
    /// The release that a rule begins with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// What it is.
    pub what: String,
    /// How it is known: a KEP, a gate, a change log, a record; or a table of this machine.
    pub source: String,
}

impl Because {
    fn of(name: &str, what: String, source: &str) -> Because {
        Because { name: name.to_owned(), since: None, what, source: source.to_owned() }
    }
}

/// An object of which nothing can be said.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Unseen {
    /// Where.
    #[serde(flatten)]
    pub place: Place,
    /// Why.
    pub why: String,
}

/// Whether it is found out which difference is the cause of what; that takes most of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Causes {
    /// Each difference is taken out once, and the newer release asked again.
    Proven,
    /// None is told.
    LeftOut,
}

/// Two releases.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Releases {
    from: Version,
    to: Version,
}

impl Upgrade {
    /// An upgrade from an older release to a newer one, nothing asked yet.
    ///
    /// # Errors
    /// The older release is no older than the newer one.
    pub fn between(from: Version, to: Version) -> Result<Upgrade, Error> {
        if from >= to {
            let error = Error::new(format!("{from} is no older than {to}"));
            return Err(error.hint("`--from` names the release that runs today, `--to` the one to come"));
        }
        Ok(Upgrade {
            from: from.to_string(),
            to: to.to_string(),
            objects: 0,
            questions: 0,
            changes: Vec::new(),
            not_looked_at: Vec::new(),
            releases: Releases { from, to },
        })
    }

    /// Asks both releases about the objects of one cluster.
    ///
    /// # Errors
    /// A cluster that cannot be set up.
    pub fn check(&mut self, written: &[Written], causes: Causes) -> Result<(), Error> {
        let mut check = Check::new(written, self.releases, causes)?;
        for written in order::sorted(written) {
            check.object(written);
        }
        check.end(written, self);
        Ok(())
    }
}

/// Two clusters that are given the same objects.
struct Check {
    releases: Releases,
    was: Machine,
    now: Machine,
    suspects: Suspects,
    objects: usize,
    found: Vec<(Place, Found)>,
    unseen: Vec<Unseen>,
}

impl Check {
    fn new(written: &[Written], releases: Releases, causes: Causes) -> Result<Check, Error> {
        let (mut was, mut now) = (Machine::new(releases.from)?, Machine::new(releases.to)?);
        let defaults: Vec<_> =
            was.cluster.store().objects().iter().map(|(key, object)| (key, object.clone())).collect();
        for (key, object) in defaults.into_iter().filter(|(_, object)| bootstrap::is_default(object)) {
            now.reconcile(key, (*object).clone());
        }
        for object in order::unsaid(written) {
            for machine in [&mut was, &mut now] {
                if let Some(row) = machine.row(&object) {
                    machine.create(&row, &object);
                }
            }
        }
        let suspects = match causes {
            Causes::Proven => Suspects::new(releases),
            Causes::LeftOut => Suspects::none(),
        };
        let (objects, found, unseen) = (0, Vec::new(), Vec::new());
        Ok(Check { releases, was, now, suspects, objects, found, unseen })
    }

    /// Gives both an object, and compares what they answer.
    fn object(&mut self, written: &Written) {
        let from = self.releases.from;
        let object = sent::by_apply(&written.object);
        let of_old = self.was.row(&object);
        if let Some(row) = of_old.as_ref().filter(|_| bootstrap::is_default(&object)) {
            let key = machine::key(row, &object);
            for machine in [&mut self.was, &mut self.now] {
                machine.reconcile(key.clone(), object.clone());
            }
            self.objects += 1;
            return;
        }
        match (of_old, self.now.row(&object)) {
            (None, None) => self.unseen(written, self.unknown(&object)),
            (Some(old), None) => {
                let was = self.was.create(&old, &object);
                self.objects += 1;
                self.gone(written, &old, &object, &was);
            }
            (None, Some(new)) => {
                self.now.create(&new, &object);
                self.objects += 1;
                let text = format!("{} is served, which {from} does not know", object.text("apiVersion"));
                self.tell(written, vec![Found::new(What::Otherwise, "apiVersion", text)]);
            }
            (Some(old), Some(new)) => self.both(written, &old, &new, &object),
        }
    }

    /// An object of a kind that both serve.
    fn both(&mut self, written: &Written, old: &Resource, new: &Resource, object: &Value) {
        let was = self.was.create(old, object);
        let before = self.now.clone();
        let now = self.now.create(new, object);
        self.objects += 1;
        if !was.ok() && was.refusal() == now.refusal() {
            self.unseen(written, format!("both releases refuse it: {}", was.refusal()));
        }
        if was.ok() && !now.ok() {
            self.stays(old, new, object);
        }
        let releases = self.releases;
        let mut found = compare::compare(releases, object, &was, &now);
        let again = |machine: &mut Machine| {
            let now = machine.create(new, object);
            compare::compare(releases, object, &was, &now)
        };
        self.suspects.prove(&before, object.name(), &mut found, again);
        self.tell(written, found);
    }

    /// An object in a version that is no longer served.
    fn gone(&mut self, written: &Written, old: &Resource, object: &Value, was: &Answer) {
        let Releases { from, to } = self.releases;
        let (kind, version) = (object.text("kind"), object.text("apiVersion"));
        let no_match = format!("no matches for kind {kind:?} in version {version:?}");
        let Some(new) = self
            .now
            .cluster
            .resources()
            .iter()
            .find(|row| row.subresource.is_empty() && row.storage() == old.storage())
            .cloned()
        else {
            let text = format!(
                "{no_match}: {to} serves it in no version, and what is stored of it can't be reached"
            );
            self.tell(written, vec![Found::new(What::Refused, "apiVersion", text)]);
            return;
        };
        let text =
            format!("{no_match}: {to} serves it as {}, in which what is stored is read", new.api_version());
        let mut found = vec![Found::new(What::Refused, "apiVersion", text)];
        let mut renamed = object.clone();
        renamed.set("apiVersion", new.api_version());
        let now = self.now.create(&new, &renamed);
        if was.ok() && !now.ok() {
            let field = now.fields.first().map_or("", String::as_str);
            let text = format!("as {} it must be written otherwise: {}", new.api_version(), now.refusal());
            found.push(Found::new(What::Refused, field, text));
            self.stays(old, &new, object);
        }
        let unknown = now.warnings.iter().filter_map(|text| Some((text, compare::unknown_field(text)?)));
        found.extend(unknown.map(|(text, field)| {
            Found::new(
                What::Dropped,
                field,
                format!("as {} it must be written otherwise: {text}", new.api_version()),
            )
        }));
        if !was.ok() {
            let text = format!("{from} refuses it, too: {}", was.refusal());
            self.unseen(written, text);
        }
        self.tell(written, found);
    }

    /// What the older release has stored stays stored.
    fn stays(&mut self, old: &Resource, new: &Resource, object: &Value) {
        let stored = self.was.cluster.store().objects().of(&machine::key(old, object)).cloned();
        if let Some(stored) = stored {
            self.now.keep(machine::key(new, object), (*stored).clone());
        }
    }

    fn tell(&mut self, written: &Written, found: Vec<Found>) {
        let at = |found: &Found| Place::of(written, written.line_of_field(&found.field));
        self.found.extend(found.into_iter().map(|found| (at(&found), found)));
    }

    fn unseen(&mut self, written: &Written, why: String) {
        self.unseen.push(Unseen { place: Place::of(written, written.line), why });
    }

    /// Why nothing is known of a kind.
    fn unknown(&self, object: &Value) -> String {
        let Releases { from, to } = self.releases;
        let (kind, version) = (object.text("kind"), object.text("apiVersion"));
        let (group, _) = version.split_once('/').unwrap_or(("", version));
        let mut rows = self.now.cluster.resources().iter();
        match rows.find(|row| row.subresource.is_empty() && row.kind == kind && row.group == group) {
            Some(row) => {
                let served = row.api_version();
                format!("neither {from} nor {to} serves {version}; {to} serves {kind} as {served}")
            }
            None => format!(
                "neither {from} nor {to} serves {kind:?} of {version:?} by itself: a custom resource whose definition is \
                 not among these objects, or a slip of the pen"
            ),
        }
    }

    /// Asks for rights, and tells all by file and line.
    fn end(mut self, written: &[Written], upgrade: &mut Upgrade) {
        let both = Both { releases: self.releases, was: &self.was, now: &self.now, written };
        let (found, questions) = both.compare(&mut self.suspects);
        self.found.extend(found);
        upgrade.objects += self.objects;
        upgrade.questions += questions;
        upgrade.changes.extend(self.found.into_iter().map(|(place, found)| {
            let Found { what, field, text, because, .. } = found;
            Change { place, what, field, text, because }
        }));
        upgrade.changes.sort_by(|a, b| (&a.place, a.what, &a.field).cmp(&(&b.place, b.what, &b.field)));
        upgrade.not_looked_at.extend(self.unseen);
        upgrade.not_looked_at.sort_by(|a, b| a.place.cmp(&b.place));
    }
}

//! What comes of a folder with a kustomization (`api/internal/target`): its objects, those of the folders that it names, and what is
//! done to them, in kustomize's order.

use super::documents::{self, Unread};
use super::file::Notes;
use super::id::Id;
use super::load::Loader;
use super::order;
use super::patch::Patch;
use super::resource::{Behavior, Resource};
use super::transform::{self, Affix};
use super::wrong::Wrong;
use super::{file, generate, hash, images, references};
use crate::api::Dig;
use crate::clients::Files;
use crate::json::{Value, json};
use crate::limits::KUSTOMIZED;

/// Set to anything but `false`: the object is for kustomize alone.
const LOCAL: &str = "config.kubernetes.io/local-config";

/// The objects that come of a folder, in the order in which they are to be applied.
pub(super) fn build(files: &dyn Files, path: &str, notes: &mut Notes) -> Result<Vec<Resource>, Wrong> {
    let loader = Loader::new(files, path)?;
    let kustomization = file::read(&loader, notes)?;
    let options = kustomization.at("sortOptions").clone();
    let mut resources = Target { loader, kustomization, notes }.accumulate(Vec::new())?;
    for resource in resources.iter_mut().filter(|resource| resource.is_hashed) {
        let name = format!("{}-{}", resource.name(), hash::hash(&resource.object));
        resource.remember();
        resource.rename(name);
    }
    references::follow(&mut resources)?;
    resources.retain(|resource| resource.object.annotation(LOCAL).is_none_or(|said| said == "false"));
    order::sort(&mut resources, &options)?;
    resources.iter_mut().for_each(Resource::finish);
    Ok(resources)
}

struct Target<'a, 'w> {
    loader: Loader<'a>,
    kustomization: Value,
    notes: &'w mut Notes,
}

impl Target<'_, '_> {
    /// Adds its objects to those that are there (a component's work on both), and changes them.
    fn accumulate(&mut self, mut all: Vec<Resource>) -> Result<Vec<Resource>, Wrong> {
        for path in self.texts("resources") {
            self.resource(&mut all, &path).map_err(|wrong| wrong.about("accumulating resources"))?;
        }
        for (field, kind) in [("configMapGenerator", "ConfigMap"), ("secretGenerator", "Secret")] {
            for args in self.kustomization.list(field) {
                let for_all = self.kustomization.at("generatorOptions");
                let made = generate::generate(&self.loader, kind, args, for_all)?;
                // Go tells where its generator lies in memory.
                absorb(&mut all, made).map_err(|wrong| wrong.about("merging from generator &{0x0 <nil>}"))?;
            }
        }
        for path in self.texts("components") {
            all = self.component(all, &path).map_err(|wrong| wrong.about("accumulating components"))?;
        }
        self.transform(&mut all)?;
        Ok(all)
    }

    fn texts(&self, field: &str) -> Vec<String> {
        self.kustomization.texts(field).into_iter().map(str::to_owned).collect()
    }

    /// Adds what an entry of `resources` names: a file of objects, or a folder.
    fn resource(&mut self, all: &mut Vec<Resource>, path: &str) -> Result<(), Wrong> {
        let Err(of_file) = self.objects(all, path) else { return Ok(()) };
        let within = |wrong: Wrong| wrong.about(format!("accumulation err='{}'", of_file.text));
        let loader = match self.loader.below(path) {
            Ok(loader) => loader,
            // What is no YAML is no folder.
            Err(_) if of_file.is_malformed => return Err(of_file),
            Err(wrong) => return Err(within(wrong)),
        };
        let root = loader.root.clone();
        let mut target = self.below(loader).map_err(within)?;
        if file::is_component(&target.kustomization) {
            return Err(within(format!("expected kind != 'Component' for path '{root}'").into()));
        }
        let found = target.accumulate(Vec::new());
        let found =
            found.map_err(|wrong| within(wrong.about(format!("recursed accumulation of path '{root}'"))))?;
        append(all, found)
            .map_err(|wrong| within(wrong.about(format!("recursed merging from path '{root}'"))))
    }

    /// Adds the objects of a file.
    fn objects(&self, all: &mut Vec<Resource>, path: &str) -> Result<(), Wrong> {
        let from = |wrong: Wrong| wrong.about(format!("accumulating resources from '{path}'"));
        let text = self.loader.text(path).map_err(from)?;
        let objects = documents::read(&text).map_err(|unread| {
            from(match unread {
                Unread::Malformed(why) => {
                    let text = format!("MalformedYAMLError: {why} in File: {path}");
                    Wrong { is_malformed: true, ..text.into() }
                }
                Unread::Other(why) => why.into(),
            })
        })?;
        let mut found = Vec::new();
        append(&mut found, objects.into_iter().map(Resource::new).collect()).map_err(from)?;
        append(all, found).map_err(|wrong| wrong.about(format!("merging resources from '{path}'")))
    }

    /// Lets a component work on what is there.
    fn component(&mut self, all: Vec<Resource>, path: &str) -> Result<Vec<Resource>, Wrong> {
        let quoted = |wrong: Wrong, what: &str| wrong.in_words(|text| format!("{what} {text:?}"));
        let loader = self.loader.below(path).map_err(|wrong| quoted(wrong, "loader.New"))?;
        let root = loader.root.clone();
        let within = |wrong: Wrong| quoted(wrong, "accumulateDirectory:");
        let mut target = self.below(loader).map_err(within)?;
        if !file::is_component(&target.kustomization) {
            let kind = target.kustomization.text("kind");
            let text = format!("expected kind 'Component' for path '{root}' but got '{kind}'");
            return Err(within(text.into()));
        }
        target
            .accumulate(all)
            .map_err(|wrong| within(wrong.about(format!("recursed accumulation of path '{root}'"))))
    }

    fn below<'b>(&'b mut self, loader: Loader<'b>) -> Result<Target<'b, 'b>, Wrong> {
        let kustomization = file::read(&loader, self.notes)
            .map_err(|wrong| wrong.about(format!("couldn't make target for path '{}'", loader.root)))?;
        Ok(Target { loader, kustomization, notes: self.notes })
    }

    /// What is done to all objects, in kustomize's order.
    fn transform(&self, all: &mut Vec<Resource>) -> Result<(), Wrong> {
        let own = &self.kustomization;
        let loader = &self.loader;
        let read = |field: &str, read: fn(&Loader<'_>, &Value) -> Result<Patch, Wrong>| {
            own.list(field).iter().map(|entry| read(loader, entry)).collect::<Result<Vec<_>, _>>()
        };
        // All are read before one is applied.
        let mut patches = vec![Patch::strategic(loader, own.at("patchesStrategicMerge"))?];
        patches.extend(read("patches", Patch::read)?);
        let last = read("patchesJson6902", Patch::json)?;
        for patch in patches {
            patch.apply(all)?;
        }
        transform::namespace(all, own.text("namespace"))?;
        transform::affix(all, Affix::Prefix, own.text("namePrefix"));
        transform::affix(all, Affix::Suffix, own.text("nameSuffix"));
        for entry in own.list("labels") {
            transform::labels(all, entry)?;
        }
        if own.has("commonLabels") {
            let entry = json!({"pairs": own.at("commonLabels"), "includeSelectors": true});
            transform::labels(all, &entry)?;
        }
        transform::annotations(all, own.at("commonAnnotations"))?;
        for patch in last {
            patch.apply(all)?;
        }
        for entry in own.list("replicas") {
            transform::replicas(all, entry)?;
        }
        for entry in own.list("images") {
            images::change(all, entry)?;
        }
        Ok(())
    }
}

/// Adds objects that nobody else is called as.
fn append(all: &mut Vec<Resource>, found: Vec<Resource>) -> Result<(), Wrong> {
    let mut ids: Vec<Id> = all.iter().map(Resource::id).collect();
    for resource in found {
        let id = resource.id();
        if ids.iter().any(|known| known.is(&id)) {
            return Err(format!("may not add resource with an already registered id: {id}").into());
        }
        ids.push(id);
        all.push(resource);
        KUSTOMIZED.check(all.len() as u64)?;
    }
    Ok(())
}

/// Adds an object that was made, or what it holds to the one of that name (`AbsorbAll`).
fn absorb(all: &mut Vec<Resource>, mut made: Resource) -> Result<(), Wrong> {
    let id = made.id();
    let known: Vec<usize> = (0..all.len()).filter(|at| all[*at].was_ever(&id)).collect();
    let merges = matches!(made.behavior, Behavior::Merge | Behavior::Replace);
    let told = id.go_syntax();
    match known.as_slice() {
        [] if merges => Err(format!("id {told} does not exist; cannot merge or replace").into()),
        [] => {
            all.push(made);
            Ok(KUSTOMIZED.check(all.len() as u64)?)
        }
        [at] if merges => {
            let old = &all[*at];
            if made.behavior == Behavior::Merge {
                for field in ["data", "binaryData"] {
                    made.take_entries_of(old, field);
                }
            }
            made.take_names_of(old);
            all[*at] = made;
            Ok(())
        }
        [_] => Err(format!(
            "id {told} exists; can not use behavior: '{}', behavior must be merge or replace",
            made.behavior.word()
        )
        .into()),
        _ => Err(format!("found multiple objects that could accept merge of {id}").into()),
    }
}

//! Patches (`PatchTransformer`): strategic merge or JSON, for one object or all that a target means.

use super::documents::{self, Unread};
use super::load::Loader;
use super::merge::merge;
use super::resource::{Resource, set_namespace};
use super::select;
use super::wrong::Wrong;
use crate::api::json_patch::JsonPatch;
use crate::api::{Dig, Version};
use crate::clients::kubectl::documents as manifests;
use crate::golang::json::noun;
use crate::golang::yaml;
use crate::json::{Map, Value, json};

/// A patch that was read.
pub(super) struct Patch {
    does: Does,
    target: Value,
    renames: bool,
    changes_kind: bool,
}

enum Does {
    Merge(Vec<Value>),
    Operations {
        operations: JsonPatch,
        /// The patch, for messages.
        shown: String,
    },
}

impl Patch {
    /// Reads an entry of `patches`.
    pub(super) fn read(loader: &Loader<'_>, args: &Value) -> Result<Patch, Wrong> {
        let configured = yaml::write(&told(args));
        let read = Patch::of(loader, args, &configured);
        read.map_err(|wrong| {
            wrong.about(format!("trouble configuring builtin PatchTransformer with config: `\n{configured}`"))
        })
    }

    fn of(loader: &Loader<'_>, args: &Value, configured: &str) -> Result<Patch, Wrong> {
        let (inline, path) = (args.text("patch").trim(), args.text("path"));
        let (text, shown) = match (inline, path) {
            ("", "") => return Err(format!("must specify one of patch and path in\n{configured}").into()),
            (inline, "") => (inline.to_owned(), format!("[patch: {inline:?}]")),
            ("", path) => {
                let text = loader.text(path);
                let text = text.map_err(|wrong| {
                    wrong.about(format!("failed to get the patch file from path({path})"))
                })?;
                (text, format!("[path: {path:?}]"))
            }
            _ => return Err(format!("patch and path can't be set at the same time\n{configured}").into()),
        };
        let objects = documents::read(&text).ok().filter(|objects| !objects.is_empty());
        let does = match (objects, operations(&text)) {
            (Some(_), Ok(_)) => {
                return Err(format!("illegally qualifies as both an SM and JSON patch: {shown}").into());
            }
            (Some(objects), Err(_)) => Does::Merge(objects),
            (None, Ok(operations)) => Does::Operations { operations, shown },
            (None, Err(_)) => return Err(format!("unable to parse SM or JSON patch from {shown}").into()),
        };
        Ok(Patch {
            does,
            target: args.at("target").clone(),
            renames: args.flag("options.allowNameChange"),
            changes_kind: args.flag("options.allowKindChange"),
        })
    }

    /// Reads an entry of `patchesJson6902`.
    pub(super) fn json(loader: &Loader<'_>, args: &Value) -> Result<Patch, Wrong> {
        let mut told = told(args);
        if let Some(patch) = told.take_out("patch") {
            told.set("jsonOp", patch);
        }
        let read = || {
            let (inline, path) = (args.text("patch"), args.text("path"));
            let text = match (inline, path) {
                ("", "") => return Err("empty file path and empty jsonOp".into()),
                (inline, "") => inline.to_owned(),
                ("", path) => loader.text(path)?,
                _ => return Err("must specify a file path or jsonOp, not both".into()),
            };
            operations(&text).map_err(|why| format!("decoding {text:?}: {why}").into())
        };
        let read: Result<JsonPatch, Wrong> = read();
        let operations = read.map_err(|wrong| {
            let configured = yaml::write(&told);
            wrong.about(format!(
                "trouble configuring builtin PatchJson6902Transformer with config: `\n{configured}`"
            ))
        })?;
        let does = Does::Operations { operations, shown: String::new() };
        Ok(Patch { does, target: args.at("target").clone(), renames: false, changes_kind: false })
    }

    /// Reads an entry of `patchesStrategicMerge`: the path of a file, or objects.
    pub(super) fn strategic(loader: &Loader<'_>, entries: &Value) -> Result<Patch, Wrong> {
        let mut objects = Vec::new();
        for entry in entries.as_array().into_iter().flatten().filter_map(Value::as_str) {
            // What reads as objects is some.
            match documents::read(entry) {
                Ok(inline) if !inline.is_empty() => objects.extend(inline),
                Ok(_) | Err(_) => objects.extend(of_file(loader, entry)?),
            }
        }
        Ok(Patch { does: Does::Merge(objects), target: Value::Null, renames: false, changes_kind: false })
    }

    /// Changes the objects that are meant.
    pub(super) fn apply(&self, resources: &mut Vec<Resource>) -> Result<(), Wrong> {
        let meant = || {
            let meant = select::select(resources, &self.target);
            meant.map_err(|why| {
                let target = select::told(&self.target);
                Wrong::from(format!("unable to find patch target {target:?} in `resources`: {why}"))
            })
        };
        match &self.does {
            Does::Operations { operations, .. } if operations.len() == 0 => Ok(()),
            Does::Operations { shown, .. } if self.target.is_null() => {
                Err(format!("must specify a target for JSON patch {shown}").into())
            }
            Does::Operations { operations, .. } => {
                for at in meant()? {
                    let resource = &mut resources[at];
                    resource.remember();
                    // Kustomize keeps its notes there.
                    resource.object.set_default("metadata.annotations", json!({}));
                    let applied = operations.apply(&mut resource.object, Version::NEWEST);
                    applied.map_err(|misfit| Wrong::from(of_older_library(&misfit.text())))?;
                }
                Ok(())
            }
            Does::Merge(patches) if self.target.is_null() => {
                for patch in patches {
                    let at = only(resources, patch)?;
                    self.merge(&mut resources[at], patch.clone())?;
                }
                Ok(())
            }
            Does::Merge(patches) => {
                for at in meant()? {
                    for patch in patches {
                        let mut patch = patch.clone();
                        patch.set("apiVersion", resources[at].object.at("apiVersion").clone());
                        self.merge(&mut resources[at], patch)?;
                    }
                }
                Ok(())
            }
        }
        .map(|()| resources.retain(|resource| !resource.is_gone()))
    }

    fn merge(&self, resource: &mut Resource, patch: Value) -> Result<(), Wrong> {
        let id = resource.id();
        if self.renames || self.changes_kind {
            resource.remember();
        }
        let own = (resource.object.at("kind").clone(), resource.object.at("metadata.name").clone());
        let merged = merge(resource.object.take(), patch)?;
        resource.object = merged.unwrap_or_else(|| Value::Object(Map::new()));
        if resource.is_gone() {
            return Ok(());
        }
        if !self.changes_kind {
            resource.object.set("kind", own.0);
        }
        if !self.renames {
            resource.object.set("metadata.name", own.1);
        }
        set_namespace(&mut resource.object, &id.namespace);
        Ok(())
    }
}

/// The place of the one object that a patch is called as.
fn only(resources: &[Resource], patch: &Value) -> Result<usize, Wrong> {
    let id = super::id::Id::of(patch);
    let meant: Vec<usize> = (0..resources.len()).filter(|at| resources[*at].was_ever(&id)).collect();
    let why = match meant.as_slice() {
        [only] => return Ok(*only),
        [] => "no matches",
        _ => "multiple matches",
    };
    let text = format!("{why} for Id {id}; failed to find unique target for patch {id}");
    Err(format!("no resource matches strategic merge patch \"{id}\": {text}").into())
}

fn of_file(loader: &Loader<'_>, path: &str) -> Result<Vec<Value>, Wrong> {
    let configured = |wrong: Wrong| {
        wrong.about(format!(
            "trouble configuring builtin PatchStrategicMergeTransformer with config: `\npaths:\n- {path}\n`"
        ))
    };
    let text = loader.text(path).map_err(configured)?;
    documents::read(&text).map_err(|unread| {
        configured(match unread {
            Unread::Malformed(why) => format!("MalformedYAMLError: {why} in File: {path}").into(),
            Unread::Other(why) => why.into(),
        })
    })
}

/// Reads operations, in JSON or YAML.
fn operations(text: &str) -> Result<JsonPatch, String> {
    let value = manifests::one(text)?;
    let of = |value: &Value, wanted: &str| {
        format!("json: cannot unmarshal {} into Go value of type jsonpatch.{wanted}", noun(value))
    };
    match value.as_array() {
        None => return Err(of(&value, "Patch")),
        Some(items) => {
            if let Some(item) = items.iter().find(|item| !item.is_object()) {
                return Err(of(item, "Operation"));
            }
        }
    }
    JsonPatch::read(value.to_string().as_bytes(), "jsonpatch.Patch")
}

/// What the library that kustomize carries says, which is older than the API server's.
fn of_older_library(text: &str) -> String {
    text.replace("operation missing path field: missing value", "missing value")
}

/// An entry of `patches` as kustomize tells it: without what is empty.
fn told(args: &Value) -> Value {
    let mut told = args.clone();
    if let Some(map) = told.as_object_mut() {
        map.retain(|_, value| match value {
            Value::String(text) => !text.is_empty(),
            _ => true,
        });
    }
    told
}

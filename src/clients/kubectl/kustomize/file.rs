//! The file of a kustomization (`api/types.Kustomization`): reading it, and what it may say.

use super::load::Loader;
use super::schema::{self, KUSTOMIZATION, Refused};
use super::wrong::Wrong;
use crate::api::Dig;
use crate::clients::Unknown;
use crate::golang::yaml;
use crate::json::Value;
use crate::limits::KUSTOMIZATIONS;
use crate::yaml::{Is, Node};

/// Fields that go, and what takes their place.
const DEPRECATED: &[(&str, &str, &str)] = &[
    ("bases", "resources", ""),
    ("commonLabels", "labels", ""),
    ("imageTags", "images", ""),
    ("patchesJson6902", "patches", ""),
    ("patchesStrategicMerge", "patches", ""),
    ("vars", "replacements", "[EXPERIMENTAL] "),
];

/// What is noted of the kustomizations that are read.
#[derive(Default)]
pub(super) struct Notes {
    pub(super) warnings: Vec<String>,
    /// How many there were.
    count: u64,
}

/// Reads the kustomization of a folder; what is deprecated in it becomes a warning, and what took its place.
pub(super) fn read(loader: &Loader<'_>, notes: &mut Notes) -> Result<Value, Wrong> {
    notes.count += 1;
    KUSTOMIZATIONS.check(notes.count)?;
    let (path, text) = loader.kustomization()?;
    let invalid = |wrong: Wrong| wrong.about("invalid Kustomization");
    let node = yaml::tree(&text).map_err(|why| invalid(why.into()))?;
    let document = node.as_ref().map(yaml::document).transpose().map_err(|why| invalid(why.into()))?;
    let value = document.map_or(Ok(Value::Null), |document| document.json.into_value());
    let value = value.map_err(|why| invalid(why.into()))?;
    let decoded = schema::decode(&value, &KUSTOMIZATION);
    let mut kustomization = decoded.map_err(|refused| {
        let place = |name: &str| place(&path, node.as_ref(), name);
        match refused {
            Refused::NotModelled(name) => {
                format!("{}: `{name}` of a kustomization is not modelled", place(name)).into()
            }
            Refused::Unknown(name, known) => {
                let at = place(&name);
                let unknown = Unknown::Field { name: name.clone(), at, known };
                let wrong = Wrong::from(Refused::Unknown(name, Vec::new()));
                invalid(Wrong { unknown: Some(unknown), ..wrong })
            }
            refused @ Refused::Mistyped(_) => invalid(refused.into()),
        }
    })?;
    for (field, instead, note) in DEPRECATED.iter().filter(|(field, ..)| kustomization.has(field)) {
        notes.warnings.push(format!(
            "# Warning: '{field}' is deprecated. Please use '{instead}' instead. {note}Run 'kustomize edit fix' to update your Kustomization automatically."
        ));
    }
    for (old, new) in [("bases", "resources"), ("imageTags", "images")] {
        if let Some(Value::Array(items)) = kustomization.take_out(old) {
            items.into_iter().for_each(|item| kustomization.push(new, item));
        }
    }
    let is_empty = kustomization
        .as_object()
        .is_none_or(|map| map.keys().all(|key| key == "kind" || key == "apiVersion"));
    if is_empty {
        return Err("kustomization.yaml is empty".into());
    }
    check_kind(&mut kustomization, &loader.root)?;
    Ok(kustomization)
}

/// Whether a kustomization is a component.
pub(super) fn is_component(kustomization: &Value) -> bool {
    kustomization.text("kind") == "Component"
}

fn check_kind(kustomization: &mut Value, root: &str) -> Result<(), Wrong> {
    if kustomization.text("kind").is_empty() {
        kustomization.set("kind", "Kustomization");
    }
    let kind = kustomization.text("kind");
    let version = match kind {
        "Component" => "kustomize.config.k8s.io/v1alpha1",
        _ => "kustomize.config.k8s.io/v1beta1",
    };
    let mut wrong = Vec::new();
    if kind != "Kustomization" && kind != "Component" {
        wrong.push("kind should be Kustomization or Component".to_owned());
    }
    if !["", version].contains(&kustomization.text("apiVersion")) {
        wrong.push(format!("apiVersion for {kind} should be {version}"));
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("Failed to read kustomization file under {root}:\n{}", wrong.join("\n")).into())
}

/// Where a field stands that is told of by its name alone.
fn place(path: &str, node: Option<&Node>, name: &str) -> String {
    match node.and_then(|node| line_of(node, name)) {
        Some(line) => format!("{path}:{line}"),
        None => path.to_owned(),
    }
}

fn line_of(node: &Node, name: &str) -> Option<usize> {
    match node.is() {
        Is::Map(entries) => {
            let own = entries.iter().find(|(key, _)| key.text() == Some(name)).map(|(key, _)| key.at.0);
            own.or_else(|| entries.iter().find_map(|(_, value)| line_of(value, name)))
        }
        Is::List(items) => items.iter().find_map(|item| line_of(item, name)),
        Is::Scalar(_) | Is::Alias(_) => None,
    }
}

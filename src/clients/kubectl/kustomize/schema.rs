//! The fields of a kustomization (`api/types`), and how Go's decoder reads them: what it does not know or take is an error.

use super::wrong::Wrong;
use crate::golang::json::noun;
use crate::json::{Map, Value};

/// What a field holds.
#[derive(Clone, Copy)]
pub(super) enum Is {
    /// Text, of a Go type.
    Text(&'static str),
    Flag,
    Whole,
    /// A map of texts.
    Texts,
    /// A list.
    List(&'static Is),
    Struct(&'static Struct),
    /// Anything: not looked into.
    Any,
}

/// A struct of Go's.
pub(super) struct Struct {
    name: &'static str,
    fields: &'static [Field],
}

/// A field; before its name stand those of the structs that are embedded (`ResId.name`).
pub(super) struct Field {
    path: &'static str,
    is: Is,
    is_modelled: bool,
}

impl Field {
    pub(super) fn name(&self) -> &'static str {
        self.path.rsplit('.').next().unwrap_or(self.path)
    }
}

const fn field(path: &'static str, is: Is) -> Field {
    Field { path, is, is_modelled: true }
}

const fn text(path: &'static str) -> Field {
    field(path, TEXT)
}

/// One that is known and not modelled.
const fn other(path: &'static str) -> Field {
    Field { path, is: Is::Any, is_modelled: false }
}

const TEXT: Is = Is::Text("string");
const TEXT_LIST: Is = Is::List(&TEXT);

const LABEL: Struct = Struct {
    name: "Label",
    fields: &[
        field("pairs", Is::Texts),
        field("includeSelectors", Is::Flag),
        field("includeTemplates", Is::Flag),
        field("fields", Is::List(&Is::Struct(&FIELD_SPEC))),
    ],
};
const FIELD_SPEC: Struct = Struct {
    name: "FieldSpec",
    fields: &[
        text("Gvk.group"),
        text("Gvk.version"),
        text("Gvk.kind"),
        text("path"),
        field("create", Is::Flag),
    ],
};
const SELECTOR: Struct = Struct {
    name: "Selector",
    fields: &[
        text("ResId.Gvk.group"),
        text("ResId.Gvk.version"),
        text("ResId.Gvk.kind"),
        text("ResId.name"),
        text("ResId.namespace"),
        text("annotationSelector"),
        text("labelSelector"),
    ],
};
const PATCH_ARGS: Struct = Struct {
    name: "PatchArgs",
    fields: &[field("allowNameChange", Is::Flag), field("allowKindChange", Is::Flag)],
};
const PATCH: Struct = Struct {
    name: "Patch",
    fields: &[
        text("path"),
        text("patch"),
        field("target", Is::Struct(&SELECTOR)),
        field("options", Is::Struct(&PATCH_ARGS)),
    ],
};
const GENERATOR_OPTIONS: Struct = Struct {
    name: "GeneratorOptions",
    fields: &[
        field("labels", Is::Texts),
        field("annotations", Is::Texts),
        field("disableNameSuffixHash", Is::Flag),
        field("immutable", Is::Flag),
    ],
};

/// What both generators take.
macro_rules! generator {
    ($name:literal $(, $more:expr)*) => {
        Struct {
            name: $name,
            fields: &[
                text("GeneratorArgs.namespace"),
                text("GeneratorArgs.name"),
                text("GeneratorArgs.behavior"),
                field("GeneratorArgs.KvPairSources.literals", TEXT_LIST),
                field("GeneratorArgs.KvPairSources.files", TEXT_LIST),
                field("GeneratorArgs.KvPairSources.envs", TEXT_LIST),
                text("GeneratorArgs.KvPairSources.env"),
                field("GeneratorArgs.options", Is::Struct(&GENERATOR_OPTIONS)),
                $($more)*
            ],
        }
    };
}

const CONFIG_MAP_ARGS: Struct = generator!("ConfigMapArgs");
const SECRET_ARGS: Struct = generator!("SecretArgs", text("type"));
const IMAGE: Struct = Struct {
    name: "Image",
    fields: &[text("name"), text("newName"), text("tagSuffix"), text("newTag"), text("digest")],
};
const REPLICA: Struct = Struct { name: "Replica", fields: &[text("name"), field("count", Is::Whole)] };
const LEGACY_SORT_OPTIONS: Struct = Struct {
    name: "LegacySortOptions",
    fields: &[field("orderFirst", TEXT_LIST), field("orderLast", TEXT_LIST)],
};
const SORT_OPTIONS: Struct = Struct {
    name: "SortOptions",
    fields: &[text("order"), field("legacySortOptions", Is::Struct(&LEGACY_SORT_OPTIONS))],
};
const OBJECT_META: Struct = Struct {
    name: "ObjectMeta",
    fields: &[text("name"), text("namespace"), field("labels", Is::Texts), field("annotations", Is::Texts)],
};
const PATCH_LIST: Is = Is::List(&Is::Struct(&PATCH));
const IMAGE_LIST: Is = Is::List(&Is::Struct(&IMAGE));

/// The kustomization itself.
pub(super) const KUSTOMIZATION: Struct = Struct {
    name: "Kustomization",
    fields: &[
        text("TypeMeta.kind"),
        text("TypeMeta.apiVersion"),
        field("metadata", Is::Struct(&OBJECT_META)),
        text("namePrefix"),
        text("nameSuffix"),
        text("namespace"),
        field("commonLabels", Is::Texts),
        field("labels", Is::List(&Is::Struct(&LABEL))),
        field("commonAnnotations", Is::Texts),
        field("patchesStrategicMerge", Is::List(&Is::Text("types.PatchStrategicMerge"))),
        field("patchesJson6902", PATCH_LIST),
        field("patches", PATCH_LIST),
        field("images", IMAGE_LIST),
        field("imageTags", IMAGE_LIST),
        field("replicas", Is::List(&Is::Struct(&REPLICA))),
        field("sortOptions", Is::Struct(&SORT_OPTIONS)),
        field("resources", TEXT_LIST),
        field("components", TEXT_LIST),
        field("bases", TEXT_LIST),
        field("configMapGenerator", Is::List(&Is::Struct(&CONFIG_MAP_ARGS))),
        field("secretGenerator", Is::List(&Is::Struct(&SECRET_ARGS))),
        field("generatorOptions", Is::Struct(&GENERATOR_OPTIONS)),
        other("openapi"),
        other("replacements"),
        other("vars"),
        other("crds"),
        other("helmGlobals"),
        other("helmCharts"),
        other("helmChartInflationGenerator"),
        other("configurations"),
        other("generators"),
        other("transformers"),
        other("validators"),
        other("buildMetadata"),
    ],
};

/// What a value lacks to be read: the first thing that Go's decoder objects to.
pub(super) enum Refused {
    /// A field that is not known, with those that are.
    Unknown(String, Vec<&'static str>),
    /// A field that is known and not modelled here.
    NotModelled(&'static str),
    /// A value of another type.
    Mistyped(String),
}

impl From<Refused> for Wrong {
    fn from(refused: Refused) -> Wrong {
        match refused {
            Refused::Unknown(name, _) => format!("json: unknown field {name:?}"),
            Refused::NotModelled(name) => format!("`{name}` of a kustomization is not modelled"),
            Refused::Mistyped(text) => text,
        }
        .into()
    }
}

/// Reads a value as a struct: the fields under the names that Go's type gives them, without those that are null.
pub(super) fn decode(value: &Value, of: &Struct) -> Result<Value, Refused> {
    match value {
        Value::Object(map) => decode_struct(map, of, ""),
        Value::Null => Ok(Value::Object(Map::new())),
        other => Err(Refused::Mistyped(format!(
            "json: cannot unmarshal {} into Go value of type types.{}",
            noun(other),
            of.name
        ))),
    }
}

fn decode_struct(map: &Map, of: &Struct, path: &str) -> Result<Value, Refused> {
    let mut read = Map::new();
    for (name, value) in map {
        let known = of.fields.iter();
        let mut exact = known.clone().filter(|field| field.name() == name);
        let alike = || known.clone().find(|field| field.name().eq_ignore_ascii_case(name));
        let Some(field) = exact.next().or_else(alike) else {
            return Err(Refused::Unknown(name.to_string(), of.fields.iter().map(Field::name).collect()));
        };
        if value.is_null() {
            continue;
        }
        if !field.is_modelled {
            return Err(Refused::NotModelled(field.name()));
        }
        let path = if path.is_empty() { field.path.to_owned() } else { format!("{path}.{}", field.path) };
        read.insert(field.name(), decode_value(value, field.is, of.name, &path)?);
    }
    Ok(Value::Object(read))
}

fn decode_value(value: &Value, is: Is, of: &str, path: &str) -> Result<Value, Refused> {
    let plain = |value: &Value, is: &Is| {
        if value.is_null() {
            return Ok(Value::from(""));
        }
        decode_value(value, *is, of, path)
    };
    match (is, value) {
        (Is::Any, _) | (Is::Text(_), Value::String(_)) | (Is::Flag, Value::Bool(_)) => Ok(value.clone()),
        (Is::Whole, Value::Number(number)) if number.is_i64() => Ok(value.clone()),
        (Is::Whole, Value::Number(number)) => Err(mistyped(&format!("number {number}"), is, of, path)),
        (Is::Texts, Value::Object(map)) => {
            let entries = map.iter().map(|(key, value)| Ok((key.clone(), plain(value, &TEXT)?)));
            entries.collect::<Result<Map, Refused>>().map(Value::Object)
        }
        (Is::List(items), Value::Array(list)) => {
            list.iter().map(|item| plain(item, items)).collect::<Result<Vec<_>, _>>().map(Value::from)
        }
        (Is::Struct(of), Value::Object(map)) => decode_struct(map, of, path),
        (is, value) => Err(mistyped(noun(value), is, of, path)),
    }
}

fn mistyped(found: &str, is: Is, of: &str, path: &str) -> Refused {
    let wanted = go_type(is);
    Refused::Mistyped(format!(
        "json: cannot unmarshal {found} into Go struct field {of}.{path} of type {wanted}"
    ))
}

fn go_type(is: Is) -> String {
    match is {
        Is::Text(name) => name.to_owned(),
        Is::Flag => "bool".to_owned(),
        Is::Whole => "int64".to_owned(),
        Is::Texts => "map[string]string".to_owned(),
        Is::List(items) => format!("[]{}", go_type(*items)),
        Is::Struct(of) => format!("types.{}", of.name),
        Is::Any => "interface {}".to_owned(),
    }
}

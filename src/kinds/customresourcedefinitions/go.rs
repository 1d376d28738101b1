//! Versions, schemas and rules as a message shows them: what Kubernetes holds in memory, printed by Go.
//!
//! A pointer is an address in Go's syntax, by chance; here it is the same everywhere.

use crate::api::Dig;
use crate::api::Version;
use crate::api::field::{go_json, go_strings, quote};
use crate::api::schema::schema as types;
use crate::json::Value;

/// A type of Go.
pub(super) struct Struct {
    /// Its name in the internal package.
    name: &'static str,
    /// The type of the API that says in which releases a field is there.
    api: &'static str,
    /// Go's name, the API's name and the type of each field.
    fields: &'static [(&'static str, &'static str, Type)],
}

/// The type of a field.
enum Type {
    Text,
    Flag,
    Number,
    Texts,
    /// A list of values of any type.
    Values,
    /// A pointer to a type, and how JSON shows what it points to.
    To(&'static str, Shown),
    /// A list of structs; its type's name where it has one of its own.
    List(&'static Struct, Option<&'static str>),
    /// A list of schemas.
    SchemaList,
    /// A map of schemas, with its type's name.
    Schemas(&'static str),
    /// What a schema depends on: further schemas or names.
    Dependencies,
}

/// How JSON shows a pointer's target.
enum Shown {
    AsItIs,
    As(&'static Struct),
    Schema,
    /// A schema or several of them.
    SchemaOrArray,
    /// A schema, or whether anything is allowed.
    SchemaOrBool,
}

use Shown::{As, AsItIs, Schema, SchemaOrArray, SchemaOrBool};
use Type::{Dependencies, Flag, List, Number, SchemaList, Schemas, Text, Texts, To, Values};

const STRING: Type = To("string", AsItIs);
const INT: Type = To("int64", AsItIs);
const FLOAT: Type = To("float64", AsItIs);
const BOOL: Type = To("bool", AsItIs);
const JSON: Type = To("apiextensions.JSON", AsItIs);
const SCHEMA_MAP: Type = Schemas("map[string]apiextensions.JSONSchemaProps");
const OR_BOOL: Type = To("apiextensions.JSONSchemaPropsOrBool", SchemaOrBool);

pub(super) static SCHEMA: Struct = Struct {
    name: "apiextensions.JSONSchemaProps",
    api: "apiextensions.v1.JSONSchemaProps",
    fields: &[
        ("ID", "id", Text),
        ("Schema", "$schema", Text),
        ("Ref", "$ref", STRING),
        ("Description", "description", Text),
        ("Type", "type", Text),
        ("Nullable", "nullable", Flag),
        ("Format", "format", Text),
        ("Title", "title", Text),
        ("Default", "default", JSON),
        ("Maximum", "maximum", FLOAT),
        ("ExclusiveMaximum", "exclusiveMaximum", Flag),
        ("Minimum", "minimum", FLOAT),
        ("ExclusiveMinimum", "exclusiveMinimum", Flag),
        ("MaxLength", "maxLength", INT),
        ("MinLength", "minLength", INT),
        ("Pattern", "pattern", Text),
        ("MaxItems", "maxItems", INT),
        ("MinItems", "minItems", INT),
        ("UniqueItems", "uniqueItems", Flag),
        ("MultipleOf", "multipleOf", FLOAT),
        ("Enum", "enum", Values),
        ("MaxProperties", "maxProperties", INT),
        ("MinProperties", "minProperties", INT),
        ("Required", "required", Texts),
        ("Items", "items", To("apiextensions.JSONSchemaPropsOrArray", SchemaOrArray)),
        ("AllOf", "allOf", SchemaList),
        ("OneOf", "oneOf", SchemaList),
        ("AnyOf", "anyOf", SchemaList),
        ("Not", "not", To("apiextensions.JSONSchemaProps", Schema)),
        ("Properties", "properties", SCHEMA_MAP),
        ("AdditionalProperties", "additionalProperties", OR_BOOL),
        ("PatternProperties", "patternProperties", SCHEMA_MAP),
        ("Dependencies", "dependencies", Dependencies),
        ("AdditionalItems", "additionalItems", OR_BOOL),
        ("Definitions", "definitions", Schemas("apiextensions.JSONSchemaDefinitions")),
        ("ExternalDocs", "externalDocs", To("apiextensions.ExternalDocumentation", As(&DOCS))),
        ("Example", "example", JSON),
        ("XPreserveUnknownFields", "x-kubernetes-preserve-unknown-fields", BOOL),
        ("XEmbeddedResource", "x-kubernetes-embedded-resource", Flag),
        ("XIntOrString", "x-kubernetes-int-or-string", Flag),
        ("XListMapKeys", "x-kubernetes-list-map-keys", Texts),
        ("XListType", "x-kubernetes-list-type", STRING),
        ("XMapType", "x-kubernetes-map-type", STRING),
        ("XValidations", "x-kubernetes-validations", List(&RULE, Some("apiextensions.ValidationRules"))),
    ],
};

static DOCS: Struct = Struct {
    name: "apiextensions.ExternalDocumentation",
    api: "apiextensions.v1.ExternalDocumentation",
    fields: &[("Description", "description", Text), ("URL", "url", Text)],
};

static RULE: Struct = Struct {
    name: "apiextensions.ValidationRule",
    api: "apiextensions.v1.ValidationRule",
    fields: &[
        ("Rule", "rule", Text),
        ("Message", "message", Text),
        ("MessageExpression", "messageExpression", Text),
        ("Reason", "reason", To("apiextensions.FieldValueErrorReason", AsItIs)),
        ("FieldPath", "fieldPath", Text),
        ("OptionalOldSelf", "optionalOldSelf", BOOL),
    ],
};

static VERSION: Struct = Struct {
    name: "apiextensions.CustomResourceDefinitionVersion",
    api: "apiextensions.v1.CustomResourceDefinitionVersion",
    fields: &[
        ("Name", "name", Text),
        ("Served", "served", Flag),
        ("Storage", "storage", Flag),
        ("Deprecated", "deprecated", Flag),
        ("DeprecationWarning", "deprecationWarning", STRING),
        ("Schema", "schema", To("apiextensions.CustomResourceValidation", As(&VALIDATION))),
        ("Subresources", "subresources", To("apiextensions.CustomResourceSubresources", As(&SUBRESOURCES))),
        ("AdditionalPrinterColumns", "additionalPrinterColumns", List(&COLUMN, None)),
        ("SelectableFields", "selectableFields", List(&SELECTABLE, None)),
    ],
};

static VALIDATION: Struct = Struct {
    name: "apiextensions.CustomResourceValidation",
    api: "apiextensions.v1.CustomResourceValidation",
    fields: &[("OpenAPIV3Schema", "openAPIV3Schema", To("apiextensions.JSONSchemaProps", Schema))],
};

static SUBRESOURCES: Struct = Struct {
    name: "apiextensions.CustomResourceSubresources",
    api: "apiextensions.v1.CustomResourceSubresources",
    fields: &[
        ("Status", "status", To("apiextensions.CustomResourceSubresourceStatus", AsItIs)),
        ("Scale", "scale", To("apiextensions.CustomResourceSubresourceScale", As(&SCALE))),
    ],
};

static SCALE: Struct = Struct {
    name: "apiextensions.CustomResourceSubresourceScale",
    api: "apiextensions.v1.CustomResourceSubresourceScale",
    fields: &[
        ("SpecReplicasPath", "specReplicasPath", Text),
        ("StatusReplicasPath", "statusReplicasPath", Text),
        ("LabelSelectorPath", "labelSelectorPath", STRING),
    ],
};

static COLUMN: Struct = Struct {
    name: "apiextensions.CustomResourceColumnDefinition",
    api: "apiextensions.v1.CustomResourceColumnDefinition",
    fields: &[
        ("Name", "name", Text),
        ("Type", "type", Text),
        ("Format", "format", Text),
        ("Description", "description", Text),
        ("Priority", "priority", Number),
        ("JSONPath", "jsonPath", Text),
    ],
};

static SELECTABLE: Struct = Struct {
    name: "apiextensions.SelectableField",
    api: "apiextensions.v1.SelectableField",
    fields: &[("JSONPath", "jsonPath", Text)],
};

/// A schema in Go's syntax and as JSON.
pub(super) fn schema(value: &Value, version: Version) -> (String, String) {
    SCHEMA.shown(value, version)
}

/// A rule in Go's syntax and as JSON.
pub(crate) fn rule(value: &Value, version: Version) -> (String, String) {
    RULE.shown(value, version)
}

/// A version in Go's syntax and as JSON.
pub(super) fn version(value: &Value, version: Version) -> (String, String) {
    VERSION.shown(value, version)
}

/// A list of versions in Go's syntax and as JSON.
pub(super) fn versions(value: &Value, version: Version) -> (String, String) {
    // An empty list is not the same as none.
    let go = match value {
        Value::Array(list) if list.is_empty() => format!("[]{}{{}}", VERSION.name),
        _ => VERSION.go_list("", value, version),
    };
    let json = if value.is_null() { "null".to_owned() } else { VERSION.json_list(value, version) };
    (go, json)
}

impl Struct {
    fn shown(&self, value: &Value, version: Version) -> (String, String) {
        (self.go(value, version), self.json(value, version))
    }

    /// Whether a release has a field.
    pub(super) fn has(&self, key: &str, version: Version) -> bool {
        types(version).definition(self.api).is_some_and(|definition| definition.field(key).is_some())
    }

    fn fields(&self, version: Version) -> impl Iterator<Item = &(&'static str, &'static str, Type)> {
        self.fields.iter().filter(move |(_, key, _)| self.has(key, version))
    }

    fn go(&self, value: &Value, version: Version) -> String {
        let fields = self.fields(version);
        let fields: Vec<String> =
            fields.map(|(name, key, kind)| format!("{name}:{}", kind.go(value.at(key), version))).collect();
        format!("{}{{{}}}", self.name, fields.join(", "))
    }

    /// A list of such structs, whose type may have a name of its own.
    fn go_list(&self, name: &str, value: &Value, version: Version) -> String {
        let name = if name.is_empty() { format!("[]{}", self.name) } else { name.to_owned() };
        let items: Vec<String> = value.list("").iter().map(|item| self.go(item, version)).collect();
        if items.is_empty() { format!("{name}(nil)") } else { format!("{name}{{{}}}", items.join(", ")) }
    }

    fn json(&self, value: &Value, version: Version) -> String {
        let fields = self.fields(version);
        let fields: Vec<String> = fields
            .map(|(name, key, kind)| format!("\"{name}\":{}", kind.json(value.at(key), version)))
            .collect();
        format!("{{{}}}", fields.join(","))
    }

    fn json_list(&self, value: &Value, version: Version) -> String {
        let items: Vec<String> = value.list("").iter().map(|item| self.json(item, version)).collect();
        format!("[{}]", items.join(","))
    }
}

impl Type {
    fn go(&self, value: &Value, version: Version) -> String {
        let nothing = value.is_null();
        match self {
            Text => quote(value.text("")),
            Flag => value.flag("").to_string(),
            Texts if nothing => "[]string(nil)".to_owned(),
            Texts => go_strings(value.texts("")),
            Values if nothing => "[]apiextensions.JSON(nil)".to_owned(),
            Values => {
                let shown = |value: &Value| match value {
                    Value::Null => "interface {}(nil)".to_owned(),
                    Value::String(text) => quote(text),
                    other => other.to_string(),
                };
                let values: Vec<String> = value.list("").iter().map(shown).collect();
                format!("[]apiextensions.JSON{{{}}}", values.join(", "))
            }
            Number => value.as_i64().unwrap_or_default().to_string(),
            To(name, _) if nothing => format!("(*{name})(nil)"),
            To(name, _) => format!("(*{name})(0xc000000000)"),
            List(of, own) => of.go_list(own.unwrap_or_default(), value, version),
            SchemaList => SCHEMA.go_list("", value, version),
            Schemas(name) if nothing => format!("{name}(nil)"),
            Schemas(name) => {
                let entries = value.entries("");
                let entries: Vec<String> = entries
                    .map(|(key, item)| format!("{}:{}", quote(key), SCHEMA.go(item, version)))
                    .collect();
                format!("{name}{{{}}}", entries.join(", "))
            }
            Dependencies if nothing => "apiextensions.JSONSchemaDependencies(nil)".to_owned(),
            Dependencies => "apiextensions.JSONSchemaDependencies{}".to_owned(),
        }
    }

    fn json(&self, value: &Value, version: Version) -> String {
        let nothing = value.is_null();
        match self {
            Text => go_json(&value.text("").into()),
            Flag => value.flag("").to_string(),
            Number => value.as_i64().unwrap_or_default().to_string(),
            _ if nothing => "null".to_owned(),
            Texts | Values | To(_, AsItIs) => go_json(value),
            To(_, As(of)) => of.json(value, version),
            To(_, Schema) => SCHEMA.json(value, version),
            To(_, SchemaOrArray) => match value {
                Value::Array(_) => {
                    format!("{{\"Schema\":null,\"JSONSchemas\":{}}}", SCHEMA.json_list(value, version))
                }
                _ => format!("{{\"Schema\":{},\"JSONSchemas\":null}}", SCHEMA.json(value, version)),
            },
            To(_, SchemaOrBool) => match value {
                Value::Bool(allows) => format!("{{\"Allows\":{allows},\"Schema\":null}}"),
                _ => format!("{{\"Allows\":true,\"Schema\":{}}}", SCHEMA.json(value, version)),
            },
            List(of, _) => of.json_list(value, version),
            SchemaList => SCHEMA.json_list(value, version),
            Schemas(_) => {
                let entries = value.entries("");
                entries_json(entries.map(|(key, item)| (key, SCHEMA.json(item, version))))
            }
            Dependencies => entries_json(value.entries("").map(|(key, item)| {
                let (schema, names) = match item {
                    Value::Array(_) => ("null".to_owned(), go_json(item)),
                    _ => (SCHEMA.json(item, version), "null".to_owned()),
                };
                (key, format!("{{\"Schema\":{schema},\"Property\":{names}}}"))
            })),
        }
    }
}

fn entries_json<'a>(entries: impl Iterator<Item = (&'a crate::json::Text, String)>) -> String {
    let entries: Vec<String> =
        entries.map(|(key, value)| format!("{}:{value}", go_json(&key.as_str().into()))).collect();
    format!("{{{}}}", entries.join(","))
}

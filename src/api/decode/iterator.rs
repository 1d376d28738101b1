//! Why json-iterator can't make an object of a text: the way that it goes through Go's types, byte by byte
//! (`reflect_struct_decoder.go` and its neighbours in `github.com/json-iterator/go`).
//!
//! It is asked where an object was found not to fit its type; what the objects are is [`super::fields`]' matter.

use super::gotypes::{go_type, is_pointer, list, way};
use super::{fields, schemas};
use crate::api::Version;
use crate::api::schema::{self, Definition, Field, Schema, Type};
use crate::golang::base64::{self, Encoding};
use crate::golang::iterator::{Iter, Width, go_text};
use crate::golang::json::{self, Json};

/// Structs with more fields are read by another reader.
const SMALL_MAX: usize = 10;

/// The error in a text that should be an object of a definition.
pub(super) fn error(text: &[u8], definition: &'static Definition, version: Version) -> Option<String> {
    let mut walker = Walker { iter: Iter::new(text), schema: schema::schema(version), version };
    walker.object(definition);
    walker.iter.finish()
}

/// The error in a text that is an object of no type; `unfit` tells what is wrong with it as a whole.
pub(super) fn untyped_error(text: &[u8], unfit: impl FnOnce(&[u8]) -> Option<String>) -> Option<String> {
    let mut iter = Iter::new(text);
    own(&mut iter, unfit);
    iter.finish()
}

/// A value whose type reads it by itself (`unmarshalerDecoder`).
fn own(iter: &mut Iter<'_>, unfit: impl FnOnce(&[u8]) -> Option<String>) {
    let text = iter.skipped();
    if let Some(why) = unfit(text) {
        iter.report("unmarshalerDecoder", &why);
    }
}

struct Walker<'a> {
    iter: Iter<'a>,
    schema: &'static Schema,
    version: Version,
}

impl<'a> Walker<'a> {
    /// A struct.
    fn object(&mut self, definition: &'static Definition) {
        let fields = definition.fields().len();
        if fields == 0 {
            return self.nothing();
        }
        if !self.iter.object_start() {
            return;
        }
        let type_name = format!("{}.", definition.go_name());
        if fields <= SMALL_MAX {
            loop {
                let key = self.iter.small_key();
                self.entry(definition, key.as_deref());
                if self.iter.small_end() {
                    break;
                }
            }
            return self.iter.name(&type_name);
        }
        let end = loop {
            let key = self.iter.key();
            self.entry(definition, Some(&key));
            match self.iter.next_token() {
                b',' => {}
                end => break end,
            }
        };
        self.iter.name(&type_name);
        if end != b'}' {
            self.iter.unexpected("struct Decode", "expect }", end);
        }
    }

    /// A struct that has no fields (`skipObjectDecoder`).
    fn nothing(&mut self) {
        match self.iter.what_is_next() {
            b'{' | b'n' => self.iter.skip(),
            _ => self.iter.report("skipObjectDecoder", "expect object or null"),
        }
    }

    /// What stands behind a key of a struct.
    fn entry(&mut self, definition: &'static Definition, key: Option<&[u8]>) {
        let key = key.and_then(|key| std::str::from_utf8(key).ok());
        let Some(field) = key.and_then(|key| definition.field(key)) else {
            return self.iter.skip();
        };
        if !(is_pointer(field) && self.iter.null()) {
            match schemas::is_union(definition, field) {
                true => self.union(definition, field),
                false => self.value(&field.kind, list(definition, field)),
            }
        }
        for name in way(definition, field).iter().rev() {
            self.iter.name(&format!("{name}: "));
        }
    }

    /// A value that is a schema or something else.
    fn union(&mut self, definition: &'static Definition, field: &'static Field) {
        let version = self.version;
        let why = |text: &[u8]| fields::union_error(parsed(text)?, definition, field, version);
        own(&mut self.iter, why);
    }

    /// A value of a type; `list` is Go's name of a list in it, where it has one.
    fn value(&mut self, kind: &'static Type, list: Option<&'static str>) {
        match kind {
            Type::String => drop(self.iter.string()),
            Type::Bool => self.plain(Iter::boolean),
            Type::Double => self.plain(Iter::float),
            Type::Int32 => self.plain(|iter| iter.integer(Width::Int32)),
            Type::Int64 => self.plain(|iter| iter.integer(Width::Int64)),
            Type::Bytes => self.bytes(),
            Type::List(item) => {
                let name = list.map_or_else(|| go_type(kind), str::to_owned);
                self.list(&name, |walker| walker.value(item, None));
            }
            Type::Map(item) => self.map(item, list),
            Type::Any | Type::IntOrString | Type::Quantity | Type::Time | Type::MicroTime => {
                self.by_itself(kind)
            }
            Type::Object(_) => match self.schema.of_type(kind) {
                Some(definition) => self.object(definition),
                None => self.by_itself(&Type::Any),
            },
        }
    }

    /// A value of a type that null is passed over for.
    fn plain(&mut self, read: impl FnOnce(&mut Iter<'a>)) {
        if !self.iter.null() {
            read(&mut self.iter);
        }
    }

    fn by_itself(&mut self, kind: &'static Type) {
        let version = self.version;
        own(&mut self.iter, |text| fields::error(parsed(text)?, kind, version));
    }

    fn bytes(&mut self) {
        if self.iter.null() {
            return;
        }
        match self.iter.what_is_next() {
            b'"' => {
                let text = self.iter.string();
                if let Err(why) = base64::decode(&go_text(&text), Encoding::Standard) {
                    self.iter.report("decode base64", &why);
                }
            }
            b'[' => self.list("[]uint8", |walker| walker.plain(|iter| iter.integer(Width::Byte))),
            _ => self.iter.report("base64Codec", "invalid input"),
        }
    }

    fn list(&mut self, name: &str, item: impl FnMut(&mut Self)) {
        self.items(item);
        self.iter.name(&format!("{name}: "));
    }

    fn items(&mut self, mut item: impl FnMut(&mut Self)) {
        const OPERATION: &str = "decode slice";
        match self.iter.next_token() {
            b'[' => {}
            b'n' => return self.iter.rest_of_null(),
            found => return self.iter.unexpected(OPERATION, "expect [ or n", found),
        }
        if self.iter.next_token() == b']' {
            return;
        }
        self.iter.put_back();
        loop {
            item(self);
            match self.iter.next_token() {
                b',' => {}
                b']' => return,
                found => return self.iter.unexpected(OPERATION, "expect ]", found),
            }
        }
    }

    fn map(&mut self, item: &'static Type, list: Option<&'static str>) {
        const OPERATION: &str = "ReadMapCB";
        match self.iter.next_token() {
            b'{' => {}
            b'n' => return self.iter.rest_of_null(),
            found => return self.iter.unexpected(OPERATION, "expect { or n", found),
        }
        if self.iter.next_token() == b'}' {
            return;
        }
        self.iter.put_back();
        loop {
            self.iter.string();
            let colon = self.iter.next_token();
            if colon != b':' {
                return self.iter.unexpected(OPERATION, "expect : after object field", colon);
            }
            self.value(item, list);
            match self.iter.next_token() {
                b',' => {}
                b'}' => return,
                found => return self.iter.unexpected(OPERATION, "expect }", found),
            }
        }
    }
}

/// A value that a type reads by itself; none where the text is broken off, which only happens behind an error.
fn parsed(text: &[u8]) -> Option<Json> {
    json::read(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, definition: &str) -> Option<String> {
        let version = Version::minor(20);
        let definition = schema::schema(version).definition(definition).expect("a definition");
        error(text.as_bytes(), definition, version)
    }

    /// An error that is found where the mark stands in the text: the text, and what is told.
    fn marked(text: &str, why: &str) -> (String, Option<String>) {
        let at = text.find('^').expect("a mark");
        let text = text.replace('^', "");
        let around = |size: usize| &text[at.saturating_sub(size)..text.len().min(at + size)];
        let (found, window, context) = (at.min(10), around(10), around(50));
        let told = format!(
            "{why}, error found in #{found} byte of ...|{window}|..., bigger context ...|{context}|..."
        );
        (text, Some(told))
    }

    #[test]
    fn errors_name_what_was_read_until_the_reader_stopped() {
        const STRING: &str = "ReadString: expects \" or n, but found 5";
        for (definition, text, why) in [
            ("ConfigMap", r#"{"data":{"a":5^}}"#, format!("v1.ConfigMap.Data: {STRING}")),
            // After the error of a field, the fields that the reader still gets to.
            (
                "ConfigMap",
                r#"{"data":{"a":5^},"kind":"ConfigMap","metadata":{"name":"c"}}"#,
                format!("v1.ConfigMap.ObjectMeta: v1.ObjectMeta.TypeMeta: Kind: Data: {STRING}"),
            ),
            (
                "ConfigMap",
                r#"{"data":{"a":5^},"zzz":{"b":1},"kind":"x"}"#,
                format!("v1.ConfigMap.Data: {STRING}"),
            ),
            (
                "ConfigMap",
                r#"{"data":{"a":5^},"apiVersion":"v1","immutable":true,"kind":"x"}"#,
                format!("v1.ConfigMap.Immutable: TypeMeta: APIVersion: Data: {STRING}"),
            ),
            (
                "ConfigMap",
                r#"{"data":"^x","immutable":true}"#,
                "v1.ConfigMap.Data: ReadMapCB: expect { or n, but found \"".to_owned(),
            ),
            (
                "ConfigMap",
                r#"{"immutable":"^true"}"#,
                "v1.ConfigMap.Immutable: ReadBool: expect t or f, but found \"".to_owned(),
            ),
            (
                "ConfigMap",
                r#"{"binaryData":{"a":[1,256^]}}"#,
                "v1.ConfigMap.BinaryData: []uint8: ReadUint8: overflow: 256".to_owned(),
            ),
            (
                "Secret",
                r#"{"data":{"a":"aG k="^}}"#,
                "v1.Secret.Data: decode base64: illegal base64 data at input byte 2".to_owned(),
            ),
            ("Secret", r#"{"data":{"a":^true}}"#, "v1.Secret.Data: base64Codec: invalid input".to_owned()),
            (
                "Pod",
                r#"{"metadata":{"creationTimestamp":1^},"spec":{"containers":[]}}"#,
                "v1.Pod.Spec: v1.PodSpec.ObjectMeta: v1.ObjectMeta.CreationTimestamp: unmarshalerDecoder: \
                 json: cannot unmarshal number into Go value of type string"
                    .to_owned(),
            ),
            ("Pod", r#"{"spec":{"serviceAccount":5^}}"#, format!("v1.Pod.Spec: v1.PodSpec.DeprecatedServiceAccount: {STRING}")),
            // Lists, and structs within structs.
            (
                "Container",
                r#"{"env":[{"valueFrom":{"secretKeyRef":{"name":5^}}}]}"#,
                format!(
                    "v1.Container.Env: []v1.EnvVar: v1.EnvVar.ValueFrom: v1.EnvVarSource.SecretKeyRef: \
                     v1.SecretKeySelector.LocalObjectReference: Name: {STRING}"
                ),
            ),
            (
                "Container",
                r#"{"livenessProbe":{"httpGet":{"path":5^}}}"#,
                format!(
                    "v1.Container.LivenessProbe: v1.Probe.Handler: HTTPGet: v1.HTTPGetAction.Path: {STRING}"
                ),
            ),
            (
                "SecurityContext",
                r#"{"capabilities":{"add":"^x"}}"#,
                "v1.SecurityContext.Capabilities: v1.Capabilities.Add: []v1.Capability: decode slice: \
                 expect [ or n, but found \""
                    .to_owned(),
            ),
            (
                "Container",
                r#"{"resources":{"limits":{"cpu":"x"^}}}"#,
                "v1.Container.Resources: v1.ResourceRequirements.Limits: unmarshalerDecoder: quantities must match \
                 the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
                    .to_owned(),
            ),
            // What follows a number that is none: small structs and large ones say it differently.
            (
                "Lifecycle",
                r#"{"preStop":{"httpGet":{"port":80},"exec":{}}1^}"#,
                "v1.Lifecycle.isObjectEnd: object ended prematurely, unexpected char 1".to_owned(),
            ),
            ("PodSpec", r#"{"priority":1E^1}"#, "struct Decode: expect }, but found E".to_owned()),
        ] {
            let (text, expected) = marked(text, &why);
            assert_eq!(told(&text, &format!("core.v1.{definition}")), expected);
        }
    }

    #[test]
    fn objects_without_an_error() {
        for (definition, text) in [
            ("core.v1.ConfigMap", "null"),
            (
                "core.v1.ConfigMap",
                r#" {"zzz": [{"a": 1}], "data": {"a": null, "b\u0061": "x"}, "immutable": null, "binaryData": {"a": [1, 2], "b": ""}} "#,
            ),
            (
                "core.v1.Pod",
                r#"{"spec": {"volumes": [{"name": "v", "emptyDir": {}}], "containers": [{"ports": null, "tty": true}]}}"#,
            ),
            (
                "apiextensions.v1.JSONSchemaProps",
                r#"{"items": {"type": "string"}, "additionalProperties": true, "maximum": 1.5, "default": {"a": 1}}"#,
            ),
        ] {
            assert_eq!(told(text, definition), None, "{text}");
        }
    }

    #[test]
    fn values_that_read_themselves() {
        const SCHEMA: &str = "apiextensions.v1.JSONSchemaProps";
        for (field, text, why) in [
            (
                "Items",
                r#"{"maxLength":1,"items":{"type":5}^}"#,
                "json: cannot unmarshal number into Go struct field JSONSchemaProps.type of type string",
            ),
            (
                "AdditionalProperties",
                r#"{"maxLength":1,"additionalProperties":"x"^}"#,
                "boolean or JSON schema expected",
            ),
        ] {
            let why = format!("v1.JSONSchemaProps.{field}: unmarshalerDecoder: {why}");
            let (text, expected) = marked(text, &why);
            assert_eq!(told(&text, SCHEMA), expected);
        }
        let (text, expected) = marked(" {\"a\": 1}^\n", "unmarshalerDecoder: {\"a\": 1} has no kind");
        let why = |value: &[u8]| Some(format!("{} has no kind", go_text(value)));
        assert_eq!(untyped_error(text.as_bytes(), why), expected);
    }
}

//! From the body of a request to an object (`endpoints/handlers`: negotiation, decoding, `transformDecodeError`).
//!
//! The body is JSON or YAML; kind and version that are missing are the route's. Unknown and doubled fields are dropped in
//! silence up to 1.24, and later as `fieldValidation` says.
//!
//! # Differs from Kubernetes
//!
//! json-iterator (up to 1.22) refuses a number beyond all floats in a field that the type does not have, too; here it is dropped.

use super::schema::{self, Definition};
use super::{Dig, Payload, Resource, Status, Version};
use crate::api::differences::{BAD_BODY_IS_BAD_REQUEST, FIELD_VALIDATION, OWN_JSON_READER, SCHEME_MOVED};
use crate::golang::iterator::go_text;
use crate::golang::json::{self, Json};
use crate::golang::yaml;
use crate::json::Value;
use std::borrow::Cow;

mod custom;
mod fields;
mod gotypes;
mod iterator;
mod patched;
mod protobuf;
mod schemas;
mod shape;

pub(crate) use custom::check_version;
use fields::Reader;
pub(crate) use gotypes::{Cell, cells, go_name};
pub(crate) use protobuf::order;
pub(crate) use shape::{Misfit, Wrong, misfit};

/// The media type of protobuf bodies.
const PROTOBUF: &str = "application/vnd.kubernetes.protobuf";
/// The group of definitions.
const DEFINITIONS: &str = "apiextensions.k8s.io";

/// What becomes of fields that a type does not have, or that come twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FieldValidation {
    /// They are dropped.
    Ignore,
    /// They are dropped, and the answer has a warning for each.
    Warn,
    /// The request is refused.
    Strict,
}

impl FieldValidation {
    /// What a request's `fieldValidation` asks for; before 1.25 the parameter is not known.
    pub(crate) fn of(version: Version, parameter: &str) -> FieldValidation {
        match parameter {
            _ if !version.has(FIELD_VALIDATION) => FieldValidation::Ignore,
            "Ignore" => FieldValidation::Ignore,
            "Strict" => FieldValidation::Strict,
            _ => FieldValidation::Warn,
        }
    }
}

/// An object that was read.
#[derive(Clone, Debug)]
pub(crate) struct Decoded {
    /// The object, with kind and apiVersion, without what its type does not have.
    pub object: Value,
    /// The texts of the warnings that the answer carries.
    pub warnings: Vec<String>,
}

/// Reads the body of a request that creates or replaces an object of a resource.
pub(crate) fn decode(
    body: &Payload,
    content_type: &str,
    resource: &Resource,
    version: Version,
    validation: FieldValidation,
) -> Result<Decoded, Status> {
    let unrecognized = |why: String| {
        Status::bad_request(format!(
            "the object provided is unrecognized (must be of type {}): {why} ({})",
            resource.kind,
            summary(body)
        ))
    };
    let of = (&*resource.kind_group, &*resource.kind_version, &*resource.kind);
    let body = Body { payload: body, content_type };
    let yaml::Document { json: node, repeated } = body.read(version, of)?.map_err(unrecognized)?;
    let repeated = strict_error(repeated);
    let given = Given::of(&node, resource).map_err(unrecognized)?;
    let refused = |why: String| {
        Status::bad_request(format!(
            "{} in version \"{}\" cannot be handled as a {}: {why}",
            given.kind, given.version, resource.kind
        ))
    };
    if let Some(custom) = resource.custom_objects() {
        let unread = |why: custom::Unread| {
            let kind_missing = |text: &[u8]| format!("Object 'Kind' is missing in '{}'", go_text(text));
            let by_iterator = |why: &dyn Fn(&[u8]) -> String| {
                let text = body.as_json().filter(|_| !version.has(OWN_JSON_READER))?;
                iterator::untyped_error(&text, |value| Some(why(value)))
            };
            match why {
                custom::Unread::NoKind => match by_iterator(&kind_missing) {
                    Some(why) => refused(why),
                    None => unrecognized(kind_missing(body.payload)),
                },
                custom::Unread::Unfit(why) => refused(by_iterator(&|_| why.clone()).unwrap_or(why)),
                custom::Unread::Refused(status) => status,
            }
        };
        return custom::decode(node, repeated, resource, custom, version, validation).map_err(unread);
    }
    let Some(definition) = given.definition(version).filter(|_| given.is_known_beside(resource)) else {
        if given.is_of(resource) {
            return unstructured(node, resource).map_err(refused);
        }
        return Err(refused(given.not_registered(resource, version)));
    };
    let converted = of_text(node, definition, version, || body.as_json()).map_err(refused)?;
    let decoded = finish(converted, repeated, resource, validation).map_err(refused)?;
    if given.kind != resource.kind {
        let internal = match resource.kind_group.split('.').next() {
            None | Some("") => "core",
            Some(package) => package,
        };
        return Err(refused(format!(
            "converting ({}.{}) to ({internal}.{}): unknown conversion",
            given.version, given.kind, resource.kind
        )));
    }
    if !given.is_accepted_by(resource) {
        return Err(Status::bad_request(format!(
            "the API version in the data ({}) does not match the expected API version ({})",
            given.api_version(),
            resource.kind_api_version()
        )));
    }
    Ok(decoded)
}

/// An object that was made from another one, by a patch or a webhook.
pub(crate) struct Made<'a> {
    pub(crate) object: Value,
    /// Whether it is read as a map (`runtime.DefaultUnstructuredConverter`), not as JSON.
    pub(crate) by_map: bool,
    /// What strict reading objected to before.
    pub(crate) told: Vec<String>,
    /// What it was made of, for whoever must tell how it was written; null where that is not known.
    pub(crate) before: &'a dyn Fn() -> Value,
}

/// Gives an object that was made from another one the form of its type; the error is the decoder's.
pub(crate) fn made(
    made: Made<'_>,
    resource: &Resource,
    version: Version,
    validation: FieldValidation,
) -> Result<Decoded, String> {
    let Made { object, by_map, told, before } = made;
    if !by_map {
        Given::of(&type_meta(&object), resource)?;
    }
    if let Some(custom) = resource.custom_objects() {
        return custom::typed(object, told, custom, version, validation);
    }
    match schema::schema(version).of_kind(&resource.kind_group, &resource.kind_version, &resource.kind) {
        Some(definition) => {
            let converted = match by_map {
                true => fields::convert(Json::from(object), definition, version, Reader::Map),
                false => of_tree(object, before, definition, version),
            };
            finish(converted?, told, resource, validation)
        }
        None => unstructured(Json::from(object), resource),
    }
}

/// What an object says of its kind.
fn type_meta(object: &Value) -> Json {
    match object {
        Value::Object(fields) => {
            let of_kind = fields.iter().filter(|(key, _)| matches!(key.as_str(), "apiVersion" | "kind"));
            Json::Map(of_kind.map(|(key, value)| (key.clone(), Json::from(value.clone()))).collect())
        }
        other => Json::from(other.clone()),
    }
}

/// The same, read as JSON.
pub(crate) fn typed(
    object: Value,
    resource: &Resource,
    version: Version,
    validation: FieldValidation,
) -> Result<Decoded, String> {
    let made = Made { object, by_map: false, told: Vec::new(), before: &|| Value::Null };
    self::made(made, resource, version, validation)
}

/// Gives an object that a webhook patched the form of the type that it says it is of; `before` is what it patched.
///
/// Differs from Kubernetes: that it has become an object of another kind is told at once, in words of ours.
pub(crate) fn typed_as_said(
    object: Value,
    before: &dyn Fn() -> Value,
    resource: &Resource,
    version: Version,
) -> Result<Value, String> {
    let (given, kind) = (object.text("apiVersion").to_owned(), object.text("kind").to_owned());
    if resource.custom.is_none()
        && (given.as_str(), kind.as_str()) != (&resource.kind_api_version(), &resource.kind)
    {
        let (group, of) = given.split_once('/').unwrap_or(("", &given));
        let said = Given { group: group.to_owned(), version: of.to_owned(), kind: kind.clone() };
        let Some(definition) = said.definition(version) else {
            return Err(said.not_registered(resource, version));
        };
        of_tree(object, before, definition, version)?;
        return Err(format!("a webhook's patch made a {kind} of a {}, which is not modelled", resource.kind));
    }
    let made = Made { object, by_map: false, told: Vec::new(), before };
    self::made(made, resource, version, FieldValidation::Ignore).map(|decoded| decoded.object)
}

/// The keys that stand twice in a text of JSON, as strict reading tells them.
pub(crate) fn repeated(text: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    if let Ok(node) = json::read(text) {
        custom::duplicates(&node, &mut String::new(), &mut found);
    }
    found
}

/// Gives metadata the form of its type: with it the fields that the type doesn't have, or the decoder's error
/// (`objectmeta.GetObjectMeta`).
pub(crate) fn metadata(value: Value, version: Version) -> Result<(Value, Vec<String>), String> {
    let Some(definition) = schema::schema(version).definition("meta.v1.ObjectMeta") else {
        return Ok((value, Vec::new()));
    };
    let fields::Converted { object, strict_errors } = of_tree(value, &|| Value::Null, definition, version)?;
    let name = |error: String| error.split('"').nth(1).map(str::to_owned);
    Ok((object, strict_errors.into_iter().filter_map(name).collect()))
}

/// Writes of an object what its type always has, where it was taken out.
pub(crate) fn complete(object: &mut Value, definition: &'static Definition, version: Version) {
    fields::complete(object, definition, version);
}

/// Reads the body of a deletion, which is empty or `DeleteOptions`. Where there is one, the query's options do not count.
///
/// For long, what cannot be read was the server's failure (500); the release that made it a bad request is a guess.
pub(crate) fn delete_options(body: &Payload, content_type: &str, version: Version) -> Result<Value, Status> {
    if body.is_empty() {
        return Ok(Value::Object(Default::default()));
    }
    let body = Body { payload: body, content_type };
    let node = body.read(version, ("", "", ""))?.map(|document| document.json);
    let of_kind = |node: Json| match node.get("kind") {
        Some(Json::String(kind)) if !kind.is_empty() && kind != "DeleteOptions" => Err(format!(
            "no kind \"{kind}\" is registered for version \"{}\" in scheme \"k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27\"",
            match node.get("apiVersion") {
                Some(Json::String(version)) => version,
                _ => "",
            }
        )),
        _ => Ok(node),
    };
    let converted = node.and_then(of_kind);
    let converted =
        converted.and_then(|node| match schema::schema(version).definition("meta.v1.DeleteOptions") {
            Some(definition) => {
                of_text(node, definition, version, || body.as_json()).map(|converted| converted.object)
            }
            None => node.into_value(),
        });
    converted.map_err(|why| match !version.has(BAD_BODY_IS_BAD_REQUEST) {
        true => Status::plain(500, "", why),
        false => Status::bad_request(why),
    })
}

/// Makes an object of what was read of a text; the error is in the words of the release's reader.
fn of_text<'a>(
    node: Json,
    definition: &'static Definition,
    version: Version,
    text: impl FnOnce() -> Option<Cow<'a, [u8]>>,
) -> Result<fields::Converted, String> {
    fields::convert(node, definition, version, Reader::Json).map_err(|why| {
        match version.has(OWN_JSON_READER) {
            true => why,
            false => text().and_then(|text| iterator::error(&text, definition, version)).unwrap_or(why),
        }
    })
}

/// The same of a value that a server wrote as JSON to read it again; it was made of the one before.
fn of_tree(
    value: Value,
    before: &dyn Fn() -> Value,
    definition: &'static Definition,
    version: Version,
) -> Result<fields::Converted, String> {
    let kept = (!version.has(OWN_JSON_READER)).then(|| value.clone());
    let written = |value: Value| {
        let ordered = patched::ordered(&value, &before(), definition, schema::schema(version));
        Cow::Owned(json::write(&ordered).into_bytes())
    };
    of_text(Json::from(value), definition, version, || kept.map(written))
}

/// An object of its type, with its kind.
fn finish(
    converted: fields::Converted,
    mut told: Vec<String>,
    resource: &Resource,
    validation: FieldValidation,
) -> Result<Decoded, String> {
    let fields::Converted { mut object, strict_errors } = converted;
    name_kind(&mut object, resource);
    told.extend(strict_errors);
    strictly(object, told, validation)
}

/// What becomes of an object to which strict decoding objects.
fn strictly(object: Value, told: Vec<String>, validation: FieldValidation) -> Result<Decoded, String> {
    match validation {
        FieldValidation::Strict if !told.is_empty() => {
            Err(format!("strict decoding error: {}", told.join(", ")))
        }
        FieldValidation::Warn => {
            let warnings = told.iter().flat_map(|error| match error.strip_prefix(YAML_ERRORS) {
                Some(errors) => errors.lines().map(str::trim).filter(|line| !line.is_empty()).collect(),
                None => vec![error.as_str()],
            });
            Ok(Decoded { warnings: warnings.map(str::to_owned).collect(), object })
        }
        FieldValidation::Ignore | FieldValidation::Strict => Ok(Decoded { object, warnings: Vec::new() }),
    }
}

/// How the error of a YAML reader begins that found more than one thing.
const YAML_ERRORS: &str = "yaml: unmarshal errors:";

/// The strict reader's one error for the keys that stand twice in YAML.
fn strict_error(repeated: Vec<String>) -> Vec<String> {
    match repeated.is_empty() {
        true => Vec::new(),
        false => vec![format!("{YAML_ERRORS}\n  {}", repeated.join("\n  "))],
    }
}

/// An object whose type is not known: as it is.
fn unstructured(node: Json, resource: &Resource) -> Result<Decoded, String> {
    let mut object = node.into_value()?;
    name_kind(&mut object, resource);
    Ok(Decoded { object, warnings: Vec::new() })
}

fn name_kind(object: &mut Value, resource: &Resource) {
    if let Value::Object(fields) = object {
        fields.insert("apiVersion".to_owned(), resource.kind_api_version().into());
        fields.insert("kind".to_owned(), (&*resource.kind).into());
    }
}

/// The kind that a body says it is of, with the route's where it says nothing.
struct Given {
    group: String,
    version: String,
    kind: String,
}

impl Given {
    fn of(node: &Json, resource: &Resource) -> Result<Given, String> {
        const META: &str = r#"struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }"#;
        let wrong = |what: &Json, place: &str, of: &str| {
            let what = what.noun();
            format!(
                "couldn't get version/kind; json parse error: json: cannot unmarshal {what} into Go {place} of type {of}"
            )
        };
        if !matches!(node, Json::Map(_) | Json::Null) {
            return Err(wrong(node, "value", META));
        }
        let text = |key: &str| match node.get(key) {
            None | Some(Json::Null) => Ok(String::new()),
            Some(Json::String(text)) => Ok(text.to_string()),
            Some(other) => Err(wrong(other, &format!("struct field .{key}"), "string")),
        };
        let (api_version, mut kind) = (text("apiVersion")?, text("kind")?);
        let (group, version) = match api_version.split_once('/') {
            None => ("", api_version.as_str()),
            Some((_, version)) if version.contains('/') => {
                return Err(format!("unexpected GroupVersion string: {api_version}"));
            }
            Some(parts) => parts,
        };
        if kind.is_empty() {
            kind = resource.kind.to_string();
        }
        let (group, version) = match (group, version) {
            ("", "") => (&*resource.kind_group, &*resource.kind_version),
            (group, "") if group == &*resource.kind_group => (group, &*resource.kind_version),
            given => given,
        };
        Ok(Given { group: group.to_owned(), version: version.to_owned(), kind })
    }

    fn api_version(&self) -> String {
        match self.group.as_str() {
            "" => self.version.clone(),
            group => format!("{group}/{}", self.version),
        }
    }

    fn definition(&self, version: Version) -> Option<&'static Definition> {
        schema::schema(version).of_kind(&self.group, &self.version, &self.kind)
    }

    fn is_of(&self, resource: &Resource) -> bool {
        self.kind == resource.kind
            && self.group == resource.kind_group
            && self.version == resource.kind_version
    }

    /// Evictions are taken in both of their versions.
    fn is_accepted_by(&self, resource: &Resource) -> bool {
        let eviction = resource.kind == "Eviction" && self.group == "policy" && resource.kind_version == "v1";
        self.is_of(resource) || eviction
    }

    /// The server of definitions has a scheme of its own.
    fn is_known_beside(&self, resource: &Resource) -> bool {
        *resource.kind_group != *DEFINITIONS || self.group == DEFINITIONS
    }

    fn not_registered(&self, resource: &Resource, version: Version) -> String {
        let scheme = match (&*resource.kind_group, version.has(SCHEME_MOVED)) {
            (DEFINITIONS, false) => "k8s.io/apiextensions-apiserver/pkg/apiserver/apiserver.go:52",
            (DEFINITIONS, true) => "k8s.io/apiextensions-apiserver/pkg/apiserver/apiserver.go:55",
            (_, false) => "pkg/api/legacyscheme/scheme.go:30",
            (_, true) => "pkg/runtime/scheme.go:111",
        };
        let (kind, api_version) = (&self.kind, self.api_version());
        format!("no kind \"{kind}\" is registered for version \"{api_version}\" in scheme \"{scheme}\"")
    }
}

/// The media type of a header; JSON where there is none that can be read (`mime.ParseMediaType`).
fn media_type(header: &str) -> String {
    let token = |text: &str| {
        let special = |b: u8| b"()<>@,;:\\\"/[]?=".contains(&b);
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() && !special(b))
    };
    let kind = header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let readable = match kind.split_once('/') {
        Some((kind, subkind)) => token(kind) && token(subkind),
        None => token(&kind),
    };
    if readable { kind } else { "application/json".to_owned() }
}

fn unsupported_media_type() -> Status {
    Status::plain(
        415,
        "UnsupportedMediaType",
        "the body of the request was in an unknown format - accepted media types include: \
         application/json, application/yaml, application/vnd.kubernetes.protobuf",
    )
}

/// A body that is JSON itself.
pub(crate) fn as_json<'a>(body: &'a [u8], content_type: &str) -> Option<&'a [u8]> {
    (media_type(content_type) == "application/json").then_some(body)
}

/// What a request carries.
#[derive(Clone, Copy)]
struct Body<'a> {
    payload: &'a Payload,
    content_type: &'a str,
}

impl<'a> Body<'a> {
    /// Its text as JSON, which YAML becomes before it is read; none of protobuf.
    fn as_json(self) -> Option<Cow<'a, [u8]>> {
        match media_type(self.content_type).as_str() {
            "application/json" => Some(Cow::Borrowed(self.payload)),
            "application/yaml" => {
                let document = yaml::read(&String::from_utf8_lossy(self.payload)).ok()?;
                Some(Cow::Owned(json::write(&document.json.sorted()).into_bytes()))
            }
            _ => None,
        }
    }

    /// Reads it; the inner error is the reader's.
    fn read(
        self,
        version: Version,
        of: (&str, &str, &str),
    ) -> Result<Result<yaml::Document, String>, Status> {
        let whole = |json: Json| yaml::Document { json, repeated: Vec::new() };
        Ok(match media_type(self.content_type).as_str() {
            "application/json" => match self.payload.value() {
                Some(value) => Ok(whole(Json::from(value.clone()))),
                None => parse_json(self.payload).map(whole),
            },
            "application/yaml" => yaml::read(&String::from_utf8_lossy(self.payload)),
            PROTOBUF => {
                protobuf::object(self.payload, schema::schema(version), of).map(Json::from).map(whole)
            }
            _ => return Err(unsupported_media_type()),
        })
    }
}

fn parse_json(body: &[u8]) -> Result<Json, String> {
    json::read(body).map_err(|why| format!("couldn't get version/kind; json parse error: {why}"))
}

/// The beginning of a body, for an error: as text where it may be JSON, else in hexadecimal.
fn summary(body: &[u8]) -> String {
    const MAX: usize = 30;
    let shown = body.get(..MAX).unwrap_or(body);
    let rest = if body.len() > MAX { " ..." } else { "" };
    match body.first() {
        None => "<empty>".to_owned(),
        Some(b'{') => format!("{}{rest}", String::from_utf8_lossy(shown)),
        Some(_) => {
            let hex: String = shown.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("{hex}{rest}")
        }
    }
}

#[cfg(test)]
mod tests;

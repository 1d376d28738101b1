//! From the body of a request to an object (`endpoints/handlers`: negotiation, decoding, `transformDecodeError`).
//!
//! The body is JSON or YAML; kind and version that are missing are the route's. Unknown and doubled fields are dropped in
//! silence up to 1.24, and later as `fieldValidation` says.
//!
//! # Differs from Kubernetes
//!
//! YAML is 1.2, so `yes` is a word and no boolean. Where Go's decoders print a
//! window of the text or the name of a Go type, the text here is shorter.

use super::schema::{self, Definition};
use super::{Resource, Status, Version};
use crate::api::differences::{BAD_BODY_IS_BAD_REQUEST, FIELD_VALIDATION, SCHEME_MOVED};
use node::Node;
use serde_json::Value;

mod custom;
mod fields;
mod node;
mod protobuf;
mod schemas;
mod syntax;

pub(crate) use custom::check_version;
pub(crate) use protobuf::order;

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
    body: &[u8],
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
    let node = match media_type(content_type).as_str() {
        "application/json" => parse_json(body),
        "application/yaml" => parse_yaml(body),
        PROTOBUF => {
            let of = (&*resource.kind_group, &*resource.kind_version, &*resource.kind);
            protobuf::object(body, schema::schema(version), of).map(Node::from)
        }
        _ => return Err(unsupported_media_type()),
    };
    let node = node.map_err(unrecognized)?;
    let given = Given::of(&node, resource).map_err(unrecognized)?;
    if let Some(custom) = resource.custom_objects() {
        return custom::decode(node, resource, custom, version, validation).map_err(|why| match why {
            custom::Unread::NoKind => {
                let body = String::from_utf8_lossy(body);
                unrecognized(format!("Object 'Kind' is missing in '{body}'"))
            }
            custom::Unread::Refused(status) => status,
        });
    }
    let refused = |why: String| {
        Status::bad_request(format!(
            "{} in version \"{}\" cannot be handled as a {}: {why}",
            given.kind, given.version, resource.kind
        ))
    };
    let Some(definition) = given.definition(version).filter(|_| given.is_known_beside(resource)) else {
        if given.is_of(resource) {
            return Ok(unstructured(node, resource));
        }
        return Err(refused(given.not_registered(resource, version)));
    };
    let decoded = convert(node, definition, resource, version, validation).map_err(refused)?;
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

/// Gives an object that was made from another one (by a patch) the form of its type; the error is the decoder's.
pub(crate) fn typed(
    object: Value,
    resource: &Resource,
    version: Version,
    validation: FieldValidation,
) -> Result<Decoded, String> {
    if let Some(custom) = resource.custom_objects() {
        return custom::typed(object, custom, version, validation);
    }
    let node = Node::from(object);
    match schema::schema(version).of_kind(&resource.kind_group, &resource.kind_version, &resource.kind) {
        Some(definition) => convert(node, definition, resource, version, validation),
        None => Ok(unstructured(node, resource)),
    }
}

/// Gives metadata the form of its type: with it the fields that the type doesn't have, or the decoder's error
/// (`objectmeta.GetObjectMeta`).
pub(crate) fn metadata(value: Value, version: Version) -> Result<(Value, Vec<String>), String> {
    let Some(definition) = schema::schema(version).definition("meta.v1.ObjectMeta") else {
        return Ok((value, Vec::new()));
    };
    let fields::Converted { object, strict_errors } =
        fields::convert(Node::from(value), definition, version)?;
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
pub(crate) fn delete_options(body: &[u8], content_type: &str, version: Version) -> Result<Value, Status> {
    if body.is_empty() {
        return Ok(Value::Object(Default::default()));
    }
    let node = match media_type(content_type).as_str() {
        "application/json" => parse_json(body),
        "application/yaml" => parse_yaml(body),
        PROTOBUF => protobuf::object(body, schema::schema(version), ("", "", "")).map(Node::from),
        _ => return Err(unsupported_media_type()),
    };
    let of_kind = |node: Node| match node.get("kind") {
        Some(Node::String(kind)) if !kind.is_empty() && kind != "DeleteOptions" => Err(format!(
            "no kind \"{kind}\" is registered for version \"{}\" in scheme \"k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:27\"",
            match node.get("apiVersion") {
                Some(Node::String(version)) => version,
                _ => "",
            }
        )),
        _ => Ok(node),
    };
    let converted = node.and_then(of_kind);
    let converted =
        converted.and_then(|node| match schema::schema(version).definition("meta.v1.DeleteOptions") {
            Some(definition) => fields::convert(node, definition, version).map(|converted| converted.object),
            None => Ok(node.into_value()),
        });
    converted.map_err(|why| match !version.has(BAD_BODY_IS_BAD_REQUEST) {
        true => Status::plain(500, "", why),
        false => Status::bad_request(why),
    })
}

fn convert(
    node: Node,
    definition: &'static Definition,
    resource: &Resource,
    version: Version,
    validation: FieldValidation,
) -> Result<Decoded, String> {
    let fields::Converted { mut object, strict_errors } = fields::convert(node, definition, version)?;
    name_kind(&mut object, resource);
    match validation {
        FieldValidation::Strict if !strict_errors.is_empty() => {
            Err(format!("strict decoding error: {}", strict_errors.join(", ")))
        }
        FieldValidation::Warn => Ok(Decoded { object, warnings: strict_errors }),
        FieldValidation::Ignore | FieldValidation::Strict => Ok(Decoded { object, warnings: Vec::new() }),
    }
}

/// An object whose type is not known: as it is.
fn unstructured(node: Node, resource: &Resource) -> Decoded {
    let mut object = node.into_value();
    name_kind(&mut object, resource);
    Decoded { object, warnings: Vec::new() }
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
    fn of(node: &Node, resource: &Resource) -> Result<Given, String> {
        const META: &str = r#"struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }"#;
        let wrong = |what: &Node, place: &str, of: &str| {
            let what = what.noun();
            format!(
                "couldn't get version/kind; json parse error: json: cannot unmarshal {what} into Go {place} of type {of}"
            )
        };
        if !matches!(node, Node::Map(_) | Node::Null) {
            return Err(wrong(node, "value", META));
        }
        let text = |key: &str| match node.get(key) {
            None | Some(Node::Null) => Ok(String::new()),
            Some(Node::String(text)) => Ok(text.clone()),
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

/// Reads JSON; an error has Go's words.
pub(crate) fn json(body: &[u8]) -> Result<Value, String> {
    match syntax::json_error(body) {
        Some(error) => Err(error),
        None => serde_json::from_str(&String::from_utf8_lossy(body)).map_err(|error| error.to_string()),
    }
}

/// What Go's errors call a value.
pub(crate) fn go_noun(value: &Value) -> &'static str {
    Node::from(value.clone()).noun()
}

fn parse_json(body: &[u8]) -> Result<Node, String> {
    let failed = |why| format!("couldn't get version/kind; json parse error: {why}");
    if let Some(error) = syntax::json_error(body) {
        return Err(failed(error));
    }
    let text = String::from_utf8_lossy(body);
    serde_json::from_str(&text).map_err(|error| failed(error.to_string()))
}

fn parse_yaml(body: &[u8]) -> Result<Node, String> {
    let text = String::from_utf8_lossy(body);
    let mut documents = serde_yaml::Deserializer::from_str(&text);
    match documents.next() {
        None => Ok(Node::Null),
        Some(first) => serde::Deserialize::deserialize(first)
            .map_err(|error: serde_yaml::Error| format!("yaml: {error}")),
    }
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

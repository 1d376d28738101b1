//! Config maps and secrets made of literals and files (`api/internal/generators`, `api/kv`).

use super::load::Loader;
use super::resource::{Behavior, Resource};
use super::wrong::Wrong;
use crate::api::Dig;
use crate::golang::base64::{Encoding, encode};
use crate::json::{Value, json};

/// How long a line of base64 is.
const LINE: usize = 70;

/// Makes what one entry of `configMapGenerator` or `secretGenerator` says.
pub(super) fn generate(
    loader: &Loader<'_>,
    kind: &str,
    args: &Value,
    for_all: &Value,
) -> Result<Resource, Wrong> {
    let name = args.text("name");
    if name.is_empty() {
        return Err("a configmap must have a name".into());
    }
    let mut object = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}});
    if !args.text("namespace").is_empty() {
        object.set("metadata.namespace", args.text("namespace"));
    }
    if kind == "Secret" {
        let own = args.text("type");
        object.set("type", if own.is_empty() { "Opaque" } else { own });
        object.set("data", json!({}));
    }
    let pairs = pairs(loader, args).map_err(|wrong| wrong.about("loading KV pairs"))?;
    for (at, (key, value)) in pairs.iter().enumerate() {
        if pairs[..at].iter().any(|(known, _)| known == key) {
            return Err(format!("configmap {name} illegally repeats the key `{key}`").into());
        }
        let (field, text) = match std::str::from_utf8(value) {
            Ok(text) if kind == "ConfigMap" => ("data", text.to_owned()),
            Ok(_) | Err(_) if kind == "Secret" => ("data", lines_of_base64(value)),
            Ok(_) | Err(_) => ("binaryData", lines_of_base64(value)),
        };
        object.make(field)[key] = text.into();
    }
    let own = args.at("options");
    for field in ["labels", "annotations"] {
        for options in [for_all, own] {
            for (key, value) in options.entries(field) {
                object.make(&format!("metadata.{field}"))[key] = value.clone();
            }
        }
    }
    let says = |flag: &str| own.flag(flag) || for_all.flag(flag);
    if says("immutable") {
        object.set("immutable", true);
    }
    let is_hashed = !says("disableNameSuffixHash");
    Ok(Resource::generated(object, Behavior::of(args.text("behavior")), is_hashed))
}

type Pair = (String, Vec<u8>);

/// The keys and values of all sources.
fn pairs(loader: &Loader<'_>, args: &Value) -> Result<Vec<Pair>, Wrong> {
    let envs: Vec<&str> = args.texts("envs").into_iter().chain(args.at("env").as_str()).collect();
    let (literals, files) = (args.texts("literals"), args.texts("files"));
    let mut pairs = Vec::new();
    for path in &envs {
        let of_file = loader.bytes(path).and_then(|bytes| variables(&bytes));
        pairs
            .extend(of_file.map_err(|wrong| wrong.about(format!("env source files: [{}]", envs.join(" "))))?);
    }
    for text in &literals {
        let pair = literal(text).map_err(Wrong::from);
        pairs.push(pair.map_err(|wrong| wrong.about(format!("literal sources [{}]", literals.join(" "))))?);
    }
    for source in &files {
        let pair = file_source(source).map_err(Wrong::from).and_then(|(key, path)| {
            let bytes = loader.bytes(path)?;
            Ok((key.to_owned(), bytes))
        });
        pairs.push(pair.map_err(|wrong| wrong.about(format!("file sources: [{}]", files.join(" "))))?);
    }
    Ok(pairs)
}

/// `KEY=VALUE`; quotes around the value are no part of it.
fn literal(text: &str) -> Result<Pair, String> {
    let pair = text.split_once('=').filter(|(key, _)| !key.is_empty());
    let (key, value) = pair.ok_or_else(|| format!("invalid literal source {text}, expected key=value"))?;
    let unquoted = ['"', '\''].into_iter().find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote));
    Ok((key.to_owned(), unquoted.unwrap_or(value).as_bytes().to_vec()))
}

/// `PATH` or `KEY=PATH`.
fn file_source(source: &str) -> Result<(&str, &str), String> {
    match source.split_once('=') {
        None => Ok((source.rsplit('/').next().unwrap_or(source), source)),
        Some(("", path)) => Err(format!("missing key name for file path {path:?} in source {source:?}")),
        Some((key, "")) => Err(format!("missing file path for key name {key:?} in source {source:?}")),
        Some((_, path)) if path.contains('=') => {
            Err(format!("source {source:?} key name or file path contains '='"))
        }
        Some(pair) => Ok(pair),
    }
}

/// The variables of a file of `KEY=VALUE` lines.
fn variables(bytes: &[u8]) -> Result<Vec<Pair>, Wrong> {
    let mut pairs = Vec::new();
    for line in bytes.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let text = std::str::from_utf8(line).map_err(|_| {
            let codes: Vec<String> = line.iter().map(u8::to_string).collect();
            let codes = codes.join(" ");
            format!("line [{codes}] has invalid utf8 bytes : {}", String::from_utf8_lossy(line))
        })?;
        let text = text.trim_start_matches('\u{feff}').trim_start();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        pairs.push((key.to_owned(), value.as_bytes().to_vec()));
    }
    Ok(pairs)
}

/// Base64, in lines where it is long.
fn lines_of_base64(bytes: &[u8]) -> String {
    let text = encode(bytes, Encoding::Standard);
    if text.len() < LINE {
        return text;
    }
    let mut lines = String::new();
    for (at, letter) in text.char_indices() {
        lines.push(letter);
        if at % LINE == LINE - 1 || at == text.len() - 1 {
            lines.push('\n');
        }
    }
    lines
}

//! `explore --job-manifest`: an Indexed Job that spreads the seeds over the pods of a cluster, with all that it needs.
//!
//! The scenario and what it reads are in a ConfigMap. Reports are the pods' logs, since a pod that writes anywhere else needs a
//! volume that all share, or a right. So there is no Role here: who starts the Job needs rights, and its pods need none
//! (`scenarios/explore-as-a-job.yaml`).

use super::reads::read_beside;
use crate::cli::Exit;
use crate::cli::out::Out;
use crate::cli::scenarios::Loaded;
use crate::error::Error;
use crate::scenario::run;
use serde_yaml::{Mapping, Value};
use std::path::{Component, Path};

const MANIFEST: &str = include_str!("job.yaml");

/// How the scenario's file is called in the pods.
const SCENARIO: &str = "scenario.yaml";

/// The most that a ConfigMap holds (`MaxSecretSize` in `pkg/apis/core`).
const CONFIG_MAP_BYTES: usize = 1 << 20;

/// Prints the manifest.
pub(super) fn print(loaded: &Loaded, seeds: u64, pods: u32, image: &str) -> Result<Exit, Error> {
    if image.trim().is_empty() {
        return Err(Error::new("`--image` is empty, and pods need one")
            .hint("`--image registry.example.com/kubeverdict:1`"));
    }
    if u64::from(pods) > seeds {
        let error =
            Error::new(format!("`--job-manifest`: {pods} pods share {seeds} seeds, so some would have none"));
        return Err(error.hint("take no more pods than `--seeds`"));
    }
    let text = manifest(loaded, seeds, pods, image).map_err(|error| error.in_file(&loaded.path))?;
    let mut out = Out::open();
    out.raw(&text);
    out.end(Exit::Fine)
}

fn manifest(loaded: &Loaded, seeds: u64, pods: u32, image: &str) -> Result<String, Error> {
    let name = name(&loaded.path);
    let files = files(loaded)?;
    let config_map = config_map(&name, &files)?;
    // On one line, whatever it is.
    let image = serde_json::to_string(image).map_err(Error::of)?;
    let items: Vec<Value> =
        files.iter().map(|file| mapping([("key", &file.key), ("path", &file.path)])).collect();
    let items = serde_yaml::to_string(&items).map_err(Error::of)?;
    let items: String = items.lines().map(|line| format!("          {line}\n")).collect();
    let filled = [
        ("CONFIG_MAP", config_map.as_str()),
        ("ITEMS", &items),
        ("IMAGE", &image),
        ("SEEDS", &seeds.to_string()),
        ("PODS", &pods.to_string()),
        ("NAME", &name),
    ];
    // What is filled in is not looked at again: a scenario may hold such words.
    let mut text = String::new();
    let mut rest = MANIFEST;
    let first = |rest: &str| {
        let found = filled.iter().filter_map(|(word, with)| Some((rest.find(word)?, *word, *with)));
        found.min_by_key(|(at, ..)| *at)
    };
    while let Some((at, word, with)) = first(rest) {
        text.push_str(&rest[..at]);
        text.push_str(with);
        rest = &rest[at + word.len()..];
    }
    Ok(text + rest)
}

/// A file in the pods.
struct File {
    key: String,
    path: String,
    bytes: Vec<u8>,
}

/// The scenario and what it reads, as much as a ConfigMap holds.
fn files(loaded: &Loaded) -> Result<Vec<File>, Error> {
    let versions = run::versions(&loaded.scenario);
    let read = read_beside("--job-manifest", &loaded.path, &loaded.text, versions, &loaded.files())?;
    let scenario = (SCENARIO.to_owned(), loaded.text.clone().into_bytes());
    let mut files: Vec<File> = Vec::new();
    for (path, bytes) in std::iter::once(scenario).chain(read) {
        let path = plain(&path);
        match files.iter().position(|file| file.path == path) {
            Some(0) => {
                return Err(Error::new(format!("`--job-manifest`: the scenario reads `{SCENARIO}`"))
                    .hint("it is called so itself in the pods: give the other file another name"));
            }
            // The same file, written in another way.
            Some(_) => {}
            None => files.push(File { key: format!("file-{}", files.len()), path, bytes }),
        }
    }
    let size: usize = files.iter().map(|file| file.bytes.len()).sum();
    match size > CONFIG_MAP_BYTES {
        true => Err(Error::new(format!(
            "`--job-manifest`: the scenario and what it reads are {size} bytes, and a ConfigMap holds {CONFIG_MAP_BYTES}"
        ))),
        false => Ok(files),
    }
}

/// A path without what says nothing.
fn plain(path: &str) -> String {
    let parts = Path::new(path).components().filter(|part| matches!(part, Component::Normal(_)));
    let parts: Vec<_> = parts.map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

fn config_map(name: &str, files: &[File]) -> Result<String, Error> {
    let (mut data, mut binary) = (Mapping::new(), Mapping::new());
    for file in files {
        match std::str::from_utf8(&file.bytes) {
            Ok(text) => data.insert(file.key.clone().into(), text.into()),
            Err(_) => {
                use base64::prelude::{BASE64_STANDARD, Engine};
                binary.insert(file.key.clone().into(), BASE64_STANDARD.encode(&file.bytes).into())
            }
        };
    }
    let mut map = Mapping::from_iter([
        ("apiVersion".into(), "v1".into()),
        ("kind".into(), "ConfigMap".into()),
        ("metadata".into(), mapping([("name", name)])),
        ("data".into(), data.into()),
    ]);
    if !binary.is_empty() {
        map.insert("binaryData".into(), binary.into());
    }
    serde_yaml::to_string(&map).map_err(Error::of)
}

fn mapping<const N: usize>(fields: [(&str, &str); N]) -> Value {
    Mapping::from_iter(fields.map(|(name, value)| (name.into(), value.into()))).into()
}

/// What the objects are called: `explore-` and the scenario's file, as far as a label takes it beside a pod's number.
fn name(path: &str) -> String {
    let stem = Path::new(path).file_stem().unwrap_or_default().to_string_lossy().to_lowercase();
    let words = stem.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name = std::iter::once("explore").chain(words).collect::<Vec<_>>().join("-");
    name.chars().take(50).collect::<String>().trim_end_matches('-').to_owned()
}

//! The whole state as a scenario, and a scenario as a state.
//!
//! A scenario's steps are taken in this order: what was there to begin with, the editor's documents, what was typed, the
//! questions. Documents and questions are known by their names (`manifest 1`, `question 1`); any other scenario that begins
//! with what makes objects has those in the editor, and its questions are what is read or refused in it, as it comes out at its
//! end. Files that steps apply are taken into the text, since a link holds no files.

use super::document;
use super::documents::Documents;
use super::talk::{Question, Row};
use crate::api::Dig;
use crate::clients::{Files, heredoc};
use crate::error::Error;
use crate::explain::source;
use crate::json::{Map, Value, json};
use crate::scenario::format::{Expect, Scenario, Step, StepFields, Wanted};
use crate::scenario::session::Session;
use crate::scenario::{load, write};
use serde_yaml::{Mapping, Value as Yaml};
use std::collections::BTreeSet;

/// How a scenario calls the steps that are documents of the editor.
const NAME: &str = "manifest ";
/// What `kubectl apply` keeps.
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// A scenario that was read.
pub(super) struct Read {
    /// The scenario, with the steps that come first.
    pub(super) scenario: Scenario,
    /// Its text's other keys.
    pub(super) head: Mapping,
    /// What the editor holds.
    pub(super) manifests: String,
    /// Which of its documents is applied last, out of its place.
    pub(super) last: Option<usize>,
    /// The steps behind those that make objects, which the editor can hold as well.
    pub(super) making: Vec<Step>,
    /// The steps behind those.
    pub(super) after: Vec<Step>,
    /// The questions.
    pub(super) questions: Vec<Question>,
    /// Whether those are a story's own, which says nothing of how they come out at its end.
    pub(super) of_story: bool,
    /// What was left out.
    pub(super) notes: Vec<String>,
}

/// Reads a scenario.
pub(super) fn read(path: &str, text: &str, files: &dyn Files) -> Result<Read, Error> {
    let mut scenario = load::parse(path, text)?;
    let head = serde_yaml::from_str::<Mapping>(text).map_err(Error::of)?;
    let mut notes = Vec::new();
    if !scenario.schedule.is_empty() {
        scenario.schedule.clear();
        notes.push(
            "the scenario's schedule is not followed: steps may be added before and behind it".to_owned(),
        );
    }
    scenario.faults.clear();
    if !scenario.actors.is_empty() {
        scenario.actors.clear();
        notes.push("the scenario's actors are not here: `run` and `explore` let them act".to_owned());
    }
    let mut steps = std::mem::take(&mut scenario.steps);
    steps.iter_mut().for_each(|step| take_in(&mut step.fields, files));
    let mut questions = Vec::new();
    while let Some(question) = steps.last().and_then(Question::of_step) {
        questions.insert(0, question);
        steps.pop();
    }
    let is_ours = |step: &Step| step.fields.name.as_ref().is_some_and(|name| name.starts_with(NAME));
    let marked = steps.iter().any(is_ours);
    let begin = if marked { steps.iter().position(is_ours).unwrap_or_default() } else { 0 };
    let of_story = !marked && questions.is_empty();
    if of_story {
        questions = Question::asked_in(&steps);
    }
    let documents = steps[begin..].iter().map_while(|step| {
        let text = manifest(step).filter(|_| is_ours(step))?;
        Some((number(step), text))
    });
    let (texts, last) = in_text(documents.collect());
    let mut after = steps.split_off(begin);
    after.drain(..texts.len());
    let begin = after.iter().take_while(|step| !marked && makes(step)).count();
    let making: Vec<Step> = after.drain(..begin).collect();
    if texts.is_empty() && making.is_empty() {
        // The editor comes behind all that there is.
        steps.append(&mut after);
    }
    scenario.steps = steps;
    let manifests = joined(&texts);
    Ok(Read { scenario, head, manifests, last, making, after, questions, of_story, notes })
}

/// What the editor holds of the steps at a story's begin that make objects: what they apply, or what their lines would print as
/// YAML. The first that it cannot hold, and all behind it, are steps as they were.
pub(super) fn made(making: &mut Vec<Step>, session: &Session<'_>) -> String {
    let texts: Vec<String> = making
        .iter()
        .map_while(|step| {
            let text = manifest(step).or_else(|| printed(step, session))?;
            Some(remarks(step) + text.strip_prefix("---\n").unwrap_or(&text))
        })
        .collect();
    making.drain(..texts.len());
    joined(&texts)
}

/// Whether a step makes objects as an administrator, and is not expected to fail at it.
fn makes(step: &Step) -> bool {
    manifest(step).is_some() || creates(step).is_some()
}

/// The line of a step that makes an object of what stands in the line.
fn creates(step: &Step) -> Option<&str> {
    let line = fine_line(step, false)?;
    let mut words = line.split_whitespace();
    let made = words.next() == Some("kubectl")
        && match words.next() {
            Some("create") => words.next().is_some_and(|kind| kind != "token" && !kind.starts_with('-')),
            _ => false,
        };
    let plain = ["$", "<<", " -f", " --filename", " -o", " --output", " --dry-run", " --as", " --token"];
    (made && !plain.iter().any(|part| line.contains(part))).then_some(line)
}

/// What a line that makes an object would make.
fn printed(step: &Step, session: &Session<'_>) -> Option<String> {
    let run = Some(format!("{} --dry-run=client -o yaml", creates(step)?));
    let report = session.fork().step(&StepFields { run, ..StepFields::default() }, "1").ok()?;
    let output = report.output.filter(|output| output.exit == 0)?;
    let written = source::read("printed", output.stdout).ok()?;
    let [only] = written.as_slice() else { return None };
    let mut object = only.object.clone();
    clean(&mut object);
    object.take_out("status");
    Some(yaml(&object))
}

/// What a story says of a step, as remarks above a document.
fn remarks(step: &Step) -> String {
    let StepFields { name, about, .. } = &step.fields;
    let said = name.iter().chain(about).flat_map(|text| text.lines());
    said.flat_map(|line| textwrap::wrap(line, 88))
        .map(|line| format!("# {line}").trim_end().to_owned() + "\n")
        .collect()
}

/// The number in a document's name.
fn number(step: &Step) -> Option<usize> {
    step.fields.name.as_ref()?.strip_prefix(NAME)?.parse().ok()
}

/// Documents in the order of the text that their numbers tell, and which of them came last, out of its place.
fn in_text(mut documents: Vec<(Option<usize>, String)>) -> (Vec<String>, Option<usize>) {
    let last = documents.last().and_then(|(number, _)| number.as_ref()?.checked_sub(1));
    let last = last.filter(|last| last + 1 < documents.len());
    documents.sort_by_key(|(number, _)| *number);
    (documents.into_iter().map(|(_, text)| text).collect(), last)
}

/// The texts of documents, with lines between those that have none.
fn joined(texts: &[String]) -> String {
    let mut all = String::new();
    for text in texts {
        all.push_str(if all.is_empty() || text.starts_with("---") { "" } else { "---\n" });
        all.push_str(text);
    }
    all
}

/// The text that a step applies as an administrator, where that is all that it does.
fn manifest(step: &Step) -> Option<String> {
    let ours = step.fields.name.as_ref().is_some_and(|name| name.starts_with(NAME));
    let here = heredoc::split(fine_line(step, ours)?).ok()??;
    let applies = here.quoted && here.command.split_whitespace().eq(["kubectl", "apply", "-f", "-"]);
    applies.then_some(here.text)
}

/// The line of a step that an administrator types, of which nothing is saved, and which is expected to go well; or whatever is
/// expected.
fn fine_line(step: &Step, whatever: bool) -> Option<&str> {
    let StepFields { run: Some(line), inside: None, by: None, what_if: None, save: None, because, .. } =
        &step.fields
    else {
        return None;
    };
    let fine = match &step.fields.expect {
        None => true,
        Some(Expect::Always(Wanted::One(expected))) => expected.code.is_some_and(|code| code < 400),
        Some(Expect::Always(Wanted::Each(_)) | Expect::ByRelease(_)) => false,
    };
    (whatever || fine && because.is_none()).then_some(line)
}

/// Takes the files into a step that it applies.
fn take_in(fields: &mut StepFields, files: &dyn Files) {
    for step in fields.what_if.iter_mut().flatten() {
        take_in(&mut step.fields, files);
    }
    let text = match &fields.apply {
        None => return,
        Some(Value::String(path)) => match files.read(path) {
            Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
            // Whoever runs the step says why it is not there.
            Err(_) => return,
        },
        Some(inline) => {
            let documents = inline.as_array().map_or_else(|| vec![inline.clone()], |list| list.to_vec());
            documents.iter().map(yaml).collect::<Vec<_>>().join("---\n")
        }
    };
    let text = if text.ends_with('\n') { text } else { text + "\n" };
    (fields.apply, fields.run) = (None, Some(document::line(&text)));
}

/// An object as a person would write it: what it is comes first.
pub(super) fn yaml(object: &Value) -> String {
    let Ok(Yaml::Mapping(fields)) = serde_yaml::to_value(object) else { return String::new() };
    const FIRST: [&str; 4] = ["apiVersion", "kind", "metadata", "spec"];
    let mut ordered = Mapping::new();
    for key in FIRST {
        ordered.extend(fields.get(key).map(|value| (Yaml::from(key), value.clone())));
    }
    ordered
        .extend(fields.into_iter().filter(|(key, _)| !FIRST.iter().any(|first| key.as_str() == Some(first))));
    write::text(&Yaml::Mapping(ordered))
}

/// A dump or a manifest as what the editor holds: as it is written, or where it is a list, what was not made by the server or
/// a controller of its own accord. What was left out.
pub(super) fn of_dump(path: &str, text: &str) -> Result<(String, Vec<String>), Error> {
    let written = source::read(path, text.to_owned())?;
    if written.is_empty() {
        let error = Error::new("it holds no object").in_file(path);
        return Err(error.hint("a dump is what `kubectl get … -o yaml` prints"));
    }
    let is_dump = written.iter().any(|written| written.object.has("metadata.uid"));
    let is_list =
        text.trim_start().starts_with('{') || text.lines().any(|line| line.trim_end() == "kind: List");
    if !is_dump && !is_list {
        return Ok((text.to_owned(), Vec::new()));
    }
    let mut objects: Vec<Value> = written.into_iter().map(|written| written.object).collect();
    let all = objects.len();
    objects.retain(|object| !is_made_by_itself(object));
    let mut notes = Vec::new();
    if objects.len() < all {
        let count = all - objects.len();
        notes.push(format!(
            "{count} objects of the dump are left out, which a server or a controller makes of its own accord"
        ));
    }
    if !objects.iter().any(|object| object.text("kind") == "Namespace") {
        let named: BTreeSet<String> =
            objects.iter().map(|object| object.text("metadata.namespace").to_owned()).collect();
        let lacking: Vec<String> =
            named.into_iter().filter(|name| !OF_ITSELF.contains(&name.as_str())).collect();
        if !lacking.is_empty() {
            notes.push(format!(
                "the dump holds no namespaces, so those are made that it names: {}",
                lacking.join(", ")
            ));
        }
        let namespace = |name| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}});
        objects.extend(lacking.into_iter().map(namespace));
    }
    // What others stand in comes first.
    objects.sort_by_key(|object| !matches!(object.text("kind"), "Namespace" | "CustomResourceDefinition"));
    for object in &mut objects {
        clean(object);
        object.take_out("status");
    }
    Ok((objects.iter().map(yaml).collect::<Vec<_>>().join("---\n"), notes))
}

/// Where objects stand that need no namespace made: none, and those of a fresh cluster.
const OF_ITSELF: [&str; 5] = ["", "default", "kube-node-lease", "kube-public", "kube-system"];

/// Takes out what server and kubectl keep in an object for themselves.
pub(super) fn clean(object: &mut Value) {
    for field in ["uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "selfLink"] {
        object.take_out(&format!("metadata.{field}"));
    }
    let kept: Map = object
        .entries("metadata.annotations")
        .filter(|(key, _)| *key != LAST_APPLIED)
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    match kept.is_empty() {
        true => drop(object.take_out("metadata.annotations")),
        false => *object.make("metadata.annotations") = Value::Object(kept),
    }
}

fn is_made_by_itself(object: &Value) -> bool {
    const KINDS: [&str; 6] = ["Event", "Lease", "Endpoints", "EndpointSlice", "Node", "ControllerRevision"];
    let born = !object.list("metadata.ownerReferences").is_empty()
        || object.entry("metadata.labels", "kubernetes.io/bootstrapping") == Some("rbac-defaults");
    born || KINDS.contains(&object.text("kind"))
        || object.text("kind") == "ServiceAccount" && object.name() == "default"
        || object.text("kind") == "ConfigMap" && object.name() == "kube-root-ca.crt"
}

/// A state that is to be written.
pub(super) struct Written<'s, 'a> {
    /// The keys of the text that it began with.
    pub(super) head: &'s Mapping,
    /// The release.
    pub(super) version: String,
    /// The seed, where one was given.
    pub(super) seed: u64,
    /// The steps that come first.
    pub(super) before: &'s [Step],
    /// The editor's documents.
    pub(super) documents: &'s Documents<'a>,
    /// What was typed.
    pub(super) after: Vec<Step>,
    /// The questions, with what came of them.
    pub(super) rows: Vec<Row>,
}

impl Written<'_, '_> {
    /// The scenario's text.
    pub(super) fn text(&self) -> String {
        const ORDER: [&str; 7] = ["scenario", "about", "story", "symptom", "cluster", "steps", "never"];
        let mut steps: Vec<Step> = self.before.to_vec();
        for (place, document) in self.documents.applied() {
            let name = Some(format!("{NAME}{}", place + 1));
            steps.push(Step { fields: StepFields { name, ..document.fields.clone() } });
        }
        steps.extend(self.after.iter().cloned());
        let asked = self.rows.iter().filter(|row| !row.question.is_blank());
        steps.extend(asked.enumerate().map(|(index, row)| row.question.step(index + 1, row)));
        let steps: Vec<Yaml> = steps.iter().map(write::step).collect();
        let mut whole = Mapping::new();
        for key in ORDER {
            let value = match key {
                "steps" => Some(Yaml::from(steps.clone())),
                "cluster" => Some(Yaml::Mapping(self.cluster())),
                key => self.head.get(key).cloned(),
            };
            whole.extend(value.map(|value| (Yaml::from(key), value)));
        }
        whole.extend(self.head.get("exercise").map(|value| (Yaml::from("exercise"), value.clone())));
        write::text(&Yaml::Mapping(whole))
    }

    /// What it says of its cluster: one release, since what is expected came of one.
    fn cluster(&self) -> Mapping {
        let before = self.head.get("cluster").and_then(Yaml::as_mapping).cloned().unwrap_or_default();
        let mut cluster = Mapping::new();
        cluster.insert("version".into(), self.version.clone().into());
        let kept = |key: &Yaml| !matches!(key.as_str(), Some("version" | "versions" | "seed"));
        cluster.extend(before.into_iter().filter(|(key, _)| kept(key)));
        if self.seed != 0 {
            cluster.insert("seed".into(), self.seed.into());
        }
        cluster
    }
}

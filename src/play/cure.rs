//! A cure applied: as objects in the editor, or as an administrator's lines where lines made what it changes.

use super::document::{self, Document};
use super::{State, file};
use crate::api::Dig;
use crate::error::Error;
use crate::explain::Cure;
use crate::explain::source;
use crate::json::Value;
use crate::prompt::line::{self, At};
use std::rc::Rc;

/// Applies a cure.
pub(super) fn apply(now: &mut State<'_>, cure: &Cure) -> Result<(), Error> {
    let errors = |now: &State<'_>| now.documents.marks().iter().filter(|mark| mark.error).count();
    if let Some(manifests) = edited(now, &cure.objects).filter(|_| !cure.objects.is_empty()) {
        let before = (now.fork(), errors(now));
        now.edit(&manifests);
        if errors(now) <= before.1 {
            return Ok(());
        }
        // What it stands in was made by a line, which comes later.
        *now = before.0;
    }
    now.meter().begin(now.work);
    cure.lines.iter().try_for_each(|line| type_line(now, line))?;
    now.work = now.meter().done();
    Ok(())
}

/// Types a line as an administrator.
fn type_line(now: &mut State<'_>, line: &str) -> Result<(), Error> {
    // What the server is started with is a step of its own.
    let line =
        line.strip_prefix("kube-apiserver ").map_or(line.to_owned(), |flags| format!("restart {flags}"));
    let fields = line::step(&line, &At::default())?;
    now.prompt.given(&line, &fields);
    Ok(())
}

/// The editor's text with those objects in it; none where one of them is there already, and not by the editor.
fn edited(now: &State<'_>, objects: &[Value]) -> Option<String> {
    let written = |object: &Value| {
        let mut object = object.clone();
        file::clean(&mut object);
        file::yaml(&object)
    };
    let documents = now.documents.in_text();
    let mut texts: Vec<String> = documents.iter().map(|document| document.text.clone()).collect();
    for object in objects {
        match place(&documents, object) {
            Some(place) => {
                let begin = if texts[place].starts_with("---") { "---\n" } else { "" };
                texts[place] = format!("{begin}{}", written(object));
            }
            None if is_there(now, object) => return None,
            None => {
                let begin = if texts.is_empty() { "" } else { "---\n" };
                texts.push(format!("{begin}{}", written(object)));
            }
        }
    }
    // Remarks without a document stay where they are.
    match documents.is_empty() {
        true => Some(format!("{}{}", now.manifests, texts.concat())),
        false => Some(texts.concat()),
    }
}

/// The document that holds an object and nothing else.
fn place(documents: &[&Rc<Document<'_>>], object: &Value) -> Option<usize> {
    let is_it = |text: &str| {
        let written = source::anywhere(document::EDITOR, text);
        let [only] = written.as_slice() else { return false };
        only.called == [object.text("kind"), object.namespace(), object.name()]
    };
    documents.iter().position(|document| document.text.contains(object.name()) && is_it(&document.text))
}

/// Whether an object is in the cluster.
fn is_there(now: &State<'_>, object: &Value) -> bool {
    let cluster = now.session().cluster();
    let (group, version) =
        object.text("apiVersion").split_once('/').unwrap_or(("", object.text("apiVersion")));
    let row = cluster.resources().by_kind(group, version, object.text("kind"));
    row.is_some_and(|row| {
        cluster.store().objects().get(&row.storage(), object.namespace(), object.name()).is_some()
    })
}

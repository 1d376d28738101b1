//! The editor's text: documents, each applied behind those before it, a step each.
//!
//! They are applied in the order of the text. What was applied is kept as far as all before it stays the same, so that an edit
//! costs what stands behind it and not what stands before. In a long text of which a role or a binding is edited, that one is
//! applied last: no other document needs it, and each further key costs one document instead of all behind it.

use super::document::{Document, EDITOR, is_blank};
use super::talk::Mark;
use crate::explain::source::{self, Written};
use crate::scenario::session::Session;
use std::rc::Rc;

/// A text of more documents is long.
const MANY: usize = 40;

/// The documents of a text, applied.
#[derive(Clone, Default)]
pub(super) struct Documents<'a> {
    /// In the order in which they were applied.
    applied: Vec<Rc<Document<'a>>>,
    /// Which of the text's documents was applied last, out of its place.
    last: Option<usize>,
}

impl<'a> Documents<'a> {
    /// In the order in which they were applied, each with its place in the text.
    pub(super) fn applied(&self) -> impl Iterator<Item = (usize, &Rc<Document<'a>>)> {
        order(self.applied.len(), self.last).into_iter().zip(&self.applied)
    }

    /// In the order of the text.
    pub(super) fn in_text(&self) -> Vec<&Rc<Document<'a>>> {
        let mut all: Vec<(usize, &Rc<Document<'a>>)> = self.applied().collect();
        all.sort_by_key(|(place, _)| *place);
        all.into_iter().map(|(_, document)| document).collect()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.applied.len()
    }

    /// The session behind the first so many of them, if there is one.
    pub(super) fn session(&self, count: usize) -> Option<&Session<'a>> {
        count.checked_sub(1).and_then(|last| self.applied.get(last)).map(|document| &document.session)
    }

    /// Which was applied last, out of its place.
    pub(super) fn last(&self) -> Option<usize> {
        self.last
    }

    /// The documents of a text behind a session and so many steps, one of them last.
    pub(super) fn apply(&self, base: &Session<'a>, behind: usize, text: &str, last: Option<usize>) -> Self {
        let mut parts: Vec<Option<String>> = split(text).into_iter().map(Some).collect();
        let last = last.filter(|last| parts.len() > MANY && *last < parts.len());
        let mut applied: Vec<Rc<Document<'a>>> = Vec::new();
        let mut same = true;
        for place in order(parts.len(), last) {
            let Some(part) = parts[place].take() else { continue };
            let known = self.applied.get(applied.len()).filter(|known| same && known.text == part);
            same = known.is_some();
            // What is kept counts as if it were done again: a state as a whole is not more than can be done at once.
            if let (Some(known), Some(meter)) = (known, base.cluster().meter()) {
                meter.count(known.work);
            }
            let document = known.cloned().unwrap_or_else(|| {
                let before = applied.last().map_or(base, |document| &document.session);
                Rc::new(Document::apply(before, part, behind + applied.len() + 1))
            });
            applied.push(document);
        }
        Documents { applied, last }
    }

    /// The same once the text is another: a role or a binding that alone is another comes last.
    pub(super) fn edit(&self, base: &Session<'a>, behind: usize, text: &str) -> Self {
        let parts = split(text);
        let before = self.in_text();
        let mut others =
            (0..parts.len()).filter(|at| before.get(*at).is_none_or(|known| known.text != parts[*at]));
        let last = match (parts.len() == before.len(), others.next(), others.next()) {
            (true, None, _) => self.last,
            (true, Some(one), None) if self.last == Some(one) => self.last,
            (true, Some(one), None) => {
                Some(one).filter(|one| grants(&parts[*one]) && grants(&before[*one].text))
            }
            (true, Some(_), Some(_)) | (false, ..) => None,
        };
        self.apply(base, behind, text, last)
    }

    /// Which document holds a line, where that would come last once it is edited, and does not yet.
    pub(super) fn touched(&self, line: usize) -> Option<usize> {
        let mut above = 0;
        let all = self.in_text();
        let place = all.iter().position(|document| {
            above += document.text.lines().count();
            line <= above
        })?;
        let comes = all.len() > MANY && self.last != Some(place) && grants(&all[place].text);
        comes.then_some(place)
    }

    /// Everything that is wrong, by the editor's lines.
    pub(super) fn marks(&self) -> Vec<Mark> {
        let mut marks = Vec::new();
        let mut above = 0;
        for (number, document) in self.in_text().into_iter().enumerate() {
            let here = document.marks.iter().cloned();
            marks.extend(here.map(|mark| Mark { line: mark.line + above, document: number, ..mark }));
            above += document.text.lines().count();
        }
        marks
    }

    /// The objects of all documents, with their lines in the editor.
    pub(super) fn written(&self) -> Vec<Written> {
        let mut all = Vec::new();
        let mut above = 0;
        for document in self.in_text() {
            let here = source::anywhere(EDITOR, &document.text).into_iter();
            all.extend(here.map(|mut written| {
                written.line += above;
                written
            }));
            above += document.text.lines().count();
        }
        all
    }
}

/// The order in which so many documents are applied.
fn order(count: usize, last: Option<usize>) -> Vec<usize> {
    (0..count).filter(|place| Some(*place) != last).chain(last).collect()
}

/// Whether a document holds what no other document needs in order to be applied.
fn grants(text: &str) -> bool {
    const KINDS: [&str; 4] = ["Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding"];
    let kinds = text.lines().filter_map(|line| line.strip_prefix("kind:"));
    kinds.map(str::trim).all(|kind| KINDS.contains(&kind))
        && text.lines().any(|line| line.starts_with("kind:"))
}

/// Parts a text into documents. Together they are the text; one that holds nothing is part of the next.
pub(super) fn split(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for line in text.lines() {
        let parts_here =
            line.strip_prefix("---").is_some_and(|rest| rest.trim().is_empty() || rest.starts_with(' '));
        if parts_here && parts.last().is_some_and(|part| !is_blank(part)) {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut() {
            part.push_str(line);
            part.push('\n');
        }
    }
    let blank = parts.pop_if(|part| is_blank(part)).unwrap_or_default();
    if let Some(last) = parts.last_mut() {
        last.push_str(&blank);
    }
    parts
}

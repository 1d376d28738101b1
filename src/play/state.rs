//! The state of a playground: a function of what was typed.

use super::base::Base;
use super::documents::Documents;
use super::talk::{Question, Row};
use crate::cluster::Meter;
use crate::prompt::Prompt;
use crate::scenario::report::StepReport;
use crate::scenario::session::Session;
use std::rc::Rc;
use std::sync::Arc;

/// All that a change may change.
pub(super) struct State<'a> {
    pub(super) base: Rc<Base<'a>>,
    pub(super) manifests: Arc<str>,
    pub(super) documents: Documents<'a>,
    pub(super) prompt: Prompt<'a>,
    pub(super) questions: Vec<Question>,
    /// What all of it comes to, from a fresh cluster on.
    pub(super) work: u64,
}

impl State<'_> {
    pub(super) fn fork(&self) -> Self {
        State {
            base: self.base.clone(),
            manifests: self.manifests.clone(),
            documents: self.documents.clone(),
            prompt: self.prompt.fork(),
            questions: self.questions.clone(),
            work: self.work,
        }
    }
}

impl<'a> State<'a> {
    /// The session behind the editor's documents.
    pub(super) fn behind_documents(&self) -> &Session<'a> {
        self.documents.session(self.documents.len()).unwrap_or(&self.base.session)
    }

    /// How many steps come before the first line.
    pub(super) fn before_lines(&self) -> usize {
        self.base.reports.len() + self.documents.len()
    }

    /// What counts how much an ask comes to.
    pub(super) fn meter(&self) -> &Meter {
        &self.base.world.meter
    }

    /// What was typed, on what stands before it now.
    pub(super) fn type_again(&mut self) {
        self.prompt = self.prompt.again(self.behind_documents().fork(), self.before_lines());
        self.work = self.meter().done();
    }

    pub(super) fn edit(&mut self, manifests: &str) {
        self.manifests = manifests.replace("\r\n", "\n").into();
        let base = &self.base;
        self.meter().begin(base.work);
        self.documents = self.documents.edit(&base.session, base.reports.len(), &self.manifests);
        self.type_again();
    }

    /// Applies the documents in another order.
    pub(super) fn reorder(&mut self, last: Option<usize>) {
        let base = &self.base;
        self.meter().begin(base.work);
        self.documents = self.documents.apply(&base.session, base.reports.len(), &self.manifests, last);
        self.type_again();
    }

    /// The session as it is.
    pub(super) fn session(&self) -> &Session<'a> {
        self.prompt.session()
    }

    pub(super) fn rows(&self, session: &Session<'a>) -> Vec<Row> {
        (1..).zip(&self.questions).map(|(number, question)| question.row(session, number)).collect()
    }

    /// All that was done, in order.
    pub(super) fn reports(&self) -> impl Iterator<Item = &StepReport> {
        let documents = self.documents.applied().map(|(_, document)| &document.report);
        self.base.reports.iter().chain(documents).chain(self.prompt.done().map(|typed| &typed.report))
    }
}

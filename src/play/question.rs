//! Questions: who may do what. Each is asked on a copy of the cluster, of which nothing remains.

use super::talk::{Question, Row};
use crate::error::Error;
use crate::json::Value;
use crate::prompt::line::{self, At};
use crate::scenario::format::{Expect, Expected, RawRequest, Step, StepFields, Wanted, Who, WhoFields};
use crate::scenario::report::StepReport;
use crate::scenario::session::Session;

/// How a scenario calls the steps that are questions.
pub(super) const NAME: &str = "question ";

impl Question {
    /// Whether nothing is asked yet.
    pub(super) fn is_blank(&self) -> bool {
        self.what.trim().is_empty()
    }

    /// The step that asks.
    fn fields(&self) -> Result<StepFields, Error> {
        let by = match self.who.trim() {
            "" => None,
            who => line::who(who)?,
        };
        line::step(self.what.trim(), &At { by, pod: None })
    }

    /// Asks, on a copy.
    pub(super) fn ask(&self, session: &Session<'_>, number: usize) -> Result<StepReport, Error> {
        let fields = StepFields { settle: Some(false), ..self.fields()? };
        session.fork().step(&fields, &number.to_string())
    }

    /// What came of it.
    pub(super) fn row(&self, session: &Session<'_>, number: usize) -> Row {
        let question = self.clone();
        let silent = Row {
            question,
            code: None,
            ended: String::new(),
            verdict: String::new(),
            message: String::new(),
            fine: None,
            wrong: None,
        };
        if self.is_blank() {
            return silent;
        }
        match self.ask(session, number) {
            Err(error) => Row { wrong: Some(error.into()), ..silent },
            Ok(report) => {
                let code = report.code();
                let message = report.deciding().map(|request| request.message.clone()).unwrap_or_default();
                let (ended, verdict) = (report.ended(), report.verdict());
                let fine = self.expected.map(|expected| Some(expected) == code);
                Row { code, ended, verdict, message, fine, ..silent }
            }
        }
    }

    /// The question as a step of a scenario: asked on a fork, and what is not said expected as it comes.
    pub(super) fn step(&self, number: usize, row: &Row) -> Step {
        let mut fields = self.fields().unwrap_or_else(|_| StepFields {
            by: Some(Who::Name(self.who.trim().to_owned())),
            run: Some(self.what.trim().to_owned()),
            ..StepFields::default()
        });
        let code = self.expected.or(row.code);
        let expected = code.map(|code| Expected { code: Some(code), ..Expected::default() });
        fields.expect = expected.map(|expected| Expect::Always(Wanted::One(expected)));
        let name = Some(format!("{NAME}{number}"));
        Step { fields: StepFields { name, what_if: Some(vec![Step { fields }]), ..StepFields::default() } }
    }

    /// The question that a step stands for, if it does.
    pub(super) fn of_step(step: &Step) -> Option<Question> {
        let named = step.fields.name.as_ref().is_some_and(|name| name.starts_with(NAME));
        match step.fields.what_if.as_deref() {
            Some([inner]) if named => Question::of(&inner.fields),
            Some(_) | None => None,
        }
    }

    /// The question that somebody asks in a step.
    pub(super) fn of(fields: &StepFields) -> Option<Question> {
        let what = match fields {
            StepFields { run: Some(line), inside: Some(pod), .. } => format!("in {pod} {line}"),
            StepFields { run: Some(line), .. } => line.clone(),
            StepFields { request: Some(request), .. } => raw(request)?,
            _ => return None,
        };
        let by = fields.request.as_ref().and_then(|request| request.by.as_ref()).or(fields.by.as_ref());
        let expected = match &fields.expect {
            Some(Expect::Always(Wanted::One(expected))) => expected.code,
            Some(Expect::Always(Wanted::Each(_)) | Expect::ByRelease(_)) | None => None,
        };
        Some(Question { who: by.map_or(Some("admin".to_owned()), who)?, what, expected })
    }

    /// The questions that a story asks: what others than an administrator read there, each with its last answer.
    pub(super) fn asked_in(steps: &[Step]) -> Vec<Question> {
        const MOST: usize = 12;
        let mut asked: Vec<Question> = Vec::new();
        for step in steps {
            let fields = &step.fields;
            let Some(question) = Question::of(fields).filter(|question| question.is_of_reading()) else {
                continue;
            };
            match asked.iter_mut().find(|other| (&other.who, &other.what) == (&question.who, &question.what))
            {
                Some(known) => known.expected = question.expected,
                None => asked.push(question),
            }
        }
        asked.truncate(MOST);
        asked
    }

    fn is_of_reading(&self) -> bool {
        let reads = ["kubectl get ", "kubectl auth can-i ", "kubectl describe ", "GET /"];
        self.who != "admin"
            && !self.what.contains('$')
            && reads.iter().any(|begin| self.what.starts_with(begin))
    }
}

/// Somebody as `as` takes them.
fn who(who: &Who) -> Option<String> {
    match who {
        Who::Name(name) => Some(name.clone()),
        Who::Full(fields) => {
            let WhoFields { user, groups, uid, extra, token, certificate } = fields;
            match (user, token) {
                _ if !uid.is_empty() || !extra.is_empty() || certificate.is_some() => None,
                (Some(user), None) => {
                    Some([std::slice::from_ref(user), groups.as_slice()].concat().join(" "))
                }
                (None, Some(token)) => Some(format!("--token {token}")),
                (Some(_) | None, _) => None,
            }
        }
    }
}

/// A raw request as it is typed.
fn raw(request: &RawRequest) -> Option<String> {
    if !request.headers.is_empty()
        || request.media.as_ref().is_some_and(|media| media != "application/merge-patch+json")
    {
        return None;
    }
    let body =
        request.body.as_ref().map(Value::to_string).map(|body| format!(" '{body}'")).unwrap_or_default();
    Some(format!("{}{body}", request.what))
}

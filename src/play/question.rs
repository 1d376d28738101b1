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
        let nobody = if fields.inside.is_some() { "" } else { "admin" };
        Some(Question { who: by.map_or(Some(nobody.to_owned()), who)?, what, expected })
    }

    /// The questions that a story asks: what others than an administrator read there, and what is refused to anybody.
    pub(super) fn asked_in(steps: &[Step]) -> Vec<Question> {
        let mut asked: Vec<Question> = Vec::new();
        let forks = steps.iter().flat_map(|step| step.fields.what_if.iter().flatten());
        for step in steps.iter().chain(forks) {
            let Some(question) = Question::of(&step.fields).filter(Question::is_clear) else { continue };
            if !asked.iter().any(|other| (&other.who, &other.what) == (&question.who, &question.what)) {
                asked.push(question);
            }
        }
        asked
    }

    /// Whether it means the same wherever it is asked: it stands in one line, needs nothing that was saved, and leaves nothing.
    fn is_clear(&self) -> bool {
        const READS: [&str; 4] = ["kubectl get ", "kubectl auth can-i ", "kubectl describe ", "GET /"];
        let in_pod = self.what.strip_prefix("in ").and_then(|rest| rest.split_once(' '));
        let reads = match in_pod {
            Some((_, line)) => line.starts_with("curl ") && !writes(line),
            None => READS.iter().any(|begin| self.what.starts_with(begin)),
        };
        let somebody = in_pod.is_some() || self.who != "admin" || self.what.contains(" --as");
        // A shell in the pod reads its own files.
        let saved = self.what.replace("$(cat /", "").contains('$');
        let refused = self.expected.is_some_and(|code| code >= 400);
        !saved && !self.what.contains('\n') && (refused || reads && somebody)
    }
}

/// Whether a line of curl sends something.
fn writes(line: &str) -> bool {
    let flags = ["-X", "--request", "-d", "--data", "--json", "-T", "--upload-file"];
    line.split_whitespace().any(|word| flags.iter().any(|flag| word.starts_with(flag)))
}

/// The questions of a story as they come out at its end: what cannot be asked there is left out.
pub(super) fn at_the_end(rows: Vec<Row>) -> Vec<Question> {
    const MOST: usize = 12;
    let asked = rows.into_iter().filter(|row| row.wrong.is_none() && !row.ended.is_empty());
    let known = asked.map(|Row { question, code, .. }| {
        // What `can-i` prints is no code.
        let expected = code.filter(|_| !question.what.starts_with("kubectl auth can-i "));
        Question { expected, ..question }
    });
    known.take(MOST).collect()
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

//! `kubeverdict can-i`: yes or no, of a dump; one question, or a file of them with what is expected.

use super::dumps::{AsArgs, DumpArgs};
use super::format::FormatArgs;
use super::out::{self, Out, safe};
use super::paint::{Paint, paint};
use super::{Exit, hints};
use crate::api::fact::Wanted;
use crate::api::{Attributes, Decision, RequestInfo, User};
use crate::error::Error;
use crate::explain::dump::Dump;
use crate::files;
use crate::golang::yaml;
use crate::limits::SCENARIO_BYTES;
use crate::paths::Target;
use crate::question;
use crate::scenario::format::Who;
use crate::scenario::person::Identity;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Say yes or no to a question to the objects of a dump, or check a file of them
///
///   kubeverdict can-i -f dump.yaml --as system:serviceaccount:shop:app get secrets -n shop
///
/// Ends with 0 for yes and 1 for no, as `kubectl auth can-i` does; 2 for bad input. A file of questions says what is
/// expected, and the command ends with 1 where one is answered otherwise:
///
///   - who: system:serviceaccount:shop:app
///     can: get secrets -n shop
///     expect: no
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct CanIArgs {
    /// VERB RESOURCE [NAME], VERB TYPE/NAME, VERB /path, a line of kubectl's, or a refusal of the server's, pasted
    #[arg(value_name = "QUESTION", required_unless_present = "questions", conflicts_with = "questions")]
    words: Vec<String>,
    #[command(flatten)]
    dump: DumpArgs,
    #[command(flatten)]
    by: AsArgs,
    /// A YAML file with questions and what is expected
    #[arg(long, value_name = "FILE", conflicts_with_all = ["user", "groups"])]
    questions: Option<PathBuf>,
    /// Print nothing
    #[arg(short, long)]
    quiet: bool,
    #[command(flatten)]
    format: FormatArgs,
}

/// A question, and what was answered.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Answer {
    /// Who asks.
    who: User,
    /// What was asked, in the words of the question.
    can: String,
    /// What that is in the server's words.
    wanted: Wanted,
    /// Yes or no.
    answer: YesNo,
    /// Why, in the server's words.
    #[serde(skip_serializing_if = "String::is_empty")]
    reason: String,
    /// What a file of questions expects.
    #[serde(skip_serializing_if = "Option::is_none")]
    expect: Option<YesNo>,
}

/// A question of a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    who: Who,
    can: String,
    expect: YesNo,
}

/// An answer.
#[derive(Clone, Copy, Deserialize, Serialize, JsonSchema, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
enum YesNo {
    Yes,
    No,
}

impl YesNo {
    fn word(self) -> &'static str {
        match self {
            YesNo::Yes => "yes",
            YesNo::No => "no",
        }
    }
}

pub(super) fn cmd_can_i(args: CanIArgs) -> Result<Exit, Error> {
    if args.dump.is_empty() {
        let error = Error::new("of which cluster?");
        return Err(
            error.hint("give its objects with -f DUMP; why a scenario's step ended so, `explain` says")
        );
    }
    let dump = args.dump.load()?;
    let answers = match &args.questions {
        Some(path) => of_file(&dump, &args, path)?,
        None => of_words(&dump, &args)?,
    };
    let fine = answers.iter().all(|told| told.answer == told.expect.unwrap_or(YesNo::Yes));
    let mut out = Out::open();
    if !args.quiet {
        args.format.print(&mut out, &answers, || in_words(&answers))?;
    }
    out.end(if fine { Exit::Fine } else { Exit::Differs })
}

/// Answers one question, with kubectl's warnings, or those of several pasted refusals.
fn of_words(dump: &Dump, args: &CanIArgs) -> Result<Vec<Answer>, Error> {
    let can = args.dump.question(&args.words)?;
    if let [_, _, ..] = question::refusals(&can).as_slice() {
        let asked = args.by.asks_all(&can, dump, || args.dump.read_as_kubectl(&can, dump))?;
        let one = |(who, info): (User, RequestInfo)| {
            let can = Target::question(info.clone()).words();
            of_one(dump, args, can, (who, info))
        };
        return Ok(asked.into_iter().map(one).collect());
    }
    let asked = args.by.asks(&can, dump, || args.dump.read_as_kubectl(&can, dump))?;
    Ok(vec![of_one(dump, args, can, asked)])
}

fn of_one(dump: &Dump, args: &CanIArgs, can: String, (who, info): (User, RequestInfo)) -> Answer {
    let told = answer(dump, who.clone(), can, info.clone(), None);
    let allowed = told.answer == YesNo::Yes;
    let pasted = allowed.then(|| hints::of_pasted(&told.can, &told.reason)).flatten();
    if !args.quiet {
        let hints = hints::of_question(dump, &who, &info, allowed);
        hints.iter().chain(&pasted).for_each(|text| super::hint(text));
    }
    told
}

/// Answers all questions of a file.
fn of_file(dump: &Dump, args: &CanIArgs, path: &Path) -> Result<Vec<Answer>, Error> {
    let name = path.display().to_string();
    let text = files::text(path, &SCENARIO_BYTES).map_err(Error::of_file(&name))?;
    let all: Vec<Expected> = yaml::typed(&text).map_err(|error| error.in_file(&name, &text))?;
    if all.is_empty() {
        return Err(Error::new("there is no question in it").in_file(&name));
    }
    let one = |(number, Expected { who, can, expect }): (usize, Expected)| {
        let wrong = |why: String| Error::new(format!("question {}: {why}", number + 1)).in_file(&name);
        let user = match Identity::of(&who) {
            Identity::User(user) => user,
            Identity::Nobody => User::anonymous(),
            Identity::Token(_) => return Err(wrong("it is about somebody by name, not by token".to_owned())),
        };
        let line = args.dump.question(std::slice::from_ref(&can))?;
        let refused = question::refusals(&line).len();
        if refused > 1 {
            return Err(wrong(format!("these are {refused} refusals: each is a question by itself")));
        }
        let asked = AsArgs::asks_for(Some(user), &line, dump, || args.dump.read(&can, dump));
        let (user, info) = asked.map_err(|error| {
            let told = wrong(error.to_string());
            error.hint.into_iter().fold(told, Error::hint)
        })?;
        // That nobody may do it is no news of a verb that there isn't.
        if let Some(text) = hints::wrong_verb(dump, &info) {
            return Err(wrong(text));
        }
        super::dumps::warn_of_no_account(&user.name);
        let told = answer(dump, user.clone(), can, info.clone(), Some(expect));
        if !args.quiet {
            // An answer as expected may be so by a slip of the pen.
            let hints = hints::of_question(dump, &user, &info, told.answer == expect);
            hints.iter().for_each(|text| super::hint(&format!("question {}: {text}", number + 1)));
        }
        Ok(told)
    };
    all.into_iter().enumerate().map(one).collect()
}

fn answer(dump: &Dump, who: User, can: String, info: RequestInfo, expect: Option<YesNo>) -> Answer {
    let wanted = Wanted::of(&info);
    let said = dump.cluster.decide(&Attributes { user: who.clone().authenticated(), info });
    let answer = if said.decision == Decision::Allow { YesNo::Yes } else { YesNo::No };
    Answer { who, can, wanted, answer, reason: said.reason(), expect }
}

/// One answer as kubectl tells it, of several each with its question; of a file of questions, those that differ.
fn in_words(answers: &[Answer]) -> String {
    let why = |told: &Answer| match told.reason.as_str() {
        "" => String::new(),
        reason => format!(" - {}", safe(reason)),
    };
    if let [told @ Answer { expect: None, .. }] = answers {
        return format!("{}{}", told.answer.word(), why(told));
    }
    if answers.iter().all(|told| told.expect.is_none()) {
        let one =
            |told: &Answer| format!("{}: {}: {}{}", told.who.name, told.can, told.answer.word(), why(told));
        return out::lines(answers.iter().map(one));
    }
    let differs = |told: &Answer| {
        let expect = told.expect.filter(|expect| *expect != told.answer)?.word();
        let text =
            format!("{}: {}: {}, not {expect}{}", told.who.name, told.can, told.answer.word(), why(told));
        Some(format!("{} {text}", paint(Paint::Bad, "differs")))
    };
    let mut lines: Vec<String> = answers.iter().filter_map(differs).collect();
    let (count, questions) = (answers.len(), if answers.len() == 1 { "question" } else { "questions" });
    let ended = match lines.len() {
        0 => "all as expected".to_owned(),
        differ => format!("{differ} answered otherwise"),
    };
    lines.push(format!("{count} {questions}: {ended}"));
    out::lines(lines)
}

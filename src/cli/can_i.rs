//! `kubeverdict can-i`: yes or no, of a dump; one question, or a file of them with what is expected.

use super::Exit;
use super::dumps::{AsArgs, DumpArgs};
use super::out::{Out, safe};
use super::paint::{Paint, paint};
use crate::api::{Attributes, Decision, RequestInfo, User};
use crate::error::Error;
use crate::explain::dump::Dump;
use crate::files;
use crate::limits::SCENARIO_BYTES;
use crate::scenario::format::Who;
use crate::scenario::person::Identity;
use crate::yaml;
use serde::Deserialize;
use std::io::Write;
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
    #[arg(long, value_name = "FILE", conflicts_with = "user")]
    questions: Option<PathBuf>,
    /// Print nothing
    #[arg(short, long)]
    quiet: bool,
}

/// A question of a file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    who: Who,
    can: String,
    expect: YesNo,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
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
    let mut out = Out::open();
    let fine = match &args.questions {
        Some(path) => check(&dump, &args, path, &mut out)?,
        None => {
            let (user, info) = args.by.asks(&args.dump, &args.dump.question(&args.words), &dump)?;
            let (said, why) = answer(&dump, user, info);
            args.tell(&mut out, &format!("{}{}", said.word(), behind(&why)));
            said == YesNo::Yes
        }
    };
    out.end(if fine { Exit::Fine } else { Exit::Differs })
}

impl CanIArgs {
    fn tell(&self, out: &mut Out, line: &str) {
        if !self.quiet {
            let _ = writeln!(out, "{line}");
        }
    }
}

/// Asks all questions of a file, and says whether all were answered as expected.
fn check(dump: &Dump, args: &CanIArgs, path: &Path, out: &mut Out) -> Result<bool, Error> {
    let name = path.display().to_string();
    let text = files::text(path, &SCENARIO_BYTES).map_err(Error::of_file(&name))?;
    let all: Vec<Expected> = yaml::typed(&text).map_err(|error| yaml::mistyped(&name, &text, &error))?;
    let mut differ = 0;
    for (number, Expected { who, can, expect }) in all.iter().enumerate() {
        let wrong = |why: String| Error::new(format!("question {}: {why}", number + 1)).in_file(&name);
        let user = match Identity::of(who) {
            Identity::User(user) => user,
            Identity::Nobody => User::anonymous(),
            Identity::Token(_) => return Err(wrong("it is about somebody by name, not by token".to_owned())),
        };
        let info = args.dump.read(can, dump).map_err(|error| wrong(error.to_string()))?.info;
        let called = user.name.clone();
        let (said, why) = answer(dump, user, info);
        if said != *expect {
            differ += 1;
            let told = format!("{called}: {can}: {}, not {}{}", said.word(), expect.word(), behind(&why));
            args.tell(out, &format!("{} {told}", paint(Paint::Bad, "differs")));
        }
    }
    let (count, questions) = (all.len(), if all.len() == 1 { "question" } else { "questions" });
    let ended =
        if differ == 0 { "all as expected".to_owned() } else { format!("{differ} answered otherwise") };
    args.tell(out, &format!("{count} {questions}: {ended}"));
    Ok(differ == 0)
}

/// Yes or no, and why.
fn answer(dump: &Dump, user: User, info: RequestInfo) -> (YesNo, String) {
    let said = dump.cluster.decide(&Attributes { user: user.authenticated(), info });
    let allowed = said.decision == Decision::Allow;
    (if allowed { YesNo::Yes } else { YesNo::No }, said.reason())
}

/// A reason behind an answer, as kubectl writes it.
fn behind(why: &str) -> String {
    if why.is_empty() { String::new() } else { format!(" - {}", safe(why)) }
}

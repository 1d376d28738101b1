//! A line of kubectl's as it is typed, as a question: it is a step on a fork of the dump's cluster, and what is asked is the request
//! that decides how the step ends.
//!
//! So every command, flag and short name means what it means in a scenario: which requests a line makes, and which of them count, is
//! known in one place. Reading the line as VERB RESOURCE would be wrong wherever kubectl asks for something else than its first word
//! says (`exec`, `scale`, `apply`).

use super::alike::Alike;
use super::note;
use super::scenarios;
use super::stand_ins::{self, StandIns};
use crate::api::{Attributes, Decision, Stage, User};
use crate::clients::Files;
use crate::cluster::Cluster;
use crate::error::Error;
use crate::explain::{self, dump::Dump};
use crate::files;
use crate::limits::NAMED_BYTES;
use crate::paths::Target;
use crate::question::{self, Question};
use crate::scenario::format::{CertificateFields, ClusterSpec, StepFields, Who, WhoFields};
use crate::scenario::session::Session;
use std::path::Path;

/// The files that a person's own line names.
struct Own;

impl Files for Own {
    fn read(&self, path: &str) -> Result<String, String> {
        files::text(Path::new(path), &NAMED_BYTES).map_err(|error| scenarios::told(&error))
    }

    fn bytes(&self, path: &str) -> Result<Vec<u8>, String> {
        files::read(Path::new(path), &NAMED_BYTES).map_err(|error| scenarios::told(&error))
    }

    fn names(&self, folder: &str) -> Option<Result<Vec<String>, String>> {
        let path = Path::new(folder);
        files::is_folder(path).then(|| files::names(path).map_err(|error| scenarios::told(&error)))
    }
}

/// Whether words are a line of kubectl's; `kubectl auth can-i` is a question already.
pub(super) fn is_line(words: &str) -> bool {
    words.split_whitespace().next() == Some("kubectl") && !question::is_typed(words)
}

/// What a line asks for, and who does: whoever is given, or `--as` in the line.
pub(super) fn read(line: &str, user: Option<&User>, dump: &Dump) -> Result<Question, Error> {
    let user = whoever_types(line, user)?;
    let Typed { question, notes, asks, .. } = typed(line, user, &dump.cluster)?;
    notes.iter().for_each(|text| note(text));
    if asks.len() > 1 {
        note(&format!("the line asks for {}", asks.join(", then ")));
    }
    Ok(question)
}

/// All that a line is refused, one after the other: what comes next is seen where all before it is allowed. Of a line that is
/// refused nothing, what it asks for.
pub(super) fn read_all(line: &str, user: Option<&User>, dump: &Dump) -> Result<Vec<Question>, Error> {
    /// More than any command of kubectl's sends for one object.
    const MOST: usize = 8;
    let user = whoever_types(line, user)?;
    let mut cluster = dump.cluster.fork();
    let mut all: Vec<Question> = Vec::new();
    let mut told: Vec<String> = Vec::new();
    while all.len() < MOST {
        let Typed { question, refused, notes, .. } = match typed(line, user, &cluster) {
            Ok(typed) => typed,
            Err(error) if all.is_empty() => return Err(error),
            Err(error) => {
                super::warn(&format!("what else it takes is not known: {error}"));
                break;
            }
        };
        for text in notes {
            if !told.contains(&text) {
                note(&text);
                told.push(text);
            }
        }
        match refused {
            Some(by) if !all.contains(&question) => {
                explain::allow(&mut cluster, &by, &question.info);
                all.push(question);
            }
            None if all.is_empty() => return Ok(vec![question]),
            Some(_) | None => break,
        }
    }
    Ok(all)
}

/// Who types a line: whoever is given, unless the line itself says who asks.
fn whoever_types<'u>(line: &str, user: Option<&'u User>) -> Result<Option<&'u User>, Error> {
    let (Some(given), Some(own)) = (user, question::named_in(line)) else { return Ok(user) };
    match own == given.name && given.groups == User::named(&own).groups {
        true => Ok(None),
        false => Err(both(&given.name, &own)),
    }
}

/// That two say who asks.
pub(super) fn both(given: &str, own: &str) -> Error {
    let why = format!("two are said to ask: `{own}` in the question's own words, and `{given}` besides");
    Error::new(why).hint(format!(
        "leave one away; whether `{given}` may act as `{own}` is the question `impersonate users {own}`"
    ))
}

/// What a line came to.
struct Typed {
    question: Question,
    /// Whom the authorizers refused it.
    refused: Option<User>,
    /// What had to be assumed.
    notes: Vec<String>,
    /// All that it asks for, in words.
    asks: Vec<String>,
}

fn typed(line: &str, user: Option<&User>, cluster: &Cluster) -> Result<Typed, Error> {
    // By a certificate somebody is who it says, and nobody else: in a scenario `admin` is the administrator.
    let who = |user: &User| {
        let certificate = CertificateFields { cn: user.name.clone(), o: user.groups.clone() };
        Who::Full(WhoFields { certificate: Some(certificate), ..WhoFields::default() })
    };
    let alike = Alike::of(line);
    let step = StepFields { run: Some(alike.line.clone()), by: user.map(who), ..StepFields::default() };
    let mut cluster = cluster.fork();
    let mut stand_ins = StandIns::default();
    let report = loop {
        let report = Session::of(cluster.fork(), &ClusterSpec::default(), &Own, false)?.step(&step, "1")?;
        if !stand_ins.add(&alike.line, &report, &mut cluster) {
            break report;
        }
    };
    // Of several that ended well none decides, and the last one is what the line is about.
    let Some(request) = report.deciding().or(report.requests.last()) else {
        let said = report.output.iter().flat_map(|output| output.stderr.lines()).next();
        let said = said.unwrap_or("it asks the server for nothing");
        return Err(Error::new(format!("`{line}`: {said}")));
    };
    let asks = request.trace.user.clone().filter(|_| user.is_some() || request.trace.impersonator.is_some());
    let by_authorizers = request.code == 403
        && request.trace.refusal().is_some_and(|refusal| refusal.stage == Stage::Authorize);
    let own = stand_ins::of_any(request.trace.info.clone());
    let next = alike.next(&own).filter(|_| !by_authorizers);
    let info = next.clone().unwrap_or_else(|| alike.asked(own.clone()));
    // A yes to looking it up would be none to what the line does then.
    if request.code == 404 && info.verb == "get" && !stand_ins::only_reads(line) {
        let (resource, name) = (&info.resource, &info.name);
        let why = format!("the dump does not hold {resource} `{name}`, which `{line}` looks up first");
        return Err(Error::new(why).hint(
            "ask for what it does then: VERB RESOURCE[/SUBRESOURCE] [NAME], such as `create pods/exec web`",
        ));
    }
    let is_refused = |user: &User| match info == own {
        true => by_authorizers,
        false => {
            cluster.decide(&Attributes { user: user.clone(), info: info.clone() }).decision != Decision::Allow
        }
    };
    let refused = request.trace.user.clone().filter(is_refused);
    let mut all: Vec<String> = Vec::new();
    let sent =
        report.requests.iter().map(|request| alike.asked(stand_ins::of_any(request.trace.info.clone())));
    for asked in sent.chain(next).filter(|info| info.is_resource) {
        let words = Target::question(asked).words();
        if !all.contains(&words) {
            all.push(words);
        }
    }
    Ok(Typed { question: Question { user: asks, info }, refused, notes: stand_ins.notes, asks: all })
}

//! A line that was typed: a step of a scenario, or a command of the prompt itself.

use super::commands::{COMMANDS, METHODS};
use crate::clients::shell;
use crate::error::Error;
use crate::json::Value;
use crate::scenario::format::{FlagValue, RawRequest, Save, Span, Step, StepFields, Who, WhoFields};
use jiff::SignedDuration;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Who types, and in which pod.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct At {
    /// Somebody else than an administrator.
    pub by: Option<Who>,
    /// The pod, as a step's `in` names it.
    pub pod: Option<String>,
}

/// What a line asks for.
#[derive(Clone, Debug)]
pub(crate) enum Line {
    /// Nothing: it is empty, or a comment.
    Nothing,
    /// A step.
    Step(Box<StepFields>),
    /// To go into a pod.
    Enter(String),
    /// To leave the pod, or the prompt.
    Exit,
    /// That somebody else types.
    As(Option<Who>),
    /// An explanation of the last step.
    Why,
    /// A fork.
    Fork,
    /// To drop the fork.
    Back,
    /// That the last line never happened.
    Undo,
    /// What was done so far.
    History,
    /// The list of commands.
    Help,
    /// The session as a scenario.
    Save(SaveAs),
}

/// Where a session is saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SaveAs {
    /// The file.
    pub path: String,
    /// The scenario's name; the file's unless given.
    pub name: Option<String>,
    /// Whether a file that is there is overwritten.
    pub over: bool,
}

/// Reads a line.
pub(crate) fn parse(text: &str, at: &At) -> Result<Line, Error> {
    let text = text.trim();
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    match word {
        "" => Ok(Line::Nothing),
        _ if word.starts_with('#') => Ok(Line::Nothing),
        "why" => alone(word, rest, Line::Why),
        "end" | "back" => alone(word, rest, Line::Back),
        "undo" => alone(word, rest, Line::Undo),
        "history" => alone(word, rest, Line::History),
        "help" | "?" => Ok(Line::Help),
        "exit" | "quit" | "logout" => alone(word, rest, Line::Exit),
        "save" | "save!" => save(word, rest),
        "as" => who(rest).map(Line::As),
        "what-if" | "fork" if rest.is_empty() => Ok(Line::Fork),
        "in" if !rest.contains(char::is_whitespace) => match rest {
            "" => Err(Error::new("which pod?").hint("write `in NAMESPACE/pod/NAME`")),
            target => Ok(Line::Enter(target.to_owned())),
        },
        _ => step(text, at).map(|fields| Line::Step(Box::new(fields))),
    }
}

fn alone(word: &str, rest: &str, line: Line) -> Result<Line, Error> {
    match rest {
        "" => Ok(line),
        _ => Err(Error::new(format!("`{word}` stands alone, without `{rest}`"))),
    }
}

fn save(word: &str, rest: &str) -> Result<Line, Error> {
    let mut words = rest.split_whitespace().map(str::to_owned);
    let path = words.next().ok_or_else(|| Error::new("which file?").hint("write `save FILE.yaml [NAME]`"))?;
    let name = words.collect::<Vec<_>>().join(" ");
    Ok(Line::Save(SaveAs { path, name: (!name.is_empty()).then_some(name), over: word == "save!" }))
}

/// Whom `as` names; none for an administrator.
pub(crate) fn who(rest: &str) -> Result<Option<Who>, Error> {
    let words: Vec<String> = rest.split_whitespace().map(str::to_owned).collect();
    let known = |fields| Ok(Some(Who::Full(fields)));
    match words.as_slice() {
        [] => Err(Error::new("who?").hint("write `as USER [GROUP…]` or `as admin`")),
        [name] if name == "admin" => Ok(None),
        [flag, token] if flag == "--token" => {
            known(WhoFields { token: Some(token.clone()), ..WhoFields::default() })
        }
        [flag, ..] if flag.starts_with('-') => {
            Err(Error::new(format!("`{flag}` is not known here")).hint("write `as --token TOKEN`"))
        }
        [name] => Ok(Some(Who::Name(name.clone()))),
        [name, groups @ ..] => {
            known(WhoFields { user: Some(name.clone()), groups: groups.to_vec(), ..WhoFields::default() })
        }
    }
}

/// The step that a line stands for.
pub(crate) fn step(text: &str, at: &At) -> Result<StepFields, Error> {
    if let Some((name, line)) = kept(text) {
        if forks(line) || kept(line).is_some() {
            return Err(Error::new(format!("what a line prints can be kept: `{line}` is more than one")));
        }
        return Ok(StepFields { save: Some(Save::Printed(name.to_owned())), ..step(line, at)? });
    }
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    let by = at.by.clone();
    match word {
        "wait" => Ok(StepFields { wait: Some(span(rest)?), ..StepFields::default() }),
        "restart" => Ok(StepFields { restart: Some(flags(rest)?), ..StepFields::default() }),
        "what-if" | "fork" if forks(rest) => {
            Err(Error::new("a fork on a fork").hint("type `what-if` alone, then line by line, then `end`"))
        }
        "what-if" | "fork" => {
            let inner = Step { fields: step(rest, at)? };
            Ok(StepFields { what_if: Some(vec![inner]), ..StepFields::default() })
        }
        "in" => {
            let (target, command) = rest.split_once(char::is_whitespace).ok_or_else(|| {
                Error::new("what is run there?").hint("write `in NAMESPACE/pod/NAME COMMAND`")
            })?;
            in_pod(target, command.trim())
        }
        _ if METHODS.contains(&word) && at.pod.is_some() => {
            Err(Error::new(format!("{word} asks from outside the pod"))
                .hint("`exit` leaves the pod; inside it, curl asks"))
        }
        _ if METHODS.contains(&word) => {
            Ok(StepFields { by, request: Some(request(word, rest)?), ..StepFields::default() })
        }
        // `cat <<EOF | kubectl …`
        "kubectl" | "cat" if at.pod.is_none() && (word == "kubectl" || text.contains("<<")) => {
            Ok(StepFields { by, run: Some(text.to_owned()), ..StepFields::default() })
        }
        _ => match &at.pod {
            Some(pod) => in_pod(pod, text),
            None => Err(unknown(word)),
        },
    }
}

fn forks(line: &str) -> bool {
    matches!(line.split_whitespace().next(), Some("what-if" | "fork"))
}

/// `NAME=$(LINE)`: what the line prints is kept.
fn kept(text: &str) -> Option<(&str, &str)> {
    let (name, line) = text.strip_suffix(')')?.split_once("=$(")?;
    shell::is_name(name).then_some((name, line.trim()))
}

/// The longest wait at a prompt, where somebody sits and waits as well.
const YEAR: SignedDuration = SignedDuration::from_hours(366 * 24);

fn span(text: &str) -> Result<Span, Error> {
    let text = text.split_whitespace().collect::<String>();
    let read = Span::deserialize(Value::from(text.as_str()));
    let span = read.map_err(Error::of)?;
    match span.0 > YEAR {
        true => Err(Error::new(format!("`{text}` is longer than a year, the most that is waited at once"))),
        false => Ok(span),
    }
}

fn flags(text: &str) -> Result<BTreeMap<String, FlagValue>, Error> {
    let mut flags = BTreeMap::new();
    for word in text.split_whitespace() {
        let (name, value) = word
            .trim_start_matches("--")
            .split_once('=')
            .ok_or_else(|| Error::new(format!("`{word}` is no flag with a value: write --FLAG=VALUE")))?;
        add_flag(&mut flags, name, value);
    }
    match flags.is_empty() {
        true => Err(Error::new("with which flags?").hint("write `restart --FLAG=VALUE`")),
        false => Ok(flags),
    }
}

/// Adds a flag as YAML would have it; one that is given again becomes a list.
pub(crate) fn add_flag(flags: &mut BTreeMap<String, FlagValue>, name: &str, value: &str) {
    let value = match (value.parse::<bool>(), value.parse::<i64>()) {
        (Ok(on), _) => FlagValue::Bool(on),
        (_, Ok(number)) if number.to_string() == value => FlagValue::Number(number),
        _ => FlagValue::Text(value.to_owned()),
    };
    let value = match flags.remove(name) {
        None => value,
        Some(before) => FlagValue::List([before.words(), value.words()].concat()),
    };
    flags.insert(name.to_owned(), value);
}

fn in_pod(target: &str, line: &str) -> Result<StepFields, Error> {
    let word = line.split_whitespace().next().unwrap_or_default();
    let command = word.rsplit('/').next().unwrap_or(word);
    if command == "kubectl" {
        return Err(Error::new("there is no kubectl in a pod").hint("curl asks here; `exit` leaves the pod"));
    }
    if !shell::COMMANDS.contains(&command) {
        let own = COMMANDS.iter().map(|command| command.name);
        let known = shell::COMMANDS.iter().copied().chain(own);
        return Err(Error::new(format!("`{word}` is not a command in a pod")).nearest(word, known));
    }
    Ok(StepFields { inside: Some(target.to_owned()), run: Some(line.to_owned()), ..StepFields::default() })
}

fn request(method: &str, rest: &str) -> Result<RawRequest, Error> {
    let (path, body) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    if !path.starts_with('/') {
        return Err(Error::new(format!("`{path}` is no path: it begins with `/`")));
    }
    let body = body.trim();
    let bare = body.strip_prefix('\'').and_then(|body| body.strip_suffix('\'')).unwrap_or(body);
    let read = |text| serde_json::from_str::<Value>(text);
    let body = (!bare.is_empty()).then(|| read(bare)).transpose();
    let body = body.map_err(|error| Error::new(format!("the body is no JSON: {error}")))?;
    let media = (method == "PATCH").then(|| "application/merge-patch+json".to_owned());
    Ok(RawRequest { by: None, what: format!("{method} {path}"), body, media, headers: BTreeMap::new() })
}

/// What is typed by habit, and what stands for it here.
const HABITS: &[(&str, &str)] =
    &[shell::ALIAS, ("admin", "write `as admin`"), ("clear", "Ctrl-L clears the screen")];

fn unknown(word: &str) -> Error {
    let wrong = Error::new(format!("`{word}` is not a command here"));
    if let Some((_, hint)) = HABITS.iter().find(|(habit, _)| *habit == word) {
        return wrong.hint(*hint);
    }
    if shell::COMMANDS.contains(&word) {
        return wrong.hint(format!("`{word}` runs in a pod: `in NAMESPACE/pod/NAME` enters one"));
    }
    let upper = word.to_uppercase();
    if METHODS.contains(&upper.as_str()) {
        return wrong.hint(format!("a raw request is `{upper} /path`, kubectl's is `kubectl {word} …`"));
    }
    let error =
        wrong.nearest(word, COMMANDS.iter().map(|command| command.name).chain(METHODS.iter().copied()));
    match error.hint {
        Some(_) => error,
        None => error.hint("`help` lists the commands"),
    }
}

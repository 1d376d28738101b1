//! How kubectl fails: what it writes to standard error and its exit code (`kubectl/pkg/cmd/util.CheckErr`).

use super::super::{End, Unknown};
use crate::api::{Body, Dig, Response};
use crate::json::{Value, json};

/// Why a command ends early.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    said: Said,
    /// The request whose answer it is.
    asked: Option<usize>,
    /// What no resource answers to.
    unknown: Option<Unknown>,
}

/// What a failure has to say.
#[derive(Clone, Debug)]
enum Said {
    /// The server's refusal (a Status).
    Status(Value),
    /// A text that gets `error: ` in front.
    Plain(String),
    /// A text that stands alone.
    Bare(String),
    /// Several at once, one line each.
    Many(Vec<Failure>),
    /// All is said; only the exit code is left.
    Exit(i32),
}

/// Ends a command with a text that gets `error: ` in front; it takes what `format!` takes.
macro_rules! fail {
    ($($text:tt)+) => {
        return Err($crate::clients::kubectl::error::Failure::plain(format!($($text)+)))
    };
}
pub(super) use fail;

/// What a command returns.
pub(super) type Done<T = ()> = Result<T, Failure>;

impl From<Said> for Failure {
    fn from(said: Said) -> Failure {
        Failure { said, asked: None, unknown: None }
    }
}

impl Failure {
    /// A text that gets `error: ` in front.
    pub(super) fn plain(text: impl Into<String>) -> Failure {
        Said::Plain(text.into()).into()
    }

    /// A text that stands alone.
    pub(super) fn bare(text: impl Into<String>) -> Failure {
        Said::Bare(text.into()).into()
    }

    /// A manifest that kubectl itself does not take.
    pub(super) fn validating(source: &str, what: &str) -> Failure {
        Failure::plain(format!(
            "error validating \"{source}\": error validating data: {what}; if you choose to ignore these errors, turn validation off with --validate=false"
        ))
    }

    /// An exit code, where all is said.
    pub(super) fn exit(code: i32) -> Failure {
        Said::Exit(code).into()
    }

    /// The same of something that no resource answers to.
    pub(super) fn unknown(self, unknown: Unknown) -> Failure {
        Failure { unknown: Some(unknown), ..self }
    }

    /// The same in other words: what was answered stays what decided.
    pub(super) fn in_words(self, text: impl Into<String>) -> Failure {
        Failure { said: Said::Plain(text.into()), ..self }
    }

    /// What no resource answers to, if that is what was wrong.
    pub(super) fn slip(&self) -> Option<&Unknown> {
        match &self.said {
            Said::Many(all) => all.iter().find_map(Failure::slip),
            Said::Status(_) | Said::Plain(_) | Said::Bare(_) | Said::Exit(_) => self.unknown.as_ref(),
        }
    }

    /// How what failed ended; where only an exit code is left, `last` was the answer that it is about.
    pub(super) fn ends(&self, last: Option<usize>) -> Vec<End> {
        match &self.said {
            Said::Many(all) => all.iter().flat_map(|one| one.ends(last)).collect(),
            Said::Exit(_) => vec![End { request: self.asked.or(last), failed: true }],
            Said::Status(_) | Said::Plain(_) | Said::Bare(_) => {
                vec![End { request: self.asked, failed: true }]
            }
        }
    }

    /// Several failures as one; `Ok` when there is none.
    pub(super) fn all(mut failures: Vec<Failure>) -> Done {
        match failures.len() {
            0 => Ok(()),
            1 => Err(failures.remove(0)),
            _ => Err(Said::Many(failures).into()),
        }
    }

    /// What client-go makes of an answer that is no success, to the request of that place.
    pub(super) fn of(response: &Response, asked: Option<usize>) -> Failure {
        let body = response.object();
        if body.text("kind") == "Status" {
            return Failure { asked, ..Said::Status(body.clone()).into() };
        }
        let text = match &response.body {
            Body::Text(text) => text.trim(),
            Body::Json(_) | Body::List(_) | Body::Bytes(_) | Body::Watch(_) => "",
        };
        let (reason, message) = match response.code {
            400 => ("BadRequest", text),
            401 => ("Unauthorized", "the server has asked for the client to provide credentials"),
            403 => ("Forbidden", text),
            404 => ("NotFound", "the server could not find the requested resource"),
            405 => ("MethodNotAllowed", "the server does not allow this method on the requested resource"),
            406 => ("NotAcceptable", text),
            409 => ("Conflict", "the server reported a conflict"),
            415 => ("UnsupportedMediaType", text),
            429 => (
                "TooManyRequests",
                "the server has received too many requests and has asked us to try again later",
            ),
            503 => ("ServiceUnavailable", text),
            _ => ("InternalError", text),
        };
        let status = json!({"reason": reason, "message": message, "code": response.code});
        Failure { asked, ..Said::Status(status).into() }
    }

    /// Whether the server said so for a reason.
    pub(super) fn is(&self, reason: &str) -> bool {
        matches!(&self.said, Said::Status(status) if status.text("reason") == reason)
    }

    /// Whether it is a text that kubectl puts `error: ` in front of.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self.said, Said::Plain(_))
    }

    /// Whether it is a text that stands alone.
    pub(super) fn is_bare(&self) -> bool {
        matches!(self.said, Said::Bare(_))
    }

    /// The text alone, as `%v` prints an error.
    pub(super) fn message(&self) -> String {
        match &self.said {
            Said::Status(status) => status.text("message").to_owned(),
            Said::Plain(text) | Said::Bare(text) => text.clone(),
            Said::Many(all) => {
                let texts: Vec<String> = all.iter().map(Failure::message).collect();
                format!("[{}]", texts.join(", "))
            }
            Said::Exit(_) => String::new(),
        }
    }

    /// Says what was done with which file (`cmdutil.AddSourceToErr`).
    pub(super) fn when(self, doing: &str, source: &str) -> Failure {
        if source.is_empty() {
            return self;
        }
        let text = format!("error when {doing} \"{source}\": {}", self.message());
        match self.said {
            Said::Status(_) => self.saying(text),
            Said::Plain(_) | Said::Bare(_) | Said::Many(_) | Said::Exit(_) => self.in_words(text),
        }
    }

    /// Says more in front of the server's message.
    pub(super) fn behind(self, prefix: &str) -> Failure {
        match self.said {
            Said::Status(_) => {
                let text = format!("{prefix}{}", self.message());
                self.saying(text)
            }
            Said::Plain(_) | Said::Bare(_) | Said::Many(_) | Said::Exit(_) => self,
        }
    }

    /// The server's refusal with another message.
    fn saying(mut self, message: String) -> Failure {
        if let Said::Status(status) = &mut self.said {
            status.set("message", message);
        }
        self
    }

    /// Wraps in an error text, where kubectl forgets the kind of the error (`fmt.Errorf("…: %v")`).
    pub(super) fn wrap(self, prefix: &str) -> Failure {
        let text = format!("{prefix}{}", self.message());
        self.in_words(text)
    }

    /// What goes to standard error, and the exit code.
    pub(super) fn render(&self) -> (String, i32) {
        let text = match &self.said {
            Said::Exit(code) => return (String::new(), *code),
            Said::Status(status) if status.text("reason") == "Invalid" => invalid(status),
            Said::Plain(text) if !text.starts_with("error: ") => format!("error: {text}"),
            Said::Many(all) => {
                let lines: Vec<String> = all.iter().map(Failure::line).collect();
                lines.join("\n")
            }
            Said::Status(_) | Said::Plain(_) | Said::Bare(_) => self.line(),
        };
        let end = if text.ends_with('\n') { "" } else { "\n" };
        (format!("{text}{end}"), 1)
    }

    /// One of several (`cmdutil.messageForError`).
    fn line(&self) -> String {
        match &self.said {
            Said::Status(status) => match (status.text("reason"), status.text("message")) {
                ("Unauthorized", message) => {
                    format!("error: You must be logged in to the server ({message})")
                }
                ("", message) => format!("Error from server: {message}"),
                (reason, message) => format!("Error from server ({reason}): {message}"),
            },
            Said::Plain(_) | Said::Bare(_) | Said::Many(_) | Said::Exit(_) => self.message(),
        }
    }
}

/// 422 is told by its causes.
fn invalid(status: &Value) -> String {
    let (kind, name) = (status.text("details.kind"), status.text("details.name"));
    let mut causes: Vec<String> = Vec::new();
    for cause in status.list("details.causes") {
        let text = format!("{}: {}", cause.text("field"), cause.text("message"));
        if !causes.contains(&text) {
            causes.push(text);
        }
    }
    let head = match (kind, name, causes.is_empty()) {
        ("", "", true) => match status.text("message") {
            "" => "The request is invalid".to_owned(),
            message => format!("The request is invalid: {message}"),
        },
        ("", "", false) => "The request is invalid".to_owned(),
        _ => format!("The {kind} \"{name}\" is invalid"),
    };
    match causes.as_slice() {
        [] => head,
        // A line's end comes even after a cause that ends with one (`cmdutil.MultilineError`).
        [one] => format!("{head}: {one}\n"),
        many => many.iter().fold(format!("{head}: \n"), |text, cause| format!("{text}* {cause}\n")),
    }
}

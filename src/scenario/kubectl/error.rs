//! How kubectl fails: what it writes to standard error and its exit code (`kubectl/pkg/cmd/util.CheckErr`).

use crate::api::{Body, Dig, Response};
use serde_json::{Value, json};

/// Why a command ends early.
#[derive(Clone, Debug)]
pub(super) enum Failure {
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

/// What a command returns.
pub(super) type Done<T = ()> = Result<T, Failure>;

impl Failure {
    /// A text that gets `error: ` in front.
    pub(super) fn plain(text: impl Into<String>) -> Failure {
        Failure::Plain(text.into())
    }

    /// Several failures as one; `Ok` when there is none.
    pub(super) fn all(mut failures: Vec<Failure>) -> Done {
        match failures.len() {
            0 => Ok(()),
            1 => Err(failures.remove(0)),
            _ => Err(Failure::Many(failures)),
        }
    }

    /// What client-go makes of an answer that is no success.
    pub(super) fn of(response: &Response) -> Failure {
        let body = response.object();
        if body.text("kind") == "Status" {
            return Failure::Status(body.clone());
        }
        let text = match &response.body {
            Body::Text(text) => text.trim(),
            Body::Json(_) | Body::Bytes(_) | Body::Watch(_) => "",
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
        Failure::Status(json!({"reason": reason, "message": message, "code": response.code}))
    }

    /// Whether the server said so for a reason.
    pub(super) fn is(&self, reason: &str) -> bool {
        matches!(self, Failure::Status(status) if status.text("reason") == reason)
    }

    /// The text alone, as `%v` prints an error.
    pub(super) fn message(&self) -> String {
        match self {
            Failure::Status(status) => status.text("message").to_owned(),
            Failure::Plain(text) | Failure::Bare(text) => text.clone(),
            Failure::Many(all) => {
                let texts: Vec<String> = all.iter().map(Failure::message).collect();
                format!("[{}]", texts.join(", "))
            }
            Failure::Exit(_) => String::new(),
        }
    }

    /// Says what was done with which file (`cmdutil.AddSourceToErr`).
    pub(super) fn when(self, doing: &str, source: &str) -> Failure {
        if source.is_empty() {
            return self;
        }
        match self {
            Failure::Status(mut status) => {
                let message = format!("error when {doing} \"{source}\": {}", status.text("message"));
                status.set("message", message);
                Failure::Status(status)
            }
            other => Failure::Plain(format!("error when {doing} \"{source}\": {}", other.message())),
        }
    }

    /// Says more in front of the server's message.
    pub(super) fn behind(self, prefix: &str) -> Failure {
        match self {
            Failure::Status(mut status) => {
                status.set("message", format!("{prefix}{}", status.text("message")));
                Failure::Status(status)
            }
            other => other,
        }
    }

    /// Wraps in an error text, where kubectl forgets the kind of the error (`fmt.Errorf("…: %v")`).
    pub(super) fn wrap(self, prefix: &str) -> Failure {
        Failure::Plain(format!("{prefix}{}", self.message()))
    }

    /// What goes to standard error, and the exit code.
    pub(super) fn render(&self) -> (String, i32) {
        let text = match self {
            Failure::Exit(code) => return (String::new(), *code),
            Failure::Status(status) if status.text("reason") == "Invalid" => invalid(status),
            Failure::Plain(text) if !text.starts_with("error: ") => format!("error: {text}"),
            Failure::Many(all) => {
                let lines: Vec<String> = all.iter().map(Failure::line).collect();
                lines.join("\n")
            }
            Failure::Status(_) | Failure::Plain(_) | Failure::Bare(_) => self.line(),
        };
        let end = if text.ends_with('\n') { "" } else { "\n" };
        (format!("{text}{end}"), 1)
    }

    /// One of several (`cmdutil.messageForError`).
    fn line(&self) -> String {
        match self {
            Failure::Status(status) => match (status.text("reason"), status.text("message")) {
                ("Unauthorized", message) => {
                    format!("error: You must be logged in to the server ({message})")
                }
                ("", message) => format!("Error from server: {message}"),
                (reason, message) => format!("Error from server ({reason}): {message}"),
            },
            Failure::Plain(_) | Failure::Bare(_) | Failure::Many(_) | Failure::Exit(_) => self.message(),
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

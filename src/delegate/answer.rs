//! What a webhook's HTTP answer comes to, in client-go's words (`rest.Request`, `apimachinery/pkg/api/errors`).

use crate::api::field::quote;
use crate::api::{Dig, Heard, Post};
use crate::golang::{json, yaml};
use crate::json::Value;

/// No answer that could be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    /// Why, in words.
    pub why: String,
    /// Whether it may pass by itself, so that another try is worth it (`webhook.DefaultShouldRetry`).
    pub passes: bool,
}

/// The object in an answer.
pub(crate) fn object(post: &Post, heard: &Heard) -> Result<Value, Failure> {
    let failed = |why: &str| Failure {
        why: format!("Post {}: {why}", quote(&post.target())),
        passes: why.contains("connection reset by peer"),
    };
    match heard {
        Heard::Failed(why) => Err(failed(why)),
        Heard::TimedOut => Err(failed("context deadline exceeded")),
        Heard::Http { code, body, .. } if (200..=206).contains(code) => {
            parsed(body).map_err(|why| Failure { why, passes: false })
        }
        Heard::Http { code, media, body } => {
            Err(Failure { why: refused(*code, media, body), passes: matches!(code, 429 | 500 | 504) })
        }
    }
}

/// The review in an answer; what was asked says of which kind and version it must be.
pub(super) fn review(post: &Post, asked: &Value, heard: &Heard) -> Result<Value, Failure> {
    if *heard == Heard::TimedOut {
        let late = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)";
        return object(post, &Heard::Failed(late.to_owned()));
    }
    let review = object(post, heard)?;
    is_of_kind(&review, asked).map_err(|why| Failure { why, passes: false })?;
    Ok(review)
}

/// Whether an answer is of the kind and the version that were asked; one that says nothing of it is.
///
/// Differs from Kubernetes: of an answer of another kind the same is said as of one of another version.
pub(crate) fn is_of_kind(review: &Value, asked: &Value) -> Result<(), String> {
    let or = |field: &str| match review.text(field) {
        "" => asked.text(field).to_owned(),
        said => said.to_owned(),
    };
    let short = |version: &str, kind: &str| {
        format!("{}.{kind}", version.rsplit_once('/').map_or(version, |(_, version)| version))
    };
    let (version, kind) = (or("apiVersion"), or("kind"));
    if (version.as_str(), kind.as_str()) == (asked.text("apiVersion"), asked.text("kind")) {
        return Ok(());
    }
    let (got, wanted) = (short(&version, &kind), short(asked.text("apiVersion"), asked.text("kind")));
    Err(format!("converting ({got}) to ({wanted}): unknown conversion"))
}

/// The object that a body is: JSON where it begins like that, else YAML.
fn parsed(body: &[u8]) -> Result<Value, String> {
    let of_json = |why| format!("couldn't get version/kind; json parse error: {why}");
    let text = String::from_utf8_lossy(body);
    let value = match text.trim_start().starts_with('{') {
        true => json::value(body).map_err(of_json)?,
        false => yaml::value(&text)?,
    };
    match value {
        Value::Object(_) => Ok(value),
        other => Err(of_json(format!(
            "json: cannot unmarshal {} into Go value of type struct {{ APIVersion string \
             \"json:\\\"apiVersion,omitempty\\\"\"; Kind string \"json:\\\"kind,omitempty\\\"\" }}",
            json::noun(&other)
        ))),
    }
}

/// An HTTP code as a client tells it (`errors.NewGenericServerResponse`).
fn refused(code: u16, media: &str, body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    if let Ok(status) = serde_json::from_str::<Value>(&text)
        && (status.text("kind"), status.text("apiVersion")) == ("Status", "v1")
        && status.text("status") == "Failure"
    {
        return status.text("message").to_owned();
    }
    let said = if media.starts_with("text/") { text.trim() } else { "unknown" };
    match code {
        409 => "the server reported a conflict".to_owned(),
        404 => "the server could not find the requested resource".to_owned(),
        400 => "the server rejected our request for an unknown reason".to_owned(),
        401 => "the server has asked for the client to provide credentials".to_owned(),
        403 | 415 => said.to_owned(),
        405 => "the server does not allow this method on the requested resource".to_owned(),
        406 if matches!(said, "" | "unknown") => {
            "the server was unable to respond with a content type that the client supports".to_owned()
        }
        406 => said.to_owned(),
        422 => "the server rejected our request due to an error in our request".to_owned(),
        429 => "the server has received too many requests and has asked us to try again later".to_owned(),
        503 => "the server is currently unable to handle the request".to_owned(),
        504 => "the server was unable to return a response in the time allotted, but may still be processing the request"
            .to_owned(),
        500.. => format!("an error on the server ({}) has prevented the request from succeeding", quote(said)),
        _ => format!("the server responded with the status code {code} but did not return more information"),
    }
}

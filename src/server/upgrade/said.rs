//! What the pod's end tells the client.

use crate::api::Dig;
use crate::json::{Value, json};
use bytes::Bytes;

/// The channels of exec and attach, by their numbers on a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Channel {
    Stdin = 0,
    Stdout = 1,
    Stderr = 2,
    Error = 3,
}

/// Something that goes to the client.
#[derive(Debug)]
pub(super) enum Said {
    /// Output.
    Bytes(Channel, Bytes),
    /// The last word.
    End(End),
}

/// How a stream ended.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum End {
    /// The command did, with this exit code.
    Exit { code: i32, command: Vec<String> },
    /// It never began: the Status that says why.
    Refused(Value),
}

/// How ends are told on the error channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Telling {
    /// A text, if it failed (before `v4.channel.k8s.io`).
    Text,
    /// A Status, in a kubelet's words.
    Status,
    /// A Status, in the words of the server that translates (`v5.channel.k8s.io`).
    Translated,
}

/// A Status as Go writes it: its fields in their order, without those that are empty.
#[derive(Default, serde::Serialize)]
struct Status {
    metadata: Value,
    status: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    message: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Details>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<i64>,
}

#[derive(serde::Serialize)]
struct Details {
    causes: Vec<Cause>,
}

#[derive(serde::Serialize)]
struct Cause {
    #[serde(skip_serializing_if = "String::is_empty")]
    reason: String,
    message: String,
}

impl End {
    /// What is written on the error channel; none if nothing is.
    pub(super) fn written(&self, telling: Telling) -> Option<Bytes> {
        let status = self.status(telling == Telling::Translated);
        match telling {
            Telling::Text => Some(status.message.into()).filter(|text: &Bytes| !text.is_empty()),
            Telling::Status | Telling::Translated => serde_json::to_vec(&status).ok().map(Bytes::from),
        }
    }

    fn status(&self, translated: bool) -> Status {
        let cause =
            |reason: &str, message: &str| Cause { reason: reason.to_owned(), message: message.to_owned() };
        let failure = Status { metadata: json!({}), status: "Failure", ..Status::default() };
        match self {
            End::Exit { code: 0, .. } => Status { status: "Success", ..failure },
            End::Exit { code, command } => {
                let why = match translated {
                    true => format!("command terminated with exit code {code}"),
                    false => format!("error executing command [{}], exit code {code}", command.join(" ")),
                };
                Status {
                    message: format!("command terminated with non-zero exit code: {why}"),
                    reason: "NonZeroExitCode".to_owned(),
                    details: Some(Details { causes: vec![cause("ExitCode", &code.to_string())] }),
                    ..failure
                }
            }
            End::Refused(status) => {
                let causes = status.list("details.causes").iter();
                Status {
                    message: status.text("message").to_owned(),
                    reason: status.text("reason").to_owned(),
                    details: Some(Details {
                        causes: causes.map(|one| cause(one.text("reason"), one.text("message"))).collect(),
                    }),
                    code: status.at("code").as_i64(),
                    ..failure
                }
            }
        }
    }
}

//! What goes wrong in a real cluster now and then. A scenario says which of it may happen, each at most once; in the usual order
//! none does.
//!
//! | fault | what it stands for |
//! | --- | --- |
//! | `lost-answer` | A request is carried out, and the connection breaks before its answer. client-go tries no write again (`rest/with_retry.go`: "they are not idempotent"), so it is done again by whoever did it. |
//! | `restart` | The API server was started a moment ago, and its caches are empty; as where a client does not wait for `/readyz`. |
//! | `other-server` | There are two API servers behind one address, and the request comes to the other, whose watch is slower (`kubeadm` "Highly Available Topology"). |
//! | `down NAME` | A controller's program ends, and another takes its place once its lease has ended (`--leader-elect-lease-duration`, 15s); `for SPAN` says otherwise. It lists anew then, and hears of nothing that came and went. |
//! | `skew NODE SPAN` | From now on the clock of a node's kubelet is ahead, or behind (`-10m`). What it tells of pods and events has its time, and it fetches fresh tokens by it (`pkg/kubelet/token/token_manager.go`, `requiresRefresh`); when a token ends, the API server's clock says. |
//! | `times-out NAME` | A webhook does not answer in its `timeoutSeconds`; its `failurePolicy` says what comes of it. |
//!
//! Differs from Kubernetes: all that a step asked is lost of a lost answer, not a part of it; the other server's authorizer alone is
//! slower, by a second, and what else it remembers is the first one's. A kubelet whose clock is wrong still speaks TLS, whatever a
//! certificate says of its first and last day; that its lease tells another time is as in Kubernetes: the node lifecycle controller goes
//! by when it saw it change. A container that runs to its end while the clock jumps ends by that clock, and not by how long it ran.

use crate::error::nearest;
use crate::limits::SKEW_SECONDS;
use jiff::SignedDuration;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// Until another takes over: `--leader-elect-lease-duration`.
const LEASE: SignedDuration = SignedDuration::from_secs(15);

/// The forms of a fault.
const FORMS: &str = "a fault is `lost-answer`, `restart`, `other-server`, `down CONTROLLER [for SPAN]`, `skew NODE SPAN` or `times-out WEBHOOK`";

/// The words that they begin with.
const WORDS: [&str; 6] = ["lost-answer", "restart", "other-server", "down", "skew", "times-out"];

/// What goes wrong, as the next step comes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Fault {
    /// The step's answer is lost, and it is done again.
    LostAnswer,
    /// The API server was started a moment ago.
    Restart,
    /// The step reaches another API server, whose authorizer is behind.
    OtherServer,
    /// A controller does nothing for a while.
    Down {
        /// Which: its name, or `kube-controller-manager` for all that run in it.
        controller: String,
        /// How long.
        lasts: SignedDuration,
    },
    /// The clock of a node is wrong from now on.
    Skew {
        /// Which node's.
        node: String,
        /// How far it is ahead of the API server's; behind, where that is negative.
        ahead: SignedDuration,
    },
    /// A webhook is too slow for the step.
    TimesOut(String),
}

impl FromStr for Fault {
    type Err = String;

    fn from_str(text: &str) -> Result<Fault, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let down = |controller: &str, lasts| Fault::Down { controller: controller.to_owned(), lasts };
        match words.as_slice() {
            ["lost-answer"] => Ok(Fault::LostAnswer),
            ["restart"] => Ok(Fault::Restart),
            ["other-server"] => Ok(Fault::OtherServer),
            ["down", controller] => Ok(down(controller, LEASE)),
            ["down", controller, "for", span] => match span.parse::<SignedDuration>() {
                Ok(lasts) if lasts.is_positive() => Ok(down(controller, lasts)),
                Ok(_) | Err(_) => Err(format!("`{span}` is no duration such as 15s or 10m")),
            },
            ["skew", node, span] => Ok(Fault::Skew { node: (*node).to_owned(), ahead: skew(span)? }),
            ["times-out", webhook] => Ok(Fault::TimesOut((*webhook).to_owned())),
            words => Err(unknown(text, words.first().copied().unwrap_or_default())),
        }
    }
}

/// How wrong a clock is.
fn skew(span: &str) -> Result<SignedDuration, String> {
    let ahead: SignedDuration = match span.parse() {
        Ok(ahead) if ahead != SignedDuration::ZERO => ahead,
        Ok(_) | Err(_) => {
            return Err(format!("`{span}` is no duration such as 10m, or -10m for a clock that is behind"));
        }
    };
    SKEW_SECONDS.check(ahead.as_secs().unsigned_abs()).map(|()| ahead)
}

/// What is said of a text that is no fault.
fn unknown(text: &str, first: &str) -> String {
    match nearest(first, WORDS).filter(|word| *word != first) {
        Some(word) => format!("`{text}` is none that is known, did you mean `{word}`? {FORMS}"),
        None => format!("`{text}` is none that is known: {FORMS}"),
    }
}

/// A span in one word.
fn word(span: &SignedDuration) -> String {
    let sign = if span.is_negative() { "-" } else { "" };
    format!("{sign}{:#}", span.abs()).replace(' ', "")
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::LostAnswer => f.write_str("lost-answer"),
            Fault::Restart => f.write_str("restart"),
            Fault::OtherServer => f.write_str("other-server"),
            Fault::Down { controller, lasts } if *lasts == LEASE => write!(f, "down {controller}"),
            Fault::Down { controller, lasts } => {
                write!(f, "down {controller} for {}", word(lasts))
            }
            Fault::Skew { node, ahead } => write!(f, "skew {node} {}", word(ahead)),
            Fault::TimesOut(webhook) => write!(f, "times-out {webhook}"),
        }
    }
}

impl TryFrom<String> for Fault {
    type Error = String;

    fn try_from(text: String) -> Result<Fault, String> {
        text.parse()
    }
}

impl From<Fault> for String {
    fn from(fault: Fault) -> String {
        fault.to_string()
    }
}

impl JsonSchema for Fault {
    fn schema_name() -> Cow<'static, str> {
        "Fault".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "What may go wrong: lost-answer, restart, other-server, down CONTROLLER [for SPAN], skew NODE SPAN, times-out WEBHOOK.",
            "type": "string",
            "pattern": r"^(lost-answer|restart|other-server|down \S+( for \S+)?|skew \S+ \S+|times-out \S+)$",
        })
    }
}

impl Fault {
    /// What happened to a step that is called so, in a sentence.
    pub(super) fn in_words(&self, step: &str) -> String {
        match self {
            Fault::LostAnswer => format!("the answer to {step} was lost, and it was done again"),
            Fault::Restart => format!("the API server had just started again when {step} came"),
            Fault::OtherServer => {
                format!("{step} reached another API server, whose authorizer was a second behind")
            }
            Fault::Down { controller, lasts } => {
                format!("{controller} went down before {step} came, for {lasts:#}")
            }
            Fault::Skew { node, ahead } => {
                let way = if ahead.is_negative() { "behind" } else { "ahead" };
                format!("the clock of {node} went {:#} {way} before {step} came", ahead.abs())
            }
            Fault::TimesOut(webhook) => format!("the webhook {webhook} timed out in {step}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_reads_as_it_is_written() {
        let texts = [
            "lost-answer",
            "restart",
            "other-server",
            "down kubelet",
            "down kube-controller-manager for 1m30s",
            "skew node-1 1h30m",
            "skew node-1 -10m",
            "times-out a.example.com",
        ];
        for text in texts {
            assert_eq!(text.parse::<Fault>().unwrap().to_string(), text);
        }
        assert_eq!("down kubelet for 15s".parse::<Fault>().unwrap().to_string(), "down kubelet");
        for wrong in ["", "lost", "down", "down kubelet for", "restart now", "times-out", "skew node-1"] {
            assert!(wrong.parse::<Fault>().unwrap_err().contains(FORMS), "{wrong}");
        }
        let told = "los-answer".parse::<Fault>().unwrap_err();
        assert!(told.contains("none that is known, did you mean `lost-answer`?"), "{told}");
        for wrong in ["skew node-1 0s", "skew node-1 late"] {
            assert!(wrong.parse::<Fault>().unwrap_err().contains("is no duration such as 10m"), "{wrong}");
        }
        let told = "skew node-1 9000h".parse::<Fault>().unwrap_err();
        assert!(told.contains("the limit SKEW_SECONDS"), "{told}");
        for wrong in ["down kubelet for ever", "down kubelet for 0s", "down kubelet for -1s"] {
            assert!(wrong.parse::<Fault>().unwrap_err().contains("is no duration"), "{wrong}");
        }
    }
}

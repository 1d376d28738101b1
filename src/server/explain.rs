//! Explanations over HTTP, where they are asked for by `serve --explain`: a refusal carries a header that says where its
//! explanation is, and a `GET` of that path answers with it, as JSON or as text.
//!
//! Whoever reaches the port can read them, and they tell of roles and bindings: for a class or a test, not for production.

use super::http::{Out, full};
use crate::api::Request;
use crate::cluster::{Cluster, Exchange, RequestReport};
use crate::explain::{explain, text};
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

const PATH: &str = "/kubeverdict/explanations/";
/// So many refusals are remembered.
const KEPT: usize = 256;

/// The refusals that can be explained.
#[derive(Default)]
pub(super) struct Explanations {
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    last: u64,
    reports: VecDeque<(u64, Arc<RequestReport>)>,
}

impl Explanations {
    /// Remembers an answer, if it is a refusal; the path of its explanation.
    pub(super) fn keep(&self, before: Cluster, mut exchange: Exchange) -> Option<String> {
        if exchange.reply.response.code < 400 {
            return None;
        }
        before.explain(&mut exchange.reply.trace);
        exchange.moment = Some(before.moment_of(exchange.request.clone()));
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.last += 1;
        let number = kept.last;
        kept.reports.push_back((number, Arc::new(RequestReport::of(&exchange))));
        if kept.reports.len() > KEPT {
            kept.reports.pop_front();
        }
        Some(format!("{PATH}{number}"))
    }

    /// The answer to a request for an explanation; none if it is for something else.
    pub(super) async fn answer(&self, request: &Request) -> Option<Out> {
        let number = request.target.strip_prefix(PATH)?;
        let found = number.parse().ok().and_then(|number: u64| {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.reports.iter().find(|(known, _)| *known == number).map(|(_, report)| report.clone())
        });
        let Some(report) = found else {
            return Some(told(404, "text/plain", format!("there is no explanation {number}\n")));
        };
        // Cures are tried on forks, which may take a while: others go on meanwhile.
        let explained = tokio::task::spawn_blocking(move || explain(&report)).await;
        let plain = request.headers.get("Accept").is_some_and(|accept| accept.starts_with("text/plain"));
        Some(match explained {
            Ok(explained) if plain => told(200, "text/plain", text::request_text(&explained)),
            Ok(explained) => {
                let json = serde_json::to_string_pretty(&explained).unwrap_or_default();
                told(200, "application/json", json + "\n")
            }
            Err(_) => told(500, "text/plain", "the explanation failed\n".to_owned()),
        })
    }
}

fn told(code: u16, media: &str, text: String) -> Out {
    let body = full(Bytes::from(text));
    let answer = hyper::Response::builder().status(code).header("Content-Type", media).body(body);
    answer.unwrap_or_else(|_| hyper::Response::new(full(Bytes::new())))
}

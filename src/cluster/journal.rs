//! What controllers and kubelets did by themselves, for the story of a scenario.

use super::{Moment, Reply, RequestReport};
use crate::api::Dig;
use jiff::Timestamp;
use std::sync::Arc;

/// A request that nobody typed.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Which controller made it.
    pub controller: &'static str,
    /// When.
    pub at: Timestamp,
    /// `POST /api/v1/namespaces/a/pods`.
    pub request: String,
    /// The HTTP code.
    pub code: u16,
    /// The refusal's message, or the event's text.
    pub message: String,
    /// Of a refused one, all that there is to explain, where moments are kept.
    pub refused: Option<Box<RequestReport>>,
}

impl Entry {
    /// What is told of an answered request; what else came with the answer is not kept, since a long wait has many.
    pub(super) fn new(
        controller: &'static str,
        at: Timestamp,
        request: String,
        reply: &Reply,
        moment: Option<Arc<Moment>>,
    ) -> Entry {
        let object = reply.response.object();
        let message = match (reply.response.ok(), object.text("kind")) {
            (true, "Event") => format!("{}: {}", object.text("reason"), object.text("message")),
            (true, _) => String::new(),
            (false, _) => object.text("message").to_owned(),
        };
        let refused = moment.map(|moment| Box::new(RequestReport::new(request.clone(), reply, Some(moment))));
        Entry { controller, at, request, code: reply.response.code, message, refused }
    }
}

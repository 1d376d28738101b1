//! Those outside who are asked who somebody is and what they may: the webhooks of
//! `--authentication-token-webhook-config-file` and `--authorization-webhook-config-file`
//! (`apiserver/plugin/pkg/{authenticator/token,authorizer}/webhook`, `apiserver/pkg/util/webhook`), and the issuers of
//! JWTs, whose keys are read.
//!
//! A question is a review that is posted, or a document that is read; the answer of a review is its status. Answers are remembered, each for its
//! time ([`Cache`]), and a request asks the same question only once ([`Dialogue`]). Whoever asks goes to [`Questions`]:
//! where nothing was answered yet, the question stays open, there is no opinion for the moment, and whoever runs the
//! request sees the open question, undoes what was done, gets the answer, and runs it again. So it does not matter who
//! asks: an authorizer of the request itself, an impersonation, an access review, an expression of a policy.
//!
//! INVARIANT (nothing-from-doubt): what was run with an open question counts for nothing.
//!
//! # Differs from Kubernetes
//!
//! The pauses before another try have no jitter. `Retry-After` is not looked at, and a request that asks has no end of its
//! own (a real one ends after a minute). The caches forget what is over, and nothing else before its time (a real one
//! keeps 8,192 decisions). A question that one request has twice is asked once, even where nothing is remembered.

mod access;
mod answer;
mod client;
mod document;
mod questions;
#[cfg(test)]
mod tests;
mod token;

pub(crate) use access::Opinion;
pub(crate) use answer::{is_of_kind, object};
pub(crate) use client::Client;
pub(crate) use document::Document;
pub(crate) use questions::{Cache, Dialogue, Open, Questions};

//! From HTTP to a request of the machine, and back.

use super::{Machine, stream, webhook};
use crate::admit::{Answer, Effect};
use crate::api::{Body, Credential, Headers, Request, Response, Status};
use crate::cluster::{Answered, Exchange};
use crate::registry::Watcher;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited, combinators::BoxBody};
use hyper::body::Incoming;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// The header of a refusal.
pub(super) const HEADER: &str = "Kubeverdict-Explanation";

/// The largest body that is read (`MaxRequestBodyBytes`).
const BODY: usize = 3 * 1024 * 1024;

/// How long a client may take for a body.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) type Out = hyper::Response<BoxBody<Bytes, Infallible>>;

/// Answers one HTTP request.
pub(super) async fn answer(
    machine: &Arc<Machine>,
    certificate: Option<Arc<[u8]>>,
    peer: SocketAddr,
    request: hyper::Request<Incoming>,
) -> Out {
    let (parts, body) = request.into_parts();
    let mut headers = Headers::default();
    for (name, value) in &parts.headers {
        headers.add(name.as_str(), String::from_utf8_lossy(value.as_bytes()));
    }
    let target =
        parts.uri.path_and_query().map_or_else(|| parts.uri.path().to_owned(), |target| target.to_string());
    let body = match tokio::time::timeout(PATIENCE, Limited::new(body, BODY).collect()).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            return into_http(machine, Response::from(too_large()), false);
        }
        Ok(Err(_)) | Err(_) => {
            return into_http(machine, Response::from(Status::bad_request("the body ended early")), false);
        }
    };
    let request = Request {
        method: parts.method.to_string(),
        target,
        headers,
        body: Arc::from(body.as_ref()),
        credential: certificate.map_or(Credential::Headers, Credential::Certificate),
        source: Some(peer.ip().to_string()),
    };
    if let Some(explanations) = &machine.explanations
        && let Some(answer) = explanations.answer(&request).await
    {
        return answer;
    }
    let head = parts.method == hyper::Method::HEAD;
    let pretty = request.wants_indented();
    let mut response = into_http(machine, perform(machine, request).await, pretty);
    if head {
        *response.body_mut() = full(Bytes::new());
    }
    response
}

fn too_large() -> Status {
    Status::plain(413, "RequestEntityTooLarge", format!("Request entity too large: limit is {BODY}"))
}

/// A stream was granted, and there is no container to stream from.
fn no_stream() -> Response {
    let text = "the request was authorized and admitted, but streams to a container are not modelled over HTTP: \
                type `kubectl exec` in a step of a scenario";
    Status::plain(501, "NotImplemented", text).into()
}

/// Takes a request into the machine; while it waits for the world outside, others go on.
async fn perform(machine: &Arc<Machine>, request: Request) -> Response {
    let asked = machine.explanations.is_some().then(|| request.clone());
    let (mut answered, before) = machine
        .work(|cluster| {
            let before = asked.map(|asked| (cluster.fork(), asked));
            (cluster.handle(request), before)
        })
        .await;
    loop {
        match answered {
            Answered::Done(reply) if reply.response.code == 101 => return no_stream(),
            Answered::Done(mut reply) => {
                if let (Some(explanations), Some((before, request))) = (&machine.explanations, before) {
                    let exchange = Exchange { request, reply: (*reply).clone(), moment: None };
                    if let Some(path) = explanations.keep(before, exchange) {
                        reply.response.headers.add(HEADER, path);
                    }
                }
                return reply.response;
            }
            Answered::Wait(effects, waiting) => {
                let answers = wait_for(machine, effects).await;
                answered = machine.work(|cluster| cluster.resume(*waiting, answers)).await;
            }
        }
    }
}

/// Performs effects one after the other; webhooks are called at the same time.
async fn wait_for(machine: &Arc<Machine>, effects: Vec<Effect>) -> Vec<Answer> {
    let mut posts = Vec::new();
    let mut answers = Vec::new();
    for effect in effects {
        match effect {
            Effect::Post(post) => posts.push(*post),
            Effect::Request(request) => {
                let response = Box::pin(perform(machine, *request)).await;
                answers.push(Answer::Response(Box::new(response)));
            }
            Effect::Pause(time) => {
                tokio::time::sleep(time).await;
                answers.push(Answer::Passed);
            }
        }
    }
    answers.extend(webhook::perform(posts).await.into_iter().map(Answer::Post));
    answers
}

fn into_http(machine: &Arc<Machine>, response: Response, pretty: bool) -> Out {
    let mut builder = hyper::Response::builder().status(response.code);
    for (name, value) in response.headers.iter() {
        builder = builder.header(name, value);
    }
    let bytes = match response.body {
        body @ (Body::Json(_) | Body::List(_)) => {
            let mut text = body.written(pretty).unwrap_or_default();
            text.push('\n');
            Bytes::from(text)
        }
        Body::Text(text) => Bytes::from(text),
        Body::Bytes(bytes) => Bytes::copy_from_slice(&bytes),
        Body::Watch(watch) => {
            let lines = stream::lines(machine.clone(), Watcher::new(watch)).boxed();
            return builder.body(lines).unwrap_or_else(|_| hyper::Response::new(full(Bytes::new())));
        }
    };
    builder.body(full(bytes)).unwrap_or_else(|_| hyper::Response::new(full(Bytes::new())))
}

pub(super) fn full(bytes: Bytes) -> BoxBody<Bytes, Infallible> {
    Full::new(bytes).boxed()
}

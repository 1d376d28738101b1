//! From HTTP to a request of the machine, and back.

use super::{Machine, limits, stream, upgrade, webhook};
use crate::admit::{Answer, Effect};
use crate::api::{Body, Credential, Headers, Request, Response, Status};
use crate::cluster::{Answered, Exchange};
use crate::registry::Watcher;
use crate::store::is_light;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited, combinators::BoxBody};
use hyper::StatusCode;
use hyper::body::{Body as _, Incoming};
use hyper::header::{HeaderName, HeaderValue};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;

/// The header of a refusal.
pub(super) const HEADER: &str = "Kubeverdict-Explanation";

pub(super) type Out = hyper::Response<BoxBody<Bytes, Infallible>>;

/// Answers one HTTP request.
pub(super) async fn answer(
    machine: &Arc<Machine>,
    certificate: Option<Arc<[u8]>>,
    peer: SocketAddr,
    mut request: hyper::Request<Incoming>,
) -> Out {
    let connection = request.extensions_mut().remove::<hyper::upgrade::OnUpgrade>();
    let (parts, body) = request.into_parts();
    let mut headers = Headers::default();
    for (name, value) in &parts.headers {
        headers.add(name.as_str(), String::from_utf8_lossy(value.as_bytes()));
    }
    let target =
        parts.uri.path_and_query().map_or_else(|| parts.uri.path().to_owned(), |target| target.to_string());
    let mut place = None;
    if !body.is_end_stream() {
        match tokio::time::timeout(limits::BODY_TIME, machine.bodies.acquire()).await {
            Ok(free) => place = free.ok(),
            Err(_) => return into_http(machine, too_many(), false).await,
        }
    }
    let read = Limited::new(body, limits::BODY).collect();
    let body = match tokio::time::timeout(limits::BODY_TIME, read).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            return into_http(machine, Response::from(too_large()), false).await;
        }
        Ok(Err(_)) | Err(_) => {
            let status = Status::bad_request("the body ended early");
            return into_http(machine, Response::from(status), false).await;
        }
    };
    let request = Request {
        method: parts.method.to_string(),
        target,
        headers,
        body: body.as_ref().into(),
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
    let wanted = upgrade::Wanted::of(&request);
    let mut response = perform(machine, request).await;
    drop(place);
    if let Some(wanted) = wanted {
        response = upgrade::begin(machine, wanted, response, connection).await;
    }
    let mut response = into_http(machine, response, pretty).await;
    if head {
        *response.body_mut() = full(Bytes::new());
    }
    response
}

fn too_large() -> Status {
    Status::plain(
        413,
        "RequestEntityTooLarge",
        format!("Request entity too large: limit is {}", limits::BODY),
    )
}

/// As many requests are in hand as may be (`filters/priority-and-fairness.go`).
pub(super) fn too_many() -> Response {
    let mut response = Response::text(429, "Too many requests, please try again later.\n");
    response.headers.add("Retry-After", "1");
    response
}

/// Takes a request into the machine; while it waits for the world outside, others go on.
pub(super) async fn perform(machine: &Arc<Machine>, request: Request) -> Response {
    let asked = machine.explanations.is_some().then(|| request.clone());
    let (mut answered, before) = machine
        .work(|cluster| {
            let before = asked.map(|asked| (cluster.fork(), asked));
            (cluster.handle(request), before)
        })
        .await;
    loop {
        match answered {
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
            Answered::Aside(aside) => match machine.beside(|| aside.answer()).await {
                Some(prepared) => {
                    answered = machine.work(|cluster| cluster.take_over(prepared)).await;
                }
                None => return Status::internal("the request could not be answered").into(),
            },
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
            Effect::Get(get) => {
                let (heard, fresh) = webhook::read(&get).await;
                answers.push(Answer::Document(heard, fresh));
            }
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

async fn into_http(machine: &Arc<Machine>, response: Response, pretty: bool) -> Out {
    let mut head = hyper::Response::new(()).into_parts().0;
    head.status = StatusCode::from_u16(response.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in response.headers.iter() {
        // What cannot stand in a header is left out, and the answer is told all the same.
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value.as_bytes()))
        {
            head.headers.append(name, value);
        }
    }
    let body = match response.body {
        body @ (Body::Json(_) | Body::List(_)) => {
            let text = match is_long(&body) {
                true => machine.beside(move || written(&body, pretty)).await.unwrap_or_default(),
                false => written(&body, pretty),
            };
            full(Bytes::from(text))
        }
        Body::Text(text) => full(Bytes::from(text)),
        Body::Bytes(bytes) => full(Bytes::copy_from_slice(&bytes)),
        Body::Watch(watch) => stream::lines(machine.clone(), Watcher::new(watch)).boxed(),
    };
    hyper::Response::from_parts(head, body)
}

/// Whether others would wait while a body is written.
fn is_long(body: &Body) -> bool {
    match body {
        Body::List(list) => list.items().len() > limits::ITEMS,
        Body::Json(object) => !is_light(object, limits::LIGHT),
        Body::Text(_) | Body::Bytes(_) | Body::Watch(_) => false,
    }
}

fn written(body: &Body, pretty: bool) -> String {
    body.written(pretty).unwrap_or_default() + "\n"
}

pub(super) fn full(bytes: Bytes) -> BoxBody<Bytes, Infallible> {
    Full::new(bytes).boxed()
}

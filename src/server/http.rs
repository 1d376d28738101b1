//! From HTTP to a request of the machine, and back.

use super::Machine;
use crate::admit::Answer;
use crate::api::{Body, Credential, Headers, Request, Response, Status};
use crate::cluster::Answered;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited, combinators::BoxBody};
use hyper::body::Incoming;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// The largest body that is read (`MaxRequestBodyBytes`).
const BODY: usize = 3 * 1024 * 1024;

/// How long a client may take for a body.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) type Out = hyper::Response<BoxBody<Bytes, Infallible>>;

/// Answers one HTTP request.
pub(super) async fn answer(
    machine: &Machine,
    certificate: Option<Arc<[u8]>>,
    peer: SocketAddr,
    request: hyper::Request<Incoming>,
) -> Out {
    let (parts, body) = request.into_parts();
    let mut headers = Headers::default();
    for (name, value) in &parts.headers {
        headers.add(name.as_str(), String::from_utf8_lossy(value.as_bytes()));
    }
    let target = parts.uri.path_and_query().map_or_else(|| parts.uri.path().to_owned(), |target| target.to_string());
    let body = match tokio::time::timeout(PATIENCE, Limited::new(body, BODY).collect()).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            return into_http(Response::from(too_large()));
        }
        Ok(Err(_)) | Err(_) => return into_http(Response::from(Status::bad_request("the body ended early"))),
    };
    let request = Request {
        method: parts.method.to_string(),
        target,
        headers,
        body: Arc::from(body.as_ref()),
        credential: certificate.map_or(Credential::Headers, Credential::Certificate),
        source: Some(peer.ip().to_string()),
    };
    let head = parts.method == hyper::Method::HEAD;
    let mut response = into_http(perform(machine, request).await);
    if head {
        *response.body_mut() = full(Bytes::new());
    }
    response
}

fn too_large() -> Status {
    Status::plain(413, "RequestEntityTooLarge", format!("Request entity too large: limit is {BODY}"))
}

/// Takes a request into the machine; while it waits for the world outside, others go on.
async fn perform(machine: &Machine, request: Request) -> Response {
    let mut cluster = machine.now().await;
    let mut answered = cluster.handle(request);
    loop {
        match answered {
            Answered::Done(reply) => {
                let now = cluster.now();
                cluster.run_until(now);
                cluster.take_journal();
                machine.written.notify_waiters();
                return reply.response;
            }
            Answered::Wait(effects, waiting) => {
                drop(cluster);
                let answers = effects.iter().map(|e| Answer::Failed(format!("webhook `{}` is not called", e.webhook))).collect();
                cluster = machine.now().await;
                answered = cluster.resume(*waiting, answers);
            }
        }
    }
}

fn into_http(response: Response) -> Out {
    let mut builder = hyper::Response::builder().status(response.code);
    for (name, value) in response.headers.iter() {
        builder = builder.header(name, value);
    }
    let bytes = match response.body {
        Body::Json(value) => {
            let mut text = serde_json::to_vec(&*value).unwrap_or_default();
            text.push(b'\n');
            Bytes::from(text)
        }
        Body::Text(text) => Bytes::from(text),
        Body::Bytes(bytes) => Bytes::copy_from_slice(&bytes),
    };
    builder.body(full(bytes)).unwrap_or_else(|_| hyper::Response::new(full(Bytes::new())))
}

fn full(bytes: Bytes) -> BoxBody<Bytes, Infallible> {
    Full::new(bytes).boxed()
}

//! From HTTP to a request of the machine, and back.

use super::perform::{perform, too_many};
use super::status::InOrder;
use super::{Machine, limits, stream, upgrade};
use crate::api::{Body, Credential, Headers, Request, Response, Status};
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
    let status = match body {
        Body::Json(object) => InOrder::of(object),
        Body::List(_) | Body::Text(_) | Body::Bytes(_) | Body::Watch(_) => None,
    };
    let text = match (status, pretty) {
        (Some(status), true) => serde_json::to_string_pretty(&status).ok(),
        (Some(status), false) => serde_json::to_string(&status).ok(),
        (None, _) => body.written(pretty),
    };
    text.unwrap_or_default() + "\n"
}

pub(super) fn full(bytes: Bytes) -> BoxBody<Bytes, Infallible> {
    Full::new(bytes).boxed()
}

//! The page over HTTP: a few files, and JSON for the tabs.
//!
//! Whoever asks must know the token. Browsers are told to load nothing from elsewhere and to let nobody frame the page; a
//! request that another site's page sends is refused by its `Origin`, and one that comes by a name of another site by its
//! `Host`. What a client may take is what `serve` gives ([`limits`]).

use super::tabs::{TABS, Tabs};
use crate::play::page;
use crate::server::limits;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HOST, HeaderMap, HeaderName, ORIGIN};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Serialize;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// So many connections are open; the next one waits.
const CONNECTIONS: usize = 128;

/// What every answer says.
const HEADERS: [(&str, &str); 7] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cache-control", "no-store"),
];

/// Where the page is.
pub(super) struct At {
    /// The address.
    pub(super) address: SocketAddr,
    /// What nobody guesses.
    pub(super) token: String,
}

/// The page, for all who ask.
pub(super) struct Site {
    at: At,
    tabs: Tabs,
}

type Out = Response<Full<Bytes>>;

impl Site {
    /// A page at an address.
    pub(super) fn new(at: At, tabs: Tabs) -> Rc<Site> {
        Rc::new(Site { at, tabs })
    }

    /// Serves until `stop` is done.
    pub(super) async fn serve(
        self: Rc<Site>,
        listener: tokio::net::TcpListener,
        stop: impl Future<Output = ()>,
    ) {
        let places = Arc::new(Semaphore::new(CONNECTIONS));
        tokio::pin!(stop);
        loop {
            let accepted = async {
                let place = places.clone().acquire_owned().await;
                (place, listener.accept().await)
            };
            tokio::select! {
                () = &mut stop => break,
                (place, accepted) = accepted => {
                    let (Ok((stream, _)), Ok(place)) = (accepted, place) else {
                        tokio::time::sleep(Duration::from_millis(10)).await;
                        continue;
                    };
                    let _ = stream.set_nodelay(true);
                    let site = self.clone();
                    tokio::task::spawn_local(async move {
                        site.connection(stream).await;
                        drop(place);
                    });
                }
            }
        }
    }

    async fn connection(self: Rc<Site>, stream: tokio::net::TcpStream) {
        let service = service_fn(move |request| {
            let site = self.clone();
            async move { Ok::<_, std::convert::Infallible>(site.answer(request).await) }
        });
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(limits::HEAD).max_buf_size(limits::HEAD_BYTES);
        let _ = builder.serve_connection(TokioIo::new(stream), service).await;
    }

    async fn answer(&self, request: Request<Incoming>) -> Out {
        let (parts, body) = request.into_parts();
        if !self.is_for_us(&parts.headers) {
            return text(421, "this is not the page's address\n");
        }
        let path = parts.uri.path().strip_prefix('/').and_then(|path| path.split_once('/'));
        let Some((_, path)) = path.filter(|(token, _)| *token == self.at.token) else {
            return text(
                404,
                "there is nothing here; the address that `kubeverdict play` printed holds a token\n",
            );
        };
        match (parts.method, path) {
            (Method::GET, "") => file("text/html; charset=utf-8", page::html()),
            (Method::GET, "book.css") => file("text/css", page::BOOK_CSS),
            (Method::GET, "play.css") => file("text/css", page::CSS),
            (Method::GET, "play.js") => file("text/javascript", page::SCRIPT),
            (Method::GET, "stories") => json(&Tabs::listed()),
            (Method::POST, path) if !is_json(&parts.headers) || !self.is_own(&parts.headers) => {
                text(403, &format!("`{path}` is for the page itself\n"))
            }
            (Method::POST, path) => {
                let read = Limited::new(body, limits::BODY).collect();
                match tokio::time::timeout(limits::BODY_TIME, read).await {
                    Ok(Ok(body)) => self.posted(path, &body.to_bytes()).await,
                    Ok(Err(_)) => text(413, "more than 3 MiB at once\n"),
                    Err(_) => text(408, "the body did not come\n"),
                }
            }
            _ => text(404, "there is nothing here\n"),
        }
    }

    /// What the page's script asks.
    async fn posted(&self, path: &str, body: &[u8]) -> Out {
        let tabs = &self.tabs;
        let mut words = path.split('/');
        let tab = |word: Option<&str>| word.and_then(|word| word.parse::<u64>().ok());
        match (words.next(), words.next(), words.next()) {
            (Some("tabs"), None, None) => match serde_json::from_slice(body) {
                Ok(open) => json(&tabs.open(open).await),
                Err(error) => text(400, &format!("{error}\n")),
            },
            (Some("tabs"), number @ Some(_), None) => match (tab(number), serde_json::from_slice(body)) {
                (Some(tab), Ok(ask)) => match tabs.ask(tab, ask).await {
                    Some(answer) => json(&answer),
                    None => text(
                        410,
                        &format!("this tab has no cluster any more: the {TABS} that asked last have one\n"),
                    ),
                },
                (_, Err(error)) => text(400, &format!("{error}\n")),
                (None, _) => text(404, "there is no such tab\n"),
            },
            (Some("tabs"), number, Some("close")) => {
                tab(number).into_iter().for_each(|tab| tabs.close(tab));
                text(200, "")
            }
            _ => text(404, "there is nothing here\n"),
        }
    }

    /// Whether a request names this page and no other site; on all addresses at once any name may be right.
    fn is_for_us(&self, headers: &HeaderMap) -> bool {
        let At { address, .. } = &self.at;
        if address.ip().is_unspecified() {
            return true;
        }
        let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let local = address.ip().is_loopback() && host == format!("localhost:{}", address.port());
        local || host == address.to_string()
    }

    /// Whether the page itself sends it: a browser says of whose page a request comes.
    fn is_own(&self, headers: &HeaderMap) -> bool {
        let said = |name: HeaderName| headers.get(name).and_then(|said| said.to_str().ok());
        match (said(ORIGIN), said(HOST)) {
            (Some(origin), Some(host)) => origin.strip_prefix("http://") == Some(host),
            // Who is no browser says nothing.
            (origin, _) => origin.is_none(),
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let said = headers.get(CONTENT_TYPE).and_then(|said| said.to_str().ok());
    said.is_some_and(|said| said.split(';').next().unwrap_or_default().trim() == "application/json")
}

fn json(of: &impl Serialize) -> Out {
    match serde_json::to_string(of) {
        Ok(text) => told(200, "application/json", text),
        Err(error) => text(500, &format!("{error}\n")),
    }
}

fn file(media: &str, text: impl Into<Bytes>) -> Out {
    told(200, media, text)
}

fn text(code: u16, text: &str) -> Out {
    told(code, "text/plain; charset=utf-8", text.to_owned())
}

fn told(code: u16, media: &str, body: impl Into<Bytes>) -> Out {
    let mut answer = Response::builder().status(code).header(CONTENT_TYPE, media);
    for (name, value) in HEADERS {
        answer = answer.header(name, value);
    }
    let body = Full::new(body.into());
    answer.body(body).unwrap_or_else(|_| Response::new(Full::default()))
}

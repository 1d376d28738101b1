//! The streams of port-forward: two for each connection, of data and of errors (`cri/streaming/portforward/httpstream.go`).

use super::super::ports::{Harbour, Visitor};
use super::{Event, Headers, Line};
use tokio::io::{AsyncRead, AsyncWrite};

/// A connection to a port.
struct Pair {
    request: String,
    data: Option<u32>,
    error: Option<u32>,
    visitor: Visitor,
}

/// Carries connections until the client goes.
pub(in super::super) async fn carry<S: AsyncRead + AsyncWrite>(io: S, harbour: &Harbour) {
    let (mut line, write) = Line::open(io);
    let talk = async {
        talk(&mut line, harbour).await;
        line.end().await;
    };
    tokio::join!(write, talk);
}

async fn talk<S: AsyncRead + AsyncWrite>(line: &mut Line<S>, harbour: &Harbour) -> Option<()> {
    let mut pairs: Vec<Pair> = Vec::new();
    loop {
        let at = match line.hear().await {
            Event::Over => return None,
            Event::Opened { stream, headers } => {
                let Some(half) = Half::of(stream, &headers) else {
                    line.refuse(stream).await?;
                    continue;
                };
                let at = match pairs.iter().position(|pair| pair.request == half.request) {
                    Some(at) => at,
                    None => {
                        let visitor = harbour.visit(half.port).await;
                        pairs.push(Pair { request: half.request, data: None, error: None, visitor });
                        pairs.len() - 1
                    }
                };
                let pair = &mut pairs[at];
                let place = if half.is_data { &mut pair.data } else { &mut pair.error };
                if place.is_some() {
                    line.refuse(stream).await?;
                    continue;
                }
                *place = Some(stream);
                line.accept(stream).await?;
                at
            }
            Event::Reset(stream) => {
                pairs.retain(|pair| pair.data != Some(stream) && pair.error != Some(stream));
                continue;
            }
            Event::Data { stream, bytes, last } => {
                let Some(at) = pairs.iter().position(|pair| pair.data == Some(stream)) else { continue };
                pairs[at].visitor.hears(&bytes);
                if last {
                    pairs[at].visitor.hears_no_more();
                }
                at
            }
        };
        let Pair { data: Some(data), error: Some(error), visitor, .. } = &pairs[at] else { continue };
        if let Some(word) = visitor.last_word() {
            line.finish(*data, word.data.as_bytes()).await?;
            line.finish(*error, word.error.as_bytes()).await?;
            pairs.remove(at);
        }
    }
}

/// One of the two streams.
struct Half {
    request: String,
    port: u16,
    is_data: bool,
}

impl Half {
    fn of(stream: u32, headers: &Headers) -> Option<Half> {
        let port = headers.get("port")?.parse().ok().filter(|port| *port > 0)?;
        let is_data = match headers.get("streamType")? {
            "data" => true,
            "error" => false,
            _ => return None,
        };
        // Old clients leave it to the order: the stream of errors is the first of the two.
        let request = match headers.get("requestID") {
            Some(request) => request.to_owned(),
            None if is_data => stream.checked_sub(2)?.to_string(),
            None => stream.to_string(),
        };
        Some(Half { request, port, is_data })
    }
}

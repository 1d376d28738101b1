//! SPDY/3.1, as Kubernetes speaks it: streams in one connection, each opened by the client.
//!
//! | part | what |
//! | --- | --- |
//! | `frame` | frames on the wire |
//! | `headers`, `dictionary` | what a stream is opened with |
//! | `container`, `ports` | what the streams of exec, attach and port-forward are |
//!
//! Differs from SPDY: windows are neither kept to nor told, as in Kubernetes (`moby/spdystream`), whose two sides wait for each
//! other by TCP's.

pub(super) mod container;
mod dictionary;
mod frame;
mod headers;
pub(super) mod ports;

use super::super::limits;
use bytes::{Bytes, BytesMut};
use frame::Frame;
use headers::{Deflate, Headers, Inflate};
use std::collections::BTreeSet;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::timeout;

/// What the client sent is no SPDY, or more than is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Broken;

/// So many frames wait to be written.
const QUEUE: usize = 16;

/// What happens on a connection.
#[derive(Debug)]
enum Event {
    /// The client opens a stream, and waits for an answer.
    Opened { stream: u32, headers: Headers },
    /// Something comes on one, or its end.
    Data { stream: u32, bytes: Bytes, last: bool },
    /// The client gives one up.
    Reset(u32),
    /// The client goes, or sends what is no frame.
    Over,
}

/// A connection's end that hears; what is said is written beside it.
struct Line<S> {
    read: ReadHalf<S>,
    buffer: BytesMut,
    inflate: Inflate,
    deflate: Deflate,
    frames: Sender<Bytes>,
    /// The streams that are open.
    open: BTreeSet<u32>,
    /// The newest of all that were.
    newest: u32,
}

impl<S: AsyncRead + AsyncWrite> Line<S> {
    /// A connection, and what writes to it meanwhile.
    fn open(io: S) -> (Line<S>, impl Future<Output = ()>) {
        let (read, write) = tokio::io::split(io);
        let (frames, queue) = channel(QUEUE);
        let line = Line {
            read,
            buffer: BytesMut::new(),
            inflate: Inflate::new(),
            deflate: Deflate::new(),
            frames,
            open: BTreeSet::new(),
            newest: 0,
        };
        (line, write_all(write, queue))
    }

    /// What happens next; safe to give up and ask again.
    async fn hear(&mut self) -> Event {
        loop {
            let event = match Frame::take(&mut self.buffer) {
                Ok(Some(frame)) => self.heed(frame).unwrap_or(Some(Event::Over)),
                Ok(None) => match timeout(limits::IDLE, self.read.read_buf(&mut self.buffer)).await {
                    Ok(Ok(count)) if count > 0 => None,
                    _ => Some(Event::Over),
                },
                Err(Broken) => Some(Event::Over),
            };
            if let Some(event) = event {
                return event;
            }
        }
    }

    fn heed(&mut self, frame: Frame) -> Result<Option<Event>, Broken> {
        match frame {
            Frame::Open { stream, headers } => {
                let headers = self.inflate.read(&headers)?;
                // A client's numbers are odd, and they grow.
                if stream % 2 == 0 || stream <= self.newest {
                    return Err(Broken);
                }
                self.newest = stream;
                if self.open.len() >= limits::SPDY_STREAMS {
                    self.frames.try_send(frame::refusal(stream)).map_err(|_| Broken)?;
                    return Ok(None);
                }
                self.open.insert(stream);
                Ok(Some(Event::Opened { stream, headers }))
            }
            Frame::Headers(headers) => self.inflate.read(&headers).map(|_| None),
            Frame::Reset(stream) if self.open.remove(&stream) => Ok(Some(Event::Reset(stream))),
            Frame::Data { stream, bytes, last } if self.open.contains(&stream) => {
                Ok(Some(Event::Data { stream, bytes, last }))
            }
            Frame::Ping(id) => {
                // Who does not read what is written is not told that somebody is there.
                let _ = self.frames.try_send(frame::pong(id));
                Ok(None)
            }
            Frame::GoAway | Frame::Other | Frame::Reset(_) | Frame::Data { .. } => Ok(None),
        }
    }

    /// Accepts a stream.
    async fn accept(&mut self, stream: u32) -> Option<()> {
        let headers = self.deflate.write(&[]).ok()?;
        self.frames.send(frame::reply(stream, &headers)).await.ok()
    }

    /// Refuses one.
    async fn refuse(&mut self, stream: u32) -> Option<()> {
        self.open.remove(&stream);
        self.frames.send(frame::refusal(stream)).await.ok()
    }

    /// Sends something on a stream.
    async fn say(&mut self, stream: u32, bytes: &[u8]) -> Option<()> {
        match bytes.is_empty() {
            true => Some(()),
            false => self.frames.send(frame::data(stream, bytes, false)).await.ok(),
        }
    }

    /// Sends a last word on a stream; what comes there afterwards is not listened to.
    async fn finish(&mut self, stream: u32, bytes: &[u8]) -> Option<()> {
        match self.open.remove(&stream) {
            true => self.frames.send(frame::data(stream, bytes, true)).await.ok(),
            false => Some(()),
        }
    }

    /// Ends the connection: what was said is read before it is cut.
    async fn end(self) {
        let Line { mut read, mut buffer, frames, newest, .. } = self;
        let _ = frames.send(frame::farewell(newest)).await;
        drop(frames);
        let rest = async {
            while matches!(read.read_buf(&mut buffer).await, Ok(count) if count > 0) {
                buffer.clear();
            }
        };
        let _ = timeout(limits::PARTING, rest).await;
    }
}

/// Writes frames to a client that reads.
async fn write_all<S: AsyncRead + AsyncWrite>(mut write: WriteHalf<S>, mut queue: Receiver<Bytes>) {
    while let Some(frame) = queue.recv().await {
        let written = async {
            write.write_all(&frame).await?;
            write.flush().await
        };
        if !matches!(timeout(limits::STALL, written).await, Ok(Ok(()))) {
            return;
        }
    }
    let _ = timeout(limits::STALL, write.shutdown()).await;
}

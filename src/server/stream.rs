//! A watch over HTTP: lines as writes happen.
//!
//! The machine is held only while events are taken out of it, some at a time. A client that reads slowly finds the others
//! in the log later; one that does not read at all is given up.

use super::{Machine, limits};
use crate::registry::Watcher;
use bytes::Bytes;
use hyper::body::{Body, Frame};
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::Instant;

/// The body of a watch.
pub(super) struct Lines(Receiver<Bytes>);

impl Body for Lines {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(cx).map(|line| line.map(|line| Ok(Frame::data(line))))
    }
}

/// Starts a watch.
pub(super) fn lines(machine: Arc<Machine>, watcher: Watcher) -> Lines {
    let (out, lines) = channel(1);
    tokio::spawn(feed(machine, watcher, out));
    Lines(lines)
}

async fn feed(machine: Arc<Machine>, mut watcher: Watcher, out: Sender<Bytes>) {
    let end = Instant::now() + Duration::from_secs(watcher.seconds());
    let bell = machine.bells.of(watcher.resource());
    loop {
        let written = bell.notified();
        tokio::pin!(written);
        // Enlisted before the log is read: no write falls in between.
        written.as_mut().enable();
        let news = machine.cluster.lock().await.news(&mut watcher, limits::CHUNK);
        let text: String = news.events.iter().map(|event| format!("{event}\n")).collect();
        if !text.is_empty() {
            let patience = end.min(Instant::now() + limits::SLOW);
            match tokio::time::timeout_at(patience, out.send(text.into())).await {
                Ok(Ok(())) => {}
                Ok(Err(_)) | Err(_) => return,
            }
        }
        if news.ended {
            return;
        }
        if news.more {
            continue;
        }
        tokio::select! {
            () = &mut written => {}
            () = out.closed() => return,
            () = tokio::time::sleep_until(end) => return,
        }
    }
}

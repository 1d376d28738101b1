//! What the client types, on its way to the pod: what is not read there holds the client back, and nobody else.

use bytes::Bytes;
use std::future::pending;
use tokio::sync::mpsc::Sender;

/// The way in, with room for one piece.
pub(super) struct Input {
    to: Option<Sender<Bytes>>,
    waiting: Option<Bytes>,
    ended: bool,
}

impl Input {
    /// A way to the pod; closed where no input is wanted.
    pub(super) fn new(to: Sender<Bytes>, wanted: bool) -> Input {
        Input { to: Some(to).filter(|_| wanted), waiting: None, ended: false }
    }

    /// Whether the client may go on.
    pub(super) fn is_free(&self) -> bool {
        self.waiting.is_none()
    }

    /// Takes a piece.
    pub(super) fn take(&mut self, bytes: Bytes) {
        self.waiting = Some(bytes).filter(|bytes| self.to.is_some() && !bytes.is_empty());
    }

    /// Nothing more comes after what waits.
    pub(super) fn end(&mut self) {
        self.ended = true;
        self.to.take_if(|_| self.waiting.is_none());
    }

    /// Passes a piece on as soon as there is room; waits for ever where there is none.
    pub(super) async fn pass(&mut self) {
        let (Some(to), Some(_)) = (&self.to, &self.waiting) else { return pending().await };
        let room = to.reserve().await;
        if let (Some(bytes), Ok(room)) = (self.waiting.take(), room) {
            room.send(bytes);
        }
        self.to.take_if(|_| self.ended);
    }
}

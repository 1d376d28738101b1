//! What one client, or all of them together, may take of the server, as numbers.
//!
//! | what | here | kube-apiserver |
//! | --- | --- | --- |
//! | a body | [`BODY`] | the same: `MaxRequestBodyBytes` |
//! | time for a body | [`BODY_TIME`] | the whole request: `--request-timeout=1m` |
//! | bodies at a time | [`BODIES`] | `--max-requests-inflight=400` and `--max-mutating-requests-inflight=200`; then 429 |
//! | time for a handshake | [`HANDSHAKE`] | `ReadHeaderTimeout`, 32 s |
//! | time for a request's head, and between requests | [`HEAD`] | 32 s (`ReadHeaderTimeout`), 90 s (`IdleTimeout`) |
//! | that head | [`HEAD_BYTES`], [`HEAD_LINES`] | 1 MiB (`MaxHeaderBytes`), however many lines |
//! | streams of a connection | [`STREAMS`] | the same: `--http2-max-streams-per-connection` |
//! | connections | [`CONNECTIONS`] | as many as the process may open files |
//! | silence of an HTTP/2 client, then time for its answer | [`SILENCE`], [`ECHO`] | 90 s (`IdleTimeout`) |
//! | what is done beside the machine at a time | [`BESIDE`] | as many as there are processors |
//! | what waits for a watcher to read it | two times [`CHUNK`] | 100 events (`chanSize` of `storage/cacher`) |
//! | time of a watcher that does not read | [`SLOW`] | 50 ms once its channel is full (`storage/cacher/time_budget.go`) |
//! | exec, attach and port-forward at a time | [`GRANTED`] | as many as the kubelet may open files |
//! | a frame of theirs, and its deflated headers | [`FRAME`], [`FRAME_HEADERS`] | 16 MiB, as the formats have it |
//! | ports and streams of one of them | [`FORWARDED`], [`SPDY_STREAMS`] | as many as asked for |
//! | silence there, a client that does not read, time for its streams | [`IDLE`], [`STALL`], [`CREATION`] | 4 h (`--streaming-connection-idle-timeout`), as long as TCP waits, 30 s |
//! | a line typed at a pod's shell | [`TYPED`] | 4 KiB at a terminal |
//!
//! The sources are `apiserver/pkg/server/{config,secure_serving}.go`. What is remembered of writes is bounded in `store`, what
//! an audit policy or an expression may cost where they are.

use std::time::Duration;

/// The largest body that is read.
pub(crate) const BODY: usize = 3 * 1024 * 1024;
/// How long a client may take for a body.
pub(crate) const BODY_TIME: Duration = Duration::from_secs(30);
/// So many requests with bodies are in hand.
pub(super) const BODIES: usize = 600;
/// How long a client may take for the TLS handshake.
pub(super) const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long a client may take for the head of a request, from the one before on: clients keep connections for later.
pub(crate) const HEAD: Duration = Duration::from_secs(90);
/// How long that head may be, and in how many lines.
pub(crate) const HEAD_BYTES: usize = 1 << 20;
pub(super) const HEAD_LINES: usize = 1_000;
/// So many requests of an HTTP/2 connection are in hand.
pub(super) const STREAMS: u32 = 100;
/// So many connections are open; the next one waits.
pub(super) const CONNECTIONS: usize = 4_096;
/// After so long without a word an HTTP/2 client is asked whether it is still there.
pub(super) const SILENCE: Duration = Duration::from_secs(30);
/// How long it may take to answer that.
pub(super) const ECHO: Duration = Duration::from_secs(15);
/// About so many bytes of a watch are taken out of the log at once, and wait until the client has read those before.
pub(super) const CHUNK: usize = 256 * 1024;
/// A watcher that has read nothing for so long though there is something for it is given up.
pub(super) const SLOW: Duration = Duration::from_secs(10);
/// A list of more items than these is written beside the machine.
pub(super) const ITEMS: usize = 200;
/// So is an object that takes more bytes in memory.
pub(super) const LIGHT: usize = 128 << 10;
/// So much is done beside the machine at a time.
pub(super) const BESIDE: usize = 2;
/// So many steps of controllers are taken before somebody looks at the clock.
pub(super) const STEPS: usize = 4;
/// How long a request lets controllers do what it leads to, so that it is done when the client hears of the request. A build
/// for debugging takes some ten times as long for everything.
pub(super) const AT_ONCE: Duration = Duration::from_millis(if cfg!(debug_assertions) { 200 } else { 20 });
/// How long controllers that have more to do work before others have their turn.
pub(super) const TURN: Duration = Duration::from_millis(2);
/// So many execs, attaches and port-forwards are in hand; each may have a thread at work.
pub(super) const GRANTED: usize = 128;
/// How long a frame of theirs may be.
pub(super) const FRAME: usize = 1 << 20;
/// How long the headers of a SPDY stream may be once they are inflated.
pub(super) const FRAME_HEADERS: usize = 16 << 10;
/// So many ports of one request are forwarded over a WebSocket.
pub(super) const FORWARDED: usize = 64;
/// So many streams of a SPDY connection are open.
pub(super) const SPDY_STREAMS: usize = 256;
/// After so long without a word a stream is over.
pub(super) const IDLE: Duration = Duration::from_secs(4 * 3600);
/// How long a client may leave unread what it is sent.
pub(super) const STALL: Duration = Duration::from_secs(30);
/// How long a client may take to read the last words.
pub(super) const PARTING: Duration = Duration::from_secs(5);
/// How much is asked of a port before it answers in any case.
pub(super) const ASKED: usize = 64 << 10;
/// How much output is sent at once.
pub(super) const PIECE: usize = 32 << 10;
/// How long a client may take to open the streams that it asked for.
pub(super) const CREATION: Duration = Duration::from_secs(30);
/// How long a line that is typed at a pod's shell may be.
pub(super) const TYPED: usize = 64 << 10;

//! Channels in the messages of a WebSocket (`apimachinery/pkg/util/httpstream/wsstream`, `client-go/tools/remotecommand`).

use super::super::limits;
use super::input::Input;
use super::offer::Form;
use super::ports::Harbour;
use super::said::{Channel, Said};
use super::wanted::Wanted;
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig, frame::coding::CloseCode};

/// The channel that closes another one (`v5.channel.k8s.io`).
const CLOSE: u8 = 255;

/// A connection whose handshake is done.
struct Socket<S> {
    socket: WebSocketStream<S>,
    form: Form,
}

/// What a client says in a message.
enum Heard {
    /// Bytes on a channel.
    Channel(u8, Bytes),
    /// Nothing that matters.
    Nothing,
    /// That it is over; or it said nothing that can be read.
    Over,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Socket<S> {
    async fn open(io: S, form: Form) -> Socket<S> {
        let config = WebSocketConfig::default()
            .max_message_size(Some(limits::FRAME))
            .max_frame_size(Some(limits::FRAME))
            .max_write_buffer_size(4 * limits::FRAME)
            .write_buffer_size(0);
        Socket { socket: WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await, form }
    }

    /// The next message; safe to give up and ask again.
    async fn hear(&mut self) -> Heard {
        let Ok(Some(Ok(message))) = timeout(limits::IDLE, self.socket.next()).await else {
            return Heard::Over;
        };
        let bytes: Bytes = match message {
            Message::Binary(bytes) => bytes,
            Message::Text(text) => text.into(),
            Message::Ping(_) | Message::Pong(_) => return Heard::Nothing,
            Message::Close(_) | Message::Frame(_) => return Heard::Over,
        };
        let Some(first) = bytes.first().copied() else { return Heard::Nothing };
        if !self.form.base64 {
            return Heard::Channel(first, bytes.slice(1..));
        }
        match (first.checked_sub(b'0'), STANDARD.decode(&bytes[1..])) {
            (Some(channel), Ok(bytes)) => Heard::Channel(channel, bytes.into()),
            _ => Heard::Over,
        }
    }

    /// Sends bytes on a channel, to a client that reads.
    async fn say(&mut self, channel: u8, bytes: &[u8]) -> Option<()> {
        let message = match self.form.base64 {
            true => Message::text(format!("{channel}{}", STANDARD.encode(bytes))),
            false => Message::binary([&[channel], bytes].concat()),
        };
        timeout(limits::STALL, self.socket.send(message)).await.ok()?.ok()
    }

    /// Ends the connection: what was said is read before it is cut.
    async fn close(mut self) {
        let frame = CloseFrame { code: CloseCode::Normal, reason: "".into() };
        let end = async {
            self.socket.close(Some(frame)).await.ok()?;
            while let Some(Ok(_)) = self.socket.next().await {}
            Some(())
        };
        let _ = timeout(limits::PARTING, end).await;
    }
}

/// Carries exec or attach; ends when either side does.
pub(super) async fn container<S: AsyncRead + AsyncWrite + Unpin>(
    io: S,
    form: Form,
    wanted: &Wanted,
    stdin: Sender<Bytes>,
    mut said: Receiver<Said>,
) {
    let mut socket = Socket::open(io, form).await;
    let mut input = Input::new(stdin, wanted.stdin);
    // An empty message on the lowest channel tells that the stream is there.
    let first = match wanted {
        Wanted { stdout: true, .. } => Channel::Stdout,
        Wanted { stderr: true, .. } => Channel::Stderr,
        _ => Channel::Error,
    };
    if socket.say(first as u8, &[]).await.is_none() {
        return;
    }
    loop {
        tokio::select! {
            () = input.pass() => {}
            heard = socket.hear(), if input.is_free() => match heard {
                Heard::Over => return,
                Heard::Channel(CLOSE, which) if form.closes() && *which == [Channel::Stdin as u8] => input.end(),
                Heard::Channel(0, bytes) => input.take(bytes),
                Heard::Channel(..) | Heard::Nothing => {}
            },
            word = said.recv() => {
                let spoken = match word {
                    None => return socket.close().await,
                    Some(Said::Bytes(channel, bytes)) => socket.say(channel as u8, &bytes).await,
                    Some(Said::End(end)) => match end.written(form.telling) {
                        Some(text) => socket.say(Channel::Error as u8, &text).await,
                        None => Some(()),
                    },
                };
                if spoken.is_none() {
                    return;
                }
            }
        }
    }
}

/// Carries port-forward as client libraries have it: two channels a port, of data and of errors, each of which begins with the
/// port's number (`cri/streaming/portforward/websocket.go`). Ends when all ports have answered.
pub(super) async fn ports<S: AsyncRead + AsyncWrite + Unpin>(
    io: S,
    form: Form,
    ports: &[u16],
    harbour: &Harbour,
) {
    let mut socket = Socket::open(io, form).await;
    if answer(&mut socket, ports, harbour).await.is_some() {
        socket.close().await;
    }
}

async fn answer<S: AsyncRead + AsyncWrite + Unpin>(
    socket: &mut Socket<S>,
    ports: &[u16],
    harbour: &Harbour,
) -> Option<()> {
    let mut visitors = Vec::new();
    for (channel, port) in (0..).step_by(2).zip(ports) {
        socket.say(channel, &port.to_le_bytes()).await?;
        socket.say(channel + 1, &port.to_le_bytes()).await?;
        visitors.push((channel, harbour.visit(*port).await));
    }
    loop {
        for at in (0..visitors.len()).rev() {
            let (channel, visitor) = &visitors[at];
            let Some(word) = visitor.last_word() else { continue };
            for (channel, text) in [(*channel, &word.data), (channel + 1, &word.error)] {
                if !text.is_empty() {
                    socket.say(channel, text.as_bytes()).await?;
                }
            }
            visitors.remove(at);
        }
        if visitors.is_empty() {
            return Some(());
        }
        match socket.hear().await {
            Heard::Over => return None,
            Heard::Nothing => {}
            Heard::Channel(to, bytes) => {
                if let Some((_, visitor)) = visitors.iter_mut().find(|(channel, _)| *channel == to) {
                    visitor.hears(&bytes);
                }
            }
        }
    }
}

/// Carries bytes in messages, both ways (`apiserver/pkg/util/proxy/streamtunnel.go`).
pub(super) async fn tunnel<S, T>(io: S, mut bytes: T)
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: AsyncRead + AsyncWrite + Unpin,
{
    let mut socket = Socket::open(io, Form::BYTES).await;
    let mut buffer = vec![0; limits::PIECE];
    loop {
        tokio::select! {
            message = timeout(limits::IDLE, socket.socket.next()) => match message {
                Ok(Some(Ok(Message::Binary(part)))) => {
                    if !matches!(timeout(limits::STALL, bytes.write_all(&part)).await, Ok(Ok(()))) {
                        return;
                    }
                }
                Ok(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => {}
                _ => return,
            },
            read = bytes.read(&mut buffer) => match read {
                Ok(count) if count > 0 => {
                    let message = Message::binary(buffer[..count].to_vec());
                    if !matches!(timeout(limits::STALL, socket.socket.send(message)).await, Ok(Ok(()))) {
                        return;
                    }
                }
                _ => return socket.close().await,
            },
        }
    }
}

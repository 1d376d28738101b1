//! The streams of exec and attach (`cri/streaming/remotecommand/httpstream.go`).

use super::super::super::limits;
use super::super::input::Input;
use super::super::offer::Spdy;
use super::super::said::{Channel, Said};
use super::super::wanted::Wanted;
use super::{Event, Line};
use bytes::Bytes;
use std::collections::BTreeMap;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::time::timeout;

/// The streams, by what they carry.
type Streams = BTreeMap<&'static str, u32>;

/// Carries exec or attach; ends when either side does.
pub(in super::super) async fn carry<S: AsyncRead + AsyncWrite>(
    io: S,
    form: Spdy,
    wanted: &Wanted,
    stdin: Sender<Bytes>,
    said: Receiver<Said>,
) {
    let (mut line, write) = Line::open(io);
    let talk = async {
        if let Ok(Some(streams)) = timeout(limits::CREATION, open(&mut line, form, wanted)).await {
            talk(&mut line, form, &streams, Input::new(stdin, wanted.stdin), said).await;
        }
        line.end().await;
    };
    tokio::join!(write, talk);
}

/// Waits until the client has opened all streams that it asked for.
async fn open<S: AsyncRead + AsyncWrite>(line: &mut Line<S>, form: Spdy, wanted: &Wanted) -> Option<Streams> {
    let all = [
        ("error", true),
        ("stdin", wanted.stdin),
        ("stdout", wanted.stdout),
        ("stderr", wanted.stderr),
        ("resize", wanted.tty && form.resizes),
    ];
    let expected: Vec<&str> = all.iter().filter(|(_, asked)| *asked).map(|(name, _)| *name).collect();
    let mut streams = Streams::new();
    while streams.len() < expected.len() {
        match line.hear().await {
            Event::Opened { stream, headers } => {
                let name = expected.iter().find(|name| headers.get("streamType") == Some(**name));
                match name.filter(|name| !streams.contains_key(**name)) {
                    Some(name) => {
                        streams.insert(name, stream);
                        line.accept(stream).await?;
                    }
                    None => line.refuse(stream).await?,
                }
            }
            // Nobody may speak before there is somebody to listen.
            Event::Data { .. } => {}
            Event::Reset(_) | Event::Over => return None,
        }
    }
    Some(streams)
}

async fn talk<S: AsyncRead + AsyncWrite>(
    line: &mut Line<S>,
    form: Spdy,
    streams: &Streams,
    mut input: Input,
    mut said: Receiver<Said>,
) -> Option<()> {
    loop {
        tokio::select! {
            () = input.pass() => {}
            event = line.hear(), if input.is_free() => match event {
                Event::Opened { stream, .. } => line.refuse(stream).await?,
                Event::Data { stream, bytes, last } if streams.get("stdin") == Some(&stream) => {
                    input.take(bytes);
                    if last {
                        input.end();
                    }
                }
                Event::Reset(stream) if streams.get("stdin") == Some(&stream) => input.end(),
                Event::Data { .. } | Event::Reset(_) => {}
                Event::Over => return None,
            },
            word = said.recv() => match word {
                Some(Said::Bytes(channel, bytes)) => {
                    let name = match channel {
                        Channel::Stderr => "stderr",
                        Channel::Stdout => "stdout",
                        Channel::Stdin | Channel::Error => continue,
                    };
                    if let Some(stream) = streams.get(name) {
                        line.say(*stream, &bytes).await?;
                    }
                }
                Some(Said::End(end)) => {
                    for name in ["stdout", "stderr"] {
                        if let Some(stream) = streams.get(name) {
                            line.finish(*stream, &[]).await?;
                        }
                    }
                    let last = end.written(form.telling).unwrap_or_default();
                    line.finish(*streams.get("error")?, &last).await?;
                }
                None => return Some(()),
            },
        }
    }
}

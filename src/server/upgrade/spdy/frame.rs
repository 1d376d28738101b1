//! Frames on the wire (`moby/spdystream/spdy`, SPDY's third draft).

use super::super::super::limits;
use super::Broken;
use bytes::{Buf, Bytes, BytesMut};

/// A frame that a client sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// A stream begins, with deflated headers.
    Open { stream: u32, headers: Bytes },
    /// Headers of a stream that has begun, deflated.
    Headers(Bytes),
    /// A stream is given up.
    Reset(u32),
    /// Are you there?
    Ping(u32),
    /// The client opens no more streams.
    GoAway,
    /// What a stream carries, and whether that is all.
    Data { stream: u32, last: bool, bytes: Bytes },
    /// Settings, and windows: nobody keeps to these, in Kubernetes neither.
    Other,
}

const OPEN: u16 = 1;
const REPLY: u16 = 2;
const RESET: u16 = 3;
const SETTINGS: u16 = 4;
const PING: u16 = 6;
const GO_AWAY: u16 = 7;
const HEADERS: u16 = 8;
const WINDOW: u16 = 9;

/// The flag of the last frame of a stream.
const LAST: u8 = 1;
/// What marks a control frame, and the version of the protocol.
const CONTROL: u16 = 0x8003;
/// Numbers of streams have 31 bits.
const STREAM: u32 = u32::MAX >> 1;
/// A stream that is not accepted (`REFUSED_STREAM`).
const REFUSED: u32 = 3;

impl Frame {
    /// Takes the next frame, if it is there as a whole.
    pub(super) fn take(buffer: &mut BytesMut) -> Result<Option<Frame>, Broken> {
        let Some(mut head) = buffer.get(..8) else { return Ok(None) };
        let (first, second) = (head.get_u32(), head.get_u32());
        let length = (second & 0x00ff_ffff) as usize;
        if length > limits::FRAME {
            return Err(Broken);
        }
        if buffer.len() < 8 + length {
            return Ok(None);
        }
        buffer.advance(8);
        let bytes = buffer.split_to(length).freeze();
        let last = (second >> 24) as u8 & LAST != 0;
        match first & !STREAM {
            0 if first == 0 => Err(Broken),
            0 => Ok(Some(Frame::Data { stream: first, last, bytes })),
            _ => Frame::control((first >> 16) as u16, first as u16, bytes).map(Some),
        }
    }

    fn control(version: u16, kind: u16, mut bytes: Bytes) -> Result<Frame, Broken> {
        if version != CONTROL {
            return Err(Broken);
        }
        let least = match kind {
            OPEN => 10,
            RESET | GO_AWAY | WINDOW => 8,
            _ => 4,
        };
        if bytes.len() < least {
            return Err(Broken);
        }
        let stream = bytes.get_u32() & STREAM;
        match kind {
            OPEN => {
                // The stream that it belongs to, its priority and a slot.
                bytes.advance(6);
                Ok(Frame::Open { stream, headers: bytes })
            }
            REPLY | HEADERS => Ok(Frame::Headers(bytes)),
            RESET => Ok(Frame::Reset(stream)),
            PING => Ok(Frame::Ping(stream)),
            GO_AWAY => Ok(Frame::GoAway),
            SETTINGS | WINDOW => Ok(Frame::Other),
            _ => Err(Broken),
        }
    }
}

fn control(kind: u16, body: &[u8]) -> Bytes {
    let head = [CONTROL.to_be_bytes(), kind.to_be_bytes()].concat();
    [&head, &(body.len() as u32).to_be_bytes()[..], body].concat().into()
}

/// That a stream is accepted.
pub(super) fn reply(stream: u32, headers: &[u8]) -> Bytes {
    control(REPLY, &[&stream.to_be_bytes(), headers].concat())
}

/// That it is not.
pub(super) fn refusal(stream: u32) -> Bytes {
    control(RESET, &[stream.to_be_bytes(), REFUSED.to_be_bytes()].concat())
}

/// That somebody is there.
pub(super) fn pong(id: u32) -> Bytes {
    control(PING, &id.to_be_bytes())
}

/// That the connection ends, and which stream was its last.
pub(super) fn farewell(stream: u32) -> Bytes {
    control(GO_AWAY, &[stream.to_be_bytes(), [0; 4]].concat())
}

/// Data of a stream.
pub(super) fn data(stream: u32, bytes: &[u8], last: bool) -> Bytes {
    let flags = u32::from(last) << 24;
    let head = [stream.to_be_bytes(), (flags | bytes.len() as u32).to_be_bytes()].concat();
    [&head, bytes].concat().into()
}

#[cfg(test)]
mod tests {
    use super::{Frame, data, farewell, pong, refusal, reply};
    use bytes::{Bytes, BytesMut};

    fn all(bytes: &[u8]) -> Result<Vec<Frame>, super::Broken> {
        let mut buffer = BytesMut::from(bytes);
        let mut frames = Vec::new();
        while let Some(frame) = Frame::take(&mut buffer)? {
            frames.push(frame);
        }
        Ok(frames)
    }

    #[test]
    fn frames_are_read_as_they_were_written() {
        let written = [reply(1, b"xy"), refusal(3), pong(7), farewell(5), data(1, b"abc", true)].concat();
        let read = vec![
            Frame::Headers(Bytes::from_static(b"xy")),
            Frame::Reset(3),
            Frame::Ping(7),
            Frame::GoAway,
            Frame::Data { stream: 1, last: true, bytes: Bytes::from_static(b"abc") },
        ];
        assert_eq!(all(&written), Ok(read.clone()));
        // However little of them has come.
        for end in 0..written.len() {
            let some = all(&written[..end]).expect("nothing is broken");
            assert_eq!(some, read[..some.len()]);
        }
        let open = [&[0x80, 3, 0, 1, 1, 0, 0, 11, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0][..], b"h"].concat();
        let want = Frame::Open { stream: 9, headers: Bytes::from_static(b"h") };
        assert_eq!(all(&open), Ok(vec![want]));
    }

    #[test]
    fn what_is_no_frame_is_broken() {
        for bytes in [
            // Another version, another kind, the stream of number 0, too long, too short.
            [0x80, 2, 0, 6, 0, 0, 0, 4, 0, 0, 0, 1],
            [0x80, 3, 0, 77, 0, 0, 0, 4, 0, 0, 0, 1],
            [0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 1],
            [0, 0, 0, 1, 0, 255, 255, 255, 0, 0, 0, 1],
            [0x80, 3, 0, 1, 0, 0, 0, 4, 0, 0, 0, 1],
            [0x80, 3, 0, 6, 0, 0, 0, 0, 0, 0, 0, 1],
        ] {
            assert!(all(&bytes).is_err(), "{bytes:?}");
        }
    }
}

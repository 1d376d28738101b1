//! A client's end of SPDY/3.1: what it opens streams with, and what it is told.

use flate2::{Compress, Compression, FlushCompress};
use std::collections::{BTreeMap, BTreeSet};
use tokio::io::{AsyncRead, AsyncReadExt};

/// A control frame.
pub(crate) fn control(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[0x80, 3, 0, kind], &u32::try_from(body.len()).expect("it is short").to_be_bytes()[..], body].concat()
}

/// A frame of data.
pub(crate) fn data(stream: u32, bytes: &[u8], last: bool) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).expect("it is short") | u32::from(last) << 24;
    [&stream.to_be_bytes(), &length.to_be_bytes()[..], bytes].concat()
}

thread_local! {
    /// One stream of deflated headers a connection; a test has one connection at a time.
    static DEFLATE: std::cell::RefCell<Option<Compress>> = const { std::cell::RefCell::new(None) };
}

/// Opens a stream; its headers are deflated in one stream with those before, which begins with stream 1.
pub(crate) fn open(stream: u32, headers: &[(&str, &str)]) -> Vec<u8> {
    let mut text = u32::try_from(headers.len()).expect("they are few").to_be_bytes().to_vec();
    for part in headers.iter().flat_map(|(name, value)| [name, value]) {
        text.extend(u32::try_from(part.len()).expect("it is short").to_be_bytes());
        text.extend(part.bytes());
    }
    let mut block = Vec::with_capacity(text.len() + 64);
    DEFLATE.with_borrow_mut(|deflate| {
        if stream <= 2 {
            *deflate = None;
        }
        let deflate = deflate.get_or_insert_with(|| Compress::new(Compression::fast(), true));
        deflate.compress_vec(&text, &mut block, FlushCompress::Sync).expect("it is deflated");
    });
    control(1, &[&stream.to_be_bytes(), &[0; 6][..], &block].concat())
}

/// Bytes, deflated.
pub(crate) fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut block = Vec::with_capacity(bytes.len() + 64);
    Compress::new(Compression::best(), true)
        .compress_vec(bytes, &mut block, FlushCompress::Sync)
        .expect("it is deflated");
    block
}

/// What a client is told.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// The streams that were accepted.
    pub(crate) replies: Vec<u32>,
    /// What came on each.
    pub(crate) data: BTreeMap<u32, Vec<u8>>,
    /// Whether the other side said that it goes.
    pub(crate) farewell: bool,
    ended: BTreeSet<u32>,
}

impl Told {
    /// Reads until these streams have ended; of none, until the connection does.
    pub(crate) async fn until(line: &mut (impl AsyncRead + Unpin), streams: &[u32]) -> Told {
        let (mut told, mut bytes) = (Told::default(), Vec::new());
        while streams.is_empty() || !told.ended(streams) {
            if line.read_buf(&mut bytes).await.expect("it can be read") == 0 {
                break;
            }
            told.take(&mut bytes);
        }
        told
    }

    pub(crate) fn ended(&self, streams: &[u32]) -> bool {
        streams.iter().all(|stream| self.ended.contains(stream))
    }

    /// Takes the frames that are there as a whole.
    pub(crate) fn take(&mut self, bytes: &mut Vec<u8>) {
        while bytes.len() >= 8 {
            let word = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
            let (first, second) = (word(0), word(4));
            let length = (second & 0x00ff_ffff) as usize;
            if bytes.len() < 8 + length {
                return;
            }
            let body = bytes[8..8 + length].to_vec();
            match first {
                0x8003_0002 => self.replies.push(word(8)),
                0x8003_0007 => self.farewell = true,
                stream if stream >> 31 == 0 => {
                    self.data.entry(stream).or_default().extend(&body);
                    if second >> 24 == 1 {
                        self.ended.insert(stream);
                    }
                }
                _ => {}
            }
            bytes.drain(..8 + length);
        }
    }
}

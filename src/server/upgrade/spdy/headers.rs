//! Blocks of headers: pairs, deflated in one stream a direction.

use super::super::super::limits;
use super::Broken;
use super::dictionary::dictionary;
use bytes::{Buf, Bytes};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};

/// Headers of a stream, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Headers(Vec<(String, String)>);

impl Headers {
    /// The value of a header; names compare without case.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Reads an inflated block.
    fn read(mut block: &[u8]) -> Option<Headers> {
        let count = block.try_get_u32().ok()?;
        let mut pairs = Vec::new();
        for _ in 0..count {
            pairs.push((text(&mut block)?, text(&mut block)?));
        }
        Some(Headers(pairs))
    }
}

/// A text after its length.
fn text(block: &mut &[u8]) -> Option<String> {
    let length = block.try_get_u32().ok()? as usize;
    let text = String::from_utf8_lossy(block.get(..length)?).into_owned();
    block.advance(length);
    Some(text)
}

/// The headers that come.
pub(super) struct Inflate(Decompress);

impl Inflate {
    pub(super) fn new() -> Inflate {
        Inflate(Decompress::new(true))
    }

    /// Reads a block; what a small one blows up to is bounded.
    pub(super) fn read(&mut self, mut block: &[u8]) -> Result<Headers, Broken> {
        let mut text = Vec::with_capacity(limits::FRAME_HEADERS);
        while !block.is_empty() && text.len() < text.capacity() {
            let before = self.0.total_in();
            let inflated = self.0.decompress_vec(block, &mut text, FlushDecompress::Sync);
            let read = usize::try_from(self.0.total_in() - before).map_err(|_| Broken)?;
            block = block.get(read..).ok_or(Broken)?;
            match inflated {
                Ok(_) if read == 0 => return Err(Broken),
                Ok(_) => {}
                Err(error) if error.needs_dictionary().is_some() => {
                    self.0.set_dictionary(&dictionary()).map_err(|_| Broken)?;
                }
                Err(_) => return Err(Broken),
            }
        }
        match text.len() < text.capacity() {
            true => Headers::read(&text).ok_or(Broken),
            false => Err(Broken),
        }
    }
}

/// The headers that go: a reply says nothing in them.
pub(super) struct Deflate(Compress);

impl Deflate {
    pub(super) fn new() -> Deflate {
        let mut compress = Compress::new(Compression::fast(), true);
        // It fails once data went through, and none did.
        let _ = compress.set_dictionary(&dictionary());
        Deflate(compress)
    }

    /// A block of these pairs.
    pub(super) fn write(&mut self, pairs: &[(&str, &str)]) -> Result<Bytes, Broken> {
        let mut text = length(pairs.len())?.to_vec();
        for part in pairs.iter().flat_map(|(name, value)| [name, value]) {
            text.extend(length(part.len())?);
            text.extend(part.bytes());
        }
        // Deflated text is hardly longer than the text.
        let mut block = Vec::with_capacity(text.len() + 64);
        self.0.compress_vec(&text, &mut block, FlushCompress::Sync).map_err(|_| Broken)?;
        Ok(block.into())
    }
}

fn length(length: usize) -> Result<[u8; 4], Broken> {
    u32::try_from(length).map(u32::to_be_bytes).map_err(|_| Broken)
}

#[cfg(test)]
mod tests {
    use super::{Deflate, Headers, Inflate};

    #[test]
    fn blocks_are_read_as_they_were_written_and_bombs_are_not() {
        let (mut deflate, mut inflate) = (Deflate::new(), Inflate::new());
        for pairs in [vec![], vec![("streamtype", "error"), ("port", "80")], vec![("streamtype", "data")]] {
            let block = deflate.write(&pairs).expect("it is short");
            let want = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            assert_eq!(inflate.read(&block), Ok(Headers(want)));
        }
        let long = "x".repeat(1 << 20);
        let mut bomb = Vec::with_capacity(1 << 20);
        Deflate::new()
            .0
            .compress_vec(long.as_bytes(), &mut bomb, flate2::FlushCompress::Sync)
            .expect("it is deflated");
        assert!(bomb.len() < 1 << 14, "{}", bomb.len());
        assert!(Inflate::new().read(&bomb).is_err());
        for rubbish in [&b"rubbish"[..], &[0x78], &[0x78, 0xbb, 1, 2, 3, 4, 5], &[0; 40]] {
            assert!(Inflate::new().read(rubbish).is_err(), "{rubbish:?}");
        }
    }

    #[test]
    fn a_count_without_pairs_is_broken() {
        for block in [&[0, 0, 0, 9][..], &[0, 0, 0, 1, 0, 0, 0, 200, b'x'], &[0, 0], &[255; 12]] {
            assert_eq!(Headers::read(block), None, "{block:?}");
        }
    }
}

//! Everything that a real cluster leaves to chance, drawn from one seed.
//!
//! One generator per purpose, so that a new draw for one does not shift the others.

use imbl::OrdMap;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

/// The alphabet of generated names (`apimachinery/pkg/util/rand`): no vowels, no look-alikes.
const ALPHABET: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// The generators of one cluster.
#[derive(Clone, Debug)]
pub struct Random {
    names: Generator,
    uids: Generator,
    delays: Generator,
    bytes: Generator,
    forks: Generator,
    audit: Generator,
    /// How often each has drawn who is told from others by a name; none where it is their order that tells them.
    drawn: Option<OrdMap<u64, u64>>,
    seed: u64,
}

/// One stream of a seed, made when it is first drawn from: most requests draw from none.
#[derive(Clone, Debug)]
struct Generator {
    seed: u64,
    stream: u64,
    made: Option<Box<ChaCha8Rng>>,
}

impl Generator {
    fn get(&mut self) -> &mut ChaCha8Rng {
        self.made.get_or_insert_with(|| {
            let mut generator = ChaCha8Rng::seed_from_u64(self.seed);
            generator.set_stream(self.stream);
            Box::new(generator)
        })
    }
}

impl Random {
    /// Generators that all follow from one seed.
    pub fn new(seed: u64) -> Random {
        let stream = |stream| Generator { seed, stream, made: None };
        Random {
            names: stream(1),
            uids: stream(2),
            delays: stream(3),
            bytes: stream(4),
            forks: stream(5),
            audit: stream(6),
            drawn: None,
            seed,
        }
    }

    /// From now on what a request or a work draws hangs on whose it is, and not on what came before: the same things have the
    /// same names in any order of events.
    pub fn draw_by_name(&mut self) {
        self.drawn = Some(OrdMap::new());
    }

    /// The generators of one request or work, of that name.
    pub fn fork_of(&mut self, name: impl FnOnce() -> String) -> Random {
        let Some(drawn) = &mut self.drawn else { return self.fork() };
        let name = number(&name());
        let times = drawn.entry(name).or_default();
        *times += 1;
        Random::new(number(&format!("{} {name} {times}", self.seed)))
    }

    /// The generators of one request: what it draws, however often, shifts nobody else's draws.
    pub fn fork(&mut self) -> Random {
        Random::new(self.forks.get().next_u64())
    }

    /// The id of a request in the audit log.
    pub fn audit_id(&mut self) -> String {
        uuid(&mut self.audit)
    }

    /// `n` characters of a generated name.
    pub fn suffix(&mut self, n: usize) -> String {
        (0..n).map(|_| char::from(ALPHABET[below(&mut self.names, ALPHABET.len() as u32) as usize])).collect()
    }

    /// A uid (RFC 4122, version 4).
    pub fn uid(&mut self) -> String {
        uuid(&mut self.uids)
    }

    /// A number below `n`, for schedules.
    pub fn below(&mut self, n: u32) -> u32 {
        below(&mut self.delays, n)
    }

    /// 32 bytes for keys, serials and ids that are no object's uid.
    pub fn bytes(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.bytes.get().fill_bytes(&mut bytes);
        bytes
    }

    /// A random id of the form of a uid (a token's `jti`).
    pub fn id(&mut self) -> String {
        uuid(&mut self.bytes)
    }
}

/// A text without what a cluster draws, to be compared with that of another: uids (after an escaped `=` as well), and
/// suffixes of generated names and of events.
pub(crate) fn undrawn(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let is_of_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    let (mut copied, mut at) = (0, 0);
    while let Some(start) = text.as_bytes()[at..].iter().position(is_of_word).map(|ahead| at + ahead) {
        let word = &text.as_bytes()[start..];
        at = start + word.iter().position(|byte| !is_of_word(byte)).unwrap_or(word.len());
        let name = text[start..at].trim_end_matches('-');
        if let Some((kept, drawn)) = without_drawn(name) {
            out.extend([&text[copied..start], kept, drawn]);
            copied = start + name.len();
        }
    }
    out.push_str(&text[copied..]);
    out
}

/// What of a name is not drawn, and what stands for the rest.
fn without_drawn(name: &str) -> Option<(&str, &'static str)> {
    let (escaped, id) = name.split_at(if name.starts_with("3D") { 2 } else { 0 });
    if is_uid(id) {
        return Some((escaped, "UID"));
    }
    match name.rsplit_once('-') {
        Some((stem, suffix)) if is_suffix(suffix, 5) => Some((stem, "-SUFFIX")),
        None if is_suffix(name, 16) => Some(("", "SUFFIX")),
        _ => None,
    }
}

fn is_uid(word: &str) -> bool {
    let lengths = || word.split('-').map(str::len);
    word.len() == 36
        && lengths().eq([8, 4, 4, 4, 12])
        && word.bytes().all(|c| c == b'-' || c.is_ascii_hexdigit())
}

fn is_suffix(word: &str, length: usize) -> bool {
    word.len() == length && word.bytes().all(|c| ALPHABET.contains(&c))
}

/// A number for a text.
fn number(text: &str) -> u64 {
    Sha256::digest(text).iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn below(generator: &mut Generator, n: u32) -> u32 {
    ((u64::from(generator.get().next_u32()) * u64::from(n.max(1))) >> 32) as u32
}

fn uuid(generator: &mut Generator) -> String {
    let generator = generator.get();
    let high = generator.next_u64() & !0xf000 | 0x4000;
    let low = generator.next_u64() & (u64::MAX >> 2) | (1 << 63);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        high >> 32,
        high >> 16 & 0xffff,
        high & 0xffff,
        low >> 48,
        low & 0xffff_ffff_ffff
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_is_no_difference() {
        let mut random = Random::new(0);
        let mut told = || {
            let (uid, name, event) = (random.uid(), random.suffix(5), random.suffix(16));
            undrawn(&format!(
                r#"{{"uid":"{uid}"}} uid%3D{uid}&a pod web-5d9-{name}/log, web-{name}: web.{event} kube-proxy"#
            ))
        };
        let first = told();
        assert_eq!(first, told());
        assert_eq!(
            first,
            r#"{"uid":"UID"} uid%3DUID&a pod web-5d9-SUFFIX/log, web-SUFFIX: web.SUFFIX kube-proxy"#
        );
    }
}

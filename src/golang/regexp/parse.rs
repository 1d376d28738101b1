//! `regexp/syntax.Parse` with the flags of Perl: the same errors for the same parts of a pattern.

use super::class;
use super::letter::{BAD_ESCAPE, Refused, letter};

const REPEAT_MAX: i64 = 1000;
const HEIGHT_MAX: usize = 1000;

const MISSING_ARGUMENT: &str = "missing argument to repetition operator";
const BAD_REPEAT: &str = "invalid repeat count";
const BAD_FLAGS: &str = "invalid or unsupported Perl syntax";
const BAD_NAME: &str = "invalid named capture";

/// `(?imsU)`
#[derive(Clone, Copy, Default)]
struct Flags {
    fold: bool,
    lines: bool,
    dot_all: bool,
    lazy: bool,
}

/// A part of a pattern that may be repeated.
#[derive(Default)]
struct Atom {
    written: String,
    repeats: Repeats,
    height: usize,
}

/// The repeats in a part, which multiply.
#[derive(Default)]
struct Repeats {
    most: i64,
    within: Vec<Repeats>,
}

impl Repeats {
    /// Whether nothing in it is repeated more often than this (`repeatIsValid`).
    fn is_valid(&self, mut most: i64) -> bool {
        if self.most > most {
            return false;
        }
        if self.most > 0 {
            most /= self.most;
        }
        self.within.iter().all(|within| within.is_valid(most))
    }
}

/// A group that is open, or the whole.
#[derive(Default)]
struct Group {
    alternatives: Vec<Atom>,
    atoms: Vec<Atom>,
    /// The flags before it.
    flags: Flags,
}

impl Group {
    fn alternative(&mut self) {
        let mut whole = Atom::default();
        for atom in self.atoms.drain(..) {
            whole.written.push_str(&atom.written);
            whole.height = whole.height.max(atom.height);
            whole.repeats.within.push(atom.repeats);
        }
        self.alternatives.push(whole);
    }

    /// The group as one part.
    fn close(mut self) -> Atom {
        self.alternative();
        let mut whole = Atom { written: "(?:".to_owned(), ..Atom::default() };
        for (number, alternative) in self.alternatives.into_iter().enumerate() {
            if number > 0 {
                whole.written.push('|');
            }
            whole.written.push_str(&alternative.written);
            whole.height = whole.height.max(alternative.height + 1);
            whole.repeats.within.push(alternative.repeats);
        }
        whole.written.push(')');
        whole
    }
}

struct Parser<'p> {
    whole: &'p str,
    rest: &'p str,
    flags: Flags,
    outer: Vec<Group>,
    group: Group,
}

/// A pattern in the syntax of the library here.
pub(super) fn translate(pattern: &str) -> Result<String, Refused<'_>> {
    let (flags, outer, group) = (Flags::default(), Vec::new(), Group::default());
    let mut parser = Parser { whole: pattern, rest: pattern, flags, outer, group };
    // Where the repetition before began, if the last part was one.
    let mut repeated: Option<&str> = None;
    while let Some(letter) = parser.rest.chars().next() {
        let before = parser.rest;
        let is_repeat = parser.part(letter, repeated)?;
        repeated = is_repeat.then_some(before);
    }
    if !parser.outer.is_empty() {
        return Err(("missing closing )", pattern));
    }
    let whole = parser.group.close();
    if whole.height > HEIGHT_MAX {
        return Err(("expression nests too deeply", pattern));
    }
    Ok(whole.written)
}

impl<'p> Parser<'p> {
    fn skip(&mut self, length: usize) {
        self.rest = self.rest.get(length..).unwrap_or_default();
    }

    /// What was read since the rest was this.
    fn since(&self, before: &'p str) -> &'p str {
        before.get(..before.len() - self.rest.len()).unwrap_or(before)
    }

    fn push(&mut self, written: impl Into<String>) {
        self.group.atoms.push(Atom { written: written.into(), ..Atom::default() });
    }

    fn literal(&mut self, letter: u32) {
        self.class(&class::letter(letter));
    }

    fn class(&mut self, items: &str) {
        let fold = if self.flags.fold { "i" } else { "" };
        self.push(format!("(?{fold}:[{items}])"));
    }

    /// Reads a part; whether it was a repetition.
    fn part(&mut self, letter: char, repeated: Option<&'p str>) -> Result<bool, Refused<'p>> {
        let before = self.rest;
        match letter {
            '(' if before.starts_with("(?") => self.perl_group()?,
            '(' => {
                self.open();
                self.skip(1);
            }
            ')' => self.close()?,
            '|' => {
                self.group.alternative();
                self.skip(1);
            }
            '^' | '$' => {
                self.push(match (letter, self.flags.lines) {
                    (_, true) => format!("(?m:{letter})"),
                    ('^', false) => r"\A".to_owned(),
                    (_, false) => r"\z".to_owned(),
                });
                self.skip(1);
            }
            '.' => {
                self.push(if self.flags.dot_all { "(?s:.)" } else { "." });
                self.skip(1);
            }
            '[' => {
                let (items, rest) = class::brackets(before)?;
                self.rest = rest;
                self.class(&items);
            }
            '*' | '+' | '?' => {
                self.skip(1);
                let least = i64::from(letter == '+');
                let most = if letter == '?' { 1 } else { -1 };
                self.repeat(least, most, letter.to_string(), before, repeated)?;
                return Ok(true);
            }
            '{' => match count(before) {
                Some((least, most, rest)) => {
                    self.rest = rest;
                    if !(0..=REPEAT_MAX).contains(&least) || most > REPEAT_MAX || most >= 0 && least > most {
                        return Err((BAD_REPEAT, self.since(before)));
                    }
                    let counted =
                        if most < 0 { format!("{{{least},}}") } else { format!("{{{least},{most}}}") };
                    self.repeat(least, most, counted, before, repeated)?;
                    return Ok(true);
                }
                None => {
                    self.literal('{'.into());
                    self.skip(1);
                }
            },
            '\\' => self.escape()?,
            letter => {
                self.literal(letter.into());
                self.skip(letter.len_utf8());
            }
        }
        Ok(false)
    }

    fn repeat(
        &mut self,
        least: i64,
        most: i64,
        written: String,
        before: &'p str,
        repeated: Option<&'p str>,
    ) -> Result<(), Refused<'p>> {
        let lazy = self.rest.starts_with('?');
        if lazy {
            self.skip(1);
        }
        if let Some(first) = repeated {
            return Err(("invalid nested repetition operator", self.since(first)));
        }
        let Some(atom) = self.group.atoms.pop() else { return Err((MISSING_ARGUMENT, self.since(before))) };
        let counted = written.starts_with('{');
        let times = match (counted, most) {
            (false, _) => 0,
            (true, ..0) => least,
            (true, _) => most,
        };
        let repeats = Repeats { most: times, within: vec![atom.repeats] };
        if counted && (least >= 2 || most >= 2) && !repeats.is_valid(REPEAT_MAX) {
            return Err((BAD_REPEAT, self.since(before)));
        }
        let mut out = format!("(?:{}){written}", atom.written);
        if lazy != self.flags.lazy {
            out.push('?');
        }
        self.group.atoms.push(Atom { written: out, repeats, height: atom.height + 1 });
        Ok(())
    }

    fn open(&mut self) {
        let inner = Group { flags: self.flags, ..Group::default() };
        self.outer.push(std::mem::replace(&mut self.group, inner));
    }

    fn close(&mut self) -> Result<(), Refused<'p>> {
        let Some(outer) = self.outer.pop() else { return Err(("unexpected )", self.whole)) };
        let group = std::mem::replace(&mut self.group, outer);
        self.flags = group.flags;
        self.group.atoms.push(group.close());
        self.skip(1);
        Ok(())
    }

    /// A name, flags, or a group without number (`parsePerlFlags`).
    fn perl_group(&mut self) -> Result<(), Refused<'p>> {
        let before = self.rest;
        let named = before.strip_prefix("(?P<").or_else(|| before.strip_prefix("(?<"));
        if let Some(named) = named.filter(|named| !named.is_empty()) {
            let Some((name, rest)) = named.split_once('>') else { return Err((BAD_NAME, before)) };
            self.rest = rest;
            if name.is_empty() || !name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric()) {
                return Err((BAD_NAME, self.since(before)));
            }
            self.open();
            return Ok(());
        }
        self.skip(2);
        let (mut flags, mut on, mut seen) = (self.flags, true, false);
        while let Some(letter) = self.rest.chars().next() {
            self.skip(letter.len_utf8());
            let flag = match letter {
                'i' => &mut flags.fold,
                'm' => &mut flags.lines,
                's' => &mut flags.dot_all,
                'U' => &mut flags.lazy,
                '-' if on => {
                    (on, seen) = (false, false);
                    continue;
                }
                ':' | ')' if on || seen => {
                    if letter == ':' {
                        self.open();
                    }
                    self.flags = flags;
                    return Ok(());
                }
                _ => break,
            };
            (*flag, seen) = (on, true);
        }
        Err((BAD_FLAGS, self.since(before)))
    }

    fn escape(&mut self) -> Result<(), Refused<'p>> {
        let before = self.rest;
        let place = match before.as_bytes().get(1) {
            Some(b'A') => r"\A",
            Some(b'z') => r"\z",
            Some(b'b') => r"(?-u:\b)",
            Some(b'B') => r"\B",
            Some(b'C') => return Err((BAD_ESCAPE, before.get(..2).unwrap_or(before))),
            Some(b'Q') => {
                let (text, rest) = before[2..].split_once(r"\E").unwrap_or((&before[2..], ""));
                text.chars().for_each(|letter| self.literal(letter.into()));
                self.rest = rest;
                return Ok(());
            }
            _ => {
                let (items, rest) = match class::escaped(before)? {
                    Some(found) => found,
                    None => {
                        let (letter, rest) = letter(before)?;
                        (class::letter(letter), rest)
                    }
                };
                self.rest = rest;
                self.class(&items);
                return Ok(());
            }
        };
        self.push(place);
        self.skip(2);
        Ok(())
    }
}

/// `{2}`, `{2,}`, `{2,3}`: the counts, and what follows; a count that is too large is -1, as Go has it.
fn count(text: &str) -> Option<(i64, i64, &str)> {
    fn number(text: &str) -> Option<(i64, &str)> {
        let length = text.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = text.split_at_checked(length)?;
        if digits.is_empty() || digits.len() > 1 && digits.starts_with('0') {
            return None;
        }
        Some((if digits.len() > 9 { -1 } else { digits.parse().ok()? }, rest))
    }
    let (least, rest) = number(text.strip_prefix('{')?)?;
    let Some(rest) = rest.strip_prefix(',') else {
        return Some((least, least, rest.strip_prefix('}')?));
    };
    if let Some(rest) = rest.strip_prefix('}') {
        return Some((least, -1, rest));
    }
    let (most, rest) = number(rest)?;
    Some((if most < 0 { -1 } else { least }, most, rest.strip_prefix('}')?))
}

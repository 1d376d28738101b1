//! Values that are passed over (`iter_skip.go`, `iter_skip_strict.go`).

use super::{Iter, State};
use crate::limits::JSON_NESTING;

impl<'a> Iter<'a> {
    /// The text of the next value, which is passed over (`SkipAndReturnBytes`).
    pub(crate) fn skipped(&mut self) -> &'a [u8] {
        self.what_is_next();
        let begin = self.head;
        self.skip();
        self.text.get(begin..self.head).unwrap_or_default()
    }

    /// `Skip`
    pub(crate) fn skip(&mut self) {
        match self.next_token() {
            b'"' => self.skip_string(),
            b'n' => self.rest_of_null(),
            b't' => self.word("skipThreeBytes", "rue"),
            b'f' => self.word("skipFourBytes", "alse"),
            b'0' => {
                self.put_back();
                self.float_of("readFloat32");
            }
            b'-' | b'1'..=b'9' => self.skip_number(),
            b'[' => self.within(Iter::skip_list),
            b'{' => self.within(Iter::skip_object),
            found => self.report("Skip", &format!("do not know how to skip: {found}")),
        }
    }

    fn within(&mut self, skip: impl FnOnce(&mut Iter<'a>)) {
        if JSON_NESTING.check(self.depth + 1).is_err() {
            return self.report("incrementDepth", "exceeded max depth");
        }
        self.depth += 1;
        skip(self);
        self.depth -= 1;
    }

    fn skip_string(&mut self) {
        let rest = self.text.get(self.head..).unwrap_or_default();
        match rest.iter().copied().enumerate().find(|(_, byte)| matches!(byte, b'"' | b'\\' | 0..0x20)) {
            Some((length, b'"')) => self.head += length + 1,
            Some((_, control @ 0..0x20)) => {
                self.report("trySkipString", &format!("invalid control character found: {control}"));
            }
            _ => {
                self.put_back();
                self.string();
            }
        }
    }

    /// A number that may be beyond any float.
    fn skip_number(&mut self) {
        if self.skip_plain_number() {
            return;
        }
        self.put_back();
        if self.has_failed() {
            return;
        }
        self.float();
        if self.has_failed() {
            // A second attempt, which begins where the first ended.
            self.state = State::Good;
            self.number_text();
        }
    }

    /// Whether a number of digits, and perhaps a fraction, was passed over, or it is known that it is none
    /// (`trySkipNumber`).
    fn skip_plain_number(&mut self) -> bool {
        let rest = self.text.get(self.head..).unwrap_or_default();
        let mut has_dot = false;
        for (at, byte) in rest.iter().enumerate() {
            match byte {
                b'0'..=b'9' => {}
                b'.' if has_dot => {
                    self.report("validateNumber", "more than one dot found in number");
                    return true;
                }
                b'.' => match rest.get(at + 1) {
                    None => return false,
                    Some(digit) if digit.is_ascii_digit() => has_dot = true,
                    Some(_) => {
                        self.report("validateNumber", "missing digit after dot");
                        return true;
                    }
                },
                b',' | b']' | b'}' | b' ' | b'\t' | b'\n' | b'\r' if at > 0 => {
                    self.head += at;
                    return true;
                }
                _ => return false,
            }
        }
        false
    }

    /// The rest of a list (`ReadArrayCB`).
    fn skip_list(&mut self) {
        // The bracket is put back to be read by another, which after an error finds what follows.
        self.put_back();
        match self.next_token() {
            b'[' => {}
            b'n' => return self.rest_of_null(),
            found => return self.unexpected("ReadArrayCB", "expect [ or n", found),
        }
        if self.next_token() == b']' {
            return;
        }
        self.put_back();
        loop {
            self.skip();
            match self.next_token() {
                b',' => {}
                b']' => return,
                found => return self.unexpected("ReadArrayCB", "expect ] in the end", found),
            }
        }
    }

    /// The rest of an object (`ReadObjectCB`).
    fn skip_object(&mut self) {
        const OPERATION: &str = "ReadObjectCB";
        self.put_back();
        match self.next_token() {
            b'{' => {}
            b'n' => return self.rest_of_null(),
            found => return self.unexpected(OPERATION, "expect { or n", found),
        }
        match self.next_token() {
            b'}' => return,
            b'"' => self.put_back(),
            found => return self.unexpected(OPERATION, "expect \" after {", found),
        }
        loop {
            self.key();
            self.skip();
            match self.next_token() {
                b',' => {}
                b'}' => return,
                _ => return self.report(OPERATION, "object not ended with }"),
            }
        }
    }
}

//! How deep a text nests, before it is parsed: whoever sends one decides that, and parsing takes stack
//! (`cel-go/parser.recursionListener`, `checkAndIncrementRecursionDepth`).
//!
//! Two things are counted, as there: how often a rule of the grammar stands within itself (`expr`, `relation`, `calc`), and
//! how many operations the value of a part is given to, one after the other. What is no expression is read on after the
//! place where it stops to be one.

/// How long a text may be, in characters (`ExpressionSizeCodePointLimit`).
const SIZE_MAX: usize = 100_000;
/// How often a rule may stand in itself, and how many operations one upon the other (`MaxRecursionDepth`).
const DEPTH_MAX: usize = 250;
/// Up to this depth, what is at hand of the stack is enough.
const SHALLOW: usize = 24;
/// The stack of what is deeper. Only what is used of it takes memory.
const STACK: usize = 64 << 20;

/// How deep a text nests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Depth(usize);

impl Depth {
    /// The depth of a text; or why it is not parsed at all.
    pub(super) fn of(text: &str) -> Result<Depth, String> {
        let size = text.chars().count();
        if size > SIZE_MAX {
            return Err(format!("expression code point size exceeds limit: size: {size}, limit {SIZE_MAX}"));
        }
        let mut reader = Reader { rest: text, at: Token::End, within: [0; 3], deepest: 0, highest: 0 };
        reader.step();
        while reader.at != Token::End {
            match reader.expr() {
                Ok(_) => {}
                Err(Stop::Syntax) => reader.within = [0; 3],
                Err(Stop::Recursion) => {
                    return Err(format!("expression recursion limit exceeded: {DEPTH_MAX}"));
                }
            }
            reader.step();
        }
        match reader.highest > DEPTH_MAX {
            true => Err("max recursion depth exceeded".to_owned()),
            false => Ok(Depth(reader.deepest.max(reader.highest))),
        }
    }

    /// Does what recurs as deep as the text, on a stack that is large enough.
    pub(super) fn with_stack<T>(self, work: impl FnOnce() -> T) -> T {
        if self.0 <= SHALLOW { work() } else { stacker::grow(STACK, work) }
    }
}

/// The rules of the grammar that may stand in themselves more often than all others.
#[derive(Clone, Copy)]
enum Rule {
    Expr,
    Relation,
    Calc,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'a> {
    End,
    Name(&'a str),
    Literal,
    Sign(&'a str),
}

/// Why reading stops.
#[derive(Debug)]
enum Stop {
    Syntax,
    Recursion,
}

/// How many operations the value of a part is given to, at most.
type Height = Result<usize, Stop>;

struct Reader<'a> {
    rest: &'a str,
    at: Token<'a>,
    /// How often each rule is open.
    within: [usize; 3],
    deepest: usize,
    highest: usize,
}

/// Longest first.
const SIGNS: [&str; 6] = ["==", "!=", "<=", ">=", "&&", "||"];

impl<'a> Reader<'a> {
    fn step(&mut self) {
        self.skip_blanks();
        let (token, length) = token(self.rest);
        self.at = token;
        self.rest = &self.rest[length..];
    }

    fn skip_blanks(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            match self.rest.strip_prefix("//") {
                Some(comment) => self.rest = comment.find('\n').map_or("", |end| &comment[end..]),
                None => return,
            }
        }
    }

    fn is(&self, sign: &str) -> bool {
        self.at == Token::Sign(sign)
    }

    fn take(&mut self, sign: &str) -> bool {
        let taken = self.is(sign);
        if taken {
            self.step();
        }
        taken
    }

    fn want(&mut self, sign: &str) -> Result<(), Stop> {
        if self.take(sign) { Ok(()) } else { Err(Stop::Syntax) }
    }

    fn open(&mut self, rule: Rule) -> Result<(), Stop> {
        let depth = &mut self.within[rule as usize];
        *depth += 1;
        self.deepest = self.deepest.max(*depth);
        if *depth > DEPTH_MAX { Err(Stop::Recursion) } else { Ok(()) }
    }

    fn close(&mut self, rule: Rule) {
        self.within[rule as usize] -= 1;
    }

    /// An operation upon parts of these heights.
    fn operation(&mut self, left: usize, right: usize) -> usize {
        let height = 1 + left.max(right);
        self.highest = self.highest.max(height);
        height
    }

    fn expr(&mut self) -> Height {
        self.open(Rule::Expr)?;
        let mut height = self.logic()?;
        if self.take("?") {
            let yes = self.logic()?;
            self.want(":")?;
            let no = self.expr()?;
            height = self.operation(height, yes.max(no));
        }
        self.close(Rule::Expr);
        Ok(height)
    }

    fn logic(&mut self) -> Height {
        let mut height = self.relation(true)?;
        while self.take("&&") || self.take("||") {
            height = height.max(self.relation(true)?);
        }
        Ok(height)
    }

    /// A comparison; or only what may stand right of one.
    fn relation(&mut self, compares: bool) -> Height {
        self.open(Rule::Relation)?;
        let mut height = self.calc(0)?;
        while compares
            && (matches!(self.at, Token::Sign("<" | "<=" | ">=" | ">" | "==" | "!="))
                || self.at == Token::Name("in"))
        {
            self.step();
            let right = self.relation(false)?;
            height = self.operation(height, right);
        }
        self.close(Rule::Relation);
        Ok(height)
    }

    /// Arithmetic that binds at least so much.
    fn calc(&mut self, least: u8) -> Height {
        self.open(Rule::Calc)?;
        let mut height = self.member()?;
        loop {
            let binds = match self.at {
                Token::Sign("*" | "/" | "%") => 2,
                Token::Sign("+" | "-") => 1,
                _ => 0,
            };
            if binds <= least {
                break;
            }
            self.step();
            let right = self.calc(binds)?;
            height = self.operation(height, right);
        }
        self.close(Rule::Calc);
        Ok(height)
    }

    fn member(&mut self) -> Height {
        while self.take("!") || self.take("-") {}
        let mut height = self.primary()?;
        loop {
            let mut given = 0;
            if self.take(".") {
                self.take("?");
                let Token::Name(_) = self.at else { return Err(Stop::Syntax) };
                self.step();
                if self.take("(") {
                    given = self.members(")")?;
                }
            } else if self.take("[") {
                self.take("?");
                given = self.expr()?;
                self.want("]")?;
            } else {
                return Ok(height);
            }
            height = self.operation(height, given);
        }
    }

    fn primary(&mut self) -> Height {
        match self.at {
            Token::Literal => {
                self.step();
                Ok(0)
            }
            Token::Sign(".") | Token::Name(_) => {
                self.take(".");
                let Token::Name(_) = self.at else { return Err(Stop::Syntax) };
                if let Some(length) = message(self.rest) {
                    self.rest = &self.rest[length..];
                    self.step();
                    return self.members("}");
                }
                self.step();
                if self.take("(") { self.members(")") } else { Ok(0) }
            }
            Token::Sign("(") => {
                self.step();
                let height = self.expr()?;
                self.want(")")?;
                Ok(height)
            }
            Token::Sign("[") => {
                self.step();
                self.members("]")
            }
            Token::Sign("{") => {
                self.step();
                self.members("}")
            }
            _ => Err(Stop::Syntax),
        }
    }

    /// Arguments, items, entries or fields, up to the end.
    fn members(&mut self, end: &str) -> Height {
        let mut height = 0;
        while !self.take(end) {
            self.take("?");
            height = height.max(self.expr()?);
            if !self.take(":") && !self.take(",") && !self.is(end) {
                return Err(Stop::Syntax);
            }
        }
        Ok(height)
    }
}

/// What a text begins with, and its length.
fn token(text: &str) -> (Token<'_>, usize) {
    if let Some(length) = string(text) {
        return (Token::Literal, length);
    }
    let Some(first) = text.chars().next() else { return (Token::End, 0) };
    let numeric = first.is_ascii_digit()
        || (first == '.' && text[1..].starts_with(|after: char| after.is_ascii_digit()));
    if numeric {
        return (Token::Literal, number(text));
    }
    if first.is_ascii_alphabetic() || first == '_' {
        let length = name(text);
        return (Token::Name(&text[..length]), length);
    }
    if first == '`' {
        let length = text[1..].find('`').map_or(text.len(), |end| end + 2);
        return (Token::Name(&text[..length]), length);
    }
    let sign = SIGNS.into_iter().find(|sign| text.starts_with(sign));
    let length = sign.map_or(first.len_utf8(), str::len);
    (Token::Sign(&text[..length]), length)
}

fn name(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len())
}

fn number(text: &str) -> usize {
    let mut before = ' ';
    let mut end = text.len();
    let mut dotted = false;
    for (at, c) in text.char_indices() {
        let dots = c == '.' && !dotted && text[at + 1..].starts_with(|after: char| after.is_ascii_digit());
        let signs = matches!(c, '+' | '-') && matches!(before, 'e' | 'E') && !text.starts_with("0x");
        if !c.is_ascii_alphanumeric() && !dots && !signs {
            end = at;
            break;
        }
        dotted |= dots;
        before = c;
    }
    end
}

/// The length of the text or bytes in quotes that begin here.
fn string(text: &str) -> Option<usize> {
    let (prefix, _) = text.char_indices().take(3).find(|(_, c)| matches!(c, '\'' | '"'))?;
    let marks = text[..prefix].to_ascii_lowercase();
    let raw = marks.contains('r');
    if !matches!(marks.as_str(), "" | "r" | "b" | "br" | "rb") {
        return None;
    }
    let body = &text[prefix..];
    let quote = ["'''", "\"\"\"", "'", "\""].into_iter().find(|quote| body.starts_with(quote))?;
    let mut at = prefix + quote.len();
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with(quote) {
            return Some(at + quote.len());
        }
        if quote.len() == 1 && rest.starts_with(['\n', '\r']) {
            return Some(at);
        }
        let mut chars = rest.chars();
        at += chars.next().map_or(1, char::len_utf8);
        if rest.starts_with('\\') && !raw {
            at += chars.next().map_or(0, char::len_utf8);
        }
    }
    Some(text.len())
}

/// The length of what stands between the first name of a type and its fields, if fields follow (`.b.c{`).
fn message(text: &str) -> Option<usize> {
    let mut length = 0;
    loop {
        let rest = &text[length..];
        let bare = rest.trim_start();
        length += rest.len() - bare.len();
        if bare.starts_with('{') {
            return Some(length + 1);
        }
        let after = bare.strip_prefix('.')?;
        let named = after.trim_start();
        match name(named) {
            0 => return None,
            end => length += bare.len() - named.len() + end,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> String {
        Depth::of(text).err().unwrap_or_default()
    }

    #[test]
    fn texts_nest_as_deep_as_they_may() {
        let nested =
            |open: &str, close: &str, times: usize| format!("{}1{}", open.repeat(times), close.repeat(times));
        let (rule, operations) = ("expression recursion limit exceeded: 250", "max recursion depth exceeded");
        for (text, want) in [
            (nested("(", ")", 249), ""),
            (nested("(", ")", 250), rule),
            (nested("[", "]", 249), ""),
            (nested("[", "]", 250), rule),
            (nested("{'a': ", "}", 250), rule),
            (nested("f(", ")", 250), rule),
            (nested("1 + (", ")", 124), ""),
            (nested("1 + (", ")", 125), rule),
            (nested("1 < (", ")", 125), rule),
            (nested("true ? 1 : ", "", 249), ""),
            (nested("true ? 1 : ", "", 250), rule),
            (nested("", " + 1", 250), ""),
            (nested("", " + 1", 251), operations),
            (nested("", " == 1", 251), operations),
            (nested("x", ".a", 250), ""),
            (nested("x", ".a", 251), operations),
            (nested("x", "[0]", 251), operations),
            (nested("", " && true", 5000), ""),
            (nested("", " + 1", 251) + " + )", operations),
            (") ) ".to_owned() + &nested("", " + 1", 251), operations),
            ("'((((' + r'\\' + \"\"\"\"\"\" // (((\n + b'\\''".to_owned(), ""),
            ("-1.5e-3 - 0x1f - 2u - .5".to_owned(), ""),
            ("A.b.c{d: [?e], ?f: {g: h}}.i.?j[?k]".to_owned(), ""),
        ] {
            assert_eq!(told(&text), want, "{}", &text[..text.len().min(60)]);
        }
        let long = "1".repeat(SIZE_MAX + 1);
        assert_eq!(told(&long), "expression code point size exceeds limit: size: 100001, limit 100000");
    }

    #[test]
    fn what_is_between_is_counted() {
        for (text, want) in
            [("1", 1), ("a.b.c.d", 3), ("Object.a.b.c.d{}", 1), ("1 + 2 * 3", 3), ("'a' in b || c", 2)]
        {
            assert_eq!(Depth::of(text), Ok(Depth(want)), "{text}");
        }
    }
}

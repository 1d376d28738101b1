//! The words of a label selector.

/// A word's meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    Identifier,
    In,
    NotIn,
    Not,
    Equals,
    NotEquals,
    Greater,
    Less,
    Open,
    Close,
    Comma,
    End,
    Unknown,
}

/// The words in order; after the last one there is no end of [`Token::End`].
pub(super) struct Lexer {
    words: Vec<(Token, String)>,
    at: usize,
}

impl Lexer {
    pub(super) fn new(text: &str) -> Lexer {
        Lexer { words: words(text), at: 0 }
    }

    /// The next word, where `in` and `notin` are names like any other.
    pub(super) fn peek(&self) -> (Token, String) {
        let (token, text) = self.words.get(self.at).cloned().unwrap_or((Token::End, String::new()));
        let token = if matches!(token, Token::In | Token::NotIn) { Token::Identifier } else { token };
        (token, text)
    }

    /// Takes the next word, where `in` and `notin` are names like any other.
    pub(super) fn next(&mut self) -> (Token, String) {
        let word = self.peek();
        self.at += 1;
        word
    }

    /// Takes the next word as an operator.
    pub(super) fn next_operator(&mut self) -> (Token, String) {
        let word = self.words.get(self.at).cloned().unwrap_or((Token::End, String::new()));
        self.at += 1;
        word
    }
}

fn symbol(text: &str) -> Option<Token> {
    Some(match text {
        ")" => Token::Close,
        "," => Token::Comma,
        "!" => Token::Not,
        "==" | "=" => Token::Equals,
        ">" => Token::Greater,
        "<" => Token::Less,
        "!=" => Token::NotEquals,
        "(" => Token::Open,
        _ => return None,
    })
}

fn is_symbol(c: char) -> bool {
    matches!(c, '=' | '!' | '(' | ')' | ',' | '>' | '<')
}

/// The words of a text. Where one would begin, NUL ends it; behind one, it is a space.
fn words(text: &str) -> Vec<(Token, String)> {
    let mut words = Vec::new();
    let mut rest = text.trim_start_matches([' ', '\t', '\r', '\n']);
    while let Some(first) = rest.chars().next().filter(|first| *first != '\0') {
        let (token, length) = match is_symbol(first) {
            true => {
                // The longest symbol counts: `==` before `=`.
                let two = rest.get(..2).and_then(symbol).map(|token| (token, 2));
                two.or_else(|| symbol(&rest[..1]).map(|token| (token, 1))).unwrap_or((Token::Unknown, 1))
            }
            false => {
                let end = rest.find(|c: char| is_symbol(c) || matches!(c, ' ' | '\t' | '\r' | '\n' | '\0'));
                let length = end.unwrap_or(rest.len());
                let token = match &rest[..length] {
                    "in" => Token::In,
                    "notin" => Token::NotIn,
                    _ => Token::Identifier,
                };
                (token, length)
            }
        };
        words.push((token, rest[..length].to_owned()));
        let behind = &rest[length..];
        rest = match token {
            // Go's scanner takes the byte behind a name, and puts back what it knows; NUL it does not know.
            Token::Identifier | Token::In | Token::NotIn => behind.strip_prefix('\0').unwrap_or(behind),
            _ => behind,
        };
        rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
    }
    words
}

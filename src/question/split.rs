//! A line as words, and words as a line, as far as quotes go.

/// The words of a line. Quotes hold together what stands in them, as in a shell; one that is never closed is a letter.
pub(crate) fn pieces(line: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut word: Option<String> = None;
    let mut rest = line.chars();
    while let Some(letter) = rest.next() {
        let closed = matches!(letter, '"' | '\'').then(|| rest.as_str().split_once(letter)).flatten();
        match closed {
            Some((within, after)) => {
                word.get_or_insert_default().push_str(within);
                rest = after.chars();
            }
            None if letter.is_whitespace() => pieces.extend(word.take()),
            None => word.get_or_insert_default().push(letter),
        }
    }
    pieces.extend(word);
    match pieces.as_slice() {
        // The whole line stood in quotes.
        [line] if line.contains(char::is_whitespace) => self::pieces(line),
        _ => pieces,
    }
}

/// A word as a shell takes it, in quotes where it must be.
pub(crate) fn quoted(word: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_./:=@%+,~^".contains(letter);
    match word {
        "" => "''".to_owned(),
        word if word.chars().all(is_plain) => word.to_owned(),
        word => format!("'{}'", word.replace('\'', "'\"'\"'")),
    }
}

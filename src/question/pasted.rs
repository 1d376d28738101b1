//! A text as it is pasted from a terminal, a log or a chat, as the line that was written.

/// So many ends of lines are looked at, whether a word was broken there.
const BREAKS: usize = 4;

/// What stands before a line that others quote, or frame.
const FRAMES: [char; 5] = ['>', '|', '│', '╷', '╵'];

/// The lines that a text may have been, likeliest first: a line may have been broken between words, or within one.
pub(super) fn readings(text: &str) -> Vec<String> {
    let text = plain(&message(text));
    let lines: Vec<&str> = text.lines().map(unframed).filter(|line| !line.trim().is_empty()).collect();
    let breaks = lines.len().saturating_sub(1);
    let ways = if breaks > BREAKS { 1 } else { 1_usize << breaks };
    let way = |number: usize| {
        let mut whole = String::new();
        for (at, line) in lines.iter().enumerate() {
            let within_a_word = (1..=BREAKS).contains(&at) && (number >> (at - 1)) & 1 == 1;
            if at > 0 && !within_a_word && !whole.ends_with(' ') {
                whole.push(' ');
            }
            whole.push_str(line);
        }
        whole
    };
    (0..ways).map(way).map(|line| unescaped(&line)).collect()
}

/// The message of a Status, or the text as it is.
fn message(text: &str) -> String {
    let status = serde_json::from_str::<crate::json::Value>(text).ok();
    status.as_ref().and_then(|status| status.get("message")?.as_str()).unwrap_or(text).to_owned()
}

/// Without colours, and with the quotes that were typed.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(letter) = rest.next() {
        match letter {
            // `ESC [ 31 m`
            '\u{1b}' => drop(rest.by_ref().find(char::is_ascii_alphabetic)),
            '“' | '”' | '„' => plain.push('"'),
            '\u{a0}' => plain.push(' '),
            letter => plain.push(letter),
        }
    }
    plain
}

fn unframed(line: &str) -> &str {
    line.trim_start().trim_start_matches(FRAMES).trim_start().trim_end_matches(['\r', '│'])
}

/// Without the escapes of logs and JSON (`User \"jo\"`), as often as they were put on, and those of HTML.
fn unescaped(text: &str) -> String {
    const USER: &str = "forbidden: User ";
    const OFTEN: usize = 3;
    let mut text = text.to_owned();
    for _ in 0..OFTEN {
        let is_escaped = match text.split_once(USER) {
            Some((_, user)) => user.starts_with('\\'),
            None => text.contains("\\\""),
        };
        if !is_escaped {
            break;
        }
        text = without_escapes(&text);
    }
    const OF_HTML: [(&str, &str); 7] = [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&nbsp;", " "),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    OF_HTML.into_iter().fold(text, |text, (escape, plain)| text.replace(escape, plain))
}

fn without_escapes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(letter) = rest.next() {
        if letter != '\\' {
            plain.push(letter);
            continue;
        }
        match rest.next() {
            Some('n' | 't' | 'r') => plain.push(' '),
            Some('u') => {
                let digits: String = rest.by_ref().take(4).collect();
                let letter = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                plain.push(letter.unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            other => plain.extend(other),
        }
    }
    plain
}

//! YAML as kubectl writes it (`sigs.k8s.io/yaml` over go-yaml 2): sorted keys, lists not indented, plain where possible.

use super::resolve::is_text;
use crate::json;

/// What is written as YAML.
pub(crate) trait Tree: Sized {
    /// What it is.
    fn part(&self) -> Part<'_, Self>;
}

/// What a value is.
pub(crate) enum Part<'a, T> {
    Map(Vec<(&'a str, &'a T)>),
    List(&'a [T]),
    Text(&'a str),
    /// Null, a truth or a number.
    Word(String),
}

impl Tree for json::Value {
    fn part(&self) -> Part<'_, json::Value> {
        match self {
            json::Value::Object(map) => Part::Map(map.iter().map(|(key, value)| (&**key, value)).collect()),
            json::Value::Array(list) => Part::List(list),
            json::Value::String(text) => Part::Text(text),
            json::Value::Number(number) if number.is_f64() => Part::Word(crate::golang::fmt::number(number)),
            json::Value::Null | json::Value::Bool(_) | json::Value::Number(_) => Part::Word(self.to_string()),
        }
    }
}

/// With keys that are text, in their order.
impl Tree for serde_yaml::Value {
    fn part(&self) -> Part<'_, serde_yaml::Value> {
        use serde_yaml::Value;
        match self {
            Value::Mapping(map) => {
                Part::Map(map.iter().map(|(key, value)| (key.as_str().unwrap_or_default(), value)).collect())
            }
            Value::Sequence(list) => Part::List(list),
            Value::String(text) => Part::Text(text),
            Value::Tagged(tagged) => tagged.value.part(),
            Value::Null => Part::Word("null".to_owned()),
            Value::Bool(flag) => Part::Word(flag.to_string()),
            Value::Number(number) => Part::Word(number.to_string()),
        }
    }
}

/// How long a line is before it may end.
const WIDTH: usize = 80;

/// Writes a value as a document.
pub(crate) fn write<T: Tree>(value: &T) -> String {
    written(value, false)
}

/// The same with lines that end at a space behind the column 80, as `sigs.k8s.io/yaml` does unless it is told otherwise.
pub(crate) fn wrapped<T: Tree>(value: &T) -> String {
    written(value, true)
}

/// What is written so far.
struct Out {
    text: String,
    wraps: bool,
}

impl Out {
    fn push(&mut self, letter: char) {
        self.text.push(letter);
    }

    fn push_str(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Writes what stands at a place of a line, and goes on in the next one where that is long.
    fn scalar<T>(&mut self, part: Part<'_, T>, depth: usize) {
        let written = scalar(part, depth);
        if !self.wraps || written.contains('\n') {
            return self.push_str(&written);
        }
        let quote = written.chars().next().filter(|quote| matches!(quote, '\'' | '"'));
        let line = self.text.rfind('\n').map_or(0, |end| end + 1);
        let mut column = self.text[line..].chars().count();
        let letters: Vec<char> = written.chars().collect();
        let is_space = |at: usize| letters.get(at) == Some(&' ');
        // What stands between quotes has one more letter at each end.
        let (first, last) = if quote.is_some() { (1, letters.len() - 2) } else { (0, letters.len() - 1) };
        for (at, letter) in letters.iter().enumerate() {
            let may_end =
                is_space(at) && column > WIDTH && at > 0 && !is_space(at - 1) && at > first && at < last;
            if may_end && (quote == Some('"') || !is_space(at + 1)) {
                self.push('\n');
                indent(self, depth.max(1));
                column = depth.max(1) * 2;
                if is_space(at + 1) {
                    self.push('\\');
                    column += 1;
                }
            } else {
                self.push(*letter);
                column += 1;
            }
        }
    }
}

fn written<T: Tree>(value: &T, wraps: bool) -> String {
    let mut out = Out { text: String::new(), wraps };
    match value.part() {
        Part::Map(entries) if !entries.is_empty() => mapping(&mut out, entries, 0, false),
        Part::List(items) if !items.is_empty() => sequence(&mut out, items, 0, false),
        part => {
            out.scalar(part, 0);
            out.push('\n');
        }
    }
    out.text
}

fn indent(out: &mut Out, depth: usize) {
    out.text.extend(std::iter::repeat_n("  ", depth));
}

/// `inline` leaves the first line's indentation to the dash before it.
fn mapping<T: Tree>(out: &mut Out, entries: Vec<(&str, &T)>, depth: usize, mut inline: bool) {
    for (key, value) in entries {
        if !std::mem::take(&mut inline) {
            indent(out, depth);
        }
        out.push_str(&string(key, depth));
        out.push(':');
        match value.part() {
            Part::Map(entries) if !entries.is_empty() => {
                out.push('\n');
                mapping(out, entries, depth + 1, false);
            }
            Part::List(items) if !items.is_empty() => {
                out.push('\n');
                sequence(out, items, depth, false);
            }
            part => {
                out.push(' ');
                out.scalar(part, depth + 1);
                out.push('\n');
            }
        }
    }
}

fn sequence<T: Tree>(out: &mut Out, items: &[T], depth: usize, mut inline: bool) {
    for value in items {
        if !std::mem::take(&mut inline) {
            indent(out, depth);
        }
        out.push_str("- ");
        match value.part() {
            Part::Map(entries) if !entries.is_empty() => mapping(out, entries, depth + 1, true),
            Part::List(items) if !items.is_empty() => sequence(out, items, depth + 1, true),
            part => {
                out.scalar(part, depth + 1);
                out.push('\n');
            }
        }
    }
}

/// What stands on one line.
fn scalar<T>(part: Part<'_, T>, depth: usize) -> String {
    match part {
        Part::Map(_) => "{}".to_owned(),
        Part::List(_) => "[]".to_owned(),
        Part::Text(text) => string(text, depth),
        Part::Word(word) => word,
    }
}

fn string(text: &str, depth: usize) -> String {
    let is_plain_text = text.chars().all(|c| c == '\n' || !c.is_control());
    if text.contains('\n') && is_plain_text && !text.contains(" \n") && !text.ends_with(' ') {
        return block(text, depth);
    }
    if !is_plain_text || text.contains('\n') {
        return quoted(text);
    }
    if reads_as_other(text) {
        return format!("\"{text}\"");
    }
    if is_plain(text) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "''"))
}

/// Between double quotes, with what stands for letters that cannot be seen.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        let short = match c {
            '\0' => '0',
            '\x07' => 'a',
            '\x08' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\x0b' => 'v',
            '\x0c' => 'f',
            '\r' => 'r',
            '\x1b' => 'e',
            '\u{85}' => 'N',
            '"' | '\\' => c,
            c if c.is_control() => {
                out.push_str(&format!("\\x{:02X}", u32::from(c)));
                continue;
            }
            c => {
                out.push(c);
                continue;
            }
        };
        out.push('\\');
        out.push(short);
    }
    out.push('"');
    out
}

/// A literal block, its chomping told by the trailing newlines.
fn block(text: &str, depth: usize) -> String {
    let chomp = match text.chars().rev().take_while(|c| *c == '\n').count() {
        0 => "-",
        1 if text != "\n" => "",
        _ => "+",
    };
    let hint = if text.starts_with([' ', '\n']) { "2" } else { "" };
    let body = text.strip_suffix('\n').unwrap_or(text);
    body.split('\n').fold(format!("|{hint}{chomp}"), |mut out, line| {
        out.push('\n');
        if !line.is_empty() {
            out.extend(std::iter::repeat_n("  ", depth.max(1)));
            out.push_str(line);
        }
        out
    })
}

/// Whether a reader would take the text for something else than a string: a word, a number, a time, or what was a number with the
/// base 60 once.
fn reads_as_other(text: &str) -> bool {
    !is_text(text) || is_base_60(text)
}

/// `1:30`, `-190:20:30.15`.
fn is_base_60(text: &str) -> bool {
    let digits = |part: &str| part.chars().all(|c| c.is_ascii_digit() || c == '_');
    let mut parts = text.strip_prefix(['-', '+']).unwrap_or(text).split(':');
    let Some(first) =
        parts.next().filter(|part| digits(part) && part.starts_with(|c: char| c.is_ascii_digit()))
    else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, between)) = parts.split_last() else { return false };
    let (last, fraction) = last.split_once('.').unwrap_or((last, ""));
    let sixty = |part: &str| matches!(part.len(), 1 | 2) && part.parse::<u8>().is_ok_and(|part| part < 60);
    !first.is_empty() && digits(fraction) && sixty(last) && between.iter().all(|part| sixty(part))
}

/// Whether the text can stand without quotes.
fn is_plain(text: &str) -> bool {
    let Some(first) = text.chars().next() else {
        return false;
    };
    let second_blank = text.chars().nth(1).is_none_or(|c| c == ' ');
    let indicator = match first {
        '-' | '?' | ':' => second_blank,
        ',' | '[' | ']' | '{' | '}' | '#' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`' => {
            true
        }
        _ => false,
    };
    !(indicator
        || text.starts_with(' ')
        || text.ends_with(' ')
        || text.starts_with("---")
        || text.starts_with("...")
        || text.contains(": ")
        || text.contains(" #")
        || text.ends_with(':'))
}

#[cfg(test)]
mod tests {
    use crate::json::json;

    #[test]
    fn as_go_yaml_writes() {
        let value = json!({"a": "1", "b": ["", "x: y", {"c": [], "d": {}}], "e": "l1\nl2\n", "f": null, "g": "* * * * *",
            "h": "true", "i": "2026-01-01T00:00:00Z", "j": "a:b", "k": {"l": [{"m": 1, "n": true}]}, "{x}": "it's"});
        let want = "a: \"1\"\nb:\n- \"\"\n- 'x: y'\n- c: []\n  d: {}\ne: |\n  l1\n  l2\nf: null\ng: '* * * * *'\nh: \"true\"\n\
            i: \"2026-01-01T00:00:00Z\"\nj: a:b\nk:\n  l:\n  - m: 1\n    \"n\": true\n'{x}': it's\n";
        assert_eq!(super::write(&value), want);
    }

    /// Goal: what is written is read as it was. Method: texts that look like something else, and back (kubectl 1.37.1 read them so).
    #[test]
    fn texts_stay_texts() {
        for text in [
            "0O17", "-0o17", "0X1F", "0B11", "1_000", "yes", "N", "1:30", "2001-1-1", ".5", "089", "<<", "~",
            "=",
        ] {
            let written = super::write(&json!({"v": text}));
            assert_eq!(super::super::value(&written).unwrap(), json!({"v": text}), "{written}");
        }
    }
}

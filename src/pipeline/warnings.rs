//! `Warning` headers (`apiserver/pkg/endpoints/filters/warning.go`, `apimachinery/pkg/util/net/http.go`).

use crate::api::Response;
use std::collections::BTreeSet;

/// So many characters of warnings are told in full.
const TOTAL: usize = 4 * 1024;
/// Of a warning among more than those, so many.
const EACH: usize = 256;

/// Warns of something, once each, in order; of what cannot stand in a header nobody is warned.
pub fn warn(response: &mut Response, texts: &[String]) {
    let mut told = BTreeSet::new();
    let texts: Vec<&str> =
        texts.iter().map(String::as_str).filter(|text| !text.is_empty() && told.insert(*text)).collect();
    let fitting = || texts.iter().filter(|text| !text.contains(char::is_control));
    let truncates = fitting().map(|text| text.chars().count()).sum::<usize>() > TOTAL;
    let mut written = 0;
    for text in fitting() {
        if written >= TOTAL {
            return;
        }
        let text: String = text.chars().take(if truncates { EACH } else { TOTAL }).collect();
        written += text.chars().count();
        response.headers.add("Warning", header(&text));
    }
}

fn header(text: &str) -> String {
    format!("299 - \"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(texts: &[&str]) -> Vec<String> {
        let mut response = Response::text(200, "");
        warn(&mut response, &texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        let warnings = response.headers.iter().filter(|(name, _)| *name == "Warning");
        warnings.map(|(_, value)| value.to_owned()).collect()
    }

    #[test]
    fn a_warning_is_told_once_and_never_breaks_its_header() {
        let texts = ["a \"b\" \\", "", "two\nlines", "\0", "a \"b\" \\", "née\u{85}", "née"];
        assert_eq!(told(&texts), [r#"299 - "a \"b\" \\""#, "299 - \"née\""]);
    }

    #[test]
    fn many_warnings_are_cut() {
        let long = |at: usize| format!("{at}{}", "x".repeat(1_000));
        let texts: Vec<String> = (0..100).map(long).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        assert_eq!(told(&texts[..4]).iter().map(String::len).max(), Some(1_001 + "299 - \"\"".len()));
        let cut = told(&texts);
        assert_eq!((cut.len(), cut[0].len()), (TOTAL / EACH, EACH + "299 - \"\"".len()));
    }
}

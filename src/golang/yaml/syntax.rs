//! What libyaml says of a text that is no YAML, as its port to Go says it (`yaml.v2`, `parser.fail`).

use serde::Deserialize as _;
use serde::de::IgnoredAny;

/// The parser's own complaints; a line of theirs counts from 0. All others are the scanner's.
const OF_PARSER: [&str; 11] = [
    "did not find expected <stream-start>",
    "did not find expected <document start>",
    "found incompatible YAML document",
    "did not find expected node content",
    "found undefined tag handle",
    "did not find expected '-' indicator",
    "did not find expected key",
    "did not find expected ',' or ']'",
    "did not find expected ',' or '}'",
    "found duplicate %YAML directive",
    "found duplicate %TAG directive",
];

/// The first error of a text's first document: `line 5: found character that cannot start any token`.
pub(super) fn error(text: &str) -> Option<String> {
    if let Some(line) = text.lines().position(|line| line.starts_with("%YAML 1.2")) {
        return Some(placed("found incompatible YAML document", line, 0));
    }
    let document = serde_yaml::Deserializer::from_str(text).next()?;
    let error = IgnoredAny::deserialize(document).err()?.to_string();
    let problem = error.split(" at ").next().unwrap_or_default();
    match problem {
        "repetition limit exceeded" => return Some("document contains excessive aliasing".to_owned()),
        "recursion limit exceeded" => return Some("exceeded max depth".to_owned()),
        // The other reader knows its name. What is no error of libyaml is none of Go's.
        "unknown anchor" => return None,
        _ => {}
    }
    let mut lines = error.split(" at line ").skip(1).map(|rest| {
        let line = rest.split(' ').next().and_then(|line| line.parse().ok());
        line.unwrap_or(1_usize).saturating_sub(1)
    });
    Some(placed(problem, lines.next().unwrap_or(0), lines.next().unwrap_or(0)))
}

/// A problem with its line; both lines count from 0, and the first of them does not count.
fn placed(problem: &str, line: usize, context: usize) -> String {
    let of_parser = OF_PARSER.contains(&problem);
    match (line, context) {
        (0, 0) => problem.to_owned(),
        (0, line) => format!("line {line}: {problem}"),
        (line, _) => format!("line {}: {problem}", line + usize::from(!of_parser)),
    }
}

//! Indexes of a job's pods as text (`validateIndexesFormat`): `1,3-5,7`.

use crate::api::field::quote;

/// The intervals of a text; an error is Kubernetes' text.
pub(super) fn parse(text: &str, completions: i64) -> Result<Vec<(i64, i64)>, String> {
    let mut intervals: Vec<(i64, i64)> = Vec::new();
    if text.is_empty() {
        return Ok(intervals);
    }
    let index = |text: &str, last: Option<i64>| {
        let index: i64 = text
            .parse()
            .map_err(|_| format!("cannot convert string to integer for index: {}", quote(text)))?;
        if index >= completions {
            return Err(format!("too large index: {}", quote(text)));
        }
        match last.filter(|last| *last >= index) {
            Some(last) => Err(format!("non-increasing order, previous: {last}, current: {index}")),
            None => Ok(index),
        }
    };
    for fragment in text.split(',') {
        let parts: Vec<&str> = fragment.split('-').collect();
        let last = intervals.last().map(|(_, end)| *end);
        let interval = match parts[..] {
            [only] => {
                let only = index(only, last)?;
                (only, only)
            }
            [from, to] => {
                let from = index(from, last)?;
                (from, index(to, Some(from))?)
            }
            _ => {
                return Err(format!(
                    "the fragment {} violates the requirement that an index interval can have at most two parts \
                     separated by '-'",
                    quote(fragment)
                ));
            }
        };
        intervals.push(interval);
    }
    Ok(intervals)
}

/// How many indexes intervals hold.
pub(super) fn count(intervals: &[(i64, i64)]) -> i64 {
    intervals.iter().map(|(from, to)| to - from + 1).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indexes_as_text() {
        assert_eq!(parse("", 3), Ok(Vec::new()));
        assert_eq!(parse("0,2-4,7", 8).map(|found| count(&found)), Ok(5));
        for (text, told) in [
            ("9", "too large index: \"9\""),
            ("x", "cannot convert string to integer for index: \"x\""),
            ("2,1", "non-increasing order, previous: 2, current: 1"),
            (
                "1-2-3",
                "the fragment \"1-2-3\" violates the requirement that an index interval can have at most two parts separated by '-'",
            ),
        ] {
            assert_eq!(parse(text, 9).unwrap_err(), told);
        }
    }
}

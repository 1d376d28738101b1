//! Selectors of labels as a server reads them.

mod plain;

use super::*;
use crate::json::json;

fn check(selector: &str, expected: &str) {
    let object = json!({"metadata": {"labels": {"n": "1", "even": "false", "a/b": ""}}});
    let got = match LabelSelector::parse(selector, Version::NEWEST) {
        Ok(selector) => selector.matches(&object).to_string(),
        Err(why) => why,
    };
    assert_eq!(got, expected, "{selector}");
}

#[test]
fn labels_are_selected() {
    for (selector, expected) in [
        ("", "true"),
        ("n=1", "true"),
        ("n == 1 , even!=true", "true"),
        ("n!=1", "false"),
        ("m!=1", "true"),
        ("n in (1,2),even", "true"),
        ("n notin (1,2)", "false"),
        ("!n", "false"),
        ("!m", "true"),
        ("n>0,n<2", "true"),
        ("m>0", "false"),
        ("a/b=", "true"),
        ("a/b in ()", "true"),
        ("in=1", "false"),
        ("n=1=2", "found '=', expected: ',' or 'end of string'"),
        (",", "found ',', expected: !, identifier, or 'end of string'"),
        ("n,", "found '', expected: identifier after ','"),
        ("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"),
        ("a===b", "unable to parse requirement: found '=', expected: identifier"),
        ("a in b", "unable to parse requirement: found 'b' expected: '('"),
        (
            "a>b",
            "unable to parse requirement: values[0]: Invalid value: \"b\": for 'Gt', 'Lt' operators, the value must be an integer",
        ),
    ] {
        check(selector, expected);
    }
}

//! Any selectors, on any labels and fields: what is selected is what the documentation says, read by regular expressions from
//! the grammar that stands over `labels.Parse` (`apimachinery/pkg/labels/selector.go`) and from `fields.ParseSelector`.
//!
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>,
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/>

use super::super::*;
use crate::api::labels;
use crate::json::json;
use crate::testing::cases;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use regex::Regex;
use std::collections::BTreeMap;
use std::sync::LazyLock;

type Labels = BTreeMap<&'static str, &'static str>;

macro_rules! form {
    ($text:expr) => {{
        static FORM: LazyLock<Regex> = LazyLock::new(|| Regex::new(&$text).unwrap());
        &*FORM
    }};
}

/// Letters and digits at both ends; `-`, `_` and dots between.
const WORD: &str = "[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?";

/// A part of a domain.
const PART: &str = "[a-z0-9](?:[-a-z0-9]*[a-z0-9])?";

const SPACE: &str = r"[ \t\r\n]";

/// What ends at an operator or a space.
const NAME: &str = r"[^=!(),<> \t\r\n]+";

/// A key: a name, perhaps behind a domain.
fn is_key(key: &str) -> bool {
    let form = form!(format!(r"^(?:({PART}(?:\.{PART})*)/)?{WORD}$"));
    form.captures(key).is_some_and(|parts| parts.get(1).is_none_or(|domain| domain.len() <= 253))
}

fn is_value(value: &str) -> bool {
    form!(format!("^(?:{WORD})?$")).is_match(value)
}

/// What stands between the commas that are outside parentheses.
fn requirements(text: &str) -> Option<Vec<&str>> {
    let form = form!(r"^[ \t\r\n]*([^(),]*(?:\([^()]*\)[ \t\r\n]*)?)(?:,|$)");
    let (mut rest, mut found) = (text, Vec::new());
    loop {
        let part = form.captures(rest)?;
        found.push(part.get(1)?.as_str().trim_end_matches([' ', '\t', '\r', '\n']));
        let end = part.get(0)?.end();
        if end == rest.len() {
            // A comma is followed by something.
            return (!rest.ends_with(',')).then_some(found);
        }
        rest = &rest[end..];
    }
}

/// The values between parentheses: words with commas between, any of which may be empty. The real reader takes commas by
/// twos, so that an even number of them can't stand at the end.
fn values(text: &str) -> Option<Vec<&str>> {
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    let parts: Vec<&str> = text.split(',').map(|part| part.trim_matches([' ', '\t', '\r', '\n'])).collect();
    let empty = parts.iter().rev().take_while(|part| part.is_empty()).count();
    let commas = if empty == parts.len() { empty - 1 } else { empty };
    (commas == 0 || commas % 2 == 1).then_some(parts)
}

/// Whether labels are selected; none if the text is no selector.
fn selected(text: &str, of: &Labels) -> Option<bool> {
    if text.trim_matches([' ', '\t', '\r', '\n']).is_empty() {
        return Some(true);
    }
    let absent = form!(format!("^!{SPACE}*({NAME})$"));
    let present = form!(format!("^({NAME})$"));
    let compared = form!(format!("^({NAME}){SPACE}*(==|=|!=|<|>){SPACE}*({NAME})?$"));
    let listed = form!(format!(r"(?s)^({NAME}){SPACE}+(in|notin){SPACE}*\((.*)\)$"));
    let mut all = true;
    for requirement in requirements(text)? {
        let at = |key: &str| of.get(key).copied();
        let (key, holds) = if let Some(parts) = absent.captures(requirement) {
            let key = parts.get(1)?.as_str();
            (key, at(key).is_none())
        } else if present.is_match(requirement) {
            (requirement, at(requirement).is_some())
        } else if let Some(parts) = compared.captures(requirement) {
            let (key, value) = (parts.get(1)?.as_str(), parts.get(3).map_or("", |value| value.as_str()));
            let number = |text: &str| text.parse::<i64>().ok();
            let holds = match &parts[2] {
                "=" | "==" => at(key) == Some(value),
                "!=" => at(key) != Some(value),
                operator => {
                    let value = number(value)?;
                    let label = at(key).and_then(number);
                    label.is_some_and(|label| if operator == "<" { label < value } else { label > value })
                }
            };
            is_value(value).then_some(())?;
            (key, holds)
        } else {
            let parts = listed.captures(requirement)?;
            let (key, values) = (parts.get(1)?.as_str(), values(parts.get(3)?.as_str())?);
            values.iter().all(|value| is_value(value)).then_some(())?;
            let among = at(key).is_some_and(|label| values.contains(&label));
            (key, among == (&parts[2] == "in"))
        };
        is_key(key).then_some(())?;
        all &= holds;
    }
    Some(all)
}

const KEYS: [&str; 8] = ["a", "b", "in", "notin", "app.io/a", "A-1", "-a", "a/b/c"];
const VALUES: [&str; 9] = ["", "x", "y", "1", "2", "10", "in", "x-", "X_y.z"];

fn labels() -> impl Strategy<Value = Labels> {
    let keys = subsequence(KEYS[..6].to_vec(), 0..=4);
    keys.prop_flat_map(|keys| {
        let values = prop::collection::vec(select([&VALUES[..7], &VALUES[8..]].concat()), keys.len());
        values.prop_map(move |values| keys.iter().copied().zip(values).collect())
    })
}

/// A requirement as one would write it, most of the time a right one.
fn requirement() -> impl Strategy<Value = String> {
    let space = || select(vec!["", "", "", " ", "  ", "\t"]);
    let values = || prop::collection::vec((space(), select(VALUES.to_vec()), space()), 0..4);
    let key = || select([&KEYS[..6], &KEYS[..6], &KEYS[..6], &KEYS[..]].concat());
    let compared =
        (key(), space(), select(vec!["=", "==", "!=", "<", ">", "==="]), space(), select(VALUES.to_vec()));
    prop_oneof![
        3 => compared.prop_map(|(key, a, operator, b, value)| format!("{key}{a}{operator}{b}{value}")),
        3 => (key(), space(), select(vec!["in", "notin", "IN"]), space(), values()).prop_map(|(key, a, operator, b, values)| {
            let values: Vec<String> = values.iter().map(|(a, value, b)| format!("{a}{value}{b}")).collect();
            format!("{key} {a}{operator}{b}({})", values.join(","))
        }),
        1 => (space(), key()).prop_map(|(a, key)| format!("!{a}{key}")),
        1 => key().prop_map(str::to_owned),
    ]
}

fn selector() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => prop::collection::vec(requirement(), 0..4).prop_map(|all| all.join(",")),
        2 => prop::collection::vec(requirement(), 1..3).prop_map(|all| all.join(" , ")),
        1 => "[ab=!(),<> ]{0,8}",
        1 => prop::collection::vec(select(vec!["a", " in ", " notin ", "(", ")", ",", "=", "!", " ", "x", ">", "1"]), 0..8)
            .prop_map(|words| words.concat()),
    ]
}

/// The selector of an object, and whether it selects labels by the table of its operators.
fn typed() -> impl Strategy<Value = Value> {
    let values = prop::collection::vec(select(VALUES.to_vec()), 0..3);
    let term = (select(KEYS.to_vec()), select(vec!["In", "NotIn", "Exists", "DoesNotExist", "Like"]), values)
        .prop_map(|(key, operator, values)| json!({"key": key, "operator": operator, "values": values}));
    (labels(), prop::collection::vec(term, 0..3))
        .prop_map(|(labels, terms)| json!({"matchLabels": labels, "matchExpressions": terms}))
}

fn selects(selector: &Value, of: &Labels) -> bool {
    let mut all = true;
    for (key, value) in selector["matchLabels"].as_object().unwrap() {
        all &= of.get(key.as_str()).is_some_and(|label| value == label);
    }
    for term in selector["matchExpressions"].as_array().unwrap() {
        let label = of.get(term["key"].as_str().unwrap());
        let among = label.is_some_and(|label| term["values"].as_array().unwrap().contains(&json!(label)));
        all &= match term["operator"].as_str().unwrap() {
            "In" => among,
            "NotIn" => !among,
            "Exists" => label.is_some(),
            "DoesNotExist" => label.is_none(),
            _ => false,
        };
    }
    all
}

/// The terms of a selector of fields: field, whether it is to be equal, value. None if the text is no selector.
fn terms(text: &str) -> Option<Vec<(String, bool, String)>> {
    let part = form!(r"(?s)^((?:[^\\,]|\\.)*\\?)(?:,|$)");
    let operator = form!("!=|==|=");
    let value = form!(r"(?s)^(?:[^\\,=]|\\[\\,=])*$");
    let escape = form!(r"(?s)\\(.)");
    let (mut rest, mut found) = (text, Vec::new());
    loop {
        let read = part.captures(rest)?;
        if !read[1].is_empty() {
            // The first operator counts: what follows it is the value.
            let sign = operator.find(&read[1])?;
            let (name, text) = (&read[1][..sign.start()], &read[1][sign.end()..]);
            value.is_match(text).then_some(())?;
            let text = escape.replace_all(text, "$1").into_owned();
            found.push((name.to_owned(), sign.as_str() != "!=", text));
        }
        let end = read.get(0)?.end();
        if end == rest.len() {
            return Some(found);
        }
        rest = &rest[end..];
    }
}

fn field_selector() -> impl Strategy<Value = String> {
    let field = select(vec!["metadata.name", "status.phase", "a", "", "a!", "a\\"]);
    let value = select(vec!["", "x", "y", "x\\,y", "x\\=y", "\\\\", "\\x", "x=y", "\\", "é"]);
    let term = (field, select(vec!["=", "==", "!=", "===", "!"]), value)
        .prop_map(|(field, operator, value)| format!("{field}{operator}{value}"));
    prop_oneof![
        6 => prop::collection::vec(term, 0..4).prop_map(|terms| terms.join(",")),
        1 => r"[a=!,\\]{0,8}",
    ]
}

proptest! {
    #![proptest_config(cases(10_000))]

    #[test]
    fn labels_are_selected_as_the_documentation_says(
        text in selector(), labels in labels(), typed in typed(), minor in select(vec![20, 36]),
    ) {
        let object = json!({"metadata": {"labels": labels}});
        let ours = LabelSelector::parse(&text, Version::minor(minor));
        prop_assert_eq!(ours.as_ref().ok().map(|ours| ours.matches(&object)), selected(&text, &labels), "{:?}", text);
        prop_assert_eq!(labels::selects(&typed, &object), selects(&typed, &labels));
        // What an object can have as its selector selects the same there. (Of two comparisons of a key it has the last.)
        if let (Ok(typed), Some([_])) = (ours.clone().and_then(|ours| ours.typed()), requirements(&text).as_deref()) {
            prop_assert_eq!(labels::selects(&typed, &object), ours.is_ok_and(|ours| ours.matches(&object)));
        }
    }

    #[test]
    fn fields_are_selected_as_the_documentation_says(
        text in field_selector(), name in "[xy\\\\,=]{0,2}", phase in select(vec!["", "x", "x,y", "x=y", "\\"]),
    ) {
        let value = |field: &str| match field {
            "metadata.name" => name.clone(),
            "status.phase" => phase.to_owned(),
            _ => String::new(),
        };
        let plain = terms(&text).map(|terms| {
            let mut all = true;
            for (field, equal, wanted) in terms {
                all &= (value(&field) == wanted) == equal;
            }
            all
        });
        let ours = FieldSelector::parse(&text);
        prop_assert_eq!(ours.as_ref().ok().map(|ours| ours.matches(value)), plain, "{:?}", text);
        let escaped = FieldSelector::parse(&format!("metadata.name={}", FieldSelector::escape(&name))).unwrap();
        prop_assert_eq!(escaped.required("metadata.name"), Some(name.as_str()));
    }
}

//! Kinds that nobody describes: their fields, one a line (`GenericDescriberFor`).

use super::super::Ctx;
use super::super::error::Done;
use super::text::Text;
use crate::api::Dig;
use crate::json::Value;

/// What stands at the top already.
const TOLD: [&str; 4] =
    [".metadata.name", ".metadata.namespace", ".metadata.labels", ".metadata.annotations"];

const ACRONYMS: [&str; 5] = ["API", "URL", "UID", "OSB", "GUID"];

/// An object of any kind.
pub(super) fn generic(ctx: &mut Ctx<'_>, object: &Value, text: &mut Text) -> Done {
    text.namespace(object);
    text.metadata(object);
    let mut told = TOLD.to_vec();
    if !ctx.old() {
        told.push(".metadata.managedFields");
    }
    content(text, 0, object, "", &told);
    Ok(())
}

fn content(text: &mut Text, level: usize, object: &Value, path: &str, told: &[&str]) {
    for (field, value) in object.entries("") {
        let path = format!("{path}.{field}");
        if told.contains(&path.as_str()) {
            continue;
        }
        match value {
            Value::Object(_) => {
                text.line(level, format!("{}:", label(field)));
                content(text, level + 1, value, &path, told);
            }
            Value::Array(list) => {
                text.line(level, format!("{}:", label(field)));
                for item in list {
                    match item {
                        Value::Object(_) => content(text, level + 1, item, &path, told),
                        item => text.line(level + 1, plain(item)),
                    }
                }
            }
            value => text.field_at(level, &label(field), plain(value)),
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        value => value.shown(),
    }
}

/// `leaseDurationSeconds` as `Lease Duration Seconds`.
fn label(field: &str) -> String {
    if field.chars().any(|letter| !letter.is_alphabetic() && letter != '-') {
        return field.to_owned();
    }
    let mut words: Vec<String> = Vec::new();
    let letters: Vec<char> = field.chars().collect();
    for (at, letter) in letters.iter().enumerate() {
        let upper = letter.is_uppercase();
        let after_lower = at > 0 && !letters[at - 1].is_uppercase();
        let before_lower = letters.get(at + 1).is_some_and(|next| next.is_lowercase());
        let begins = at == 0 || upper && (after_lower || before_lower);
        match words.last_mut() {
            Some(word) if !begins => word.push(*letter),
            _ => words.push(letter.to_string()),
        }
    }
    let told = words.iter().map(|word| {
        let loud = word.to_uppercase();
        if ACRONYMS.contains(&loud.as_str()) {
            return loud;
        }
        let mut letters = word.chars();
        letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
    });
    told.collect::<Vec<String>>().join(" ")
}

#[cfg(test)]
mod tests {
    #[test]
    fn fields_become_labels() {
        for (field, want) in [
            ("apiVersion", "API Version"),
            ("holderIdentity", "Holder Identity"),
            ("uid", "UID"),
            ("clientURLs", "Client UR Ls"),
            ("x509Name", "x509Name"),
            ("podCIDR", "Pod CIDR"),
        ] {
            assert_eq!(super::label(field), want);
        }
    }
}

//! The static token file (`token-auth-file`; `apiserver/pkg/authentication/token/tokenfile`): CSV of token, user, uid
//! and, optionally, the groups in one quoted column.

use crate::api::User;
use std::collections::BTreeMap;

/// Who has which static token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StaticTokens {
    users: BTreeMap<String, User>,
    /// What is odd but does not stop a real server (an empty token, a token given twice), with its line.
    pub warnings: Vec<String>,
}

impl StaticTokens {
    /// Reads the file's text; an error names the line.
    pub(crate) fn parse(text: &str) -> Result<StaticTokens, String> {
        let mut tokens = StaticTokens::default();
        for (line, record) in records(text)? {
            let [token, name, uid, more @ ..] = record.as_slice() else {
                return Err(format!(
                    "line {line}: token file must have at least 3 columns (token, user name, user uid), found {}",
                    record.len()
                ));
            };
            if token.is_empty() {
                tokens.warnings.push(format!("line {line}: empty token has been found"));
                continue;
            }
            let groups = more.first().map(|list| list.split(',').map(str::to_owned).collect());
            let user = User {
                name: name.clone(),
                uid: uid.clone(),
                groups: groups.unwrap_or_default(),
                ..User::default()
            };
            if tokens.users.insert(token.clone(), user).is_some() {
                tokens.warnings.push(format!("line {line}: duplicate token has been found"));
            }
        }
        Ok(tokens)
    }

    /// The user of a token.
    pub(crate) fn user(&self, token: &str) -> Option<&User> {
        self.users.get(token)
    }
}

/// The records of a CSV text with the lines they start in; empty lines are passed over. A quoted column may hold
/// commas, line ends, and quotes written twice.
fn records(text: &str) -> Result<Vec<(usize, Vec<String>)>, String> {
    let mut records = Vec::new();
    let mut chars = text.chars().filter(|c| *c != '\r').peekable();
    let mut line = 1;
    while chars.peek().is_some() {
        let start = line;
        let mut record = Vec::new();
        loop {
            let mut column = String::new();
            let quoted = chars.next_if_eq(&'"').is_some();
            let end = loop {
                match (chars.next(), quoted) {
                    (None, true) => {
                        return Err(format!("line {start}: extraneous or missing \" in quoted-field"));
                    }
                    (None, false) => break '\n',
                    (Some('"'), true) => match chars.next() {
                        Some('"') => column.push('"'),
                        Some(end @ (',' | '\n')) => break end,
                        None => break '\n',
                        Some(_) => {
                            return Err(format!("line {line}: extraneous or missing \" in quoted-field"));
                        }
                    },
                    (Some('"'), false) => return Err(format!("line {line}: bare \" in non-quoted-field")),
                    (Some(end @ (',' | '\n')), false) => break end,
                    (Some(c), _) => {
                        line += usize::from(c == '\n');
                        column.push(c);
                    }
                }
            };
            record.push(column);
            if end == '\n' {
                line += 1;
                break;
            }
        }
        if record != [""] {
            records.push((start, record));
        }
    }
    Ok(records)
}

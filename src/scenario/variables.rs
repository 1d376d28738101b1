//! `$NAME`: what an earlier step saved, wherever a step may use it. A name that nothing was saved under is an error.

use super::format::{CertificateFields, Expected, FlagValue, Wanted, Who, WhoFields};
use crate::error::Error;
use crate::json::Value;
use crate::limits::{FILLED_BYTES, SAVED_BYTES};
use std::collections::BTreeMap;

/// What was saved, by name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Variables(BTreeMap<String, String>);

/// Who else may know a variable of a line: the environment of the pod that it runs in, or the shell that it starts there.
#[derive(Clone, Copy)]
pub(super) struct Others<'a> {
    /// The pod's variables.
    pub(super) environment: &'a [(String, String)],
    /// From where on single quotes keep a text for another shell; nowhere unless given.
    pub(super) quoted_from: Option<usize>,
}

/// A part of a text.
enum Part<'a> {
    Text(&'a str),
    /// As it is written, its name, and whether single quotes are around it.
    Name(&'a str, &'a str, bool),
}

impl Variables {
    /// The names.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Keeps a value.
    ///
    /// # Errors
    /// It is too large: steps that save what they printed with what was saved before would double it each time.
    pub(super) fn save(&mut self, name: &str, value: String) -> Result<(), Error> {
        SAVED_BYTES.check(value.len() as u64).map_err(|why| Error::new(format!("`save: {name}`: {why}")))?;
        self.0.insert(name.to_owned(), value);
        Ok(())
    }

    fn unknown<'a>(&'a self, name: &str, others: impl Iterator<Item = &'a str>) -> Error {
        let known: Vec<&str> = self.names().chain(others).collect();
        let wrong = Error::new(format!("there is no variable `${name}`: no step before this one saved it"));
        let near = crate::error::nearest(name, known.iter().copied());
        match (near, known.as_slice()) {
            (Some(near), _) => wrong.hint(format!("did you mean `${near}`?")),
            (None, []) => wrong.hint(format!("an earlier step keeps what it prints by `save: {name}`")),
            (None, known) => wrong.hint(format!("known here: ${}", known.join(", $"))),
        }
    }

    /// A text with the values in place of the names; `$$` stands for a dollar sign.
    pub(crate) fn fill(&self, text: &str) -> Result<String, Error> {
        let mut out = String::new();
        for part in parts(text, false) {
            FILLED_BYTES.check(out.len() as u64).map_err(Error::new)?;
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Name("$$", _, _) => out.push('$'),
                Part::Name(written, name, _) => match self.0.get(name) {
                    Some(value) => out.push_str(value),
                    None => {
                        let wrong = self.unknown(name, std::iter::empty());
                        let literal = || format!("for the text itself write `${written}`");
                        return Err(if self.0.is_empty() { wrong.hint(literal()) } else { wrong });
                    }
                },
            }
        }
        Ok(out)
    }

    /// A shell's line with the values in place of the names. Names that the shell itself knows stay as they are, and so
    /// does what a backslash protects.
    pub(super) fn line(&self, line: &str, others: Others<'_>) -> Result<String, Error> {
        let mut out = String::new();
        let mut at = 0;
        for part in parts(line, true) {
            FILLED_BYTES.check(out.len() as u64).map_err(Error::new)?;
            let (Part::Text(written) | Part::Name(written, _, _)) = part;
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Name(written, name, quoted) => match self.0.get(name) {
                    Some(value) => out.push_str(value),
                    None => {
                        let mut environment = others.environment.iter().map(|(name, _)| name.as_str());
                        let theirs = match quoted {
                            true => others.quoted_from.is_some_and(|from| from <= at),
                            false => environment.any(|known| known == name),
                        };
                        if !theirs {
                            let environment = others.environment.iter().map(|(name, _)| name.as_str());
                            return Err(self.unknown(name, environment));
                        }
                        out.push_str(written);
                    }
                },
            }
            at += written.len();
        }
        Ok(out)
    }

    /// The same in every text of a body.
    pub(super) fn body(&self, body: &Value) -> Result<Value, Error> {
        Ok(match body {
            Value::String(text) => self.fill(text)?.into(),
            Value::Array(items) => {
                items.iter().map(|item| self.body(item)).collect::<Result<Vec<_>, _>>()?.into()
            }
            Value::Object(fields) => {
                let filled = fields.iter().map(|(key, value)| Ok((key.clone(), self.body(value)?)));
                filled.collect::<Result<crate::json::Map, Error>>()?.into()
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => body.clone(),
        })
    }

    fn all(&self, texts: &[String]) -> Result<Vec<String>, Error> {
        texts.iter().map(|text| self.fill(text)).collect()
    }

    fn maybe(&self, text: Option<&String>) -> Result<Option<String>, Error> {
        text.map(|text| self.fill(text)).transpose()
    }

    /// The same of somebody.
    pub(super) fn who(&self, who: &Who) -> Result<Who, Error> {
        let WhoFields { user, groups, uid, extra, token, certificate } = match who {
            Who::Name(name) => return Ok(Who::Name(self.fill(name)?)),
            Who::Full(fields) => fields,
        };
        let extra = extra.iter().map(|(key, values)| Ok((key.clone(), self.all(values)?)));
        let named = |CertificateFields { cn, o }: &CertificateFields| {
            Ok::<_, Error>(CertificateFields { cn: self.fill(cn)?, o: self.all(o)? })
        };
        Ok(Who::Full(WhoFields {
            user: self.maybe(user.as_ref())?,
            groups: self.all(groups)?,
            uid: self.fill(uid)?,
            extra: extra.collect::<Result<_, Error>>()?,
            token: self.maybe(token.as_ref())?,
            certificate: certificate.as_ref().map(named).transpose()?,
        }))
    }

    /// The same of flags.
    pub(super) fn flags(
        &self,
        flags: &BTreeMap<String, FlagValue>,
    ) -> Result<BTreeMap<String, FlagValue>, Error> {
        let filled = |value: &FlagValue| {
            Ok::<_, Error>(match value {
                FlagValue::Text(text) => FlagValue::Text(self.fill(text)?),
                FlagValue::List(list) => FlagValue::List(self.all(list)?),
                FlagValue::Bool(_) | FlagValue::Number(_) => value.clone(),
            })
        };
        flags.iter().map(|(name, value)| Ok((name.clone(), filled(value)?))).collect()
    }

    /// The same of what is expected.
    pub(super) fn wanted(&self, wanted: &Wanted) -> Result<Wanted, Error> {
        Ok(match wanted {
            Wanted::One(expected) => Wanted::One(self.expected(expected)?),
            Wanted::Each(each) => {
                Wanted::Each(each.iter().map(|expected| self.expected(expected)).collect::<Result<_, _>>()?)
            }
        })
    }

    fn expected(&self, expected: &Expected) -> Result<Expected, Error> {
        let answer = expected.answer.iter().map(|(path, value)| Ok((path.clone(), self.body(value)?)));
        Ok(Expected {
            message: self.maybe(expected.message.as_ref())?,
            prints: self.maybe(expected.prints.as_ref())?,
            answer: answer.collect::<Result<_, Error>>()?,
            ..expected.clone()
        })
    }
}

/// Takes a text apart at its variables: `$NAME`, `${NAME}`; of a shell's line with its quotes and backslashes, else with
/// `$$`.
fn parts(text: &str, shell: bool) -> Vec<Part<'_>> {
    let mut found = Vec::new();
    let (mut from, mut at) = (0, 0);
    let (mut single, mut double) = (false, false);
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at + c.len_utf8()..];
        let word =
            |text: &str| text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
        let begins = |text: &str| text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let (written, name) = match c {
            '\'' if shell && !double => {
                single = !single;
                (1, None)
            }
            '"' if shell && !single => {
                double = !double;
                (1, None)
            }
            '\\' if shell && !single => (1 + rest.chars().next().map_or(0, char::len_utf8), None),
            '$' if !shell && rest.starts_with('$') => (2, Some("")),
            '$' if begins(rest) => (1 + word(rest), Some(&rest[..word(rest)])),
            '$' if rest.strip_prefix('{').is_some_and(begins) => {
                let inner = &rest[1..];
                let end = word(inner);
                if inner[end..].starts_with('}') { (end + 3, Some(&inner[..end])) } else { (1, None) }
            }
            c => (c.len_utf8(), None),
        };
        if let Some(name) = name {
            found.extend((from < at).then(|| Part::Text(&text[from..at])));
            found.push(Part::Name(&text[at..at + written], name, single));
            from = at + written;
        }
        at += written;
    }
    found.extend((from < at).then(|| Part::Text(&text[from..at])));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved() -> Variables {
        let values = [("TOKEN", "eyJ"), ("TOKEN2", "two"), ("UID", "u")];
        Variables(values.map(|(name, value)| (name.to_owned(), value.to_owned())).into())
    }

    fn said(result: Result<String, Error>) -> String {
        result.unwrap_or_else(|error| format!("! {error}; {}", error.hint.clone().unwrap_or_default()))
    }

    #[test]
    fn a_text_is_filled_or_its_typo_told() {
        for (text, want) in [
            ("a $TOKEN b${TOKEN2}c", "a eyJ btwoc"),
            ("$UID", "u"),
            ("${UID}x$$UID $ $5 a$", "ux$UID $ $5 a$"),
            (
                "$TOKEM",
                "! there is no variable `$TOKEM`: no step before this one saved it; did you mean `$TOKEN`?",
            ),
            (
                "$TOKENx",
                "! there is no variable `$TOKENx`: no step before this one saved it; did you mean `$TOKEN`?",
            ),
            (
                "$q",
                "! there is no variable `$q`: no step before this one saved it; known here: $TOKEN, $TOKEN2, $UID",
            ),
        ] {
            assert_eq!(said(saved().fill(text)), want, "{text}");
        }
        let nothing = Variables::default();
        let want = "! there is no variable `$HOME`: no step before this one saved it; for the text itself write `$$HOME`";
        assert_eq!(said(nothing.fill("$HOME")), want);
    }

    #[test]
    fn a_line_leaves_to_its_shell_what_is_the_shells() {
        let environment = [("HOME".to_owned(), "/root".to_owned())];
        let person = |_: &str| None;
        let pod = |line: &str| line.starts_with("sh ").then_some(0);
        for (line, in_pod, want) in [
            ("get --token $TOKEN -o '{\"a\":\"$UID\"}'", false, "get --token eyJ -o '{\"a\":\"u\"}'"),
            ("get '$HOM'", false, "! there is no variable `$HOM`: "),
            (r"echo \$HOM", false, r"echo \$HOM"),
            ("echo $HOME '$UID' \"it's $UID\"", true, "echo $HOME 'u' \"it's u\""),
            (
                "echo ${HOM}",
                true,
                "! there is no variable `$HOM`: no step before this one saved it; did you mean `$HOME`?",
            ),
            ("sh -c 'echo $HOM'", true, "sh -c 'echo $HOM'"),
            ("curl -d '$HOM'", true, "! there is no variable `$HOM`: "),
        ] {
            let others = match in_pod {
                true => Others { environment: &environment, quoted_from: pod(line) },
                false => Others { environment: &[], quoted_from: person(line) },
            };
            let got = said(saved().line(line, others));
            assert!(got.starts_with(want), "{line}: {got}");
        }
    }
}

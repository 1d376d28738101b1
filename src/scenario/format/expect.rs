//! What a step says should come of it: a code, a map of what is looked at, one of these for each object, or one of these
//! by release.

use super::{Releases, custom};
use crate::api::Version;
use crate::json::Value;
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Unexpected, Visitor};
use std::collections::BTreeMap;
use std::fmt;

/// What should come of a step: the same everywhere, or by release.
#[derive(Clone, Debug, PartialEq)]
pub enum Expect {
    /// In every release.
    Always(Wanted),
    /// By release; no two of them overlap.
    ByRelease(Vec<(Releases, Wanted)>),
}

/// What should come of a step in one release.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// Of the step as a whole.
    One(Expected),
    /// Of each object that the command is about, in order.
    Each(Vec<Expected>),
}

/// An expected outcome.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Expected {
    /// The HTTP code of the request that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// The status's reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Text that the message holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The command's exit code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exit: Option<i32>,
    /// Text that the output holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prints: Option<String>,
    /// Fields of the answer by their dotted paths; null is for one that is not there.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub answer: BTreeMap<String, Value>,
}

impl Expect {
    /// What is expected in a release.
    pub fn of(&self, version: Version) -> Option<&Wanted> {
        match self {
            Expect::Always(wanted) => Some(wanted),
            Expect::ByRelease(all) => {
                all.iter().find(|(releases, _)| releases.hold(version)).map(|(_, wanted)| wanted)
            }
        }
    }
}

impl Expected {
    /// Whether it says that the command fails, or that a request is refused.
    pub fn is_of_failure(&self) -> bool {
        let refused = self.code.is_some_and(|code| code >= 400);
        refused || self.reason.is_some() || self.message.is_some() || self.exit.is_some_and(|exit| exit != 0)
    }
}

impl Wanted {
    /// Whether the command's line may be as wrong as it likes: that it fails by itself is what is shown.
    pub fn of_exit(&self) -> bool {
        matches!(self, Wanted::One(expected) if expected.exit.is_some_and(|exit| exit != 0) && expected.code.is_none())
    }
}

/// The keys of a map.
const KEYS: &[&str] = &["code", "reason", "message", "exit", "prints", "answer"];

/// An HTTP code.
struct Code(u16);

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Code, D::Error> {
        struct CodeVisitor;
        impl Visitor<'_> for CodeVisitor {
            type Value = Code;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a code such as 403")
            }

            fn visit_u64<E: de::Error>(self, code: u64) -> Result<Code, E> {
                code_of(code)
            }
        }
        deserializer.deserialize_any(CodeVisitor)
    }
}

fn code_of<E: de::Error>(code: u64) -> Result<Code, E> {
    match u16::try_from(code) {
        Ok(code) if (100..600).contains(&code) => Ok(Code(code)),
        _ if code < 100 => Err(E::custom(format!(
            "{code} is no HTTP code; an exit code is written `expect: {{exit: {code}}}`"
        ))),
        _ => Err(E::custom(format!("{code} is no HTTP code: they go from 100 to 599"))),
    }
}

/// A command's exit code.
struct Exit(i32);

impl<'de> Deserialize<'de> for Exit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Exit, D::Error> {
        let code = i64::deserialize(deserializer)?;
        match u8::try_from(code) {
            Ok(code) => Ok(Exit(code.into())),
            Err(_) => Err(de::Error::custom(format!("{code} is no exit code: they go from 0 to 255"))),
        }
    }
}

impl<'de> Deserialize<'de> for Expect {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Expect, D::Error> {
        deserializer.deserialize_any(ExpectVisitor { by_release: true })
    }
}

/// What is expected in one release.
struct InOne(Wanted);

impl<'de> Deserialize<'de> for InOne {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<InOne, D::Error> {
        match deserializer.deserialize_any(ExpectVisitor { by_release: false })? {
            Expect::Always(wanted) => Ok(InOne(wanted)),
            Expect::ByRelease(_) => Err(de::Error::custom("releases within a release")),
        }
    }
}

/// What is expected of one object.
struct OfOne(Expected);

impl<'de> Deserialize<'de> for OfOne {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<OfOne, D::Error> {
        match InOne::deserialize(deserializer)? {
            InOne(Wanted::One(expected)) => Ok(OfOne(expected)),
            InOne(Wanted::Each(_)) => {
                Err(de::Error::custom("a list within a list: each entry is about one object"))
            }
        }
    }
}

struct ExpectVisitor {
    by_release: bool,
}

impl<'de> Visitor<'de> for ExpectVisitor {
    type Value = Expect;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a code such as 403, a map with `code`, `exit`, `reason`, `message`, `prints` or `answer`, a list of these for several objects")?;
        if self.by_release { f.write_str(", or these by release") } else { Ok(()) }
    }

    fn visit_u64<E: de::Error>(self, code: u64) -> Result<Expect, E> {
        let Code(code) = code_of(code)?;
        Ok(Expect::Always(Wanted::One(Expected { code: Some(code), ..Expected::default() })))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Expect, E> {
        match text.parse::<u16>() {
            Ok(code) => Err(E::custom(format!("a code is a number: write {code} without quotes"))),
            Err(_) => Err(E::invalid_type(Unexpected::Str(text), &self)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Expect, A::Error> {
        let mut each = Vec::new();
        while let Some(OfOne(expected)) = list.next_element()? {
            each.push(expected);
        }
        match each.is_empty() {
            true => Err(de::Error::custom("nothing is expected: an empty list")),
            false => Ok(Expect::Always(Wanted::Each(each))),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Expect, A::Error> {
        let mut releases: Vec<(Releases, Wanted)> = Vec::new();
        let mut always = Expected::default();
        let mut plain = false;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "code" => always.code = Some(map.next_value::<Code>()?.0),
                "reason" => always.reason = Some(map.next_value()?),
                "message" => always.message = Some(map.next_value()?),
                "exit" => always.exit = Some(map.next_value::<Exit>()?.0),
                "prints" => always.prints = Some(map.next_value()?),
                "answer" => always.answer = map.next_value()?,
                range if range.starts_with(|c: char| c.is_ascii_digit()) => {
                    let range: Releases = range.parse().map_err(custom)?;
                    if !self.by_release {
                        return Err(de::Error::custom("releases within a release, or within a list"));
                    }
                    if let Some((other, _)) = releases.iter().find(|(other, _)| other.overlap(range)) {
                        return Err(de::Error::custom(format!("`{other}` and `{range}` overlap")));
                    }
                    let InOne(wanted) = map.next_value()?;
                    releases.push((range, wanted));
                    continue;
                }
                other => return Err(de::Error::unknown_field(other, KEYS)),
            }
            plain = true;
        }
        match (plain, releases.is_empty()) {
            (true, true) => Ok(Expect::Always(Wanted::One(always))),
            (false, false) => Ok(Expect::ByRelease(releases)),
            (true, false) => Err(de::Error::custom("either `code`, … or releases, not both")),
            (false, true) => Err(de::Error::custom("nothing is expected: an empty map")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(yaml: &str) -> Result<Expect, String> {
        serde_yaml::from_str(yaml).map_err(|error| error.to_string())
    }

    #[test]
    fn what_may_be_expected() {
        let code = |code| Expected { code: Some(code), ..Expected::default() };
        let exit = Expected { exit: Some(1), ..Expected::default() };
        let both = Expected { exit: Some(1), ..code(409) };
        let one = |expected: &Expected| Wanted::One(expected.clone());
        let range = |text: &str| text.parse::<Releases>().unwrap();
        for (yaml, want) in [
            ("403", Expect::Always(one(&code(403)))),
            ("{exit: 1}", Expect::Always(one(&exit))),
            ("{code: 409, exit: 1}", Expect::Always(one(&both))),
            ("[201, {exit: 1}]", Expect::Always(Wanted::Each(vec![code(201), exit.clone()]))),
            (
                "{\"1.20..1.23\": 201, \"1.24..1.36\": [403, {code: 409, exit: 1}]}",
                Expect::ByRelease(vec![
                    (range("1.20..1.23"), one(&code(201))),
                    (range("1.24..1.36"), Wanted::Each(vec![code(403), both.clone()])),
                ]),
            ),
        ] {
            assert_eq!(read(yaml).unwrap(), want, "{yaml}");
        }
    }

    #[test]
    fn nonsense_is_told() {
        for (yaml, want) in [
            ("0", "0 is no HTTP code; an exit code is written `expect: {exit: 0}`"),
            ("99", "99 is no HTTP code; an exit code is written `expect: {exit: 99}`"),
            ("600", "600 is no HTTP code: they go from 100 to 599"),
            ("{code: 20}", "20 is no HTTP code; an exit code is written `expect: {exit: 20}`"),
            ("{exit: 403}", "403 is no exit code: they go from 0 to 255"),
            ("\"403\"", "a code is a number: write 403 without quotes"),
            ("-1", "invalid type: integer `-1`, expected a code such as 403"),
            ("denied", "invalid type: string \"denied\", expected a code such as 403"),
            ("{}", "nothing is expected: an empty map"),
            ("[]", "nothing is expected: an empty list"),
            ("[[201]]", "a list within a list: each entry is about one object"),
            ("{\"1.20..1.24\": 201, \"1.24\": 403}", "`1.20..1.24` and `1.24` overlap"),
            ("{\"1.24..1.20\": 201}", "`1.24..1.20` holds no release: the older one comes first"),
            ("{\"1.20\": {\"1.24\": 201}}", "releases within a release, or within a list"),
            ("{\"1.20\": 201, code: 403}", "either `code`, … or releases, not both"),
            ("{cod: 403}", "unknown field `cod`"),
        ] {
            let error = read(yaml).unwrap_err();
            assert!(error.contains(want), "{yaml}: {error}");
        }
    }
}

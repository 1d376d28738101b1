//! Flags as kubectl reads them (`spf13/pflag`): GNU style, in any order, with kubectl's words for mistakes.
//!
//! A command's flags are one line of text: `filename,f:list dry-run:optional replicas:int recursive,R`. A flag without
//! a type is a boolean.

use crate::golang::strconv::wrong_int;
use std::collections::BTreeMap;
use std::time::Duration;

/// The flags of every command.
pub(super) const GLOBAL: &str = "namespace,n:text as:text as-group:array token:text v,v:int \
    request-timeout:text cache-dir:text warnings-as-errors insecure-skip-tls-verify \
    kubeconfig:text server,s:text context:text cluster:text user:text certificate-authority:text \
    client-certificate:text client-key:text tls-server-name:text match-server-version help,h";

/// Global flags that came after 1.20.
pub(super) const GLOBAL_NEW: &str = "as-uid:text as-user-extra:array disable-compression";

/// Global flags that lead to another server or identity than the scenario's.
pub(super) const ELSEWHERE: &[&str] = &[
    "kubeconfig",
    "server",
    "context",
    "cluster",
    "user",
    "certificate-authority",
    "client-certificate",
    "client-key",
    "tls-server-name",
];

/// What a flag takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Takes {
    Bool,
    Text,
    Int,
    /// A whole number of 32 bits.
    Int32,
    Duration,
    /// Comma-separated, may be repeated.
    List,
    /// May be repeated; commas belong to the value.
    Array,
    /// Takes a value only after `=`.
    Optional,
}

#[derive(Clone, Debug)]
struct Spec {
    name: String,
    short: Option<char>,
    takes: Takes,
}

/// The flags that a command knows.
#[derive(Clone, Debug)]
pub(super) struct Known(Vec<Spec>);

impl Known {
    /// Reads tables of flags.
    pub(super) fn new(tables: &[&str]) -> Known {
        let words = tables.iter().flat_map(|table| table.split_whitespace());
        Known(
            words
                .map(|word| {
                    let (names, takes) = word.split_once(':').unwrap_or((word, "bool"));
                    let (name, short) = names.split_once(',').unwrap_or((names, ""));
                    let takes = match takes {
                        "text" => Takes::Text,
                        "int" => Takes::Int,
                        "int32" => Takes::Int32,
                        "duration" => Takes::Duration,
                        "list" => Takes::List,
                        "array" => Takes::Array,
                        "optional" => Takes::Optional,
                        _ => Takes::Bool,
                    };
                    Spec { name: name.to_owned(), short: short.chars().next(), takes }
                })
                .collect(),
        )
    }

    /// The flag that a word is, without a value: `--name`, or `-n` alone.
    fn spec(&self, word: &str) -> Option<&Spec> {
        if let Some(long) = word.strip_prefix("--") {
            return self.0.iter().find(|s| s.name == long);
        }
        let mut letters = word.chars().skip(1);
        let first = letters.next();
        match letters.next() {
            None => self.0.iter().find(|s| s.short.is_some() && s.short == first),
            Some(_) => None,
        }
    }

    /// The long name of a flag.
    pub(super) fn name(&self, word: &str) -> Option<&str> {
        self.spec(word).map(|spec| spec.name.as_str())
    }

    /// Whether a word is a flag whose value is the next word.
    pub(super) fn takes_next(&self, word: &str) -> bool {
        self.spec(word).is_some_and(|s| !matches!(s.takes, Takes::Bool | Takes::Optional))
    }

    /// The words that are neither flags nor values of flags, of a line that may be wrong.
    pub(super) fn operands(&self, words: &[String]) -> Vec<String> {
        let mut operands = Vec::new();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if !word.starts_with('-') {
                operands.push(word.clone());
            } else if self.takes_next(word) {
                words.next();
            }
        }
        operands
    }

    /// Reads a command's words, or says what is wrong in kubectl's words.
    pub(super) fn parse(&self, words: &[String]) -> Result<Flags, String> {
        let mut flags = Flags::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if word == "--" {
                flags.dash = Some(flags.args.len());
                flags.args.extend(words.by_ref().cloned());
            } else if let Some(long) = word.strip_prefix("--") {
                let (name, value) = match long.split_once('=') {
                    Some((name, value)) => (name, Some(value.to_owned())),
                    None => (long, None),
                };
                let spec = self.0.iter().find(|s| s.name == name);
                let spec = spec.ok_or_else(|| format!("unknown flag: --{name}"))?;
                let value = match (value, spec.takes) {
                    (Some(value), _) => value,
                    (None, Takes::Bool) => "true".to_owned(),
                    (None, Takes::Optional) => "unchanged".to_owned(),
                    (None, _) => {
                        words.next().cloned().ok_or_else(|| format!("flag needs an argument: --{name}"))?
                    }
                };
                flags.put(spec, &value)?;
            } else if word.len() > 1 && word.starts_with('-') {
                self.shorthands(word, &mut words, &mut flags)?;
            } else {
                flags.args.push(word.clone());
            }
        }
        Ok(flags)
    }

    fn shorthands(
        &self,
        word: &str,
        words: &mut std::slice::Iter<'_, String>,
        flags: &mut Flags,
    ) -> Result<(), String> {
        let letters = &word[1..];
        for (at, letter) in letters.char_indices() {
            let spec = self.0.iter().find(|s| s.short == Some(letter));
            let spec = spec.ok_or_else(|| format!("unknown shorthand flag: '{letter}' in -{letters}"))?;
            let rest = &letters[at + letter.len_utf8()..];
            if let Some(value) = rest.strip_prefix('=').filter(|value| !value.is_empty()) {
                return flags.put(spec, value);
            }
            match spec.takes {
                Takes::Bool => flags.put(spec, "true")?,
                Takes::Optional => flags.put(spec, "unchanged")?,
                _ if !rest.is_empty() => return flags.put(spec, rest),
                _ => {
                    let value = words
                        .next()
                        .ok_or_else(|| format!("flag needs an argument: '{letter}' in -{letters}"))?;
                    return flags.put(spec, value);
                }
            }
        }
        Ok(())
    }
}

/// What was given.
#[derive(Clone, Debug, Default)]
pub(super) struct Flags {
    given: BTreeMap<String, Vec<String>>,
    /// The words that are no flags.
    pub(super) args: Vec<String>,
    /// How many words came before `--`.
    pub(super) dash: Option<usize>,
}

impl Flags {
    fn put(&mut self, spec: &Spec, value: &str) -> Result<(), String> {
        let name = match spec.short {
            Some(short) => format!("-{short}, --{}", spec.name),
            None => format!("--{}", spec.name),
        };
        let wrong = |why: String| Err(format!("invalid argument \"{value}\" for \"{name}\" flag: {why}"));
        match spec.takes {
            Takes::Bool if !matches!(value, "true" | "false" | "1" | "0" | "t" | "f") => {
                return wrong(format!("strconv.ParseBool: parsing \"{value}\": invalid syntax"));
            }
            Takes::Int | Takes::Int32 => {
                let bits = if spec.takes == Takes::Int { 64 } else { 32 };
                if let Some(why) = wrong_int(value, bits) {
                    return wrong(format!("strconv.ParseInt: parsing \"{value}\": {why}"));
                }
            }
            Takes::Duration if duration(value).is_none() => {
                let digits = value.strip_prefix(['-', '+']).unwrap_or(value);
                let bare = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
                let why = if bare { "missing unit in duration" } else { "invalid duration" };
                return wrong(format!("time: {why} \"{value}\""));
            }
            _ => {}
        }
        let values = self.given.entry(spec.name.clone()).or_default();
        match spec.takes {
            Takes::List => values.extend(value.split(',').filter(|v| !v.is_empty()).map(str::to_owned)),
            Takes::Array => values.push(value.to_owned()),
            _ => *values = vec![value.to_owned()],
        }
        Ok(())
    }

    /// Whether a flag was given at all.
    pub(super) fn has(&self, name: &str) -> bool {
        self.given.contains_key(name)
    }

    /// A flag's value, if it was given.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.given.get(name)?.last().map(String::as_str)
    }

    /// A flag's value, or the empty text.
    pub(super) fn text(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }

    /// A flag's value, if it was given and is not empty.
    pub(super) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// Whether a boolean flag is on.
    pub(super) fn on(&self, name: &str) -> bool {
        matches!(self.get(name), Some("true" | "1" | "t"))
    }

    /// Whether a boolean flag that is on by itself was not turned off.
    pub(super) fn not_off(&self, name: &str) -> bool {
        !self.has(name) || self.on(name)
    }

    /// All values of a repeated flag.
    pub(super) fn all(&self, name: &str) -> &[String] {
        self.given.get(name).map(Vec::as_slice).unwrap_or_default()
    }

    /// An integer flag.
    pub(super) fn int(&self, name: &str) -> Option<i64> {
        self.get(name)?.parse().ok()
    }

    /// A duration flag.
    pub(super) fn duration(&self, name: &str) -> Option<Duration> {
        self.get(name).and_then(duration)
    }
}

/// Go's durations (`1h30m`, `10s`, `250ms`); negative ones are zero.
pub(super) fn duration(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut millis: u64 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let (unit, factor) = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)]
            .into_iter()
            .find(|(unit, _)| rest.starts_with(unit))?;
        rest = &rest[unit.len()..];
        millis = millis.checked_add(number.checked_mul(factor)?)?;
    }
    Some(Duration::from_millis(if negative { 0 } else { millis }))
}

/// The long names in tables of flags.
pub(super) fn names(tables: &[&'static str]) -> Vec<&'static str> {
    let entries = tables.iter().flat_map(|table| table.split_whitespace());
    entries.filter_map(|entry| entry.split([',', ':']).next()).collect()
}

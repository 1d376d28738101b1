//! What may stand at the end of a kubectl line that is being typed, from the tables of commands and flags.

use super::commands;
use super::flags::{self, Known};
use super::{Style, command::Command};
use crate::api::Version;

/// What may stand there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The name of a namespace.
    Namespace,
    /// A resource.
    Resource,
    /// An object of the resource that the first operand names, or `RESOURCE/NAME`.
    Object,
    /// An object of this resource.
    Of(&'static str),
    /// `NAMESPACE:NAME` of a service account.
    Account,
    /// Somebody's name.
    User,
    /// A verb of RBAC.
    Verb,
    /// One of these words.
    Words(&'static [&'static str]),
    /// Something that only the user knows.
    Unknown,
}

/// What is known of the end of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggested {
    /// Words to choose from: subcommands or flags.
    pub words: Vec<String>,
    /// What else may stand there.
    pub wanted: Slot,
    /// The operands before it.
    pub operands: Vec<String>,
    /// The namespace that the line is about.
    pub namespace: String,
    /// Where the word begins of which this is the end (`--namespace=de`: after the `=`).
    pub from: usize,
}

/// The operands of commands, by the beginning of their words; the last one repeats.
const OPERANDS: &[(&str, &[Slot])] = &[
    ("get", &[Slot::Resource, Slot::Object]),
    ("describe", &[Slot::Resource, Slot::Object]),
    ("delete", &[Slot::Resource, Slot::Object]),
    ("edit", &[Slot::Resource, Slot::Object]),
    ("patch", &[Slot::Resource, Slot::Object]),
    ("label", &[Slot::Resource, Slot::Object, Slot::Unknown]),
    ("annotate", &[Slot::Resource, Slot::Object, Slot::Unknown]),
    ("scale", &[Slot::Resource, Slot::Object]),
    ("wait", &[Slot::Resource, Slot::Object]),
    ("rollout", &[Slot::Resource, Slot::Object]),
    ("set", &[Slot::Resource, Slot::Object, Slot::Unknown]),
    ("exec", &[Slot::Of("pods"), Slot::Unknown]),
    ("logs", &[Slot::Of("pods"), Slot::Unknown]),
    ("cordon", &[Slot::Of("nodes")]),
    ("uncordon", &[Slot::Of("nodes")]),
    ("create token", &[Slot::Of("serviceaccounts"), Slot::Unknown]),
    ("auth can-i", &[Slot::Verb, Slot::Resource, Slot::Unknown]),
];

/// What a flag's value is.
const VALUES: &[(&str, Slot)] = &[
    ("namespace", Slot::Namespace),
    ("role", Slot::Of("roles")),
    ("clusterrole", Slot::Of("clusterroles")),
    ("verb", Slot::Verb),
    ("resource", Slot::Resource),
    ("serviceaccount", Slot::Account),
    ("as", Slot::User),
    ("user", Slot::User),
    ("output", Slot::Words(&["json", "jsonpath=", "name", "wide", "yaml"])),
    ("dry-run", Slot::Words(&["client", "none", "server"])),
    ("cascade", Slot::Words(&["background", "foreground", "orphan"])),
    ("subresource", Slot::Words(&["approval", "exec", "finalize", "log", "scale", "status", "token"])),
];

/// What may stand in place of `partial`, after the words before it; neither holds `kubectl` itself.
pub fn suggest(words: &[String], partial: &str, version: Version) -> Suggested {
    let style = Style::of(version);
    let (command, level, rest): (Option<&Command>, String, Vec<String>) =
        commands::find(words, style).unwrap_or((None, String::new(), words.to_vec()));
    let tables = commands::tables(command, &level, style);
    let known = Known::new(&tables);
    let mut said = Suggested {
        words: Vec::new(),
        wanted: Slot::Unknown,
        operands: known.operands(&rest),
        namespace: namespace(words),
        from: 0,
    };
    if words.iter().any(|word| word == "--") {
        return said;
    }
    let before = words.last().filter(|word| word.starts_with('-') && known.takes_next(word));
    if let Some(flag) = before {
        said.wanted = value(known.name(flag));
    } else if let Some((flag, _)) = partial.split_once('=').filter(|(flag, _)| flag.starts_with("--")) {
        said.from = flag.len() + 1;
        said.wanted = value(known.name(flag));
    } else if partial.starts_with('-') {
        said.words = flags::names(&tables).iter().map(|name| format!("--{name}")).collect();
    } else {
        let children = commands::children(&level, style);
        if said.operands.is_empty() && !children.is_empty() {
            said.words = children.into_iter().map(str::to_owned).collect();
        }
        said.wanted = operand(&level, said.operands.len(), partial);
    }
    said
}

fn value(flag: Option<&str>) -> Slot {
    let found = VALUES.iter().find(|(name, _)| Some(*name) == flag);
    found.map_or(Slot::Unknown, |(_, wanted)| *wanted)
}

fn operand(level: &str, index: usize, partial: &str) -> Slot {
    let found = OPERANDS.iter().find(|(words, _)| {
        level.strip_prefix(words).is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    });
    let wanted = found.and_then(|(_, all)| all.get(index).or(all.last()));
    match wanted.copied().unwrap_or(Slot::Unknown) {
        Slot::Resource if partial.contains('/') => Slot::Object,
        wanted => wanted,
    }
}

/// The namespace of `-n`.
fn namespace(words: &[String]) -> String {
    let next = |index: usize| words.get(index + 1).cloned();
    let given = words.iter().enumerate().find_map(|(index, word)| match word.as_str() {
        "-n" | "--namespace" => next(index),
        word => word.strip_prefix("--namespace=").or(word.strip_prefix("-n")).map(str::to_owned),
    });
    given.unwrap_or_else(|| "default".to_owned())
}

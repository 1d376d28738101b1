//! Reads `resources.txt`.

use super::{Resource, Switch, Word};
use crate::api::Version;

static TABLE: &str = include_str!("../resources.txt");

/// What `*` stands for: an object that is stored.
pub(super) const STORED: &str = "create,delete,deletecollection,get,list,patch,update,watch";

/// A group version's line: where the rows below it belong, and for which releases.
#[derive(Clone, Copy)]
struct Heading {
    group: &'static str,
    version: &'static str,
    since: u8,
    until: u8,
    on: bool,
}

/// All rows of a release in the order of discovery, also those that it does not serve by itself.
pub(super) fn rows(release: Version) -> impl Iterator<Item = (Resource, Switch)> {
    let served = move |(row, _): &(Resource, Switch)| (row.since..=row.until).contains(&release.number());
    all().filter(served)
}

fn all() -> impl Iterator<Item = (Resource, Switch)> {
    let mut heading = Heading { group: "", version: "", since: 0, until: 0, on: true };
    TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).filter_map(move |line| match line
        .strip_prefix("  ")
    {
        Some(row) => self::row(heading, row),
        None => {
            heading = self::heading(line);
            None
        }
    })
}

fn heading(line: &'static str) -> Heading {
    let (group_version, words) = line.split_once(' ').unwrap_or((line, ""));
    let (group, version) = group_version.split_once('/').unwrap_or(("", group_version));
    Heading {
        group,
        version,
        since: minor(words, "since", Version::OLDEST.number()),
        until: minor(words, "until", Version::NEWEST.number()),
        on: !words.split(' ').any(|word| word == "off"),
    }
}

fn row(heading: Heading, line: &'static str) -> Option<(Resource, Switch)> {
    let mut cells = line.split_ascii_whitespace();
    let (path, kind, scope, verbs) = (cells.next()?, cells.next()?, cells.next()?, cells.next()?);
    let (name, subresource) = path.split_once('/').unwrap_or((path, ""));
    let mut kind_path = kind.rsplit('/');
    let kind = kind_path.next()?;
    let foreign = kind_path.next();
    let switch = Switch { on: heading.on, gate: word(line, "gate").unwrap_or_default() };
    let row = Resource {
        group: heading.group.into(),
        version: heading.version.into(),
        name: name.into(),
        subresource: subresource.into(),
        kind: kind.into(),
        kind_group: foreign.map_or(heading.group, |_| kind_path.next().unwrap_or_default()).into(),
        kind_version: foreign.unwrap_or(heading.version).into(),
        namespaced: scope == "namespaced",
        verbs: if verbs == "*" { STORED } else { verbs }.split(',').collect(),
        singular: word(line, "singular").unwrap_or_default().into(),
        short_names: word(line, "short").map(words).unwrap_or_default(),
        categories: word(line, "in").map(words).unwrap_or_default(),
        since: minor(line, "since", heading.since),
        until: minor(line, "until", heading.until),
        custom: None,
    };
    Some((row, switch))
}

/// The text of `key=text` in a line.
fn word(line: &'static str, key: &str) -> Option<&'static str> {
    line.split_ascii_whitespace().find_map(|cell| cell.strip_prefix(key)?.strip_prefix('='))
}

fn words(list: &'static str) -> Vec<Word> {
    list.split(',').map(Word::from).collect()
}

fn minor(line: &'static str, key: &str, default: u8) -> u8 {
    word(line, key).and_then(|n| n.parse().ok()).unwrap_or(default)
}

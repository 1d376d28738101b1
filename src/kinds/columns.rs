//! What people see of an object: columns, and the cells that several kinds share
//! (`pkg/printers/internalversion/printers.go`).

use crate::api::differences::Difference;
use crate::api::{Dig, Version};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The columns of a kind in a span of releases.
pub(crate) struct Columns {
    since: Option<Difference>,
    until: Option<Difference>,
    /// Names with `|` between them; `#` behind a number, `*` where only `-o wide` shows it.
    pub(crate) names: &'static str,
    pub(crate) cells: Cells,
}

/// Fills an object's columns.
pub(crate) type Cells = fn(&Value, Print) -> Vec<Value>;

/// What a printer may look at besides the object.
#[derive(Clone, Copy)]
pub(crate) struct Print {
    pub(crate) now: Timestamp,
    pub(crate) version: Version,
}

impl Columns {
    /// The columns in every release.
    pub(super) const fn new(names: &'static str, cells: Cells) -> Columns {
        Columns { since: None, until: None, names, cells }
    }

    /// In releases that have a difference.
    pub(super) const fn since(self, difference: Difference) -> Columns {
        Columns { since: Some(difference), ..self }
    }

    /// In releases that don't have it yet.
    pub(super) const fn until(self, difference: Difference) -> Columns {
        Columns { until: Some(difference), ..self }
    }
}

impl super::Kind {
    /// What people see of an object in a release; by default its name and the time of its creation.
    pub(crate) fn columns(&self, version: Version) -> &'static Columns {
        const DEFAULT: &Columns = &Columns::new("Name|Created At", created);
        let fits = |columns: &&Columns| {
            columns.since.is_none_or(|since| version.has(since))
                && columns.until.is_none_or(|until| !version.has(until))
        };
        self.columns.iter().find(fits).unwrap_or(DEFAULT)
    }
}

/// An age as people read it (`duration.HumanDuration`).
pub(super) fn human(seconds: i64) -> String {
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    let two = |a: i64, unit_a: &str, b: i64, unit_b: &str| match b {
        0 => format!("{a}{unit_a}"),
        b => format!("{a}{unit_a}{b}{unit_b}"),
    };
    match seconds {
        ..-1 => "<invalid>".to_owned(),
        -1 => "0s".to_owned(),
        0..120 => format!("{seconds}s"),
        120..600 => two(minutes, "m", seconds % 60, "s"),
        600..10_800 => format!("{minutes}m"),
        10_800..28_800 => two(hours, "h", minutes % 60, "m"),
        28_800..172_800 => format!("{hours}h"),
        172_800..691_200 => two(hours / 24, "d", hours % 24, "h"),
        691_200..63_072_000 => format!("{}d", hours / 24),
        63_072_000..252_288_000 => two(hours / 24 / 365, "y", hours / 24 % 365, "d"),
        _ => format!("{}y", hours / 24 / 365),
    }
}

/// How long ago an instant was.
pub(super) fn since(text: &str, print: Print) -> String {
    match text.parse::<Timestamp>() {
        Ok(at) => human(print.now.as_second() - at.as_second()),
        Err(_) => "<unknown>".to_owned(),
    }
}

/// The object's age.
pub(super) fn age(object: &Value, print: Print) -> Value {
    since(object.text("metadata.creationTimestamp"), print).into()
}

/// The text at a path, or what stands for nothing.
pub(super) fn or(object: &Value, path: &str, nothing: &str) -> Value {
    match object.text(path) {
        "" => nothing.into(),
        text => text.into(),
    }
}

/// The number at a path.
pub(super) fn count(object: &Value, path: &str) -> i64 {
    object.at(path).as_i64().unwrap_or_default()
}

/// The text at a path.
pub(super) fn text(object: &Value, path: &str) -> Value {
    object.text(path).into()
}

/// Texts with commas, or what stands for none.
pub(super) fn joined(list: &[&str], nothing: &str) -> String {
    match list {
        [] => nothing.to_owned(),
        list => list.join(","),
    }
}

/// Labels as a selector, `<none>` if there are none.
pub(super) fn labels(selector: &Value) -> String {
    match crate::api::labels::text(selector) {
        text if text.is_empty() => "<none>".to_owned(),
        text => text,
    }
}

/// Names and images of a pod template's containers.
pub(super) fn containers(spec: &Value) -> [Value; 2] {
    let of = |key: &str| spec.list("containers").iter().map(|c| c.text(key)).collect::<Vec<_>>().join(",");
    [of("name").into(), of("image").into()]
}

/// Name, then cells, then age and what `-o wide` shows of the pod template.
pub(super) fn workload(object: &Value, print: Print, mut cells: Vec<Value>, selector: bool) -> Vec<Value> {
    cells.insert(0, object.name().into());
    cells.push(age(object, print));
    cells.extend(containers(object.at("spec.template.spec")));
    if selector {
        cells.push(labels(object.at("spec.selector")).into());
    }
    cells
}

/// Name and age.
pub(super) fn aged(object: &Value, print: Print) -> Vec<Value> {
    vec![object.name().into(), age(object, print)]
}

/// Name and time of creation.
pub(super) fn created(object: &Value, _: Print) -> Vec<Value> {
    let at = match object.text("metadata.creationTimestamp") {
        "" => Value::Null,
        at => at.into(),
    };
    vec![json!(object.name()), at]
}

#[cfg(test)]
mod tests {
    use super::human;

    #[test]
    fn ages() {
        for (seconds, want) in [
            (-2, "<invalid>"),
            (0, "0s"),
            (119, "119s"),
            (120, "2m"),
            (125, "2m5s"),
            (600, "10m"),
            (10_800, "3h"),
            (11_100, "3h5m"),
            (90_000, "25h"),
            (176_400, "2d1h"),
            (86_400 * 10, "10d"),
            (86_400 * 731, "2y1d"),
            (86_400 * 365 * 9, "9y"),
        ] {
            assert_eq!(human(seconds), want);
        }
    }
}

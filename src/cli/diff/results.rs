//! The difference as SARIF, each right at the line that makes the difference.

use super::super::sarif::{self, Found, Level, Rule};
use super::Difference;
use crate::explain::place;
use crate::explain::words::of_rules;
use crate::json::Value;

const RULES: [Rule; 3] = [
    Rule {
        id: "gained",
        short: "Somebody may do something that they could not do before",
        help: "Ask whether it is meant. `kubeverdict explain` says by which binding, role and rule it is allowed.",
    },
    Rule {
        id: "lost",
        short: "Somebody may no longer do something that they could do before",
        help: "Ask whether somebody still needs it: requests that were answered will be 403.",
    },
    Rule {
        id: "opened",
        short: "Somebody gets to cluster-admin who could not before",
        help: "`kubeverdict paths` says how, and the fewest rules to take away so that it is closed again.",
    },
];

pub(super) fn of(difference: &Difference) -> Value {
    let founds = difference.all().map(|(word, changed)| {
        let right = &changed.right;
        let verb = if word == "gained" { "gains" } else { "loses" };
        let rights = of_rules(right.rights.clone()).join("; ");
        let what = format!(
            "{} {verb} in {}: {rights}, by {}",
            right.who,
            place(&right.by.namespace),
            right.by.describe()
        );
        Found {
            rule: word,
            level: match (changed.fails, word) {
                (true, _) => Level::Error,
                (false, "gained") => Level::Warning,
                (false, _) => Level::Note,
            },
            known_by: what.clone(),
            message: what,
            file: right.at.as_ref().map(|at| at.file.clone()).unwrap_or_default(),
            line: right.at.as_ref().map(|at| at.line).unwrap_or_default(),
        }
    });
    let opened = difference.opened.iter().map(|opened| {
        let (file, line) = opened.at.clone().unwrap_or_default();
        Found {
            rule: "opened",
            level: Level::Error,
            message: format!("opened to cluster-admin: {}", opened.path.in_short()),
            known_by: opened.path.in_short(),
            file,
            line,
        }
    });
    sarif::document(&RULES, &founds.chain(opened).collect::<Vec<_>>())
}

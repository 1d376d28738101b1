//! What is found about roles and bindings, printed.

use super::Exit;
use super::dumps::DumpArgs;
use super::format::FormatArgs;
use super::out::{self, Out};
use super::paint::{Paint, paint};
use crate::error::Error;
use crate::rights::{Found, Sort};

/// Prints what was found in the namespace that is asked about, and says whether any of it comes to more than a note.
pub(super) fn print(found: Vec<Found>, dump: &DumpArgs, format: &FormatArgs) -> Result<Exit, Error> {
    let found = dump.keep(found, |found| &found.place.namespace);
    let mut out = Out::open();
    format.print(&mut out, &found, || in_words(&found))?;
    let bad = found.iter().any(|found| matches!(found.sort, Sort::Never | Sort::Unused));
    out.end(if bad { Exit::Differs } else { Exit::Fine })
}

fn in_words(found: &[Found]) -> String {
    let one = |found: &Found| {
        let colour = match found.sort {
            Sort::Never => Paint::Bad,
            Sort::Seldom | Sort::Unused => Paint::Strong,
            Sort::Unknown => Paint::Dim,
        };
        let rule = found.rule.map(|number| format!("rule {number}: ")).unwrap_or_default();
        let sort = paint(colour, found.sort.words());
        format!("{}: {sort}: {rule}{} ({})", found.place.called(), found.text, found.check)
    };
    let counts = [Sort::Never, Sort::Seldom, Sort::Unknown, Sort::Unused].map(|sort| {
        let count = found.iter().filter(|found| found.sort == sort).count();
        (count > 0).then(|| format!("{count} {}", sort.words()))
    });
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    let ended = if counts.is_empty() { "nothing found".to_owned() } else { counts.join(", ") };
    out::lines(found.iter().map(one).chain([ended]))
}

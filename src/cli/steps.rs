//! A scenario's steps on a terminal: a row for all releases that agree, and where they part.

use super::out::safe;
use super::paint::colours;
use super::wrap;
use crate::api::Version;
use crate::scenario::agreed;
use crate::scenario::report::{Report, StepReport};
use crate::scenario::snapshot;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table, presets};

/// What a row tells of a step.
#[derive(PartialEq)]
struct Row<'r> {
    number: &'r str,
    who: &'r str,
    what: String,
    request: &'r str,
    ended: String,
    verdict: String,
    code: Option<u16>,
    /// What the command printed, or what a raw request was warned of; nothing that is drawn.
    printed: Vec<String>,
}

impl<'r> Row<'r> {
    fn of(step: &'r StepReport) -> Row<'r> {
        let request = step.deciding().map(|request| request.request.split('?').next().unwrap_or_default());
        let printed: Vec<String> = match &step.output {
            Some(output) => output.stdout.lines().chain(output.stderr.lines()).map(prints).collect(),
            None => step.requests.iter().flat_map(|request| &request.warnings).cloned().collect(),
        };
        Row {
            number: &step.number,
            who: &step.who,
            what: shorten(step.name.as_deref().unwrap_or(&step.line), 70),
            request: request.unwrap_or_default(),
            ended: step.ended(),
            verdict: shorten(&step.verdict(), 70),
            code: step.code(),
            printed: printed.iter().map(|line| snapshot::undrawn(line)).collect(),
        }
    }

    /// Who decided; where all these rows end alike, what only this one prints.
    fn decided(&self, rows: &[&Row<'_>]) -> String {
        if rows.iter().any(|other| (&other.ended, &other.verdict) != (&self.ended, &self.verdict)) {
            return self.verdict.clone();
        }
        let own = self.printed.iter().find(|line| rows.iter().any(|other| !other.printed.contains(line)));
        match own {
            Some(line) => shorten(line, 70),
            None if rows.len() > 1 => "prints no such line".to_owned(),
            None => self.verdict.clone(),
        }
    }
}

/// A table of steps: number, who, what, the request that decided, code, and who decided. A row is of all releases, or of
/// those that it names.
pub(super) fn table(reports: &[Report]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(wrap::of_tables());
    table.set_header(["step", "who", "what", "request", "code", "decided by"]);
    for step in agreed::side_by_side(reports, Report::all) {
        let rows = agreed::agreed(&step, |(_, step)| Row::of(step));
        let all: Vec<&Row<'_>> = rows.iter().map(|(row, _)| row).collect();
        for (row, group) in &rows {
            let ended = match all.as_slice() {
                [_] => row.ended.clone(),
                _ => format!("{}: {}", spans(group), row.ended),
            };
            let colour = match row.code {
                _ if !colours() => None,
                Some(200..=299) => Some(comfy_table::Color::Green),
                Some(400..=599) => Some(comfy_table::Color::Yellow),
                Some(_) | None => None,
            };
            let mut cell = Cell::new(safe(&ended)).set_alignment(CellAlignment::Right);
            if let Some(colour) = colour {
                cell = cell.fg(colour);
            }
            table.add_row([
                Cell::new(safe(row.number)),
                Cell::new(safe(row.who)),
                Cell::new(safe(&row.what)),
                Cell::new(safe(row.request)),
                cell,
                Cell::new(safe(&row.decided(&all))),
            ]);
        }
    }
    table
}

/// A printed line; how far apart its words stand is no difference.
fn prints(line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    format!("prints {}", words.join(" "))
}

fn shorten(text: &str, length: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() > length { line.chars().take(length).chain(['…']).collect() } else { line }
}

fn spans(group: &[(Version, &StepReport)]) -> String {
    agreed::spans(group.iter().map(|(version, _)| *version))
}

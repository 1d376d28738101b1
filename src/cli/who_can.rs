//! `kubeverdict who-can`: whom the roles and bindings of a dump allow something.

use super::dumps::DumpArgs;
use super::format::FormatArgs;
use super::out::{Out, cell};
use super::{Exit, hints};
use crate::api::fact::Grounds;
use crate::error::Error;
use comfy_table::{Table, presets};

/// Say whom the roles and bindings of a dump allow something, and by which rule
///
///   kubeverdict who-can -f dump.yaml get secrets -n shop
///
///   kubeverdict who-can -f dump.yaml create pods/exec -A
///
/// With -A in whichever namespace: each binding is told with its own.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct WhoCanArgs {
    /// VERB RESOURCE [NAME], VERB TYPE/NAME, VERB /path
    #[arg(value_name = "QUESTION", required = true)]
    words: Vec<String>,
    #[command(flatten)]
    dump: DumpArgs,
    #[command(flatten)]
    format: FormatArgs,
}

pub(super) fn cmd_who_can(args: WhoCanArgs) -> Result<Exit, Error> {
    let dump = args.dump.load()?;
    let info = args.dump.read(&args.dump.question(&args.words)?, &dump)?.info;
    hints::of_asked(&dump, &info).iter().for_each(|text| super::hint(text));
    let holders = dump.who_can(&info, args.dump.everywhere());
    let mut out = Out::open();
    args.format.print(&mut out, &holders, || in_words(&holders))?;
    out.end(Exit::Fine)
}

fn in_words(holders: &[Grounds]) -> String {
    // They are let through before anybody looks at a rule.
    const MASTERS: &str = "group system:masters";
    if holders.is_empty() {
        return format!("nobody but the {MASTERS}, as always");
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(["WHO", "WHERE", "BINDING", "ROLE", "RULE"]);
    for held in holders {
        let place = if held.namespace.is_empty() { "whole cluster" } else { &held.namespace };
        let rule = held.rule.as_ref().map(|rule| format!("rule {}", rule.number)).unwrap_or_default();
        let rule = held.source.clone().unwrap_or(rule);
        let role = format!("{} {}", held.role.kind, held.role.name);
        let cells = [who(held), place.to_owned(), format!("{} {}", held.kind, held.binding), role, rule];
        table.add_row(cells.iter().map(|text| cell(text)));
    }
    let lines = table.lines().map(|line| line.strip_prefix(' ').unwrap_or(&line).trim_end().to_owned());
    let are_told = holders.iter().any(|held| who(held) == MASTERS);
    let besides = (!are_told).then(|| format!("and the {MASTERS}, as always"));
    lines.chain(besides).collect::<Vec<_>>().join("\n")
}

/// A subject as `--as` and `--as-group` would name it.
fn who(held: &Grounds) -> String {
    let who = held.subject.as_ref().and_then(|subject| subject.who(&held.namespace));
    who.map(|who| who.to_string()).unwrap_or_default()
}

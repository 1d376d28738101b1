//! `kubeverdict graph`: the access graph of a dump.

use super::Exit;
use super::climb::{self, ClimbArgs};
use super::format::FormatArgs;
use super::out::{self, Out};
use crate::error::Error;
use crate::paths::{Climbs, Drawing, Scope};

/// Draw the access graph of a dump: who holds what, and where each right leads
///
///   kubeverdict graph -f dump.yaml -o mermaid
///
///   kubeverdict graph -f dump.yaml --from shop/ci -o html > graph.html
///
///   kubeverdict graph -f dump.yaml --to secrets in shop -n shop -o svg > graph.svg
///
/// What is drawn is what the rights allow, gates or not; `paths` carries it out. A page has all it needs in it. A picture shows at
/// most 200 nodes, those nearest to cluster-admin or to what --to names; what it leaves out is told.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct GraphArgs {
    #[command(flatten)]
    climb: ClimbArgs,
    /// Only what somebody holds, and where that leads
    #[arg(long, value_name = "WHO")]
    from: Option<String>,
    /// Only what leads to somebody, to `RESOURCE in NAMESPACE`, or to VERB RESOURCE, as `paths` has it; with -n, only what is held in
    /// a namespace, or by its accounts
    #[arg(long, value_name = "TO", num_args = 1..)]
    to: Vec<String>,
    #[command(flatten)]
    format: FormatArgs<Format>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A line an edge
    Text,
    /// For programs
    Json,
    /// For Graphviz
    Dot,
    /// For Markdown
    Mermaid,
    /// A page with a picture, its legend and the details of each node
    Html,
    /// The picture alone
    Svg,
}

pub(super) fn cmd_graph(args: GraphArgs) -> Result<Exit, Error> {
    let loaded = args.climb.load()?;
    let target = args.climb.target(&args.to, &loaded)?;
    let from = args.from.as_deref().map(climb::subject);
    if let (Some(who), Some(written)) = (&from, &args.from) {
        climb::is_there(who, written, &loaded)?;
    }
    let mut climbs = Climbs::new(loaded.cluster, target, &loaded.declared);
    let scope =
        Scope { from: from.as_ref(), namespace: args.climb.namespace(), to_target: !args.to.is_empty() };
    let drawing = climbs.drawing(scope);
    let (pictured, left_out) = drawing.pictured();
    let format = args.format.chosen();
    if let (Format::Html | Format::Svg, Some(left_out)) = (format, left_out.words()) {
        super::warn(&left_out);
    }
    let mut to = Out::open();
    match format {
        Format::Json => to.json(&serde_json::to_string_pretty(&drawing).map_err(Error::of)?),
        Format::Text => to.raw(&out::safe(&in_lines(&drawing))),
        Format::Dot => to.raw(&out::safe(&drawing.dot())),
        Format::Mermaid => to.raw(&out::safe(&drawing.mermaid())),
        Format::Html => to.raw(&out::safe(&pictured.page(&left_out))),
        Format::Svg => to.raw(&out::safe(&pictured.svg())),
    }
    to.end(Exit::Fine)
}

fn in_lines(drawing: &Drawing) -> String {
    let text = out::lines(drawing.lines());
    if text.is_empty() { text } else { text + "\n" }
}

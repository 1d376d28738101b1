//! `kubeverdict graph`: the access graph of a dump.

use super::Exit;
use super::climb::{self, ClimbArgs};
use super::out::Out;
use crate::error::Error;
use crate::paths::{Climbs, Target};

/// Draw the access graph of a dump: who holds what, and where each right leads
///
///   kubeverdict graph -f dump.yaml -o mermaid
///
///   kubeverdict graph -f dump.yaml --from shop/ci -o html > graph.html
///
/// What is drawn is what the rights allow, gates or not; `paths` carries it out. A page has all it needs in it.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct GraphArgs {
    #[command(flatten)]
    climb: ClimbArgs,
    /// Only what somebody holds, and where that leads
    #[arg(long, value_name = "WHO")]
    from: Option<String>,
    /// How to print; the shape of JSON is what `kubeverdict schema graph` prints
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "text")]
    output: Format,
    /// Short for `-o json`
    #[arg(long, conflicts_with = "output")]
    json: bool,
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
    /// A page with a picture
    Html,
}

/// A picture of more than this nobody can read.
const PICTURED: usize = 1_000;

pub(super) fn cmd_graph(args: GraphArgs) -> Result<Exit, Error> {
    let loaded = args.climb.load()?;
    let mut climbs = Climbs::new(loaded.cluster, Target::everything(), &loaded.declared);
    let drawing = climbs.drawing(args.from.as_deref().map(climb::subject).as_ref());
    if args.output == Format::Html && drawing.nodes.len() > PICTURED {
        let count = drawing.nodes.len();
        return Err(Error::new(format!("a picture of {count} nodes shows nothing; the most are {PICTURED}"))
            .hint("draw what one of them holds with --from WHO, or print it as text, json or dot"));
    }
    let mut out = Out::open();
    match args.output {
        _ if args.json => out.json(&serde_json::to_string_pretty(&drawing).map_err(Error::of)?),
        Format::Json => out.json(&serde_json::to_string_pretty(&drawing).map_err(Error::of)?),
        Format::Text => out.raw(&super::out::safe(&drawing.text())),
        Format::Dot => out.raw(&super::out::safe(&drawing.dot())),
        Format::Mermaid => out.raw(&super::out::safe(&drawing.mermaid())),
        Format::Html => out.raw(&super::out::safe(&drawing.page())),
    }
    out.end(Exit::Fine)
}

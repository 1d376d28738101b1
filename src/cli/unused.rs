//! `kubeverdict unused`: roles, bindings and rules of a dump that nobody has anything of.

use super::dumps::DumpArgs;
use super::format::FormatArgs;
use super::{Exit, findings};
use crate::error::Error;
use crate::rights;

/// Say which roles, bindings and rules of a dump nobody has anything of
///
///   kubeverdict unused -f dump.yaml
///
/// Roles that are neither bound nor gathered, bindings without subjects, and rules of which each holder has all by another:
/// whoever takes away all of it takes no right from anybody. Ends with 0 where there is none, 1 where there is some, 2 for bad
/// input. With -n NAMESPACE only of what is in that namespace.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct UnusedArgs {
    #[command(flatten)]
    dump: DumpArgs,
    #[command(flatten)]
    format: FormatArgs,
}

pub(super) fn cmd_unused(args: UnusedArgs) -> Result<Exit, Error> {
    findings::print(rights::unused(&args.dump.cluster()?), &args.dump, &args.format)
}

//! `kubeverdict never-matches`: rules and bindings of a dump that can't ever allow anybody anything.

use super::dumps::DumpArgs;
use super::format::FormatArgs;
use super::{Exit, findings};
use crate::error::Error;
use crate::rights;

/// Say which rules of a dump can't match any request, and which bindings reach nobody
///
///   kubeverdict never-matches -f manifests/
///
/// Short names and singulars, wrong API groups, versions in groups, verbs and subresources that there aren't, names where no
/// request has one, paths and nodes given in a namespace, subjects and roles that are not there, objects that no server stores:
/// each with its line. What another server may serve is called unknown, and not wrong. Ends with 0 where all can match, 1 where something can't, 2 for
/// bad input. With -n NAMESPACE only of what is in that namespace.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct NeverMatchesArgs {
    #[command(flatten)]
    dump: DumpArgs,
    #[command(flatten)]
    format: FormatArgs,
}

pub(super) fn cmd_never_matches(args: NeverMatchesArgs) -> Result<Exit, Error> {
    findings::print(rights::never_matches(&args.dump.as_written()?), &args.dump, &args.format)
}

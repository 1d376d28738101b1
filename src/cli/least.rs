//! `kubeverdict least`: the smallest roles that allow what was seen in an audit log.

use super::dumps::{DumpArgs, is_stdin};
use super::format::FormatArgs;
use super::log::lines;
use super::out::{Out, cell};
use super::{Exit, scenarios};
use crate::api::Dig;
use crate::api::rbac::Who;
use crate::authorize::rbac::who_meant;
use crate::error::Error;
use crate::files;
use crate::golang::yaml;
use crate::limits::NAMED_BYTES;
use crate::rights::{self, Log};
use std::path::Path;

/// Print the smallest roles that allow what was seen in an audit log, beside what a dump gives already
///
///   kubeverdict least audit.log -f dump.yaml --user system:serviceaccount:shop:app > roles.yaml
///
/// The log is what kube-apiserver writes: a JSON event of audit.k8s.io/v1 on each line. For each user a role and a binding in
/// each namespace, and a cluster role for what is in none; what was refused is allowed, too. Without --names for every object of
/// a resource; create, deletecollection, list and watch always are. With -n NAMESPACE only what is in that namespace.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct LeastArgs {
    /// Audit logs, or folders with such; `-` reads standard input
    #[arg(value_name = "AUDIT-LOG", required = true)]
    logs: Vec<String>,
    #[command(flatten)]
    dump: DumpArgs,
    /// Only for this user; a service account may be NAMESPACE/NAME
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Allow get, update, patch and delete only of the objects that were asked for by name
    #[arg(long)]
    names: bool,
    #[command(flatten)]
    format: FormatArgs,
}

pub(super) fn cmd_least(args: LeastArgs) -> Result<Exit, Error> {
    let dump = args.dump.cluster()?;
    let mut log = Log::default();
    for path in &args.logs {
        if is_stdin(path) {
            let text = files::standard_input().map_err(Error::of_file("standard input"))?;
            lines("standard input", &text, &mut |line| log.add(line, dump.cluster.version()))?;
            continue;
        }
        for file in scenarios::named(path, &["log", "json", "jsonl"], None)? {
            let text = files::given(Path::new(&file), &NAMED_BYTES).map_err(Error::of_file(&file))?;
            lines(&file, &text, &mut |line| log.add(line, dump.cluster.version()))?;
        }
    }
    if log.users().next().is_none() {
        let error = Error::new("no request is in this audit log");
        return Err(error.hint(
            "it is what kube-apiserver writes by `--audit-log-path`: an event of audit.k8s.io/v1 a line",
        ));
    }
    let user = args.user.as_ref().map(|name| match who_meant(name) {
        Who::User(meant) if !log.users().any(|seen| seen == name) => meant,
        Who::User(_) | Who::Group(_) => name.clone(),
    });
    if let Some(user) = &user
        && !log.users().any(|seen| seen == user)
    {
        return Err(Error::new(format!("`{user}` asked for nothing in this log")).nearest(user, log.users()));
    }
    let mut least = rights::least(&dump, &log, args.names, user.as_deref());
    least.items = args.dump.keep(least.items, |object| object.namespace());
    for note in &least.notes {
        eprintln!("note: {}", cell(note));
    }
    let mut out = Out::open();
    args.format.print(&mut out, &least, || {
        let documents = least.items.iter().map(yaml::write);
        documents.collect::<Vec<_>>().join("---\n").trim_end().to_owned()
    })?;
    out.end(Exit::Fine)
}

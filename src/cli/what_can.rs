//! `kubeverdict what-can`: what the roles and bindings of a dump give somebody.

use super::Exit;
use super::dumps::{DumpArgs, warn_of_no_account};
use super::format::FormatArgs;
use super::out::{Out, cell};
use crate::api::User;
use crate::api::rbac::{Binding, Who, listed, typed};
use crate::authorize::rbac::who_meant;
use crate::error::{Error, nearest_slip};
use crate::explain::dump::Dump;
use crate::rights::{self, Held, Right, Rights};
use comfy_table::{Table, presets};
use std::collections::BTreeSet;

/// Say what the roles and bindings of a dump give somebody, verb by resource, and by which rule
///
///   kubeverdict what-can -f dump.yaml shop/app -n shop
///
///   kubeverdict what-can -f dump.yaml jo --as-group ops
///
///   kubeverdict what-can -f dump.yaml --as-group ops
///
/// In all namespaces, unless -n names one. The numbers in the table are those of the rules below it.
#[derive(clap::Args)]
#[command(verbatim_doc_comment)]
pub(super) struct WhatCanArgs {
    /// A user, group:NAME, or a service account: NAMESPACE/NAME or system:serviceaccount:NAMESPACE:NAME; or as commands print them
    #[arg(value_name = "SUBJECT", required_unless_present = "groups")]
    user: Option<String>,
    /// A group of theirs, or of anybody's where no user is named; may be given several times
    #[arg(long = "as-group", value_name = "GROUP")]
    groups: Vec<String>,
    #[command(flatten)]
    dump: DumpArgs,
    #[command(flatten)]
    format: FormatArgs,
}

pub(super) fn cmd_what_can(args: WhatCanArgs) -> Result<Exit, Error> {
    let dump = args.dump.cluster()?;
    let user = args.subject(&dump)?;
    let rights = rights::what_can(&dump, &user, args.dump.namespace());
    let mut out = Out::open();
    args.format.print(&mut out, &rights, || in_words(&rights))?;
    out.end(Exit::Fine)
}

impl WhatCanArgs {
    /// Whoever is meant: the account that a name is like, unless somebody has that name.
    fn subject(&self, dump: &Dump) -> Result<User, Error> {
        let index = dump.cluster.knowledge().rbac();
        let mut name = self.user.clone().unwrap_or_default();
        if self.user.is_some() && name.is_empty() {
            return Err(Error::new("whose rights?").hint("who sends no credential is system:anonymous"));
        }
        let mut groups = self.groups.clone();
        // Somebody may have a name that looks like an account's.
        if !index.users().contains(name.as_str()) {
            warn_of_no_account(&name);
            match who_meant(&name) {
                Who::User(meant) => name = meant,
                Who::Group(group) => {
                    groups.push(group);
                    name.clear();
                }
            }
        }
        let user = User::acted_as(&name, &groups).authenticated();
        if !index.names(&user) {
            let known: BTreeSet<String> =
                index.bindings().flat_map(Binding::reach).map(|(who, _)| who.to_string()).collect();
            let asked = User { name, groups, ..User::default() };
            for who in Who::of(&asked).map(|who| who.to_string()).filter(|who| !who.is_empty()) {
                let near = nearest_slip(&who, known.iter().map(String::as_str));
                let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                eprintln!("note: {} is in no binding but those of everybody{}", cell(&who), cell(&hint));
            }
        }
        Ok(user)
    }
}

fn in_words(rights: &Rights) -> String {
    let anything = "anything, before anybody looks at a rule: the group system:masters";
    let anything = rights.anything.then(|| anything.to_owned());
    if rights.rights.is_empty() {
        return anything.unwrap_or_else(|| "nothing".to_owned());
    }
    let verbs = rights.verbs();
    let mut table = Table::new();
    let named = rights.rights.iter().any(|right| !right.names.is_empty());
    let head = ["WHERE", "RESOURCE"].into_iter().chain(named.then_some("NAMES"));
    let columns = verbs.iter().map(|verb| cell(&verb.to_uppercase()));
    table.load_style(presets::NOTHING).set_header(head.map(str::to_owned).chain(columns));
    for right in &rights.rights {
        let place = if right.namespace.is_empty() { "whole cluster" } else { &right.namespace };
        let names = named.then(|| listed(&right.names));
        let cells = [place.to_owned(), called(right)].into_iter().chain(names);
        let cells = cells.chain(verbs.iter().map(|verb| by(right, verb)));
        table.add_row(cells.map(|text| cell(&text)));
    }
    let lines = table.lines().map(|line| line.strip_prefix(' ').unwrap_or(&line).trim_end().to_owned());
    let grounds = rights.grounds.iter().enumerate().map(|(at, held)| {
        let number = held.rule.as_ref().map(|rule| rule.number).unwrap_or_default();
        let source = held.source.as_ref().map(|source| format!(" ({source})")).unwrap_or_default();
        cell(&format!("{}: {}: rule {number}{source}", at + 1, held.describe()))
    });
    lines.chain([String::new()]).chain(grounds).chain(anything).collect::<Vec<_>>().join("\n")
}

/// `pods/log`, `deployments.apps/scale`, `/healthz`.
fn called(right: &Right) -> String {
    if right.path.is_empty() { typed(&right.resource, &right.group) } else { right.path.clone() }
}

/// The numbers of what gives a verb.
fn by(right: &Right, verb: &str) -> String {
    let held = right.verbs.iter().find(|held| held.verb == verb);
    held.map(numbers).unwrap_or_default()
}

/// So many numbers are shown.
const NUMBERS: usize = 3;

fn numbers(held: &Held) -> String {
    let shown: Vec<String> = held.by.iter().take(NUMBERS).map(usize::to_string).collect();
    shown.join(",") + if held.by.len() > NUMBERS { ",…" } else { "" }
}

//! Sessions of stock kubectls at real API servers, typed again.
//!
//! `tests/kubectl/VERSION/SESSION.json` are the sessions: commands with exit code and output, which all must be equal.
//! Each is typed at the kubectl of this crate, in process, and at the stock kubectl it was recorded with, against
//! `kubeverdict serve`, where `KUBECTL_V1_20` or `KUBECTL_V1_37` says where that is (`tests/real_kubectl.sh` gets both).
//! `pairs/*.json` hold commands without answers: both kubectls are asked, and must say the same; what kubectls of the other
//! version have in words of their own is asked of one (`only`).
//! `tests/projects` are installed, all on one server (`support/projects.rs`).
//! What is by chance (uids, ages, tokens, random suffixes) is masked on both sides.

#[path = "support/projects.rs"]
mod projects;
#[path = "support/session.rs"]
mod session;
#[path = "support/stock.rs"]
mod stock;

use libtest_mimic::{Arguments, Failed, Trial};
use session::Own;
use std::collections::BTreeMap;
use std::path::PathBuf;
use stock::Stock;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kubectl");

const PROJECTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/projects");

/// The versions of the servers, each with where to find the kubectl that its sessions were typed at.
const VERSIONS: [(&str, &str); 2] = [("v1.20.2", "KUBECTL_V1_20"), ("v1.36.2", "KUBECTL_V1_37")];

fn main() {
    let mut trials = Vec::new();
    for (version, variable) in VERSIONS {
        let kubectl = std::env::var(variable).ok();
        let here = kubectl.is_some();
        let kubectl = kubectl.unwrap_or_default();
        let stock = move |name: &str, nodes: usize| {
            let here = format!("{}/kubectl-{version}-{name}", env!("CARGO_TARGET_TMPDIR"));
            Stock::new(version, nodes, kubectl.clone(), here)
        };
        for (name, text) in sessions(version) {
            let (own_text, stock, stock_name) = (text.clone(), stock.clone(), name.clone());
            let own = move || verdict(session::replay(&own_text, &mut Own::new(version, 0)?)?);
            let stock = move || verdict(session::replay(&text, &mut stock(&stock_name, 0)?)?);
            trials.push(Trial::test(format!("own::{version}::{name}"), own));
            if here {
                trials.push(Trial::test(format!("stock::{version}::{name}"), stock));
            }
        }
        if version == VERSIONS[VERSIONS.len() - 1].0 {
            let own = move || verdict(projects::install(PROJECTS, &mut Own::new(version, 1)?)?);
            trials.push(Trial::test(format!("own::{version}::projects"), own));
            if here {
                let stock = stock.clone();
                let stock = move || verdict(projects::install(PROJECTS, &mut stock("projects", 1)?)?);
                trials.push(Trial::test(format!("stock::{version}::projects"), stock));
            }
        }
        for (name, text) in sessions("pairs").into_iter().filter(|_| here) {
            let (stock, trial) = (stock.clone(), format!("stock::{version}::as_own::{name}"));
            let both = move || {
                let nodes = session::nodes(&text)?;
                let mut stock = stock(&format!("pairs-{name}"), nodes)?;
                verdict(session::compare(version, &text, &mut stock, &mut Own::new(version, nodes)?)?)
            };
            trials.push(Trial::test(trial, both));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// The sessions of a folder (a version's, or the pairs), by name.
fn sessions(folder: &str) -> BTreeMap<String, String> {
    let folder = std::fs::read_dir(format!("{FOLDER}/{folder}")).expect("the sessions are there");
    let read = |path: PathBuf| {
        let name = path.file_stem()?.to_str()?.to_owned();
        Some((name, std::fs::read_to_string(&path).ok()?))
    };
    folder.flatten().filter_map(|entry| read(entry.path())).collect()
}

/// Tells what differs.
fn verdict((differences, total): (Vec<String>, usize)) -> Result<(), Failed> {
    match differences.len() {
        0 => Ok(()),
        count => Err(format!("{count} of {total} commands differ:\n{}", differences.concat()).into()),
    }
}

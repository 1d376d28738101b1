//! Sessions of stock kubectls at real API servers, typed again.
//!
//! `tests/kubectl/VERSION/SESSION.json` are the sessions: commands with exit code and output, which all must be equal.
//! Each is typed at the kubectl of this crate, in process, and at the stock kubectl it was recorded with, against
//! `kubeverdict serve`, where `KUBECTL_V1_20` or `KUBECTL_V1_37` says where that is (`tests/real_kubectl.sh` gets both).
//! What is by chance (uids, ages, tokens, random suffixes) is masked on both sides.

#[path = "support/session.rs"]
mod session;
#[path = "support/stock.rs"]
mod stock;

use libtest_mimic::{Arguments, Failed, Trial};
use session::{Own, Typed};
use stock::Stock;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kubectl");

/// The versions of the servers, each with where to find the kubectl that its sessions were typed at.
const VERSIONS: [(&str, &str); 2] = [("v1.20.2", "KUBECTL_V1_20"), ("v1.36.2", "KUBECTL_V1_37")];

fn main() {
    let mut trials = Vec::new();
    for (version, variable) in VERSIONS {
        let kubectl = std::env::var(variable).ok();
        let folder = std::fs::read_dir(format!("{FOLDER}/{version}")).expect("the sessions are there");
        for path in folder.flatten().map(|entry| entry.path()) {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&path).expect("a session");
            let stock_text = text.clone();
            trials.push(Trial::test(format!("own::{version}::{name}"), move || {
                check(&text, &mut Own::new(&text)?)
            }));
            let ignored = kubectl.is_none();
            let kubectl = kubectl.clone().unwrap_or_default();
            let here = format!("{}/kubectl-{version}-{name}", env!("CARGO_TARGET_TMPDIR"));
            let run = move || check(&stock_text, &mut Stock::new(&stock_text, kubectl, here)?);
            trials.push(Trial::test(format!("stock::{version}::{name}"), run).with_ignored_flag(ignored));
        }
    }
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

/// Types one session, and tells what differs.
fn check(text: &str, typed: &mut dyn Typed) -> Result<(), Failed> {
    let (differences, total) = session::replay(text, typed)?;
    match differences.len() {
        0 => Ok(()),
        count => Err(format!("{count} of {total} commands differ:\n{}", differences.concat()).into()),
    }
}

//! Sessions of stock kubectls at real API servers, typed again at the kubectl of this crate, in process.
//!
//! `tests/kubectl/VERSION/SESSION.json` are the sessions: commands with exit code and output. One test a session: all
//! three must be equal, but for the commands that `differs.txt` lists; a listed one that has become equal must be
//! taken off the list. What is by chance (uids, ages, tokens, random suffixes) is masked on both sides. `real_kubectl.py`
//! types the same sessions at the stock kubectls themselves, against `kubeverdict serve`.

#[path = "support/session.rs"]
mod session;

use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::BTreeSet;
use std::path::Path;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/kubectl");

fn main() {
    let arguments = Arguments::from_args();
    let known = known();
    let trials = sessions()
        .into_iter()
        .map(|id| {
            let of_this = format!("{id} ");
            let listed: BTreeSet<usize> =
                known.iter().filter_map(|line| line.strip_prefix(&of_this)?.parse().ok()).collect();
            Trial::test(id.replace(' ', "::"), move || check(&id, &listed))
        })
        .collect();
    libtest_mimic::run(&arguments, trials).exit();
}

/// Types one session, and holds what differs against the list.
fn check(id: &str, listed: &BTreeSet<usize>) -> Result<(), Failed> {
    let path = Path::new(FOLDER).join(format!("{}.json", id.replace(' ', "/")));
    let (differences, total) = session::replay(&std::fs::read_to_string(&path)?)?;
    if std::env::var_os("REPORT").is_some() {
        let texts: Vec<&str> = differences.values().map(String::as_str).collect();
        println!("{id} {}/{total}\n{}", total - differences.len(), texts.concat());
        return Ok(());
    }
    let new: Vec<&str> =
        differences.iter().filter(|(step, _)| !listed.contains(step)).map(|(_, text)| text.as_str()).collect();
    let healed: Vec<&usize> = listed.iter().filter(|step| !differences.contains_key(step)).collect();
    match (new.is_empty(), healed.is_empty()) {
        (true, true) => Ok(()),
        (false, _) => Err(format!("{} of {total} commands differ:\n{}", new.len(), new.join("\n")).into()),
        (true, false) => Err(format!("equal now, take them off differs.txt: {healed:?}").into()),
    }
}

/// The commands that are known to differ, a line each: version, session, step.
fn known() -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(FOLDER).join("differs.txt")).unwrap_or_default();
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Every session, as version and name.
fn sessions() -> Vec<String> {
    let mut found = Vec::new();
    for version in ["v1.20.2", "v1.36.2"] {
        let folder = std::fs::read_dir(Path::new(FOLDER).join(version)).expect("the sessions are there");
        for file in folder.flatten() {
            if let Some(name) = file.file_name().to_str().and_then(|name| name.strip_suffix(".json")) {
                found.push(format!("{version} {name}"));
            }
        }
    }
    found.sort();
    found
}

//! Reading manifests and dumps, for every command that takes `-f`.

use super::scenarios;
use crate::error::Error;
use crate::explain::source::{self, Written};
use crate::files;
use crate::limits::NAMED_BYTES;
use std::path::Path;

/// How their files end.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// How standard input is called.
const STDIN: [&str; 2] = ["-", "/dev/stdin"];

/// What was read.
#[derive(Default)]
pub(super) struct Dumps {
    /// The objects in files, folders and standard input: those of one cluster.
    pub(super) objects: Vec<Written>,
    /// The objects of each scenario, which has a cluster of its own.
    pub(super) scenarios: Vec<Vec<Written>>,
}

/// Reads files, folders with all below them, and standard input (`-`).
pub(super) fn read(paths: &[String]) -> Result<Dumps, Error> {
    let mut dumps = Dumps::default();
    for path in paths {
        if STDIN.contains(&path.as_str()) {
            let text = files::standard_input().map_err(Error::of_file("standard input"))?;
            dumps.add("standard input", text)?;
            continue;
        }
        for file in scenarios::named(path, &ENDINGS, None)? {
            let text = files::text(Path::new(&file), &NAMED_BYTES).map_err(Error::of_file(&file))?;
            dumps.add(&file, text)?;
        }
    }
    Ok(dumps)
}

impl Dumps {
    fn add(&mut self, path: &str, text: String) -> Result<(), Error> {
        match source::of_scenario(path, &text)? {
            Some(scenario) => self.scenarios.push(scenario),
            None => self.objects.extend(source::read(path, text)?),
        }
        Ok(())
    }

    /// All objects, whichever cluster they are of.
    pub(super) fn all(self) -> Vec<Written> {
        std::iter::once(self.objects).chain(self.scenarios).flatten().collect()
    }

    /// The objects by cluster.
    pub(super) fn clusters(self) -> impl Iterator<Item = Vec<Written>> {
        let all = std::iter::once(self.objects).chain(self.scenarios);
        all.filter(|objects| !objects.is_empty())
    }
}

//! `explore --report` and `--merge`: what was found of a part of the seeds, written, and read where all parts come together.

use super::reads::digest;
use super::seeds::Drawn;
use crate::api::Version;
use crate::cli::Exit;
use crate::cli::out::{Out, safe};
use crate::cli::run::write as write_whole;
use crate::cli::scenarios::Loaded;
use crate::cluster::Fresh;
use crate::error::Error;
use crate::explore::{About, Report, Subject, written};
use crate::files;
use crate::limits::NAMED_BYTES;
use crate::scenario::run;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Draws seeds in each release of a scenario, and writes what comes of them.
pub(super) fn write(loaded: &Loaded, drawn: Drawn, file: &Path) -> Result<Exit, Error> {
    let subject = subject(loaded)?;
    let of_release = |version: Version| {
        let (subject, release) = (subject.clone(), version.to_string());
        let about = About { subject, release, seeds: drawn.seeds, shard: drawn.shard };
        written(&about, &drawn.count(loaded, version, &Fresh::default())?)
    };
    let text: Result<String, Error> = run::versions(&loaded.scenario).into_iter().map(of_release).collect();
    let text = text.map_err(|error| error.in_file(&loaded.path))?;
    let mut out = Out::open();
    if file == Path::new("-") {
        out.raw(&text);
    } else {
        let shown = file.display().to_string();
        write_whole(file, text).map_err(Error::of_file(&shown))?;
        let _ = writeln!(out, "written: {}", safe(&shown));
    }
    out.end(Exit::Fine)
}

/// Reads the reports in these files, which are to be about the scenario as it is.
pub(super) fn read(loaded: &Loaded, paths: &[PathBuf]) -> Result<Vec<Report>, Error> {
    let subject = subject(loaded)?;
    let mut reports = Vec::new();
    for path in paths {
        let shown = path.display().to_string();
        let text = files::given(path, &NAMED_BYTES).map_err(Error::of_file(&shown))?;
        reports.extend(Report::read(&shown, &text, &subject)?);
    }
    let releases: Vec<String> = run::versions(&loaded.scenario).iter().map(Version::to_string).collect();
    match reports.iter().find(|report| !releases.iter().any(|release| release == report.release())) {
        Some(other) => {
            let (theirs, own) = (other.release(), releases.join(", "));
            let wrong = format!("a report of Kubernetes {theirs}, and the scenario is about {own}");
            Err(Error::new(wrong).in_file(other.path()))
        }
        None => Ok(reports),
    }
}

fn subject(loaded: &Loaded) -> Result<Subject, Error> {
    let digest = digest(loaded).map_err(|error| error.in_file(&loaded.path))?;
    Ok(Subject::new(&loaded.scenario.scenario, digest))
}

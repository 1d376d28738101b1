//! A scenario's cluster that begins as a dump has it: tests are written against the roles and bindings of production.
//!
//! The objects are there as they are written, without admission; controllers go on from there. A file is what
//! [`Files`] lets the scenario read.

use super::format::ClusterSpec;
use crate::clients::Files;
use crate::cluster::Cluster;
use crate::error::Error;
use crate::explain::dump::{self, Filled};
use crate::explain::source;

/// Fills a fresh cluster from the dump that a scenario names, if it does. What was left out or assumed.
///
/// # Errors
///
/// A file that can't be read, or that is no dump, with the line.
pub(super) fn fill(
    cluster: &mut Cluster,
    spec: &ClusterSpec,
    files: &dyn Files,
) -> Result<Vec<String>, Error> {
    let Some(path) = &spec.from else { return Ok(Vec::new()) };
    let text = files.read(path).map_err(|why| Error::new(format!("`{path}`: {why}")))?;
    let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
    let mut written = source::read(path, text)?;
    if written.is_empty() {
        let error = Error::new(format!("`{path}` holds no object"));
        return Err(error.hint("a dump is what `kubectl get … -o yaml` or `-o json` prints"));
    }
    let Filled { left_out, invalid, .. } = dump::fill(cluster, &mut written, None)?;
    if let Some(error) = invalid {
        return Err(error);
    }
    // What controllers made of it is no step's.
    cluster.take_journal();
    Ok(left_out.notes(""))
}

//! Audit logs that the command line names.

use crate::error::{Error, Place};

/// Gives each line of a log to somebody.
pub(super) fn lines(
    path: &str,
    text: &str,
    take: &mut dyn FnMut(&str) -> Result<(), String>,
) -> Result<(), Error> {
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        take(line).map_err(|why| {
            let at = Place { path: path.to_owned(), position: Some((number, 1)), line: Some(line.to_owned()) };
            let error = Error { at: Some(at), ..Error::new(why) };
            error.hint("an audit log has an event of audit.k8s.io/v1 on each line, as kube-apiserver's --audit-log-path")
        })?;
    }
    Ok(())
}

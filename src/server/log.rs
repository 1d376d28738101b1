//! The audit log as a file: an event a line (`--audit-log-path`).

use crate::cluster::Cluster;
use crate::files;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;

/// Where events of the audit log go.
pub(super) struct AuditLog(Option<Mutex<Box<dyn Write + Send>>>);

impl AuditLog {
    /// Opens the file that the flags name; `-` is the standard output.
    pub(super) fn open(cluster: &Cluster) -> std::io::Result<AuditLog> {
        let out: Box<dyn Write + Send> = match cluster.config().audit_log_path.as_deref() {
            None | Some("") => return Ok(AuditLog(None)),
            Some("-") => Box::new(std::io::stdout()),
            Some(path) => Box::new(files::append(Path::new(path))?),
        };
        Ok(AuditLog(Some(Mutex::new(out))))
    }

    /// Writes down what happened; a log that can't be written to loses events, as it does in a server that is not strict.
    pub(super) fn write(&self, cluster: &mut Cluster) {
        let events = cluster.take_audit();
        let (false, Some(out)) = (events.is_empty(), &self.0) else { return };
        let text: String = events.iter().map(|event| format!("{event}\n")).collect();
        if let Ok(mut out) = out.lock() {
            let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        }
    }
}

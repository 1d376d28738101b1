//! The stream that a request asks for.

use super::super::limits;
use crate::api::{Headers, Query, Request, RequestInfo};

/// Which stream it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::server) enum Kind {
    Exec,
    Attach,
    PortForward,
}

/// The stream that a request asks for.
#[derive(Clone, Debug)]
pub(in crate::server) struct Wanted {
    pub(super) kind: Kind,
    pub(super) namespace: String,
    pub(super) pod: String,
    /// The container that is named.
    pub(super) container: Option<String>,
    pub(super) command: Vec<String>,
    pub(super) stdin: bool,
    pub(super) stdout: bool,
    pub(super) stderr: bool,
    pub(super) tty: bool,
    /// The ports of a WebSocket, as they stand there.
    pub(super) ports: Vec<String>,
    /// In which the client offers its protocols.
    pub(super) headers: Headers,
}

impl Wanted {
    /// What a request asks for, if it asks for a stream.
    pub(in crate::server) fn of(request: &Request) -> Option<Wanted> {
        let info = RequestInfo::parse(&request.method, &request.target);
        let kind = match (&*info.resource, &*info.subresource) {
            ("pods", "exec") => Kind::Exec,
            ("pods", "attach") => Kind::Attach,
            ("pods", "portforward") => Kind::PortForward,
            _ => return None,
        };
        let query = Query::of(&request.target);
        let tty = query.flag("tty");
        let ports = query.all("ports").flat_map(|ports| ports.split(','));
        Some(Wanted {
            kind,
            namespace: info.namespace,
            pod: info.name,
            container: query.get("container").filter(|name| !name.is_empty()).map(str::to_owned),
            command: query.all("command").map(str::to_owned).collect(),
            stdin: query.flag("stdin"),
            stdout: query.flag("stdout"),
            // A terminal has one screen.
            stderr: query.flag("stderr") && !tty,
            tty,
            ports: ports.take(limits::FORWARDED).map(str::to_owned).collect(),
            headers: request.headers.clone(),
        })
    }
}

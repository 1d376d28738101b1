//! Whoever types: kubectl, curl and the other commands in a pod, and what a typed line may ask of the world around it.

pub(crate) mod curl;
pub mod heredoc;
pub(crate) mod inside;
pub mod kubectl;
pub mod pod;
pub(crate) mod script;
pub mod shell;

use crate::api::{Request, Response, Version};
use jiff::Timestamp;
use std::time::Duration;

/// An API server as one person, pod or tool sees it.
pub trait Client {
    /// Sends a request as whoever this client is. A request that brings an `Authorization` header of its own
    /// (`kubectl --token`, curl) is judged by that header.
    fn send(&mut self, request: Request) -> Response;
    /// What a kubeconfig would call whoever this is.
    fn who(&self) -> &str;
    /// How many requests were sent so far.
    fn sent(&self) -> usize;
    /// Moves (virtual) time on while something is waited for.
    fn advance(&mut self, by: Duration);
    /// The time.
    fn now(&self) -> Timestamp;
    /// The server's release.
    fn version(&self) -> Version;
    /// Runs a command inside a pod, after the API server let `kubectl exec` through.
    fn exec(&mut self, namespace: &str, pod: &str, _container: &str, _command: &[String]) -> Output {
        Output::failed(1, format!("error: commands inside pod {namespace}/{pod} are not modelled here\n"))
    }
}

/// The files that a command line may name (`-f FILE`, `--from-file`).
pub trait Files {
    /// The text of a file, or why there is none, in the system's words ([`NO_SUCH_FILE`]).
    fn read(&self, path: &str) -> Result<String, String>;
    /// What a file holds, text or not.
    fn bytes(&self, path: &str) -> Result<Vec<u8>, String> {
        self.read(path).map(String::into_bytes)
    }
    /// The names of what is in a folder, or why they can't be told; none if it is no folder.
    fn names(&self, _folder: &str) -> Option<Result<Vec<String>, String>> {
        None
    }
}

/// Why a file is not read that is not there.
pub const NO_SUCH_FILE: &str = "no such file or directory";

/// No files at all.
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, _: &str) -> Result<String, String> {
        Err(NO_SUCH_FILE.to_owned())
    }
}

/// How an object ended that a command was about; a command that is about none ends once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct End {
    /// The request whose answer decided, by its place among those that the client sent. An answer that the command
    /// itself passes over decides nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<usize>,
    /// Whether the command took it for a failure.
    pub failed: bool,
}

impl End {
    /// The same, where so many requests came before.
    pub(crate) fn behind(self, requests: usize) -> End {
        End { request: self.request.map(|request| request + requests), ..self }
    }
}

/// What a command named that there is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// A resource, as it was written.
    Resource(String),
    /// A manifest's kind.
    Kind {
        /// The kind.
        kind: String,
        /// Its `apiVersion`.
        api_version: String,
    },
    /// A kustomization's field.
    Field {
        /// The field.
        name: String,
        /// The file, with the line if that is known.
        at: String,
        /// Those that may stand there.
        known: Vec<&'static str>,
    },
}

/// What a command leaves behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Output {
    /// The exit code.
    pub exit: i32,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
    /// How it ended, for each of the objects that it was about.
    pub ends: Vec<End>,
    /// Where it failed for that, what the server does not have.
    pub unknown: Option<Unknown>,
}

impl Output {
    /// Success with a text.
    pub fn said(stdout: impl Into<String>) -> Output {
        Output { stdout: stdout.into(), ..Output::default() }
    }

    /// A failure with an error text.
    pub fn failed(exit: i32, stderr: impl Into<String>) -> Output {
        Output { exit, stderr: stderr.into(), ..Output::default() }
    }
}

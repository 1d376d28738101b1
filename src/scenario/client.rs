//! What a typed line may ask of the world around it.

use crate::api::{Request, Response, Version};
use jiff::Timestamp;
use std::time::Duration;

/// An API server as one person, pod or tool sees it.
pub trait Client {
    /// Sends a request as whoever this client is. A request that brings an `Authorization` header of its own
    /// (`kubectl --token`, curl) is judged by that header.
    fn send(&mut self, request: Request) -> Response;
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
    /// The text of a file, or why there is none.
    fn read(&self, path: &str) -> Result<String, String>;
}

/// No files at all.
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, path: &str) -> Result<String, String> {
        Err(format!("the path \"{path}\" does not exist"))
    }
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

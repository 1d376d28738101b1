//! A program under `strace`: which files it opens, whether it makes sockets or starts others.

use std::path::{Component, Path, PathBuf};

/// What is told of: opening, sockets, programs.
const CALLS: &str = "trace=open,openat,openat2,creat,socket,connect,sendto,execve";

/// What the loader, libc, Rust's runtime and the allocator read for themselves.
const SYSTEM: [&str; 9] = [
    "/etc/ld.so.cache",
    "/lib/",
    "/lib64/",
    "/usr/lib/",
    "/proc/self/maps",
    "/proc/self/cgroup",
    "/sys/fs/cgroup/",
    "/proc/sys/vm/overcommit_memory",
    "/sys/kernel/mm/transparent_hugepage/enabled",
];

/// The command before a program's, which writes what it does to a file.
pub(crate) fn command(trace: &Path) -> Vec<String> {
    let trace = trace.to_string_lossy();
    ["strace", "-f", "-qq", "-y", "-s", "4096", "-e", CALLS, "-e", "signal=none", "-o", &trace]
        .map(str::to_owned)
        .into()
}

/// What a program may do.
pub(crate) struct Allowed<'a> {
    /// Where it runs, and may read.
    pub(crate) folder: &'a Path,
    /// What it may not read in there.
    pub(crate) closed: &'a [String],
    /// Its command line: what a person names there is the person's.
    pub(crate) words: &'a [String],
}

impl Allowed<'_> {
    /// What it did besides.
    pub(crate) fn broken_by(&self, trace: &str) -> Vec<String> {
        let lines = trace.lines().filter(|line| !line.contains("<unfinished"));
        let mut programs = 0;
        let mut broken = Vec::new();
        for line in lines {
            let Some((call, rest)) = line.split_once('(') else { continue };
            let call = call.rsplit(' ').next().unwrap_or(call);
            let fine = match call {
                "execve" => {
                    programs += 1;
                    programs == 1
                }
                // A server listens; it calls nobody.
                "socket" => self.words.first().is_some_and(|word| word == "serve"),
                "connect" | "sendto" => false,
                _ => self.opens(rest),
            };
            if !fine {
                broken.push(format!("it does what it may not: {line}"));
            }
        }
        broken.extend((programs == 0).then(|| format!("nothing was seen of it: {trace}")));
        broken
    }

    /// Whether it may open what a line names, and what that turned out to be.
    fn opens(&self, rest: &str) -> bool {
        let named = rest.split('"').nth(1);
        let got =
            rest.rsplit_once(") = ").and_then(|(_, result)| result.split_once('<')).map(|(_, path)| path);
        let got = got.map(|path| path.trim_end_matches('>'));
        let fine = |path: &str| self.may_be_read(&flat(&self.folder.join(path)));
        named.is_some_and(|path| is_systems(Path::new(path)) || (fine(path) && got.is_none_or(fine)))
    }

    fn may_be_read(&self, path: &Path) -> bool {
        let closed = self.closed.iter().any(|closed| path == self.folder.join(closed));
        let named = self.words.iter().any(|word| Path::new(word) == path);
        (path.starts_with(self.folder) && !closed) || named
    }
}

fn is_systems(path: &Path) -> bool {
    SYSTEM.iter().any(|system| match system.strip_suffix('/') {
        Some(folder) => flat(path).starts_with(folder),
        None => path == Path::new(system),
    })
}

/// A path without `.` and `..`.
fn flat(path: &Path) -> PathBuf {
    let mut flat = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(flat.pop()),
            Component::CurDir => {}
            part => flat.push(part),
        }
    }
    flat
}

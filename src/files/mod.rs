//! Files: the only door from the library to the machine's file system, and the policy of that door.
//!
//! What a person types on a command line may name any regular file ([`read`], [`below`]), and a FIFO or a device where manifests
//! are wanted ([`given`]). What a stranger's scenario names stays inside the scenario's [`Root`]: no absolute path, no `..` and no
//! link leads out of it, and a file is a regular one (a FIFO, a device or a folder is refused before it is opened). Whoever names
//! it, what is read has a size within the table of [`limits`](crate::limits). A scenario writes nothing; what the command line writes is there whole or not at all
//! ([`write()`]), also when somebody interrupts it ([`abandon`]).
//!
//! # Differs from Kubernetes
//!
//! kubectl reads whatever its user may read, FIFOs too, and kube-apiserver any file that a flag names: both trust whoever types.
//! Here the scenario is a stranger's, and only the command line is the user's own.
//!
//! Clippy forbids the rest of the library to open files itself (`disallowed-methods`).
#![expect(clippy::disallowed_methods, reason = "this is the door")]

mod home;
mod root;
mod walk;
mod write;

pub(crate) use home::{home, relative, repository};
pub(crate) use root::Root;
pub(crate) use walk::below;
pub(crate) use write::{abandon, append, make_folder, write, write_folder};

use crate::limits::{Limit, NAMED_BYTES};
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

/// Reads a regular file of a size.
pub(crate) fn read(path: &Path, limit: &Limit) -> io::Result<Vec<u8>> {
    // Before it is opened: a FIFO would wait for whoever writes.
    let found = fs::metadata(path)?;
    regular(&found)?;
    limit.check(found.len()).map_err(io::Error::other)?;
    whole(File::open(path)?, limit)
}

/// Reads a file of text.
pub(crate) fn text(path: &Path, limit: &Limit) -> io::Result<String> {
    as_text(read(path, limit)?)
}

/// Reads the text of what a person names on a command line: a pipe, too, that the shell has opened already (`<(…)` is
/// `/dev/fd/63`), once and to its end, and `/dev/null`. A FIFO with a name may have nobody who ever writes.
pub(crate) fn given(path: &Path, limit: &Limit) -> io::Result<String> {
    let is_pipe = !fs::metadata(path)?.is_file() && path.canonicalize().is_err();
    match is_pipe || path == Path::new("/dev/null") {
        true => as_text(whole(File::open(path)?, limit)?),
        false => text(path, limit),
    }
}

/// Reads all of standard input.
pub(crate) fn standard_input() -> io::Result<String> {
    as_text(whole(io::stdin().lock(), &NAMED_BYTES)?)
}

/// The names of what is in a folder, sorted.
pub(crate) fn names(folder: &Path) -> io::Result<Vec<String>> {
    let names = fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let mut names = names.collect::<io::Result<Vec<String>>>()?;
    names.sort();
    Ok(names)
}

/// Whether a path is a folder's, also by a link.
pub(crate) fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

/// Whether a path is a link's.
pub(crate) fn is_link(path: &Path) -> bool {
    path.is_symlink()
}

/// Whether a path is a regular file's, also by a link.
pub(crate) fn is_file(path: &Path) -> bool {
    path.is_file()
}

/// Whether there is anything of that path.
pub(crate) fn exists(path: &Path) -> bool {
    path.exists()
}

fn whole(from: impl Read, limit: &Limit) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // What says to be empty may be endless.
    from.take(limit.value + 1).read_to_end(&mut bytes)?;
    limit.check(bytes.len() as u64).map_err(io::Error::other)?;
    Ok(bytes)
}

/// Text in UTF-8, or in UTF-16 with the mark that says so, as PowerShell's `>` writes it; the mark is no part of it.
pub(crate) fn as_text(bytes: Vec<u8>) -> io::Result<String> {
    let wrong = |what: &str| {
        io::Error::new(io::ErrorKind::InvalidData, format!("stream did not contain valid {what}"))
    };
    let order: fn([u8; 2]) -> u16 = match bytes.as_slice() {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => {
            let text = String::from_utf8(bytes).map_err(|_| wrong("UTF-8"))?;
            return Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text));
        }
    };
    let (units, []) = bytes[2..].as_chunks() else { return Err(wrong("UTF-16")) };
    char::decode_utf16(units.iter().map(|unit| order(*unit)))
        .collect::<Result<_, _>>()
        .map_err(|_| wrong("UTF-16"))
}

/// Refuses what is no regular file.
fn regular(found: &Metadata) -> io::Result<()> {
    let kind = found.file_type();
    let what = match () {
        () if kind.is_file() => return Ok(()),
        () if kind.is_dir() => "a folder",
        () if kind.is_fifo() => "a FIFO",
        () if kind.is_socket() => "a socket",
        () => "a device",
    };
    Err(io::Error::other(format!("this is {what}, and a regular file is wanted")))
}

#[cfg(test)]
mod tests;

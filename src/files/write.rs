//! Files that the command line writes: there whole, or not at all.
#![expect(clippy::disallowed_methods, reason = "this is the door")]

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Writes a file beside its place, and puts it there when it is whole.
pub(crate) fn write(path: &Path, text: &[u8]) -> io::Result<()> {
    let (place, rights) = match fs::metadata(path) {
        Ok(there) => {
            super::regular(&there)?;
            // What a link names is replaced, not the link.
            (path.canonicalize()?, Some(there.permissions()))
        }
        Err(_) => (path.to_path_buf(), None),
    };
    let new = beside(&place, "new")?;
    let put = || {
        let mut file = File::create(&new)?;
        // Before anything is in it: who may read the old one may read the new one, and nobody else.
        rights.map(|rights| file.set_permissions(rights)).transpose()?;
        file.write_all(text)?;
        fs::rename(&new, &place)
    };
    under_way(&new, || uninterrupted(put))
}

/// Makes a folder, and those above it.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// Opens a file to write at its end.
pub(crate) fn append(path: &Path) -> io::Result<File> {
    if fs::metadata(path).is_ok_and(|there| std::os::unix::fs::FileTypeExt::is_fifo(&there.file_type())) {
        return Err(io::Error::other("this is a FIFO, and a regular file is wanted"));
    }
    OpenOptions::new().create(true).append(true).open(path)
}

/// Writes a folder anew, beside its place first: a reader finds the old one or the new one.
pub(crate) fn write_folder<'a>(
    folder: &Path,
    files: impl Iterator<Item = (&'a str, &'a str)>,
) -> io::Result<()> {
    let place = std::path::absolute(folder)?;
    let (new, old) = (beside(&place, "new")?, beside(&place, "old")?);
    if let Some(above) = place.parent() {
        fs::create_dir_all(above)?;
    }
    for left in [&new, &old] {
        if left.is_dir() {
            fs::remove_dir_all(left)?;
        }
    }
    under_way(&new, || fill(&new, files).and_then(|()| uninterrupted(|| replace(&place, &new, &old))))
}

fn fill<'a>(new: &Path, files: impl Iterator<Item = (&'a str, &'a str)>) -> io::Result<()> {
    fs::create_dir(new)?;
    for (name, text) in files {
        let path = new.join(name);
        uninterrupted(|| {
            fs::create_dir_all(path.parent().unwrap_or(new))?;
            fs::write(path, text)
        })?;
    }
    Ok(())
}

fn replace(place: &Path, new: &Path, old: &Path) -> io::Result<()> {
    let is_there = place.is_dir();
    if is_there {
        fs::rename(place, old)?;
    }
    if let Err(error) = fs::rename(new, place) {
        if is_there {
            let _ = fs::rename(old, place);
        }
        return Err(error);
    }
    if is_there { fs::remove_dir_all(old) } else { Ok(()) }
}

/// What is being written beside its place, for whoever ends the program meanwhile.
static UNDER_WAY: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Writes something beside its place; what fails is taken away.
fn under_way(new: &Path, write: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    started().insert(new.to_owned());
    let written = write().inspect_err(|_| remove(new));
    started().remove(new);
    written
}

fn started() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    UNDER_WAY.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Does what [`abandon`] waits for, and nothing once it was called.
fn uninterrupted(act: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    let _held = started();
    act()
}

/// Takes away what is not whole yet, and lets nothing more be written: the program ends.
pub(crate) fn abandon() {
    let started = started();
    started.iter().for_each(|new| remove(new));
    // Whoever writes waits from here on for the end.
    std::mem::forget(started);
}

fn remove(new: &Path) {
    let _ = if new.is_dir() { fs::remove_dir_all(new) } else { fs::remove_file(new) };
}

/// A hidden name in the same folder.
fn beside(place: &Path, what: &str) -> io::Result<PathBuf> {
    let name = place.file_name().ok_or_else(|| io::Error::other("this path names no file"))?;
    Ok(place.with_file_name(format!(".{}.{what}-by-kubeverdict", name.to_string_lossy())))
}

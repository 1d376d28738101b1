//! The files of whoever types at a scenario's cluster.

use super::scenarios::{self, Beside, Loaded};
use crate::clients::Files;
use crate::error::Error;
use crate::files;
use crate::limits::{NAMED_BYTES, READ_BYTES};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::Path;

/// Files that the scenario may read, then any that a person names, from where the program was started.
pub(super) struct Near {
    beside: Option<Beside>,
    /// What flags name that a person gave.
    named: Vec<String>,
    /// Whether a person types, and no longer the scenario's steps are replayed.
    typed: Cell<bool>,
    /// What was read of the scenario's own files.
    read: RefCell<BTreeMap<String, Vec<u8>>>,
}

impl Near {
    /// Those of a scenario, if there is one, and of flags.
    pub(super) fn of(loaded: Option<&Loaded>, named: Vec<String>) -> Near {
        let beside = loaded.map(Loaded::files);
        Near { beside, named, typed: Cell::new(false), read: RefCell::default() }
    }

    /// From here on a person names files.
    pub(super) fn are_typed(&self) {
        self.typed.set(true);
    }

    /// What a text names of the scenario's files, or whose folder, that is not in a folder.
    pub(super) fn lacking(&self, folder: &Path, text: &str) -> Result<BTreeMap<String, Vec<u8>>, Error> {
        let is_named = |name: &str| {
            let mut ways = Path::new(name).ancestors().filter_map(Path::to_str).filter(|way| !way.is_empty());
            ways.any(|way| text.contains(way))
        };
        let read = self.read.borrow();
        let named = read.iter().filter(|(name, _)| is_named(name));
        let mut lacking = BTreeMap::new();
        for (name, bytes) in named {
            let place = folder.join(name);
            match files::read(&place, &NAMED_BYTES) {
                Ok(there) if there == *bytes => {}
                Ok(_) => {
                    return Err(Error::new("not saved, as another file is there than the session read")
                        .in_file(&place.display().to_string())
                        .hint("save it in another folder"));
                }
                Err(_) => drop(lacking.insert(name.clone(), bytes.clone())),
            }
        }
        Ok(lacking)
    }

    fn may_be_any(&self, path: &str) -> bool {
        self.beside.is_none() || self.typed.get() || self.named.iter().any(|named| named == path)
    }
}

impl Files for Near {
    fn read(&self, path: &str) -> Result<String, String> {
        scenarios::text(self.bytes(path)?)
    }

    fn bytes(&self, path: &str) -> Result<Vec<u8>, String> {
        let beside = self.beside.as_ref().map(|beside| beside.bytes(path));
        if let Some(Ok(bytes)) = &beside {
            self.read.borrow_mut().insert(path.to_owned(), bytes.clone());
        }
        match beside {
            Some(read) if read.is_ok() || !self.may_be_any(path) => read,
            Some(_) | None => {
                files::read(Path::new(path), &READ_BYTES).map_err(|error| scenarios::told(&error))
            }
        }
    }

    fn names(&self, folder: &str) -> Option<Result<Vec<String>, String>> {
        let beside = self.beside.as_ref().and_then(|beside| beside.names(folder));
        let path = Path::new(folder);
        let typed = || {
            let named = self.may_be_any(folder) && files::is_folder(path);
            named.then(|| files::names(path).map_err(|error| scenarios::told(&error)))
        };
        beside.or_else(typed)
    }
}

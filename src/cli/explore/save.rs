//! `explore --save`: each ending that breaks a property as a scenario's file, with the files that it reads beside it.

use super::reads::read_beside;
use crate::api::Version;
use crate::cli::scenarios::Loaded;
use crate::error::Error;
use crate::explore::{Exploration, counterexample};
use crate::files;
use std::path::Path;

/// Makes the folder before the search, which may take long: where none can be is told at once.
pub(super) fn prepare(folder: &Path) -> Result<(), Error> {
    files::make_folder(folder).map_err(|error| {
        Error::of_file(&folder.display().to_string())(error)
            .hint("`--save` names a folder, which is made if it is not there")
    })
}

/// Writes them into a folder: the paths of the scenarios.
pub(super) fn save(
    folder: &Path,
    loaded: &Loaded,
    version: Version,
    explored: &Exploration,
) -> Result<Vec<String>, Error> {
    let stem = Path::new(&loaded.path).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let broken = (1..).zip(&explored.endings).filter(|(_, found)| !found.broken.is_empty());
    let mut saved = Vec::new();
    for (number, found) in broken {
        let path = folder.join(format!("{stem}-{version}-{number}.yaml"));
        let text = counterexample(&loaded.text, version, &found.schedule)?;
        let named = path.display().to_string();
        let beside = read_beside("--save", &named, &text, [version], &loaded.files())?;
        let beside = beside.into_iter().map(|(name, bytes)| (folder.join(name), bytes));
        for (place, bytes) in beside.chain([(path, text.into_bytes())]) {
            let made = place.parent().map_or(Ok(()), files::make_folder);
            made.and_then(|()| files::write(&place, &bytes)).map_err(Error::of_file(&named))?;
        }
        saved.push(named);
    }
    Ok(saved)
}

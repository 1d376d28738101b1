//! The stories and lessons that are in the program, for whoever has no checkout: `walk lessons/04`, `run lizhe10`.
//!
//! They are called by their path below `scenarios/` without its ending, or how that begins where nothing else begins so. A file or
//! a folder of that name comes first.

/// A scenario in the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Story {
    /// Its name: `lessons/04-roles-and-bindings`.
    pub(super) name: &'static str,
    pub(super) text: &'static str,
}

/// All files below `scenarios/`, by path.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/stories.rs"));

/// All stories, by name.
pub(super) fn all() -> impl Iterator<Item = Story> {
    FILES.iter().filter_map(|(path, text)| {
        let name = path.strip_suffix(".yaml").filter(|name| !is_manifest(name))?;
        Some(Story { name, text })
    })
}

/// Folders named `manifests` hold what scenarios apply.
fn is_manifest(name: &str) -> bool {
    name.split('/').any(|part| part == "manifests")
}

/// The story of that name, or all in the folder of that name; of `scenarios`, all.
pub(super) fn named(name: &str) -> Vec<Story> {
    let name = name.trim_end_matches('/');
    let those = |wanted: &dyn Fn(&str) -> bool| all().filter(|story| wanted(story.name)).collect::<Vec<_>>();
    if name == "scenarios" {
        return all().collect();
    }
    let one = those(&|known| known == name);
    let folder = those(&|known| known.strip_prefix(name).is_some_and(|rest| rest.starts_with('/')));
    let begun = those(&|known| known.starts_with(name));
    match (one.len(), folder.len(), begun.len()) {
        (1, _, _) => one,
        (_, 0, 1) => begun,
        _ => folder,
    }
}

/// The story that a path means that names none: with its ending, from somewhere else, or by its number (`lessons/4`).
pub(super) fn meant(path: &str) -> Option<Story> {
    let bare = path.trim_start_matches("./").trim_start_matches("scenarios/");
    let bare = [".yaml", ".yml"].iter().find_map(|ending| bare.strip_suffix(ending)).unwrap_or(bare);
    let number = |name: &str| {
        let digits = name.find(|c: char| !c.is_ascii_digit()).unwrap_or(name.len());
        name.get(..digits)?.parse::<u32>().ok()
    };
    let (folder, name) = bare.rsplit_once('/').unwrap_or(("", bare));
    let by_number = |story: &Story| {
        let (there, known) = story.name.rsplit_once('/').unwrap_or(("", story.name));
        let bare = name.bytes().all(|byte| byte.is_ascii_digit());
        there == folder && bare && number(known).is_some() && number(known) == number(name)
    };
    let by_name = |story: &Story| story.name.rsplit('/').next() == Some(name);
    let exact = named(bare).first().copied().filter(|_| bare != path && named(bare).len() == 1);
    exact.or_else(|| all().find(by_number)).or_else(|| all().find(by_name))
}

/// What there is, in a few words: stories by name, folders by how much they hold.
pub(super) fn told() -> String {
    let mut told: Vec<String> = Vec::new();
    let mut folders: Vec<(&str, usize)> = Vec::new();
    for story in all() {
        match (story.name.split_once('/'), folders.last_mut()) {
            (None, _) => told.push(story.name.to_owned()),
            (Some((folder, _)), Some((known, count))) if *known == folder => *count += 1,
            (Some((folder, _)), _) => folders.push((folder, 1)),
        }
    }
    told.extend(folders.iter().map(|(folder, count)| format!("{count} in {folder}/")));
    told.join(", ")
}

/// A file that a story of that name reads; its path is from where the story lies.
pub(super) fn beside(story: &str, path: &str) -> Option<&'static str> {
    let at = at(story, path);
    FILES.iter().find(|(known, _)| *known == at).map(|(_, text)| *text)
}

/// The names of what is in a folder beside a story, if there is one.
pub(super) fn names(story: &str, folder: &str) -> Option<Vec<String>> {
    let at = at(story, folder) + "/";
    let inside = FILES.iter().filter_map(|(known, _)| known.strip_prefix(&at)?.split('/').next());
    let mut names: Vec<String> = inside.map(str::to_owned).collect();
    names.dedup();
    (!names.is_empty()).then_some(names)
}

/// All that a story reads: paths from where it lies, and texts.
pub(super) fn reads(story: Story) -> Vec<(&'static str, &'static str)> {
    let folder = story.name.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let others = FILES.iter().filter_map(|(path, text)| Some((path.strip_prefix(folder.as_str())?, *text)));
    let others: Vec<(&str, &str)> =
        others.filter(|(path, _)| !path.ends_with(".yaml") || is_manifest(path)).collect();
    let mut read: Vec<(&'static str, &'static str)> = Vec::new();
    let mut texts = vec![story.text];
    // What it names may name others.
    while let Some(text) = texts.pop() {
        // Of a folder it names the folder alone.
        let names = |path: &str| {
            let folder =
                path.rsplit_once('/').map(|(folder, _)| folder).filter(|folder| folder.contains('/'));
            text.contains(path) || folder.is_some_and(|folder| text.contains(folder))
        };
        for (path, other) in others.iter().filter(|(path, _)| names(path)) {
            if !read.contains(&(path, other)) {
                read.push((path, other));
                texts.push(other);
            }
        }
    }
    read
}

/// A path below `scenarios/`, of one from where a story lies.
fn at(story: &str, path: &str) -> String {
    let mut parts: Vec<&str> = story.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_story_is_found_by_its_name_or_how_that_begins() {
        let names = |name| named(name).iter().map(|story| story.name).collect::<Vec<_>>();
        assert_eq!(names("lizhe"), ["lizhe"]);
        assert_eq!(names("lessons/04"), ["lessons/04-roles-and-bindings"]);
        assert_eq!(names("lessons").len(), 11);
        assert_eq!(names("lessons/").len(), 11);
        assert!(names("lessons/0").is_empty() && names("nowhere").is_empty() && names("").is_empty());
        assert!(all().all(|story| !story.name.contains("manifests")));
    }

    #[test]
    fn what_names_no_story_may_mean_one() {
        let meant = |path| meant(path).map(|story| story.name);
        assert_eq!(meant("lizhe10.yaml"), Some("lizhe10"));
        assert_eq!(meant("./scenarios/lizhe10.yaml"), Some("lizhe10"));
        assert_eq!(meant("lessons/4"), Some("lessons/04-roles-and-bindings"));
        assert_eq!(meant("elsewhere/lizhe10.yml"), Some("lizhe10"));
        assert_eq!((meant("lessons/99"), meant("nowhere.yaml"), meant("4")), (None, None, None));
    }

    #[test]
    fn what_a_story_reads_is_there() {
        assert!(beside("lizhe10", "manifests/ubuntu10.yaml").is_some());
        assert!(beside("identity/jwt", "../manifests/./ubuntu10.yaml").is_some());
        assert_eq!(beside("lizhe10", "../Cargo.toml"), None);
        assert!(
            names("lizhe10", "manifests").is_some_and(|names| names.contains(&"ubuntu10.yaml".to_owned()))
        );
        let tenant = reads(named("overlay-moves-subjects")[0]);
        assert!(tenant.iter().any(|(path, _)| *path == "manifests/tenant/base/access.yaml"), "{tenant:?}");
        let lizhe10 = named("lizhe10")[0];
        assert_eq!(
            reads(lizhe10).iter().map(|(path, _)| *path).collect::<Vec<_>>(),
            ["manifests/ubuntu10.yaml"]
        );
    }
}

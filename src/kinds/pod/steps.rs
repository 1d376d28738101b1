//! Steps of paths.

/// Whether a path never goes up.
pub(super) fn no_backsteps(path: &str) -> bool {
    path.split('/').all(|part| part != "..")
}

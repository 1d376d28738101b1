//! `/healthz`, `/livez`, `/readyz`: every check passes, a model has nothing that could be ill
//! (`apiserver/pkg/server/healthz`).

use crate::api::{Query, Response, Version};

static CHECKS: &str = include_str!("health.txt");

/// The three paths.
pub(super) const PATHS: [&str; 3] = ["healthz", "livez", "readyz"];

/// The names of a path's checks, in order.
pub(super) fn checks(path: &str, version: Version) -> impl Iterator<Item = &'static str> {
    CHECKS.lines().filter(|line| !line.starts_with('#')).filter_map(move |line| {
        let mut cells = line.split(' ');
        let name = cells.next()?;
        let mut minor = || cells.next().and_then(|cell| cell.parse::<u8>().ok()).unwrap_or_default();
        let (since, until) = (minor(), minor());
        let in_time = version.at_least(since) && (until == 0 || version.number() <= until);
        let here = cells.next().is_none_or(|paths| paths.split(',').any(|known| known == path));
        (in_time && here).then_some(name)
    })
}

/// The answer of a health path; none if there is no such check.
pub(super) fn answer(path: &str, query: &Query, version: Version) -> Option<Response> {
    let (root, check) =
        path.trim_start_matches('/').split_once('/').unwrap_or((path.trim_start_matches('/'), ""));
    if !PATHS.contains(&root) {
        return None;
    }
    if !check.is_empty() {
        return checks(root, version).any(|known| known == check).then(|| Response::text(200, "ok"));
    }
    if query.get("verbose").is_none() {
        return Some(Response::text(200, "ok"));
    }
    let excluded: Vec<&str> = query.all("exclude").collect();
    let lines: String = checks(root, version)
        .map(|check| match excluded.contains(&check) {
            true => format!("[+]{check} excluded: ok\n"),
            false => format!("[+]{check} ok\n"),
        })
        .collect();
    Some(Response::text(200, format!("{lines}{root} check passed\n")))
}

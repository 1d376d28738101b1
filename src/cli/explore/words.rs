//! What was explored, for people.

use crate::cli::out::safe;
use crate::cli::paint::{Paint, paint};
use crate::cli::words::many;
use crate::explore::{Exploration, Found, Searched};

/// All of it.
pub(super) fn in_words(explored: &Exploration) -> String {
    let Exploration { scenario, version, runs, search, endings } = explored;
    let found = many(endings.len(), "ending");
    let mut lines = match search {
        None => vec![format!("{scenario} · Kubernetes {version} · {runs} orders: {found}")],
        Some(search) => {
            let Searched { states, again, spared, complete } = search;
            let how = if *complete { "every order" } else { "not every order" };
            vec![
                format!("{scenario} · Kubernetes {version} · {how}: {found}"),
                format!("{states} states, reached again {again} times; {spared} moves spared"),
            ]
        }
    };
    lines.extend(
        search
            .as_ref()
            .filter(|search| !search.complete)
            .map(|_| "more states than --states allows".to_owned()),
    );
    for (number, found) in (1..).zip(endings) {
        lines.push(String::new());
        lines.extend(of_ending(number, found, *runs));
    }
    lines.join("\n")
}

fn of_ending(number: usize, found: &Found, runs: u64) -> Vec<String> {
    // Tenths of a percent, without floats.
    let share = (found.runs * 1000 + runs / 2) / runs.max(1);
    let title = match found.seed {
        Some(seed) => format!("{number}. {}.{}% of orders, first with seed {seed}", share / 10, share % 10),
        None => format!(
            "{number}. {} to this ending",
            many(usize::try_from(found.runs).unwrap_or(usize::MAX), "way")
        ),
    };
    let mut lines = vec![paint(Paint::Strong, &title)];
    if found.schedule.is_empty() {
        lines.push("   the usual order".to_owned());
    }
    lines.extend(found.story.iter().map(|sentence| format!("   - {}", safe(sentence))));
    for differs in &found.differs {
        let line = differs.line.lines().next().unwrap_or_default();
        lines.push(format!("   step {} {}", differs.step, safe(line)));
        lines.push(format!("     {} instead of {}", differs.here.in_words(), differs.usual.in_words()));
        lines.extend(differs.message.lines().map(|line| paint(Paint::Dim, &format!("     {}", safe(line)))));
    }
    lines.extend(found.broken.iter().map(|broken| paint(Paint::Bad, &format!("   {}", safe(broken)))));
    lines.extend(found.stopped.iter().map(|why| format!("   no further: {}", safe(why))));
    if !found.schedule.is_empty() {
        lines.push("   schedule:".to_owned());
        let written = found.schedule.iter().filter_map(|one| serde_json::to_string(one).ok());
        lines.extend(written.map(|one| format!("   - {}", safe(&one))));
    }
    lines
}

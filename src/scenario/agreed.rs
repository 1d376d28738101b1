//! Releases that agree: what comes out the same in several is told once.

use super::report::{Report, StepReport};
use crate::api::Version;

/// A step of a scenario, as it came out in each release.
pub type InEach<'r> = Vec<(Version, &'r StepReport)>;

/// Steps of the replays, those beside one another that are the same line of the scenario.
pub fn side_by_side<'r>(
    reports: &'r [Report],
    steps: impl Fn(&'r Report) -> Vec<&'r StepReport>,
) -> Vec<InEach<'r>> {
    let mut all: Vec<InEach<'r>> = Vec::new();
    for report in reports {
        for (index, step) in steps(report).into_iter().enumerate() {
            match all.get_mut(index) {
                Some(known) => known.push((report.version, step)),
                None => all.push(vec![(report.version, step)]),
            }
        }
    }
    all
}

/// Those of which the same is told, together; in the order of the first of them.
pub fn agreed<I: Copy, T: PartialEq>(all: &[I], told: impl Fn(I) -> T) -> Vec<(T, Vec<I>)> {
    let mut groups: Vec<(T, Vec<I>)> = Vec::new();
    for one in all {
        let told = told(*one);
        match groups.iter_mut().find(|(known, _)| *known == told) {
            Some((_, group)) => group.push(*one),
            None => groups.push((told, vec![*one])),
        }
    }
    groups
}

/// Releases in a few words, those that follow one another as a span: `1.20, 1.24–1.27`.
pub fn spans(releases: impl IntoIterator<Item = Version>) -> String {
    let mut releases: Vec<Version> = releases.into_iter().collect();
    releases.sort_unstable();
    let spans = releases.chunk_by(|one, next| one.number() + 1 == next.number());
    let told = spans.filter_map(|span| match (span.first()?, span.last()?) {
        (first, last) if first == last => Some(first.to_string()),
        (first, last) => Some(format!("{first}–{last}")),
    });
    told.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_that_follow_one_another_are_a_span() {
        let told = |minors: &[u8]| spans(minors.iter().map(|minor| Version::minor(*minor)));
        assert_eq!(told(&[20, 24, 25, 26, 27, 36, 37]), "1.20, 1.24–1.27, 1.36–1.37");
        assert_eq!(told(&[36, 20]), "1.20, 1.36");
    }

    #[test]
    fn what_is_told_alike_is_told_once() {
        assert_eq!(agreed(&[1, 2, 3, 5], |n| n % 2), [(1, vec![1, 3, 5]), (0, vec![2])]);
    }
}

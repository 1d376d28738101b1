//! Lines of kubectl's that go on until somebody ends them, or that move files: a scenario's kubectl does not take them, and as
//! questions they are lines which send the same requests.

use crate::api::RequestInfo;
use crate::question::{pieces, quoted};

/// A line that sends the same requests, or nearly.
pub(super) struct Alike {
    /// The line.
    pub(super) line: String,
    besides: Besides,
}

/// In what the requests of the line are others.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Besides {
    /// In nothing.
    Nothing,
    /// What was read is watched then (`kubectl/pkg/cmd/get`).
    Watched,
    /// What would be `pods/exec` is `pods/portforward` (`kubectl/pkg/cmd/portforward`).
    Forwarded,
}

/// Flags of these commands that take a value, kubectl's own among them.
const VALUED: [&str; 20] = [
    "-n",
    "--namespace",
    "--as",
    "--as-group",
    "--as-uid",
    "--as-user-extra",
    "--context",
    "--kubeconfig",
    "--cluster",
    "--server",
    "-s",
    "--user",
    "--token",
    "--request-timeout",
    "-v",
    "-c",
    "--container",
    "--address",
    "--pod-running-timeout",
    "--retries",
];

/// Flags that say nothing of what is asked for, and that no other command has.
const IDLE: [&str; 4] = ["--address", "--pod-running-timeout", "--retries", "--no-preserve"];

impl Alike {
    /// The line that asks for the same as another; most lines are that themselves.
    pub(super) fn of(line: &str) -> Alike {
        let pieces = pieces(line);
        let words: Vec<&str> = pieces.iter().map(String::as_str).collect();
        let (plain, flags) = apart(words.get(1..).unwrap_or_default());
        let (line, besides) = match plain.as_slice() {
            ["get", ..] => match unwatched(&words) {
                Some(words) => (joined(words.iter().map(String::as_str)), Besides::Watched),
                None => (line.to_owned(), Besides::Nothing),
            },
            ["port-forward", target, ..] => (exec(target, &flags, "true"), Besides::Forwarded),
            ["cp", from, to] => match place(from).or_else(|| place(to)) {
                Some((namespace, pod)) => {
                    let namespace = namespace.into_iter().flat_map(|namespace| ["-n", namespace]);
                    (
                        exec(pod, &flags.into_iter().chain(namespace).collect::<Vec<_>>(), "tar"),
                        Besides::Nothing,
                    )
                }
                None => (line.to_owned(), Besides::Nothing),
            },
            _ => (line.to_owned(), Besides::Nothing),
        };
        Alike { line, besides }
    }

    /// What is asked for in the place of what the line asks for.
    pub(super) fn asked(&self, info: RequestInfo) -> RequestInfo {
        match (self.besides, info.subresource.as_str()) {
            (Besides::Forwarded, "exec") => RequestInfo { subresource: "portforward".to_owned(), ..info },
            _ => info,
        }
    }

    /// What is asked for when the line came to its end with that request.
    pub(super) fn next(&self, info: &RequestInfo) -> Option<RequestInfo> {
        let reads = matches!(info.verb.as_str(), "get" | "list");
        let watch = || RequestInfo { verb: "watch".to_owned(), ..info.clone() };
        (self.besides == Besides::Watched && info.is_resource && reads).then(watch)
    }
}

/// The words that are no flags, and the flags with their values.
fn apart<'w>(words: &[&'w str]) -> (Vec<&'w str>, Vec<&'w str>) {
    let (mut plain, mut flags) = (Vec::new(), Vec::new());
    let mut words = words.iter().copied();
    while let Some(word) = words.next() {
        if !word.starts_with('-') {
            plain.push(word);
            continue;
        }
        let has_value = VALUED.contains(&word);
        let value = has_value.then(|| words.next()).flatten();
        if !IDLE.contains(&word.split('=').next().unwrap_or(word)) {
            flags.extend(std::iter::once(word).chain(value));
        }
    }
    (plain, flags)
}

/// The words of a line that watches, without that.
fn unwatched(words: &[&str]) -> Option<Vec<String>> {
    const WATCHES: [&str; 5] = ["-w", "--watch", "--watch-only", "--watch=true", "--watch-only=true"];
    let mut kept: Vec<String> =
        words.iter().filter(|word| !WATCHES.contains(word)).map(|word| (*word).to_owned()).collect();
    // Behind one dash: `-Aw`.
    for word in kept.iter_mut().filter(|word| matches!(word.as_str(), "-Aw" | "-wA")) {
        *word = "-A".to_owned();
    }
    (kept != words).then_some(kept)
}

/// The namespace, as far as it is said, and the pod of a file: `[[NAMESPACE/]POD:]FILE`.
fn place(file: &str) -> Option<(Option<&str>, &str)> {
    let (pod, _) = file.split_once(':')?;
    match pod.split_once('/') {
        Some((namespace, pod)) => Some((Some(namespace), pod)),
        None => Some((None, pod)),
    }
}

fn exec(pod: &str, flags: &[&str], command: &str) -> String {
    let words = ["kubectl", "exec", pod].into_iter().chain(flags.iter().copied());
    joined(words.chain(["--", command]))
}

fn joined<'w>(words: impl Iterator<Item = &'w str>) -> String {
    words.map(quoted).collect::<Vec<_>>().join(" ")
}

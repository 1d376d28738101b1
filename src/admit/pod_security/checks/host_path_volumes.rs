//! No directory of the node.

use super::words::{join_quote, plural};
use super::*;

pub(super) const CHECK: Check =
    Check { id: "hostPathVolumes", level: Level::Baseline, versions: &[since(0, since_1_0)] };

fn since_1_0(pod: &Pod<'_>) -> Option<Violation> {
    let volumes = pod.spec.list("volumes").iter().filter(|volume| volume.has("hostPath"));
    let names: Vec<&str> = volumes.map(|volume| volume.text("name")).collect();
    let word = plural("volume", "volumes", names.len());
    match names.is_empty() {
        true => None,
        false => Violation::new("hostPath volumes", format!("{word} {}", join_quote(names))),
    }
}

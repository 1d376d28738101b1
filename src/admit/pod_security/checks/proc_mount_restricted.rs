//! The masks over `/proc` stay, whoever the pod's users are.

use super::*;

pub(super) const CHECK: Check = Check {
    id: "procMount_restricted",
    level: Level::Restricted,
    versions: &[since(35, proc_mount::since_1_0).overriding(proc_mount::CHECK.id)],
};

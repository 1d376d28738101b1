//! `kubectl auth`: can-i, whoami, reconcile.

pub(super) mod can_i;
pub(super) mod reconcile;
pub(super) mod rules;
pub(super) mod whoami;

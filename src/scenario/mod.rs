//! Scenarios: the format, the runner, the snapshot, and the command lines of a step.

pub mod format;
pub mod load;

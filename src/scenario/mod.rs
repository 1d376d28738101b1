//! Scenarios: the format, the runner, the snapshot, and the command lines of a step.

pub mod client;
pub mod inside;
pub mod never;
pub mod person;
pub mod report;
pub mod run;
pub mod curl;
pub mod format;
pub mod kubectl;
pub mod load;
pub mod shell;
pub mod snapshot;

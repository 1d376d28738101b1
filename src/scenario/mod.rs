//! Scenarios: the format, the runner, the snapshot, and the command lines of a step.

pub mod client;
pub mod curl;
pub mod explained;
pub mod format;
pub mod guess;
pub mod inside;
pub mod kubectl;
pub mod load;
pub mod never;
pub mod person;
pub mod prompt;
pub mod report;
pub mod run;
pub mod session;
pub mod shell;
pub mod snapshot;
pub mod write;

#[cfg(test)]
mod tests;

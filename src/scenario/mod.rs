//! Scenarios: the format, the runner, the report and its snapshot, the prompt.

mod check;
pub mod explained;
pub mod format;
pub mod guess;
mod judge;
pub mod load;
pub mod never;
pub mod person;
pub mod place;
pub mod prompt;
pub mod report;
pub mod run;
pub mod session;
pub mod snapshot;
pub mod variables;
pub mod write;

#[cfg(test)]
mod tests;

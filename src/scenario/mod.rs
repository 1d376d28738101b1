//! Scenarios: the format, the runner, the report and its snapshot.

pub mod agreed;
mod check;
pub(crate) mod explained;
mod faults;
pub mod format;
pub(crate) mod guess;
mod judge;
pub mod load;
pub mod person;
pub(crate) mod place;
pub(crate) mod properties;
pub mod report;
pub mod run;
mod seed;
pub(crate) mod session;
pub mod snapshot;
mod spelling;
mod turns;
pub(crate) mod variables;
pub(crate) mod write;

#[cfg(test)]
mod tests;

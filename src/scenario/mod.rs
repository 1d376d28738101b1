//! Scenarios: what a person would type, and what the server should say.

pub mod client;
pub mod curl;
pub mod kubectl;
pub mod shell;

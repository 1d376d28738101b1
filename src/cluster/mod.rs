//! The machine.
pub mod random;

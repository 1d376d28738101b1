//! What the conformance tests stand on.

pub mod hook;
pub mod mask;
pub mod record;

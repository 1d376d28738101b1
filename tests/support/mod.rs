//! What the conformance tests stand on.

pub(crate) mod hook;
pub(crate) mod mask;
pub(crate) mod record;
pub(crate) mod records;

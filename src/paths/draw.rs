//! The access graph as something to look at.

//! kubeverdict: what would the Kubernetes API server say, and why?

pub mod admit;
pub mod api;
pub mod bootstrap;
pub mod cluster;
pub mod config;
pub mod error;
pub mod store;

//! kubeverdict: what would the Kubernetes API server say, and why?

pub mod api;
pub mod scenario;

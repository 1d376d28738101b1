//! kubeverdict: what would the Kubernetes API server say, and why?

pub mod admit;
pub mod api;
pub mod authenticate;
pub mod authorize;
pub mod bootstrap;
pub mod cel;
pub mod certificates;
pub mod cli;
pub mod cluster;
pub mod config;
pub mod controllers;
pub mod error;
pub mod random;
pub mod registry;
pub mod scenario;
pub mod server;
pub mod store;
pub mod tokens;

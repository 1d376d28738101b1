//! What is told rather than stored: tables, the documents of OpenAPI, and discovery.

pub mod discovery;
pub mod openapi;
pub mod shape;
mod table;

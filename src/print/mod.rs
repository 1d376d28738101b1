//! What is told rather than stored: tables, the documents of OpenAPI, and discovery.

pub(crate) mod discovery;
pub(crate) mod openapi;
mod partial;
mod protobuf;
pub(crate) mod shape;
mod table;

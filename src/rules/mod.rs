//! Rules in CEL of custom resources (`x-kubernetes-validations`; `apiextensions-apiserver/pkg/apiserver/schema/cel`).
//!
//! A schema says what an expression may ask of a value ([`declare`](declare::declare)) and how JSON becomes such a value
//! ([`value`]). A definition is refused if its rules don't compile or cost too much ([`definition`]); an object is held
//! against those of its version ([`Validator`]). What chooses devices are expressions, too ([`devices`]).
//!
//! # Differs from Kubernetes
//!
//! The type of `self` has a name by chance there, `selfType` here. Maps are walked in the order of their keys, where
//! Kubernetes walks them by chance.

mod cache;
mod check;
mod compile;
mod cost;
mod declare;
pub(crate) mod definition;
pub(crate) mod devices;
mod message;
mod names;
mod path;
mod place;
mod sight;
mod validator;
mod value;

pub(crate) use cache::Cache;
pub(crate) use declare::{Declared, declare};
pub(crate) use validator::Validator;

#[cfg(test)]
mod tests;

//! ABAC
use crate::api::{Attributes, Decision};
/// Policies
#[derive(Clone, Debug, Default)]
pub struct Policies;
impl Policies {
    /// parse
    pub fn parse(_: &str, _: &str) -> Result<Policies, crate::error::Error> { Ok(Policies) }
    /// decide
    pub fn decide(&self, _: &Attributes) -> (Decision, String) { (Decision::NoOpinion, String::new()) }
}

//! Kubeverdict itself.

use crate::Ask;
use crate::shape::World;
use kubeverdict::api::{Attributes, Decision};
use std::hint::black_box;

fn questions(world: &World) -> Vec<Attributes> {
    world.questions.iter().map(|question| question.attributes()).collect()
}

/// The decision.
pub fn decide(world: &World) -> Ask {
    let (cluster, questions) = (world.cluster(), questions(world));
    Box::new(move |n| cluster.decide(&questions[n]).decision == Decision::Allow)
}

/// The decision, why in the server's words, and the rule and binding behind it.
pub fn told(world: &World) -> Ask {
    let (cluster, questions) = (world.cluster(), questions(world));
    Box::new(move |n| {
        let said = cluster.decide(&questions[n]);
        black_box((said.reason(), said.facts()));
        said.decision == Decision::Allow
    })
}

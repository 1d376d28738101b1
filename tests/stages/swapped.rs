//! Plugins refuse before the object was found valid.

use kubeverdict::admit::Stop;
use kubeverdict::pipeline::{self, Admitted, Call, Draft};

fn swaps(call: &mut Call<'_>, draft: Draft) -> Result<Admitted, Stop> {
    let mutated = pipeline::mutate(call, draft)?;
    let contained = pipeline::escalate(call, mutated)?;
    pipeline::enforce(call, contained)
}

fn main() {}

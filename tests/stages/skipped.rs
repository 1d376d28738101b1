//! Whether more is handed out than is held is not looked at.

use kubeverdict::admit::Stop;
use kubeverdict::pipeline::{self, Call, Draft, Valid};

fn skips(call: &mut Call<'_>, draft: Draft) -> Result<Valid, Stop> {
    let mutated = pipeline::mutate(call, draft)?;
    pipeline::validate(call, mutated, pipeline::validate::of_kind)
}

fn main() {}

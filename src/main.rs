//! kubeverdict's command line.

fn main() {}

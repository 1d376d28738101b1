//! kubeverdict's command line.

use kubeverdict::cli::{self, Exit};
use std::process::ExitCode;

/// Objects are small pieces by the hundred thousand: a quarter of a run was spent in the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match cli::run(std::env::args_os().skip(1)) {
        Exit::Fine => ExitCode::SUCCESS,
        Exit::Differs => ExitCode::from(1),
        Exit::BadInput => ExitCode::from(2),
    }
}

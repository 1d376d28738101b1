//! kubeverdict's command line.

use kubeverdict::cli::{self, Exit};
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run(std::env::args_os().skip(1)) {
        Exit::Fine => ExitCode::SUCCESS,
        Exit::Differs => ExitCode::from(1),
        Exit::BadInput => ExitCode::from(2),
    }
}

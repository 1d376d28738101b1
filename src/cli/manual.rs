//! `kubeverdict completions` and `kubeverdict man`: what clap knows of the arguments, for shells and for `man`.

use super::out::Out;
use super::{Args, Exit};
use crate::error::Error;
use clap::CommandFactory;

/// Print the completions for a shell
///
/// For bash: `kubeverdict completions bash > ~/.local/share/bash-completion/completions/kubeverdict`.
#[derive(clap::Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum, value_name = "SHELL")]
    shell: clap_complete::Shell,
}

/// Print the man page, or that of a subcommand
///
/// To read it: `kubeverdict man | man -l -`.
#[derive(clap::Args)]
pub(super) struct ManArgs {
    /// The subcommand
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

pub(super) fn cmd_completions(args: CompletionsArgs) -> Result<Exit, Error> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "kubeverdict", &mut text);
    print(&text)
}

pub(super) fn cmd_man(args: ManArgs) -> Result<Exit, Error> {
    let mut command = Args::command();
    command.build();
    let page = match &args.command {
        None => command,
        Some(name) => {
            let known: Vec<&str> = command.get_subcommands().map(clap::Command::get_name).collect();
            let wrong = Error::new(format!("there is no command `{name}`")).nearest(name, known);
            command.find_subcommand(name).cloned().ok_or(wrong)?
        }
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text).map_err(Error::of)?;
    print(&text)
}

fn print(text: &[u8]) -> Result<Exit, Error> {
    let mut out = Out::open();
    out.raw(&String::from_utf8_lossy(text));
    out.end(Exit::Fine)
}

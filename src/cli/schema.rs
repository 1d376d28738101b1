//! `kubeverdict schema`: the JSON Schema of what is printed with `--json`.

use super::Exit;
use crate::error::Error;
use crate::scenario::explained::Explained;
use schemars::generate::SchemaSettings;
use std::io::Write;

/// Print the JSON Schema of what a command prints with --json
#[derive(clap::Args)]
pub(super) struct SchemaArgs {
    /// Of which command
    #[arg(value_enum, value_name = "COMMAND")]
    command: Printed,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Printed {
    /// `explain --json`
    Explain,
}

pub(super) fn cmd_schema(args: SchemaArgs) -> Result<Exit, Error> {
    // What is left out where it is empty is not required.
    let generator = SchemaSettings::default().for_serialize().into_generator();
    let schema = match args.command {
        Printed::Explain => generator.into_root_schema_for::<Vec<Explained>>(),
    };
    let text = serde_json::to_string_pretty(&schema).map_err(|error| Error::new(error.to_string()))?;
    // Whoever reads may have gone (`| head`).
    let _ = writeln!(std::io::stdout().lock(), "{text}");
    Ok(Exit::Fine)
}

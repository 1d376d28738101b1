//! `-o json|text`, for every command that prints something for people and for programs.

use super::out::Out;
use crate::error::Error;
use serde::Serialize;
use std::io::Write;

/// How to print.
#[derive(clap::Args)]
pub(super) struct FormatArgs {
    /// How to print; the shape of JSON is what `kubeverdict schema` prints of the command's name
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "text")]
    output: Format,
    /// Short for `-o json`
    #[arg(long, conflicts_with = "output")]
    json: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

impl FormatArgs {
    /// Whether programs read it.
    pub(super) fn is_json(&self) -> bool {
        self.json || self.output == Format::Json
    }

    /// Prints something as data, or in words.
    pub(super) fn print(
        &self,
        out: &mut Out,
        told: &impl Serialize,
        words: impl FnOnce() -> String,
    ) -> Result<(), Error> {
        match self.is_json() {
            true => out.json(&serde_json::to_string_pretty(told).map_err(Error::of)?),
            false => drop(writeln!(out, "{}", words())),
        }
        Ok(())
    }
}

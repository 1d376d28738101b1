//! `-o json|text`, and what else a command prints: for every one that prints something for people and for programs.

use super::out::Out;
use crate::error::Error;
use clap::ValueEnum;
use serde::Serialize;
use std::io::Write;

/// How to print, in one of a command's formats; `text` and `json` are among them.
#[derive(clap::Args)]
pub(super) struct FormatArgs<F: ValueEnum + Send + Sync + 'static = Format> {
    /// How to print; the shape of JSON is what `kubeverdict schema` prints of the command's name
    #[arg(short, long, value_enum, value_name = "FORMAT", default_value = "text")]
    output: F,
    /// Short for `-o json`
    #[arg(long, conflicts_with = "output")]
    json: bool,
}

/// The formats of most commands.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

impl<F: ValueEnum + Send + Sync + 'static> FormatArgs<F> {
    /// The format that is asked for.
    pub(super) fn chosen(&self) -> F {
        let json = self.json.then(|| F::from_str("json", false).ok()).flatten();
        json.unwrap_or_else(|| self.output.clone())
    }
}

impl FormatArgs {
    /// Whether programs read it.
    pub(super) fn is_json(&self) -> bool {
        self.chosen() == Format::Json
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

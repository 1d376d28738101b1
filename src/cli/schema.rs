//! `kubeverdict schema`: the JSON Schema of scenarios, and of what is printed with `--json`.

use super::Exit;
use super::diff::Difference;
use super::out::Out;
use crate::api::fact::Grounds;
use crate::error::Error;
use crate::scenario::explained::Explained;
use crate::scenario::format::Scenario;
use crate::upgrade::Upgrade;
use schemars::Schema;
use schemars::generate::SchemaSettings;

/// Print the JSON Schema of scenarios, or of what a command prints with --json
#[derive(clap::Args)]
pub(super) struct SchemaArgs {
    /// Of what
    #[arg(value_enum, value_name = "OF")]
    of: Of,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Of {
    /// A scenario's file
    Scenario,
    /// What `diff -o json` prints
    Diff,
    /// What `explain --json` prints
    Explain,
    /// What `upgrade-check --json` prints
    UpgradeCheck,
    /// What `who-can --json` prints
    WhoCan,
}

pub(super) fn cmd_schema(args: SchemaArgs) -> Result<Exit, Error> {
    let settings = SchemaSettings::default();
    let schema = match args.of {
        Of::Scenario => scenarios(),
        // What is left out where it is empty is not required.
        Of::Explain => settings.for_serialize().into_generator().into_root_schema_for::<Vec<Explained>>(),
        Of::Diff => settings.for_serialize().into_generator().into_root_schema_for::<Difference>(),
        Of::WhoCan => settings.for_serialize().into_generator().into_root_schema_for::<Vec<Grounds>>(),
        Of::UpgradeCheck => settings.for_serialize().into_generator().into_root_schema_for::<Upgrade>(),
    };
    let text = serde_json::to_string_pretty(&schema).map_err(Error::of)?;
    let mut out = Out::open();
    out.json(&text);
    out.end(Exit::Fine)
}

/// That of a scenario's file, as a text.
pub(super) fn of_scenarios() -> Result<String, Error> {
    serde_json::to_string_pretty(&scenarios()).map(|text| text + "\n").map_err(Error::of)
}

fn scenarios() -> Schema {
    SchemaSettings::default().for_deserialize().into_generator().into_root_schema_for::<Scenario>()
}

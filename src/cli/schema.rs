//! `kubeverdict schema`: the JSON Schema of scenarios, and of what is printed with `--json`.

use super::Exit;
use super::out::Out;
use crate::api::fact::Grounds;
use crate::error::Error;
use crate::paths::Drawing;
use crate::scenario::explained::Explained;
use crate::scenario::format::Scenario;
use crate::upgrade::Upgrade;
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
    /// What `explain --json` prints
    Explain,
    /// What `audit --json` prints
    Audit,
    /// What `graph --json` prints
    Graph,
    /// What `paths --json` prints
    Paths,
    /// What `upgrade-check --json` prints
    UpgradeCheck,
    /// What `who-can --json` prints
    WhoCan,
}

pub(super) fn cmd_schema(args: SchemaArgs) -> Result<Exit, Error> {
    let settings = SchemaSettings::default();
    let schema = match args.of {
        Of::Scenario => settings.for_deserialize().into_generator().into_root_schema_for::<Scenario>(),
        // What is left out where it is empty is not required.
        Of::Explain => settings.for_serialize().into_generator().into_root_schema_for::<Vec<Explained>>(),
        Of::Audit => {
            settings.for_serialize().into_generator().into_root_schema_for::<Vec<super::audit::Finding>>()
        }
        Of::Graph => settings.for_serialize().into_generator().into_root_schema_for::<Drawing>(),
        Of::Paths => settings.for_serialize().into_generator().into_root_schema_for::<super::paths::Told>(),
        Of::WhoCan => settings.for_serialize().into_generator().into_root_schema_for::<Vec<Grounds>>(),
        Of::UpgradeCheck => settings.for_serialize().into_generator().into_root_schema_for::<Upgrade>(),
    };
    let text = serde_json::to_string_pretty(&schema).map_err(Error::of)?;
    let mut out = Out::open();
    out.json(&text);
    out.end(Exit::Fine)
}

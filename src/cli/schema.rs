//! `kubeverdict schema`: the JSON Schema of scenarios, and of what is printed with `--json`.

use super::Exit;
use super::can_i::Answer;
use super::diff::Difference;
use super::out::Out;
use crate::api::fact::Grounds;
use crate::error::Error;
use crate::explore::Exploration;
use crate::paths::Drawing;
use crate::rights::{Found, Least, Rights};
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
    /// What `explore --json` prints
    Explore,
    /// What `audit --json` prints
    Audit,
    /// What `graph --json` prints
    Graph,
    /// What `paths --json` prints
    Paths,
    /// What `releases --json` prints
    Releases,
    /// What `upgrade-check --json` prints
    UpgradeCheck,
    /// What `can-i --json` prints
    CanI,
    /// What `who-can --json` prints
    WhoCan,
    /// What `what-can --json` prints
    WhatCan,
    /// What `never-matches --json` prints
    NeverMatches,
    /// What `unused --json` prints
    Unused,
    /// What `least --json` prints
    Least,
}

pub(super) fn cmd_schema(args: SchemaArgs) -> Result<Exit, Error> {
    let settings = SchemaSettings::default();
    let schema = match args.of {
        Of::Scenario => scenarios(),
        // What is left out where it is empty is not required.
        Of::Explain => settings.for_serialize().into_generator().into_root_schema_for::<Vec<Explained>>(),
        Of::Diff => settings.for_serialize().into_generator().into_root_schema_for::<Difference>(),
        Of::CanI => settings.for_serialize().into_generator().into_root_schema_for::<Vec<Answer>>(),
        Of::Explore => settings.for_serialize().into_generator().into_root_schema_for::<Vec<Exploration>>(),
        Of::Audit => {
            settings.for_serialize().into_generator().into_root_schema_for::<Vec<super::audit::Finding>>()
        }
        Of::Graph => settings.for_serialize().into_generator().into_root_schema_for::<Drawing>(),
        Of::Paths => settings.for_serialize().into_generator().into_root_schema_for::<super::paths::Told>(),
        Of::WhoCan => settings.for_serialize().into_generator().into_root_schema_for::<Vec<Grounds>>(),
        Of::WhatCan => settings.for_serialize().into_generator().into_root_schema_for::<Rights>(),
        Of::Least => settings.for_serialize().into_generator().into_root_schema_for::<Least>(),
        Of::NeverMatches | Of::Unused => {
            settings.for_serialize().into_generator().into_root_schema_for::<Vec<Found>>()
        }
        Of::Releases => {
            settings.for_serialize().into_generator().into_root_schema_for::<super::releases::Told>()
        }
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

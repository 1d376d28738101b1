//! Properties: what must never, always or at least once be so, whatever the order of events.

use super::Who;
use crate::json::Value;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A claim about the cluster or about answers, and what it is confined to.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Fields")]
pub struct Property {
    /// What is claimed.
    pub claim: Claim,
    /// Where it is claimed: everywhere unless given.
    pub when: When,
}

/// What is claimed.
#[derive(Clone, Debug, PartialEq)]
pub enum Claim {
    /// Authorizers allow somebody something, as after `kubectl auth can-i`: `get secrets -n kube-system`.
    Can(Who, String),
    /// Requests of steps are answered with a code.
    Answered {
        /// By whom they are; everybody's unless given.
        who: Option<Who>,
        /// What is asked for, in the same words; anything unless given.
        asks: Option<String>,
        /// The code.
        code: u16,
    },
    /// An object is stored: `pods/web -n shop`.
    Stored {
        /// Which.
        object: String,
        /// Its fields by their dotted paths; null is for one that is not there.
        fields: BTreeMap<String, Value>,
    },
}

/// Where a property is claimed: of answers, as their step finds the cluster.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct When {
    /// Where this object is stored: `pods/web -n shop`.
    #[serde(default)]
    pub stored: Option<String>,
    /// Where this object is not stored.
    #[serde(default)]
    pub missing: Option<String>,
    /// Where caches have heard of everything that is stored, or (false) have not.
    #[serde(default)]
    pub caught_up: Option<bool>,
}

/// A property as a scenario's file has it: `who` with `can`; `code` with `who` and `asks`; or `object` with `fields`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Fields {
    /// Who.
    #[serde(default)]
    who: Option<Who>,
    /// What they may, as after `kubectl auth can-i`: `get secrets -n kube-system`.
    #[serde(default)]
    can: Option<String>,
    /// What a step's request asks for, in the same words.
    #[serde(default)]
    asks: Option<String>,
    /// The code that a step's request is answered with.
    #[serde(default)]
    #[schemars(range(min = 100, max = 599))]
    code: Option<u16>,
    /// An object that is stored: `pods/web -n shop`.
    #[serde(default)]
    object: Option<String>,
    /// Its fields by their dotted paths; null is for one that is not there.
    #[serde(default)]
    fields: BTreeMap<String, Value>,
    /// Where this is claimed; everywhere unless given.
    #[serde(default)]
    when: When,
}

impl TryFrom<Fields> for Property {
    type Error = String;

    fn try_from(written: Fields) -> Result<Property, String> {
        let Fields { who, can, asks, code, object, fields, when } = written;
        let claim = match (who, can, asks, code, object) {
            (Some(who), Some(can), None, None, None) if fields.is_empty() => Claim::Can(who, can),
            (who, None, asks, Some(code), None) if fields.is_empty() && (100..600).contains(&code) => {
                Claim::Answered { who, asks, code }
            }
            (None, None, None, None, Some(object)) => Claim::Stored { object, fields },
            _ => {
                let forms =
                    "a property is `who` with `can`, `code` with `who` and `asks`, or `object` with `fields`";
                return Err(forms.to_owned());
            }
        };
        Ok(Property { claim, when })
    }
}

impl JsonSchema for Property {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Property".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let mut schema = Fields::json_schema(generator);
        let forms = [["who", "can"].as_slice(), &["code"], &["object"]];
        let forms = forms.map(|keys| schemars::json_schema!({"required": keys}));
        schema.insert("oneOf".to_owned(), forms.map(schemars::Schema::to_value).as_slice().into());
        schema
    }
}

/// How often a property is to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// At no time.
    Never,
    /// At any time.
    Always,
    /// At some time, at the latest when nothing more happens by itself after the last step.
    Eventually,
}

impl Mode {
    /// As a scenario's file has it.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Never => "never",
            Mode::Always => "always",
            Mode::Eventually => "eventually",
        }
    }
}

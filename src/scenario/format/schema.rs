//! The JSON Schema of what has several forms: what is read by hand is told by hand, beside what is derived.

use super::{Changed, Expect, Release, Releases, Span, Step, StepFields, Who, WhoFields};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;

/// What is read by hand, with the schema of its forms.
macro_rules! schema {
    ($of:ty, $name:literal, $generator:ident => $schema:expr) => {
        impl JsonSchema for $of {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema($generator: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    };
}

schema!(Release, "Release", _generator => json_schema!({
    "description": "A release: \"1.20\".",
    // YAML reads 1.36 without quotes as a number.
    "type": ["string", "number"],
}));

schema!(Releases, "Releases", _generator => json_schema!({
    "description": "A release, or a range of them with both its ends: \"1.20\", \"1.24..1.36\".",
    "type": ["string", "number"],
    "pattern": r"^\d+\.\d+(\.\.\d+\.\d+)?$",
}));

schema!(Span, "Span", _generator => json_schema!({
    "description": "A span of virtual time: 500ms, 10m, 1h30m.",
    "type": "string",
}));

schema!(Step, "Step", generator => {
    let line = json_schema!({"type": "string", "description": "A line that an administrator types."});
    let fields = generator.subschema_for::<StepFields>();
    let kinds = ["run", "apply", "request", "wait", "what-if", "webhooks", "issuers", "token", "restart"]
        .map(|kind| json_schema!({"required": [kind]}));
    json_schema!({
        "description": "A step: a line, or a map that does one thing.",
        "anyOf": [line, {"allOf": [fields, {"oneOf": kinds}]}],
    })
});

impl<T: JsonSchema> JsonSchema for Changed<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Changed{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
}

schema!(Who, "Who", generator => {
    let fields = generator.subschema_for::<WhoFields>();
    json_schema!({
        "description": "Somebody: admin, none, a user, system:serviceaccount:NS:NAME; or in full.",
        "anyOf": [{"type": "string"}, fields],
    })
});

schema!(Expect, "Expect", generator => {
    let wanted = generator.subschema_for::<Forms>();
    json_schema!({
        "description": "What should come of a step: the same in each release, or by release or range of releases.",
        "anyOf": [wanted, {
            "type": "object",
            "minProperties": 1,
            "patternProperties": {r"^\d+\.\d+(\.\.\d+\.\d+)?$": wanted},
            "additionalProperties": false,
        }],
    })
});

/// What is expected in one release.
struct Forms;

schema!(Forms, "Wanted", generator => {
    let one = generator.subschema_for::<One>();
    json_schema!({
        "description": "What should come of the step, or a list: of each object that it is about.",
        "anyOf": [one, {"type": "array", "items": one, "minItems": 1}],
    })
});

/// What is expected of one object.
struct One;

schema!(One, "Expected", _generator => {
    let code = json_schema!({
        "description": "The HTTP code of the request that decided.",
        "type": "integer", "minimum": 100, "maximum": 599,
    });
    json_schema!({
        "anyOf": [code, {
            "type": "object",
            "minProperties": 1,
            "properties": {
                "code": code,
                "exit": {"description": "The command's exit code.", "type": "integer", "minimum": 0, "maximum": 255},
                "reason": {"description": "The status's reason.", "type": "string"},
                "message": {"description": "Text that the message holds.", "type": "string"},
                "prints": {"description": "Text that the output holds.", "type": "string"},
                "answer": {
                    "description": "Fields of the answer by their dotted paths; null is for one that is not there.",
                    "type": "object",
                    "additionalProperties": true,
                },
            },
            "additionalProperties": false,
        }],
    })
});

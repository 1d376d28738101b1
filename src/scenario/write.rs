//! Steps as YAML again, as a person would write them: a plain line where nothing else is said.

use super::format::{Expect, Expected, Step, StepFields, Wanted};
use crate::golang::yaml;
use serde::Serialize;
use serde_yaml::{Mapping, Value};

/// A scenario's text. `cluster` is the mapping of that key.
pub(crate) fn scenario(name: &str, about: &str, cluster: &Mapping, steps: &[Step]) -> String {
    let mut map = Mapping::new();
    put(&mut map, "scenario", name);
    put(&mut map, "about", about);
    if !cluster.is_empty() {
        put(&mut map, "cluster", cluster);
    }
    put(&mut map, "steps", steps.iter().map(step).collect::<Vec<Value>>());
    text(&Value::Mapping(map))
}

/// A value's text.
pub(crate) fn text(value: &Value) -> String {
    yaml::write(value)
}

/// A step: a line, or a map.
pub(crate) fn step(step: &Step) -> Value {
    let map = fields(&step.fields);
    match (map.len(), &step.fields.run) {
        (1, Some(line)) => Value::String(line.clone()),
        _ => Value::Mapping(map),
    }
}

/// Sets a key. What these types hold is always representable.
fn put(map: &mut Mapping, key: &str, value: impl Serialize) {
    if let Ok(value) = serde_yaml::to_value(value) {
        map.insert(Value::String(key.to_owned()), value);
    }
}

fn maybe(map: &mut Mapping, key: &str, value: Option<impl Serialize>) {
    if let Some(value) = value {
        put(map, key, value);
    }
}

fn fields(fields: &StepFields) -> Mapping {
    let mut map = Mapping::new();
    maybe(&mut map, "name", fields.name.as_ref());
    maybe(&mut map, "about", fields.about.as_ref());
    maybe(&mut map, "as", fields.by.as_ref());
    maybe(&mut map, "in", fields.inside.as_ref());
    maybe(&mut map, "run", fields.run.as_ref());
    maybe(&mut map, "apply", fields.apply.as_ref());
    maybe(&mut map, "request", fields.request.as_ref());
    maybe(&mut map, "wait", fields.wait);
    let inner = |steps: &Vec<Step>| steps.iter().map(step).collect::<Vec<Value>>();
    maybe(&mut map, "what-if", fields.what_if.as_ref().map(inner));
    maybe(&mut map, "webhooks", fields.webhooks.as_ref().map(|changed| &changed.written));
    maybe(&mut map, "issuers", fields.issuers.as_ref().map(|changed| &changed.written));
    maybe(&mut map, "token", fields.token.as_ref());
    maybe(&mut map, "restart", fields.restart.as_ref());
    maybe(&mut map, "expect", fields.expect.as_ref().map(expect));
    maybe(&mut map, "because", fields.because.as_ref());
    maybe(&mut map, "settle", fields.settle);
    maybe(&mut map, "save", fields.save.as_ref());
    maybe(&mut map, "retry", fields.retry);
    map
}

fn expect(expect: &Expect) -> Value {
    match expect {
        Expect::Always(always) => wanted(always),
        Expect::ByRelease(releases) => {
            let mut map = Mapping::new();
            for (range, one) in releases {
                put(&mut map, &range.to_string(), wanted(one));
            }
            Value::Mapping(map)
        }
    }
}

fn wanted(wanted: &Wanted) -> Value {
    match wanted {
        Wanted::One(one) => expected(one),
        Wanted::Each(each) => each.iter().map(expected).collect::<Vec<Value>>().into(),
    }
}

fn expected(expected: &Expected) -> Value {
    match expected {
        Expected { code: Some(code), .. }
            if *expected == (Expected { code: Some(*code), ..Expected::default() }) =>
        {
            Value::from(*code)
        }
        _ => serde_yaml::to_value(expected).unwrap_or_default(),
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the scenarios of the repository are read")]
mod tests {
    use super::*;
    use crate::scenario::load;

    fn files(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            match entry.path() {
                path if path.is_dir() && !path.ends_with("manifests") => files(&path, found),
                path if path.extension().is_some_and(|ending| ending == "yaml") => found.push(path),
                _ => {}
            }
        }
    }

    /// Goal: nothing that a step can say is lost or changed. Method: every scenario here, written and read again.
    #[test]
    fn every_step_reads_as_it_was_written() {
        let mut found = Vec::new();
        files(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios"), &mut found);
        for path in found {
            let path = path.display().to_string();
            let read = load::parse(&path, &std::fs::read_to_string(&path).unwrap()).unwrap();
            let again = scenario(&read.scenario, &read.about, &Mapping::new(), &read.steps);
            let again = load::parse(&path, &again).unwrap_or_else(|error| panic!("{path}: {error}\n{again}"));
            for (before, after) in read.steps.iter().zip(&again.steps) {
                assert_eq!(format!("{before:?}"), format!("{after:?}"), "{path}");
            }
            assert_eq!(read.steps.len(), again.steps.len(), "{path}");
        }
    }

    #[test]
    fn a_line_stays_a_line_and_a_code_a_code() {
        let text = "- kubectl get pods\n- as: bob\n  run: kubectl get pods\n  expect: 403\n- wait: 1h30m\n";
        let steps: Vec<Step> = yaml::typed(text).unwrap();
        let again: Vec<Value> = steps.iter().map(step).collect();
        assert_eq!(super::text(&Value::Sequence(again)), text);
    }
}

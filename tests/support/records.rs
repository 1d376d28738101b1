//! Reading records.

use kubeverdict::api::Dig;
use kubeverdict::json::Value;
use std::path::Path;

/// A header, and steps with their answers.
pub(crate) struct Record {
    pub(crate) head: Value,
    pub(crate) steps: Vec<Value>,
}

/// The text of a step's body.
fn body_of(line: &str) -> Option<&str> {
    let (_, rest) = line.split_once("\"body\": ")?;
    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
    values.next()?.ok()?;
    rest.get(..values.byte_offset())
}

/// Reads the record of a suite in a release's folder.
///
/// One with a `base` is that release's record of the same name but for what its own header says and for the lines that
/// follow: `at`, the number of a step there, with what is another one, or `drop`.
pub(crate) fn read(folder: &Path, version: &str, suite: &str) -> Result<Record, String> {
    let path = folder.join(version).join(format!("{suite}.jsonl"));
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let parse = |line: &str| {
        let mut step: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        // A body goes as it is written, with its fields in order, where nothing in it is to be filled in.
        if let Some(body) = body_of(line).filter(|body| !body.contains("${")) {
            step["sent"] = body.into();
        }
        Ok::<Value, String>(step)
    };
    let head = parse(lines.next().ok_or("an empty record")?)?;
    let steps = lines.map(parse).collect::<Result<Vec<_>, _>>()?;
    if !head.has("base") {
        return Ok(Record { head, steps });
    }
    let mut record = read(folder, head.text("base"), suite)?;
    for (key, value) in head.entries("").filter(|(key, _)| *key != "base") {
        record.head.set(key, value.clone());
    }
    for change in &steps {
        let at = change.at("at").as_u64().and_then(|at| usize::try_from(at).ok()).unwrap_or(usize::MAX);
        let step = record.steps.get_mut(at).ok_or_else(|| format!("{suite}: no step {at}"))?;
        step.as_object_mut().map(|step| step.remove("loose"));
        for (key, value) in change.entries("").filter(|(key, _)| *key != "at") {
            step.set(key, value.clone());
        }
    }
    record.steps.retain(|step| !step.has("drop"));
    Ok(record)
}

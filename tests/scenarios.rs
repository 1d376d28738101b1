//! One test a scenario: it is as it expects itself to be, it equals its snapshot, and a second replay gives the same
//! bytes.

#[path = "support/scenarios.rs"]
mod scenarios;

use kubeverdict::admit::CHAIN;
use kubeverdict::cluster::Fresh;
use kubeverdict::scenario::format::Step;
use kubeverdict::scenario::report::Report;
use kubeverdict::scenario::{load, run, snapshot};
use libtest_mimic::{Arguments, Failed, Trial};
use scenarios::{Beside, ROOT};
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

fn main() {
    let arguments = Arguments::from_args();
    let scenarios = scenarios::all();
    let names: BTreeSet<String> = scenarios.iter().map(|path| name(path)).collect();
    let mut trials: Vec<Trial> =
        scenarios.into_iter().map(|path| Trial::test(name(&path), move || check(&path))).collect();
    trials.push(Trial::test("every_snapshot_has_its_scenario", move || no_orphans(&names)));
    trials.push(Trial::test("every_admission_plugin_has_its_scenario", plugins_are_shown));
    trials.push(Trial::test("every_scenario_keeps_to_the_schema", schema_knows_the_forms));
    libtest_mimic::run(&arguments, trials).exit();
}

fn check(path: &Path) -> Result<(), Failed> {
    let text = std::fs::read_to_string(path)?;
    let scenario = load::parse(&path.display().to_string(), &text).map_err(|error| error.to_string())?;
    let files = Beside::of(path);
    let replay = |options: run::Options<'_>| -> Result<Vec<Report>, String> {
        run::versions(&scenario)
            .into_iter()
            .map(|version| run::replay(&scenario, version, options, &files).map_err(|e| e.to_string()))
            .collect()
    };
    let reports = replay(run::Options::default())?;
    let failures: Vec<String> = reports
        .iter()
        .flat_map(|report| {
            report.all().into_iter().flat_map(|step| {
                step.failures
                    .iter()
                    .map(|failure| format!("{} step {}: {failure}", report.version, step.number))
            })
        })
        .collect();
    if !failures.is_empty() {
        return Err(failures.join("\n").into());
    }
    let bytes = |reports: &[Report]| serde_json::to_string(reports).map_err(|error| error.to_string());
    let fresh = Fresh::default();
    let shared = run::Options { fresh: Some(&fresh), ..run::Options::default() };
    // The first of these builds its clusters, the second forks them.
    for _ in 0..2 {
        if bytes(&reports)? != bytes(&replay(shared)?)? {
            return Err("another replay gives other bytes".into());
        }
    }
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name(path), snapshot::render(&reports)));
    Ok(())
}

fn no_orphans(names: &BTreeSet<String>) -> Result<(), Failed> {
    let folder = std::fs::read_dir(Path::new(ROOT).join("snapshots"))?;
    let kept = folder.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let orphans: Vec<String> =
        kept.filter(|file| !file.strip_suffix(".snap").is_some_and(|name| names.contains(name))).collect();
    match orphans.is_empty() {
        true => Ok(()),
        false => Err(format!("no scenario belongs to {orphans:?}").into()),
    }
}

const POD_GROUPS: &str = "it looks at pod groups, of a gate that is off";

/// Plugins that no step can name, and why.
const NOT_SHOWN: &[(&str, &str)] = &[
    ("AlwaysAdmit", "it has no opinion, so that nothing is ever because of it"),
    ("JobValidation", POD_GROUPS),
    ("PodGroupProtection", POD_GROUPS),
    ("PodGroupWorkloadExists", POD_GROUPS),
    ("ClusterTrustBundleAttest", "cluster trust bundles are a beta resource that no server has by default"),
];

/// Every modelled plugin is the reason of some step, unless it is excused.
fn plugins_are_shown() -> Result<(), Failed> {
    let mut reasons = BTreeSet::new();
    for path in scenarios::all() {
        let text = std::fs::read_to_string(&path)?;
        let scenario = load::parse(&path.display().to_string(), &text).map_err(|error| error.to_string())?;
        collect_reasons(&scenario.steps, &mut reasons);
    }
    let modelled = CHAIN.iter().filter(|plugin| plugin.run.is_some()).map(|plugin| plugin.name);
    let excused = |name: &str| NOT_SHOWN.iter().any(|(plugin, _)| *plugin == name);
    let wrong: Vec<&str> = modelled.filter(|name| reasons.contains(*name) == excused(name)).collect();
    match wrong.is_empty() {
        true => Ok(()),
        false => {
            Err(format!("plugins without a scenario, or excused although they have one: {wrong:?}").into())
        }
    }
}

fn collect_reasons(steps: &[Step], reasons: &mut BTreeSet<String>) {
    for step in steps {
        reasons.extend(step.fields.because.clone());
        collect_reasons(step.fields.what_if.as_deref().unwrap_or_default(), reasons);
    }
}

fn name(path: &Path) -> String {
    snapshot::name(&path.display().to_string())
}

/// Collects the objects of a schema that do not say what other fields there may be.
fn says_of_others(schema: &serde_json::Value, at: &str, open: &mut Vec<String>) {
    let is_object =
        schema["type"] == "object" || schema.get("properties").is_some_and(|of| of.get("type").is_none());
    if is_object && schema.get("additionalProperties").is_none() {
        open.push(at.to_owned());
    }
    match schema {
        serde_json::Value::Object(fields) => {
            fields.iter().for_each(|(name, of)| says_of_others(of, &format!("{at}/{name}"), open));
        }
        serde_json::Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, of)| says_of_others(of, &format!("{at}/{index}"), open));
        }
        _ => {}
    }
}

/// What is a scenario keeps to the printed schema, and what `expect` may not be does not.
fn schema_knows_the_forms() -> Result<(), Failed> {
    let printed = Command::new(env!("CARGO_BIN_EXE_kubeverdict")).args(["schema", "scenario"]).output()?;
    let kept = std::fs::read(Path::new(ROOT).join("schema/scenario.json"))?;
    if kept != printed.stdout {
        return Err(
            "schema/scenario.json is another one: `kubeverdict schema scenario > schema/scenario.json`"
                .into(),
        );
    }
    let schema: serde_json::Value = serde_json::from_slice(&printed.stdout)?;
    let mut open = Vec::new();
    says_of_others(&schema, "", &mut open);
    if !open.is_empty() {
        return Err(format!("the schema does not say whether there may be other fields: {open:?}").into());
    }
    let schema = jsonschema::validator_for(&schema).map_err(|error| error.to_string())?;
    for path in scenarios::all() {
        let text = std::fs::read_to_string(&path)?;
        let scenario: serde_json::Value = serde_yaml::from_str(&text)?;
        let wrong: Vec<String> = schema.iter_errors(&scenario).map(|error| error.to_string()).collect();
        if !wrong.is_empty() {
            return Err(format!("{}: {wrong:?}", path.display()).into());
        }
    }
    for (fits, expect) in [
        (true, "403"),
        (true, "{exit: 1}"),
        (true, "{code: 409, exit: 1}"),
        (true, "[201, {code: 422, reason: Invalid}]"),
        (true, "{\"1.20\": 403, \"1.24..1.36\": [201, 403]}"),
        (false, "1"),
        (false, "{}"),
        (false, "[]"),
        (false, "{exit: 403}"),
        (false, "{cod: 403}"),
        (false, "{\"1.20\": {\"1.24\": 403}}"),
        (false, "\"403\""),
    ] {
        let text = format!("{{scenario: a, about: a, steps: [{{run: a, expect: {expect}}}]}}");
        let scenario: serde_json::Value = serde_yaml::from_str(&text)?;
        let read = load::parse("a.yaml", &text);
        // That a release lacks its entry is told after the forms.
        let told = read.as_ref().err().is_some_and(|error| !error.message.contains("says nothing of"));
        if (schema.is_valid(&scenario), !told) != (fits, fits) {
            return Err(format!("{expect}: {read:?}").into());
        }
    }
    Ok(())
}

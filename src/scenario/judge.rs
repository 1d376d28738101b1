//! Whether a step came to what its file says: what is expected, and that nothing fails unless that is expected.

use super::format::{Expected, Wanted};
use super::report::{StepReport, StepResult};
use crate::clients::End;
use crate::json::Value;

/// Where a step is not as it expects itself to be.
pub(super) fn failures(report: &StepReport, wanted: Option<&Wanted>, because: Option<&str>) -> Vec<String> {
    let mut failures = Vec::new();
    let result = report.result();
    match wanted {
        Some(Wanted::One(expected)) => differs(report, expected, result, &mut failures),
        Some(Wanted::Each(each)) => of_each(report, each, &mut failures),
        // Whoever is named may have refused it.
        None if because.is_some() && result.code.is_some_and(|code| code >= 400) => {}
        None => unexpected(report, &Expected::default(), result, &mut failures),
    }
    if let Some(because) = because {
        let deciding = report.deciding();
        if !deciding.is_some_and(|request| request.trace.is_because_of(because)) {
            let got = deciding.map_or("", |request| request.because.as_str());
            failures.push(format!("because: expected {because}, got {got}"));
        }
    }
    failures
}

/// What is expected of each object.
fn of_each(report: &StepReport, each: &[Expected], failures: &mut Vec<String>) {
    let result = |end: &End| {
        let code = end.request.and_then(|at| report.requests.get(at)).map(|request| request.code);
        StepResult { exit: report.output.as_ref().map(|_| i32::from(end.failed)), request: end.request, code }
    };
    let results: Vec<StepResult> = report.ends.iter().map(result).collect();
    if results.len() != each.len() {
        let told =
            |result: &StepResult| result.code.map_or_else(|| "none".to_owned(), |code| code.to_string());
        let codes: Vec<String> = results.iter().map(told).collect();
        failures.push(format!(
            "objects: expected {}, got {} ({})",
            each.len(),
            results.len(),
            codes.join(", ")
        ));
    }
    for (index, (expected, result)) in each.iter().zip(results).enumerate() {
        let mut of_one = Vec::new();
        differs(report, expected, result, &mut of_one);
        failures.extend(of_one.into_iter().map(|failure| format!("object {}: {failure}", index + 1)));
    }
}

fn differs(report: &StepReport, expected: &Expected, result: StepResult, failures: &mut Vec<String>) {
    let deciding = result.request.and_then(|at| report.requests.get(at));
    let none = || "none".to_owned();
    let mut compare = |what: &str, want: String, got: String| {
        if want != got {
            failures.push(format!("{what}: expected {want}, got {got}"));
        }
    };
    if let Some(code) = expected.code {
        compare("code", code.to_string(), result.code.map_or_else(none, |code| code.to_string()));
    }
    if let Some(reason) = &expected.reason {
        compare("reason", reason.clone(), deciding.map_or_else(none, |request| request.reason.clone()));
    }
    if let Some(exit) = expected.exit {
        compare("exit", exit.to_string(), result.exit.map_or_else(none, |exit| exit.to_string()));
    }
    let mut held = |what: &str, part: &Option<String>, whole: String| {
        if let Some(part) = part.as_ref().filter(|part| !whole.contains(part.as_str())) {
            failures.push(format!("{what}: expected `{part}` in `{}`", whole.trim_end()));
        }
    };
    held("message", &expected.message, deciding.map(|request| request.message.clone()).unwrap_or_default());
    let printed = report.output.as_ref().map(|output| format!("{}{}", output.stdout, output.stderr));
    held("output", &expected.prints, printed.unwrap_or_default());
    for (path, want) in &expected.answer {
        let got = deciding.map_or(&Value::Null, |request| request.field(path));
        if got != want {
            failures.push(format!("answer: expected {want} at `{path}`, got {got}"));
        }
    }
    // That another code was expected is told already.
    if expected.code.is_none_or(|code| Some(code) == result.code) {
        unexpected(report, expected, result, failures);
    }
}

/// That something failed of which nothing is said.
fn unexpected(report: &StepReport, expected: &Expected, result: StepResult, failures: &mut Vec<String>) {
    let exit = result.exit.filter(|exit| *exit != 0);
    let code = result.code.filter(|code| *code >= 400);
    let told = match (exit, code) {
        (None, None) => return,
        // A command may succeed and show a refusal, as curl does.
        (None, Some(_)) => expected.is_of_failure(),
        (Some(_), _) => expected.is_of_failure() || expected.exit.is_some(),
    };
    if told {
        return;
    }
    let deciding = result.request.and_then(|at| report.requests.get(at));
    let said = report.output.as_ref().and_then(|output| output.stderr.lines().find(|line| !line.is_empty()));
    let said = said.or(deciding.map(|request| request.message.as_str()));
    let said = said.filter(|said| !said.is_empty()).map(|said| format!(": {said}")).unwrap_or_default();
    failures.push(match (exit, code) {
        (_, Some(code)) => format!("the answer is {code}{said}; if it should be, write `expect: {code}`"),
        (exit, None) => {
            let exit = exit.unwrap_or_default();
            format!("it fails with exit code {exit}{said}; if it should, write `expect: {{exit: {exit}}}`")
        }
    });
}

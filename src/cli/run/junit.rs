//! `--junit`: what came of the scenarios, for whoever reads JUnit's XML (Jenkins, GitHub, GitLab).
//!
//! Nobody owns that format; what is written keeps to the narrowest schema of it that is public, `junit-10.xsd` of Jenkins' xUnit
//! plugin. A scenario is a test case, its file the class. Times are left out: those of a scenario are virtual.

use super::super::out::safe;
use super::outcome::{Failure, Outcome};
use crate::error::Error;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};
use std::io;

/// The file's text.
pub(super) fn text(outcomes: &[Outcome]) -> Result<String, Error> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    write(&mut writer, outcomes).map_err(Error::of)?;
    Ok(String::from_utf8_lossy(&writer.into_inner()).into_owned() + "\n")
}

fn write(writer: &mut Writer<Vec<u8>>, outcomes: &[Outcome]) -> io::Result<()> {
    let count = |wanted: &dyn Fn(&Outcome) -> bool| outcomes.iter().filter(|o| wanted(o)).count().to_string();
    let errors = count(&|outcome| outcome.error.is_some());
    let failures = count(&|outcome| !outcome.passed() && outcome.error.is_none());
    let tests = outcomes.len().to_string();
    let counts = [("tests", tests.as_str()), ("failures", failures.as_str()), ("errors", errors.as_str())];
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let suites = writer.create_element("testsuites").with_attributes(counts);
    suites.write_inner_content(|writer| {
        let suite = writer.create_element("testsuite");
        let suite = suite.with_attribute(("name", "kubeverdict")).with_attributes(counts);
        suite.write_inner_content(|writer| outcomes.iter().try_for_each(|outcome| case(writer, outcome)))?;
        Ok(())
    })?;
    Ok(())
}

fn case(writer: &mut Writer<Vec<u8>>, outcome: &Outcome) -> io::Result<()> {
    let (name, path) = (shown(&outcome.name), shown(&outcome.path));
    let case = writer.create_element("testcase");
    let case = case.with_attributes([("name", name.as_str()), ("classname", path.as_str())]);
    let [first, ..] = outcome.failures.as_slice() else {
        case.write_empty()?;
        return Ok(());
    };
    let told = |failure: &Failure| {
        let details = failure.details.iter().map(|line| format!("\n    {line}"));
        format!("{failure}{}", details.collect::<String>())
    };
    let all: Vec<String> = outcome.failures.iter().map(told).collect();
    case.write_inner_content(|writer| {
        let element = if outcome.error.is_some() { "error" } else { "failure" };
        let message = shown(&first.to_string());
        let failure = writer.create_element(element).with_attribute(("message", message.as_str()));
        // Readers show the first failure of a case, so there is one that tells all.
        failure.write_text_content(BytesText::new(&shown(&all.join("\n"))))?;
        Ok(())
    })?;
    Ok(())
}

/// A text as XML may hold it: with escapes in place of control characters, and without what stands for no character.
fn shown(text: &str) -> String {
    safe(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

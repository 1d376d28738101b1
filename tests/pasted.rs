//! Each 403 that a real server was recorded to give, pasted as a question.

use kubeverdict::api::{Attributes, RequestInfo, refusal};
use kubeverdict::question::{Question, Refused, refused};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;

/// The refusals of all records: what was asked for, and the message.
fn recorded() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let folders = fs::read_dir("tests/conformance").expect("the records").filter_map(Result::ok);
    for folder in folders.filter(|folder| folder.path().is_dir()) {
        for file in fs::read_dir(folder.path()).expect("a release").filter_map(Result::ok) {
            let text = fs::read_to_string(file.path()).expect("a record");
            let steps = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            for step in steps.filter(|step| step["answer"]["code"] == 403) {
                let message = step["answer"]["status"]["message"].as_str().unwrap_or_default();
                found.push((step["do"].as_str().unwrap_or_default().to_owned(), message.to_owned()));
            }
        }
    }
    found
}

#[test]
fn the_question_of_a_refusal_comes_back() {
    let mut questions = 0;
    let mut others: BTreeMap<&str, usize> = BTreeMap::new();
    for (asked, message) in recorded().into_iter().filter(|(_, message)| !message.is_empty()) {
        match refused(&message) {
            Some(Refused::Access(question)) => {
                let Question { user, info } = *question;
                let user = user.expect("somebody");
                questions += 1;
                // What was read is written as the server wrote it, but for the authorizers' reason behind it.
                let written = refusal(&Attributes { user, info: info.clone() }, "").status.body();
                let written = written["message"].as_str().unwrap_or_default();
                assert!(message.starts_with(written), "{message}\n{written}");
                // A record that is another release's with other answers does not repeat what was asked.
                let Some((method, target)) = asked.split_once(' ') else { continue };
                let sent = RequestInfo::parse(method, target);
                if !target.contains("${") && sent.verb == info.verb && sent.resource == info.resource {
                    let what = |info: &RequestInfo| {
                        [&info.group, &info.subresource, &info.namespace].map(String::clone)
                    };
                    assert_eq!(what(&sent), what(&info), "{asked}: {message}");
                }
            }
            Some(Refused::Otherwise { by, .. }) => {
                assert!(!message.contains(" cannot ") || !message.contains("User \""), "{message}");
                *others.entry(by).or_default() += 1;
            }
            None => panic!("{message}"),
        }
    }
    assert!(questions > 1_000, "{questions}");
    // A plugin that nothing in the message tells may be one that nobody has heard of.
    let unknown = others.remove("an admission plugin").unwrap_or_default();
    let known: usize = others.values().sum();
    assert!(known > 20 * unknown, "{unknown} of {known}: {others:?}");
    for by in [
        "Pod Security",
        "ResourceQuota",
        "the check of escalation",
        "MutatingAdmissionPolicy",
        "ServiceAccount",
        "NodeRestriction",
    ] {
        assert!(others.contains_key(by), "{by}: {others:?}");
    }
}

//! Goal: `run` in CI tells what failed where CI looks: on the terminal, in JUnit's XML, in TAP, beside the line on GitHub.
//! Method: a folder of two scenarios, one of which is wrong twice, and what each reader gets of it.

#[path = "support/files.rs"]
mod files;

use files::folder;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::path::Path;
use std::process::Command;

const GOOD: &str = "\
scenario: alice may not
steps:
- {as: alice, run: kubectl get pods, expect: 403, because: RBAC}
";

/// With what has to be escaped somewhere.
const BAD: &str = "\
scenario: 'bob, 100%: \"<&>\"'
steps:
- kubectl create namespace dev
- {as: bob, run: kubectl get pods -n dev, expect: 200}
- {as: bob, run: kubectl get pods, expect: {exit: 1, message: 'a # \\ \"<'}}
";

/// Runs a line in a folder; exit code, standard output, standard error.
fn kubeverdict(folder: &Path, line: &str, github: bool) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kubeverdict"));
    command.args(line.split(' ')).current_dir(folder).env_remove("GITHUB_ACTIONS");
    if github {
        command.env("GITHUB_ACTIONS", "true");
    }
    let output = command.output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().expect("it ended"), text(&output.stdout), text(&output.stderr))
}

/// The two in a folder, which is gone afterwards.
fn with_both(name: &str, check: impl Fn(&Path)) {
    let folder = folder(name, &[("scenarios/a/good.yaml", GOOD), ("scenarios/bad.yaml", BAD)]);
    check(&folder);
    std::fs::remove_dir_all(folder).expect("it was made");
}

#[test]
fn a_terminal_shows_what_failed_and_not_much_else() {
    with_both("terminal", |folder| {
        let (code, out, err) = kubeverdict(folder, "run", false);
        assert_eq!((code, err.as_str()), (1, ""), "{out}");
        let lines: Vec<&str> = out.lines().collect();
        assert!(lines.len() < 25, "{out}");
        assert_eq!(lines[0], "pass scenarios/a/good.yaml · Kubernetes 1.36 · 1 step · no snapshot");
        assert_eq!(lines[1], "FAIL scenarios/bad.yaml · Kubernetes 1.36 · 3 steps · no snapshot");
        assert_eq!(lines[3], lines[1], "what failed is repeated");
        assert_eq!(lines[4], "  step 2 (line 4): code: expected 200, got 403");
        assert_eq!(lines[5], "      bob: kubectl get pods -n dev");
        assert!(out.contains("\n2 scenarios, 4 steps: 1 differs\n"), "{out}");
        let (_, short, _) = kubeverdict(folder, "run -v", false);
        let (_, long, _) = kubeverdict(folder, "run -vv", false);
        assert!(short.contains("decided by") && !short.contains("\"findings\""), "{short}");
        assert!(long.contains("decided by") && long.contains("\"findings\""), "{long}");
        let (code, out, _) = kubeverdict(folder, "run scenarios/a/good.yaml", false);
        assert!(code == 0 && out.contains("\n1 scenario, 1 step: all as expected\n"), "{out}");
    });
}

/// An element of JUnit's XML: the attributes that it must have, those that it may have, and its children.
struct Rule {
    name: &'static str,
    must: &'static [&'static str],
    may: &'static [&'static str],
    children: &'static [&'static str],
    text: bool,
}

/// What `junit-10.xsd` of Jenkins' xUnit plugin says of the elements that are written.
const RULES: &[Rule] = &[
    Rule {
        name: "testsuites",
        must: &[],
        may: &["name", "time", "tests", "failures", "errors"],
        children: &["testsuite"],
        text: false,
    },
    Rule {
        name: "testsuite",
        must: &["name", "tests", "failures", "errors"],
        may: &["group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url"],
        children: &["testsuite", "properties", "testcase", "system-out", "system-err"],
        text: false,
    },
    Rule {
        name: "testcase",
        must: &["name"],
        may: &["time", "classname", "group"],
        children: &["skipped", "error", "failure", "system-out", "system-err"],
        text: false,
    },
    Rule { name: "failure", must: &[], may: &["type", "message"], children: &[], text: true },
    Rule { name: "error", must: &[], may: &["type", "message"], children: &[], text: true },
];

/// An element's name and its attributes.
type Element = (String, Vec<(String, String)>);

/// Holds a file against the rules; each element with its attributes, in order.
fn valid(xml: &str) -> Result<Vec<Element>, String> {
    let mut reader = Reader::from_str(xml);
    let (mut open, mut seen): (Vec<&Rule>, Vec<_>) = (Vec::new(), Vec::new());
    let mut begin = |open: &[&Rule], start: &BytesStart<'_>| {
        let name = start.name().as_ref().to_owned();
        let rule = RULES.iter().find(|rule| rule.name == name).ok_or(format!("unknown: {name}"))?;
        let allowed = match open.last() {
            Some(parent) => parent.children.contains(&rule.name),
            None => seen.is_empty() && name == "testsuites",
        };
        let attributes: Result<Vec<(String, String)>, String> = start
            .attributes()
            .map(|attribute| {
                let attribute = attribute.map_err(|error| error.to_string())?;
                let key = attribute.key.as_ref().to_owned();
                let value = quick_xml::escape::unescape(&attribute.value);
                Ok((key, value.map_err(|error| error.to_string())?.into_owned()))
            })
            .collect();
        let attributes = attributes?;
        let has = |key: &&str| attributes.iter().any(|(known, _)| known == key);
        let known = |key: &str| rule.must.contains(&key) || rule.may.contains(&key);
        if !allowed || !rule.must.iter().all(has) || !attributes.iter().all(|(key, _)| known(key)) {
            return Err(format!("{name} {attributes:?} below {:?}", open.last().map(|rule| rule.name)));
        }
        seen.push((name, attributes));
        Ok(rule)
    };
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => {
                let rule = begin(&open, &start)?;
                open.push(rule);
            }
            Event::Empty(start) => drop(begin(&open, &start)?),
            Event::End(_) => drop(open.pop()),
            Event::Text(text) => {
                let blank = text.as_ref().trim().is_empty();
                if !blank && !open.last().is_some_and(|rule| rule.text) {
                    return Err(format!("text: {text:?}"));
                }
            }
            Event::Eof => return if open.is_empty() { Ok(seen) } else { Err("it ends early".to_owned()) },
            _ => {}
        }
    }
}

#[test]
fn junit_xml_keeps_to_the_schema() {
    with_both("junit", |folder| {
        assert_eq!(kubeverdict(folder, "run --junit deep/out.xml", false).0, 1);
        let text = std::fs::read_to_string(folder.join("deep/out.xml")).expect("it was written");
        let seen = valid(&text).unwrap_or_else(|why| panic!("{why}\n{text}"));
        let told: Vec<(&str, Option<&str>)> = seen
            .iter()
            .map(|(name, attributes)| {
                let of = |key: &str| attributes.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str());
                (name.as_str(), of("classname").or(of("message")).or(of("failures")))
            })
            .collect();
        assert_eq!(
            told,
            [
                ("testsuites", Some("1")),
                ("testsuite", Some("1")),
                ("testcase", Some("scenarios/a/good.yaml")),
                ("testcase", Some("scenarios/bad.yaml")),
                ("failure", Some("step 2 (line 4): code: expected 200, got 403")),
            ]
        );
        assert_eq!(seen[3].1[0], ("name".to_owned(), "bob, 100%: \"<&>\"".to_owned()));
        assert!(text.contains("step 3 (line 5): message: expected"), "all failures are told: {text}");
    });
}

#[test]
fn junit_xml_is_printed_alone() {
    with_both("printed", |folder| {
        let (code, out, _) = kubeverdict(folder, "run --junit -", false);
        let seen = valid(&out).unwrap_or_else(|why| panic!("{why}\n{out}"));
        assert_eq!((code, seen.len()), (1, 5), "{out}");
        assert!(!folder.join("-").exists());
        let (code, _, err) = kubeverdict(folder, "run --junit - --tap", false);
        assert!(code == 2 && err.contains("one form at a time"), "{err}");
    });
}

#[test]
fn what_the_schema_forbids_is_found() {
    for wrong in [
        "<testsuite name='a' tests='1' failures='0' errors='0'/>",
        "<testsuites><testcase name='a'/></testsuites>",
        "<testsuites><testsuite name='a' tests='1' failures='0'/></testsuites>",
        "<testsuites when='now'/>",
        "<testsuites>text</testsuites>",
        "<testsuites/><testsuites/>",
    ] {
        assert!(valid(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn tap_is_for_who_reads_it() {
    with_both("tap", |folder| {
        let (code, out, _) = kubeverdict(folder, "run --tap", true);
        let lines: Vec<&str> = out.lines().collect();
        assert_eq!(code, 1);
        assert_eq!(
            lines[..5],
            [
                "TAP version 14",
                "1..2",
                "ok 1 - scenarios/a/good.yaml",
                "not ok 2 - scenarios/bad.yaml",
                "  ---"
            ]
        );
        let block: Vec<&str> = lines[5..lines.len() - 1].iter().map(|line| &line[2..]).collect();
        let block: serde_json::Value = serde_yaml::from_str(&block.join("\n")).expect("it is YAML");
        assert_eq!(block["failures"][0]["line"], 4);
        assert_eq!(block["failures"][0]["message"], "step 2 (line 4): code: expected 200, got 403");
        assert_eq!(lines.last(), Some(&"  ..."));
    });
}

#[test]
fn github_shows_failures_beside_their_lines() {
    with_both("github", |folder| {
        let annotated = |github| {
            let (_, out, _) = kubeverdict(folder, "run", github);
            out.lines().filter(|line| line.starts_with("::")).map(str::to_owned).collect::<Vec<_>>()
        };
        assert!(annotated(false).is_empty());
        let annotations = annotated(true);
        assert_eq!(
            annotations[0],
            "::error file=scenarios/bad.yaml,line=4,col=3,title=bob%2C 100%25%3A \"<&>\"%3A step 2 (line 4)::code: \
             expected 200, got 403"
        );
        assert_eq!(annotations.len(), 2, "{annotations:?}");
    });
}

#[test]
fn snapshots_lie_where_their_scenarios_are_at_home() {
    with_both("at-home", |folder| {
        assert_eq!(kubeverdict(folder, "run scenarios/a --accept", false).0, 0);
        let kept = folder.join("snapshots/a__good.snap");
        let snapshot = std::fs::read_to_string(&kept).expect("it was written");
        // From wherever it is named, it is the same scenario.
        let whole = folder.join("scenarios/a/good.yaml").display().to_string();
        for (within, path) in
            [("", "scenarios/a/good.yaml"), ("scenarios/a", "good.yaml"), ("snapshots", &whole)]
        {
            let (code, out, _) = kubeverdict(&folder.join(within), &format!("run {path}"), false);
            assert!(code == 0 && !out.contains("no snapshot"), "{path}: {out}");
        }
        // Where snapshots are kept, one that is missing is missed.
        let (code, out, _) = kubeverdict(folder, "run --filter bad", false);
        assert!(code == 1 && out.contains("  snapshots/bad.snap: there is no snapshot"), "{out}");
        // Of what changed, the words are told; unless there are no snapshots.
        std::fs::write(&kept, snapshot.replace("\"alice\" cannot", "\"ann\" cannot"))
            .expect("it can be written");
        let (code, out, _) = kubeverdict(folder, "run --filter good", false);
        assert_eq!(code, 1);
        assert!(
            out.contains("step 1: … is forbidden: User [-\"ann\"-]{+\"alice\"+} cannot list …\n"),
            "{out}"
        );
        assert_eq!(kubeverdict(folder, "run --filter good --no-snapshots", false).0, 0);
    });
}

#[test]
fn one_that_is_broken_keeps_no_other_from_being_run() {
    let broken = "scenario: c\nsteps:\n- {run: kubectl get pods, expct: 403}\n";
    let nameless = "steps:\n- kubectl get pods\n";
    let files = [
        ("scenarios/a.yaml", broken),
        ("scenarios/b.YAML", nameless),
        ("scenarios/c.yaml", BAD),
        ("scenarios/d.yaml", GOOD),
    ];
    // A pipeline's steps are no scenario's.
    let pipeline = ("scenarios/pipeline.yml", "steps:\n- script: make\n");
    let folder = folder("broken", &[files.as_slice(), &[pipeline]].concat());
    let (code, out, err) = kubeverdict(&folder, "run --junit out.xml", true);
    assert_eq!(code, 2, "{out}{err}");
    for line in [
        "FAIL scenarios/a.yaml · broken",
        "FAIL scenarios/b.YAML · broken",
        "pass scenarios/d.yaml · Kubernetes 1.36 · 1 step · no snapshot",
        "  step 2 (line 4): code: expected 200, got 403",
        "4 scenarios, 4 steps: 1 differs, 2 broken",
        "::error file=scenarios/a.yaml,line=3,col=27,title=scenarios/a.yaml%3A broken (line 3)::steps[0]: unknown key `expct`",
    ] {
        assert!(out.lines().any(|told| told == line), "{line}\n{out}");
    }
    assert!(err.contains("error: scenarios/a.yaml:3:27: steps[0]: unknown key `expct`"), "{err}");
    assert!(err.contains("hint: did you mean `expect`?") && err.contains("`scenario` is missing"), "{err}");
    let text = std::fs::read_to_string(folder.join("out.xml")).expect("it was written");
    let seen = valid(&text).unwrap_or_else(|why| panic!("{why}\n{text}"));
    let of = |wanted: &str| seen.iter().filter(|(name, _)| name == wanted).count();
    assert_eq!((of("testcase"), of("error"), of("failure")), (4, 2, 1), "{text}");
    assert!(text.contains("tests=\"4\" failures=\"1\" errors=\"2\""), "{text}");
    let (code, out, _) = kubeverdict(&folder, "run --tap", false);
    assert!(code == 2 && out.contains("\nnot ok 1 - scenarios/a.yaml\n"), "{out}");
    assert!(out.contains("\nok 4 - scenarios/d.yaml"), "{out}");
    // Where one is wanted, the first of several is not taken for it.
    let (code, _, err) = kubeverdict(&folder, "explain scenarios 1 --seed 0", false);
    assert!(code == 2 && err.contains("unknown key"), "{err}");
    std::fs::remove_dir_all(folder).expect("it was made");
}

#[test]
fn a_snapshot_is_of_one_scenario_however_its_lines_end() {
    let folder = folder("one-snapshot", &[("scenarios/a/x.yaml", GOOD), ("scenarios/b.yaml", GOOD)]);
    assert_eq!(kubeverdict(&folder, "run --accept", false).0, 0);
    let kept = folder.join("snapshots/b.snap");
    let text = std::fs::read_to_string(&kept).expect("it was written");
    std::fs::write(&kept, text.replace('\n', "\r\n")).expect("it can be written");
    let (code, out, _) = kubeverdict(&folder, "run", false);
    assert_eq!(code, 0, "{out}");
    let (code, _, err) = kubeverdict(&folder, "explain scenarios 1", false);
    assert!(code == 2 && err.contains("one of them: scenarios/a/x.yaml, scenarios/b.yaml"), "{err}");
    std::fs::write(folder.join("scenarios/a__x.yaml"), BAD).expect("it can be written");
    let (code, _, err) = kubeverdict(&folder, "run --accept", false);
    assert!(code == 2 && err.contains("its snapshot would be `a__x.snap`, as that of"), "{err}");
    assert_eq!(kubeverdict(&folder, "run --no-snapshots", false).0, 1);
    std::fs::remove_dir_all(folder).expect("it was made");
}

#[test]
fn a_book_replaces_its_own_files_and_tells_what_fails() {
    with_both("book-in-ci", |folder| {
        let (code, out, err) = kubeverdict(folder, "book out scenarios/a/good.yaml", false);
        assert!(code == 0 && out.starts_with("1 scenario, "), "{out}{err}");
        let (code, _, err) = kubeverdict(folder, "book out", false);
        assert!(code == 1 && err.contains("not as expected") && err.contains("scenarios/bad.yaml"), "{err}");
        let own = folder.join("out/assets/notes.txt");
        std::fs::write(&own, "mine").expect("it can be written");
        let (code, _, err) = kubeverdict(folder, "book out", false);
        assert!(
            code == 2 && err.contains("`assets/notes.txt` in this folder is no file of the book's"),
            "{err}"
        );
        assert_eq!(std::fs::read_to_string(own).expect("it is there"), "mine");
    });
}

//! Goal: a folder with a kustomization comes to what stock kubectl 1.37.1 makes of it, byte for byte, errors and warnings too.
//! Method: the cases in `tests/kustomize`, each with its files, its commands and what stock kubectl answered
//! (`tests/kustomize.sh` asks again), built by our kubectl from the same files.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kubeverdict::api::{Request, Response, Version};
use kubeverdict::clients::kubectl::{Session, kubectl};
use kubeverdict::clients::{Client, Files, NO_SUCH_FILE, Unknown};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A client that nobody may use: a build asks no server.
struct NoServer;

impl Client for NoServer {
    fn send(&mut self, request: Request) -> Response {
        panic!("a build asks no server, and this one asked {request:?}")
    }

    fn who(&self) -> &str {
        "admin"
    }

    fn sent(&self) -> usize {
        0
    }

    fn advance(&mut self, _: Duration) {}

    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH
    }

    fn version(&self) -> Version {
        Version::NEWEST
    }
}

/// The files of a case, by path.
#[derive(Default)]
struct Folder(BTreeMap<String, Vec<u8>>);

impl Files for Folder {
    fn read(&self, path: &str) -> Result<String, String> {
        String::from_utf8(self.bytes(path)?).map_err(|error| error.to_string())
    }

    fn bytes(&self, path: &str) -> Result<Vec<u8>, String> {
        self.0.get(path).cloned().ok_or_else(|| NO_SUCH_FILE.to_owned())
    }

    fn names(&self, folder: &str) -> Option<Result<Vec<String>, String>> {
        let below = if folder == "." { String::new() } else { format!("{folder}/") };
        let inside = self.0.keys().filter_map(|path| path.strip_prefix(&below)?.split('/').next());
        let names: BTreeSet<String> = inside.map(str::to_owned).collect();
        (!names.is_empty()).then(|| Ok(names.into_iter().collect()))
    }
}

/// A command, and what is written behind it.
struct Asked {
    command: String,
    answer: String,
}

fn read(text: &str) -> (Folder, Vec<Asked>) {
    let (mut files, mut asked) = (Folder::default(), Vec::<Asked>::new());
    let mut file: Option<String> = None;
    for line in text.split_inclusive('\n') {
        if let Some(command) = line.strip_prefix("$ ") {
            asked.push(Asked { command: command.trim_end().to_owned(), answer: String::new() });
        } else if let Some(asked) = asked.last_mut() {
            asked.answer.push_str(line);
        } else if let Some(path) = line.strip_prefix("--> ") {
            file = Some(path.trim_end().to_owned());
            files.0.insert(path.trim_end().to_owned(), Vec::new());
        } else if let Some(path) = &file {
            files.0.entry(path.clone()).or_default().extend(line.bytes());
        }
    }
    let encoded: Vec<String> = files.0.keys().filter(|path| path.ends_with(".base64")).cloned().collect();
    for path in encoded {
        let text = String::from_utf8(files.0.remove(&path).expect("it is there")).expect("it is text");
        let bytes = STANDARD.decode(text.trim()).expect("it is base64");
        files.0.insert(path.trim_end_matches(".base64").to_owned(), bytes);
    }
    (files, asked)
}

/// What our kubectl answers, written as in the cases.
fn answer(files: &Folder, command: &str) -> String {
    let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
    let output = kubectl(&words, Session { client: &mut NoServer, files, stdin: "" });
    let errors: String = output.stderr.lines().map(|line| format!("! {line}\n")).collect();
    format!("= {}\n{}{errors}", output.exit, output.stdout)
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kustomize");
    let entries = std::fs::read_dir(folder).expect("the cases are there").flatten();
    let mut cases: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    cases.sort();
    cases
}

#[test]
fn folders_come_to_what_stock_kubectl_makes_of_them() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for case in cases() {
        let text = std::fs::read_to_string(&case).expect("a case is text");
        let (files, asked) = read(&text);
        assert!(!asked.is_empty(), "{} asks nothing", case.display());
        for Asked { command, answer: want } in asked {
            count += 1;
            let got = answer(&files, &command);
            if got != want {
                let name = case.file_stem().unwrap_or_default().to_string_lossy().into_owned();
                let diff = similar::TextDiff::from_lines(&want, &got);
                let diff = diff.unified_diff().header("stock", "ours").to_string();
                wrong.push(format!("{name}: $ {command}\n{diff}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {count} differ:\n\n{}", wrong.len(), wrong.join("\n"));
    assert!(count > 300, "only {count} were asked");
}

/// Runs a command in a folder with one kustomization.
fn of(kustomization: &str, command: &str) -> kubeverdict::clients::Output {
    let files = Folder([("a/kustomization.yaml".to_owned(), kustomization.as_bytes().to_vec())].into());
    let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
    kubectl(&words, Session { client: &mut NoServer, files: &files, stdin: "" })
}

#[test]
fn what_is_not_modelled_is_named_with_its_line() {
    for (kustomization, command, want) in [
        (
            "namespace: x\nreplacements: [{}]\n",
            "kustomize a",
            "error: a/kustomization.yaml:2: `replacements` of a kustomization is not modelled\n",
        ),
        (
            "resources: ['https://example.com/x.yaml']\n",
            "kustomize a",
            "error: accumulating resources: accumulation err='accumulating resources from 'https://example.com/x.yaml': nothing is fetched from elsewhere here: keep what is at \"https://example.com/x.yaml\" in a folder beside the scenario': nothing is fetched from elsewhere here: keep what is at \"https://example.com/x.yaml\" in a folder beside the scenario\n",
        ),
        (
            "namespace: x\n",
            "kustomize github.com/a/b",
            "error: nothing is fetched from elsewhere here: keep what is at \"github.com/a/b\" in a folder beside the scenario\n",
        ),
        (
            "namespace: x\n",
            "kustomize a --enable-helm",
            "error: kubectl kustomize --enable-helm is not modelled\n",
        ),
        ("namespace: x\n", "apply -k a -R", "error: the -k flag can't be used with -f or -R\n"),
        ("namespace: x\n", "apply -k a", "error: no objects passed to apply\n"),
        (
            "namespace: x\n",
            "apply -k b",
            "error: must build at directory: not a valid directory: evalsymlink failure on 'b' : lstat b: no such file or directory\n",
        ),
    ] {
        let output = of(kustomization, command);
        assert_eq!((output.exit, output.stderr.as_str()), (1, want), "{command}");
    }
}

#[test]
fn a_field_that_kustomize_does_not_know_is_told_with_those_that_it_does() {
    let output = of("resources: []\nnamespce: x\n", "apply -k a");
    assert_eq!(output.stderr, "error: invalid Kustomization: json: unknown field \"namespce\"\n");
    let Some(Unknown::Field { name, at, known }) = output.unknown else { panic!("it is told") };
    assert_eq!((name.as_str(), at.as_str()), ("namespce", "a/kustomization.yaml:2"));
    assert!(known.contains(&"namespace"), "{known:?}");
}

#[test]
fn what_doubles_with_each_folder_ends() {
    let folder = |at: usize| match at {
        20 => "namePrefix: a-\n".to_owned(),
        at => format!("resources: [../k{0}, ../k{0}]\n", at + 1),
    };
    let files = (0..=20).map(|at| (format!("k{at}/kustomization.yaml"), folder(at).into_bytes())).collect();
    let words = ["kustomize", "k0"].map(str::to_owned);
    let output = kubectl(&words, Session { client: &mut NoServer, files: &Folder(files), stdin: "" });
    assert_eq!(output.exit, 1);
    assert!(output.stderr.contains("more than 1000, the limit KUSTOMIZATIONS"), "{}", output.stderr);
}

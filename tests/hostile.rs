//! Goal: whatever a stranger's file holds, the program ends soon, in little memory, with an exit code and a message that says
//! what is too much; no panic, nothing left behind, nothing told of the machine.
//! Method: one file an input. tests/hostile/files/ has what the command line is given, and beside it what it must end with.
//! Inputs are harmless: small, and just over a limit; what can't be kept in a repository (links, FIFOs, long repetitions) is
//! said there and made here. Another folder beside it is for another door (HTTP), and another function here.
//! With `KUBEVERDICT_STRACE=1` each runs under `strace`, and opens nothing but what its person named and what lies in the
//! root, makes no socket (but for a server's own) and starts nothing.

#[path = "support/traced.rs"]
mod traced;

use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long an input may take; two seconds of a release build.
const TIME: Duration = Duration::from_secs(5);
/// How much memory it may take, in KiB.
const MEMORY: u64 = 256 << 10;

/// An input, and what it must end with.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// The command line.
    run: Vec<String>,
    /// What lies in the folder where it runs.
    #[serde(default)]
    files: BTreeMap<String, Made>,
    /// The name of the file that is its standard input.
    stdin: Option<String>,
    /// Where its standard output goes, unless it is read.
    to: Option<String>,
    /// After how many milliseconds it is interrupted.
    interrupt: Option<u64>,
    exit: i32,
    /// What is printed.
    #[serde(default)]
    says: Vec<String>,
    /// What is not printed.
    #[serde(default)]
    never: Vec<String>,
    /// What is not there afterwards.
    #[serde(default)]
    absent: Vec<String>,
    /// What is not even opened, though it lies where the program runs: outside of the root.
    #[serde(default)]
    closed: Vec<String>,
}

/// How a file is made.
#[derive(Deserialize)]
#[serde(untagged)]
enum Made {
    Text(String),
    /// Texts after each other.
    Parts(Vec<Part>),
    Other(Other),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Part {
    Text(String),
    /// `#` is the number of the repetition, `@` the one before.
    Repeated {
        repeat: String,
        times: usize,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Other {
    Link(String),
    /// The program that makes it.
    By(String),
    /// So many bytes, none of which is written.
    Size(u64),
    /// So many empty files of that ending.
    Many(usize),
    /// Folders within each other.
    Deep(usize),
}

impl Part {
    fn text(&self) -> String {
        match self {
            Part::Text(text) => text.clone(),
            Part::Repeated { repeat, times } if !repeat.contains(['#', '@']) => repeat.repeat(*times),
            Part::Repeated { repeat, times } => {
                let number =
                    |n: usize| repeat.replace('#', &(n + 1).to_string()).replace('@', &n.to_string());
                (0..*times).map(number).collect()
            }
        }
    }
}

impl Made {
    fn put(&self, path: &Path) -> std::io::Result<()> {
        std::fs::create_dir_all(path.parent().expect("it is in a folder"))?;
        match self {
            Made::Text(text) => std::fs::write(path, text),
            Made::Parts(parts) => std::fs::write(path, parts.iter().map(Part::text).collect::<String>()),
            Made::Other(Other::Link(to)) => symlink(to, path),
            Made::Other(Other::By(program)) => match Command::new(program).arg(path).status()?.success() {
                true => Ok(()),
                false => Err(std::io::Error::other(format!("{program} failed"))),
            },
            Made::Other(Other::Size(bytes)) => File::create(path)?.set_len(*bytes),
            Made::Other(Other::Many(count)) => {
                std::fs::create_dir(path)?;
                (0..*count).try_for_each(|number| File::create(path.join(format!("{number}.yaml"))).map(drop))
            }
            Made::Other(Other::Deep(count)) => {
                std::fs::create_dir_all((0..*count).fold(path.to_owned(), |folder, _| folder.join("d")))
            }
        }
    }
}

fn main() {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile/files");
    let mut trials = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the inputs are there").flatten() {
        let path = entry.path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        trials.push(Trial::test(format!("files/{name}"), move || file(&path)));
    }
    libtest_mimic::run(&arguments, trials).exit();
}

/// A folder that goes with its test.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn file(path: &Path) -> Result<(), Failed> {
    let case: Case = read(path)?;
    let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
    let folder = std::env::temp_dir().join(format!("kubeverdict-hostile-{}-{name}", std::process::id()));
    std::fs::create_dir_all(folder.join("in"))?;
    let folder = Folder(folder);
    let inside = folder.0.join("in");
    for (name, made) in &case.files {
        made.put(&inside.join(name))?;
    }
    let ended = run(&case, &inside)?;
    let Ended { exit, text, took, memory, .. } = &ended;
    let mut wrong = Vec::new();
    if *exit != Some(case.exit) {
        wrong.push(format!("it ends with {exit:?} and not with {}", case.exit));
    }
    wrong.extend(
        case.says.iter().filter(|says| !text.contains(*says)).map(|says| format!("it does not say {says:?}")),
    );
    let never = case.never.iter().map(String::as_str).chain(["panicked", "\u{1b}", "by-kubeverdict"]);
    wrong.extend(never.filter(|never| text.contains(never)).map(|never| format!("it says {never:?}")));
    if *took > TIME {
        wrong.push(format!("it takes {took:?}"));
    }
    if *memory > MEMORY {
        wrong.push(format!("it takes {memory} KiB"));
    }
    if let Some(trace) = &ended.trace {
        let allowed = traced::Allowed { folder: &inside, closed: &case.closed, words: &case.run };
        wrong.extend(allowed.broken_by(trace));
    }
    let left = left_in(&inside)?;
    wrong.extend(left.into_iter().map(|left| format!("{left} stays behind")));
    let there = case.absent.iter().filter(|absent| inside.join(absent).exists());
    wrong.extend(there.map(|there| format!("{there} is there")));
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(format!("{}\n{text}", wrong.join("\n")).into()),
    }
}

fn read(path: &Path) -> Result<Case, Failed> {
    serde_yaml::from_str(&std::fs::read_to_string(path)?).map_err(|error| error.to_string().into())
}

struct Ended {
    exit: Option<i32>,
    text: String,
    took: Duration,
    memory: u64,
    /// What it asked the system for, if that was watched.
    trace: Option<String>,
}

fn run(case: &Case, folder: &Path) -> Result<Ended, Failed> {
    // Into files: a pipe that nobody reads would hold the program up.
    let (out, err) = (folder.with_file_name("out"), folder.with_file_name("err"));
    let stdout = match &case.to {
        Some(to) => File::options().write(true).open(to)?,
        None => File::create(&out)?,
    };
    let stdin = match &case.stdin {
        Some(name) => Stdio::from(File::open(folder.join(name))?),
        None => Stdio::null(),
    };
    let trace = folder.with_file_name("trace");
    // An interrupt would reach strace alone.
    let traced = case.interrupt.is_none() && std::env::var_os("KUBEVERDICT_STRACE").is_some();
    let mut words = if traced { traced::command(&trace) } else { Vec::new() };
    words.push(env!("CARGO_BIN_EXE_kubeverdict").to_owned());
    words.extend(case.run.iter().cloned());
    let began = Instant::now();
    let mut child = Command::new(&words[0])
        .args(&words[1..])
        // cargo's: it would be looked for libraries in.
        .env_remove("LD_LIBRARY_PATH")
        .current_dir(folder)
        .stdin(stdin)
        .stdout(stdout)
        .stderr(File::create(&err)?)
        .spawn()?;
    let (exit, memory) = watch(&mut child, began, case.interrupt)?;
    let took = began.elapsed();
    let read = |path: &Path| String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned();
    Ok(Ended { exit, text: read(&out) + &read(&err), took, memory, trace: traced.then(|| read(&trace)) })
}

/// Waits for a program, with its memory in view; one that goes on for too long is ended.
fn watch(child: &mut Child, began: Instant, interrupt: Option<u64>) -> std::io::Result<(Option<i32>, u64)> {
    let status = format!("/proc/{}/status", child.id());
    let mut memory = 0;
    let mut interrupt = interrupt.map(Duration::from_millis);
    loop {
        if let Some(ended) = child.try_wait()? {
            return Ok((ended.code(), memory));
        }
        let shown = std::fs::read_to_string(&status).unwrap_or_default();
        let line = shown.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        memory = memory.max(peak.unwrap_or_default());
        if interrupt.is_some_and(|after| began.elapsed() > after) {
            interrupt = None;
            Command::new("kill").args(["-INT", &child.id().to_string()]).status()?;
        }
        if began.elapsed() > TIME * 2 || memory > MEMORY * 2 {
            child.kill()?;
            let ended = child.wait()?;
            return Ok((ended.code(), memory));
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// What was written for a while and not taken away.
fn left_in(folder: &Path) -> std::io::Result<Vec<String>> {
    let mut left = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.contains("by-kubeverdict") || name.ends_with(".new") {
            left.push(name);
        }
    }
    Ok(left)
}

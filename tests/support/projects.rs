//! Well-known projects, installed and used at a kubectl: small equivalents of their manifests.
//!
//! A folder a project: `install.yaml` is applied; `good.yaml` are custom resources that are taken, also a second time; each
//! document of `bad.yaml` is refused with the words of its comments `# refused: …`; then `shown.txt`'s lines `$ kubectl …`
//! are typed, and what follows each is its output, masked as a session's is. What a kubectl says is not modelled (the
//! crate's own does) is left out.

use super::session::{self, Typed};
use kubeverdict::clients::Output;
use kubeverdict::clients::shell::{self, Nothing};
use std::fs;

/// What a comment above a bad document starts with.
const REFUSED: &str = "# refused: ";

/// Installs all projects of a folder, one after another; tells what was not as told, and of how many commands.
pub(crate) fn install(folder: &str, typed: &mut dyn Typed) -> Result<(Vec<String>, usize), String> {
    let entries = fs::read_dir(folder).map_err(|error| error.to_string())?;
    let mut projects: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    projects.sort();
    let mut told = Told { typed, differences: Vec::new(), count: 0 };
    for project in projects {
        let read = |name: &str| {
            fs::read_to_string(project.join(name))
                .map_err(|error| format!("{}/{name}: {error}", project.display()))
        };
        let name = project.file_name().unwrap_or_default().to_string_lossy();
        told.passes(&format!("{name}: kubectl apply -f -"), &read("install.yaml")?)?;
        told.passes(
            &format!("{name}: kubectl wait --for=condition=Established crd --all --timeout=30s"),
            "",
        )?;
        let good = read("good.yaml")?;
        told.passes(&format!("{name}: kubectl apply -f -"), &good)?;
        told.passes(&format!("{name}: kubectl apply -f -"), &good)?;
        for bad in read("bad.yaml")?.split("\n---\n") {
            told.refused(&name, bad)?;
        }
        for (line, shown) in transcript(&read("shown.txt")?) {
            told.shows(&format!("{name}: {line}"), shown)?;
        }
    }
    Ok((told.differences, told.count))
}

/// The commands of a transcript, each with its output.
fn transcript(text: &str) -> Vec<(&str, &str)> {
    let commands = text.strip_prefix("$ ").unwrap_or_default().split("\n$ ");
    commands.map(|command| command.split_once('\n').unwrap_or((command, ""))).collect()
}

/// Whoever types, and what was not as told.
struct Told<'a> {
    typed: &'a mut dyn Typed,
    differences: Vec<String>,
    count: usize,
}

impl Told<'_> {
    /// Types a line (`PROJECT: kubectl …`).
    fn typed(&mut self, line: &str, stdin: &str) -> Result<Output, String> {
        self.count += 1;
        let (_, command) = line.split_once(": ").ok_or("a project")?;
        let words = shell::words(command, &Nothing)?;
        let words =
            words.strip_prefix(&["kubectl".to_owned()]).ok_or_else(|| format!("no kubectl: {line}"))?;
        self.typed.kubectl("admin", words, stdin)
    }

    fn differs(&mut self, line: &str, want: &str, got: &Output) {
        let (exit, stdout, stderr) = (got.exit, &got.stdout, &got.stderr);
        self.differences.push(format!("  {line}\n{want}\n  but ended with {exit}:\n{stdout}{stderr}\n"));
    }

    fn passes(&mut self, line: &str, stdin: &str) -> Result<(), String> {
        let got = self.typed(line, stdin)?;
        if got.exit != 0 {
            self.differs(line, "  should pass,", &got);
        }
        Ok(())
    }

    fn refused(&mut self, project: &str, document: &str) -> Result<(), String> {
        let words: Vec<&str> = document.lines().filter_map(|line| line.strip_prefix(REFUSED)).collect();
        let line = format!("{project}: kubectl apply -f -");
        let got = self.typed(&line, document)?;
        if words.is_empty() || got.exit == 0 || words.iter().any(|words| !got.stderr.contains(words)) {
            self.differs(&line, document, &got);
        }
        Ok(())
    }

    fn shows(&mut self, line: &str, shown: &str) -> Result<(), String> {
        let got = self.typed(line, "")?;
        if got.stderr.contains("is not modelled") {
            return Ok(());
        }
        let masked = |text: &str| session::mask(text).trim_end().to_owned();
        if masked(&format!("{}{}", got.stdout, got.stderr)) != masked(shown) {
            self.differs(line, shown, &got);
        }
        Ok(())
    }
}

//! A line typed in a shell: words, quotes, variables and `$(cat FILE)`, and the few commands of a small container.
//!
//! Differs from a shell: everything else of its syntax is refused by name, so that no line means something else here
//! than in a real pod.

use super::curl::curl;
use super::pod::Pod;
use super::{Client, Output, script};
use std::time::Duration;

/// What a line's variables and `$(cat FILE)` stand for.
pub trait Expand {
    /// A variable's value; one that is not set is an error, as nothing can be assigned here: it would be empty.
    fn variable(&self, name: &str) -> Result<String, String>;
    /// A file's text.
    fn cat(&self, path: &str) -> Result<String, String>;
}

/// A line in which nothing is replaced: a person's, at kubectl.
pub struct Nothing;

impl Expand for Nothing {
    fn variable(&self, name: &str) -> Result<String, String> {
        Err(format!("there is no variable `${name}` here: write its value"))
    }
    fn cat(&self, path: &str) -> Result<String, String> {
        Err(format!("there is no file `{path}` to read here"))
    }
}

struct Inside<'a>(&'a dyn Pod);

impl Expand for Inside<'_> {
    fn variable(&self, name: &str) -> Result<String, String> {
        let value = self.0.env().into_iter().find(|(key, _)| key == name);
        value
            .map(|(_, value)| value)
            .ok_or_else(|| format!("there is no variable `${name}` in this container"))
    }
    fn cat(&self, path: &str) -> Result<String, String> {
        // A shell goes on with an empty text when `cat` fails.
        Ok(self.0.file(path).unwrap_or_default())
    }
}

/// The commands that a pod has.
pub const COMMANDS: &[&str] = &[
    "ash", "bash", "cat", "curl", "date", "echo", "env", "false", "hostname", "id", "ls", "printenv", "pwd",
    "sh", "sleep", "true", "whoami",
];

/// The longest `sleep`, in seconds.
const LONGEST: u64 = 3600;

/// What is typed by habit in kubectl's place, and what stands for it here.
pub const ALIAS: (&str, &str) = ("k", "there is no alias: write `kubectl`");

/// Runs a line inside a pod. Requests bring what credentials they have, so that `client` should add none.
///
/// # Errors
///
/// A line that is not modelled is a mistake of who wrote the scenario; the text says which part of it.
pub fn run(line: &str, pod: &dyn Pod, client: &mut dyn Client) -> Result<Output, String> {
    let words = words(line, &Inside(pod))?;
    Ok(exec(&words, pod, client))
}

/// Runs a command's words inside a pod (`kubectl exec … -- WORDS`). `sh -c SCRIPT` is some of them.
pub fn exec(words: &[String], pod: &dyn Pod, client: &mut dyn Client) -> Output {
    let texts: Vec<&str> = words.iter().map(String::as_str).collect();
    match texts.as_slice() {
        [] => Output::default(),
        [shell, "-c", text] if is_shell(shell) => {
            let mut run = |line: &str| {
                run(line, pod, client).unwrap_or_else(|why| Output::failed(2, format!("sh: {why}\n")))
            };
            script::run(text, &mut run)
        }
        // A shell without a line reads from standard input, where nothing stands.
        [shell] if is_shell(shell) => Output::default(),
        [command, arguments @ ..] => match base(command) {
            "curl" => curl(&words[1..], pod, client),
            "cat" => cat(arguments, pod),
            "ls" => ls(arguments, pod),
            "env" | "printenv" => env(arguments, pod),
            "echo" => Output::said(arguments.join(" ") + "\n"),
            "true" | ":" => Output::default(),
            "false" => Output::failed(1, ""),
            "whoami" => Output::said("root\n"),
            "id" => Output::said("uid=0(root) gid=0(root) groups=0(root)\n"),
            "pwd" => Output::said("/\n"),
            "hostname" => env(&["HOSTNAME"], pod),
            "date" => date(arguments, client),
            "sleep" => sleep(arguments, client),
            "tar" => Output::failed(
                127,
                "sh: 1: tar: not found (nothing is copied into a container or out of one: `kubectl cp` is not modelled)\n",
            ),
            other => Output::failed(
                127,
                format!("sh: 1: {other}: not found (commands in a pod are {})\n", COMMANDS.join(", ")),
            ),
        },
    }
}

/// Whether a command is a shell.
pub(crate) fn is_shell(command: &str) -> bool {
    matches!(base(command), "sh" | "bash" | "ash")
}

/// The time; it can't be set, and is written one way.
fn date(arguments: &[&str], client: &dyn Client) -> Output {
    match arguments {
        [] => Output::said(client.now().strftime("%a %b %e %H:%M:%S UTC %Y\n").to_string()),
        [form, ..] if form.starts_with(['+', '-']) => {
            Output::failed(1, format!("date: {form}: not modelled: `date` alone is\n"))
        }
        [text, ..] => Output::failed(1, format!("date: invalid date '{text}'\n")),
    }
}

/// Lets time pass.
fn sleep(arguments: &[&str], client: &mut dyn Client) -> Output {
    let seconds = match arguments {
        [seconds] => seconds.trim_end_matches('s').parse().ok().filter(|seconds| *seconds <= LONGEST),
        _ => None,
    };
    match seconds {
        Some(seconds) => {
            client.advance(Duration::from_secs(seconds));
            Output::default()
        }
        None => Output::failed(1, format!("sleep: whole seconds, {LONGEST} at most, are modelled\n")),
    }
}

fn base(command: &str) -> &str {
    command.rsplit('/').next().unwrap_or(command)
}

fn cat(paths: &[&str], pod: &dyn Pod) -> Output {
    let mut output = Output::default();
    for path in paths {
        match (pod.file(path), pod.directory(path)) {
            (Some(text), _) => output.stdout.push_str(&text),
            (None, Some(_)) => complain(&mut output, format!("cat: {path}: Is a directory")),
            (None, None) => complain(&mut output, format!("cat: {path}: No such file or directory")),
        }
    }
    output
}

fn ls(arguments: &[&str], pod: &dyn Pod) -> Output {
    let mut output = Output::default();
    let paths: Vec<&&str> = arguments.iter().filter(|a| !a.starts_with('-')).collect();
    for path in if paths.is_empty() { vec![&"/"] } else { paths } {
        match (pod.directory(path), pod.file(path)) {
            (Some(names), _) => names.iter().for_each(|n| output.stdout.push_str(&format!("{n}\n"))),
            (None, Some(_)) => output.stdout.push_str(&format!("{path}\n")),
            (None, None) => {
                complain(&mut output, format!("ls: cannot access '{path}': No such file or directory"));
                output.exit = 2;
            }
        }
    }
    output
}

fn env(names: &[&str], pod: &dyn Pod) -> Output {
    let env = pod.env();
    if names.is_empty() {
        return Output::said(env.iter().fold(String::new(), |text, (k, v)| format!("{text}{k}={v}\n")));
    }
    let found: Vec<&(String, String)> = env.iter().filter(|(key, _)| names.contains(&key.as_str())).collect();
    Output {
        exit: i32::from(found.len() < names.len()),
        ..Output::said(found.iter().fold(String::new(), |text, (_, v)| format!("{text}{v}\n")))
    }
}

fn complain(output: &mut Output, text: String) {
    output.exit = 1;
    output.stderr.push_str(&text);
    output.stderr.push('\n');
}

/// Syntax that is refused, with its name.
const REFUSED: &[(char, &str)] = &[
    ('|', "pipes"),
    (';', "several commands in a line"),
    ('&', "`&` and `&&` (quote an `&` in a URL)"),
    ('<', "redirections"),
    ('>', "redirections"),
    ('`', "backticks: write $(cat FILE)"),
    ('(', "subshells"),
    (')', "subshells"),
];

/// Takes a line apart as a shell does.
///
/// # Errors
///
/// Syntax that is not modelled, a quote that is not closed, a variable that is not set: each by name.
pub fn words(line: &str, expand: &dyn Expand) -> Result<Vec<String>, String> {
    let mut scan = Scan {
        chars: line.trim().chars().collect(),
        at: 0,
        expand,
        words: Vec::new(),
        word: None,
        glob: false,
    };
    scan.line()?;
    Ok(scan.words)
}

struct Scan<'a> {
    chars: Vec<char>,
    at: usize,
    expand: &'a dyn Expand,
    words: Vec<String>,
    word: Option<String>,
    /// Whether the word holds a glob character outside quotes.
    glob: bool,
}

impl Scan<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.chars.get(self.at).copied()?;
        self.at += 1;
        Some(c)
    }

    fn push(&mut self, text: &str) {
        self.word.get_or_insert_default().push_str(text);
    }

    fn end_word(&mut self) -> Result<(), String> {
        let glob = std::mem::take(&mut self.glob);
        let Some(word) = self.word.take() else {
            return Ok(());
        };
        // A pattern that fits no file stays as it is; in a URL or a flag's value none does.
        if glob && !word.contains(['=', '{', ':']) {
            return Err(refuse("file name patterns", &word));
        }
        self.words.push(word);
        Ok(())
    }

    fn line(&mut self) -> Result<(), String> {
        while let Some(c) = self.next() {
            match c {
                ' ' | '\t' => self.end_word()?,
                '\n' => return Err(refuse("several lines", "\n")),
                '\'' => self.single()?,
                '"' => self.double()?,
                '\\' => match self.next() {
                    None | Some('\n') => {}
                    Some(c) => self.push(c.encode_utf8(&mut [0; 4])),
                },
                '$' => {
                    let text = self.dollar()?;
                    self.fields(&text)?;
                }
                '~' if self.word.is_none() => return Err(refuse("home directories", "~")),
                '#' if self.word.is_none() => return Err(refuse("comments", "#")),
                '=' if self.words.is_empty() && self.word.as_deref().is_some_and(is_name) => {
                    return Err(refuse("assignments (each line is a shell of its own)", "="));
                }
                c => {
                    if let Some((_, name)) = REFUSED.iter().find(|(r, _)| *r == c) {
                        return Err(refuse(name, &c.to_string()));
                    }
                    self.glob |= matches!(c, '*' | '?' | '[');
                    self.push(c.encode_utf8(&mut [0; 4]));
                }
            }
        }
        self.end_word()
    }

    fn single(&mut self) -> Result<(), String> {
        self.push("");
        loop {
            match self.next() {
                None => return Err("a single quote is not closed".to_owned()),
                Some('\'') => return Ok(()),
                Some(c) => self.push(c.encode_utf8(&mut [0; 4])),
            }
        }
    }

    fn double(&mut self) -> Result<(), String> {
        self.push("");
        loop {
            match self.next() {
                None => return Err("a double quote is not closed".to_owned()),
                Some('"') => return Ok(()),
                Some('`') => return Err(refuse("backticks: write $(cat FILE)", "`")),
                Some('$') => {
                    let text = self.dollar()?;
                    self.push(&text);
                }
                Some('\\') => match self.next() {
                    Some('\n') => {}
                    Some(c @ ('$' | '`' | '"' | '\\')) => self.push(c.encode_utf8(&mut [0; 4])),
                    Some(c) => self.push(&format!("\\{c}")),
                    None => return Err("a double quote is not closed".to_owned()),
                },
                Some(c) => self.push(c.encode_utf8(&mut [0; 4])),
            }
        }
    }

    /// What stands behind a dollar sign.
    fn dollar(&mut self) -> Result<String, String> {
        match self.chars.get(self.at).copied() {
            Some('(') => {
                let inner = self.between('(', ')')?;
                let inner_words = words(&inner, self.expand)?;
                match inner_words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
                    ["cat", path] => Ok(self.expand.cat(path)?.trim_end_matches('\n').to_owned()),
                    _ => Err(refuse("commands in `$(…)` other than `cat FILE`", &format!("$({inner})"))),
                }
            }
            Some('{') => {
                let name = self.between('{', '}')?;
                match is_name(&name) {
                    true => self.expand.variable(&name),
                    false => Err(refuse("substitutions beyond `${NAME}`", &format!("${{{name}}}"))),
                }
            }
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                let start = self.at;
                let is_part = |c: &char| c.is_ascii_alphanumeric() || *c == '_';
                self.at += self.chars[start..].iter().take_while(|c| is_part(c)).count();
                let name: String = self.chars[start..self.at].iter().collect();
                self.expand.variable(&name)
            }
            Some(c) if c.is_ascii_digit() || "?$!#@*-".contains(c) => {
                Err(refuse("special variables", &format!("${c}")))
            }
            _ => Ok("$".to_owned()),
        }
    }

    /// What stands between two brackets, of which the first is next.
    fn between(&mut self, open: char, close: char) -> Result<String, String> {
        let start = self.at + 1;
        let end = (start..self.chars.len()).find(|&i| self.chars[i] == close);
        let end = end.ok_or_else(|| format!("`${open}` is not closed"))?;
        self.at = end + 1;
        Ok(self.chars[start..end].iter().collect())
    }

    /// What was put in outside quotes is taken apart at its blanks.
    fn fields(&mut self, text: &str) -> Result<(), String> {
        let mut parts = text.split_whitespace().peekable();
        if text.starts_with(char::is_whitespace) {
            self.end_word()?;
        }
        while let Some(part) = parts.next() {
            self.push(part);
            if parts.peek().is_some() || text.ends_with(char::is_whitespace) {
                self.end_word()?;
            }
        }
        Ok(())
    }
}

fn refuse(what: &str, text: &str) -> String {
    format!("not modelled in a shell's line: {what} (`{}`)", text.escape_debug())
}

/// Whether a text may be a variable's name.
pub fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::{Expand, words};

    struct World;

    impl Expand for World {
        fn variable(&self, name: &str) -> Result<String, String> {
            Ok(if name == "A" { "x y" } else { "" }.to_owned())
        }
        fn cat(&self, _: &str) -> Result<String, String> {
            Ok("tok\n".to_owned())
        }
    }

    #[test]
    fn a_line_becomes_words_or_is_refused_by_name() {
        for (line, want) in [
            ("a  'b $A' \"c $A ${A}\"", "a|b $A|c x y x y"),
            ("x $A y$A", "x|x|y|yx|y"),
            (r#"-H "Authorization: Bearer $(cat /f)""#, "-H|Authorization: Bearer tok"),
            (r#"a\ b "q\"\$\n" ''"#, r#"a b|q"$\n|"#),
            ("curl https://h/p?limit=1", "curl|https://h/p?limit=1"),
            ("-o jsonpath={.items[0].x} a=b", "-o|jsonpath={.items[0].x}|a=b"),
            ("a | b", "!pipes"),
            ("a && b", "!`&`"),
            ("a > b", "!redirections"),
            ("echo `b`", "!backticks"),
            ("echo $(date)", "!commands in `$(…)`"),
            ("ls *.txt", "!file name patterns"),
            ("ls ~/x", "!home"),
            ("A=b c", "!assignments"),
            ("a 'b", "!a single quote"),
        ] {
            match (words(line, &World), want.strip_prefix('!')) {
                (Ok(got), None) => assert_eq!(got.join("|"), want, "{line}"),
                (Err(got), Some(part)) => assert!(got.contains(part), "{line}: {got}"),
                (got, _) => panic!("{line}: {got:?}"),
            }
        }
    }
}

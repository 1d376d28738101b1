//! curl's flags.

use super::super::pod::Pod;
use super::Problem;
use std::collections::BTreeMap;

/// What the words ask for.
#[derive(Clone, Debug, Default)]
pub(super) struct Options {
    pub(super) url: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) data: Option<Vec<u8>>,
    /// The other flags by name, with their values.
    given: BTreeMap<&'static str, String>,
}

/// A flag's letter, its name, and whether a value follows.
const FLAGS: &[(char, &str, bool)] = &[
    ('X', "request", true),
    ('H', "header", true),
    ('d', "data", true),
    ('\0', "data-ascii", true),
    ('\0', "data-binary", true),
    ('\0', "data-raw", true),
    ('\0', "json", true),
    ('G', "get", false),
    ('I', "head", false),
    ('k', "insecure", false),
    ('\0', "cacert", true),
    ('E', "cert", true),
    ('\0', "key", true),
    ('\0', "oauth2-bearer", true),
    ('u', "user", true),
    ('A', "user-agent", true),
    ('s', "silent", false),
    ('S', "show-error", false),
    ('i', "include", false),
    ('v', "verbose", false),
    ('f', "fail", false),
    ('o', "output", true),
    ('w', "write-out", true),
    ('\0', "url", true),
    // What changes nothing here.
    ('L', "location", false),
    ('N', "no-buffer", false),
    ('g', "globoff", false),
    ('m', "max-time", true),
    ('4', "ipv4", false),
    ('6', "ipv6", false),
    ('\0', "connect-timeout", true),
    ('\0', "retry", true),
    ('\0', "noproxy", true),
    ('\0', "http1.1", false),
    ('\0', "http2", false),
    ('\0', "tlsv1.2", false),
    ('\0', "compressed", false),
    ('\0', "basic", false),
    ('#', "progress-bar", false),
];

const TRY: &str = "curl: try 'curl --help' or 'curl --manual' for more information\n";

impl Options {
    /// Reads curl's words.
    pub(super) fn parse(words: &[String], pod: &dyn Pod) -> Result<Options, Problem> {
        let mut options = Options::default();
        let mut urls = Vec::new();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if let Some(long) = word.strip_prefix("--") {
                let flag = FLAGS.iter().find(|(_, name, _)| *name == long);
                let (_, name, takes) = flag.ok_or_else(|| unknown(word))?;
                let value = if *takes { words.next().ok_or_else(|| requires(word))? } else { "" };
                options.put(name, value, &mut urls, pod)?;
            } else if word.len() > 1 && word.starts_with('-') {
                let letters = &word[1..];
                for (at, letter) in letters.char_indices() {
                    let flag = FLAGS.iter().find(|(l, _, _)| *l == letter);
                    let (_, name, takes) = flag.ok_or_else(|| unknown(&format!("-{letter}")))?;
                    let rest = &letters[at + letter.len_utf8()..];
                    if !takes {
                        options.put(name, "", &mut urls, pod)?;
                        continue;
                    }
                    let value = match rest {
                        "" => words.next().ok_or_else(|| requires(&format!("-{letter}")))?,
                        rest => rest,
                    };
                    options.put(name, value, &mut urls, pod)?;
                    break;
                }
            } else {
                urls.push(word.clone());
            }
        }
        match urls.as_slice() {
            [url] => options.url.clone_from(url),
            [] => return Err(Problem(2, format!("curl: (2) no URL specified\n{TRY}"))),
            _ => {
                return Err(Problem(2, "curl: only one URL at a time is modelled\n".to_owned()));
            }
        }
        Ok(options)
    }

    /// Whether a flag was given.
    pub(super) fn has(&self, flag: &str) -> bool {
        self.given.contains_key(flag)
    }

    /// The value of a flag; the last one counts.
    pub(super) fn get(&self, flag: &str) -> Option<&str> {
        self.given.get(flag).map(String::as_str)
    }

    /// Whether nothing is told of what goes wrong.
    pub(super) fn hides_errors(&self) -> bool {
        self.has("silent") && !self.has("show-error")
    }

    fn put(
        &mut self,
        name: &'static str,
        value: &str,
        urls: &mut Vec<String>,
        pod: &dyn Pod,
    ) -> Result<(), Problem> {
        match name {
            "header" => {
                let (name, value) = value.split_once(':').unwrap_or((value, ""));
                self.headers.push((name.trim().to_owned(), value.trim().to_owned()));
            }
            "data" | "data-ascii" | "data-binary" | "data-raw" | "json" => self.add_data(name, value, pod)?,
            "url" => urls.push(value.to_owned()),
            name => {
                self.given.insert(name, value.to_owned());
            }
        }
        Ok(())
    }

    fn add_data(&mut self, name: &str, value: &str, pod: &dyn Pod) -> Result<(), Problem> {
        let text = match value.strip_prefix('@').filter(|_| name != "data-raw") {
            None => value.to_owned(),
            Some(path) => {
                let text = pod.file(path);
                let text = text.ok_or_else(|| {
                    Problem(
                        26,
                        format!(
                            "curl: option {}: error encountered when reading a file\n{TRY}",
                            name_of(name)
                        ),
                    )
                })?;
                match name {
                    "data" | "data-ascii" => text.replace(['\n', '\r'], ""),
                    _ => text,
                }
            }
        };
        if name == "json" {
            for header in ["Content-Type", "Accept"] {
                self.headers.push((header.to_owned(), "application/json".to_owned()));
            }
        }
        match &mut self.data {
            Some(data) => {
                data.push(b'&');
                data.extend_from_slice(text.as_bytes());
            }
            None => self.data = Some(text.into_bytes()),
        }
        Ok(())
    }
}

fn name_of(name: &str) -> String {
    if name == "data" { "-d".to_owned() } else { format!("--{name}") }
}

fn unknown(word: &str) -> Problem {
    Problem(2, format!("curl: option {word}: is unknown\n{TRY}"))
}

fn requires(word: &str) -> Problem {
    Problem(2, format!("curl: option {word}: requires parameter\n{TRY}"))
}

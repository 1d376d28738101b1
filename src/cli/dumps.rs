//! Reading manifests and dumps, for every command that takes `-f`.

use super::out::safe;
use super::{hint, note, scenarios, typed};
use crate::api::{RequestInfo, User, Version};
use crate::authorize::rbac;
use crate::error::Error;
use crate::explain::dump::Dump;
use crate::explain::source::{self, Written};
use crate::explain::words;
use crate::files;
use crate::limits::NAMED_BYTES;
use crate::question::{self, Asked, Place, Question, Refused, Unknown};
use std::path::Path;

/// A dump, and what is asked of it by whom.
#[derive(clap::Args)]
pub(super) struct DumpArgs {
    /// Files or folders with the objects of a cluster, YAML or JSON, as `kubectl get -o yaml` prints them; `-` reads standard input
    #[arg(short, long = "filename", value_name = "DUMP")]
    files: Vec<String>,
    /// The namespace that is asked about or told of, and that of objects whose manifests name none
    #[arg(short, long, value_name = "NAMESPACE", requires = "files")]
    namespace: Option<String>,
    /// Ask about or tell of all namespaces; what -n says is the namespace of manifests alone, then
    #[arg(short = 'A', long, requires = "files")]
    all_namespaces: bool,
    /// The release: of the dump, or of those that the scenario is replayed in
    #[arg(long, value_name = "VERSION")]
    pub(super) version: Option<String>,
}

/// Who asks.
#[derive(clap::Args)]
pub(super) struct AsArgs {
    /// Who asks, with -f: a user, or `system:serviceaccount:NAMESPACE:NAME`
    #[arg(long = "as", value_name = "USER", requires = "files")]
    user: Option<String>,
    /// A group of whoever asks, in the place of those that an account has by its name; may be given several times
    #[arg(long = "as-group", value_name = "GROUP", requires = "user")]
    groups: Vec<String>,
}

impl DumpArgs {
    /// Whether no dump is given.
    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The cluster of the dump, which must be given; a namespace that nothing is known to be in is told.
    pub(super) fn cluster(&self) -> Result<Dump, Error> {
        self.as_written().and_then(valid)
    }

    /// The same with roles and bindings that no server stores.
    pub(super) fn as_written(&self) -> Result<Dump, Error> {
        let dump = self.read_all()?;
        let asked = self.namespace().and_then(|namespace| dump.hint_of_namespace(namespace));
        asked.iter().for_each(|told| hint(&words::hint(told)));
        Ok(dump)
    }

    /// The cluster of the dump, which must be given; what was left out or assumed is told.
    pub(super) fn load(&self) -> Result<Dump, Error> {
        self.read_all().and_then(valid)
    }

    fn read_all(&self) -> Result<Dump, Error> {
        if self.is_empty() {
            return Err(Error::new("of which cluster?").hint("give its objects with -f DUMP"));
        }
        let objects = read(&self.files)?.all();
        if objects.is_empty() {
            let error = Error::new("there is no object in these files");
            return Err(error.hint("give manifests, or what `kubectl get -o yaml` prints"));
        }
        as_written(objects, self.version.as_deref(), self.namespace.as_deref())
    }

    /// A question in words, with the flags that belong to it, unless it has its own.
    ///
    /// # Errors
    ///
    /// A file among the words, as a shell leaves them of `-f *.yaml`.
    pub(super) fn question(&self, words: &[String]) -> Result<String, Error> {
        let is_file = |word: &&String| {
            let named = scenarios::ENDINGS.iter().any(|ending| word.ends_with(&format!(".{ending}")));
            named && files::exists(Path::new(word))
        };
        if let Some(file) = words.first().filter(is_file) {
            let why = format!("`{file}` is a file, and no word of a question");
            return Err(Error::new(why)
                .hint("each file has its own -f, as in `-f a.yaml -f b.yaml`; -f also takes their folder"));
        }
        // What a shell held together stays so; the first words may be a line by themselves.
        let words = words.iter().enumerate().map(|(at, word)| match at {
            0 | 1 => word.clone(),
            _ => question::quoted(word),
        });
        let line = words.collect::<Vec<_>>().join(" ");
        if question::says_where(&line) {
            return Ok(line);
        }
        let flags = self.namespace().into_iter().map(|namespace| format!(" -n {namespace}"));
        let flags: String = flags.chain(self.all_namespaces.then(|| " -A".to_owned())).collect();
        Ok(match line.split_once(" -- ").filter(|_| typed::is_line(&line)) {
            Some((line, command)) => format!("{line}{flags} -- {command}"),
            None => line + &flags,
        })
    }

    /// What words ask, where the flags say; what else they may mean is told.
    pub(super) fn read(&self, words: &str, dump: &Dump) -> Result<Question, Error> {
        let Asked { question, hints, .. } = self.asked(words, dump, Unknown::IsWrong)?;
        hints.iter().for_each(|text| hint(text));
        Ok(question)
    }

    /// The same as kubectl reads them, with its warnings.
    pub(super) fn read_as_kubectl(&self, words: &str, dump: &Dump) -> Result<Question, Error> {
        let Asked { question, warnings, hints } = self.asked(words, dump, Unknown::AsItStands)?;
        for text in &warnings {
            eprintln!("Warning: {}\n", safe(text));
        }
        hints.iter().for_each(|text| hint(text));
        Ok(question)
    }

    fn asked(&self, words: &str, dump: &Dump, unknown: Unknown) -> Result<Asked, Error> {
        question::asked(words, dump.cluster.resources(), self.place(), unknown).map_err(Error::new)
    }

    fn place(&self) -> Place<'_> {
        match (&self.namespace, self.all_namespaces) {
            (_, true) => Place::Everywhere,
            (Some(namespace), false) => Place::Namespace(namespace),
            (None, false) => Place::Default,
        }
    }

    /// The one namespace that is asked about or told of; all are if none is named.
    pub(super) fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref().filter(|_| !self.all_namespaces)
    }

    /// Keeps what is in the namespace that is told of; how much is in others, or in none, is told.
    pub(super) fn keep<T>(&self, mut all: Vec<T>, namespace: impl Fn(&T) -> &str) -> Vec<T> {
        let Some(asked) = self.namespace() else { return all };
        let count = all.len();
        all.retain(|one| namespace(one) == asked);
        match count - all.len() {
            0 => {}
            others => note(&format!("{others} more outside of the namespace {asked}, which -A tells, too")),
        }
        all
    }

    /// Whether all namespaces are meant.
    pub(super) fn everywhere(&self) -> bool {
        self.all_namespaces
    }
}

impl AsArgs {
    /// What is asked, and by whom: whoever `--as` names, or the words do.
    /// A line of kubectl's is typed in the dump's cluster; all other words are read.
    pub(super) fn asks(
        &self,
        words: &str,
        dump: &Dump,
        read: impl FnOnce() -> Result<Question, Error>,
    ) -> Result<(User, RequestInfo), Error> {
        AsArgs::asks_for(self.user()?, words, dump, read)
    }

    /// The same of somebody who is named otherwise.
    pub(super) fn asks_for(
        named: Option<User>,
        words: &str,
        dump: &Dump,
        read: impl FnOnce() -> Result<Question, Error>,
    ) -> Result<(User, RequestInfo), Error> {
        let question = match typed::is_line(words) {
            true => typed::read(words, named.as_ref(), dump)?,
            false => read()?,
        };
        AsArgs::by(named, question)
    }

    /// The same with all that a line of kubectl's is refused, one request after the other, and all refusals of a text.
    pub(super) fn asks_all(
        &self,
        words: &str,
        dump: &Dump,
        read: impl FnOnce() -> Result<Question, Error>,
    ) -> Result<Vec<(User, RequestInfo)>, Error> {
        let named = self.user()?;
        if !typed::is_line(words) {
            return match question::refusals(words).as_slice() {
                several @ [_, _, ..] => {
                    several.iter().map(|refused| AsArgs::refused(named.clone(), refused)).collect()
                }
                _ => Ok(vec![AsArgs::asks_for(named, words, dump, read)?]),
            };
        }
        let all = typed::read_all(words, named.as_ref(), dump)?;
        all.into_iter().map(|question| AsArgs::by(named.clone(), question)).collect()
    }

    fn refused(named: Option<User>, refused: &Refused) -> Result<(User, RequestInfo), Error> {
        match refused {
            Refused::Access(question) => AsArgs::by(named, (**question).clone()),
            Refused::Otherwise { by, ask } => Err(Error::new(format!("{by} refused it; {ask}"))),
        }
    }

    /// Who asks, if it is said once.
    fn by(named: Option<User>, question: Question) -> Result<(User, RequestInfo), Error> {
        let user = match (named, question.user) {
            (Some(given), Some(own)) if given.name != own.name => {
                return Err(typed::both(&given.name, &own.name));
            }
            // What a name alone tells of groups gives way to what is said.
            (Some(given), Some(own)) if own == User::named(&own.name) => given,
            (Some(given), Some(own)) if given == User::named(&given.name) => own,
            (Some(mut given), Some(own)) => {
                let lacking = own.groups.into_iter().filter(|group| !given.in_group(group));
                given.groups.extend(lacking.collect::<Vec<_>>());
                given
            }
            (Some(user), None) | (None, Some(user)) => user,
            (None, None) => {
                return Err(Error::new("who asks?")
                    .hint("say it with --as USER, such as --as system:serviceaccount:a:b"));
            }
        };
        Ok((user, question.info))
    }

    fn user(&self) -> Result<Option<User>, Error> {
        let Some(name) = &self.user else { return Ok(None) };
        if name.is_empty() {
            return Err(Error::new("`--as` names nobody").hint("who sends no credential is system:anonymous"));
        }
        warn_of_no_account(name);
        Ok(Some(User::acted_as(name, &self.groups)))
    }
}

/// The cluster of a release that holds those objects; what was left out or assumed is told.
///
/// # Errors
///
/// A role or a binding that no server stores: what it allows is no question.
pub(super) fn load(
    objects: Vec<Written>,
    version: Option<&str>,
    namespace: Option<&str>,
) -> Result<Dump, Error> {
    as_written(objects, version, namespace).and_then(valid)
}

fn valid(dump: Dump) -> Result<Dump, Error> {
    match dump.invalid() {
        Some(error) => Err(error.clone()),
        None => Ok(dump),
    }
}

fn as_written(objects: Vec<Written>, version: Option<&str>, namespace: Option<&str>) -> Result<Dump, Error> {
    let version = match version {
        Some(version) => version.parse::<Version>().map_err(Error::new)?,
        None => Version::DEFAULT,
    };
    if objects.is_empty() {
        note(&format!("there is no object in these files: a fresh cluster of Kubernetes {version} answers"));
    }
    let dump = Dump::new(version, objects, namespace)?;
    dump.notes().iter().for_each(|told| note(told));
    Ok(dump)
}

/// Tells that a name begins as an account's, and that no account can have it.
pub(super) fn warn_of_no_account(name: &str) {
    if rbac::is_no_account(name) {
        super::warn("a service account is called system:serviceaccount:NAMESPACE:NAME; nobody has this name");
    }
}

/// How standard input is called.
pub(super) const STDIN: [&str; 2] = ["-", "/dev/stdin"];

/// Whether a path is standard input.
pub(super) fn is_stdin(path: &str) -> bool {
    STDIN.contains(&path)
}

/// That standard input is named twice.
pub(super) fn twice() -> Error {
    Error::new("standard input is named twice, and read once")
        .hint("the other may be a file, or `<(COMMAND)`")
}

/// What was read.
#[derive(Default)]
pub(super) struct Dumps {
    /// The objects in files, folders and standard input: those of one cluster.
    pub(super) objects: Vec<Written>,
    /// The objects of each scenario, which has a cluster of its own.
    pub(super) scenarios: Vec<Vec<Written>>,
    /// The files in folders that hold none.
    left_out: Vec<String>,
}

/// How a file came to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Somebody named it: it holds objects.
    Named,
    /// It is in a folder that somebody named, and may be something else.
    Below,
}

/// Reads files, folders with all below them, and standard input (`-`).
pub(super) fn read(paths: &[String]) -> Result<Dumps, Error> {
    let mut dumps = Dumps::default();
    if paths.iter().filter(|path| is_stdin(path)).count() > 1 {
        return Err(twice());
    }
    for path in paths {
        if is_stdin(path) {
            let text = files::standard_input().map_err(Error::of_file("standard input"))?;
            dumps.add("standard input", text, Found::Named)?;
            continue;
        }
        let found = if files::is_folder(Path::new(path)) { Found::Below } else { Found::Named };
        for file in scenarios::named(path, &scenarios::ENDINGS, None)? {
            let text = files::given(Path::new(&file), &NAMED_BYTES).map_err(Error::of_file(&file))?;
            dumps.add(&file, text, found)?;
        }
    }
    Ok(dumps)
}

impl Dumps {
    /// Adds the objects of a file.
    pub(super) fn add(&mut self, path: &str, text: String, found: Found) -> Result<(), Error> {
        let again = (found == Found::Below).then(|| text.clone());
        match (self.take(path, text), again) {
            (Err(_), Some(text)) if source::holds_none(path, &text) => self.left_out.push(path.to_owned()),
            (taken, _) => taken?,
        }
        Ok(())
    }

    fn take(&mut self, path: &str, text: String) -> Result<(), Error> {
        match source::of_scenario(path, &text)? {
            Some(scenario) => self.scenarios.push(scenario),
            None => self.objects.extend(source::read(path, text)?),
        }
        Ok(())
    }

    /// Says which files were left out.
    fn tell_left_out(&self) {
        const TOLD: usize = 5;
        let (count, told) = (self.left_out.len(), self.left_out.iter().take(TOLD));
        let told = told.map(String::as_str).collect::<Vec<_>>().join(", ");
        match count {
            0 => {}
            1 => note(&format!("{told} left out: it holds no Kubernetes object")),
            2..=TOLD => note(&format!("{told} left out: they hold no Kubernetes object")),
            _ => note(&format!("{count} files left out that hold no Kubernetes object: {told}, …")),
        }
    }

    /// All objects, whichever cluster they are of; files that hold none are told of.
    pub(super) fn all(self) -> Vec<Written> {
        self.tell_left_out();
        std::iter::once(self.objects).chain(self.scenarios).flatten().collect()
    }

    /// The objects by cluster; files that hold none are told of.
    pub(super) fn clusters(self) -> impl Iterator<Item = Vec<Written>> {
        self.tell_left_out();
        let all = std::iter::once(self.objects).chain(self.scenarios);
        all.filter(|objects| !objects.is_empty())
    }
}

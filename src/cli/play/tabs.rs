//! The tabs: a playground each, at most so many; the one that was silent longest makes room.
//!
//! Each has a thread of its own and a queue of what it is asked, so that whoever asks for much holds up nobody else, neither
//! another tab nor whoever ends the program. How much one ask may come to is the playground's to say
//! ([`PLAYED`](crate::limits::PLAYED)).

use crate::cli::scenarios::Beside;
use crate::cli::stories::{self, Story};
use crate::clients::{Files, NoFiles};
use crate::cluster::{Fresh, Meter};
use crate::error::Error;
use crate::limits::PLAYED;
use crate::play::{Answer, Ask, Playground, World};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::sync::mpsc;
use tokio::sync::oneshot;

/// So many tabs have a cluster.
pub(super) const TABS: usize = 32;
/// How deep a tab's thread may go: as deep as the program's first one.
const STACK: usize = 8 << 20;

/// What a tab begins with.
pub(super) enum Begin {
    /// The first playground.
    Start,
    /// A story in the program.
    Story(Story),
    /// A scenario's file, and what it may read.
    File { path: String, text: String, files: Box<Beside> },
    /// Manifests or a dump.
    Dump { path: String, text: String },
}

/// What a page opens.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Open {
    /// A scenario's text; it may read no file.
    #[serde(default)]
    scenario: Option<String>,
    /// A story in the program.
    #[serde(default)]
    story: Option<String>,
    /// Manifests or a dump.
    #[serde(default)]
    dump: Option<String>,
    /// Nothing but a fresh cluster.
    #[serde(default)]
    empty: bool,
}

/// A story in the program, for the list of them.
#[derive(Serialize)]
pub(super) struct Listed {
    name: &'static str,
    title: &'static str,
}

/// What a page is told that opens a tab.
#[derive(Serialize)]
pub(super) struct Opened {
    tab: u64,
    answer: Answer,
}

/// What a tab is asked, and where the answer goes.
type Job = (Ask, oneshot::Sender<Answer>);

/// A tab that works on its own.
struct Tab {
    jobs: mpsc::Sender<Job>,
    /// What its asks come to.
    meter: Meter,
    /// When it was asked last, counted in asks.
    asked: u64,
}

impl Drop for Tab {
    /// Nobody waits for what it still does.
    fn drop(&mut self) {
        self.meter.stop();
    }
}

/// The tabs.
pub(super) struct Tabs {
    begin: &'static Begin,
    open: RefCell<Kept>,
}

#[derive(Default)]
struct Kept {
    tabs: BTreeMap<u64, Tab>,
    last: u64,
    asks: u64,
    stories: BTreeMap<&'static str, &'static Beside>,
}

static FRESH: LazyLock<Fresh> = LazyLock::new(Fresh::default);

impl Tabs {
    /// No tab yet.
    pub(super) fn new(begin: Begin) -> Tabs {
        // Playgrounds look into the files as long as the program runs.
        Tabs { begin: Box::leak(Box::new(begin)), open: RefCell::default() }
    }

    /// Whether a tab can begin.
    pub(super) fn check(&self) -> Result<(), Error> {
        let (way, files) = self.way(Open::default())?;
        way.playground(World::new(files, &FRESH)).map(drop)
    }

    /// The stories that there are.
    pub(super) fn listed() -> Vec<Listed> {
        let title = |text: &'static str| {
            text.lines().find_map(|line| line.strip_prefix("scenario: ")).unwrap_or_default()
        };
        stories::all().map(|story| Listed { name: story.name, title: title(story.text) }).collect()
    }

    /// Opens a tab; nothing is opened, and nobody makes room, where what is to be opened is wrong.
    pub(super) async fn open(&self, open: Open) -> Opened {
        let refused = |error: Error| Opened { tab: 0, answer: Answer::Refused(error.into()) };
        let begun = self.way(open).and_then(|(way, files)| begin(way, files));
        let (tab, answer) = match begun {
            Ok(begun) => begun,
            Err(error) => return refused(error),
        };
        match answer.await {
            Ok(answer @ Answer::Refused(_)) => Opened { tab: 0, answer },
            Ok(answer) => Opened { tab: self.open.borrow_mut().keep(tab), answer },
            // Its thread is gone.
            Err(_) => {
                refused(Error::new("this is more than kubeverdict can open: where it runs it says why"))
            }
        }
    }

    /// Asks a tab; none where there is no such tab, or no more.
    pub(super) async fn ask(&self, tab: u64, ask: Ask) -> Option<Answer> {
        let answer = self.open.borrow_mut().ask(tab, ask);
        let answer = answer?.await.ok();
        if answer.is_none() {
            self.close(tab);
        }
        answer
    }

    /// Closes a tab.
    pub(super) fn close(&self, tab: u64) {
        self.open.borrow_mut().tabs.remove(&tab);
    }

    /// What becomes of an ask to open something, and the files that it may read.
    fn way(&self, open: Open) -> Result<(Way, &'static (dyn Files + Sync)), Error> {
        let named = |name: &str| {
            let story = stories::all().find(|story| story.name == name);
            let story = story.ok_or_else(|| Error::new(format!("there is no story `{name}`")))?;
            let files: &'static (dyn Files + Sync) = self.open.borrow_mut().beside(story.name);
            Ok((Way::Scenario { path: story.name.into(), text: story.text.into() }, files))
        };
        let own = match open {
            Open { scenario: Some(text), .. } => Way::Scenario { path: "scenario".into(), text: text.into() },
            Open { dump: Some(text), .. } => Way::Dump { path: "dump".into(), text: text.into() },
            Open { story: Some(name), .. } => return named(&name),
            Open { empty: true, .. } => Way::Empty,
            Open { .. } => match self.begin {
                Begin::Start => Way::Start,
                Begin::Dump { path, text } => Way::Dump { path: path.into(), text: text.into() },
                Begin::File { path, text, files } => {
                    return Ok((Way::Scenario { path: path.into(), text: text.into() }, files.as_ref()));
                }
                Begin::Story(story) => return named(story.name),
            },
        };
        Ok((own, &NoFiles))
    }
}

impl Kept {
    /// Keeps a tab: its number.
    fn keep(&mut self, mut tab: Tab) -> u64 {
        while self.tabs.len() >= TABS {
            let silent = self.tabs.iter().min_by_key(|(_, tab)| tab.asked).map(|(id, _)| *id);
            silent.into_iter().for_each(|silent| drop(self.tabs.remove(&silent)));
        }
        self.last += 1;
        self.asks += 1;
        tab.asked = self.asks;
        self.tabs.insert(self.last, tab);
        self.last
    }

    /// Puts an ask into a tab's queue.
    fn ask(&mut self, tab: u64, ask: Ask) -> Option<oneshot::Receiver<Answer>> {
        self.asks += 1;
        let tab = self.tabs.get_mut(&tab)?;
        tab.asked = self.asks;
        let (answer, answered) = oneshot::channel();
        tab.jobs.send((ask, answer)).ok()?;
        Some(answered)
    }

    /// The files of a story: as many as there are stories.
    fn beside(&mut self, story: &'static str) -> &'static Beside {
        let files = self.stories.entry(story);
        files.or_insert_with(|| Box::leak(Box::new(Beside::Story(story.to_owned()))))
    }
}

/// How a playground begins.
enum Way {
    Start,
    Empty,
    Scenario { path: Cow<'static, str>, text: Cow<'static, str> },
    Dump { path: Cow<'static, str>, text: Cow<'static, str> },
}

impl Way {
    fn playground(self, world: World<'static>) -> Result<Playground<'static>, Error> {
        match self {
            Way::Start => Playground::start(world),
            Way::Empty => Playground::empty(world),
            Way::Scenario { path, text } => Playground::open(world, &path, &text),
            Way::Dump { path, text } => Playground::of_dump(world, &path, &text),
        }
    }
}

/// Begins a tab on a thread of its own, and how it is then.
fn begin(way: Way, files: &'static (dyn Files + Sync)) -> Result<(Tab, oneshot::Receiver<Answer>), Error> {
    let meter = Meter::new(PLAYED);
    let (jobs, asked) = mpsc::channel::<Job>();
    let (told, begun) = oneshot::channel();
    let world = (files, meter.clone());
    let work = move || {
        let (files, meter) = world;
        match way.playground(World { files, fresh: &FRESH, meter }) {
            Err(error) => drop(told.send(Answer::Refused(error.into()))),
            Ok(mut playground) => {
                let _ = told.send(playground.ask(Ask::Look));
                for (ask, answer) in asked {
                    let _ = answer.send(playground.ask(ask));
                }
            }
        }
    };
    let thread = std::thread::Builder::new().name("tab".to_owned()).stack_size(STACK).spawn(work);
    let _ = thread.map_err(|error| Error::new(format!("there is no thread for a tab: {error}")))?;
    Ok((Tab { jobs, meter, asked: 0 }, begun))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done<T>(work: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("it is there");
        runtime.block_on(work)
    }

    fn empty() -> Open {
        Open { empty: true, ..Open::default() }
    }

    #[test]
    fn the_tab_that_was_silent_longest_makes_room() {
        let tabs = Tabs::new(Begin::Start);
        done(async {
            for _ in 0..TABS {
                tabs.open(empty()).await;
            }
            assert!(tabs.ask(1, Ask::Look).await.is_some());
            // What is wrong takes nobody's room.
            tabs.open(Open { dump: Some("a: b".to_owned()), ..Open::default() }).await;
            assert_eq!(tabs.open.borrow().tabs.len(), TABS);
            let young = tabs.open(Open::default()).await.tab;
            assert!(tabs.ask(2, Ask::Look).await.is_none(), "it was silent longest");
            assert!(tabs.ask(1, Ask::Look).await.is_some() && tabs.ask(young, Ask::Look).await.is_some());
            tabs.close(young);
            assert!(tabs.ask(young, Ask::Look).await.is_none());
        });
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "how long it takes to stop is what it shows")]
    fn a_tab_that_works_holds_up_no_other() {
        let tabs = Tabs::new(Begin::Start);
        done(async {
            let busy = tabs.open(empty()).await.tab;
            let other = tabs.open(empty()).await.tab;
            let replicas = "kubectl create deployment d --image=nginx --replicas=4000".to_owned();
            let much = tabs.ask(busy, Ask::Type { line: replicas });
            let little = tabs.ask(other, Ask::Look);
            tokio::pin!(much, little);
            // Whichever is answered first; what is asked first is begun first.
            tokio::select! {
                biased;
                _ = &mut much => panic!("four thousand pods come before one look"),
                answer = &mut little => assert!(answer.is_some()),
            }
            // Nobody waits for it: it ends soon, and has no answer.
            let begun = std::time::Instant::now();
            tabs.close(busy);
            let answer = much.await;
            assert!(matches!(answer, None | Some(Answer::Refused(_))), "{answer:?}");
            assert!(begun.elapsed() < std::time::Duration::from_secs(20), "it is stopped");
        });
    }

    #[test]
    fn what_is_wrong_opens_no_tab() {
        let tabs = Tabs::new(Begin::Start);
        for open in [
            Open { scenario: Some("scenario: [".to_owned()), ..Open::default() },
            Open { story: Some("../Cargo".to_owned()), ..Open::default() },
            Open { dump: Some("a: b".to_owned()), ..Open::default() },
        ] {
            let Opened { tab, answer } = done(tabs.open(open));
            assert!(tab == 0 && matches!(answer, Answer::Refused(_)));
        }
        // A stranger's scenario reads no file.
        let text = "scenario: a\nsteps:\n- apply: /etc/hostname\n";
        let opened = done(tabs.open(Open { scenario: Some(text.to_owned()), ..Open::default() }));
        assert!(matches!(opened.answer, Answer::Refused(_)) || opened.tab > 0);
        assert!(!serde_json::to_string(&opened).expect("it is JSON").contains("kind"));
    }

    #[test]
    fn every_story_opens() {
        let tabs = Tabs::new(Begin::Start);
        for Listed { name, title } in Tabs::listed() {
            let opened = done(tabs.open(Open { story: Some(name.to_owned()), ..Open::default() }));
            assert!(
                opened.tab > 0,
                "{name} {title}: {}",
                serde_json::to_string(&opened).expect("it is JSON")
            );
        }
    }
}

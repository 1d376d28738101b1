//! The tabs: a playground each, at most so many; the one that was silent longest makes room.

use crate::cli::scenarios::Beside;
use crate::cli::stories::{self, Story};
use crate::clients::{Files, NoFiles};
use crate::cluster::Fresh;
use crate::error::Error;
use crate::play::{Answer, Ask, Playground, World};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// So many tabs have a cluster.
const TABS: usize = 32;

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

struct Tab {
    playground: Playground<'static>,
    /// When it was asked last, counted in asks.
    asked: u64,
}

/// The tabs.
pub(super) struct Tabs {
    begin: &'static Begin,
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
        let begin = Box::leak(Box::new(begin));
        Tabs { begin, tabs: BTreeMap::new(), last: 0, asks: 0, stories: BTreeMap::new() }
    }

    /// Whether a tab can begin.
    pub(super) fn check(&mut self) -> Result<(), Error> {
        self.begun().map(drop)
    }

    /// The stories that there are.
    pub(super) fn listed() -> Vec<Listed> {
        let title = |text: &'static str| {
            text.lines().find_map(|line| line.strip_prefix("scenario: ")).unwrap_or_default()
        };
        stories::all().map(|story| Listed { name: story.name, title: title(story.text) }).collect()
    }

    /// Opens a tab; nothing is opened where what is to be opened is wrong.
    pub(super) fn open(&mut self, open: Open) -> Opened {
        let playground = match open {
            Open { scenario: Some(text), .. } => Playground::open(world(&NoFiles), "scenario", &text),
            Open { dump: Some(text), .. } => Playground::of_dump(world(&NoFiles), "dump", &text),
            Open { story: Some(name), .. } => self.story(&name),
            Open { empty: true, .. } => Playground::empty(world(&NoFiles)),
            Open { .. } => self.begun(),
        };
        match playground {
            Err(error) => Opened { tab: 0, answer: Answer::Refused(error.into()) },
            Ok(mut playground) => {
                let answer = playground.ask(Ask::Look);
                self.make_room();
                self.last += 1;
                self.asks += 1;
                self.tabs.insert(self.last, Tab { playground, asked: self.asks });
                Opened { tab: self.last, answer }
            }
        }
    }

    /// Asks a tab; none where there is no such tab, or no more.
    pub(super) fn ask(&mut self, tab: u64, ask: Ask) -> Option<Answer> {
        // A tab that panics is gone.
        let mut asked = self.tabs.remove(&tab)?;
        self.asks += 1;
        asked.asked = self.asks;
        let answer = asked.playground.ask(ask);
        self.tabs.insert(tab, asked);
        Some(answer)
    }

    /// Closes a tab.
    pub(super) fn close(&mut self, tab: u64) {
        self.tabs.remove(&tab);
    }

    fn make_room(&mut self) {
        while self.tabs.len() >= TABS {
            let silent = self.tabs.iter().min_by_key(|(_, tab)| tab.asked).map(|(id, _)| *id);
            let Some(silent) = silent else { return };
            self.tabs.remove(&silent);
        }
    }

    fn story(&mut self, name: &str) -> Result<Playground<'static>, Error> {
        let story = stories::all().find(|story| story.name == name);
        let story = story.ok_or_else(|| Error::new(format!("there is no story `{name}`")))?;
        // As many as there are stories.
        let files = self
            .stories
            .entry(story.name)
            .or_insert_with(|| Box::leak(Box::new(Beside::Story(story.name.to_owned()))));
        Playground::open(world(*files), story.name, story.text)
    }

    fn begun(&mut self) -> Result<Playground<'static>, Error> {
        match self.begin {
            Begin::Start => Playground::start(world(&NoFiles)),
            Begin::Dump { path, text } => Playground::of_dump(world(&NoFiles), path, text),
            Begin::File { path, text, files } => Playground::open(world(files.as_ref()), path, text),
            Begin::Story(story) => self.story(story.name),
        }
    }
}

fn world(files: &'static dyn Files) -> World<'static> {
    World { files, fresh: &FRESH }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tab_that_was_silent_longest_makes_room() {
        let mut tabs = Tabs::new(Begin::Start);
        for _ in 0..TABS {
            tabs.open(Open { empty: true, ..Open::default() });
        }
        assert!(tabs.ask(1, Ask::Look).is_some());
        let young = tabs.open(Open::default()).tab;
        assert!(tabs.ask(2, Ask::Look).is_none(), "it was silent longest");
        assert!(tabs.ask(1, Ask::Look).is_some() && tabs.ask(young, Ask::Look).is_some());
        tabs.close(young);
        assert!(tabs.ask(young, Ask::Look).is_none());
    }

    #[test]
    fn what_is_wrong_opens_no_tab() {
        let mut tabs = Tabs::new(Begin::Start);
        for open in [
            Open { scenario: Some("scenario: [".to_owned()), ..Open::default() },
            Open { story: Some("../Cargo".to_owned()), ..Open::default() },
            Open { dump: Some("a: b".to_owned()), ..Open::default() },
        ] {
            let Opened { tab, answer } = tabs.open(open);
            assert!(tab == 0 && matches!(answer, Answer::Refused(_)));
        }
        // A stranger's scenario reads no file.
        let text = "scenario: a\nsteps:\n- apply: /etc/hostname\n";
        let opened = tabs.open(Open { scenario: Some(text.to_owned()), ..Open::default() });
        assert!(matches!(opened.answer, Answer::Refused(_)) || opened.tab > 0);
        assert!(!serde_json::to_string(&opened).expect("it is JSON").contains("kind"));
    }

    #[test]
    fn every_story_opens() {
        let mut tabs = Tabs::new(Begin::Start);
        for Listed { name, title } in Tabs::listed() {
            let opened = tabs.open(Open { story: Some(name.to_owned()), ..Open::default() });
            assert!(
                opened.tab > 0,
                "{name} {title}: {}",
                serde_json::to_string(&opened).expect("it is JSON")
            );
        }
    }
}

//! Other orders of the same events: whether anything ends otherwise where steps come sooner and caches hear later.

use super::Playground;
use crate::error::Error;
use crate::explore::{Endings, Explorer, Found};
use crate::scenario::load;
use std::fmt::Write;

/// So many orders are tried.
const SEEDS: u64 = 64;

impl Playground<'_> {
    /// How the state's scenario ends in other orders, in words.
    pub(super) fn orders(&self) -> Result<String, Error> {
        let mut scenario = load::parse("playground", &self.file()?)?;
        // What is usual is what comes, not what was expected.
        scenario.exercise = None;
        let world = &self.now.base.world;
        let mut explorer = Explorer::new(&scenario, self.now.base.version(), world.files, world.fresh)?;
        let meter = &world.meter;
        meter.begin(0);
        explorer.measured_by(meter);
        let (mut endings, mut tried) = (Endings::default(), 0);
        for seed in 0..SEEDS {
            let run = explorer.draw(seed)?;
            if meter.is_full() {
                break;
            }
            endings.add(seed, &run);
            tried += 1;
        }
        if tried < 2 {
            meter.check("another order of all that was done")?;
        }
        meter.begin(0);
        let told = explorer.tell(&scenario.scenario, endings, None)?;
        meter.check("to tell the orders apart")?;
        let mut text = match told.endings.len() {
            1 => format!("{tried} orders, one ending: the order makes no difference here.\n"),
            several => format!("{tried} orders, {several} endings.\n"),
        };
        if tried < SEEDS {
            let _ = writeln!(text, "More of the {SEEDS} that are drawn would be too much at once.");
        }
        if told.endings.len() > 1 {
            let told = told.endings.iter().enumerate();
            told.for_each(|(index, found)| ending(&mut text, index + 1, found, tried));
        }
        Ok(text)
    }
}

fn ending(text: &mut String, number: usize, found: &Found, tried: u64) {
    let _ = writeln!(text, "\n{number}. {} of {tried} orders", found.runs);
    if found.schedule.is_empty() {
        let _ = writeln!(text, "   the usual order");
    }
    for sentence in &found.story {
        let _ = writeln!(text, "   - {sentence}");
    }
    for differs in &found.differs {
        let line = differs.line.lines().next().unwrap_or_default();
        let _ = writeln!(text, "   step {} {line}", differs.step);
        let _ = writeln!(text, "     {} instead of {}", differs.here.in_words(), differs.usual.in_words());
    }
}

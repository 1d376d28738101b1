//! The choices that a real cluster leaves to chance: which of the things that are due goes first, when the next step of a
//! scenario comes, how long caches hear of nothing.
//!
//! The usual order is: everything that is awaited happens before the next step, first come, first served, and caches hear
//! of a write at once. A [`Deviation`] is where it is not so.

use super::deviation::{AtRest, Caching, Choice, Deviation, Next};
use super::fault::Fault;
use super::made::Made;
use jiff::{SignedDuration, Timestamp};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// How long a cache hears of nothing at most: a watch that is slower is broken, and its informer lists anew.
pub(super) const LONGEST: SignedDuration = SignedDuration::from_secs(1);

/// How long whoever comes next waits for what a step sets off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// For all of it, whatever the schedule.
    Full,
    /// For all of it, as one does who types; a schedule may have them come earlier.
    Usual,
    /// Not at all; a schedule may have them come later.
    None,
}

/// How the next step comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Coming {
    /// Whose it is, of those who may come.
    pub(crate) turn: usize,
    /// What goes wrong with it, by its number.
    pub(crate) fault: Option<usize>,
}

/// Who chooses, and what was chosen.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    by: By,
    /// The last step that was done; none before the first, and on forks.
    after: Option<usize>,
    /// How many works have gone since.
    turn: usize,
    lags: Lags<Option<Lag>>,
    made: Vec<Made>,
}

/// Of each cache.
#[derive(Clone, Copy, Debug, Default)]
struct Lags<T> {
    authorizer: T,
    controllers: T,
}

/// A cache hears of nothing.
#[derive(Clone, Copy, Debug)]
struct Lag {
    /// Until this step is done,
    step: usize,
    /// or until this instant.
    until: Timestamp,
}

impl<T> Lags<T> {
    fn of(&self, cache: Caching) -> &T {
        match cache {
            Caching::Authorizer => &self.authorizer,
            Caching::Controllers => &self.controllers,
        }
    }

    fn of_mut(&mut self, cache: Caching) -> &mut T {
        match cache {
            Caching::Authorizer => &mut self.authorizer,
            Caching::Controllers => &mut self.controllers,
        }
    }
}

#[derive(Clone, Debug)]
enum By {
    /// First come, first served.
    Order,
    /// Ties of works are drawn, all else is usual.
    Ties(Box<ChaCha8Rng>),
    /// Everything is drawn; one choice of so many falls otherwise than usual.
    Draws(Box<ChaCha8Rng>, u64),
    /// As it was written down.
    List(Vec<Deviation>),
    /// By whoever explores.
    Steered(Steered),
}

/// How whoever explores stands since a step is done.
#[derive(Clone, Debug, Default)]
struct Steered {
    /// How long the next step waits; none before the first, and on forks.
    patience: Option<Patience>,
    /// When the step was done.
    since: Timestamp,
    /// Whether it is decided that the cache hears of what was written.
    decided: Lags<bool>,
    /// How many steps controllers have taken.
    units: usize,
    /// Which work goes next.
    goes: usize,
    /// How the next step comes.
    coming: Coming,
}

impl Schedule {
    /// In order, or ties drawn from the seed.
    pub(super) fn new(seed: u64, shuffle: bool) -> Schedule {
        // A stream of its own, beside those of names, uids and tokens.
        Schedule::by(if shuffle { By::Ties(Box::new(generator(seed, u32::MAX))) } else { By::Order })
    }

    /// Everything drawn from a seed.
    pub(super) fn drawn(seed: u64) -> Schedule {
        let mut generator = generator(seed, u32::MAX - 1);
        // Some races need one choice alone to fall otherwise, some need many.
        let one_of = 2 << (generator.next_u64() % 4);
        Schedule::by(By::Draws(Box::new(generator), one_of))
    }

    /// As a list says.
    pub(super) fn told(list: Vec<Deviation>) -> Schedule {
        Schedule::by(By::List(list))
    }

    /// As somebody steers it.
    pub(super) fn steered() -> Schedule {
        Schedule::by(By::Steered(Steered::default()))
    }

    fn by(by: By) -> Schedule {
        Schedule { by, after: None, turn: 0, lags: Lags::default(), made: Vec::new() }
    }

    /// How long the next step waits, where somebody steers what happens until then.
    pub(super) fn patience(&self) -> Option<Patience> {
        match &self.by {
            By::Steered(steered) => steered.patience,
            By::Order | By::Ties(_) | By::Draws(..) | By::List(_) => None,
        }
    }

    /// How many steps controllers have taken since the step, where somebody steers them.
    pub(super) fn units(&self) -> usize {
        match &self.by {
            By::Steered(steered) => steered.units,
            By::Order | By::Ties(_) | By::Draws(..) | By::List(_) => 0,
        }
    }

    /// Whether it is open that a cache hears of what was written.
    pub(super) fn may_lag(&self, cache: Caching) -> bool {
        let By::Steered(Steered { patience: Some(patience), decided, .. }) = &self.by else { return false };
        *patience != Patience::Full && !decided.of(cache)
    }

    /// A cache hears of what was written, or of nothing until the next step is done.
    pub(super) fn decide(&mut self, cache: Caching, lags: bool) {
        let (By::Steered(steered), Some(after)) = (&mut self.by, self.after) else { return };
        *steered.decided.of_mut(cache) = true;
        let until = steered.since + LONGEST;
        if lags {
            *self.lags.of_mut(cache) = Some(Lag { step: after + 1, until });
            self.note(after, Choice::Lags { cache, steps: 1 }, Vec::new());
        }
    }

    /// Controllers take a step, and the work of that number goes.
    pub(super) fn go(&mut self, number: usize) {
        if let By::Steered(steered) = &mut self.by {
            steered.goes = number;
            steered.units += 1;
        }
    }

    /// How the next step comes.
    pub(super) fn lets_come(&mut self, coming: Coming) {
        if let By::Steered(steered) = &mut self.by {
            steered.coming = coming;
        }
    }

    /// Whose step comes after so many, of those who may come, by name and what they do; the first is the usual one.
    pub(super) fn turn(&mut self, done: usize, able: Vec<(&str, String)>) -> usize {
        let chosen = match &mut self.by {
            By::Order | By::Ties(_) => 0,
            By::Steered(steered) => steered.coming.turn,
            By::Draws(generator, one_of) => match able.len() as u64 {
                n if n > 1 && generator.next_u64() % *one_of == 0 => {
                    1 + (generator.next_u64() % (n - 1)) as usize
                }
                _ => 0,
            },
            By::List(list) => {
                let wanted = list.iter().find_map(|deviation| match &deviation.choice {
                    Choice::Turn(actor) if deviation.after == done => Some(actor.as_str()),
                    _ => None,
                });
                able.iter().position(|(actor, _)| Some(*actor) == wanted).unwrap_or_default()
            }
        };
        if let (true, Some((actor, _)), Some((_, usual))) = (chosen > 0, able.get(chosen), able.first()) {
            self.note(done, Choice::Turn((*actor).to_owned()), vec![usual.clone()]);
        }
        chosen
    }

    /// What goes wrong as the step after so many comes, of what may, by number.
    pub(super) fn fault(&mut self, done: usize, may: Vec<(usize, &Fault)>) -> Option<usize> {
        let (number, fault) = match &mut self.by {
            By::Order | By::Ties(_) => None,
            By::Steered(steered) => may.into_iter().find(|(number, _)| Some(*number) == steered.coming.fault),
            By::Draws(generator, one_of) => match may.len() as u64 {
                n if n > 0 && generator.next_u64() % (2 * *one_of) == 0 => {
                    may.into_iter().nth((generator.next_u64() % n) as usize)
                }
                _ => None,
            },
            By::List(list) => {
                let wanted = list.iter().find_map(|deviation| match &deviation.choice {
                    Choice::Fault(fault) if deviation.after == done => Some(fault),
                    _ => None,
                });
                may.into_iter().find(|(_, fault)| Some(*fault) == wanted)
            }
        }?;
        self.note(done, Choice::Fault(fault.clone()), Vec::new());
        Some(number)
    }

    /// What is decided of a cache, and how long it hears of nothing.
    pub(super) fn state(&self, cache: Caching) -> impl std::fmt::Debug {
        (self.may_lag(cache), self.lags.of(cache).map(|lag| (lag.step, lag.until)))
    }

    /// What fell otherwise than usual so far.
    pub(super) fn made(&self) -> &[Made] {
        &self.made
    }

    /// The first that was written down and did not happen.
    pub(super) fn missed(&self) -> Option<usize> {
        let By::List(list) = &self.by else { return None };
        list.iter().position(|wanted| !self.made.iter().any(|made| made.deviation == *wanted))
    }

    /// A step is done: when the next one comes.
    pub(super) fn end_step(&mut self, step: Option<usize>, patience: Patience, now: Timestamp) -> Next {
        (self.after, self.turn) = (step, 0);
        let usual = match patience {
            Patience::Full | Patience::Usual => Next::AtRest(AtRest::AtRest),
            Patience::None => Next::After(0),
        };
        if let By::Steered(steered) = &mut self.by {
            *steered = Steered { patience: step.map(|_| patience), since: now, ..Steered::default() };
        }
        let Some(after) = step else { return usual };
        for cache in [Caching::Authorizer, Caching::Controllers] {
            let lag = self.lags.of_mut(cache);
            *lag = lag.filter(|lag| after < lag.step && patience != Patience::Full);
            if let Some(steps) = self.lag_after(after, cache).filter(|_| patience != Patience::Full) {
                *self.lags.of_mut(cache) = Some(Lag { step: after + steps, until: now + LONGEST });
                self.note(after, Choice::Lags { cache, steps }, Vec::new());
            }
        }
        let chosen = match &mut self.by {
            By::Order | By::Ties(_) | By::Steered(_) => None,
            By::Draws(generator, one_of) => {
                (generator.next_u64() % *one_of == 0).then(|| drawn_next(generator, usual))
            }
            By::List(list) => list.iter().find_map(|deviation| match &deviation.choice {
                Choice::Next(next) if deviation.after == after => Some(*next),
                _ => None,
            }),
        };
        chosen.filter(|_| patience != Patience::Full).unwrap_or(usual)
    }

    fn lag_after(&mut self, after: usize, which: Caching) -> Option<usize> {
        match &mut self.by {
            By::Order | By::Ties(_) | By::Steered(_) => None,
            By::Draws(generator, one_of) => {
                (generator.next_u64() % (2 * *one_of) == 0).then(|| 1 + (generator.next_u64() % 2) as usize)
            }
            By::List(list) => list.iter().find_map(|deviation| match &deviation.choice {
                Choice::Lags { cache, steps } if deviation.after == after && *cache == which => Some(*steps),
                _ => None,
            }),
        }
    }

    /// Whether the next step comes when it usually does.
    pub(super) fn is_usual(next: Next, patience: Patience) -> bool {
        match next {
            Next::AtRest(_) => patience != Patience::None,
            Next::After(steps) => patience == Patience::None && steps == 0,
        }
    }

    /// Whether more than ties is left to chance, or was written down.
    pub(super) fn is_chance(&self) -> bool {
        !matches!(self.by, By::Order | By::Ties(_))
    }

    /// The next step came, and that may be noted.
    pub(super) fn came(&mut self, next: Next, patience: Patience, not_yet: impl FnOnce() -> Vec<String>) {
        if let Some(after) = self.after.filter(|_| !Schedule::is_usual(next, patience)) {
            self.note(after, Choice::Next(next), not_yet());
        }
    }

    fn note(&mut self, after: usize, choice: Choice, before: Vec<String>) {
        if self.is_chance() {
            self.made.push(Made { deviation: Deviation { after, choice }, before });
        }
    }

    /// Whether a cache hears of nothing now.
    pub(super) fn holds(&self, cache: Caching, now: Timestamp) -> bool {
        self.lags.of(cache).is_some_and(|lag| now < lag.until)
    }

    /// When the first cache hears again that hears of nothing now.
    pub(super) fn next_heard(&self, now: Timestamp) -> Option<Timestamp> {
        let lags = [Caching::Authorizer, Caching::Controllers].into_iter();
        lags.filter_map(|cache| self.lags.of(cache).map(|lag| lag.until)).filter(|until| *until > now).min()
    }

    /// Caches hear of everything again.
    pub(super) fn lets_hear(&mut self) {
        self.lags = Lags::default();
    }

    /// Which of the works goes first that are due at the same time, each called as it is where that is asked.
    pub(super) fn choose<W>(
        &mut self,
        works: impl Iterator<Item = W>,
        called: impl Fn(W) -> String,
    ) -> usize {
        let (after, turn) = (self.after, self.turn);
        self.turn += 1;
        let (chosen, works) = match &mut self.by {
            By::Order => return 0,
            By::Steered(steered) => (std::mem::take(&mut steered.goes), works.map(called).collect()),
            By::Ties(generator) => {
                let n = works.count();
                return if n < 2 { 0 } else { (generator.next_u64() % n as u64) as usize };
            }
            By::Draws(generator, one_of) => {
                let works: Vec<String> = works.map(called).collect();
                // What falls otherwise takes the place of the first.
                let chosen = match works.len() as u64 {
                    0 | 1 => 0,
                    n if generator.next_u64() % *one_of == 0 => 1 + generator.next_u64() % (n - 1),
                    _ => 0,
                };
                (chosen as usize, works)
            }
            By::List(list) => {
                let wanted = list.iter().find_map(|deviation| match &deviation.choice {
                    Choice::First { turn: at, work } if Some(deviation.after) == after && *at == turn => {
                        Some(work)
                    }
                    _ => None,
                });
                let Some(wanted) = wanted else { return 0 };
                let works: Vec<String> = works.map(called).collect();
                (works.iter().position(|work| work == wanted).unwrap_or_default(), works)
            }
        };
        // On forks, and before the first step, everything is usual.
        let Some(after) = after.filter(|_| chosen > 0) else { return 0 };
        let before = works.first().cloned().into_iter().collect();
        let work = works.into_iter().nth(chosen).unwrap_or_default();
        self.note(after, Choice::First { turn, work }, before);
        chosen
    }
}

fn generator(seed: u64, stream: u32) -> ChaCha8Rng {
    let mut generator = ChaCha8Rng::seed_from_u64(seed);
    generator.set_stream(u64::from(stream));
    generator
}

/// When a next step comes that does not come as usual: most often early, and sometimes late.
fn drawn_next(generator: &mut ChaCha8Rng, usual: Next) -> Next {
    match (usual, generator.next_u64() % 3) {
        (Next::After(_), 0) => Next::AtRest(AtRest::AtRest),
        (Next::AtRest(_), 0) => Next::After(0),
        _ => {
            let most = 2 << (generator.next_u64() % 5);
            Next::After(1 + (generator.next_u64() % most) as usize)
        }
    }
}

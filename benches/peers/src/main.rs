//! One decision of kubeverdict's beside those of cedar-policy, casbin and regorus: the same access data, the same questions.
//! Every answer is compared with a plain walk before anything is timed.

mod cedar;
mod rego;
mod rules;
#[path = "../../shape/mod.rs"]
mod shape;
mod verdict;

use shape::World;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// An engine with the data in it, and the questions in its own words: the answer to one of them, by its number.
type Ask = Box<dyn FnMut(usize) -> bool>;

/// A way to put the data: its name, how, and the most bindings for which anybody would wait.
type Encoding = (&'static str, fn(&World) -> Ask, usize);

const ENCODINGS: [Encoding; 9] = [
    ("kubeverdict", verdict::decide, usize::MAX),
    ("kubeverdict, with its reason and facts", verdict::told, usize::MAX),
    ("cedar, a template link a binding and rule", cedar::links, 10_000),
    ("cedar, membership of role@scope", cedar::memberships, 10_000),
    ("casbin, RBAC with domains", rules::natural, 1_000),
    ("casbin, equality before membership", rules::fast, 10_000),
    ("regorus, bindings walked", rego::walked, 10_000),
    ("regorus, data by subject and scope", rego::indexed, 100_000),
    ("regorus, the same, compiled", rego::compiled, 100_000),
];

/// The median of several batches, each a round of questions or as many as fit into half a second.
fn time(ask: &mut Ask, questions: usize) -> Duration {
    let mut batches: Vec<Duration> = (0..7)
        .map(|_| {
            let (begun, mut asked) = (Instant::now(), 0);
            while asked < 16 * questions && begun.elapsed() < Duration::from_millis(500) {
                for _ in 0..16 {
                    black_box(ask(black_box(asked % questions)));
                    asked += 1;
                }
            }
            begun.elapsed() / asked as u32
        })
        .collect();
    batches.sort_unstable();
    batches[batches.len() / 2]
}

fn main() {
    let sizes: Vec<usize> = std::env::args().skip(1).filter_map(|size| size.parse().ok()).collect();
    for size in if sizes.is_empty() { vec![100, 1_000, 10_000] } else { sizes } {
        let world = World::of(size);
        let walked: Vec<bool> = world.questions.iter().map(|question| world.allows(question)).collect();
        let allowed = walked.iter().filter(|allowed| **allowed).count();
        println!("\n{size} bindings, {} questions, {allowed} of them allowed\n", walked.len());
        println!("| a decision | time | × kubeverdict |\n| --- | --- | --- |");
        let mut ours = None;
        for (name, encode, most) in ENCODINGS {
            if size > most {
                println!("| {name} | not run | |");
                continue;
            }
            let mut ask = encode(&world);
            for (n, want) in walked.iter().enumerate() {
                assert_eq!(ask(n), *want, "{name}, question {n}");
            }
            let took = time(&mut ask, walked.len());
            let first = *ours.get_or_insert(took);
            println!("| {name} | {took:.2?} | {:.1} |", took.as_secs_f64() / first.as_secs_f64());
        }
    }
}

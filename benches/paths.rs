//! A cluster of 1,000 namespaces, 10,000 accounts and 50,000 bindings: reading it from YAML and from JSON, who can read secrets
//! anywhere, and the shortest path of every account to everything, each carried out.

mod generated;

use divan::Bencher;
use kubeverdict::api::Version;
use kubeverdict::explain::dump::Dump;
use kubeverdict::explain::source;
use kubeverdict::paths::{Climbs, Target, prepared};
use kubeverdict::question::{self, Place};

fn main() {
    divan::main();
}

fn load(text: &str) -> Dump {
    let written = source::read("dump", text.to_owned()).expect("it is a dump");
    Dump::new(Version::DEFAULT, written, None).expect("a cluster")
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn read_yaml(bencher: Bencher<'_, '_>) {
    let text = generated::yaml(&generated::objects(1));
    bencher.bench_local(|| load(&text));
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn read_json(bencher: Bencher<'_, '_>) {
    let text = generated::json(&generated::objects(1));
    bencher.bench_local(|| load(&text));
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn who_can_get_secrets_anywhere(bencher: Bencher<'_, '_>) {
    let dump = load(&generated::json(&generated::objects(1)));
    let asked =
        question::read("get secrets -A", dump.cluster.resources(), Place::Everywhere).expect("a question");
    bencher.bench_local(|| dump.who_can(&asked.info, true));
}

#[divan::bench(sample_count = 2, sample_size = 1)]
fn paths_of_everybody(bencher: Bencher<'_, '_>) {
    let dump = load(&generated::json(&generated::objects(1)));
    bencher.bench_local(|| {
        let mut climbs = Climbs::new(prepared(&dump).expect("a set-up"), Target::everything(), &[]);
        let everybody = climbs.everybody();
        climbs.all(&everybody).len()
    });
}

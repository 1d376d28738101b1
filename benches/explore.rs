//! Replays of lizhe10 and of a race under one schedule after another, on one core: how many seeds `explore` draws a second.

use divan::Bencher;
use divan::counter::ItemsCount;
use kubeverdict::clients::Files;
use kubeverdict::cluster::Fresh;
use kubeverdict::explore::Explorer;
use kubeverdict::scenario::{load, run};
use std::path::{Path, PathBuf};

fn main() {
    divan::main();
}

struct Beside(PathBuf);

impl Files for Beside {
    fn read(&self, path: &str) -> Result<String, String> {
        std::fs::read_to_string(self.0.join(path)).map_err(|error| error.to_string())
    }
}

#[divan::bench(args = ["lizhe10.yaml", "races/02-binding.yaml"], sample_count = 20)]
fn replays(bencher: Bencher<'_, '_>, name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name);
    let text = std::fs::read_to_string(&path).expect("it is there");
    let scenario = load::parse(name, &text).expect("it is good");
    let files = Beside(path.parent().expect("a folder").to_path_buf());
    let version = *run::versions(&scenario).last().expect("a release");
    let fresh = Fresh::default();
    let explorer = Explorer::new(&scenario, version, &files, &fresh).expect("it is good");
    let mut seeds = 1..;
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| {
        let seed = seeds.next().expect("there are many");
        explorer.draw(seed).expect("it is good")
    });
}

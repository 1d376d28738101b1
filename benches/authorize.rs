//! May they? One decision among 100 to 100,000 bindings, allowed and refused; and what it costs to learn of bindings and roles.

mod shape;

use divan::Bencher;
use kubeverdict::api::{Attributes, Decision};
use kubeverdict::cluster::Cluster;
use shape::objects::fresh;
use shape::{Subject, World};

fn main() {
    divan::main();
}

const SIZES: [usize; 4] = [100, 1_000, 10_000, 100_000];

/// Asks what is allowed, or what is not, one after the other.
fn decide(bencher: Bencher<'_, '_>, bindings: usize, allowed: bool) {
    let world = World::of(bindings);
    let cluster = world.cluster();
    let asked = world.questions.iter().filter(|question| world.allows(question) == allowed);
    let asked: Vec<Attributes> = asked.map(|question| question.attributes()).collect();
    for attributes in &asked {
        assert_eq!(cluster.decide(attributes).decision == Decision::Allow, allowed, "{attributes:?}");
    }
    let mut turn = asked.iter().cycle();
    bencher.bench_local(|| cluster.decide(turn.next().expect("somebody asks")));
}

#[divan::bench(args = SIZES, sample_count = 200, sample_size = 512)]
fn hit(bencher: Bencher<'_, '_>, bindings: usize) {
    decide(bencher, bindings, true);
}

#[divan::bench(args = SIZES, sample_count = 200, sample_size = 512)]
fn miss(bencher: Bencher<'_, '_>, bindings: usize) {
    decide(bencher, bindings, false);
}

/// Roles and bindings of a dump, until the authorizers know them.
fn restored(bencher: Bencher<'_, '_>, world: &World) {
    let fresh = fresh();
    bencher.with_inputs(|| (fresh.fork(), world.objects())).bench_local_values(
        |(mut cluster, objects)| -> Cluster {
            cluster.restore(objects);
            cluster
        },
    );
}

#[divan::bench(args = SIZES, sample_count = 3)]
fn restore(bencher: Bencher<'_, '_>, bindings: usize) {
    restored(bencher, &World::of(bindings));
}

#[divan::bench(args = [1_000, 10_000, 100_000], sample_count = 3)]
fn restore_for_one_group(bencher: Bencher<'_, '_>, bindings: usize) {
    let mut world = World::of(bindings);
    world.bindings.iter_mut().for_each(|binding| binding.subject = Subject::Group("all".to_owned()));
    restored(bencher, &world);
}

/// A role that all bindings hand out changes.
#[divan::bench(args = SIZES, sample_count = 50)]
fn change_role(bencher: Bencher<'_, '_>, bindings: usize) {
    let mut world = World::of(bindings);
    world.bindings.iter_mut().for_each(|binding| binding.role = 0);
    let mut cluster = world.cluster();
    let mut n = 0;
    bencher.bench_local(|| {
        n += 1;
        world.roles[0].1[0].resources = vec![format!("things-{n}")];
        cluster.restore([world.role(0)]);
    });
}

//! Prints a large cluster as a dump, the same for the same seed: `generate yaml 1 > big.yaml`, `generate json 1 > big.json`.

#[path = "../benches/generated/mod.rs"]
mod generated;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let seed = arguments.get(1).and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let objects = generated::objects(seed);
    match arguments.first().map(String::as_str) {
        Some("yaml") => print!("{}", generated::yaml(&objects)),
        Some("json") => println!("{}", generated::json(&objects)),
        _ => eprintln!("generate yaml|json [SEED]"),
    }
}

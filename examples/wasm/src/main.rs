//! The same asks without WebAssembly: a scenario's file, then a file with an ask a line; prints the answers.

fn main() {
    let mut files =
        std::env::args().skip(1).map(|path| std::fs::read_to_string(path).expect("it can be read"));
    let mut next = || files.next().expect("two files are named");
    println!("{}", kubeverdict_wasm::opened(&next()));
    next().lines().for_each(|ask| println!("{}", kubeverdict_wasm::asked(ask)));
}

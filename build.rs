//! Puts the scenarios and what lies beside them into the program: whoever installs it has no checkout.
//!
//! They are text of a third of a megabyte, a hundredth of the program: compressed it would be a fifth of that.

use std::fmt::Write;
use std::path::{Path, PathBuf};

fn main() -> std::io::Result<()> {
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("scenarios");
    let to = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets it")).join("stories.rs");
    println!("cargo::rerun-if-changed=scenarios");
    let mut files = Vec::new();
    below(&root, &mut files)?;
    files.sort();
    let mut text = String::from("&[\n");
    for file in files {
        let name = file.strip_prefix(&root).expect("it is below").display().to_string();
        writeln!(text, "    ({name:?}, include_str!({:?})),", file.display().to_string())
            .expect("it is a string");
    }
    text.push_str("]\n");
    std::fs::write(to, text)
}

fn below(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            below(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

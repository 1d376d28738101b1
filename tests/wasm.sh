#!/usr/bin/env bash
# The library without its features builds for WebAssembly, and the playground's engine says the same there, byte for byte. Needs
# the target (`rustup target add wasm32-unknown-unknown`), and node for the second half.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v node > /dev/null || apt-get install -qq -y nodejs > /dev/null

scenario=scenarios/lessons/04-roles-and-bindings.yaml
asks=examples/wasm/asks.jsonl
to=$PWD/target/wasm
cargo build --locked --quiet --manifest-path examples/wasm/Cargo.toml --target-dir "$to" --lib --target wasm32-unknown-unknown
cargo run --locked --quiet --manifest-path examples/wasm/Cargo.toml --target-dir "$to" -- $scenario $asks > "$to/native"
node examples/wasm/run.mjs "$to/wasm32-unknown-unknown/debug/kubeverdict_wasm.wasm" $scenario $asks > "$to/wasm"
cmp "$to/native" "$to/wasm"
echo "the same $(wc -c < "$to/wasm") bytes"

#!/usr/bin/env bash
# Makes the book of all scenarios and reads it in a headless Chromium, and plays on the page of `play`. Gets Chromium from Debian where there is none; in
# the end there must be one.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v chromium >/dev/null; then
  apt-get install -y -qq chromium >/dev/null
fi
KUBEVERDICT_CHROMIUM=$(command -v chromium)
KUBEVERDICT_BOOK=$PWD/target/book
export KUBEVERDICT_CHROMIUM KUBEVERDICT_BOOK

cargo build --locked --quiet --release
export KUBEVERDICT_BINARY=$PWD/target/release/kubeverdict
"$KUBEVERDICT_BINARY" book "$KUBEVERDICT_BOOK"
cargo test --locked --test book_in_chromium --test play_in_chromium

#!/usr/bin/env bash
# Fuzzes a target for so many seconds, from its seeds on: fuzz/run.sh TARGET [SECONDS]. Wants `cargo install cargo-fuzz`.
# What it finds lies in fuzz/artifacts/TARGET; mended, its smallest harmless form becomes a seed.
set -euo pipefail
cd "$(dirname "$0")/.."
target=$1 seconds=${2:-300}
mkdir -p "fuzz/corpus/$target"
awk -v folder="fuzz/corpus/$target" '
    BEGIN { number = 1 }
    $0 == "%%%%%%%%" { number++; begun = 0; next }
    { printf "%s%s", (begun ? "\n" : ""), $0 > (folder "/seed-" number); begun = 1 }
' "fuzz/seeds/$target.txt"
# A stable compiler has what a fuzzer needs, behind the switch of those that are not.
RUSTC_BOOTSTRAP=1 exec cargo fuzz run --sanitizer none "$target" -- \
    -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len=8192

#!/usr/bin/env bash
# The wheel, as pip installs it: into a clean environment, in a clean folder, with nothing of this checkout at hand.
# The first argument is cargo's profile. The wheel is made around that profile's program; where it was built already, nothing
# is compiled once more (an option for the linker in pyproject.toml, such as maturin's `strip`, would do that).
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

profile=${1:-release}
cargo build --locked --profile "$profile"
python3 -m venv "$work/tools"
"$work/tools/bin/pip" install --quiet 'maturin>=1.9,<2'
"$work/tools/bin/maturin" build --locked --profile "$profile" --out "$work/wheels" 2>&1 | tee "$work/said"
if grep -q Compiling "$work/said"; then
  echo "the wheel compiles what was compiled already" >&2
  exit 1
fi
ls -l "$work/wheels"

python3 -m venv "$work/clean"
"$work/clean/bin/pip" install --quiet --no-index "$work"/wheels/kubeverdict-*.whl
cd "$work"
PATH="$work/clean/bin:/usr/bin:/bin"
kubeverdict --version
kubeverdict init
kubeverdict run
kubeverdict run lessons/04 --junit lesson.xml
test -s lesson.xml
echo "installed from its wheel"

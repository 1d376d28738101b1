#!/usr/bin/env bash
# The wheel, as pip installs it: into a clean environment, in a clean folder, with nothing of this checkout at hand.
# The first argument is cargo's profile.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 -m venv "$work/tools"
"$work/tools/bin/pip" install --quiet 'maturin>=1.9,<2'
"$work/tools/bin/maturin" build --quiet --locked --profile "${1:-release}" --out "$work/wheels"
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

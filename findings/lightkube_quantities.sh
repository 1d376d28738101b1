#!/usr/bin/env bash
# lightkube 1.0.1 (PyPI): `parse_quantity` does not know the suffixes `n` and `u`, nor `E3`.
#
# Guess: it reads each quantity that an API server accepts or prints.
# Seen: `1n`, `100u` and `1E3` are a ValueError ("Invalid unit suffix"), `1e3` is 1000. Usage in the metrics API is told in `n` and
# `u` (`cpu: 1234567n`), so adding up what `PodMetrics` say fails for nearly every pod. The kubernetes client 37.0.2 reads all four.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check lightkube==1.0.1 kubernetes==37.0.2
cat > "$work/read.py" <<'P'
from kubernetes.utils.quantity import parse_quantity as official
from lightkube.utils.quantity import parse_quantity as light
for text in ("1e3", "1E3", "100u", "1n"):
    try:
        told = f"{light(text):f}"
    except ValueError as error:
        told = f"ValueError {error}"
    print(f"{text}: lightkube {told}; kubernetes {official(text):f}")
P
"$work/venv/bin/python" "$work/read.py" | tee "$work/seen"
diff "$work/seen" - <<'S'
1e3: lightkube 1000.000; kubernetes 1000
1E3: lightkube ValueError Invalid unit suffix: E3; kubernetes 1000
100u: lightkube ValueError Invalid unit suffix: u; kubernetes 0.000100
1n: lightkube ValueError Invalid unit suffix: n; kubernetes 0.000000001
S

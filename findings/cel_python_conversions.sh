#!/usr/bin/env bash
# cel-python 0.5.0 (PyPI): conversions to and from text are Python's, not CEL's.
#
# Guess: as cel-go (which Kubernetes' policies use): "1", "1e+10", the time with its milliseconds, and an error for "0x10".
# Seen: `string(1.0)` is "1.0", `string(1e10)` is "10000000000.0", `string(timestamp(…))` drops what is below a second, so that two
# times 900 ms apart have one text, and `int("0x10")` is 16. A policy whose message or map key is made by `string()` says
# something else in such a test than in a cluster.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check cel-python==0.5.0
cat > "$work/ask.py" <<'P'
import celpy
environment = celpy.Environment()
for source in (
    "string(1.0)",
    "string(1e10)",
    "string(timestamp('2026-01-01T00:00:00.900Z'))",
    "string(timestamp('2026-01-01T00:00:00Z')) == string(timestamp('2026-01-01T00:00:00.900Z'))",
    "int('0x10')",
):
    print(source, "=", environment.program(environment.compile(source)).evaluate({}))
P
"$work/venv/bin/python" "$work/ask.py" | tee "$work/seen"
diff "$work/seen" - <<'S'
string(1.0) = 1.0
string(1e10) = 10000000000.0
string(timestamp('2026-01-01T00:00:00.900Z')) = 2026-01-01T00:00:00Z
string(timestamp('2026-01-01T00:00:00Z')) == string(timestamp('2026-01-01T00:00:00.900Z')) = True
int('0x10') = 16
S

#!/usr/bin/env bash
# cel-python 0.5.0 (PyPI): numbers of different types are neither ordered nor the same key, and a string can be indexed.
#
# Guess: as CEL's definition has it since 2021: `1 < 1.5` holds, `{1: 'a'}[1u]` is 'a' (1 and 1u are one key), `'abc'[0]` has no overload.
# Seen: the first two are a CELEvalError ("found no matching overload"), the third is 'a'. A rule such as
# `object.spec.replicas < 1.5` fails in the test and holds in the cluster; with `'abc'[0]` it is the other way round.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check cel-python==0.5.0
cat > "$work/ask.py" <<'P'
import celpy
environment = celpy.Environment()
for source in ("1 < 1.5", "{1: 'a'}[1u]", "'abc'[0]"):
    try:
        print(source, "=", environment.program(environment.compile(source)).evaluate({}))
    except celpy.CELEvalError as error:
        print(source, "CELEvalError", str(error)[2:32])
P
"$work/venv/bin/python" "$work/ask.py" | tee "$work/seen"
diff "$work/seen" - <<'S'
1 < 1.5 CELEvalError found no matching overload for
{1: 'a'}[1u] CELEvalError found no matching overload for
'abc'[0] = a
S

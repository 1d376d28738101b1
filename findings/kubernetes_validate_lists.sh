#!/usr/bin/env bash
# kubernetes-validate 1.37.0 (PyPI): a `List`, as `kubectl get -o yaml` prints it, has no schema, and the error no text.
#
# Guess: the objects of a List are looked at one by one, or the error says that they should be given one by one.
# Seen: `kind: List` is a SchemaNotFoundError, as a custom resource is; its `str()` is empty (the words are in `.message`), so that the
# usual `except Exception as error: print(error)` prints an empty line. A `PodList` is looked into, down to its items' missing fields.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check kubernetes-validate==1.37.0
cat > "$work/validate.py" <<'P'
import kubernetes_validate
role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": {"name": "r"}, "rules": [{"resources": ["pods"]}]}
for kind, api_version in (("List", "v1"), ("RoleList", "rbac.authorization.k8s.io/v1")):
    try:
        kubernetes_validate.validate({"apiVersion": api_version, "kind": kind, "items": [role]}, "1.37", strict=True)
        print(kind, "is valid")
    except Exception as error:
        first = (str(error).splitlines() or ["(nothing)"])[0]
        print(f"{kind}: {type(error).__name__}: {first}")
P
"$work/venv/bin/python" "$work/validate.py" | tee "$work/seen"
diff "$work/seen" - <<'S'
List: SchemaNotFoundError: (nothing)
RoleList: ValidationError: 'verbs' is a required property
S

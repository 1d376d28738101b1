#!/usr/bin/env python3
"""Five fixed pieces of work, in instructions (callgrind): a slowdown is seen on a busy machine, too.

  instructions.py            compares with benches/instructions.json; ends with 1 where one takes over 3% more
    --update                 writes that file instead, where a change is meant
    --binary PATH            default target/release/kubeverdict

Counts are compared only where they were taken with the same compiler, which makes the code, and on the same processor, for
which libraries choose among their own. Needs valgrind.
"""
import argparse, json, os, re, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
COUNTS = os.path.join(HERE, "instructions.json")
MORE = 0.03


def objects(count):
    """A dump of bindings and roles, the same each time."""
    group = "rbac.authorization.k8s.io"
    roles = [
        {"apiVersion": group + "/v1", "kind": "Role", "metadata": {"name": f"r{i}", "namespace": f"n{i % 40}"},
         "rules": [{"apiGroups": ["", "apps"], "resources": ["pods", "secrets"][i % 2:], "verbs": ["get", "list"]}]}
        for i in range(count // 10)
    ]
    bindings = [
        {"apiVersion": group + "/v1", "kind": "RoleBinding", "metadata": {"name": f"b{i}", "namespace": f"n{i % 40}"},
         "roleRef": {"apiGroup": group, "kind": "Role", "name": f"r{i % (count // 10)}"},
         "subjects": [{"kind": "ServiceAccount", "name": f"a{i % 97}", "namespace": f"n{i % 40}"}]}
        for i in range(count)
    ]
    return {"apiVersion": "v1", "kind": "List", "items": roles + bindings}


def works(folder):
    """Each piece of work by its name: the arguments."""
    dump = os.path.join(folder, "dump.json")
    with open(dump, "w") as file:
        json.dump(objects(2000), file)
    asked = ["--as", "system:serviceaccount:n7:a7", "get", "secrets", "-n", "n7"]
    return {
        "run lizhe10": ["run", "scenarios/lizhe10.yaml"],
        "run admission": ["run", "scenarios/admission/pod-security.yaml"],
        "explain a dump": ["explain", "-f", dump, *asked],
        "who-can in a dump": ["who-can", "-f", dump, "get", "secrets", "-A"],
        "releases 1.20 to 1.36": ["releases", "1.20", "1.36"],
    }


def instructions(binary, arguments, folder):
    out = os.path.join(folder, "callgrind.out")
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=" + out, binary, *arguments]
    ended = subprocess.run(command, cwd=os.path.dirname(HERE), capture_output=True, text=True)
    counted = re.search(r"refs:\s+([\d,]+)", ended.stderr)
    if ended.returncode not in (0, 1) or not counted:
        sys.exit(f"{' '.join(command)} ends with {ended.returncode}:\n{ended.stderr}")
    return int(counted.group(1).replace(",", ""))


def circumstances():
    """What counts depend on besides the code."""
    compiler = subprocess.run(["rustc", "--version"], capture_output=True, text=True).stdout.strip()
    with open("/proc/cpuinfo") as file:
        processor = re.search(r"model name\s*: (.*)", file.read())
    return {"compiler": compiler, "processor": processor.group(1) if processor else ""}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--binary", default=os.path.join(os.path.dirname(HERE), "target/release/kubeverdict"))
    options = parser.parse_args()
    here = circumstances()
    with tempfile.TemporaryDirectory() as folder:
        counts = {name: instructions(os.path.abspath(options.binary), arguments, folder) for name, arguments in works(folder).items()}
    if options.update:
        with open(COUNTS, "w") as file:
            json.dump({**here, "instructions": counts}, file, indent=2)
            file.write("\n")
        return
    with open(COUNTS) as file:
        kept = json.load(file)
    there = {name: kept[name] for name in here}
    compared = there == here
    more = False
    for name, count in counts.items():
        before = kept["instructions"].get(name, count)
        change = count / before - 1
        more |= compared and change > MORE
        print(f"{name:24}{count:>16,}{change:>+9.1%}")
    if not compared:
        print(f"not compared: counted with {there}, this is {here}")
    if more:
        sys.exit("more than 3% over what benches/instructions.json has: if that is meant, --update it")


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""What kubeverdict costs, seen from outside: one table, beside another build where one is given.

  table.py [ROW…]            only rows whose names begin so
    --binary PATH            default target/release/kubeverdict
    --beside PATH            another build, measured in the same run, row by row in turn; the ratio is its figure through ours
    --objects N              how many bindings a big cluster has (default 10000)
    --scenarios DIR          the folder of the rows `run` and `book` (default scenarios); a build from before needs its own,
    --beside-scenarios DIR   given here
    --seeds N                how many orders the row `orders` tries (default 100000)
    --growth                 the costs of a request at 1,000, 10,000 and 100,000 objects, and the exponent fitted to them

CPU time is user and system time of the process that works, so that a busy machine disturbs little; memory is the highest
resident set of a process that ends, and the present one of a server. Of a rate (`/s`) the ratio is ours through the other one's.
Only Python's own library is needed.
"""
import argparse, http.client, json, math, os, re, socket, ssl, subprocess, sys, tempfile, threading, time

RBAC = "/apis/rbac.authorization.k8s.io/v1"


class Missing(Exception):
    """A build cannot do what a row measures."""


def ended(binary, *arguments, stdin=None):
    """CPU seconds and MiB of a process that ends."""
    with tempfile.TemporaryDirectory() as home:
        made = [a.replace("{out}", home + "/out") for a in arguments]
        source = open(stdin, "rb") if stdin else subprocess.DEVNULL
        process = subprocess.Popen([binary, *made], stdin=source, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in (0, 1):
            raise Missing(f"ends with {process.returncode}")
        return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


class Server:
    """`kubeverdict serve`, and one connection to it."""

    def __init__(self, binary, nodes=0):
        self.home = tempfile.TemporaryDirectory()
        tokens = self.home.name + "/tokens.csv"
        with open(tokens, "w") as file:
            file.write('root-token,root,1,"system:masters"\n')
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        flags = ["--bind-address", "127.0.0.1", "--secure-port", str(self.port), "--token-auth-file", tokens, "--nodes", str(nodes)]
        self.process = subprocess.Popen([binary, "serve", *flags], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.connection = self.connect()
        for _ in range(600):
            try:
                if self.ask("GET", "/readyz")[0] == 200:
                    return
            except OSError:
                self.connection = self.connect()
            time.sleep(0.05)
        raise Missing("does not start")

    def connect(self):
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=ssl._create_unverified_context(), timeout=300)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.home.cleanup()

    def ask(self, method, path, body=None, connection=None):
        connection = connection or self.connection
        headers = {"Authorization": "Bearer root-token", "Content-Type": "application/json"}
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def must(self, method, path, body=None):
        code, text = self.ask(method, path, body)
        if code >= 300:
            raise Missing(f"{method} {path}: {code} {text[:200]!r}")
        return text

    def cpu(self):
        """CPU seconds of the server so far, to the nanosecond: the clock that Linux keeps of a process (`clock_getcpuclockid`)."""
        return time.clock_gettime(~self.process.pid << 3 | 2)

    def resident(self, mark="VmRSS"):
        with open(f"/proc/{self.process.pid}/status") as file:
            return int(re.search(mark + r":\s+(\d+)", file.read()).group(1)) / 1024

    def cost(self, times, method, path, body=None):
        """CPU seconds of one of so many requests."""
        before = self.cpu()
        for n in range(times):
            self.must(method, path, body(n) if body else None)
        return (self.cpu() - before) / times


def binding(n):
    subject = {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": f"user-{n % 5000}"}
    role = {"kind": "ClusterRole", "apiGroup": "rbac.authorization.k8s.io", "name": f"role-{n % 100}"}
    return {"metadata": {"name": f"b-{n}"}, "roleRef": role, "subjects": [subject]}


BINDINGS = RBAC + "/clusterrolebindings"
REVIEW = "/apis/authorization.k8s.io/v1/subjectaccessreviews"


def review(n):
    attributes = {"verb": "get", "group": "apps", "resource": "deployments", "namespace": f"n-{n % 500}"}
    return {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": {"user": f"user-{n % 5000}", "resourceAttributes": attributes}}


def fill(server, objects):
    for n in range(100):
        rule = {"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get" if n % 2 else "list"]}
        server.must("POST", RBAC + "/clusterroles", {"metadata": {"name": f"role-{n}"}, "rules": [rule]})
    return server.cost(objects, "POST", BINDINGS, binding)


def dump(objects, form):
    path = f"{tempfile.gettempdir()}/kubeverdict-bench-{objects}.{form}"
    if not os.path.exists(path):
        role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "role-1"},
                "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]}
        items = [role] + [{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", **binding(n)} for n in range(objects)]
        with open(path + ".new", "w") as file:
            if form == "json":
                json.dump({"apiVersion": "v1", "kind": "List", "items": items}, file, indent=4)
            else:
                file.write("apiVersion: v1\nkind: List\nitems:\n")
                for item in items:
                    file.write("- " + json_to_yaml(item, 1))
        os.rename(path + ".new", path)
    return path


def json_to_yaml(value, depth):
    """Block YAML of what these dumps are made of."""
    pad = "  " * depth
    lines = []
    for key, inner in value.items():
        if isinstance(inner, dict):
            lines.append(f"{key}:\n{pad}  " + json_to_yaml(inner, depth + 1).rstrip("\n"))
        elif isinstance(inner, list):
            lines.append(f"{key}:")
            for item in inner:
                one = json_to_yaml(item, depth + 1).rstrip("\n") if isinstance(item, dict) else json.dumps(item)
                lines[-1] += f"\n{pad}- " + one
        else:
            lines.append(f"{key}: {json.dumps(inner)}")
    return ("\n" + pad).join(lines) + "\n"


def steady(measure, times=3):
    """The smallest of some measurements, each a tuple."""
    return min(measure() for _ in range(times))


def run_all(binary, options):
    return {"run scenarios, CPU": (steady(lambda: ended(binary, "run", options.folder))[0] * 1e3, "ms", 300)}


def run_one(binary, options):
    one = steady(lambda: ended(binary, "run", options.folder + "/lizhe10.yaml"), 7)
    return {"run scenarios/lizhe10.yaml, CPU": (one[0] * 1e3, "ms", 15)}


def book(binary, options):
    cpu, peak = ended(binary, "book", "{out}", options.folder)
    return {"book, CPU": (cpu, "s", 3), "book, memory": (peak, "MiB", 150)}


def replays(binary, options):
    """Replays in a second of a core: what more of them cost in one process. `explore` sets up the cluster once for all; a build
    without it runs the file as often, and sets up one each time."""
    path = options.folder + "/lizhe10.yaml"
    with open(path) as file:
        releases = len(re.search(r"versions: \[(.*)\]", file.read()).group(1).split(","))

    def explored(times):
        return ended(binary, "explore", path, "--threads", "1", "--report", "{out}", "--seeds", str(times))[0]

    def run_again(times):
        return ended(binary, "run", *[path] * times)[0]

    def rate(replay, few, many):
        return releases * (many - few) / (steady(lambda: replay(many)) - steady(lambda: replay(few)))

    try:
        each = rate(explored, 50, 250)
    except Missing:
        each = rate(run_again, 5, 25)
    return {"replays of lizhe10.yaml, a core": (each, "/s", 2000)}


def orders(binary, options):
    """What is resident while ever more orders of a race are tried, on one core."""
    command = [binary, "explore", options.folder + "/races/02-binding.yaml", "--threads", "1", "--report", "-"]
    command += ["--seeds", str(options.seeds)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    began, seen = time.monotonic(), []
    while process.poll() is None:
        with open(f"/proc/{process.pid}/status") as file:
            resident = re.search(r"VmRSS:\s+(\d+)", file.read())
        seen += [(time.monotonic() - began, int(resident.group(1)) / 1024)] if resident else []
        time.sleep(0.02)
    if process.returncode not in (0, 1):
        raise Missing(f"ends with {process.returncode}")
    took = time.monotonic() - began
    rows = {}
    for percent in (1, 10, 100):
        # The last hundredth may be the process's end.
        there = [resident for at, resident in seen if at <= took * min(percent, 99) / 100]
        rows[f"{options.seeds:,} orders of a race: memory at {percent} %"] = (there[-1] if there else 0, "MiB", None)
    return rows


def size(binary, _):
    return {"binary": (os.path.getsize(binary) / 1e6, "MB", 14)}


def cluster(binary, options):
    rows = {}
    with Server(binary) as server:
        empty = server.resident()
        create = fill(server, options.objects)
        many = f"{options.objects:,} bindings: "
        rows[many + "create"] = (create * 1e6, "µs", None)
        rows[many + "memory"] = (server.resident(), "MiB", 40 if options.objects == 10000 else 250)
        rows["empty cluster: memory"] = (empty, "MiB", None)
        rows[many + "GET /livez, the least that a request costs"] = (server.cost(5000, "GET", "/livez") * 1e6, "µs", None)
        rows[many + "SubjectAccessReview"] = (server.cost(5000, "POST", REVIEW, review) * 1e6, "µs", 20)
        rows[many + "list"] = (server.cost(10, "GET", BINDINGS) * 1e3, "ms", 30 * options.objects / 10000)
        rows[many + "list, more memory at its highest"] = (server.resident("VmHWM") - rows[many + "memory"][0], "MiB", 20)
        rows[many + "limit=1"] = (server.cost(500, "GET", BINDINGS + "?limit=1") * 1e3, "ms", 0.1)
        by_field = BINDINGS + "?fieldSelector=metadata.name%3Db-77"
        rows[many + "fieldSelector"] = (server.cost(500, "GET", by_field) * 1e3, "ms", 0.1)
        rows[many + "by name"] = (server.cost(2000, "GET", BINDINGS + "/b-77") * 1e3, "ms", 0.05)
    return rows


def watches(binary, _):
    with Server(binary) as server:
        maps = "/api/v1/namespaces/default/configmaps"
        server.must("POST", maps, {"metadata": {"name": "m"}, "data": {"n": "-"}})
        for n in range(20000):
            server.must("PUT", maps + "/m", {"metadata": {"name": "m"}, "data": {"n": str(n)}})
        open_ = []
        for _ in range(200):
            connection = server.connect()
            connection.request("GET", "/api/v1/secrets?watch=1", None, {"Authorization": "Bearer root-token"})
            open_.append((connection, connection.getresponse()))
        cost = server.cost(300, "PUT", maps + "/m", lambda n: {"metadata": {"name": "m"}, "data": {"n": f"w{n}"}})
        return {"a write beside 200 watches, 20,000 writes behind": (cost * 1e3, "ms", 0.2)}


PODS = "/api/v1/namespaces/default/pods"


def to_running(server, kind, many):
    """CPU seconds of each of so many pods from their creation until all run."""
    before = server.cpu()
    for n in range(many):
        server.must("POST", PODS, {"metadata": {"name": f"{kind}-{n}"}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}})
    while json.loads(server.must("GET", f"{PODS}/{kind}-{many - 1}"))["status"]["phase"] != "Running":
        time.sleep(0.02)
    time.sleep(0.3)
    return (server.cpu() - before) / many


def pods(binary, _):
    with Server(binary, nodes=100) as server:
        time.sleep(3)
        first = to_running(server, "a", 100)
        to_running(server, "b", 500)
        later = to_running(server, "c", 100)
        to_running(server, "d", 4300)
        last = to_running(server, "e", 100)
        what = "a pod to Running, "
        return {what + "the first hundred": (first * 1e3, "ms", None), what + "the 600th": (later * 1e3, "ms", 1), what + "the 5,000th": (last * 1e3, "ms", 1)}


def dumps(binary, _):
    rows = {}
    for form, seconds in (("json", 1), ("yaml", 2)):
        cpu, peak = ended(binary, "explain", "-f", dump(100000, form), "--as", "user-7", "get pods -n default")
        rows[f"explain -f, 100,000 bindings, {form}: CPU"] = (cpu, "s", seconds)
        rows[f"explain -f, 100,000 bindings, {form}: memory"] = (peak, "MiB", 400)
    return rows


ROWS = {"run": run_all, "lizhe10": run_one, "replays": replays, "orders": orders, "book": book, "binary": size, "cluster": cluster, "watches": watches, "pods": pods, "explain": dumps}


def growth(binary):
    """Costs by size, and the exponent of a line through their logarithms."""
    costs, rest = {}, 500
    for objects in (1000, 10000, 100000):
        with Server(binary) as server:
            fill(server, objects)
            asked = {
                "create": lambda: server.cost(rest, "POST", BINDINGS, lambda n: binding(objects + n)),
                "authorize": lambda: server.cost(5000, "POST", REVIEW, review),
                "list with limit": lambda: server.cost(rest, "GET", BINDINGS + "?limit=10"),
                "watch, from now": lambda: watch(server, rest),
            }
            for what, measure in asked.items():
                costs.setdefault(what, []).append((objects, measure() * 1e6))
    with Server(binary, nodes=1000) as server:
        time.sleep(3)
        there = 0
        for size in (1000, 10000, 100000):
            to_running(server, f"until-{size}", size - there)
            costs.setdefault("a pod to Running", []).append((size, to_running(server, f"at-{size}", rest) * 1e6))
            there = size + rest
    for what, points in costs.items():
        logs = [(math.log(x), math.log(max(y, 1))) for x, y in points]
        mean_x, mean_y = (sum(column) / len(logs) for column in zip(*logs))
        slope = sum((x - mean_x) * (y - mean_y) for x, y in logs) / sum((x - mean_x) ** 2 for x, _ in logs)
        told = ", ".join(f"{y:.0f} µs at {x:,}" for x, y in points)
        # What a request costs; all of n cost n times that.
        print(f"| {what} | {told} | {1 + slope:.2f} |", flush=True)


def watch(server, times):
    """CPU seconds of a write that one watch of the same resource is told of."""
    connection = server.connect()
    newest = json.loads(server.must("GET", BINDINGS + "?limit=1"))["metadata"]["resourceVersion"]
    connection.request("GET", f"{BINDINGS}?watch=1&resourceVersion={newest}", None, {"Authorization": "Bearer root-token"})
    lines = connection.getresponse()
    threading.Thread(target=lambda: [None for _ in iter(lines.readline, b"")], daemon=True).start()
    return server.cost(times, "PUT", BINDINGS + "/b-1", lambda n: {**binding(1), "metadata": {"name": "b-1", "labels": {"n": str(n)}}})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW")
    parser.add_argument("--binary", default="target/release/kubeverdict")
    parser.add_argument("--beside")
    parser.add_argument("--objects", type=int, default=10000)
    parser.add_argument("--scenarios", default="scenarios")
    parser.add_argument("--beside-scenarios")
    parser.add_argument("--seeds", type=int, default=100000)
    parser.add_argument("--growth", action="store_true")
    options = parser.parse_args()
    if options.growth:
        print("| what | a request | exponent of n of them |\n| --- | --- | --- |")
        return growth(options.binary)
    unknown = [name for name in options.rows if not any(row.startswith(name) for row in ROWS)]
    if unknown:
        parser.error(f"no row `{unknown[0]}`; there are {', '.join(ROWS)}")
    print("| what | now | beside | ratio | target |\n| --- | --- | --- | --- | --- |")
    for name, measure in ROWS.items():
        if options.rows and not any(name.startswith(row) for row in options.rows):
            continue
        options.folder = options.scenarios
        ours = measure(options.binary, options)
        theirs = {}
        if options.beside:
            options.folder = options.beside_scenarios or options.scenarios
            try:
                theirs = measure(options.beside, options)
            except (Missing, OSError) as why:
                print(f"{name}: {options.beside} {why}", file=sys.stderr)
        for what, (figure, unit, target) in ours.items():
            other = theirs.get(what, (None,))[0]
            beside, ratio = f"{other:.4g} {unit}" if other is not None else "", ""
            if other and figure > 0:
                ratio = f"{figure / other if unit == '/s' else other / figure:.1f}"
            print(f"| {what} | {figure:.3g} {unit} | {beside} | {ratio} | {f'{target:g} {unit}' if target else ''} |", flush=True)


main()

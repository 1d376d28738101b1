"""Exec, attach and port-forward by client libraries and kubectls that others made, at a server that listens.

Usage: clients.py KUBECONFIG [KUBECTL...].
"""

import asyncio
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request

KUBECONFIG, KUBECTLS = sys.argv[1], sys.argv[2:]
LINE = "kubeverdict: port 80 of pod default/p; what a container answers is not modelled\n"
FOLDER = "/var/run/secrets/kubernetes.io/serviceaccount"
FILES = "ca.crt\nnamespace\ntoken\n"
REQUEST = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def check(name, got, want):
    assert got == want, f"{name}: {got!r}, not {want!r}"
    print(f"ok: {name}")


def with_kubernetes():
    """The official library: WebSockets with v4.channel.k8s.io."""
    from kubernetes import client, config
    from kubernetes.stream import portforward, stream

    config.load_kube_config(KUBECONFIG)
    api = client.CoreV1Api()
    container = {"name": "c", "image": "busybox", "command": ["sh"], "ports": [{"containerPort": 80}]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [container]}}
    api.create_namespaced_pod("default", pod)
    while api.read_namespaced_pod("p", "default").status.phase != "Running":
        time.sleep(0.1)

    def run(command, **more):
        flags = {"stdin": False, "stdout": True, "stderr": True, "tty": False} | more
        return stream(api.connect_get_namespaced_pod_exec, "p", "default", command=command, **flags)

    check("kubernetes: exec", run(["ls", FOLDER]), FILES)
    for command, code in [(["false"], 1), (["/bin/sh", "-c", "sleep 1; exit 3"], 3), (["true"], 0)]:
        ran = run(command, _preload_content=False)
        ran.run_forever(timeout=20)
        check(f"kubernetes: {command}", ran.returncode, code)
    shell = run(["/bin/sh"], stdin=True, _preload_content=False)
    shell.write_stdin("echo one\n")
    check("kubernetes: a line that is typed", shell.readline_stdout(timeout=20), "one")
    shell.write_stdin("echo two >&2\n")
    check("kubernetes: another", shell.readline_stderr(timeout=20), "two")
    shell.write_stdin("exit 4\n")
    shell.run_forever(timeout=20)
    check("kubernetes: the shell's end", shell.returncode, 4)
    forward = portforward(api.connect_get_namespaced_pod_portforward, "p", "default", ports="80,81")
    socket = forward.socket(80)
    socket.setblocking(True)
    socket.sendall(REQUEST)
    answer = b""
    while piece := socket.recv(4096):
        answer += piece
    check("kubernetes: port-forward", answer.decode().split("\r\n\r\n")[1], LINE)
    check("kubernetes: a port that nobody listens on", "connection refused" in forward.error(81), True)


def with_kr8s():
    """WebSockets with v5.channel.k8s.io, port-forward in channels."""
    import kr8s
    from kr8s.asyncio.objects import Pod

    async def story():
        # It cuts its connections off in the middle of a word, and tells of it at length.
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        api = await kr8s.asyncio.api(kubeconfig=KUBECONFIG)
        pod = await Pod.get("p", namespace="default", api=api)
        ran = await pod.exec(["ls", FOLDER])
        check("kr8s: exec", (ran.returncode, ran.stdout.decode()), (0, FILES))
        check("kr8s: exec that fails", (await pod.exec(["false"], check=False)).returncode, 1)
        async with pod.portforward(80) as port:
            check("kr8s: port-forward", await asyncio.to_thread(fetch, port), LINE)

    asyncio.run(asyncio.wait_for(story(), 60))


def with_lightkube():
    """WebSockets over httpx."""
    import lightkube

    config = lightkube.KubeConfig.from_file(KUBECONFIG).get()
    client = lightkube.Client(config=config)
    ran = client.exec("p", namespace="default", command=["cat"], stdin="typed", stdout=True)
    check("lightkube: exec", (ran.exit_code, ran.stdout), (0, "typed"))


def fetch(port):
    for _ in range(50):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20) as answer:
                return answer.read().decode()
        except (ConnectionError, urllib.error.URLError):
            time.sleep(0.1)
    raise AssertionError("nobody listens")


def with_kubectl(kubectl, websockets):
    """SPDY; WebSockets since 1.31, unless they are switched off."""
    switch = "true" if websockets else "false"
    names = ["KUBECTL_REMOTE_COMMAND_WEBSOCKETS", "KUBECTL_PORT_FORWARD_WEBSOCKETS"]
    env = os.environ | {"KUBECONFIG": KUBECONFIG} | {name: switch for name in names}
    about = f"{kubectl.split('/')[-3 if 'usr' not in kubectl else -4]}, websockets {switch}"

    def run(*words, typed=""):
        ran = subprocess.run([kubectl, *words], input=typed, env=env, capture_output=True, text=True, timeout=60)
        return ran.returncode, ran.stdout

    check(f"{about}: exec", run("exec", "p", "--", "ls", FOLDER), (0, FILES))
    check(f"{about}: cat", run("exec", "-i", "p", "--", "cat", typed="a\nb"), (0, "a\nb"))
    check(f"{about}: sh", run("exec", "-i", "p", "--", "sh", typed="echo a\nexit 3\n"), (3, "a\n"))
    check(f"{about}: attach", run("attach", "-i", "p", typed="echo a\n"), (0, "a\n"))
    check(f"{about}: logs", run("logs", "p"), (0, ""))
    command = [kubectl, "port-forward", "pod/p", ":80"]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as forward:
        port = forward.stdout.readline().split(" -> ")[0].rsplit(":", 1)[1]
        check(f"{about}: port-forward", [fetch(port), fetch(port)], [LINE, LINE])
        forward.kill()


with_kubernetes()
for library in [with_kr8s, with_lightkube]:
    library()
for path in KUBECTLS:
    for websockets in [False, True]:
        with_kubectl(path, websockets)

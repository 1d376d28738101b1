//! Goal: no mistake in a scenario is green, and each names the line on which it stands.
//! Method: a table of scenarios with one mistake each; and a step's result, as what it expects tells it.

#[path = "support/folder.rs"]
mod folder;

use folder::run_text;

/// Runs a scenario whose steps begin on line 4.
fn steps(name: &str, steps: &str) -> (i32, String) {
    run_text(name, &format!("scenario: a\nabout: A mistake.\nsteps:\n{steps}\n"))
}

/// What is wrong, as lines of steps that begin on line 4; the exit code, and what must be printed.
const MISTAKES: &[(&str, &str, i32, &[&str])] = &[
    (
        "file",
        "- kubectl create namespace a\n- apply: nope.yaml",
        1,
        &[
            "step 2 (line 5): it fails with exit code 1: error: the path \"nope.yaml\" does not exist; if it should, write \
         `expect: {exit: 1}`",
        ],
    ),
    (
        "namespace",
        "- kubectl create sa x -n nope",
        1,
        &[
            "step 1 (line 4): the answer is 404: error: failed to create serviceaccount: namespaces \"nope\" not found; if it \
         should be, write `expect: 404`",
        ],
    ),
    (
        "twice",
        "- kubectl create namespace a\n- name: again\n  run: kubectl create namespace a",
        1,
        &["step 2 (line 5): the answer is 409: "],
    ),
    ("target", "- {in: default/p, run: env}", 2, &["a.yaml:4:3: step 1: `default/p` names no pod"]),
    (
        "target-kind",
        "- {in: default/pid/p, run: env}",
        2,
        &["a.yaml:4:3: step 1: `pid` is neither pod nor deployment"],
    ),
    (
        "target-name",
        "- kubectl run web --image=nginx\n- {in: default/pod/wep, run: env}",
        1,
        &[
            "step 2 (line 5): it fails with exit code 1: no pod of default/pod/wep is running (did you mean `web`?)",
        ],
    ),
    (
        "target-namespace",
        "- {in: defaut/pod/p, run: env}",
        1,
        &[
            "step 1 (line 4): it fails with exit code 1: no pod of defaut/pod/p is running: there is no namespace `defaut` \
         (did you mean `default`?)",
        ],
    ),
    ("wait-because", "- {wait: 1s, because: RBAC}", 2, &["a.yaml:4:3: step 1: nothing comes of `wait`"]),
    ("kustomize", "- kubectl apply -k .", 1, &["step 1 (line 4)", "kustomizations are not modelled (-k)"]),
    (
        "url",
        "- kubectl apply -f https://example.com/a.yaml",
        1,
        &["step 1 (line 4)", "URLs are not read here"],
    ),
    (
        "token",
        "- kubectl create sa r\n- {run: kubectl create token r, save: tok}\n\
        - {as: {token: $token}, run: kubectl get ns, expect: 401}",
        2,
        &["a.yaml:6:3: step 3: there is no variable `$token`", "hint: did you mean `$tok`?"],
    ),
    (
        "path",
        "- request: {do: GET /api/v1/namespaces/$ns}\n  expect: 404",
        2,
        &["a.yaml:4:3: step 1: there is no variable `$ns`"],
    ),
    (
        "body",
        "- request:\n    do: POST /api/v1/namespaces\n    body: {metadata: {name: \"${NAME}\"}}\n  expect: 422",
        2,
        &["a.yaml:4:3: step 1: there is no variable `$NAME`"],
    ),
    (
        "header",
        "- {request: {do: GET /api, headers: {Authorization: Bearer $T}}, expect: 401}",
        2,
        &["a.yaml:4:3: step 1: there is no variable `$T`"],
    ),
    (
        "line",
        "- {run: kubectl get ns --token $tok, expect: 401}",
        2,
        &["a.yaml:4:3: step 1: there is no variable `$tok`"],
    ),
    (
        "quoted",
        "- kubectl create cm a\n- kubectl patch cm a -p '{\"data\":{\"a\":\"$tok\"}}'",
        2,
        &["a.yaml:5:3: step 2: there is no variable `$tok`"],
    ),
    (
        "pod-line",
        "- kubectl run p --image=nginx\n- in: default/pod/p\n  run: curl -sk --oauth2-bearer $TOK \
        https://kubernetes.default.svc/api\n  expect: 401",
        2,
        &["a.yaml:5:3: step 2: there is no variable `$TOK`"],
    ),
    (
        "user",
        "- {as: $who, run: kubectl get ns, expect: 403}",
        2,
        &["a.yaml:4:3: step 1: there is no variable `$who`"],
    ),
    (
        "expected",
        "- {run: kubectl get ns, expect: {prints: $what}}",
        2,
        &["a.yaml:4:3: step 1: there is no variable `$what`"],
    ),
    (
        "saved",
        "- {run: kubectl create sa r, save: my-token}",
        2,
        &["a.yaml:4:3: step 1: `my-token` is no variable's name"],
    ),
    (
        "nothing-saved",
        "- {request: {do: GET /api}, save: {V: status.tokn}}\n- wait: 1s\n- kubectl get ns $V",
        2,
        &["a.yaml:6:3: step 3: there is no variable `$V`"],
    ),
    (
        "flag",
        "- kubectl run p --imgae=nginx",
        2,
        &["a.yaml:4:3: step 1: kubectl run: unknown flag: --imgae", "did you mean `--image`?"],
    ),
    (
        "alias",
        "- k get pods",
        2,
        &["a.yaml:4:3: step 1: `k` is not a command outside a pod", "there is no alias: write `kubectl`"],
    ),
    (
        "because",
        "- {as: bob, run: kubectl get pods, expect: 403, because: rbac}",
        2,
        &["a.yaml:4:3: step 1: because: nobody who decides is called `rbac`", "hint: did you mean `RBAC`?"],
    ),
    (
        "because-plugin",
        "- what-if:\n  - {run: kubectl get pods, because: PodSecurty}",
        2,
        &["a.yaml:5:5: step 1.1: because", "hint: did you mean `PodSecurity`?"],
    ),
    (
        "because-nobody",
        "- {run: kubectl get pods, because: somebody-else-altogether}",
        2,
        &["hint: it names a mode (RBAC), an admission plugin (PodSecurity)"],
    ),
    (
        "heredoc",
        "- run: |\n    kubectl apply -f - <<EOF\n    a: $NAME\n    EOF",
        2,
        &["a.yaml:4:3: step 1: there is no variable `$NAME`"],
    ),
    (
        "heredoc-end",
        "- run: |\n    kubectl apply -f - <<EOF\n    a: 1",
        2,
        &["a.yaml:4:3: step 1: the text after `<<EOF` does not end: a line `EOF` is missing"],
    ),
    (
        "verb",
        "- wait: 1s\n- kubectl gte pods",
        2,
        &["a.yaml:5:3: step 2: unknown command \"gte\"", "did you mean `get`?"],
    ),
    (
        "resource",
        "- kubectl get podz",
        2,
        &["a.yaml:4:3: step 1: unknown resource `podz`", "did you mean `pods`?"],
    ),
    (
        "kind",
        "- about: A kind.\n  apply: {apiVersion: v1, kind: Pot, metadata: {name: p}}",
        2,
        &["a.yaml:4:3: step 1: unknown kind `Pot` in Kubernetes 1.36", "did you mean `Pod`?"],
    ),
    (
        "group",
        "- apply: {apiVersion: v1, kind: Deployment, metadata: {name: p}}",
        2,
        &[
            "a.yaml:4:3: step 1: unknown kind `Deployment` of v1 in Kubernetes 1.36",
            "hint: `Deployment` is in apps/v1",
        ],
    ),
    (
        "custom",
        "- apply: {apiVersion: cert-manager.io/v1, kind: Certificate, metadata: {name: p}}",
        1,
        &[
            "step 1 (line 4): it fails with exit code 1: ",
            "no matches for kind \"Certificate\" in version \"cert-manager.io/v1\"",
        ],
    ),
    (
        "name",
        "- kubectl create role r --verb=get --resource=pods\n- kubectl delete role q",
        1,
        &[
            "step 2 (line 5): the answer is 404: Error from server (NotFound): roles.rbac.authorization.k8s.io \"q\" not found",
        ],
    ),
    (
        "container",
        "- kubectl run p --image=nginx\n- kubectl exec p -c side -- true",
        1,
        &["step 2 (line 5)", "side"],
    ),
    ("context", "- kubectl --context prod get pods", 1, &["step 1 (line 4)", "--context is not modelled"]),
    (
        "release",
        "- {run: kubectl get ns, expect: {\"1.40\": 200}}",
        2,
        &["a.yaml:4:", "unknown Kubernetes version `1.40`"],
    ),
    (
        "release-missing",
        "- kubectl get ns\n- {run: kubectl get ns, expect: {\"1.20..1.30\": 200}}",
        2,
        &[
            "a.yaml:5:3: step 2: `expect` says nothing of 1.36, which the scenario is replayed in",
            "hint: it says something of 1.20..1.30",
        ],
    ),
    (
        "release-twice",
        "- {run: kubectl get ns, expect: {\"1.20..1.30\": 200, \"1.30..1.36\": 200}}",
        2,
        &["a.yaml:4:", "`1.20..1.30` and `1.30..1.36` overlap"],
    ),
    (
        "duration",
        "- wait: 10 minuets",
        2,
        &["a.yaml:4:", "`10 minuets` is no duration such as 2s, 10m or 1h30m"],
    ),
    (
        "code",
        "- {run: kubectl get ns, expect: 1}",
        2,
        &["a.yaml:4:", "1 is no HTTP code; an exit code is written `expect: {exit: 1}`"],
    ),
    (
        "key",
        "- run: kubectl get ns\n  expct: 200",
        2,
        &["a.yaml:5:3: steps[0]: unknown key `expct`", "did you mean `expect`?"],
    ),
    (
        "raw",
        "- request: {do: GET /api/v1/namespaces/nope}",
        1,
        &[
            "step 1 (line 4): the answer is 404: namespaces \"nope\" not found; if it should be, write `expect: 404`",
        ],
    ),
    (
        "raw-path",
        "- request: {do: GET api}",
        2,
        &["a.yaml:4:3: step 1: `api` is no path: it begins with `/`"],
    ),
    (
        "curl",
        "- kubectl run p --image=nginx\n- in: default/pod/p\n  run: curl -sk https://kubernetes.default.svc/api/v1/pods",
        1,
        &["step 2 (line 5): the answer is 403: pods is forbidden"],
    ),
    (
        "curl-name",
        "- kubectl run p --image=nginx\n- {in: default/pod/p, run: curl -sk https://kubernets.default.svc/api}",
        1,
        &["step 2 (line 5): it fails with exit code 6"],
    ),
    (
        "what-if",
        "- what-if:\n  - kubectl get ns\n  - kubectl create sa x -n nope",
        1,
        &["step 1.2 (line 6): the answer is 404"],
    ),
    (
        "never-verb",
        "- kubectl get ns\nnever:\n- {who: bob, can: get pods}\n- {who: bob, can: gte secrets}",
        2,
        &["a.yaml:7:3: never: there is no verb `gte`; did you mean `get`?"],
    ),
    (
        "never",
        "- kubectl get ns\nnever:\n- {who: bob, can: get pods}\n- {who: bob, can: get secretz}",
        2,
        &["a.yaml:7:3: never: unknown resource `secretz`"],
    ),
    (
        "property",
        "- kubectl get ns\nalways:\n- {who: bob, object: pods/a}",
        2,
        &["a property is `who` with `can`, `code` with `who` and `asks`, or `object` with `fields`"],
    ),
    (
        "property-object",
        "- kubectl get ns\neventually:\n- {object: pods -n shop}",
        2,
        &["a.yaml:6:3: eventually: `pods -n shop` names no object; write `pods/web -n shop`"],
    ),
    (
        "property-variable",
        "- kubectl get ns\nalways:\n- {object: pods/a, when: {missing: pods/$NAME}}",
        2,
        &["a.yaml:6:3: there is no variable `$NAME`"],
    ),
    (
        "never-variable",
        "- kubectl get ns\nnever:\n- {who: $someone, can: get pods}",
        2,
        &["a.yaml:6:3: there is no variable `$someone`"],
    ),
    (
        "solution",
        "- kubectl get ns\nexercise:\n  task: A task.\n  solution:\n  - kubectl create namespace a\n  check:\n  \
        - kubectl get namespace b",
        1,
        &["step check.1 (line 10): the answer is 404"],
    ),
];

#[test]
fn no_mistake_is_green_and_each_is_told_with_its_line() {
    let mut wrong = Vec::new();
    for (name, text, code, told) in MISTAKES {
        let (got, out) = steps(name, text);
        if got != *code || told.iter().any(|part| !out.contains(part)) {
            wrong.push(format!("{name}: exit {got}, wanted {code} and {told:?}:\n{out}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What is wrong above the steps, as lines from line 3 on.
const OF_CLUSTERS: &[(&str, &str, &[&str])] = &[
    (
        "flag",
        "cluster: {flags: {anonymous-auth: true, anonymus-auth: false}}",
        &["a.yaml:3:", "unknown flag `--anonymus-auth`"],
    ),
    (
        "plugin",
        "cluster:\n  flags:\n    anonymous-auth: true\n    enable-admission-plugins: NodeRestrictoin",
        &["a.yaml:6:", "NodeRestrictoin"],
    ),
    (
        "version",
        "cluster: {version: \"1.40\"}",
        &["a.yaml:3:", "unknown Kubernetes version `1.40`", "hint: did you mean `1.37`?"],
    ),
    (
        "range-unknown",
        "cluster: {versions: [\"1.20\", \"1.24..1.63\"]}",
        &["a.yaml:3:30: ", "unknown Kubernetes version `1.63`", "hint: did you mean `1.37`?"],
    ),
    (
        "range-turned-around",
        "cluster: {versions: [\"1.36..1.24\"]}",
        &["a.yaml:3:22: ", "`1.36..1.24` holds no release", "hint: did you mean `1.24..1.36`?"],
    ),
    (
        "range-written-otherwise",
        "cluster: {versions: [\"1.24-1.36\"]}",
        &["a.yaml:3:22: ", "hint: a range is written `1.24..1.36`"],
    ),
    (
        "ranges-overlap",
        "cluster: {versions: [\"1.20..1.24\", \"1.30\", \"1.24..1.26\"]}",
        &[
            "a.yaml:3:44: `1.20..1.24` and `1.24..1.26` overlap",
            "hint: a scenario is replayed once in a release",
        ],
    ),
    (
        "version-and-versions",
        "cluster: {versions: [\"1.24\"], version: \"1.24\"}",
        &["a.yaml:3:", "either `version` or `versions`, not both"],
    ),
    ("cluster-key", "cluster: {verson: \"1.36\"}", &["a.yaml:3:", "unknown key `verson`"]),
];

#[test]
fn a_wrong_cluster_is_told_with_its_line() {
    for (name, cluster, told) in OF_CLUSTERS {
        let text = format!("scenario: a\nabout: A.\n{cluster}\nsteps: [kubectl get ns]\n");
        let (code, out) = run_text(&format!("cluster-{name}"), &text);
        assert_eq!(code, 2, "{name}: {out}");
        assert!(told.iter().all(|part| out.contains(part)), "{name}: {out}");
    }
}

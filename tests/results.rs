//! Goal: a step's result is what kubectl, curl or the server made of it, and nothing passes by accident.
//! Method: scenarios as a newcomer would write them; what `run` says, and with which exit code.

#[path = "support/folder.rs"]
mod folder;

use folder::{folder, run, run_text};

/// Runs steps after a common beginning.
fn steps(name: &str, beginning: &str, steps: &str) -> (i32, String) {
    run_text(name, &format!("scenario: a\nabout: A result.\nsteps:\n{beginning}{steps}\n"))
}

/// Runs steps of which each is as expected, or of which one is not for the reason that is told.
fn check(name: &str, beginning: &str, cases: &[(&str, Option<&str>)]) {
    for (index, (text, told)) in cases.iter().enumerate() {
        let (code, out) = steps(&format!("{name}-{index}"), beginning, text);
        assert_eq!(code, i32::from(told.is_some()), "{text}\n{out}");
        assert!(told.is_none_or(|told| out.contains(told)), "{text}\nwanted: {told:?}\n{out}");
    }
}

/// An account that may create deployments in a namespace, but not look at the namespace.
const BOT: &str = "\
- kubectl create namespace shop
- kubectl create serviceaccount bot -n shop
- kubectl create role deployer -n shop --verb=get,list,create,patch --resource=deployments.apps
- kubectl create rolebinding bot -n shop --role=deployer --serviceaccount=shop:bot
";

/// kubectl asks for the namespace after the 404, and passes over the 403 that it gets.
#[test]
fn a_probe_that_kubectl_passes_over_decides_nothing() {
    let apply = "- as: system:serviceaccount:shop:bot\n  apply:\n    apiVersion: apps/v1\n    kind: Deployment\n    \
        metadata: {name: api, namespace: shop}\n    spec:\n      selector: {matchLabels: {app: api}}\n      template: \
        {metadata: {labels: {app: api}}, spec: {containers: [{name: c, image: nginx}]}}\n";
    check(
        "probe",
        BOT,
        &[
            (apply, None),
            (&format!("{apply}  expect: 201\n  because: RBAC"), None),
            (&format!("{apply}  expect: {{code: 201, exit: 0}}"), None),
            (&format!("{apply}  expect: 403"), Some("step 5 (line 8): code: expected 403, got 201")),
        ],
    );
}

const APPLIED: &str = "\
- apply:
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: one}}
  - {apiVersion: v1, kind: Service, metadata: {name: bad}, spec: {ports: []}}
  - {apiVersion: v1, kind: ConfigMap, metadata: {name: two}}
";

#[test]
fn of_several_objects_the_worst_decides() {
    let expecting = |expect: &str| format!("{APPLIED}  expect: {expect}");
    let told = "step 1 (line 4): the answer is 422";
    let cases: &[(&str, Option<&str>)] = &[
        ("", Some(told)),
        ("201", Some("code: expected 201, got 422")),
        ("422", None),
        ("{exit: 1}", None),
        ("{code: 422, exit: 1, reason: Invalid}", None),
        ("[201, 422, 201]", None),
        ("[201, {code: 422, reason: Invalid}, {exit: 0}]", None),
        ("[201, 201, 201]", Some("object 2: code: expected 201, got 422")),
        ("[201, {exit: 0}, 201]", Some("object 2: exit: expected 0, got 1")),
        ("[201, 422]", Some("objects: expected 2, got 3 (201, 422, 201)")),
    ];
    for (index, (expect, told)) in cases.iter().enumerate() {
        let text = if expect.is_empty() { APPLIED.to_owned() } else { expecting(expect) };
        check(&format!("several-{index}"), "", &[(&text, *told)]);
    }
    // What one refusal is about does not hide another.
    let delete = "- kubectl create cm a\n- {run: kubectl delete cm/a cm/b, expect: [200, 404]}\n\
        - {run: kubectl delete cm/a cm/b, expect: 404}";
    check("several-delete", "", &[(delete, None)]);
}

#[test]
fn what_fails_must_be_expected() {
    check(
        "fails",
        "- kubectl create namespace a\n- kubectl run p --image=nginx\n",
        &[
            ("- kubectl create namespace a", Some("step 3 (line 6): the answer is 409")),
            ("- {run: kubectl create namespace a, expect: 409}", None),
            ("- {run: kubectl create namespace a, expect: {exit: 1}}", None),
            ("- {run: kubectl create namespace a, expect: {code: 409, exit: 1}}", None),
            ("- {run: kubectl create namespace a, expect: {reason: AlreadyExists}}", None),
            ("- {run: kubectl create namespace a, expect: {exit: 0}}", Some("exit: expected 0, got 1")),
            ("- {run: kubectl create namespace a, expect: {prints: exists}}", Some("the answer is 409")),
            // Who refused is named.
            ("- {as: bob, run: kubectl get pods, because: RBAC}", None),
            ("- {as: bob, run: kubectl get pods, because: Node}", Some("because: expected Node, got RBAC")),
            ("- {run: kubectl get pods -f nope.yaml, because: RBAC}", Some("it fails with exit code 1")),
            // kubectl fails though every request is granted.
            ("- {as: bob, run: kubectl auth can-i get pods, expect: 201}", Some("it fails with exit code 1")),
            ("- {as: bob, run: kubectl auth can-i get pods, expect: {code: 201, exit: 1}}", None),
            (
                "- {run: kubectl wait pod/p --for=delete --timeout=5s, expect: 200}",
                Some("code: expected 200, got none"),
            ),
            ("- {run: kubectl wait pod/p --for=delete --timeout=5s, expect: {exit: 1}}", None),
            // What is not there need not be there.
            ("- kubectl delete pod q --ignore-not-found", None),
            // curl shows what it gets and is content.
            (
                "- {in: default/pod/p, run: curl -sk https://kubernetes.default.svc/api/v1/pods, expect: {exit: 0}}",
                Some("the answer is 403"),
            ),
            (
                "- {in: default/pod/p, run: curl -sk https://kubernetes.default.svc/api/v1/pods, expect: 403}",
                None,
            ),
            (
                "- {in: default/pod/p, run: curl -fsk https://kubernetes.default.svc/api/v1/pods, expect: {code: 403, exit: 22}}",
                None,
            ),
            (
                "- kubectl exec p -- curl -sk https://kubernetes.default.svc/api/v1/pods",
                Some("the answer is 403"),
            ),
            (
                "- {run: 'kubectl exec p -- curl -sk https://kubernetes.default.svc/api/v1/pods', expect: {code: 403, exit: 0}}",
                None,
            ),
            ("- kubectl exec p -- cat /nowhere", Some("it fails with exit code 1")),
            // Warnings decide nothing.
            ("- kubectl delete pod p --force --grace-period=0", None),
        ],
    );
}

#[test]
fn what_is_expected_may_differ_by_release() {
    let of = |expect: &str| {
        format!(
            "scenario: a\nabout: A token, or the word for it.\ncluster: {{versions: [\"1.20\", \"1.24\", \"1.36\"]}}\nsteps:\n\
             - {{run: kubectl create token default, expect: {expect}}}\n"
        )
    };
    for (index, (expect, code)) in [
        ("{\"1.20..1.23\": {exit: 1}, \"1.24..1.36\": 201}", 0),
        ("{\"1.20\": {exit: 1}, \"1.24\": 201, \"1.36\": [201]}", 0),
        ("{\"1.20..1.24\": {exit: 1}, \"1.36\": 201}", 1),
        ("{\"1.20\": {exit: 1}, \"1.36\": 201}", 2),
    ]
    .into_iter()
    .enumerate()
    {
        let (got, out) = run_text(&format!("release-{index}"), &of(expect));
        assert_eq!(got, code, "{expect}: {out}");
    }
}

#[test]
fn variables_reach_wherever_they_are_named() {
    let text = "\
- kubectl create namespace shop
- kubectl create serviceaccount bot -n shop
- {run: 'kubectl get sa bot -n shop -o jsonpath={.metadata.name}', save: NAME}
- {run: 'kubectl get ns shop -o jsonpath={.metadata.name}', save: NS}
- {as: 'system:serviceaccount:$NS:$NAME', run: 'kubectl get pods -n ${NS}', expect: 403, because: RBAC}
- {as: {user: alice, groups: ['system:serviceaccounts:$NS']}, run: kubectl get pods, expect: 403}
- kubectl run p --image=nginx -n shop
- {in: $NS/pod/p, run: 'echo ${NS}x $HOME', expect: {prints: shopx /root}}
- {in: $NS/pod/p, run: \"sh -c 'echo $HOME'\", expect: {prints: /root}}
- \"kubectl exec p -n shop -- sh -c 'echo $HOME'\"
- {request: {do: POST /api/v1/namespaces/$NS/configmaps,
   body: {apiVersion: v1, kind: ConfigMap, metadata: {name: m}, data: {cost: 5$$, of: $NAME}}}, expect: {answer: {data.of: $NAME, data.cost: 5$}}}
";
    check("variables", "", &[(text, None)]);
}

/// README puts a manifest beside the scenario that applies it.
#[test]
fn a_folder_may_hold_manifests_beside_scenarios() {
    let scenario = "\u{feff}scenario: a\nabout: A pod.\nsteps:\n- apply: pod.yaml\n";
    let pod =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: [{name: c, image: nginx}]}\n";
    let folder = folder("beside", &[("a.yaml", scenario), ("pod.yaml", pod), ("deep/role.yaml", pod)]);
    assert_eq!(run(&folder, ".").0, 0, "{}", run(&folder, ".").1);
    let (code, out) = run(&folder, "deep");
    assert!(code == 2 && out.contains("no scenario in this folder, only other YAML"), "{out}");
    let (code, out) = run(&folder, "pod.yaml");
    assert!(code == 2 && out.contains("unknown key `apiVersion`"), "{out}");
    std::fs::remove_dir_all(folder).expect("it was made");
}

/// Values of a chart, a pipeline, a template that is no YAML: whatever is no scenario may lie there, and what is a wrong one is told.
#[test]
fn other_yaml_is_left_alone_and_wrong_scenarios_are_not() {
    let scenario = "scenario: a\nsteps:\n- kubectl get pods\n";
    let others = [
        ("values.yaml", "scenarios: {on: true}\nreplicas: 3\n"),
        ("azure-pipelines.yml", "trigger: [main]\nsteps:\n- script: echo\n"),
        ("deep/template.yaml", "{{ if .Values.on }}\nkind: Pod\n  steps: 1\n{{ end }}\n"),
        ("list.yaml", "- scenario: a\n"),
    ];
    let files: Vec<(&str, &str)> = others.into_iter().chain([("a.yaml", scenario)]).collect();
    let with = folder("other-yaml", &files);
    let (code, out) = run(&with, ".");
    assert!(code == 0 && out.contains("1 scenario, 1 step: all as expected"), "{out}");
    std::fs::remove_dir_all(with).expect("it was made");
    for (index, (text, told)) in [
        ("scenaro: a\nsteps: [kubectl get pods]\n", "did you mean `scenario`?"),
        ("scenario: a\nstep: [kubectl get pods]\n", "did you mean `steps`?"),
        ("scenario: a\nsteps: [kubectl get pods\n", "b.yaml:3:"),
    ]
    .into_iter()
    .enumerate()
    {
        let wrong = folder(&format!("wrong-{index}"), &[("a.yaml", scenario), ("b.yaml", text)]);
        let (code, out) = run(&wrong, ".");
        assert!(code == 2 && out.contains(told), "{out}");
        std::fs::remove_dir_all(wrong).expect("it was made");
    }
}

const HEREDOC: &str = "\
- {run: 'kubectl create cm a -o name', save: NAME}
- run: |
    kubectl apply -f - <<EOF
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: b, annotations: {of: $NAME, cost: 5$$}}
    EOF
- as: alice
  run: |
    cat <<'EOF' | kubectl apply -f - --server-side
    {apiVersion: v1, kind: ConfigMap, metadata: {name: $c}}
    EOF
  expect: 403
- run: kubectl get cm b -o jsonpath={.metadata.annotations.cost},{.metadata.annotations.of}
  expect: {prints: '5$$,configmap/a'}
";

#[test]
fn a_line_may_bring_its_text() {
    check("heredoc", HEREDOC, &[("- kubectl get cm b", None)]);
}
#[test]
fn a_dump_that_cannot_be_read_is_told_with_its_line() {
    let scenario = |from: &str| {
        format!(
            "scenario: a\nabout: A dump.\ncluster:\n  from: {from}\nsteps:\n- {{as: jo, run: kubectl get pods, expect: 403}}\n"
        )
    };
    let files = [
        ("broken.yaml", "apiVersion: v1\nkind: List\nitems:\n- {a: 1}\n"),
        ("none.yaml", "# nothing\n"),
        ("role.yaml", "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: r}\n"),
    ];
    for (from, code, told) in [
        ("nowhere.yaml", 2, "error: ./s.yaml:4:9: `nowhere.yaml`: no such file or directory"),
        ("broken.yaml", 2, "error: broken.yaml:4:1: this is no Kubernetes object: it has no `kind`"),
        ("none.yaml", 2, "error: ./s.yaml:4:9: `none.yaml` holds no object"),
        ("../outside.yaml", 2, "leads out of the scenario's root"),
        ("role.yaml", 0, "note: what names no namespace (1 of the objects) is taken to be in `default`"),
    ] {
        let text = scenario(from);
        let folder = folder("dump", &[&files[..], &[("s.yaml", text.as_str())]].concat());
        let (ended, out) = run(&folder, "./s.yaml");
        assert!(ended == code && out.contains(told), "{from}: {ended}: {out}");
        std::fs::remove_dir_all(folder).expect("it was made");
    }
}

/// What is refused to somebody whom nobody meant proves nothing: it is told.
#[test]
fn names_that_look_like_an_account_are_told() {
    let text = "\
scenario: a
steps:
- kubectl create sa app
- {as: 'default:app', run: kubectl get pods, expect: 403}
- {as: 'oidc:jo', run: kubectl get pods, expect: 403}
- {as: 'shop/app', run: kubectl get pods, expect: 403}
never:
- {who: 'system:serviceaccount:default:ap', can: get secrets}
- {who: 'system:serviceaccount:default', can: get secrets}
";
    let folder = folder("names", &[("a.yaml", text)]);
    let (code, out) = run(&folder, "./a.yaml");
    let told = [
        "`default:app` is a user of that name; the service account is called system:serviceaccount:default:app",
        "`shop/app` is a user of that name; the service account is called system:serviceaccount:shop:app",
        "`system:serviceaccount:default` is nobody's name: a service account is called system:serviceaccount:NAMESPACE:NAME",
        "never: there is no service account `ap` in namespace `default`",
    ];
    for note in told {
        assert!(out.contains(&format!("note: {note}\n")), "{note}: {out}");
    }
    assert!(code == 0 && out.matches("note: ").count() == told.len(), "{out}");
    std::fs::remove_dir_all(folder).expect("it was made");
}

//! `can-i -f`: yes or no, as a script reads it.

#[path = "support/beside.rs"]
mod beside;

use beside::run_beside;

const DUMP: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: pods, namespace: shop}
rules:
- {apiGroups: [''], resources: [pods], verbs: [get, list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ci, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: pods}
subjects:
- {kind: ServiceAccount, name: ci, namespace: build}
";

/// Runs `can-i` beside the dump and a file of questions; the exit code and what it wrote.
fn can_i(questions: &str, arguments: &[&str]) -> (i32, String) {
    run_beside(&[("dump.yaml", DUMP), ("questions.yaml", questions)], &[&["can-i"], arguments].concat())
}

#[test]
fn yes_and_no_are_codes_as_kubectls() {
    const CI: &str = "system:serviceaccount:build:ci";
    let ask = |words: &[&str]| can_i("", &[&["-f", "dump.yaml", "--as", CI][..], words].concat());
    let (code, text) = ask(&["list", "pods", "-n", "shop"]);
    assert_eq!(code, 0, "{text}");
    assert!(text.starts_with("yes - RBAC: allowed by RoleBinding \"ci/shop\""), "{text}");
    assert_eq!(ask(&["list", "pods"]), (1, "no\n".to_owned()));
    assert_eq!(ask(&["-q", "get pods/log -n shop"]), (1, String::new()));
    let half = can_i("", &["-f", "dump.yaml", "--as", "system:serviceaccount:shop", "get pods -n shop"]);
    assert_eq!(
        half,
        (1, "no\nwarning: a service account is called system:serviceaccount:NAMESPACE:NAME; nobody has this name\n".to_owned())
    );
    // Whom a pasted refusal is of need not be said.
    let pasted = "pods is forbidden: User \"system:serviceaccount:build:ci\" cannot list resource \"pods\" in API group \"\" in \
        the namespace \"shop\"";
    assert_eq!(can_i("", &["-q", "-f", "dump.yaml", pasted]), (0, String::new()));
}

#[test]
fn a_right_to_a_domain_of_signers_is_told_of() {
    let ask = |name| can_i("", &["-f", "dump.yaml", "--as", "jo", "approve", "signers", name]);
    let (code, text) = ask("example.com/foo");
    assert_eq!(code, 1, "{text}");
    assert!(text.contains("the right to all of the domain, too: ask for example.com/*"), "{text}");
    assert_eq!(ask("example.com/*"), (1, "no\n".to_owned()));
}

#[test]
fn a_file_of_questions_is_checked() {
    let good = "- {who: 'system:serviceaccount:build:ci', can: get pods -n shop, expect: yes}\n\
        - {who: {user: jo, groups: [ops]}, can: get pods -n shop, expect: no}\n";
    let check = |questions| can_i(questions, &["-f", "dump.yaml", "--questions", "questions.yaml"]);
    assert_eq!(check(good), (0, "2 questions: all as expected\n".to_owned()));
    let (code, text) = check("- {who: jo, can: get pods -n shop, expect: yes}\n");
    assert_eq!(
        (code, &*text),
        (1, "differs jo: get pods -n shop: no, not yes\n1 question: 1 answered otherwise\n")
    );
}

#[test]
fn bad_input_is_told() {
    for (questions, arguments, told) in [
        ("", &["get", "pods"][..], "hint: give its objects with -f DUMP"),
        ("", &["-f", "dump.yaml", "get", "pods"], "hint: say it with --as USER"),
        ("", &["-f", "dump.yaml"], "<QUESTION>"),
        (
            "- {who: jo, can: get podz, expect: no}",
            &["-f", "dump.yaml", "--questions", "questions.yaml"],
            "questions.yaml: question 1: unknown resource `podz`; did you mean `pods`?",
        ),
        (
            "- {who: jo, can: lsit pods -n shop, expect: no}",
            &["-f", "dump.yaml", "--questions", "questions.yaml"],
            "questions.yaml: question 1: there is no verb lsit; did you mean list?",
        ),
        (
            "- {who: jo, can: POST pods -n shop, expect: no}",
            &["-f", "dump.yaml", "--questions", "questions.yaml"],
            "questions.yaml: question 1: there is no verb POST",
        ),
        (
            "",
            &["-f", "dump.yaml", "cannot list resource \"pods\" in API group \"\" in the namespace \"shop\""],
            "hint: say it with --as USER",
        ),
        (
            "- {who: jo, can: get pods, expect: no}",
            &["-f", "dump.yaml", "--questions", "questions.yaml", "--as-group", "ops"],
            "cannot be used with '--as-group <GROUP>'",
        ),
        (
            "- {who: jo, can: get pods, expect: 7}",
            &["-f", "dump.yaml", "--questions", "questions.yaml"],
            "questions.yaml:1:",
        ),
        ("", &["-f", "dump.yaml", "--questions", "nowhere.yaml"], "nowhere.yaml"),
    ] {
        let (code, text) = can_i(questions, arguments);
        assert_eq!(code, 2, "{arguments:?}: {text}");
        assert!(text.contains(told), "{arguments:?}: {text}");
    }
}

#[test]
fn a_line_of_kubectl_is_the_request_that_it_makes() {
    const CI: &str = "--as system:serviceaccount:build:ci";
    for (line, expected) in [
        ("kubectl get pods -n shop", 0),
        ("kubectl -n shop get po", 0),
        ("kubectl get pod web -n shop", 0),
        ("kubectl get pods", 1),
        ("kubectl get po,secrets -n shop", 1),
        ("kubectl delete pod web -n shop", 1),
        ("kubectl create configmap x --from-literal=a=b -n shop", 1),
        ("kubectl auth can-i list pods -n shop", 0),
    ] {
        let (code, text) = can_i("", &["-f", "dump.yaml", &format!("{line} {CI}")]);
        assert_eq!(code, expected, "{line}: {text}");
    }
    // Unquoted, and by flags of ours.
    let unquoted =
        ["-f", "dump.yaml", "--as", "system:serviceaccount:build:ci", "kubectl", "get", "pods", "-n", "shop"];
    assert_eq!(can_i("", &unquoted).0, 0);
    for (line, told) in [
        ("kubectl get pods -n shop", "error: who asks?"),
        ("kubectl gte pods -n shop --as jo", "did you mean `get`?"),
        ("kubectl version --client --as jo", "asks the server for nothing"),
        // Which signer's rights it takes, only the request itself says.
        (
            "kubectl certificate approve x --as jo --as-group system:masters",
            "does not hold certificatesigningrequests `x`",
        ),
    ] {
        let (code, text) = can_i("", &["-f", "dump.yaml", line]);
        assert!(code == 2 && text.contains(told), "{line}: {text}");
    }
}

#[test]
fn what_a_line_does_with_objects_that_no_dump_holds_is_asked() {
    const CI: &str = "--as system:serviceaccount:build:ci";
    const ALL: &str = "--as jo --as-group system:masters";
    let any = "note: the dump holds no such pods: it is asked for any that there may be";
    let web = "note: the dump holds no pods `web`: it is asked as if it were there";
    for (line, expected, told) in [
        // That a pod may be looked up says nothing of what is done with it.
        (
            format!("kubectl delete pods --all -n shop {CI}"),
            1,
            &[any, "list pods in shop, then delete pods in shop"][..],
        ),
        (format!("kubectl delete pods -l app=x,b!=c -n shop {CI}"), 1, &[any, "delete pods in shop"]),
        (format!("kubectl delete pods --all -A {ALL}"), 0, &[any, "list pods, then delete pods"]),
        (format!("kubectl label pods --all a=b -n shop {CI}"), 1, &[any, "patch pods in shop"]),
        (
            format!("kubectl logs web -n shop {CI}"),
            1,
            &[web, "get pods web in shop, then get pods/log web in shop"],
        ),
        (format!("kubectl exec web -n shop {CI} -- ls"), 1, &[web, "create pods/exec web in shop"]),
        (
            format!("kubectl exec deploy/web -n shop {ALL} -- ls"),
            0,
            &[any, "get deployments.apps web in shop"],
        ),
        (
            format!("kubectl rollout restart deploy web -n shop {ALL}"),
            0,
            &["patch deployments.apps web in shop"],
        ),
        (format!("kubectl drain n1 {ALL}"), 0, &["the dump holds no nodes `n1`", "patch nodes n1"]),
        (format!("kubectl create job x --from=cronjob/y -n shop {ALL}"), 0, &["create jobs.batch"]),
        // Who reads is not shown what is not there.
        (format!("kubectl get pods -n shop {CI}"), 0, &["yes"]),
        (format!("kubectl describe pod web -n shop {CI}"), 0, &["yes"]),
        (format!("kubectl apply -f dump.yaml {ALL}"), 0, &["yes"]),
    ] {
        let (code, text) = can_i("", &["-f", "dump.yaml", &line]);
        assert_eq!(code, expected, "{line}: {text}");
        assert!(told.iter().all(|told| text.contains(told)), "{line}: {text}");
    }
    let (_, text) = can_i("", &["-f", "dump.yaml", &format!("kubectl get pods -n shop {CI}")]);
    assert!(!text.contains("note:"), "{text}");
}

/// Lines that go on until somebody ends them ask for what they ask for.
#[test]
fn what_goes_on_is_asked_of_a_line_too() {
    let dump = DUMP
        .replace("[get, list]", "[get, list, watch]")
        .replace("resources: [pods]", "resources: [pods, pods/portforward]");
    let ask = |line: &str, dump: &str| {
        let line = format!("{line} -n shop --as system:serviceaccount:build:ci");
        run_beside(&[("dump.yaml", dump)], &["can-i", "-f", "dump.yaml", &line])
    };
    for (line, told) in [
        ("kubectl get pods -w", "note: the line asks for list pods in shop, then watch pods in shop"),
        ("kubectl get pod x --watch", "watch pods x in shop"),
        ("kubectl get -l app=x pods --watch-only", "then watch pods in shop"),
    ] {
        let (code, text) = ask(line, &dump);
        assert!(code == 0 && text.contains(told), "{line}: {text}");
        let (code, text) = ask(line, DUMP);
        assert!(code == 1 && text.contains(told), "{line}: {text}");
    }
    for (line, told) in [
        (
            "kubectl port-forward pod/x 8080:80",
            "get pods x in shop, then get pods/portforward x in shop, then create pods/portforward x in shop",
        ),
        ("kubectl port-forward --address 0.0.0.0 svc/x 80", "no\n"),
        ("kubectl cp x:/a b -c main", "get pods x in shop, then get pods/exec x in shop"),
        ("kubectl cp ./b shop/x:/a --retries=3", "get pods x in shop, then get pods/exec x in shop"),
    ] {
        let (code, text) = ask(line, &dump);
        assert!(code == 1 && text.contains(told), "{line}: {text}");
    }
    let forwards = dump.replace("watch]", "watch, create]");
    assert_eq!(ask("kubectl port-forward x 80", &forwards).0, 0);
    assert_eq!(ask("kubectl cp x:/a b", &forwards).0, 1);
}

#[test]
fn two_who_ask_are_told() {
    let pasted = "pods is forbidden: User \"bob\" cannot list resource \"pods\" in API group \"\" in the namespace \"shop\"";
    for line in ["kubectl get pods -n shop --as bob", "list pods -n shop --as=bob", pasted] {
        let (code, text) = can_i("", &["-f", "dump.yaml", "--as", "jo", line]);
        assert_eq!(code, 2, "{line}: {text}");
        assert!(
            text.contains("two are said to ask: `bob` in the question's own words, and `jo` besides"),
            "{text}"
        );
        let questions = serde_json::json!([{"who": "jo", "can": line, "expect": "no"}]).to_string();
        let (code, text) = can_i(&questions, &["-f", "dump.yaml", "--questions", "questions.yaml"]);
        assert!(code == 2 && text.contains("question 1: two are said to ask: `bob`"), "{line}: {text}");
        // Who is said twice is one.
        let (code, text) = can_i("", &["-f", "dump.yaml", "--as", "bob", line]);
        assert_eq!(code, 1, "{line}: {text}");
    }
}

#[test]
fn what_no_dump_tells_of_is_told() {
    let app = "system:serviceaccount:shpo:app";
    let list = ["list", "pods", "-n", "shop"];
    let shop = "; did you mean shop?";
    for (who, words, told) in [
        (app, &list[..], &format!("hint: nothing here is in namespace shpo{shop}")[..]),
        ("*", &list, "hint: * is whoever has that name, not everybody"),
        ("jo", &["list", "pods", "-n", "shpo"], &format!("hint: nothing here is in namespace shpo{shop}")),
        ("jo", &["list pods -n shpo"], &format!("hint: nothing here is in namespace shpo{shop}")),
        ("system:serviceaccount:build:c", &list, "did you mean system:serviceaccount:build:ci?"),
        ("jo", &["GET", "pods"], "hint: `GET` is a method of HTTP; on a resource that is the verb `get`"),
        ("jo", &["gte", "pods"], "hint: there is no verb gte; did you mean get?"),
    ] {
        for command in ["can-i", "explain"] {
            let args = [&[command, "-f", "dump.yaml", "--as", who], words].concat();
            let (code, text) = run_beside(&[("dump.yaml", DUMP)], &args);
            assert_eq!(code, i32::from(command == "can-i"), "{args:?}: {text}");
            let told = if command == "explain" { told.trim_start_matches("hint: ") } else { told };
            assert!(text.contains(told), "{args:?}: {text}");
        }
    }
    let (_, text) = can_i("", &["-f", "dump.yaml", "--as", "jo", "--as-group", "*", "list pods -n shop"]);
    assert!(text.contains("hint: * is whoever has that name, not everybody"), "{text}");
    // Who may all of it may have mistyped it all the same.
    let all = ["-f", "dump.yaml", "--as", "jo", "--as-group", "system:masters", "list pods -n shpo"];
    let (code, text) = can_i("", &all);
    assert!(code == 0 && text.contains("hint: nothing here is in namespace shpo"), "{text}");
    let (_, text) = run_beside(&[("dump.yaml", DUMP)], &["who-can", "-f", "dump.yaml", "get pods -n shpo"]);
    assert!(text.contains("hint: nothing here is in namespace shpo"), "{text}");
    let (_, text) = can_i(
        "- {who: jo, can: list pods -n shpo, expect: no}",
        &["-f", "dump.yaml", "--questions", "questions.yaml"],
    );
    assert!(text.contains("hint: question 1: nothing here is in namespace shpo"), "{text}");
    // An account that a binding names needs no namespace in a dump of roles and bindings.
    let ci = ["-f", "dump.yaml", "--as", "system:serviceaccount:build:ci", "list secrets -n shop"];
    assert_eq!(can_i("", &ci), (1, "no\n".to_owned()));
}

/// A group, several, and an account by half of their names are nobody, which is told.
#[test]
fn who_is_no_user_is_told() {
    let dump = format!("{DUMP}- {{kind: Group, name: ops}}\n");
    for (who, told) in [
        ("group ops", "(`--as NAME --as-group ops`)"),
        ("ops", "(`--as NAME --as-group ops`)"),
        ("ops,my devs", "(`--as NAME --as-group ops --as-group 'my devs'`)"),
        ("a,b", "(`--as NAME --as-group a --as-group b`)"),
        ("build/ci", "a user of the name system:serviceaccount:build:ci"),
        ("ci", "did you mean system:serviceaccount:build:ci?"),
    ] {
        let questions =
            serde_json::json!([{"who": who, "can": "list pods -n shop", "expect": "no"}]).to_string();
        let files = [("dump.yaml", dump.as_str()), ("q.yaml", &questions)];
        let (code, text) =
            run_beside(&files, &["can-i", "-f", "dump.yaml", "--as", who, "list", "pods", "-n", "shop"]);
        assert!(code == 1 && text.contains(told), "{who}: {text}");
        let (code, text) = run_beside(&files, &["can-i", "-f", "dump.yaml", "--questions", "q.yaml"]);
        assert!(code == 0 && text.contains("hint: question 1: ") && text.contains(told), "{who}: {text}");
    }
    let (_, text) = run_beside(&[("dump.yaml", DUMP)], &["who-can", "-f", "dump.yaml", "gte", "pods"]);
    assert!(text.contains("hint: there is no verb gte; did you mean get?"), "{text}");
}

/// As for whoever impersonates an account: its own groups come with the name alone.
#[test]
fn groups_that_are_named_take_the_place_of_an_accounts_own() {
    const CI: &str = "system:serviceaccount:build:ci";
    const OF_BUILD: &str = "system:serviceaccounts:build";
    let subject = "{kind: ServiceAccount, name: ci, namespace: build}";
    let dump = DUMP.replace(subject, &format!("{{kind: Group, name: '{OF_BUILD}'}}"));
    let ask = |words: &[&str]| {
        run_beside(&[("dump.yaml", &dump)], &[&["can-i", "-q", "-f", "dump.yaml"], words].concat()).0
    };
    for (groups, code) in [("", 0), ("--as-group=x", 1), ("--as-group=system:serviceaccounts:build", 0)] {
        for line in ["list pods -n shop", "kubectl get pods -n shop", "kubectl auth can-i list pods -n shop"]
        {
            let flags: Vec<&str> =
                ["--as", CI].into_iter().chain(Some(groups).filter(|flag| !flag.is_empty())).collect();
            assert_eq!(ask(&[&flags[..], &[line]].concat()), code, "{groups} {line}");
            assert_eq!(ask(&[&format!("{line} --as={CI} {groups}")]), code, "{groups} {line}");
        }
    }
    // Nobody is the administrator by the name that scenarios know.
    assert_eq!(ask(&["--as", "admin", "kubectl get pods -n shop"]), 1);
}

#[test]
fn each_of_several_refusals_is_answered() {
    let refusal = |verb: &str| {
        format!(
            "Error from server (Forbidden): pods is forbidden: User \"system:serviceaccount:build:ci\" cannot {verb} resource \
             \"pods\" in API group \"\" in the namespace \"shop\"\n"
        )
    };
    let pasted = [refusal("delete"), refusal("list"), refusal("delete")].concat();
    let (code, text) = can_i("", &["-f", "dump.yaml", &pasted]);
    assert_eq!(code, 1, "{text}");
    let told = "system:serviceaccount:build:ci: delete pods in shop: no\n\
                system:serviceaccount:build:ci: list pods in shop: yes - RBAC: allowed by ";
    assert!(text.starts_with(told), "{text}");
    let (_, text) = run_beside(&[("dump.yaml", DUMP)], &["explain", "-f", "dump.yaml", &pasted]);
    assert!(text.contains("-> 403 Forbidden") && text.contains("-> 200"), "{text}");
    let (_, text) = run_beside(&[("dump.yaml", DUMP)], &["who-can", "-f", "dump.yaml", &pasted]);
    assert!(text.contains("hint: the first of 2 refusals is asked about"), "{text}");
}

#[test]
fn a_refusal_that_the_dump_allows_is_told() {
    let pasted = "Error from server (Forbidden): pods is forbidden: User \"system:serviceaccount:build:ci\" cannot list resource \
        \"pods\" in API group \"\" in the namespace \"shop\"";
    let told = "hint: the dump allows what was refused where this comes from (allowed by RoleBinding \"ci/shop\" of Role \"pods\"";
    for command in ["can-i", "explain"] {
        let (code, text) = run_beside(&[("dump.yaml", DUMP)], &[command, "-f", "dump.yaml", pasted]);
        assert!(code == 0 && text.contains(told), "{command}: {text}");
    }
    let (_, text) = can_i("", &["-f", "dump.yaml", &pasted.replace("list", "delete")]);
    assert_eq!(text, "no\n");
}

#[test]
fn what_a_shell_makes_of_an_argument_is_told() {
    let files = [("a.yaml", DUMP), ("b.yaml", DUMP)];
    for (args, told) in [
        (
            &["-f", "a.yaml", "b.yaml", "--as", "jo", "list", "pods"][..],
            "`b.yaml` is a file, and no word of a question",
        ),
        (
            &["-f", "a.yaml", "--as", "jo", "kubectl", "get", "pods", "-o", "yaml"],
            "hint: quote what is typed at kubectl: 'kubectl get pods -o yaml'",
        ),
        (
            &["-f", "a.yaml", "--as", "jo", "kubectl", "delete", "-f", "b.yaml"],
            "`-f` behind `kubectl` would be read",
        ),
        (
            &["-f", "a.yaml", "--as", "jo", "kubectl", "exec", "web", "--", "ls"],
            "`--` behind `kubectl` would be read",
        ),
    ] {
        for command in ["can-i", "explain"] {
            let (code, text) = run_beside(&files, &[&[command], args].concat());
            assert!(code == 2 && text.contains(told), "{command} {args:?}: {text}");
        }
    }
    // What can't be meant otherwise is read.
    let ci = [
        "can-i",
        "kubectl",
        "get",
        "pods",
        "-n",
        "shop",
        "-f",
        "a.yaml",
        "--as",
        "system:serviceaccount:build:ci",
    ];
    assert_eq!(run_beside(&files, &ci).0, 0);
}

#[test]
fn what_explain_prints_can_i_reads() {
    let jo = ["-f", "dump.yaml", "--as", "jo"];
    for question in [
        "impersonate users/bob",
        "impersonate groups/https://issuer/#ops",
        "impersonate serviceaccounts/app -n shop",
        "impersonate userextras/acme.com/project 'a b'",
        "impersonate:user-info users/bob",
        "approve signers example.com/foo",
        "sign signers/kubernetes.io/kube-apiserver-client",
        "attest signers 'example.com/*'",
        "bind clusterroles/admin -n shop",
        "use podsecuritypolicies/p -n shop",
        "get nodes/metrics",
        "get widgets.example.com/w -n shop",
        "'*' '*'",
        "get /metrics",
    ] {
        let run = |command: &str, words: &[&str]| {
            let (code, text) = run_beside(&[("dump.yaml", DUMP)], &[&[command], &jo[..], words].concat());
            // What kubectl warns of stands behind it.
            let mut told = serde_json::Deserializer::from_str(&text).into_iter::<serde_json::Value>();
            told.next().and_then(Result::ok).unwrap_or_else(|| panic!("{question}: {code} {text}"))
        };
        let told = run("explain", &["--json", question]);
        let wants = &told[0]["requests"][0]["wants"];
        let line = wants["canI"].as_str().expect("a line");
        let (line, as_jo) = line.rsplit_once(" --as=").expect("of somebody");
        assert_eq!(as_jo, "jo");
        let wanted = run("can-i", &["--json", line])[0]["wanted"].clone();
        for (key, value) in wanted.as_object().expect("a request") {
            assert_eq!(*value, wants[key], "{question}: {line}: {key}");
        }
        // In a file of questions, too.
        let questions = serde_json::json!([{"who": "jo", "can": line, "expect": "no"}]).to_string();
        let (code, text) = can_i(&questions, &["-f", "dump.yaml", "--questions", "questions.yaml"]);
        assert_eq!((code, &*text), (0, "1 question: all as expected\n"), "{line}");
    }
}

#[test]
fn what_in_a_folder_is_no_manifest_is_left_out_and_told() {
    let files =
        [("rbac.yaml", DUMP), ("values.yaml", "replicas: 3\n"), ("chart.yaml", "a: {{ .Values.b }}\n")];
    let ask = ["can-i", "-f", ".", "--as", "system:serviceaccount:build:ci", "list pods -n shop"];
    let (code, text) = run_beside(&files, &ask);
    assert_eq!(code, 0, "{text}");
    assert!(
        text.contains("note: ./chart.yaml, ./values.yaml left out: they hold no Kubernetes object"),
        "{text}"
    );
    // What is named, and what was to be a manifest, is an error still.
    let (code, text) = run_beside(&files, &["can-i", "-f", "values.yaml", "--as", "jo", "list pods"]);
    assert!(code == 2 && text.contains("values.yaml:1:1: this is no Kubernetes object"), "{text}");
    let broken = [("rbac.yaml", DUMP), ("broken.yaml", "kind: Role\nmetadata: [\n")];
    let (code, text) = run_beside(&broken, &ask);
    assert!(code == 2 && text.contains("broken.yaml:"), "{text}");
    for empty in ["", "---\n", "apiVersion: v1\nkind: List\nitems: []\n"] {
        let ask = ["can-i", "-f", "none.yaml", "--as", "jo", "list pods"];
        let (code, text) = run_beside(&[("none.yaml", empty)], &ask);
        assert!(code == 2 && text.starts_with("error: there is no object in these files\nhint: "), "{text}");
    }
}

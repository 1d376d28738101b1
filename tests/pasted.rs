//! Each 403 that a real server was recorded to give, pasted as a question.

use kubeverdict::api::{Attributes, RequestInfo, refusal};
use kubeverdict::question::{Question, Refused, refusals, refused};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;

/// The refusals of all records: what was asked for, and the message.
fn recorded() -> Vec<(String, String)> {
    let mut found = Vec::new();
    let folders = fs::read_dir("tests/conformance").expect("the records").filter_map(Result::ok);
    for folder in folders.filter(|folder| folder.path().is_dir()) {
        for file in fs::read_dir(folder.path()).expect("a release").filter_map(Result::ok) {
            let text = fs::read_to_string(file.path()).expect("a record");
            let steps = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            for step in steps.filter(|step| step["answer"]["code"] == 403) {
                let message = step["answer"]["status"]["message"].as_str().unwrap_or_default();
                found.push((step["do"].as_str().unwrap_or_default().to_owned(), message.to_owned()));
            }
        }
    }
    found
}

#[test]
fn the_question_of_a_refusal_comes_back() {
    let mut questions = 0;
    let mut others: BTreeMap<&str, usize> = BTreeMap::new();
    for (asked, message) in recorded().into_iter().filter(|(_, message)| !message.is_empty()) {
        match refused(&message) {
            Some(Refused::Access(question)) => {
                let Question { user, info } = *question;
                let user = user.expect("somebody");
                questions += 1;
                // What was read is written as the server wrote it, but for the authorizers' reason behind it.
                let written = refusal(&Attributes { user, info: info.clone() }, "").status.body();
                let written = written["message"].as_str().unwrap_or_default();
                assert!(message.starts_with(written), "{message}\n{written}");
                // A record that is another release's with other answers does not repeat what was asked.
                let Some((method, target)) = asked.split_once(' ') else { continue };
                let sent = RequestInfo::parse(method, target);
                if !target.contains("${") && sent.verb == info.verb && sent.resource == info.resource {
                    let what = |info: &RequestInfo| {
                        [&info.group, &info.subresource, &info.namespace].map(String::clone)
                    };
                    assert_eq!(what(&sent), what(&info), "{asked}: {message}");
                }
            }
            Some(Refused::Otherwise { by, .. }) => {
                assert!(!message.contains(" cannot ") || !message.contains("User \""), "{message}");
                *others.entry(by).or_default() += 1;
            }
            None => panic!("{message}"),
        }
    }
    assert!(questions > 1_000, "{questions}");
    // A plugin that nothing in the message tells may be one that nobody has heard of.
    let unknown = others.remove("an admission plugin").unwrap_or_default();
    let known: usize = others.values().sum();
    assert!(known > 20 * unknown, "{unknown} of {known}: {others:?}");
    for by in [
        "Pod Security",
        "ResourceQuota",
        "the check of escalation",
        "MutatingAdmissionPolicy",
        "ServiceAccount",
        "NodeRestriction",
    ] {
        assert!(others.contains_key(by), "{by}: {others:?}");
    }
}

/// What was read, in a line: who, what, and where; or what refused it.
fn told(pasted: &str) -> String {
    refused(pasted).map_or("nothing".to_owned(), said)
}

fn said(refused: Refused) -> String {
    match refused {
        Refused::Otherwise { by, .. } => by.to_owned(),
        Refused::Access(question) => {
            let Question { user, info } = *question;
            let user = user.map(|user| user.name).unwrap_or_default();
            match info.is_resource {
                true => {
                    let thing = [info.group_resource().to_string(), info.subresource, info.name].join(" / ");
                    format!("{user}: {} {thing} in {}", info.verb, info.namespace)
                }
                false => format!("{user}: {} {}", info.verb, info.path),
            }
        }
    }
}

/// Refusals of many kinds as a server writes them, and what is read of them.
const WRITTEN: [(&str, &str); 21] = [
    (
        r#"pods is forbidden: User "system:serviceaccount:shop:app" cannot list resource "pods" in API group "" in the namespace "shop""#,
        "system:serviceaccount:shop:app: list pods /  /  in shop",
    ),
    (
        r#"deployments.apps "web" is forbidden: User "jane@example.com" cannot patch resource "deployments/status" in API group "apps" in the namespace "shop""#,
        "jane@example.com: patch deployments.apps / status / web in shop",
    ),
    (
        r#"nodes is forbidden: User "system:anonymous" cannot list resource "nodes" in API group "" at the cluster scope"#,
        "system:anonymous: list nodes /  /  in ",
    ),
    (
        r#"forbidden: User "system:anonymous" cannot get path "/metrics/cadvisor""#,
        "system:anonymous: get /metrics/cadvisor",
    ),
    (
        r#"userextras.authentication.k8s.io "view" is forbidden: User "jo" cannot impersonate resource "userextras/scopes" in API group "authentication.k8s.io" at the cluster scope"#,
        "jo: impersonate userextras.authentication.k8s.io / scopes / view in ",
    ),
    (
        r#"groups "system:masters" is forbidden: User "jo" cannot impersonate resource "groups" in API group "" at the cluster scope"#,
        "jo: impersonate groups /  / system:masters in ",
    ),
    (
        r#"secrets "db" is forbidden: User "system:node:n1" cannot get resource "secrets" in API group "" in the namespace "shop": no relationship found between node 'n1' and this object"#,
        "system:node:n1: get secrets /  / db in shop",
    ),
    (
        r#"roles.rbac.authorization.k8s.io "r" is forbidden: User "EXAMPLE\\jo" cannot get resource "roles" in API group "rbac.authorization.k8s.io" in the namespace "shop": RBAC: [role.rbac.authorization.k8s.io "a" not found, role.rbac.authorization.k8s.io "b" not found]"#,
        r"EXAMPLE\jo: get roles.rbac.authorization.k8s.io /  / r in shop",
    ),
    (
        r#"roles.rbac.authorization.k8s.io "r" is forbidden: user "jo" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held: {APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]} {APIGroups:["apps"], Resources:["deployments"], Verbs:["*"]}"#,
        "the check of escalation",
    ),
    (
        r#"pods "web-1" is forbidden: exceeded quota: compute, requested: limits.cpu=2,pods=1, used: limits.cpu=7,pods=10, limited: limits.cpu=8,pods=10"#,
        "ResourceQuota",
    ),
    (
        r#"pods "web" is forbidden: violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true)"#,
        "Pod Security",
    ),
    (r#"nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2""#, "NodeRestriction"),
    (
        r#"deployments.apps "web" is forbidden: ValidatingAdmissionPolicy 'replicas.example.com' with binding 'b' denied request: ask the platform team: this violates PodSecurity and exceeded quota"#,
        "ValidatingAdmissionPolicy",
    ),
    (
        r#"admission webhook "validate.kyverno.svc-fail" denied the request: resource Pod/shop/web was blocked due to the following policies: require-service account: violates PodSecurity"#,
        "a webhook",
    ),
    (r#"admission webhook "deny.example.com" denied the request without explanation"#, "a webhook"),
    (
        r#"pods "web-" is forbidden: unable to validate against any security context constraint: [provider "anyuid": Forbidden: not usable by user or serviceaccount, spec.containers[0].securityContext.runAsUser: Invalid value: 0: must be in the ranges: [1000, 2000]]"#,
        "OpenShift's security context constraints",
    ),
    (r#"pods "x" is forbidden: something that nobody has heard of"#, "an admission plugin"),
    (
        r#"deployments.extensions "web" is forbidden: User "jane" cannot patch deployments.extensions/scale in the namespace "shop""#,
        "jane: patch deployments.extensions / scale / web in shop",
    ),
    (
        r#"nodes is forbidden: User "jane" cannot list nodes at the cluster scope: Unknown user "jane""#,
        "jane: list nodes /  /  in ",
    ),
    (
        "Forbidden (user=alice, verb=get, resource=nodes, subresource=proxy)",
        "alice: get nodes / proxy /  in ",
    ),
    (
        "Forbidden (user=system:serviceaccount:a:b, verb=get, resource=nodes, subresource(s)=[proxy])",
        "system:serviceaccount:a:b: get nodes / proxy /  in ",
    ),
];

#[test]
fn a_refusal_is_read_in_every_form_in_which_it_is_pasted() {
    for (message, expected) in WRITTEN {
        let status = serde_json::json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message,
            "reason": "Forbidden", "details": {}, "code": 403,
        });
        let json = serde_json::to_string(message).expect("a text");
        let forms = [
            message.to_owned(),
            format!("Error from server (Forbidden): {message}"),
            format!("Error from server (Forbidden): error when creating \"x.yaml\": {message}"),
            format!(
                "$ kubectl apply -f x.yaml\nError from server (Forbidden): error when creating \"x.yaml\": {message}\n"
            ),
            format!("\u{1b}[31mError from server (Forbidden):\u{1b}[0m \u{1b}[1;31m{message}\u{1b}[0m"),
            status.to_string(),
            serde_json::to_string_pretty(&status).expect("a text"),
            format!("HTTP response body: {status}\n\n"),
            format!(
                "E1130 12:04:33.000123       1 reflector.go:150] \"Unhandled Error\" err={json} logger=\"x\""
            ),
            format!(
                "{{\"level\":\"error\",\"ts\":\"2026-11-30T12:04:33Z\",\"msg\":\"Reconciler error\",\"error\":{json}}}"
            ),
            serde_json::json!({"log": format!("time=now level=error err={json}\n"), "stream": "stderr"})
                .to_string(),
            format!("╷\n│ Error: {message}\n│ \n│   with kubernetes_pod.x,\n│   on main.tf line 1\n╵"),
            format!("> {message}"),
            message.replacen('"', "“", 1).replacen('"', "”", 1),
            message.replace('<', "&lt;").replace('>', "&gt;"),
            message.replace('"', "&quot;").replace('\'', "&#39;"),
        ];
        for form in forms {
            assert_eq!(told(&form), expected, "{form}");
        }
    }
}

#[test]
fn a_refusal_is_read_where_its_line_was_broken_once() {
    let (message, expected) = WRITTEN[0];
    for between in
        ["User ", "cannot ", "list ", "system:serviceaccount:sh", "API gr", "in the namespace \"sh"]
    {
        let at = message.find(between).expect("it is there") + between.len();
        let (begin, rest) = message.split_at(at);
        assert_eq!(told(&format!("{begin}\n    {rest}")), expected, "{begin}|{rest}");
    }
}

#[test]
fn a_refusal_is_read_without_the_quotes_that_a_shell_took() {
    for (pasted, expected) in [
        (
            "pods is forbidden: User system:serviceaccount:a:b cannot list resource pods in API group  in the namespace shop",
            "system:serviceaccount:a:b: list pods /  /  in shop",
        ),
        (
            "pods web is forbidden: User jo cannot get resource pods/log in API group '' in the namespace shop: RBAC: x",
            "jo: get pods / log / web in shop",
        ),
        (
            "deployments.apps web is forbidden: User jo cannot get resource deployments in API group apps in the namespace shop",
            "jo: get deployments.apps /  / web in shop",
        ),
        (
            "nodes is forbidden: User jo cannot list resource nodes in API group at the cluster scope",
            "jo: list nodes /  /  in ",
        ),
        ("forbidden: User jo cannot get path /metrics", "jo: get /metrics"),
    ] {
        assert_eq!(told(pasted), expected, "{pasted}");
    }
}

#[test]
fn what_is_left_of_a_refusal_is_read() {
    for (pasted, expected) in [
        (
            r#"cannot list resource "pods" in API group "" in the namespace "shop""#,
            ": list pods /  /  in shop",
        ),
        (
            r#"User "jo" cannot list resource "pods" in API group "" in the namespace "shop""#,
            "jo: list pods /  /  in shop",
        ),
        (
            r#"Error (Forbidden): User "jo" cannot list pods at the cluster scope. (get pods)"#,
            "jo: list pods /  /  in ",
        ),
        (r#"cannot get path "/metrics""#, ": get /metrics"),
        ("nobody cannot do that", "nothing"),
    ] {
        assert_eq!(told(pasted), expected, "{pasted}");
    }
}

#[test]
fn all_refusals_of_a_text_are_read_once() {
    let [(pods, first), (other, second), ..] = WRITTEN;
    for between in ["\n", "; ", "\nError from server (Forbidden): "] {
        let all = refusals(&[pods, pods, other].join(between));
        let told: Vec<String> = all.into_iter().map(said).collect();
        assert_eq!(told, [first, second], "{between:?}");
    }
    let several = "Forbidden (user=alice, verb=get, resource=nodes, subresource(s)=[pods proxy])";
    let told: Vec<String> = refusals(several).into_iter().map(said).collect();
    assert_eq!(told, ["alice: get nodes / pods /  in ", "alice: get nodes / proxy /  in "]);
}

#[test]
fn what_is_no_refusal_is_none() {
    for text in
        ["get pods", "get pods\n-n shop", "kubectl get pods --as \"jo\"", "Forbidden", "forbidden: User ", ""]
    {
        assert_eq!(told(text), "nothing", "{text}");
    }
}

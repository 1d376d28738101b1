//! Command lines against a server that says what the test tells it to.

use super::{Session, kubectl};
use crate::api::{GroupResource, Request, Response, Status, Version};
use crate::clients::{Client, NoFiles, Output};
use crate::json::{Value, json};
use std::time::Duration;

/// Answers in turn, and writes down what was asked.
struct Script {
    version: Version,
    answers: Vec<Response>,
    asked: Vec<String>,
}

impl Client for Script {
    fn send(&mut self, request: Request) -> Response {
        let body = String::from_utf8_lossy(&request.body);
        let line = format!("{} {} {body}", request.method, request.target);
        self.asked.push(line.trim_end().to_owned());
        match self.answers.is_empty() {
            true => Status::not_found(&GroupResource::new("", "things"), "x").into(),
            false => self.answers.remove(0),
        }
    }
    fn who(&self) -> &str {
        "somebody"
    }
    fn sent(&self) -> usize {
        self.asked.len()
    }
    fn advance(&mut self, _: Duration) {}
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH
    }
    fn version(&self) -> Version {
        self.version
    }
}

fn run(minor: u8, line: &str, stdin: &str, answers: Vec<Value>) -> (Output, Vec<String>) {
    let mut client = Script {
        version: Version::minor(minor),
        answers: answers.into_iter().map(|a| Response::json(200, a)).collect(),
        asked: Vec::new(),
    };
    let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
    let session = Session { client: &mut client, files: &NoFiles, stdin };
    let output = kubectl(&words, session);
    (output, client.asked)
}

#[test]
fn wait_for_create_asks_twice_a_second() {
    let (output, asked) = run(36, "wait --for=create sa/x --timeout=3s", "", vec![]);
    assert_eq!(output.stderr, "error: timed out waiting for the condition\n");
    assert_eq!(asked, ["GET /api/v1/namespaces/default/serviceaccounts/x"; 6]);
    let account = json!({"kind": "ServiceAccount", "metadata": {"name": "x"}});
    let (output, asked) = run(36, "wait --for=create sa/x", "", vec![account.clone(), account]);
    assert_eq!((output.exit, asked.len()), (0, 2));
    assert_eq!(output.stdout, "serviceaccount/x condition met\n");
}

/// Goal: a command hands over which answer ended it. Method: answers that are granted in turn, then 404 for all.
#[test]
fn what_ended_a_command_is_handed_over() {
    let object = |kind: &str| json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": "a", "namespace": "shop"}});
    let (account, list) = (object("ServiceAccount"), json!({"kind": "PodList", "items": []}));
    let review = json!({"status": {"allowed": false}});
    for (line, answers, ends) in [
        // The look at the namespace after a 404 ends nothing, but a 404 of its own does.
        ("get sa a -n shop", vec![], vec![(Some(1), true)]),
        ("get sa a -n default", vec![], vec![(Some(0), true)]),
        ("get sa/a sa/b", vec![account.clone()], vec![(Some(1), true)]),
        ("get sa a", vec![account.clone()], vec![(Some(0), false)]),
        ("get sa a --ignore-not-found", vec![], vec![(None, false)]),
        // One end for each object.
        ("delete sa/a sa/b --wait=false", vec![account.clone()], vec![(Some(0), false), (Some(1), true)]),
        (
            "label sa/a sa/b x=y",
            vec![account.clone(), account.clone()],
            vec![(Some(1), false), (Some(2), true)],
        ),
        // The wait after a deletion is not what was asked for.
        ("delete sa a", vec![account.clone()], vec![(Some(0), false)]),
        // Nothing was refused, and yet it fails.
        ("auth can-i get pods", vec![review], vec![(Some(0), true)]),
        ("wait --for=create sa/x --timeout=1s", vec![], vec![(None, true)]),
        ("apply -f nope.yaml", vec![], vec![(None, true)]),
        ("get pods", vec![list], vec![(Some(0), false)]),
    ] {
        let (output, _) = run(36, line, "", answers);
        let got: Vec<(Option<usize>, bool)> =
            output.ends.iter().map(|end| (end.request, end.failed)).collect();
        assert_eq!(got, ends, "{line}: {}", output.stderr);
        assert_eq!(output.exit != 0, ends.iter().any(|(_, failed)| *failed), "{line}");
    }
}

/// A server that answers nothing but 404: what is said without it, and what is asked first.
#[test]
fn mistakes_are_told_in_the_words_of_each_client() {
    let typo =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: t}\nspec: {serviceAcountName: x, containers: []}\n";
    let shape = "apiVersion: v1\nkind: Pod\nmetadata: {name: t}\nspec: {containers: hello}\n";
    for (minor, line, stdin, want) in [
        (20, "get pods --foo", "", "Error: unknown flag: --foo\nSee 'kubectl get --help' for usage.\n"),
        (36, "get pods --foo", "", "error: unknown flag: --foo\nSee 'kubectl get --help' for usage.\n"),
        (20, "wait --for=create sa/x", "", "error: unrecognized condition: \"create\"\n"),
        (
            36,
            "-n red get pods -z",
            "",
            "error: unknown shorthand flag: 'z' in -z\nSee 'kubectl get --help' for usage.\n",
        ),
        (
            20,
            "create token r -n red",
            "",
            "Error: must specify one of -f and -k\n\nerror: unknown command \"token r\"\nSee 'kubectl create -h' for help and examples\n",
        ),
        (
            20,
            "create token r --duration=1m",
            "",
            "Error: unknown flag: --duration\nSee 'kubectl create --help' for usage.\n",
        ),
        (
            20,
            "auth whoami",
            "",
            "error: unknown command \"whoami\"\nSee 'kubectl auth -h' for help and examples\n",
        ),
        (
            20,
            "auth whoami -o json",
            "",
            "Error: unknown shorthand flag: 'o' in -o\nSee 'kubectl auth --help' for usage.\n",
        ),
        (36, "create clusterrolebinding b --user=u", "", "error: required flag(s) \"clusterrole\" not set\n"),
        (20, "create clusterrolebinding b --user=u", "", "Error: required flag(s) \"clusterrole\" not set\n"),
        (
            36,
            "create rolebinding b --role=r --serviceaccount=red",
            "",
            "error: serviceaccount must be <namespace>:<name>\n",
        ),
        (
            36,
            "create ns a b",
            "",
            "error: exactly one NAME is required, got 2\nSee 'kubectl create namespace -h' for help and examples\n",
        ),
        (
            36,
            "create ns a --dry-run=maybe",
            "",
            "error: Invalid dry-run value (maybe). Must be \"none\", \"server\", or \"client\".\n",
        ),
        (
            36,
            "apply -f -",
            "a: b\n",
            "error: error validating \"STDIN\": error validating data: [apiVersion not set, kind not set]; if you choose to ignore these errors, turn validation off with --validate=false\n",
        ),
        (36, "apply -f -", "{", "error: error parsing STDIN: unexpected EOF\n"),
        (36, "apply -f -", "", "error: no objects passed to apply\n"),
        (
            20,
            "apply -f -",
            typo,
            "error: error validating \"STDIN\": error validating data: ValidationError(Pod.spec): unknown field \"serviceAcountName\" in io.k8s.api.core.v1.PodSpec; if you choose to ignore these errors, turn validation off with --validate=false\n",
        ),
        (
            20,
            "apply -f -",
            shape,
            "error: error validating \"STDIN\": error validating data: ValidationError(Pod.spec.containers): invalid type for io.k8s.api.core.v1.PodSpec.containers: got \"string\", expected \"array\"; if you choose to ignore these errors, turn validation off with --validate=false\n",
        ),
        (
            36,
            "config view",
            "",
            "error: kubectl config is not modelled: a scenario has no kubeconfig: `as:` and `in:` say who asks\n",
        ),
        (
            36,
            "get pods --context=x",
            "",
            "error: --context is not modelled: a scenario has one server, and its steps say who types\n",
        ),
    ] {
        let (output, asked) = run(minor, line, stdin, Vec::new());
        assert_eq!((output.exit, output.stderr.as_str()), (1, want), "1.{minor} {line}");
        assert_eq!(asked, Vec::<String>::new(), "{line}");
    }
}

/// What is asked, and what is made of a good answer.
#[test]
fn commands_send_what_kubectl_sends() {
    let account = json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "a", "namespace": "red", "uid": "1"}});
    let table = json!({"kind": "Table", "columnDefinitions": [{"name": "Name", "priority": 0}, {"name": "Age", "priority": 0}, {"name": "IP", "priority": 1}],
        "rows": [{"cells": ["p", "5s", "10.0.0.1"], "object": {"metadata": {"namespace": "red"}}}]});
    for (minor, line, answers, stdout, asked) in [
        (
            36,
            "create sa a -n red",
            vec![account.clone()],
            "serviceaccount/a created\n",
            vec![
                r#"POST /api/v1/namespaces/red/serviceaccounts?fieldManager=kubectl-create&fieldValidation=Strict {"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"a","namespace":"red"}}"#,
            ],
        ),
        (
            20,
            "create ns x",
            vec![json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "x"}})],
            "namespace/x created\n",
            vec![
                r#"POST /api/v1/namespaces?fieldManager=kubectl-create {"apiVersion":"v1","kind":"Namespace","metadata":{"creationTimestamp":null,"name":"x"},"spec":{},"status":{}}"#,
            ],
        ),
        (
            36,
            "get pods -A",
            vec![table.clone()],
            "NAMESPACE   NAME   AGE\nred         p      5s\n",
            vec!["GET /api/v1/pods?limit=500"],
        ),
        (
            36,
            "get po p -n red -o wide",
            vec![table],
            "NAME   AGE   IP\np      5s    10.0.0.1\n",
            vec!["GET /api/v1/namespaces/red/pods/p"],
        ),
        (
            36,
            "delete sa a -n red",
            vec![account.clone()],
            "serviceaccount \"a\" deleted from red namespace\n",
            vec![
                r#"DELETE /api/v1/namespaces/red/serviceaccounts/a {"propagationPolicy":"Background"}"#,
                "GET /api/v1/namespaces/red/serviceaccounts/a",
            ],
        ),
        (
            20,
            "label sa a -n red x=y",
            vec![account.clone(), account.clone()],
            "serviceaccount/a labeled\n",
            vec![
                "GET /api/v1/namespaces/red/serviceaccounts/a",
                r#"PATCH /api/v1/namespaces/red/serviceaccounts/a?fieldManager=kubectl-label {"metadata":{"labels":{"x":"y"}}}"#,
            ],
        ),
        (
            36,
            "auth can-i get pods -n red",
            vec![json!({"status": {"allowed": true}})],
            "yes\n",
            vec![
                r#"POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews {"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","metadata":{},"spec":{"resourceAttributes":{"namespace":"red","resource":"pods","verb":"get"}},"status":{"allowed":false}}"#,
            ],
        ),
    ] {
        let (output, sent) = run(minor, line, "", answers);
        assert_eq!(
            (output.exit, output.stdout.as_str(), output.stderr.as_str()),
            (0, stdout, ""),
            "1.{minor} {line}"
        );
        assert_eq!(sent, asked, "1.{minor} {line}");
    }
}

#[test]
fn refusals_are_told_with_reason_and_message() {
    let (output, asked) = run(36, "get things.example.com", "", Vec::new());
    assert_eq!(
        output.stderr,
        "error: the server doesn't have a resource type \"things\" in group \"example.com\"\n"
    );
    assert_eq!(asked, ["GET /apis"]);
    let (output, _) = run(36, "get sa x", "", Vec::new());
    assert_eq!(
        (output.exit, output.stderr.as_str()),
        (1, "Error from server (NotFound): things \"x\" not found\n")
    );
    let (output, _) = run(36, "create sa x", "", Vec::new());
    assert_eq!(output.stderr, "error: failed to create serviceaccount: things \"x\" not found\n");
    let (output, _) = run(20, "create sa x", "", Vec::new());
    assert_eq!(output.stderr, "Error from server (NotFound): things \"x\" not found\n");
}

/// What today's kubectl asks a server for, and what it makes of the answers.
#[test]
fn commands_become_requests() {
    let node = json!({"kind": "Node", "metadata": {"name": "n"}, "spec": {"taints": [{"key": "a", "effect": "NoSchedule"}]}});
    let (output, asked) = run(36, "taint node n a- b=c:NoExecute", "", vec![node.clone(), node]);
    assert_eq!(output.stdout, "node/n modified\n");
    assert_eq!(
        asked[1],
        r#"PATCH /api/v1/nodes/n?fieldManager=kubectl-taint {"spec":{"taints":[{"effect":"NoExecute","key":"b","value":"c"}]}}"#
    );
    let csr = json!({"kind": "CertificateSigningRequest", "apiVersion": "certificates.k8s.io/v1", "metadata": {"name": "c"}});
    let (output, asked) = run(36, "certificate approve c", "", vec![csr.clone(), csr]);
    assert_eq!(output.stdout, "certificatesigningrequest.certificates.k8s.io/c approved\n");
    let path = "PUT /apis/certificates.k8s.io/v1/certificatesigningrequests/c/approval ";
    assert!(asked[1].starts_with(path) && asked[1].contains("KubectlApprove"), "{}", asked[1]);
    let pod = json!({"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "p", "namespace": "default"},
        "spec": {"containers": [{"name": "c"}]}, "status": {"phase": "Running"}});
    let refused = json!({"kind": "Status", "code": 500, "reason": "InternalError",
        "message": "Internal error occurred: unable to upgrade connection: container not found (\"c\")"});
    let mut client = Script {
        version: Version::minor(36),
        answers: vec![Response::json(200, pod.clone()), Response::json(500, refused)],
        asked: Vec::new(),
    };
    let words: Vec<String> = ["exec", "p", "--", "ls"].map(str::to_owned).to_vec();
    let output = kubectl(&words, Session { client: &mut client, files: &NoFiles, stdin: "" });
    assert_eq!(
        output.stderr,
        "error: Internal error occurred: unable to upgrade connection: container not found (\"c\")\n"
    );
    assert_eq!(client.asked.len(), 2, "no second try: {:?}", client.asked);
    let mut client = Script {
        version: Version::minor(20),
        answers: vec![Response::json(200, pod), Response::text(500, "container not found (\"c\")")],
        asked: Vec::new(),
    };
    let output = kubectl(&words, Session { client: &mut client, files: &NoFiles, stdin: "" });
    assert_eq!(output.stderr, "error: unable to upgrade connection: container not found (\"c\")\n");
}

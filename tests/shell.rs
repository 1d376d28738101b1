//! `kubeverdict shell`: scripts on standard input, the transcript that comes of them, and the scenario that is saved.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// A folder of its own for a test.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("kubeverdict-shell-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    folder
}

/// Runs a command of kubeverdict with a script on standard input; the exit code, and both outputs.
fn kubeverdict(folder: &Path, arguments: &[&str], script: &[u8]) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kubeverdict"))
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut stdin = child.stdin.take().expect("it is piped");
    let script = script.to_vec();
    // It may end before it has read everything.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&script)));
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("it wrote");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("it is text");
    (output.status.code().expect("it ended by itself"), text(output.stdout), text(output.stderr))
}

#[test]
fn a_transcript_reads_as_it_was_typed() {
    let folder = folder("transcript");
    let script = "\
kubectl create namespace lizhe10
kubectl run ubuntu10 \\
--image=ubuntu -n lizhe10
in lizhe10/pod/ubuntu10
cat /var/run/secrets/kubernetes.io/serviceaccount/namespace
exit
as alice devs
kubectl get pods -n lizhe10
wait 10m
kubectl gte pods
what-if
as admin
kubectl delete pod ubuntu10 -n lizhe10
end
undo
exit
";
    let (code, out, err) = kubeverdict(&folder, &["shell"], script.as_bytes());
    insta::assert_snapshot!(out, @r#"
    A cluster of Kubernetes 1.36; `help` lists the commands, `exit` ends
    admin@1.36 +0s $ kubectl create namespace lizhe10
    namespace/lizhe10 created
    201 system:masters
    admin@1.36 +0s $ kubectl run ubuntu10 --image=ubuntu -n lizhe10
    pod/ubuntu10 created
    201 system:masters
    admin@1.36 +1s $ in lizhe10/pod/ubuntu10
    ubuntu10@lizhe10 $ cat /var/run/secrets/kubernetes.io/serviceaccount/namespace
    lizhe10
    ubuntu10@lizhe10 $ exit
    admin@1.36 +1s $ as alice devs
    alice@1.36 +1s $ kubectl get pods -n lizhe10
    Error from server (Forbidden): pods is forbidden: User "alice" cannot list resource "pods" in API group "" in the namespace "lizhe10"
    403 authorize: RBAC refuses · type why
    alice@1.36 +1s $ wait 10m
    alice@1.36 +10m1s $ kubectl gte pods
    error: unknown command "gte" for "kubectl" (did you mean `get`?)
    alice@1.36 +10m1s $ what-if
    alice@1.36 +10m1s what-if $ as admin
    admin@1.36 +10m1s what-if $ kubectl delete pod ubuntu10 -n lizhe10
    pod "ubuntu10" deleted from lizhe10 namespace
    200 system:masters
    admin@1.36 +10m2s what-if $ end
    the fork is dropped: nothing of it remains
    alice@1.36 +10m1s $ undo
    undone: end
    admin@1.36 +10m2s what-if $ exit
    "#);
    assert_eq!((code, err.as_str()), (0, ""));
}

#[test]
fn why_explains_the_last_answer() {
    let folder = folder("why");
    let script = "why\nas alice\nkubectl get pods\nwhy\n";
    let (code, out, _) = kubeverdict(&folder, &["shell", "--seed", "3"], script.as_bytes());
    assert_eq!(code, 0);
    for part in [
        "error: nothing was asked yet (type a kubectl line first)",
        "403 authorize: RBAC refuses · type why",
        "authorize: RBAC REFUSES: User \"alice\" cannot list resource \"pods\"",
        "$ kubectl create rolebinding alice-list-pods -n default --role=list-pods --user=alice",
    ] {
        assert!(out.contains(part), "`{part}` is missing in:\n{out}");
    }
}

#[test]
fn what_is_saved_replays_to_the_same_codes() {
    let folder = folder("save");
    let script = "\
kubectl create namespace a
kubectl run p --image=ubuntu -n a
as alice devs
kubectl get pods -n a
kubectl auth can-i get pods -n a
as admin
in a/pod/p curl -sk https://kubernetes.default.svc/api/v1/namespaces/a/pods
in a/pod/p curl -s https://kubernetes.default.svc
what-if
kubectl create rolebinding x --clusterrole=view --user=alice -n a
as alice
kubectl get pods -n a
end
kubectl get pods nowhere -n a
wait 10m
undo
T=$(kubectl create token default -n a)
as --token $T
GET /api/v1/namespaces/a/pods
as admin
POST /api/v1/namespaces {\"metadata\": {\"name\": \"b\"}}
restart --anonymous-auth=false
in a/pod/p curl -sk https://kubernetes.default.svc/api
save s.yaml one two
save s.yaml
save! s.yaml
";
    let flags = ["shell", "--version", "1.34", "--seed", "7", "--authorization-mode=Node,RBAC", "--nodes=2"];
    let (code, out, err) = kubeverdict(&folder, &flags, script.as_bytes());
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(
        out.contains("s.yaml: 13 steps; `kubeverdict run s.yaml --accept` keeps their snapshot"),
        "{out}"
    );
    assert!(out.contains("error: s.yaml: the file is there already (`save! s.yaml` overwrites it)"), "{out}");
    let saved = std::fs::read_to_string(folder.join("s.yaml")).expect("it was saved");
    insta::assert_snapshot!(saved, @r#"
    scenario: s
    about: A session of `kubeverdict shell`.
    cluster:
      version: "1.34"
      flags:
        authorization-mode: Node,RBAC
      seed: 7
      nodes: 2
    steps:
    - run: kubectl create namespace a
      expect: 201
    - run: kubectl run p --image=ubuntu -n a
      expect: 201
    - as:
        user: alice
        groups:
        - devs
      run: kubectl get pods -n a
      expect: 403
      because: RBAC
    - as:
        user: alice
        groups:
        - devs
      run: kubectl auth can-i get pods -n a
      expect:
        code: 201
        exit: 1
    - in: a/pod/p
      run: curl -sk https://kubernetes.default.svc/api/v1/namespaces/a/pods
      expect: 403
      because: RBAC
    - in: a/pod/p
      run: curl -s https://kubernetes.default.svc
      expect:
        exit: 60
    - what-if:
      - run: kubectl create rolebinding x --clusterrole=view --user=alice -n a
        expect: 201
      - as: alice
        run: kubectl get pods -n a
        expect: 200
    - run: kubectl get pods nowhere -n a
      expect: 404
    - run: kubectl create token default -n a
      expect: 201
      save: T
    - as:
        token: $T
      request:
        do: GET /api/v1/namespaces/a/pods
      expect: 403
      because: RBAC
    - request:
        do: POST /api/v1/namespaces
        body:
          metadata:
            name: b
      expect: 201
    - restart:
        anonymous-auth: false
    - in: a/pod/p
      run: curl -sk https://kubernetes.default.svc/api
      expect: 401
      because: authentication
    "#);
    let (code, out, err) = kubeverdict(&folder, &["run", "s.yaml", "--accept"], b"");
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("all as expected"), "{out}");
    // The session goes on from there, in its version.
    let (code, out, _) =
        kubeverdict(&folder, &["shell", "s.yaml"], b"kubectl get namespace b\nsave t.yaml\n");
    assert_eq!(code, 0);
    assert!(
        out.contains("admin@1.34 +1s $ kubectl get namespace b\nNAME   STATUS   AGE\nb      Active   "),
        "{out}"
    );
    let again = std::fs::read_to_string(folder.join("t.yaml")).expect("it was saved");
    let steps = |text: &str| text.split_once("steps:\n").expect("it has steps").1.to_owned();
    assert_eq!(steps(&again), steps(&saved) + "- run: kubectl get namespace b\n  expect: 200\n");
}

#[test]
fn what_would_not_replay_is_not_saved() {
    let folder = folder("beside");
    std::fs::create_dir_all(folder.join("below")).expect("a folder can be made");
    let manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\n";
    std::fs::write(folder.join("m.yaml"), manifest).expect("a file can be written");
    let script = b"save n.yaml\nkubectl apply -f m.yaml\nsave below/s.yaml\nsave s.yaml\n";
    let (code, out, _) = kubeverdict(&folder, &["shell"], script);
    assert_eq!(code, 0);
    assert!(out.contains("error: nothing was done yet that could be saved\n"), "{out}");
    assert!(
        out.contains(
            "error: not saved, as its replay is not as expected: step 1: code: expected 201, got none"
        ),
        "{out}"
    );
    assert!(!folder.join("below/s.yaml").exists() && folder.join("s.yaml").exists(), "{out}");
}

#[test]
fn a_story_is_saved_with_its_manifests() {
    let folder = folder("story");
    std::fs::create_dir_all(folder.join("mine")).expect("a folder can be made");
    let (code, out, err) = kubeverdict(&folder, &["shell", "lizhe10"], b"save mine/s.yaml\n");
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("mine/s.yaml: 20 steps, with manifests/ubuntu10.yaml; "), "{out}");
    assert!(folder.join("mine/manifests/ubuntu10.yaml").exists());
    let (code, out, _) = kubeverdict(&folder, &["run", "mine/s.yaml"], b"");
    assert!(code == 0 && out.contains("all as expected"), "{out}");
    // A file of that name that holds something else stays as it is.
    std::fs::write(folder.join("mine/manifests/ubuntu10.yaml"), "{}").expect("a file can be written");
    let (_, out, _) = kubeverdict(&folder, &["shell", "lizhe10"], b"save mine/t.yaml\n");
    assert!(out.contains("not saved, as another file is there than the session read"), "{out}");
    assert!(!folder.join("mine/t.yaml").exists());
}

#[test]
fn ctrl_c_ends_the_wait_and_nothing_else() {
    let folder = folder("interrupted");
    let mut child = Command::new(env!("CARGO_BIN_EXE_kubeverdict"))
        .arg("shell")
        .current_dir(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut stdin = child.stdin.take().expect("it is piped");
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let mut until = |part: &str| {
        let line = lines.find(|line| line.as_ref().is_ok_and(|line| line.contains(part)));
        line.unwrap_or_else(|| panic!("`{part}` is never printed")).expect("it is text")
    };
    let cron = "kubectl create cronjob tick --image=busybox '--schedule=* * * * *' -- true";
    writeln!(stdin, "{cron}\nwait 8000h").expect("it reads");
    until("$ wait 8000h");
    // It is about to wait, or waits.
    std::thread::sleep(Duration::from_millis(500));
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.is_ok_and(|status| status.success()));
    let told = until("the wait was ended after");
    assert!(told.ends_with("what happened until then stands"), "{told}");
    writeln!(stdin, "history\nsave s.yaml\nexit").expect("it reads");
    assert!(!until("wait ").contains("8000h -> "));
    until("s.yaml: 2 steps");
    assert!(child.wait().is_ok_and(|status| status.success()));
    let saved = std::fs::read_to_string(folder.join("s.yaml")).expect("it was saved");
    assert!(saved.contains("- wait: ") && !saved.contains("8000h"), "{saved}");
}

#[test]
fn nothing_that_is_typed_ends_it_but_exit() {
    let folder = folder("garbage");
    let mut script = Vec::new();
    for line in [
        &b"\xff\xfe\x00"[..],
        b"'",
        b"kubectl '",
        b"kubectl",
        b"kubectl get pods | sh",
        b"kubectl apply -f -",
        b"kubectl apply -f nowhere.yaml",
        b"kubectl get pods $X",
        b"in a",
        b"in a/pod/p",
        b"in a/b/c/d",
        b"in a/pod/p sh -c 'sh -c ('",
        b"wait 99999999999h",
        b"wait 9223372036854775807s",
        b"wait x",
        b"GET",
        b"GET /%zz?%",
        b"PUT /api {",
        b"POST /api/v1/namespaces []",
        b"restart",
        b"restart --nonsense=1",
        b"restart --authorization-mode=Nonsense",
        b"end",
        b"undo",
        b"as",
        b"as -x",
        b"why",
        b"save nowhere/at/all.yaml",
        b"T=$()",
        b"T=$(what-if T=$(kubectl get pods))",
        "kübectl get päds".as_bytes(),
    ] {
        script.extend_from_slice(line);
        script.push(b'\n');
    }
    script.extend(b"what-if ".repeat(50_000));
    script.push(b'\n');
    script.extend(b"what-if\n".repeat(20));
    script.extend(b"kubectl get namespaces\nsave s.yaml\n");
    let (code, out, err) = kubeverdict(&folder, &["shell"], &script);
    let short: Vec<&str> = out.lines().filter(|line| line.len() < 1000).collect();
    let out = short.join("\n");
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("error: nowhere/at/all.yaml: there is no such folder"), "{out}");
    assert!(out.contains("error: forks are at most 5 deep (`end` drops one)"), "{out}");
    assert!(
        out.ends_with("s.yaml: 5 steps; `kubeverdict run s.yaml --accept` keeps their snapshot"),
        "{out}"
    );
}

#[test]
fn a_scenario_that_is_wrong_is_told_before_the_prompt() {
    let folder = folder("wrong");
    let text = "scenario: a\nabout: a\nsteps:\n- kubectl get podz\n";
    std::fs::write(folder.join("a.yaml"), text).expect("a file can be written");
    for (arguments, said) in [
        (&["shell", "a.yaml"][..], "error: a.yaml:4:3: step 1: unknown resource `podz` in Kubernetes 1.36\n"),
        (&["shell", "b.yaml"], "error: no such file or folder: `b.yaml`\n"),
        (&["shell", "--version", "1.99"], "error: "),
        (&["shell", "--nonsense=1"], "error: "),
        (&["shell", "--seed", "x"], "error: invalid value `x` for `--seed`: a number is wanted\n"),
    ] {
        let (code, out, err) = kubeverdict(&folder, arguments, b"exit\n");
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        assert!(err.starts_with(said), "{err}");
    }
}

#[test]
fn a_text_is_typed_or_pasted_below_its_line() {
    let folder = folder("heredoc");
    let script = "\
cat <<EOF | kubectl apply -f -
apiVersion: v1
kind: ConfigMap
metadata: {name: a}
EOF
kubectl get cm a -o name
save s.yaml
";
    let (code, out, err) = kubeverdict(&folder, &["shell"], script.as_bytes());
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("\nEOF\nconfigmap/a created\n") && out.contains("s.yaml: 2 steps"), "{out}");
    let (code, out, _) = kubeverdict(&folder, &["run", "s.yaml"], b"");
    assert_eq!(code, 0, "{out}");
}

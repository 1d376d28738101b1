use super::handle::LAST_USED;
use super::*;
use crate::api::{Dig, Request, Response, User};
use crate::json::{Value, json};
use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::SignedDuration;

fn admin() -> User {
    User::new("admin", &["system:masters"])
}

fn create(cluster: &mut Cluster, target: &str, object: Value) -> Response {
    let reply = cluster.handle_now(Request::new("POST", target).json(&object).by(admin()));
    cluster.settle();
    reply.response
}

fn get(cluster: &mut Cluster, target: &str) -> Value {
    cluster.handle_now(Request::new("GET", target).by(admin())).response.object().clone()
}

/// The server notes the use of a token secret, and completes no token that a user wrote into one.
#[test]
fn tokens_of_secrets() {
    let start = Timestamp::from_second(START).unwrap();
    for (minor, noted) in [(20, None), (36, Some("2024-01-01"))] {
        let mut cluster = Cluster::new(Config::new(Version::minor(minor)), start).unwrap();
        let secret = |name: &str, data: Value| {
            json!({"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token", "data": data,
                "metadata": {"name": name, "annotations": {"kubernetes.io/service-account.name": "default"}}})
        };
        let secrets = "/api/v1/namespaces/default/secrets";
        assert_eq!(create(&mut cluster, secrets, secret("own", json!({}))).code, 201);
        let read = get(&mut cluster, &format!("{secrets}/own"));
        let token = String::from_utf8(STANDARD.decode(read.text("data.token")).unwrap()).unwrap();
        let by_token = Request::new("GET", "/api").header("Authorization", format!("Bearer {token}"));
        assert_eq!(
            cluster.handle_now(by_token).trace.user.unwrap().name,
            "system:serviceaccount:default:default"
        );
        let used = get(&mut cluster, &format!("{secrets}/own"));
        assert_eq!(used.label(LAST_USED), noted, "1.{minor}");

        // Kept as it was written, though header and payload are those of a good token.
        let open = token.rsplit_once('.').unwrap().0;
        for forged in [format!("{open}."), format!("{open}.~"), format!("{open}.~AAAA")] {
            let data = json!({"token": STANDARD.encode(&forged)});
            let name = format!("forged-{}", forged.len());
            create(&mut cluster, secrets, secret(&name, data.clone()));
            let stored = get(&mut cluster, &format!("{secrets}/{name}"));
            assert_eq!(stored.at("data.token"), data.at("token"));
        }
    }
}

/// A cluster of a release with flags of kube-apiserver.
fn with(flags: &[(&str, &str)]) -> Cluster {
    let mut config = Config::new(Version::NEWEST);
    config.apply(flags.iter().copied(), &|_| Ok(Vec::new())).unwrap();
    Cluster::new(config, Timestamp::from_second(START).unwrap()).unwrap()
}

fn pod(name: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "labels": {"app": "a"}},
        "spec": {"containers": [{"name": "c", "image": "busybox"}]},
    })
}

/// Nobody settles here: what is there in time is there because the request waited for it.
#[test]
fn a_pod_waits_for_its_namespaces_default_account() {
    let post = |cluster: &mut Cluster, namespace: &str| {
        let path = format!("/api/v1/namespaces/{namespace}/pods");
        cluster.handle_now(Request::new("POST", path).json(&pod("p")).by(admin())).response
    };
    let waited = |cluster: &Cluster| cluster.now().as_millisecond() - START * 1000;
    let auto = ("enable-admission-plugins", "NamespaceAutoProvision");

    let mut cluster = with(&[auto]);
    assert_eq!(post(&mut cluster, "auto").code, 201);
    let once = waited(&cluster);
    assert!((100..200).contains(&once), "{once} ms");
    assert_eq!(get(&mut cluster, "/api/v1/namespaces/auto").text("status.phase"), "Active");

    // Where no account ever comes, ten looks are in vain; the namespace stays.
    let mut cluster = with(&[auto, ("controllers", "*,-serviceaccount-controller")]);
    let refused = post(&mut cluster, "auto");
    let why = "pods \"p\" is forbidden: error looking up service account auto/default: serviceaccount \"default\" not found";
    assert_eq!((refused.code, refused.object().text("message")), (403, why));
    let often = waited(&cluster);
    assert!((900..1800).contains(&often) && often % 9 == 0, "{often} ms");
    assert_eq!(get(&mut cluster, "/api/v1/namespaces/auto").text("status.phase"), "Active");

    // What keeps the namespace from being made is why the pod is refused.
    let refused = post(&mut cluster, "not.one");
    let why = "pods \"p\" is forbidden: Namespace \"not.one\" is invalid: metadata.name: Invalid value: \"not.one\": must \
               not contain dots";
    assert_eq!((refused.code, refused.object().text("message")), (403, why));
}

/// While a controller's request waits for a webhook, others go on, and its key is nobody else's.
#[test]
fn a_controllers_request_waits_alone() {
    let mut cluster = with(&[]);
    cluster.change_webhooks(
        &serde_yaml::from_str(
            "slow.example.com: {latency: 3s, patch: [{op: add, path: /metadata/labels/seen, value: yes}]}",
        )
        .unwrap(),
    );
    let hook = json!({
        "name": "slow.example.com", "sideEffects": "None", "admissionReviewVersions": ["v1"],
        "clientConfig": {"url": "https://127.0.0.1:9/x"},
        "rules": [{"apiGroups": [""], "apiVersions": ["*"], "operations": ["CREATE"], "resources": ["pods"]}],
    });
    let hooks = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
    let configuration = json!({"metadata": {"name": "w"}, "webhooks": [hook]});
    assert_eq!(create(&mut cluster, hooks, configuration).code, 201);
    let template = json!({"metadata": {"labels": {"app": "a"}}, "spec": pod("")["spec"]});
    let deployment = json!({
        "metadata": {"name": "d"},
        "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "a"}}, "template": template},
    });
    let path = "/apis/apps/v1/namespaces/default/deployments";
    cluster.handle_now(Request::new("POST", path).json(&deployment).by(admin()));
    cluster.handle_now(
        Request::new("POST", "/api/v1/namespaces").json(&json!({"metadata": {"name": "n"}})).by(admin()),
    );
    let start = cluster.now();
    cluster.run_until(start + SignedDuration::from_secs(1));
    let code = |cluster: &mut Cluster, path: &str| {
        cluster.handle_now(Request::new("GET", path).by(admin())).response.code
    };
    assert_eq!(code(&mut cluster, "/api/v1/namespaces/n/serviceaccounts/default"), 200);
    assert!(get(&mut cluster, "/api/v1/namespaces/default/pods").list("items").is_empty());
    // A change wakes the replica set's controller, which must not make pods of its own beside those that wait.
    let scale = json!({"spec": {"replicas": 3}}).to_string();
    let patch =
        Request::new("PATCH", format!("{path}/d")).body("application/merge-patch+json", scale.into_bytes());
    assert_eq!(cluster.handle_now(patch.by(admin())).response.code, 200);
    cluster.settle();
    let pods = get(&mut cluster, "/api/v1/namespaces/default/pods");
    let seen = pods.list("items").iter().filter(|pod| pod.label("seen") == Some("yes")).count();
    assert_eq!((pods.list("items").len(), seen), (3, 3));
}

/// Who is recognised from the cache is warned as before; that the secret was used is noted by a look at it alone.
#[test]
fn the_cache_repeats_what_was_told_and_notes_nothing() {
    let mut cluster = with(&[]);
    let secrets = "/api/v1/namespaces/default/secrets";
    create(
        &mut cluster,
        secrets,
        json!({"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
            "metadata": {"name": "own", "annotations": {"kubernetes.io/service-account.name": "default"}}}),
    );
    let own = format!("{secrets}/own");
    let patch = |cluster: &mut Cluster, target: &str, patch: Value| {
        let request = Request::new("PATCH", target)
            .body("application/merge-patch+json", patch.to_string().into_bytes());
        assert_eq!(cluster.handle_now(request.by(admin())).response.code, 200);
    };
    // As if it had been made by itself.
    let account = "/api/v1/namespaces/default/serviceaccounts/default";
    patch(&mut cluster, account, json!({"secrets": [{"name": "own"}]}));
    let token = STANDARD.decode(get(&mut cluster, &own).text("data.token")).unwrap();
    let token = String::from_utf8(token).unwrap();
    let use_it = |cluster: &mut Cluster| {
        let request = Request::new("GET", "/api").header("Authorization", format!("Bearer {token}"));
        let reply = cluster.handle_now(request);
        let noted = get(cluster, &own).label(LAST_USED).map(str::to_owned);
        let warned = reply.response.headers.get("Warning").is_some_and(|text| text.contains("TokenRequest"));
        let annotated = reply.trace.audit.iter().any(|(key, _)| key.ends_with("/legacy-token"));
        (warned && annotated, noted.is_some())
    };
    assert_eq!(use_it(&mut cluster), (true, true));
    patch(&mut cluster, &own, json!({"metadata": {"labels": {LAST_USED: null}}}));
    assert_eq!(use_it(&mut cluster), (true, false), "from the cache");
    let later = cluster.now() + SignedDuration::from_secs(10);
    cluster.run_until(later);
    assert_eq!(use_it(&mut cluster), (true, true), "looked at anew");
}

/// A token that was recognised for one audience is not recognised for another.
#[test]
fn the_audience_is_part_of_the_key() {
    let mut cluster = with(&[("api-audiences", "here,there")]);
    let accounts = "/api/v1/namespaces/default/serviceaccounts/default/token";
    let asked = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
        "spec": {"audiences": ["here"]}});
    let token = create(&mut cluster, accounts, asked).object().text("status.token").to_owned();
    let mut review = |audiences: Value| {
        let review = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview",
            "spec": {"token": token, "audiences": audiences}});
        let reviewed = create(&mut cluster, "/apis/authentication.k8s.io/v1/tokenreviews", review);
        reviewed.object().at("status.audiences").clone()
    };
    assert_eq!(review(json!([])), json!(["here"]));
    assert_eq!(review(json!(["there"])), Value::Null);
    assert_eq!(review(json!(["there", "here"])), json!(["here"]));
}

const AUTHORIZER: &str = "clusters: [{name: c, cluster: {server: 'https://a.example.com'}}]\n\
                          contexts: [{name: x, context: {cluster: c}}]\ncurrent-context: x\n";

/// A cluster where a webhook alone authorizes, and what it says.
fn outside(said: &str) -> Cluster {
    let mut config = Config::new(Version::NEWEST);
    let flags = [
        ("authorization-mode", "Webhook"),
        ("authorization-webhook-config-file", "a.yaml"),
        ("authorization-webhook-version", "v1"),
    ];
    config.apply(flags, &|_| Ok(AUTHORIZER.into())).unwrap();
    let webhooks = serde_yaml::from_str(&format!("'https://a.example.com/': {said}")).unwrap();
    Cluster::among(config, Timestamp::from_second(START).unwrap(), webhooks).unwrap()
}

/// Whoever asks the authorizers waits for the webhook in the same way, and nothing is half done meanwhile.
#[test]
fn whoever_asks_hears_those_outside() {
    let mut cluster = outside(
        "{latency: 1s, reason: told, allowed-if: \"!(has(spec.resourceAttributes) && \
          spec.resourceAttributes.verb.matches('^(impersonate|escalate|fly)') && spec.user == 'bob')\"}",
    );
    let took = |cluster: &Cluster, since: Timestamp| cluster.now().duration_since(since).as_secs();
    // Controllers, which were at work before anybody came.
    assert_eq!(
        get(&mut cluster, "/api/v1/namespaces/default/serviceaccounts/default").text("kind"),
        "ServiceAccount"
    );
    let mut post = |user: &str, path: &str, object: Value| {
        let since = cluster.now();
        let request = Request::new("POST", path).json(&object).by(User::new(user, &[]));
        let (response, revision) = (cluster.handle_now(request).response, cluster.store().revision());
        (response, took(&cluster, since), revision)
    };
    let role = |name: &str| json!({"metadata": {"name": name}, "rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]});
    let roles = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles";
    // May create, may escalate: two questions, a second each; then the first is remembered.
    let (made, seconds, before) = post("jane", roles, role("a"));
    assert_eq!((made.code, seconds), (201, 2), "{:?}", made.object());
    let (made, seconds, after) = post("jane", roles, role("b"));
    assert_eq!((made.code, seconds, after - before), (201, 0, 1));
    let (refused, ..) = post("bob", roles, role("c"));
    assert_eq!(refused.code, 403);

    let reviews = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
    let review = |user: &str| json!({"spec": {"user": user, "resourceAttributes": {"verb": "fly", "resource": "pods"}}});
    for (user, allowed) in [("bob", false), ("jane", true)] {
        let (reviewed, ..) = post("jane", reviews, review(user));
        let status = reviewed.object().at("status");
        assert_eq!(status, &json!({"allowed": allowed, "reason": "told"}), "{user}");
    }

    // An expression of a policy.
    let policy = json!({
        "metadata": {"name": "p"},
        "spec": {
            "matchConstraints": {"resourceRules": [
                {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["configmaps"]},
            ]},
            "validations": [{"expression": "authorizer.group('').resource('pods').check('fly').allowed()"}],
        },
    });
    let policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
    assert_eq!(post("jane", policies, policy).0.code, 201);
    let binding =
        json!({"metadata": {"name": "b"}, "spec": {"policyName": "p", "validationActions": ["Deny"]}});
    assert_eq!(post("jane", &policies.replace("policies", "policybindings"), binding).0.code, 201);
    cluster.settle();
    for (user, code) in [("bob", 422), ("jane", 201)] {
        let path = "/api/v1/namespaces/default/configmaps";
        let map = json!({"metadata": {"name": user}});
        let request = Request::new("POST", path).json(&map).by(User::new(user, &[]));
        assert_eq!(cluster.handle_now(request).response.code, code, "{user}");
    }

    // Impersonation, and who asks aside.
    for (user, code) in [("bob", 403), ("jane", 200)] {
        let request = Request::new("GET", "/api/v1/namespaces/default/pods").header("Impersonate-User", "x");
        assert_eq!(cluster.handle_now(request.by(User::new(user, &[]))).response.code, code, "{user}");
        let info = crate::api::RequestInfo::parse("GET", "/api/v1/nodes");
        let said = cluster.decide(&Attributes { user: User::new(user, &[]), info });
        assert_eq!((said.by, said.reason().as_str()), (crate::api::By::Webhook, "told"));
    }
}

/// Where nobody allows it and somebody could not say, the request fails; nothing of it is remembered.
#[test]
fn who_cannot_say_breaks_the_request() {
    let mut cluster = outside("{fails: EOF}");
    let list = |cluster: &mut Cluster| {
        let request = Request::new("GET", "/api/v1/namespaces/default/pods?a=<b>").by(User::new("jane", &[]));
        cluster.handle_now(request)
    };
    let reply = list(&mut cluster);
    let text = "Internal Server Error: \"/api/v1/namespaces/default/pods?a=&lt;b&gt;\": Post \
                \"https://a.example.com/?timeout=30s\": EOF\n";
    assert_eq!((reply.response.code, &reply.response.body), (500, &crate::api::Body::Text(text.to_owned())));
    let reason = reply.trace.audit.iter().find(|(key, _)| key == "authorization.k8s.io/reason");
    assert_eq!(reason.map(|(_, text)| text.as_str()), Some("internal error"));
    cluster.change_webhooks(&serde_yaml::from_str("'https://a.example.com/': {}").unwrap());
    assert_eq!(list(&mut cluster).response.code, 200);
    let mut config = Config::new(Version::NEWEST);
    config.apply([("authorization-mode", "Webhook")], &|_| Ok(Vec::new())).unwrap();
    let error = Cluster::new(config, cluster.now()).err().unwrap();
    assert_eq!(error.message, "authorization-mode Webhook's authorization config file not passed");
}

/// What the server does not look into may not change where it may not, and its text counts, not what it says.
#[test]
fn texts_of_raw_json() {
    let revision = "/apis/apps/v1/namespaces/default/controllerrevisions/r";
    let (json, yaml) = ("application/json", "application/yaml");
    let (merge, strategic) = ("application/merge-patch+json", "application/strategic-merge-patch+json");
    let patch = json!({"json": [{"op": "add", "path": "/revision", "value": 2}], "fields": {"revision": 2}});
    let (operations, fields) = (patch.at("json").to_string(), patch.at("fields").to_string());
    // How the data was sent, and whether each of these leaves it: the same again, without spaces, as YAML, patches.
    for (media, data, left) in [
        (json, r#"{"a":1,"b":[2]}"#, [true, true, true, true, true, true]),
        (json, r#"{"a": 1, "b": [2]}"#, [true, false, false, false, false, false]),
        (json, r#"{"b":[2],"a":1}"#, [true, false, false, true, true, false]),
        (json, r#"{"a":1,"b":[2.0]}"#, [true, false, false, true, true, false]),
        (yaml, r#"{"b": [2], "a": 1}"#, [true, true, true, true, true, true]),
    ] {
        let body = |data: &str| {
            format!(
                r#"{{"apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": {{"name": "r"}}, "revision": 1, "data": {data}}}"#
            )
        };
        let plain = r#"{"a":1,"b":[2]}"#;
        let changes = [
            ("PUT", media, body(data)),
            ("PUT", json, body(plain)),
            ("PUT", yaml, body(plain)),
            ("PATCH", merge, fields.clone()),
            ("PATCH", "application/json-patch+json", operations.clone()),
            ("PATCH", strategic, fields.clone()),
        ];
        for ((method, media_of, change), left) in changes.into_iter().zip(left) {
            let mut cluster = with(&[]);
            let mut send = |method: &str, target: &str, media: &str, body: String| {
                cluster
                    .handle_now(Request::new(method, target).body(media, body.into_bytes()).by(admin()))
                    .response
            };
            assert_eq!(send("POST", revision.trim_end_matches("/r"), media, body(data)).code, 201);
            let answer = send(method, revision, media_of, change.clone());
            let code = if left { 200 } else { 422 };
            assert_eq!(answer.code, code, "{data}: {method} {media_of} {change}");
            // What was refused has changed nothing.
            assert_eq!(send("PUT", revision, media, body(data)).code, 200);
        }
    }
    let claims = "/apis/resource.k8s.io/v1/namespaces/default/resourceclaims";
    for (space, code) in [("", 200), (" ", 422)] {
        let mut cluster = with(&[]);
        let claim = format!(
            r#"{{"apiVersion":"resource.k8s.io/v1","kind":"ResourceClaim","metadata":{{"name":"c"}},"spec":{{"devices":{{
                "requests":[{{"name":"a","exactly":{{"deviceClassName":"d"}}}}],
                "config":[{{"requests":["a"],"opaque":{{"driver":"d.example.com","parameters":{{"x":{space}1}}}}}}]}}}}}}"#
        );
        let sent = Request::new("POST", claims).body(json, claim.into_bytes()).by(admin());
        assert_eq!(cluster.handle_now(sent).response.code, 201);
        let label = br#"{"metadata":{"labels":{"a":"b"}}}"#.to_vec();
        let patch = Request::new("PATCH", format!("{claims}/c")).body(merge, label).by(admin());
        assert_eq!(cluster.handle_now(patch).response.code, code);
    }
}

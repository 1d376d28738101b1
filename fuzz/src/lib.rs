//! The doors through which a stranger's bytes come in: whatever they are, nobody panics and nothing goes on for long.
//!
//! A door is a function of bytes that goes the way that they go in a program: by the library's public API, to the end (what is
//! answered is written, what is refused explained). `fuzz/fuzz_targets` has a target for each, and `tests/corpus.rs`, which
//! includes this file, replays the seeds of each.

use kubeverdict::api::{Quantity, Request, User, Version};
use kubeverdict::clients::kubectl::{Session, kubectl};
use kubeverdict::clients::{Files, NO_SUCH_FILE, shell};
use kubeverdict::cluster::{Cluster, Fresh, RequestReport, START};
use kubeverdict::config::Config;
use kubeverdict::explain::{dump::Dump, explain, source};
use kubeverdict::json::{Value, json};
use kubeverdict::scenario::person::{Identity, Person};
use kubeverdict::scenario::{load, run, snapshot};
use std::cell::OnceCell;
use std::sync::LazyLock;

/// A door.
pub type Door = fn(&[u8]);

/// All of them, with the names of their targets and seeds.
pub const DOORS: &[(&str, Door)] = &[
    ("audit", audit),
    ("cel", cel),
    ("dump", dump),
    ("http", http),
    ("jwt", jwt),
    ("kubectl", kubectl_line),
    ("manifest", manifest),
    ("patch", patch),
    ("quantity", quantity),
    ("scenario", scenario),
    ("selector", selector),
];

/// What stands in the place of whatever file is named.
struct Everywhere<'a>(&'a str);

impl Files for Everywhere<'_> {
    fn read(&self, path: &str) -> Result<String, String> {
        if path.is_empty() { Err(NO_SUCH_FILE.to_owned()) } else { Ok(self.0.to_owned()) }
    }
}

fn start() -> jiff::Timestamp {
    jiff::Timestamp::from_second(START).expect("an instant")
}

/// A cluster in which there are a few objects.
fn cluster() -> Cluster {
    thread_local! {
        static BUILT: OnceCell<Cluster> = const { OnceCell::new() };
    }
    BUILT.with(|built| built.get_or_init(build).fork())
}

fn build() -> Cluster {
    let mut cluster = Cluster::new(Config::new(Version::NEWEST), start()).expect("the flags are good");
    let pod = json!({"containers": [{"name": "c", "image": "i", "ports": [{"containerPort": 1}], "env": [{"name": "E"}]}]});
    let schema = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    for (path, object) in [
        ("/api/v1/namespaces", json!({"metadata": {"name": "red", "labels": {"a": "b"}}})),
        (
            "/api/v1/namespaces/red/configmaps",
            json!({"metadata": {"name": "c", "labels": {"a": "b"}}, "data": {"k": "v"}}),
        ),
        ("/api/v1/namespaces/red/pods", json!({"metadata": {"name": "p"}, "spec": pod})),
        (
            "/apis/apps/v1/namespaces/red/deployments",
            json!({"metadata": {"name": "web"}, "spec": {
                "selector": {"matchLabels": {"a": "b"}}, "template": {"metadata": {"labels": {"a": "b"}}, "spec": pod},
            }}),
        ),
        (
            "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
            json!({"metadata": {"name": "things.x.io"}, "spec": {
                "group": "x.io", "scope": "Namespaced", "names": {"plural": "things", "kind": "Thing"},
                "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": schema}}],
            }}),
        ),
        (
            "/apis/x.io/v1/namespaces/red/things",
            json!({"apiVersion": "x.io/v1", "kind": "Thing", "metadata": {"name": "t"}}),
        ),
    ] {
        ask(&mut cluster, Request::new("POST", path).json(&object));
        cluster.settle();
    }
    cluster
}

/// Asks as an administrator, and reads all that there is to read of the answer.
fn ask(cluster: &mut Cluster, request: Request) -> u16 {
    tell(cluster, request.by(User::new("admin", &["system:masters"])))
}

fn tell(cluster: &mut Cluster, request: Request) -> u16 {
    let exchange = cluster.exchange(request);
    let told = explain(&RequestReport::of(&exchange));
    std::hint::black_box(serde_json::to_string(&told).map_or(0, |text| text.len()));
    std::hint::black_box(exchange.reply.response.body.written(false));
    exchange.reply.response.code
}

fn text(data: &[u8]) -> &str {
    std::str::from_utf8(data).unwrap_or_default()
}

/// The first line, and what follows it.
fn lines(data: &[u8]) -> (&str, &[u8]) {
    let end = data.iter().position(|byte| *byte == b'\n').unwrap_or(data.len());
    (text(&data[..end]), data.get(end + 1..).unwrap_or_default())
}

/// An audit policy, and the log that it makes of a few requests.
pub fn audit(data: &[u8]) {
    let mut config = Config::new(Version::NEWEST);
    let flags = [("audit-policy-file", "policy.yaml"), ("audit-log-path", "-")];
    let mut cluster = cluster();
    if config.apply(flags, &|_| Ok(data.to_vec())).is_err() || cluster.restart(config).is_err() {
        return;
    }
    ask(&mut cluster, Request::new("GET", "/api/v1/namespaces/red/configmaps?watch=1"));
    ask(&mut cluster, Request::new("DELETE", "/api/v1/namespaces/red/configmaps/c"));
    tell(&mut cluster, Request::new("GET", "/healthz").by(User::named("system:serviceaccount:red:default")));
    std::hint::black_box(cluster.take_audit());
}

/// An expression of a policy: compiled, and evaluated for an object.
pub fn cel(data: &[u8]) {
    let mut cluster = cluster();
    let (group, name) = ("/apis/admissionregistration.k8s.io/v1", "p.x.io");
    let rules =
        json!([{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["configmaps"]}]);
    let policy = json!({"metadata": {"name": name}, "spec": {
        "matchConstraints": {"resourceRules": rules},
        "variables": [{"name": "v", "expression": text(data)}],
        "validations": [{"expression": "dyn(variables.v) == 0", "messageExpression": "'%s'.format([variables.v])"}],
    }});
    let binding =
        json!({"metadata": {"name": name}, "spec": {"policyName": name, "validationActions": ["Deny"]}});
    if ask(&mut cluster, Request::new("POST", format!("{group}/validatingadmissionpolicies")).json(&policy))
        != 201
    {
        return;
    }
    ask(
        &mut cluster,
        Request::new("POST", format!("{group}/validatingadmissionpolicybindings")).json(&binding),
    );
    cluster.settle();
    let object = json!({"metadata": {"name": "d", "labels": {"a": "b"}}, "data": {"k": "v"}});
    ask(&mut cluster, Request::new("POST", "/api/v1/namespaces/red/configmaps").json(&object));
}

/// A dump of a cluster.
pub fn dump(data: &[u8]) {
    if let Ok(written) = source::read("dump.yaml", text(data).to_owned()) {
        std::hint::black_box(Dump::new(Version::NEWEST, written, None).is_ok());
    }
}

/// A request as it travels: `METHOD TARGET`, headers, an empty line, the body.
pub fn http(data: &[u8]) {
    let (first, mut rest) = lines(data);
    let (method, target) = first.split_once(' ').unwrap_or(("GET", first));
    let mut request = Request::new(method, target);
    loop {
        let (header, after) = lines(rest);
        rest = after;
        match header.split_once(": ") {
            Some((name, value)) => request.headers.add(name, value),
            None => break,
        }
    }
    request.body = rest.into();
    let mut cluster = cluster();
    tell(&mut cluster, request.clone());
    ask(&mut cluster, request);
    cluster.settle();
}

/// A token, shown and reviewed.
pub fn jwt(data: &[u8]) {
    let token = text(data);
    let mut cluster = cluster();
    tell(
        &mut cluster,
        Request::new("GET", "/api/v1/pods").header("Authorization", format!("Bearer {token}")),
    );
    let review = json!({"spec": {"token": token, "audiences": ["a"]}});
    ask(&mut cluster, Request::new("POST", "/apis/authentication.k8s.io/v1/tokenreviews").json(&review));
}

/// A line for kubectl; what follows it is what every file and the standard input hold.
pub fn kubectl_line(data: &[u8]) {
    let (line, rest) = lines(data);
    let Ok(words) = shell::words(line, &shell::Nothing) else { return };
    let words = words.strip_prefix(&["kubectl".to_owned()]).unwrap_or(&words);
    let mut cluster = cluster();
    let mut person = Person { cluster: &mut cluster, identity: Identity::admin(), seen: Vec::new() };
    let files = Everywhere(text(rest));
    std::hint::black_box(kubectl(words, Session { client: &mut person, files: &files, stdin: text(rest) }));
    cluster.settle();
}

/// A manifest, applied twice by kubectl.
pub fn manifest(data: &[u8]) {
    let mut cluster = cluster();
    let mut person = Person { cluster: &mut cluster, identity: Identity::admin(), seen: Vec::new() };
    let files = Everywhere(text(data));
    for line in ["apply -n red -f m.yaml", "apply --server-side --force-conflicts -n red -f m.yaml"] {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        std::hint::black_box(kubectl(&words, Session { client: &mut person, files: &files, stdin: "" }));
    }
    cluster.settle();
}

/// A patch of that type (`json`, `merge`, `strategic-merge`), or what is applied (`apply`).
pub fn patch(data: &[u8]) {
    let (kind, body) = lines(data);
    let media = match kind {
        "apply" => "application/apply-patch+yaml".to_owned(),
        kind => format!("application/{kind}-patch+json"),
    };
    let mut cluster = cluster();
    for target in [
        "/apis/apps/v1/namespaces/red/deployments/web",
        "/api/v1/namespaces/red/configmaps/c",
        "/apis/x.io/v1/namespaces/red/things/t",
    ] {
        let target = format!("{target}?fieldManager=m&force={}", kind == "apply");
        ask(&mut cluster, Request::new("PATCH", target).body(&media, body.to_vec()));
    }
    cluster.settle();
}

/// Quantities, a line each: read, added up, written.
pub fn quantity(data: &[u8]) {
    let mut sum = Quantity::whole(0);
    for one in text(data).lines().filter_map(|line| line.parse::<Quantity>().ok()) {
        let written = one.to_string();
        assert!(written.parse::<Quantity>().is_ok(), "{written} is not read");
        std::hint::black_box((one.value(), one.milli_value(), one.sign(), one.cmp(&sum)));
        sum.add(&one);
        sum.subtract(&one);
        sum.add(&one);
        std::hint::black_box(sum.to_string());
    }
}

/// A scenario, replayed in its first release.
pub fn scenario(data: &[u8]) {
    static FRESH: LazyLock<Fresh> = LazyLock::new(Fresh::default);
    let Ok(scenario) = load::parse("scenario.yaml", text(data)) else { return };
    let Some(version) = run::versions(&scenario).first().copied() else { return };
    let options = run::Options { moments: true, fresh: Some(&FRESH), ..run::Options::default() };
    if let Ok(report) =
        run::replay(&scenario, version, options, &Everywhere("kind: List\napiVersion: v1\nitems: []\n"))
    {
        std::hint::black_box(snapshot::render(&[report]));
    }
}

/// A selector of labels, and one of fields.
pub fn selector(data: &[u8]) {
    let encoded: String = data.iter().map(|byte| format!("%{byte:02X}")).collect();
    let mut cluster = cluster();
    for target in ["/api/v1/namespaces/red/configmaps", "/api/v1/pods", "/apis/x.io/v1/things"] {
        for parameter in ["labelSelector", "fieldSelector"] {
            ask(&mut cluster, Request::new("GET", format!("{target}?{parameter}={encoded}")));
        }
    }
    let spec: Value = json!({"resourceAttributes": {"verb": "list", "resource": "pods",
        "labelSelector": {"rawSelector": text(data)}, "fieldSelector": {"rawSelector": text(data)}}});
    let review = json!({"spec": spec});
    ask(
        &mut cluster,
        Request::new("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews").json(&review),
    );
}

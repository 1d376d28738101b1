//! A server and a webhook, over HTTPS on the loopback: while the webhook thinks, others are answered, itself among them.

use base64::{Engine, engine::general_purpose::STANDARD};
use jiff::SignedDuration;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use kubeverdict::certificates::{Authority, Terms};
use kubeverdict::cluster::Cluster;
use kubeverdict::config::{Config, File};
use kubeverdict::server::{Identity, Server, Wall};
use kubeverdict::tokens::SigningKey;
use serde_json::{Value, json};
use std::io::{BufRead, Read};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig, crypto::ring};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// How long the webhook thinks.
const THINKS: Duration = Duration::from_secs(2);

#[test]
fn a_webhook_holds_nobody_up_and_may_ask_the_api() {
    in_a_world(&[], async |world, api| {
        let refuses = |told: u16, review: &Value| {
            let status = json!({"message": format!("the API told the webhook {told}")});
            admission(review, json!({"allowed": false, "status": status}))
        };
        let hook = world.webhook(Some(api.clone()), refuses).await;
        let hook = world.configuration("ValidatingWebhookConfiguration", "configmaps", hook);
        let (code, _) = api.ask("POST", &format!("{WEBHOOKS}/validatingwebhookconfigurations"), &hook).await;
        assert_eq!(code, 201);

        let slow = api.clone();
        let write = tokio::spawn(async move {
            let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}});
            slow.ask("POST", "/api/v1/namespaces/default/configmaps", &map).await
        });
        tokio::time::sleep(Duration::from_millis(300)).await;
        let mut slowest = Duration::ZERO;
        for _ in 0..10 {
            let began = Instant::now();
            let (code, _) = api.ask("GET", "/api/v1/namespaces/default", &Value::Null).await;
            assert_eq!(code, 200);
            slowest = slowest.max(began.elapsed());
        }
        assert!(!write.is_finished(), "the webhook still thinks");
        assert!(slowest < THINKS / 2, "others waited {slowest:?}");
        let (code, body) = write.await.expect("no panic");
        assert_eq!(code, 400);
        assert_eq!(
            body["message"],
            "admission webhook \"slow.example.com\" denied the request: the API told the webhook 200"
        );
    });
}

/// The replica set's controller waits for the webhook like anybody, and holds nobody up.
#[test]
fn pods_that_a_controller_makes_pass_a_real_webhook() {
    in_a_world(&[], async |world, api| {
        let labels = |told: u16, review: &Value| {
            let patch = json!([{"op": "add", "path": "/metadata/labels/told", "value": told.to_string()}]);
            let patch = STANDARD.encode(patch.to_string());
            admission(review, json!({"allowed": true, "patchType": "JSONPatch", "patch": patch}))
        };
        let hook = world.webhook(Some(api.clone()), labels).await;
        let hook = world.configuration("MutatingWebhookConfiguration", "pods", hook);
        let (code, _) = api.ask("POST", &format!("{WEBHOOKS}/mutatingwebhookconfigurations"), &hook).await;
        assert_eq!(code, 201);

        let pod = json!({
            "metadata": {"labels": {"app": "a"}}, "spec": {"containers": [{"name": "c", "image": "busybox"}]},
        });
        let deployment = json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"},
            "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "a"}}, "template": pod},
        });
        let began = Instant::now();
        let deployments = "/apis/apps/v1/namespaces/default/deployments";
        assert_eq!(api.ask("POST", deployments, &deployment).await.0, 201);
        let pods = "/api/v1/namespaces/default/pods";
        loop {
            let asked = Instant::now();
            let (_, found) = api.ask("GET", pods, &Value::Null).await;
            assert!(asked.elapsed() < THINKS / 2, "others waited {:?}", asked.elapsed());
            let found = found["items"].as_array().expect("a list").clone();
            assert!(found.iter().all(|pod| pod["metadata"]["labels"]["told"] == "200"));
            assert!(found.is_empty() || began.elapsed() > THINKS, "the webhook still thinks");
            assert!(began.elapsed() < 10 * THINKS, "the pods never come");
            if found.len() == 2 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
}

/// The authorizer is somewhere else: others are answered while it thinks, and what it said is remembered.
#[test]
fn an_authorizer_outside_is_asked_once_and_holds_nobody_up() {
    in_the_world(async |world| {
        let knows_jane = |_: u16, review: &Value| {
            let allowed =
                review["spec"]["user"] == "jane" && review["spec"]["resourceAttributes"]["verb"] == "list";
            json!({
                "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
                "status": {"allowed": allowed, "reason": "the authorizer knows"},
            })
        };
        let hook = world.webhook(None, knows_jane).await;
        let (ca, key) = (STANDARD.encode(&world.root), STANDARD.encode(&world.key));
        let certificate = STANDARD.encode(&world.certificate);
        let kubeconfig = format!(
            "clusters: [{{name: c, cluster: {{server: 'https://{hook}/x', certificate-authority-data: {ca}}}}}]\n\
             users: [{{name: u, user: {{client-certificate-data: {certificate}, client-key-data: {key}}}}}]\n\
             contexts: [{{name: x, context: {{cluster: c, user: u}}}}]\ncurrent-context: x\n"
        );
        let flags = [
            ("authorization-mode", "RBAC,Webhook"),
            ("authorization-webhook-config-file", "authorizer.yaml"),
            ("authorization-webhook-version", "v1"),
        ];
        let jane = world.api(world.server(&flags, &kubeconfig).await, "jane-token");
        let admin = Api { token: "admin-token", ..jane.clone() };
        let list = "/api/v1/namespaces/default/secrets";
        let slow = jane.clone();
        let asked = tokio::spawn(async move { slow.ask("GET", list, &Value::Null).await });
        tokio::time::sleep(Duration::from_millis(300)).await;
        let began = Instant::now();
        assert_eq!(admin.ask("GET", list, &Value::Null).await.0, 200);
        assert!(began.elapsed() < THINKS / 2 && !asked.is_finished(), "the authorizer still thinks");
        assert_eq!(asked.await.expect("no panic").0, 200);
        let began = Instant::now();
        assert_eq!(jane.ask("GET", list, &Value::Null).await.0, 200);
        assert!(began.elapsed() < THINKS / 2, "remembered");
        let (code, refused) = jane.ask("DELETE", &format!("{list}/x"), &Value::Null).await;
        let message = refused["message"].as_str().unwrap_or_default();
        assert_eq!(code, 403);
        assert!(message.ends_with("in the namespace \"default\": the authorizer knows"), "{message}");
    });
}

/// The issuer is somewhere else, over HTTPS with a certificate of its own authority: its keys are read when the first token comes,
/// and again for a key that nobody has seen.
#[test]
fn tokens_of_a_real_issuer_are_believed() {
    in_the_world(async |world| {
        let issuer = world.issuer().await;
        let flags = [
            ("oidc-issuer-url", issuer.url.as_str()),
            ("oidc-client-id", "cluster"),
            ("oidc-signing-algs", "ES256"),
            ("oidc-username-prefix", "oidc:"),
            ("oidc-ca-file", "ca.pem"),
        ];
        let server = world.server(&flags, &world.root).await;
        let api = world.api(server, "admin-token");
        let exp = world.now.now().as_second() + 600;
        let token = |key: u8, audience: &str| {
            let claims = json!({"iss": issuer.url, "sub": "jane", "aud": audience, "exp": exp});
            let header = Header { kid: Some(key.to_string()), ..Header::new(Algorithm::ES256) };
            jsonwebtoken::encode(&header, &claims, &numbered(key)).expect("a token")
        };
        let who = async |token: String| {
            let head = api.head("POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews");
            let head = head.replace("admin-token", &token);
            let review = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
            let (head, body) = api.send(&head, &review).await;
            (head.split(' ').nth(1).unwrap_or_default().to_owned(), body)
        };
        let read = || issuer.read.lock().expect("nobody panics").len();
        let (code, body) = who(token(1, "cluster")).await;
        assert_eq!(
            (code.as_str(), &body["status"]["userInfo"]["username"]),
            ("201", &json!("oidc:jane")),
            "{body}"
        );
        assert_eq!(read(), 2, "the discovery document, and the keys");
        let (code, body) = who(token(1, "wiki")).await;
        assert_eq!((code.as_str(), &body["message"]), ("401", &json!("Unauthorized")));
        assert_eq!(read(), 2, "what is for others costs nothing");
        issuer.key.store(2, Ordering::Relaxed);
        assert_eq!(who(token(2, "cluster")).await.0, "201", "the new key was read");
        assert_eq!(who(token(3, "cluster")).await.0, "401", "nobody publishes it");
        assert_eq!(read(), 4);
        let review = json!({
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": token(1, "wiki")},
        });
        let (_, review) = api.ask("POST", "/apis/authentication.k8s.io/v1/tokenreviews", &review).await;
        let why =
            "[invalid bearer token, oidc: verify token: oidc: expected audience \"cluster\" got [\"wiki\"]]";
        assert_eq!(review["status"]["error"], why);

        // A server that trusts nobody reads nothing from it.
        let server = world.server(&flags[..4], "").await;
        let api = world.api(server, "admin-token");
        let review = json!({
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": token(2, "cluster")},
        });
        let (_, review) = api.ask("POST", "/apis/authentication.k8s.io/v1/tokenreviews", &review).await;
        assert_eq!(review["status"]["error"], "[invalid bearer token, oidc: authenticator not initialized]");
    });
}

/// The namespace is made by the server itself, and the pod's request waits for the account that its controller makes.
#[test]
fn a_namespace_comes_by_itself_and_its_first_pod_waits() {
    in_a_world(&[("enable-admission-plugins", "NamespaceAutoProvision")], async |_, api| {
        let pod = json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"},
            "spec": {"containers": [{"name": "c", "image": "busybox"}]},
        });
        let (code, made) = api.ask("POST", "/api/v1/namespaces/auto/pods", &pod).await;
        assert_eq!((code, &made["spec"]["serviceAccountName"]), (201, &json!("default")), "{made}");
        assert_eq!(api.ask("GET", "/api/v1/namespaces/auto", &Value::Null).await.0, 200);
    });
}

#[test]
fn discovery_tells_at_which_address_the_server_is_reached() {
    in_a_world(&[], async |_, api| {
        let (_, told) = api.ask("GET", "/api", &Value::Null).await;
        assert_eq!(told["serverAddressByClientCIDRs"][0]["serverAddress"], json!(api.at.to_string()));
    });
}

/// The command itself: a node unless none is wanted, and on standard error what the flags ask for in vain.
#[test]
fn a_served_cluster_has_a_node_and_tells_what_it_lacks() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let lacks = "warning: without nodes there is neither scheduler nor kubelet, and pods stay Pending\n";
    let vain = "warning: `--feature-gates=WatchList=false` makes no difference here: what it turns is not modelled\n";
    for (flag, nodes, said) in [
        ("--seed=1", 1, ""),
        ("--nodes=2", 2, ""),
        ("--nodes=0", 0, lacks),
        ("--feature-gates=WatchList=false,ClusterTrustBundle=true", 1, vain),
    ] {
        let world = World::new();
        let mut served = Served::start(&world, flag);
        let api = Api { at: served.at, connector: world.connector(), token: "admin-token" };
        let (code, found) = runtime.block_on(api.ask("GET", "/api/v1/nodes", &Value::Null));
        assert_eq!((code, found["items"].as_array().map(Vec::len)), (200, Some(nodes)), "{flag}: {found}");
        let (_, told) = runtime.block_on(api.ask("GET", "/api", &Value::Null));
        assert_eq!(told["serverAddressByClientCIDRs"][0]["serverAddress"], json!(api.at.to_string()));
        assert_eq!(served.stop(), said, "{flag}");
    }
}

/// `kubeverdict serve` as a process.
struct Served {
    process: Child,
    folder: PathBuf,
    at: SocketAddr,
}

impl Served {
    /// Starts it with one flag more than it needs, and waits until it listens.
    fn start(world: &World, flag: &str) -> Served {
        let folder = std::env::temp_dir().join(format!("kubeverdict-serve-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder can be made");
        for (name, text) in [("tokens", TOKENS), ("cert", &world.certificate), ("key", &world.key)] {
            std::fs::write(folder.join(name), text).expect("a file can be written");
        }
        let mut process = Command::new(env!("CARGO_BIN_EXE_kubeverdict"))
            .args(["serve", "--secure-port=0", "--token-auth-file=tokens"])
            .args(["--tls-cert-file=cert", "--tls-private-key-file=key", flag])
            .current_dir(&folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut line = String::new();
        let out = process.stdout.take().expect("it is piped");
        std::io::BufReader::new(out).read_line(&mut line).expect("it writes");
        let at = line.trim().rsplit("https://").next().and_then(|at| at.parse().ok());
        Served { process, folder, at: at.unwrap_or_else(|| panic!("no address: {line}")) }
    }

    /// Ends it; what it wrote to standard error.
    fn stop(&mut self) -> String {
        self.process.kill().expect("it runs");
        self.process.wait().expect("it ends");
        let mut said = String::new();
        let mut err = self.process.stderr.take().expect("it is piped");
        err.read_to_string(&mut said).expect("it writes text");
        std::fs::remove_dir_all(&self.folder).expect("it was made");
        said
    }
}

/// A server with flags of its own, and somebody who asks it.
fn in_a_world(flags: &[(&str, &str)], act: impl AsyncFnOnce(World, Api)) {
    in_the_world(async |world| {
        let server = world.server(flags, "").await;
        let api = world.api(server, "admin-token");
        act(world, api).await;
    });
}

/// A refusal says where it is explained, and there it is, as data.
#[test]
fn a_refusal_is_explained_where_its_header_says() {
    in_a_world(&[], async |_, api| {
        let asks = format!("{}\r\nImpersonate-User: alice", api.head("GET", "/api/v1/namespaces/shop/pods"));
        let (head, body) = api.send(&asks, &Value::Null).await;
        assert!(head.starts_with("HTTP/1.1 403"), "{head}");
        let path = head.lines().find_map(|line| line.strip_prefix("kubeverdict-explanation: "));
        let path = path.unwrap_or_else(|| panic!("no such header: {head}")).trim().to_owned();
        let (code, explained) = api.ask("GET", &path, &Value::Null).await;
        assert_eq!((code, &explained["message"]), (200, &body["message"]));
        let refused = explained["told"].as_array().expect("findings").last().expect("a refusal");
        assert_eq!(refused["facts"][0]["fact"], "nothingGrants", "{explained}");
        assert_eq!(
            refused["facts"][0]["hints"][0]["name"], "shop",
            "there is no such namespace: {explained}"
        );
        assert!(!explained["cures"]["found"].as_array().expect("cures").is_empty(), "{explained}");

        let text = format!("{}\r\nAccept: text/plain", api.head("GET", &path));
        let (head, _) = api.send(&text, &Value::Null).await;
        assert!(head.contains("content-type: text/plain"), "{head}");
        let (code, _) = api.ask("GET", "/kubeverdict/explanations/99", &Value::Null).await;
        assert_eq!(code, 404);
        let (head, _) = api.send(&api.head("GET", "/api/v1/nodes"), &Value::Null).await;
        assert!(head.starts_with("HTTP/1.1 200") && !head.contains("explanation"), "{head}");
    });
}

const TOKENS: &str = "admin-token,admin,admin-uid,\"system:masters\"\njane-token,jane,jane-uid\n";

fn in_the_world(act: impl AsyncFnOnce(World)) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(act(World::new()));
}

/// The review that answers an admission review.
fn admission(review: &Value, mut response: Value) -> Value {
    response["uid"] = review["request"]["uid"].clone();
    json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response})
}

const WEBHOOKS: &str = "/apis/admissionregistration.k8s.io/v1";

/// An authority, and the certificate that it gave everybody here.
struct World {
    root: String,
    certificate: String,
    key: String,
    now: Wall,
}

impl World {
    fn new() -> World {
        let now = Wall::new();
        let day = SignedDuration::from_hours(24);
        let terms = Terms { serial: 1, not_before: now.now() - day, not_after: now.now() + day };
        let authority = Authority::test_only(&terms);
        let key = SigningKey::from_seed([1; 32]);
        let serving = authority
            .serving(key.public(), "server", &["localhost", "127.0.0.1"], &terms)
            .expect("a certificate");
        World {
            root: authority.certificate().pem(),
            certificate: serving.pem(),
            key: key.to_pem().expect("a key"),
            now,
        }
    }

    /// A server with flags of its own.
    async fn server(&self, flags: &[(&str, &str)], kubeconfig: &str) -> Server {
        let identity = Identity { certificates: self.certificate.clone(), key: self.key.clone() };
        let mut config = Config::new(kubeverdict::api::Version::NEWEST);
        config.token_auth = Some(File { path: "tokens.csv".to_owned(), text: TOKENS.as_bytes().into() });
        config.apply(flags.iter().copied(), &|_| Ok(kubeconfig.into())).expect("good flags");
        let cluster = Cluster::new(config, self.now.now()).expect("a cluster");
        Server::bind(SocketAddr::from(([127, 0, 0, 1], 0)), &identity, cluster, self.now, true)
            .await
            .expect("a port")
    }

    /// Lets a server run, for somebody who has a token.
    fn api(&self, server: Server, token: &'static str) -> Api {
        let at = server.address().expect("an address");
        tokio::spawn(server.run(std::future::pending()));
        Api { at, connector: self.connector(), token }
    }

    fn connector(&self) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(self.root.as_bytes()).expect("a certificate"))
            .expect("a root");
        let client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        TlsConnector::from(Arc::new(client))
    }

    /// Where somebody listens who has the certificate.
    async fn listens(&self) -> (TlsAcceptor, TcpListener) {
        let chain = CertificateDer::pem_slice_iter(self.certificate.as_bytes())
            .collect::<Result<_, _>>()
            .expect("a chain");
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("protocol versions")
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .expect("an identity");
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        (TlsAcceptor::from(Arc::new(config)), listener)
    }

    /// A webhook that asks the API, if there is one, thinks, and answers by the code that it was told.
    async fn webhook(&self, api: Option<Api>, answer: fn(u16, &Value) -> Value) -> SocketAddr {
        let (acceptor, listener) = self.listens().await;
        let at = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mut stream = BufReader::new(acceptor.accept(stream).await.expect("a handshake"));
                let (_, review) = read(&mut stream).await;
                let mut code = 0;
                if let Some(api) = &api {
                    let path = "/api/v1/namespaces/default/configmaps";
                    code = api.ask("GET", path, &Value::Null).await.0;
                }
                tokio::time::sleep(THINKS).await;
                write(&mut stream, "HTTP/1.1 200 OK", &answer(code, &review)).await;
            }
        });
        at
    }

    /// An issuer that publishes one key, named by its number, which is its seed.
    async fn issuer(&self) -> Issuer {
        let (acceptor, listener) = self.listens().await;
        let url = format!("https://{}", listener.local_addr().expect("an address"));
        let issuer = Issuer { url: url.clone(), key: Arc::new(AtomicU8::new(1)), read: Arc::default() };
        let (key, seen) = (issuer.key.clone(), issuer.read.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Ok(stream) = acceptor.accept(stream).await else { continue };
                let mut stream = BufReader::new(stream);
                let (head, _) = read(&mut stream).await;
                let path = head.split(' ').nth(1).expect("a request").to_owned();
                let body = match path.as_str() {
                    "/.well-known/openid-configuration" => {
                        json!({"issuer": url, "jwks_uri": format!("{url}/jwks")})
                    }
                    "/jwks" => {
                        let number = key.load(Ordering::Relaxed);
                        let mut jwk =
                            Jwk::from_encoding_key(&numbered(number), Algorithm::ES256).expect("a key");
                        jwk.common.key_id = Some(number.to_string());
                        json!({"keys": [jwk]})
                    }
                    _ => Value::Null,
                };
                seen.lock().expect("nobody panics").push(path);
                write(&mut stream, "HTTP/1.1 200 OK", &body).await;
            }
        });
        issuer
    }

    fn configuration(&self, kind: &str, resource: &str, hook: SocketAddr) -> Value {
        json!({
            "apiVersion": "admissionregistration.k8s.io/v1", "kind": kind,
            "metadata": {"name": "slow"},
            "webhooks": [{
                "name": "slow.example.com", "sideEffects": "None", "admissionReviewVersions": ["v1"],
                "clientConfig": {"url": format!("https://{hook}/"), "caBundle": STANDARD.encode(&self.root)},
                "rules": [{
                    "apiGroups": [""], "apiVersions": ["*"], "operations": ["CREATE"], "resources": [resource],
                }],
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "default"}},
            }],
        })
    }
}

/// The key of an issuer that has a number, which is its seed.
fn numbered(key: u8) -> EncodingKey {
    let pem = SigningKey::from_seed([key; 32]).to_pem().expect("a key");
    EncodingKey::from_ec_der(PrivateKeyDer::from_pem_slice(pem.as_bytes()).expect("a key").secret_der())
}

/// An issuer of tokens.
struct Issuer {
    url: String,
    /// The number of the key that it publishes.
    key: Arc<AtomicU8>,
    /// What was read of it.
    read: Arc<Mutex<Vec<String>>>,
}

/// The API server, as a client sees it.
#[derive(Clone)]
struct Api {
    at: SocketAddr,
    connector: TlsConnector,
    token: &'static str,
}

impl Api {
    /// One request: the code and the body.
    async fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let (head, body) = self.send(&self.head(method, path), body).await;
        let code = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status line");
        (code, body)
    }

    fn head(&self, method: &str, path: &str) -> String {
        format!("{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}", self.token)
    }

    /// One request: the head of the answer, and the body.
    async fn send(&self, head: &str, body: &Value) -> (String, Value) {
        let stream = TcpStream::connect(self.at).await.expect("the server listens");
        let name = ServerName::try_from("localhost").expect("a name");
        let mut stream = BufReader::new(self.connector.connect(name, stream).await.expect("a handshake"));
        write(&mut stream, head, body).await;
        read(&mut stream).await
    }
}

async fn write<S: AsyncWrite + Unpin>(stream: &mut S, head: &str, body: &Value) {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let length = body.len();
    let text = format!("{head}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}");
    stream.write_all(text.as_bytes()).await.expect("somebody reads");
    stream.flush().await.expect("somebody reads");
}

/// The head of a message, and its JSON body.
async fn read<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufReader<S>) -> (String, Value) {
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.expect("somebody writes");
        match line.trim().split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                length = value.trim().parse().expect("a length");
            }
            None if !head.is_empty() => break,
            Some(_) | None => {}
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.expect("somebody writes");
    (head, serde_json::from_slice(&body).unwrap_or_default())
}

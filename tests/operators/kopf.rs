//! An operator of kopf, a process of its own, at `kubeverdict serve`.

use super::client::{object, settled};
use k8s_openapi::api::authentication::v1::TokenRequest;
use k8s_openapi::api::core::v1::{ConfigMap, ServiceAccount};
use k8s_openapi::api::rbac::v1::Role;
use kube::api::{
    Api, ApiResource, DeleteParams, DynamicObject, GroupVersionKind, Patch, PatchParams, PostParams, TypeMeta,
};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use kubeverdict::api::Dig;
use kubeverdict::json::{Value, json};
use serde::Deserialize;
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/operators");
const OPERATOR: &str = "system:serviceaccount:shops:operator";

/// A process that ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A server that logs what the operator asks for, its folder made anew.
fn serve(folder: &Path) -> Process {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder).expect("a folder");
    let at = |name: &str| folder.join(name).display().to_string();
    let policy = json!({"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"],
                        "rules": [{"level": "Metadata", "users": [OPERATOR]}]});
    fs::write(at("policy.yaml"), policy.to_string()).expect("a policy");
    let mut server = Command::new(env!("CARGO_BIN_EXE_kubeverdict"))
        .args(["serve", "--bind-address", "127.0.0.1", "--secure-port", "0", "--nodes", "1"])
        .args(["--kubeconfig-out", &at("admin.yaml")])
        .args(["--audit-policy-file", &at("policy.yaml"), "--audit-log-path", &at("audit.log")])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a server");
    // It says where it serves once it does.
    let stdout = server.stdout.take().expect("its output");
    BufReader::new(stdout).read_line(&mut String::new()).expect("a line");
    Process(server)
}

/// An operator with a priority; what it says is in a file of that name.
fn operator(kopf: &str, folder: &Path, priority: u32) -> Process {
    let log = || File::create(folder.join(format!("{priority}.log"))).expect("a log");
    let process = Command::new(kopf)
        .args(["run", "--namespace", "shops", "--priority", &priority.to_string()])
        .arg(format!("{HERE}/kopf.py"))
        .env("KUBECONFIG", folder.join("operator.yaml"))
        .stdin(Stdio::null())
        .stdout(log())
        .stderr(Stdio::from(log()))
        .spawn()
        .expect("kopf");
    Process(process)
}

/// Applies the documents of a file, each by the resource that its kind is told to have.
async fn apply(admin: &Client, text: &str) {
    for document in serde_yaml::Deserializer::from_str(text) {
        let document = Value::deserialize(document).expect("YAML");
        let types: TypeMeta = object(document.clone());
        let resource = ApiResource::from_gvk(&GroupVersionKind::try_from(types).expect("a kind"));
        let api: Api<DynamicObject> = match document.text("metadata.namespace") {
            "" => Api::all_with(admin.clone(), &resource),
            namespace => Api::namespaced_with(admin.clone(), namespace, &resource),
        };
        let (params, patch) = (PatchParams::apply("admin"), Patch::Apply(&document));
        settled(|| async { api.patch(document.text("metadata.name"), &params, &patch).await.is_ok() }).await;
    }
}

/// The objects of RBAC, as `kubectl get -o yaml` prints them.
async fn dump(admin: &Client) -> Value {
    let mut items = Vec::new();
    for kind in ["Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"] {
        let kind = GroupVersionKind::gvk("rbac.authorization.k8s.io", "v1", kind);
        let resource = ApiResource::from_gvk(&kind);
        let api: Api<DynamicObject> = Api::all_with(admin.clone(), &resource);
        for mut item in api.list(&Default::default()).await.expect("a list") {
            item.types = Some(TypeMeta { api_version: kind.api_version(), kind: kind.kind.clone() });
            items.push(kubeverdict::json::to_value(item).expect("it is JSON"));
        }
    }
    json!({"apiVersion": "v1", "kind": "List", "items": items})
}

/// What the operator was refused, by its audit log.
fn refusals(folder: &Path) -> Vec<String> {
    let log = fs::read_to_string(folder.join("audit.log")).unwrap_or_default();
    let events = log.lines().map(|line| serde_json::from_str::<Value>(line).expect("an event"));
    let refused = events.filter(|event| event.number("responseStatus.code") == 403);
    let mut questions: Vec<String> = refused
        .map(|event| {
            assert_eq!(event.text("user.username"), OPERATOR);
            let (verb, what) = (event.text("verb"), event.at("objectRef"));
            format!("{verb} {} -n {}", what.text("resource"), what.text("namespace"))
        })
        .collect();
    questions.dedup();
    questions
}

/// Runs an operator with the kopf that is there.
pub(super) fn an_operator_lacks_a_permission(kopf: &str) {
    let folder = PathBuf::from(concat!(env!("CARGO_TARGET_TMPDIR"), "/kopf"));
    let _server = serve(&folder);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(story(kopf, &folder));
}

async fn story(kopf: &str, folder: &Path) {
    let mut kubeconfig = Kubeconfig::read_from(folder.join("admin.yaml")).expect("a kubeconfig");
    let config = Config::from_custom_kubeconfig(kubeconfig.clone(), &KubeConfigOptions::default()).await;
    let admin = Client::try_from(config.expect("a configuration")).expect("a client");
    apply(&admin, &fs::read_to_string(format!("{HERE}/install.yaml")).expect("manifests")).await;

    let accounts: Api<ServiceAccount> = Api::namespaced(admin.clone(), "shops");
    let request: TokenRequest = object(json!({"spec": {"audiences": [], "expirationSeconds": 3600}}));
    let token = accounts.create_token_request("operator", &PostParams::default(), &request).await;
    let token = token.expect("a token").status.and_then(|status| status.token).expect("a token");
    kubeconfig.auth_infos = vec![object(json!({"name": "admin", "user": {"token": token}}))];
    fs::write(folder.join("operator.yaml"), serde_yaml::to_string(&kubeconfig).expect("YAML"))
        .expect("written");

    // A shop is made; the operator takes hold of it, and may not make its child.
    let _first = operator(kopf, folder, 1);
    apply(&admin, "{apiVersion: example.com/v1, kind: Shop, metadata: {name: tea, namespace: shops}, spec: {owner: ann}}").await;
    settled(|| async { !refusals(folder).is_empty() }).await;
    assert_eq!(refusals(folder), ["create configmaps -n shops"]);
    let shops = ApiResource::from_gvk(&GroupVersionKind::gvk("example.com", "v1", "Shop"));
    let shops: Api<DynamicObject> = Api::namespaced_with(admin.clone(), "shops", &shops);
    let tea = shops.get("tea").await.expect("it is there");
    assert_eq!(tea.metadata.finalizers.as_deref(), Some(&["example.com/shop".to_owned()][..]));
    assert_eq!(tea.data["status"]["phase"].as_str().unwrap_or_default(), "");

    // Who was refused what, and what gives it.
    fs::write(folder.join("dump.json"), dump(&admin).await.to_string()).expect("written");
    let told = Command::new(env!("CARGO_BIN_EXE_kubeverdict"))
        .args(["explain", "-f"])
        .arg(folder.join("dump.json"))
        .args(["--as", OPERATOR, &refusals(folder)[0]])
        .output()
        .expect("an explanation");
    let told = String::from_utf8_lossy(&told.stdout);
    for words in [
        "create configmaps -n shops -> 403 Forbidden",
        "RoleBinding shops/operator: Role operator to system:serviceaccount:shops:operator",
        "kubectl create role create-configmaps -n shops --verb=create --resource=configmaps",
    ] {
        assert!(told.contains(words), "{words}\n{told}");
    }

    // Its role gets the rule, and the shop opens.
    let roles: Api<Role> = Api::namespaced(admin.clone(), "shops");
    let rule = json!({"apiGroups": [""], "resources": ["configmaps"], "verbs": ["create", "patch"]});
    let mut role = roles.get("operator").await.expect("a role");
    role.rules.get_or_insert_default().push(object(rule));
    roles.replace("operator", &PostParams::default(), &role).await.expect("a larger role");
    let phase = || async {
        shops
            .get("tea")
            .await
            .is_ok_and(|shop| shop.data["status"]["phase"].as_str().unwrap_or_default() == "Open")
    };
    settled(phase).await;
    let maps: Api<ConfigMap> = Api::namespaced(admin.clone(), "shops");
    let child = maps.get("tea").await.expect("a child");
    assert_eq!(json!(child.data), json!({"owner": "ann", "size": "1"}));
    assert_eq!(
        child.metadata.owner_references.unwrap_or_default()[0].uid,
        tea.metadata.uid.unwrap_or_default()
    );

    // Another leads, by the peering, and the first rests.
    let said = |priority: u32, words: &'static str| {
        let log = folder.join(format!("{priority}.log"));
        move || {
            let log = log.clone();
            async move { fs::read_to_string(log).is_ok_and(|log| log.contains(words)) }
        }
    };
    let _second = operator(kopf, folder, 2);
    settled(said(1, "Pausing operations in favour of")).await;
    let patch = Patch::Merge(json!({"spec": {"owner": "bob"}}));
    shops.patch("tea", &PatchParams::default(), &patch).await.expect("patched");
    let owner =
        || async { maps.get("tea").await.is_ok_and(|map| map.data.unwrap_or_default()["owner"] == "bob") };
    settled(owner).await;
    // It says so a moment after it wrote.
    settled(said(2, "Handler 'hand_over/spec.owner' succeeded")).await;

    // The finalizer is taken off, and the child goes after the shop.
    shops.delete("tea", &DeleteParams::default()).await.expect("deleted");
    settled(|| async { shops.get_opt("tea").await.is_ok_and(|shop| shop.is_none()) }).await;
    settled(said(2, "closed")).await;
    settled(|| async { maps.get_opt("tea").await.is_ok_and(|map| map.is_none()) }).await;
}
